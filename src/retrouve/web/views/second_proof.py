"""After the password: any other means that the person has, and the way out for who has none left."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from retrouve.domain.portal import Portal
from retrouve.domain.proofs import tidy_token
from retrouve.journeys.lose_second_factor import (
    LossGone,
    LossWaits,
    NoLoss,
    Stoppable,
    Stopped,
    TooManyLosses,
    ask_for_loss,
    look_at_loss,
    loss_standing,
    stop_loss,
)
from retrouve.journeys.second_proof import (
    Half,
    HalfGone,
    Mailed,
    NotNow,
    Proof,
    TypedCode,
    TypedMailedCode,
    TypedRecoveryCode,
    WrongProof,
    give_second_proof,
    mail_a_code,
)
from retrouve.journeys.sign_in import SignedIn
from retrouve.messages.durations import PARIS, duration_in_words, moment_in_words
from retrouve.web.cookies import LOSS, SECOND, forget_secret, keep_secret, secret_cookie
from retrouve.web.forms.second_factor import MailedCodeForm, RecoveryCodeForm, SecondFactorForm
from retrouve.web.page import origin_of, reader_language
from retrouve.web.site import site_of
from retrouve.web.views.answers import to_page, too_many
from retrouve.web.views.half import half_of
from retrouve.web.views.passkeys import answered_here, key_not_known
from retrouve.web.views.sign_in import brought_by, let_in
from retrouve.wiring import parts

LINK_SECONDS = 30 * 60

AnyForm = SecondFactorForm | RecoveryCodeForm | MailedCodeForm


def second_proof(request: HttpRequest, portal: Portal) -> HttpResponse:
    half = half_of(request, portal)
    if half is None:
        return to_page(portal, "sign_in")
    if request.method != "POST":
        return show(request, portal, half, None)
    if answer := answered_here(request, portal):
        return give(request, portal, half, answer, SecondFactorForm(portal, {}))
    form = typed_form(request, portal)
    return give(request, portal, half, typed_proof(form), form) if form.is_valid() else show(
        request, portal, half, form
    )  # fmt: skip


def typed_form(request: HttpRequest, portal: Portal) -> AnyForm:
    """Each means has a form of its own on the page; its field says which was sent."""
    if "recovery" in request.POST:
        return RecoveryCodeForm(portal, request.POST)
    if "mailed" in request.POST:
        return MailedCodeForm(portal, request.POST)
    return SecondFactorForm(portal, request.POST)


def typed_proof(form: AnyForm) -> Proof:
    match form:
        case RecoveryCodeForm():
            return TypedRecoveryCode(form.typed())
        case MailedCodeForm():
            return TypedMailedCode(form.typed())
        case SecondFactorForm():
            return TypedCode(form.typed())


def give(request: HttpRequest, portal: Portal, half: Half, proof: Proof, form: AnyForm) -> HttpResponse:
    brought, now = brought_by(request, portal), timezone.now()
    outcome = give_second_proof(portal, parts.keys(), half, proof, brought=brought, origin=origin_of(request), now=now)
    match outcome:
        case SignedIn():
            rotate_token(request)
            answer = let_in(request, portal, outcome, None)
            forget_secret(answer, portal, SECOND)
            return answer
        case WrongProof():
            return show(request, portal, half, refused(form))
        case NotNow(retry_at):
            return too_many(request, portal, retry_at, enough_codes())
        case HalfGone():
            answer = render(request, "second_proof_gone.html", status=410)
            forget_secret(answer, portal, SECOND)
            return answer


def enough_codes() -> str:
    return _("Il y a eu beaucoup de codes faux aujourd’hui. Une clé d’accès ou un code de secours marchent toujours.")


def refused(form: AnyForm) -> AnyForm:
    if form.is_valid():
        form.add_error(next(iter(form.fields)), wrong_proof())
    else:
        form.errors.clear()  # a key answered: no field was empty
        form.add_error(None, key_not_known())
    return form


def wrong_proof() -> str:
    return _("Ce code n’est pas le bon, ou a déjà servi. Vérifiez votre saisie, ou attendez le code suivant.")


def show(request: HttpRequest, portal: Portal, half: Half, form: AnyForm | None) -> HttpResponse:
    site = site_of(request)
    own_here = site is not None and any(one.rp_id == site.rp_id for one in half.means.passkeys)
    context = {
        "form": form,
        "has_passkey": own_here,
        "passkey_elsewhere": bool(half.means.passkeys) and not own_here,
        "code_form": form_shown(portal, form, SecondFactorForm) if half.means.codes_since else None,
        "recovery_form": form_shown(portal, form, RecoveryCodeForm) if half.means.recovery_codes else None,
        "by_mail": half.by_mail,
        "mailed_form": form_shown(portal, form, MailedCodeForm) if mail_is_under_way(request, half) else None,
    }
    return render(request, "second_proof.html", context)


def form_shown(portal: Portal, sent: AnyForm | None, kind: type[AnyForm]) -> AnyForm:
    """The one that was sent, with its error; a fresh one of the other kinds."""
    return sent if isinstance(sent, kind) and "__all__" not in sent.errors else kind(portal)


def mail_is_under_way(request: HttpRequest, half: Half) -> bool:
    return half.by_mail and (half.mail_was_sent or "envoye" in request.GET)


@require_POST
def mail_code(request: HttpRequest, portal: Portal) -> HttpResponse:
    half = half_of(request, portal)
    if half is None:
        return to_page(portal, "sign_in")
    match mail_a_code(portal, parts.keys(), half, origin=origin_of(request), now=timezone.now()):
        case NotNow(retry_at):
            return too_many(request, portal, retry_at)
        case Mailed():
            answer = to_page(portal, "second_proof")
            answer["Location"] += "?envoye"
            return answer


def lose_means(request: HttpRequest, portal: Portal) -> HttpResponse:
    """« Je n’ai plus mes moyens »."""
    half = half_of(request, portal)
    if half is None:
        return to_page(portal, "sign_in")
    now = timezone.now()
    if request.method != "POST":
        return show_loss(request, portal, loss_standing(portal, half.account, now))
    outcome = ask_for_loss(portal, parts.keys(), half.account, origin=origin_of(request), now=now)
    if isinstance(outcome, TooManyLosses):
        return too_many(request, portal, outcome.retry_at)
    return to_page(portal, "lose_means")


def show_loss(request: HttpRequest, portal: Portal, standing: object) -> HttpResponse:
    words = reader_language()
    context = {
        "delay": duration_in_words(portal.second_factor.after_loss, words),
        "due": moment_in_words(standing.due_at, PARIS, words) if isinstance(standing, LossWaits) else "",
        "impossible": isinstance(standing, NoLoss),
    }
    return render(request, "lose_means.html", context)


@require_safe
def open_stop(request: HttpRequest, portal: Portal, copied: str) -> HttpResponse:
    """As for a recovery link: the token leaves the address, and nothing is consumed."""
    answer = to_page(portal, "stop_loss")
    keep_secret(answer, portal, LOSS, tidy_token(copied), seconds=LINK_SECONDS)
    return answer


def stop(request: HttpRequest, portal: Portal) -> HttpResponse:
    token = secret_cookie(request, portal, LOSS)
    if token is None:
        return to_page(portal, "sign_in")
    if request.method == "POST":
        stop_loss(portal, token=token, origin=origin_of(request), now=timezone.now())
        return to_page(portal, "stop_loss")
    match look_at_loss(portal, token=token):
        case LossGone():
            return render(request, "stop_loss_gone.html", status=410)
        case Stoppable():
            return render(request, "stop_loss.html")
        case Stopped():
            return render(request, "stop_loss.html", {"done": True})
