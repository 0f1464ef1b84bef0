"""Where passkeys work: at a machine name, never at a number (WebAuthn L3, §5.1.3), as the browser will say it."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.http.request import split_domain_port

from retrouve.domain.portal import Portal
from retrouve.journeys.passkeys import Site
from retrouve.web.page import page_url

LOCAL = "localhost"


def offered_site(request: HttpRequest, portal: Portal) -> Site | None:
    """Where new keys are made, and sign in alone. A portal that no longer offers them takes those that people have as
    second proofs: they must not be left outside.
    """
    return site_of(request) if portal.second_factor.passkeys else None


def site_of(request: HttpRequest) -> Site | None:
    """None where this address is no name. The host is one of ours: `ChoosePortal`."""
    host = request.get_host().lower()
    name, _ = split_domain_port(host)
    if is_number(name):
        return None
    # As seen before any proxy, which may have taken the port away.
    configured = [origin for origin in settings.CSRF_TRUSTED_ORIGINS if urlsplit(origin).hostname == name]
    return Site(name, (f"{scheme()}://{host}", *configured))


def scheme() -> str:
    return "https" if settings.SECURE else "http"


def is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


def address_with_a_name(request: HttpRequest, portal: Portal, page: str) -> str:
    """The same page at an address where passkeys work; empty where there is none."""
    base = urlsplit(settings.BASE_URL)
    _, port = split_domain_port(request.get_host())
    if portal.hosts:
        return f"{scheme()}://{portal.hosts[0]}{page_url(portal, page)}"
    if base.hostname and not is_number(base.hostname):
        return f"{base.scheme}://{base.netloc}{page_url(portal, page)}"
    if LOCAL in settings.ALLOWED_HOSTS:
        return f"{scheme()}://{LOCAL}{':' + port if port else ''}{page_url(portal, page)}"
    return ""
