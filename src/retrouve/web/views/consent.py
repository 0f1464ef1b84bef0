"""Those who answer for a pupil say that they agree."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from retrouve.domain.portal import Portal
from retrouve.domain.proofs import tidy_token
from retrouve.domain.secret import Secret
from retrouve.journeys.approve_reset import Asked, ConsentGone, Given, give_consent, look_at_consent
from retrouve.messages.durations import PARIS, until_in_words
from retrouve.messages.mails import code_in_groups
from retrouve.web.cookies import CONSENT, keep_secret, secret_cookie
from retrouve.web.page import origin_of, page_url, reader_language
from retrouve.web.views.answers import to_page
from retrouve.wiring import parts

CONSENT_SECONDS = 30 * 60


@require_safe
def open_consent(request: HttpRequest, portal: Portal, copied: str) -> HttpResponse:
    """As for a recovery link: the token leaves the address, and nothing is consumed."""
    answer = to_page(portal, "consent")
    keep_secret(answer, portal, CONSENT, tidy_token(copied), seconds=CONSENT_SECONDS)
    return answer


def consent(request: HttpRequest, portal: Portal) -> HttpResponse:
    token = secret_cookie(request, portal, CONSENT)
    if token is None:
        return to_page(portal, "sign_in")
    match outcome(request, portal, token):
        case ConsentGone():
            return render(request, "consent_gone.html", status=410)
        case Asked(pupil):
            return render(request, "consent.html", {"pupil": pupil})
        case Given(pupil, code, until):
            context = {
                "pupil": pupil,
                "code": code_in_groups(code),
                "until": until_in_words(until, timezone.now(), PARIS, reader_language()),
                "where": parts.base_url().rstrip("/") + page_url(portal, "activate"),
            }
            return render(request, "consent.html", context)


def outcome(request: HttpRequest, portal: Portal, token: Secret) -> Asked | Given | ConsentGone:
    now, directory = timezone.now(), parts.own_directory()
    if request.method != "POST":
        return look_at_consent(portal, directory, token=token, now=now)
    return give_consent(portal, directory, parts.keys(), token=token, origin=origin_of(request), now=now)
