"""Refusals and faults, in the portal's look where the address says which portal."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from retrouve.web.page import page_url, portal_of
from retrouve.web.stale import turn_back
from retrouve.web.tabs import in_this_tab

OK, METHOD_NOT_ALLOWED = 200, 405


@dataclass(frozen=True)
class Refusal:
    title: str | Promise
    text: str | Promise


NOT_READ = Refusal(
    _("Cette demande n’a pas pu être lue"),
    _("Elle contenait autre chose que ce que le formulaire envoie. Rien n’a changé : recommencez depuis la page."),
)

REFUSALS = {
    400: NOT_READ,
    403: Refusal(_("Cette page n’est pas ouverte d’ici"), _("Rien n’a changé. Reprenez depuis la page de connexion.")),
    404: Refusal(_("Cette page n’existe pas"), _("L’adresse a peut-être été coupée en la recopiant. Vérifiez-la.")),
    405: NOT_READ,
    413: Refusal(_("C’est trop long"), _("Cette page reçoit des textes courts. Raccourcissez, puis recommencez.")),
    415: NOT_READ,
    503: Refusal(
        _("Le service se repose un instant"),
        _("Ce n’est pas vous. Rien n’a été fait à moitié. Réessayez dans une minute."),
    ),
    500: Refusal(
        _("Quelque chose ne marche pas de notre côté"),
        _("Ce n’est pas vous. Rien n’a été fait à moitié. Réessayez dans quelques minutes."),
    ),
}


def refusal(request: HttpRequest, status: int, *, reference: str = "") -> HttpResponse:
    """The page that says no, with what to do."""
    portal = portal_of(request)
    said = REFUSALS[status]
    if not hasattr(request, "visit"):
        request.visit = None  # type: ignore[attr-defined]  # it may be the database that is away: nothing is looked up
    context = {
        "status": status,
        "title": said.title,
        "text": said.text,
        "reference": reference,
        "way_out_url": in_this_tab(request, portal, page_url(portal, "sign_in")) if portal else "/",
        "way_out_label": _("Revenir à la connexion") if portal else _("Revenir à l’accueil"),
    }
    template = "errors/error.html" if portal else "errors/plain.html"
    return render(request, template, context, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return refusal(request, 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return refusal(request, 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return refusal(request, 404)


def fault(request: HttpRequest) -> HttpResponse:
    return refusal(request, 500)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose token is missing or old: nothing was done, and its page comes back as it was filled."""
    matched = request.resolver_match
    if portal_of(request) is None or matched is None or not turn_back(request):
        return refusal(request, 403)
    answer = matched.func(request, *matched.args, **matched.kwargs)
    if answer.status_code == METHOD_NOT_ALLOWED:  # a button without a page of its own
        return render(request, "stale_form.html", status=403)
    if answer.status_code == OK:
        answer.status_code = 403
    page: HttpResponse = answer
    return page
