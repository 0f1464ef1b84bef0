"""An application asks that somebody be signed out (OpenID Connect RP-Initiated Logout 1.0)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc6749 import OAuth2Error
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt

from retrouve.domain.portal import Portal
from retrouve.journeys.my_account import Person
from retrouve.oidc.clients import client_named
from retrouve.oidc.requests import parameters_of
from retrouve.oidc.views.authorize import refuse
from retrouve.oidc.wishes import claims_of_ours
from retrouve.web.views.answers import see_other, to_page
from retrouve.web.views.sign_in import end_session
from retrouve.web.views.signed_in import signed_in


@dataclass(frozen=True)
class Parting:
    """`session` is the one that the application speaks of, `address` where the person is to go afterwards."""

    session: str
    address: str


@csrf_exempt
def sign_out(request: HttpRequest, portal: Portal) -> HttpResponse:
    """Without a proof that it is about this very session, the person is asked: anybody can write such an address."""
    if request.method == "POST":  # another site's form comes without our cookies; the same, as an address, has them
        return see_other(f"{request.path}?{urlencode(request.POST)}")
    try:
        sent = parameters_of(request.GET)
        parting = parting_of(portal, sent)
    except OAuth2Error as error:
        return refuse(request, portal, error, "")
    person = signed_in(request, portal)
    if person and not is_about(parting, person):
        return render(request, "sign_out.html", {"account_name": person.account.identifier})
    answer = HttpResponseRedirect(parting.address) if parting.address else to_page(portal, "sign_in")
    return end_session(request, portal, answer)


def is_about(parting: Parting, person: Person) -> bool:
    return parting.session == str(person.session.sid)


def parting_of(portal: Portal, sent: Mapping[str, str]) -> Parting:
    """Raises `OAuth2Error`. The person goes nowhere but to a registered address of the application whose token it is
    (§3): one without a token gets none.
    """
    claims = claims_of_ours(portal, sent["id_token_hint"]) if "id_token_hint" in sent else {}
    client_id = str(claims.get("aud", ""))
    if claims and sent.get("client_id", client_id) != client_id:
        raise OAuth2Error("The client_id is not the one that the token was made for.", error="invalid_request")
    client = client_named(portal, client_id) if client_id else None
    address = sent.get("post_logout_redirect_uri", "")
    if client is None or address not in client.application.after_sign_out:
        return Parting(str(claims.get("sid", "")), "")
    state = {"state": sent["state"]} if "state" in sent else {}
    return Parting(str(claims.get("sid", "")), str(add_params_to_uri(address, state)))
