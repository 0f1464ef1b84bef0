"""The puzzle beside a form that sends mail, where the portal asks for one."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from retrouve.domain.portal import Portal
from retrouve.journeys.puzzle import Passed, draw_puzzle, pass_puzzle, puzzle_asked
from retrouve.web.forms.facts import PortalForm
from retrouve.web.page import origin_of
from retrouve.wiring import parts

ANSWER, TICKET = "puzzle_answer", "puzzle_ticket"


def shown_puzzle(request: HttpRequest, portal: Portal) -> dict[str, Any] | None:
    """What the template shows; None where no puzzle is asked."""
    now = timezone.now()
    if not puzzle_asked(portal, parts.keys(), origin=origin_of(request), now=now):
        return None
    puzzle = draw_puzzle(portal, parts.keys(), ticket=request.POST.get(TICKET, ""), now=now)
    return {"challenge": json.dumps(puzzle.challenge), "ticket": puzzle.ticket, "wait_seconds": puzzle.wait_seconds}


def passes_puzzle(request: HttpRequest, portal: Portal, form: PortalForm) -> bool:
    """Says on the form what to do when it does not pass."""
    outcome = pass_puzzle(
        portal,
        parts.keys(),
        answer=request.POST.get(ANSWER, ""),
        ticket=request.POST.get(TICKET, ""),
        origin=origin_of(request),
        now=timezone.now(),
    )
    if isinstance(outcome, Passed):
        return True
    form.add_error(
        None, _("Il y a beaucoup de demandes en ce moment. Attendez quelques secondes, puis envoyez de nouveau.")
    )
    return False
