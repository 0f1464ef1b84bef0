"""The pages of those who help: whom they are in charge of, one account, what they do with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from retrouve.config.directory_tables import OWN
from retrouve.domain.account import Account
from retrouve.domain.delegation import Right
from retrouve.domain.masking import mask_address
from retrouve.domain.portal import Portal
from retrouve.journeys import help_account
from retrouve.journeys.helping import (
    Helper,
    NeedsSecondFactor,
    NotAHelper,
    account_to_help,
    classes_in_reach,
    helper_of,
    legacy_in_reach,
    look_up,
    people_of_class,
    people_waiting,
)
from retrouve.messages.durations import PARIS, moment_in_words, until_in_words
from retrouve.messages.helping import act_sentence, mail_sentence, state_sentence
from retrouve.messages.mails import code_in_groups
from retrouve.web.forms.helping import SearchForm
from retrouve.web.page import page_url, reader_language
from retrouve.web.views.answers import see_other, to_page
from retrouve.web.views.signed_in import signed_in
from retrouve.wiring import parts

P = ParamSpec("P")
HelperView = Callable[Concatenate[HttpRequest, Portal, Helper, P], HttpResponse]
View = Callable[Concatenate[HttpRequest, Portal, P], HttpResponse]

CHOSEN = "choisi-"  # a box to tick each: a field comes but once (`middleware/bytes.py`)


def for_helpers(view: HelperView[P]) -> View[P]:
    """Whoever is in charge of nobody finds no such page; a password alone does not open it."""

    @wraps(view)
    def guarded(request: HttpRequest, portal: Portal, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        person = signed_in(request, portal)
        if person is None:
            return to_page(portal, "sign_in")
        match helper_of(portal, person, timezone.now()):
            case NotAHelper():
                raise Http404
            case NeedsSecondFactor():
                return to_page(portal, "second_factor")
            case Helper() as helper:
                return view(request, portal, helper, *args, **kwargs)

    return cast("View[P]", guarded)  # Django gives the portal by name, which `Concatenate` cannot say


@require_safe
@for_helpers
def home(request: HttpRequest, portal: Portal, helper: Helper) -> HttpResponse:
    form = SearchForm(portal, request.GET if "typed" in request.GET else None)
    typed = form.typed() if form.is_bound else ""
    context = {
        "form": form,
        "typed": typed,
        "found": look_up(portal, helper, typed),
        "classes": classes_in_reach(portal, helper),
        "waiting": people_waiting(portal, helper) if helper.has(Right.MIGRATE) else [],
        "may_migrate": helper.has(Right.MIGRATE),
        "may_import": helper.has(Right.IMPORT) and portal.directory == OWN and not portal.audiences,
    }
    return render(request, "helping/home.html", context)


@require_safe
@for_helpers
def school_class(request: HttpRequest, portal: Portal, helper: Helper) -> HttpResponse:
    institution, name = request.GET.get("etablissement", ""), request.GET.get("classe", "")
    people = people_of_class(portal, helper, institution, name)
    if not people:
        raise Http404
    context = {
        "name": name,
        "institution": institution,
        "institution_name": people[0].institution,
        "people": [shown_person(one.account) for one in people],
        "may_print": helper.has(Right.PRINT),
    }
    return render(request, "helping/class.html", context)


def shown_person(account: Account) -> dict[str, str]:
    return {
        "reference": account.reference,
        "identifier": account.identifier,
        "name": f"{account.first_name} {account.last_name}".strip(),
        "state": state_sentence(account.state, reader_language()),
    }


@require_safe
@for_helpers
def account(request: HttpRequest, portal: Portal, helper: Helper, reference: str) -> HttpResponse:
    now = timezone.now()
    helped = account_to_help(portal, helper, reference, now)
    if helped is None:
        raise Http404
    words = reader_language()
    context = {
        "helped": helped,
        "state": state_sentence(helped.account.state, words),
        "address": mask_address(helped.account.email) if helped.account.email else "",
        "rights": {right.value for right in helped.rights},
        "code_until": until_in_words(helped.code_until, now, PARIS, words) if helped.code_until else "",
        "mails": [
            {
                "what": mail_sentence(mail.kind, mail.state, words),
                "when": moment_in_words(mail.queued_at, PARIS, words),
                "reason": mail.reason if mail.state != "sent" else "",
                "tries": mail.tries,
            }
            for mail in helped.mails
        ],
        "done": act_sentence(request.GET.get("fait", ""), words),
    }
    return render(request, "helping/account.html", context)


@require_POST
@for_helpers
def act(request: HttpRequest, portal: Portal, helper: Helper, reference: str) -> HttpResponse:
    chosen = request.POST.get("act", "")
    if chosen == Right.ISSUE_CODE:
        return show_code(request, portal, helper, reference)
    do = ACTS.get(chosen)
    if do is None:
        raise Http404
    match do(portal, helper, reference):
        case help_account.NotYours():
            raise Http404
        case help_account.NotPossible():
            return see_other(f"{page_url(portal, 'helped', reference)}?fait=not_possible")
        case help_account.Done():
            return see_other(f"{page_url(portal, 'helped', reference)}?fait={chosen}")


ActOutcome = help_account.Done | help_account.NotYours | help_account.NotPossible


def send_activation(portal: Portal, helper: Helper, reference: str) -> ActOutcome:
    return help_account.send_activation(portal, parts.keys(), helper, reference, now=timezone.now())


def force_change(portal: Portal, helper: Helper, reference: str) -> ActOutcome:
    return help_account.force_change(portal, helper, reference, now=timezone.now())


def end_sessions(portal: Portal, helper: Helper, reference: str) -> ActOutcome:
    return help_account.end_sessions(portal, helper, reference, now=timezone.now())


def unlock(portal: Portal, helper: Helper, reference: str) -> ActOutcome:
    return help_account.unlock(portal, parts.keys(), helper, reference, now=timezone.now())


def migrate(portal: Portal, helper: Helper, reference: str) -> ActOutcome:
    return help_account.migrate_account(portal, helper, reference, now=timezone.now())


ACTS: Mapping[str, Callable[[Portal, Helper, str], ActOutcome]] = {
    Right.SEND_ACTIVATION: send_activation,
    Right.FORCE_CHANGE: force_change,
    Right.END_SESSIONS: end_sessions,
    Right.UNLOCK: unlock,
    Right.MIGRATE: migrate,
}


def show_code(request: HttpRequest, portal: Portal, helper: Helper, reference: str) -> HttpResponse:
    """Shown once: nobody finds it again, this page's back button included."""
    match help_account.issue_code(portal, parts.keys(), helper, reference, now=timezone.now()):
        case help_account.NotYours():
            raise Http404
        case help_account.NotPossible():
            return see_other(f"{page_url(portal, 'helped', reference)}?fait=not_possible")
        case help_account.Issued(one, code, until):
            context = {
                "account": one,
                "code": code_in_groups(code),
                "until": until_in_words(until, timezone.now(), PARIS, reader_language()),
                "where": parts.base_url().rstrip("/") + page_url(portal, "activate"),
            }
            return render(request, "helping/code.html", context)


@for_helpers
def migration(request: HttpRequest, portal: Portal, helper: Helper) -> HttpResponse:
    """One, several, or all those of one's institutions."""
    if not helper.has(Right.MIGRATE):
        raise Http404
    if request.method == "POST":
        migrated = migrate_asked(request, portal, helper)
        return see_other(f"{page_url(portal, 'migration')}?faits={migrated}")
    told = request.GET.get("faits", "")
    shown, number = legacy_in_reach(portal, helper)
    context = {
        "legacy": shown,
        "number": number,
        "most": help_account.MOST_AT_ONCE,
        "migrated": int(told) if told.isdecimal() and len(told) < len("10000") else None,
    }
    return render(request, "helping/migration.html", context)


def migrate_asked(request: HttpRequest, portal: Portal, helper: Helper) -> int:
    now = timezone.now()
    if request.POST.get("act") == "all":
        return help_account.migrate_everybody(portal, helper, now=now)
    return help_account.migrate_accounts(portal, helper, chosen_among(request), now=now)


def chosen_among(request: HttpRequest) -> Iterable[str]:
    return [name.removeprefix(CHOSEN) for name in request.POST if name.startswith(CHOSEN)]
