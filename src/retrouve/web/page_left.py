"""The page that somebody left for help or support. Browsers do not tell (`Referrer-Policy: no-referrer`): our links do.

They name it (`urls.py`), and a name counts only where it is that of a page with one address for everybody: what has a
token or a person in its address cannot be said.
"""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import NoReverseMatch

from retrouve.domain.portal import Portal
from retrouve.web.page import address, page_url

PARAMETER = "depuis"
TOWARDS = ("help", "support")  # the one may lead to the other


def page_left(request: HttpRequest, portal: Portal) -> str:
    """Its name, to be said on; empty where there is none to say."""
    here = request.resolver_match.url_name if request.resolver_match else None
    name = request.GET.get(PARAMETER, "") if here in TOWARDS else here
    return name if name and name not in TOWARDS and path_of(portal, name) else ""


def path_of(portal: Portal, name: str) -> str:
    try:
        return address(name, portal.slug)
    except NoReverseMatch:
        return ""


def leading_to(portal: Portal, page: str, left: str) -> str:
    """The address of `page`; of help or support, with the page that is left for it."""
    to = page_url(portal, page)
    return f"{to}?{PARAMETER}={left}" if left and page in TOWARDS else to
