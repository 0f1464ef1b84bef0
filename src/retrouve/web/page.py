"""What a page knows about its request: portal, reader's language, where it comes from, and where pages are."""

from __future__ import annotations

import ipaddress
from functools import lru_cache

from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation
from django.utils.http import escape_leading_slashes

from retrouve.domain.limits import address_group
from retrouve.domain.portal import Portal
from retrouve.wiring.configuration import trusted_proxies

LONGEST_CHAIN = 20


def portal_of(request: HttpRequest) -> Portal | None:
    return getattr(request, "portal", None)


def reader_language() -> str:
    return translation.get_language() or "fr"


def page_url(portal: Portal, page: str, *arguments: str) -> str:
    """The address of a page of `portal`. `recover` is where recovery begins: with the audiences, if there are any."""
    if page == "recover":
        page = "audiences" if portal.audiences else "ask"
    return address(page, portal.slug, *arguments)


def same_page(request: HttpRequest) -> str:
    """The path of this page, to link or lead to. Two slashes at its beginning would name another site (ATT-31)."""
    return escape_leading_slashes(request.path)


@lru_cache(maxsize=1024)
def address(page: str, *arguments: str) -> str:
    """Every page shows several, nearly always the same."""
    return reverse(page, args=arguments)


def origin_of(request: HttpRequest) -> str:
    """The visitor's address as limits count it. `X-Forwarded-For` is believed of trusted proxies only (ATT-38)."""
    address = request.META.get("REMOTE_ADDR", "")
    chain = request.headers.get("X-Forwarded-For", "").split(",")[-LONGEST_CHAIN:]
    while is_trusted(address) and chain:
        address = chain.pop().strip() or address
    return address_group(address)


def is_trusted(address: str) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in trusted_proxies())
