"""Passkeys in the pages: what a browser is given to sign, and signing in with one key alone."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from retrouve.domain.portal import Portal
from retrouve.domain.proofs import new_token, token_digest
from retrouve.journeys.limit_challenges import may_be_challenged
from retrouve.journeys.my_account import Person
from retrouve.journeys.passkeys import Asked, Purpose, options_to_create, options_to_prove
from retrouve.journeys.second_proof import NotKnown, NotNow, PasskeyAnswer, sign_in_by_passkey
from retrouve.journeys.sign_in import MustChangePassword, SignedIn
from retrouve.web.cookies import BROWSER, keep_secret, secret_cookie
from retrouve.web.forms.sign_in import SignInForm
from retrouve.web.page import origin_of, reader_language
from retrouve.web.site import offered_site, site_of
from retrouve.web.views.answers import too_many
from retrouve.web.views.half import half_of
from retrouve.web.views.sign_in import brought_by, let_in, show, to_password_page
from retrouve.web.views.signed_in import device_of, is_fresh_here, signed_in
from retrouve.wiring import parts

HALF_A_DAY = 12 * 3600
ANSWER = "answer"


@require_POST
def options(request: HttpRequest, portal: Portal, purpose: str) -> HttpResponse:
    """What the browser hands to its authenticator, in JSON."""
    now = timezone.now()
    site = site_of(request)
    if site is None or not may_be_challenged(portal, parts.keys(), origin=origin_of(request), now=now):
        return no_options()
    match purpose:
        case Purpose.SIGN_IN:
            return options_of_browser(request, portal)
        case Purpose.SECOND_PROOF if half := half_of(request, portal):
            asked = Asked(Purpose.SECOND_PROOF, half.row.digest)
            return as_json(options_to_prove(portal, site, asked, now, account=half.account.reference))
        case Purpose.AGAIN if person := signed_in(request, portal):
            asked = Asked(Purpose.AGAIN, person.session.digest)
            return as_json(options_to_prove(portal, site, asked, now, account=person.account.reference))
        case Purpose.CREATE if offered_site(request, portal) and (person := fresh_person(request, portal)):
            return as_json(options_to_create(portal, site, person, now))
        case _:
            return no_options()


def fresh_person(request: HttpRequest, portal: Portal) -> Person | None:
    person = signed_in(request, portal)
    return person if person and is_fresh_here(portal, person) else None


def options_of_browser(request: HttpRequest, portal: Portal) -> HttpResponse:
    """The same for everybody: they name nobody and no key (ATT-05). The browser is known again by its cookie."""
    site = offered_site(request, portal)
    if site is None:
        return no_options()
    browser = secret_cookie(request, portal, BROWSER) or new_token()
    asked = Asked(Purpose.SIGN_IN, token_digest(browser))
    answer = as_json(options_to_prove(portal, site, asked, timezone.now()))
    keep_secret(answer, portal, BROWSER, browser, seconds=HALF_A_DAY)
    return answer


def as_json(options: str) -> HttpResponse:
    return HttpResponse(options, content_type="application/json")


def no_options() -> HttpResponse:
    return HttpResponse("{}", content_type="application/json", status=403)


@require_POST
def sign_in_with_passkey(request: HttpRequest, portal: Portal) -> HttpResponse:
    site, browser = offered_site(request, portal), secret_cookie(request, portal, BROWSER)
    if site is None or browser is None:
        return not_known(request, portal)
    outcome = sign_in_by_passkey(
        portal,
        parts.holder_of,
        parts.keys(),
        PasskeyAnswer(site, request.POST.get(ANSWER, "")),
        browser=browser,
        remember=bool(request.POST.get("remember_me")),
        brought=brought_by(request, portal),
        device=device_of(request),
        language=reader_language(),
        origin=origin_of(request),
        now=timezone.now(),
    )
    match outcome:
        case SignedIn():
            rotate_token(request)
            return let_in(request, portal, outcome, None)
        case MustChangePassword(proof):
            return to_password_page(portal, proof)
        case NotNow(retry_at):
            return too_many(request, portal, retry_at)
        case NotKnown():
            return not_known(request, portal)


def not_known(request: HttpRequest, portal: Portal) -> HttpResponse:
    form = SignInForm(portal, {})
    form.errors.clear()
    form.add_error(None, key_not_known())
    return show(request, portal, form)


def key_not_known() -> str:
    return _("Cette clé d’accès n’a pas pu être vérifiée. Recommencez, ou connectez-vous avec votre mot de passe.")


def answered_here(request: HttpRequest, portal: Portal) -> PasskeyAnswer | None:
    """A key's answer, where a form holds one."""
    site = site_of(request)
    return PasskeyAnswer(site, request.POST[ANSWER]) if site and request.POST.get(ANSWER) else None
