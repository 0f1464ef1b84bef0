"""Which portal a request is for: the first segment of its path, or the host that a portal's file names."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from retrouve.domain.portal import Portal
from retrouve.wiring.configuration import portal_named, portals

FOR_WATCHERS = ("/healthz", "/readyz")  # asked by whatever name or number the watcher knows


class ChoosePortal:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info not in FOR_WATCHERS:
            request.get_host()  # raises for a host that is not ours: 400, on every page
        slug = request.path_info.split("/", 2)[1]
        portal = portal_named(slug)
        if portal and request.path_info == f"/{slug}":
            return HttpResponseRedirect(f"/{slug}/")
        if request.path_info == "/" and (hosted := portal_of_host(request)):
            return HttpResponseRedirect(f"/{hosted.slug}/")
        request.portal = portal  # type: ignore[attr-defined]
        return self.get_response(request)


def portal_of_host(request: HttpRequest) -> Portal | None:
    host = request.get_host().partition(":")[0].lower()
    return next((portal for portal in portals().values() if host in portal.hosts), None)
