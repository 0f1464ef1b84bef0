"""What an application wants to know, in the words of the person who is asked."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from retrouve.domain.applications import Scope

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

SENTENCES: Mapping[Scope, StrOrPromise] = MappingProxyType(
    {
        Scope.PROFILE: _("votre nom, votre identifiant et votre langue"),
        Scope.EMAIL: _("votre adresse électronique"),
        Scope.INSTITUTION: _("votre établissement et vos classes"),
        Scope.OFFLINE: _("tout cela aussi quand vous n’êtes pas là, jusqu’au prochain changement de mot de passe"),
    }
)


def scope_sentence(scope: Scope, language: str) -> str:
    """Empty for `openid`, which tells nothing but that it is the same person as before."""
    with override(language):
        return str(SENTENCES.get(scope, ""))
