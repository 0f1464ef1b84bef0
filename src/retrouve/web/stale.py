"""Forms sent with a token that is missing or old: the page comes back with what was typed, and nothing was done.

Passwords do not come back: no page of ours ever holds one.
"""

from __future__ import annotations

from typing import TypeVar

from django.http import HttpRequest

from retrouve.web.forms.facts import PortalForm
from retrouve.web.middleware.csrf import sent_from_elsewhere

NEVER_SHOWN = frozenset({"csrfmiddlewaretoken", "password", "new_password", "confirmation", "offered", "current"})

FormT = TypeVar("FormT", bound=PortalForm)


def turn_back(request: HttpRequest) -> bool:
    """Makes of this refused POST a GET that remembers its fields. False for a form that another site sent: its fields
    are somebody else's words.
    """
    if sent_from_elsewhere(request):
        return False
    request.typed_before = {  # type: ignore[attr-defined]
        name: value for name, value in request.POST.items() if name not in NEVER_SHOWN
    }
    request.method = "GET"
    return True


def came_back(request: HttpRequest) -> bool:
    return hasattr(request, "typed_before")


def as_typed(request: HttpRequest, form: FormT) -> FormT:
    """A fresh form with what was typed in the one that came too late, if one did."""
    form.initial = {**form.initial, **getattr(request, "typed_before", {})}
    return form
