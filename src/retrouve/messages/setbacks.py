"""Why a directory did not take a new password, and what to do: said to the person whose password it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_TOO_SIMPLE = _("Il est trop simple pour ce service. Choisissez-en un plus long, avec plusieurs sortes de caractères.")
_NOT_ALLOWED = _("Ce service ne nous laisse pas changer ce mot de passe. Écrivez à l’assistance.")
_NOT_THERE = _("Nous n’y avons pas trouvé de compte à votre nom. Écrivez à l’assistance.")
_OTHERWISE = _(
    "Ce service l’a refusé. Choisissez un mot de passe différent ; si cela continue, écrivez à l’assistance."
)

_SETBACKS: Mapping[str, StrOrPromise] = {
    "in_history": _("Il a déjà servi. Choisissez un mot de passe que vous n’avez jamais eu ici."),
    "too_short": _TOO_SIMPLE,
    "bad_quality": _TOO_SIMPLE,
    "too_long": _("Il est trop long pour ce service. Choisissez-en un plus court."),
    "too_young": _("Vous en avez changé il y a peu : ce service demande d’attendre. Réessayez demain."),
    "expired": _("Ce service n’a pas répondu à temps. Refaites la demande un peu plus tard."),
    "unknown": _(
        "Ce service n’a pas répondu à temps : nous ne savons pas s’il a enregistré le nouveau mot de passe. "
        "Essayez le nouveau, puis l’ancien."
    ),
    "not_seen_everywhere": _("Là où il ne fonctionne pas encore, attendez un peu, puis réessayez."),
    "no_right": _NOT_ALLOWED,
    "change_not_allowed": _NOT_ALLOWED,
    "account_gone": _NOT_THERE,
    "not_there": _NOT_THERE,
    "several": _NOT_THERE,
    "first_refused": _("Rien n’y a été écrit."),
}


def setback_sentence(reason: str, language: str) -> str:
    """`reason` is the code of a refusal (`directories.port.Refused`)."""
    with override(language):
        return str(_SETBACKS.get(reason, _OTHERWISE))
