"""A portal's own colours and logo."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from retrouve.domain.portal import Portal

FIVE_MINUTES = "public, max-age=300"
KINDS = {".svg": "image/svg+xml", ".png": "image/png"}


@require_safe
def look_css(request: HttpRequest, portal: Portal) -> HttpResponse:
    """The custom properties that the stylesheet derives every other colour from. `config` has checked them."""
    look = portal.look
    given = {"--accent": look.accent, "--ink": look.ink, "--paper": look.paper}
    declarations = "".join(f"{name}:{value};" for name, value in given.items() if value)
    answer = HttpResponse(f":root{{{declarations}}}\n", content_type="text/css; charset=utf-8")
    answer["Cache-Control"] = FIVE_MINUTES
    return answer


@require_safe
def logo(request: HttpRequest, portal: Portal) -> HttpResponseBase:
    path = portal.look.logo
    if path is None:
        raise Http404
    answer = FileResponse(path.open("rb"), content_type=KINDS[path.suffix.lower()])
    answer["Cache-Control"] = FIVE_MINUTES
    return answer
