"""A class's cards on paper: who has no mail address is handed an identifier, a code, and what to do with them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

import typst
from django.utils.translation import gettext, override

from retrouve.domain.portal import Portal
from retrouve.domain.secret import Secret
from retrouve.messages.durations import PARIS, until_in_words
from retrouve.messages.filling import fill, one_line
from retrouve.messages.locales import babel_locale
from retrouve.messages.mails import code_in_groups

_TEMPLATE = Path(__file__).parent / "sheets" / "cards.typ"
_LONGEST_NAME = 150
_LONGEST_GROUP = 60
_LONGEST_PLACE = 90


class PerPage(IntEnum):
    """How many cards share an A4 page."""

    ONE = 1
    TWO = 2
    EIGHT = 8


class CardPurpose(StrEnum):
    """What the code opens: the choice of a first password, or of a new one."""

    ACTIVATION = "activation"
    RECOVERY = "recovery"


@dataclass(frozen=True)
class Card:
    """What one person is handed. `group` is the class, where there is one. What the code opens and until when differs
    from one person of a class to the next.
    """

    first_name: str
    last_name: str
    group: str
    identifier: str
    code: Secret
    purpose: CardPurpose
    valid_until: datetime


def printed_cards(
    portal: Portal,
    cards: Sequence[Card],
    *,
    per_page: PerPage,
    page_address: str,
    institution: str,
    language: str,
    zone: ZoneInfo = PARIS,
) -> bytes:
    """A PDF to print and cut. It is made in memory: the codes are never written to a disk."""
    if not cards:
        raise ValueError("no card to print")
    locale = babel_locale(language)
    with override(language):
        sheet = {
            "title": _title(portal, institution),
            "language": locale.language,
            "region": locale.territory,
            "accent": portal.look.accent,
            "per_page": per_page,
            "portal": _shortened(portal.name, _LONGEST_PLACE),
            "institution": _shortened(institution, _LONGEST_PLACE),
            "labels": {"identifier": gettext("Identifiant"), "code": gettext("Code")},
            "cards": [
                {
                    **_credentials(card),
                    "introduction": _introduction(portal, card.purpose, per_page),
                    "steps": _steps(card.purpose, per_page, page_address),
                    "advice": _advice(per_page, _until_in_words(card.valid_until, zone, language)),
                }
                for card in cards
            ],
        }
    return _drawn(sheet)


def _title(portal: Portal, institution: str) -> str:
    told = fill(gettext("Cartes pour choisir un mot de passe – {portal}"), {"portal": one_line(portal.name)})
    return f"{told} – {one_line(institution)}" if one_line(institution) else told


def _introduction(portal: Portal, purpose: CardPurpose, per_page: PerPage) -> list[str]:
    """Only a whole page has room to explain."""
    if per_page is not PerPage.ONE:
        return []
    match purpose:
        case CardPurpose.ACTIVATION:
            ready = gettext(
                "Votre compte {portal} est prêt. Il vous reste à choisir son mot de passe : avec cette feuille, il y "
                "faut quelques minutes, sur un ordinateur, une tablette ou un téléphone."
            )
        case CardPurpose.RECOVERY:
            ready = gettext(
                "Avec cette feuille, vous choisissez un nouveau mot de passe pour votre compte {portal}. Il y faut "
                "quelques minutes, sur un ordinateur, une tablette ou un téléphone. Rien d’autre ne change dans votre "
                "compte."
            )
    return [fill(ready, {"portal": _shortened(portal.name, _LONGEST_PLACE)})]


def _steps(purpose: CardPurpose, per_page: PerPage, page_address: str) -> list[tuple[str, str, str]]:
    """Each in three: what comes before the address, the address, what comes after."""
    match purpose:
        case CardPurpose.ACTIVATION:
            choose = gettext("Choisissez votre mot de passe.")
        case CardPurpose.RECOVERY:
            choose = gettext("Choisissez votre nouveau mot de passe.")
    if per_page is PerPage.EIGHT:
        said = (gettext("Ouvrez {address}"), gettext("Saisissez l’identifiant et le code."), choose)
    else:
        said = (
            gettext("Dans un navigateur, ouvrez {address}"),
            gettext("Saisissez l’identifiant et le code écrits ci-dessus. L’espace dans le code ne compte pas."),
            choose,
        )
    return [_around_the_address(sentence, one_line(page_address)) for sentence in said]


def _around_the_address(sentence: str, address: str) -> tuple[str, str, str]:
    before, hole, after = sentence.partition("{address}")
    return before, address if hole else "", after


def _advice(per_page: PerPage, until: str) -> list[str]:
    once = fill(gettext("Ce code sert une seule fois, {until}."), {"until": until})
    match per_page:
        case PerPage.ONE:
            return [
                once,
                gettext(
                    "Gardez-le pour vous : personne n’a besoin de le connaître pour vous aider. Une fois votre mot de "
                    "passe choisi, cette feuille ne sert plus à rien."
                ),
                gettext(
                    "Si cela ne marche pas, demandez à la personne qui vous a remis cette feuille : elle peut vous en "
                    "donner une autre."
                ),
            ]
        case PerPage.TWO:
            kept = gettext("Gardez-le pour vous : personne n’a besoin de le connaître pour vous aider.")
            asked = gettext("Si cela ne marche pas, demandez à la personne qui vous a remis cette carte.")
            return [f"{once} {kept}", asked]
        case PerPage.EIGHT:
            kept = gettext("Gardez-le pour vous. Un souci ? Demandez à qui vous l’a remis.")
            return [f"{once} {kept}"]


def _until_in_words(valid_until: datetime, zone: ZoneInfo, language: str) -> str:
    """With its day, always: a card is read days after it was printed."""
    return until_in_words(valid_until, valid_until - timedelta(days=2), zone, language)


def _credentials(card: Card) -> dict[str, str]:
    return {
        "name": _shortened(f"{card.first_name} {card.last_name}", _LONGEST_NAME),
        "group": _shortened(card.group, _LONGEST_GROUP),
        "identifier": one_line(card.identifier),
        "code": code_in_groups(card.code),
    }


def _shortened(text: str, most: int) -> str:
    tidy = one_line(text)
    return tidy if len(tidy) <= most else tidy[: most - 1].rstrip() + "…"


def _drawn(sheet: Mapping[str, object]) -> bytes:
    """PDF/UA allows no letter that the fonts lack (漢, an emoji): it is printed as a box, and nothing is promised."""
    with suppress(typst.TypstError):
        return _compiled(sheet, accessible=True)
    return _compiled(sheet, accessible=False)


def _compiled(sheet: Mapping[str, object], *, accessible: bool) -> bytes:
    """What people are called goes beside the template, never into it: whatever it holds stays text (ATT-25)."""
    drawn: bytes = typst.compile(
        _TEMPLATE,
        root=_TEMPLATE.parent,
        format="pdf",
        sys_inputs={"sheet": json.dumps(sheet)},
        pdf_standards="ua-1" if accessible else None,  # PDF/UA-1: read aloud in order, with title and language
        ignore_system_fonts=True,  # every machine prints the same
    )
    return drawn
