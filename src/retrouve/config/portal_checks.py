"""What no single key can tell: keys that contradict one another, texts that lead nowhere, colours too pale to read."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta

from retrouve.config.application_file import application_problems
from retrouve.config.contrast import LOWEST, contrast
from retrouve.config.directory_tables import OWN
from retrouve.config.documents import Document, Path_
from retrouve.config.problems import Problem, nearest
from retrouve.config.tables import (
    NoticeTable,
    PolicyTable,
    PortalTable,
    RecoveryTable,
    RegistrationTable,
    SecondFactorTable,
)
from retrouve.config.values import is_safe_url
from retrouve.domain.phrases import Phrase
from retrouve.domain.portal import SHORTEST_RETENTION, FactName, HelpKind, LeadsTo, SignInLink
from retrouve.domain.texts import Text

LONGEST_PROOF = timedelta(hours=24)
LONGEST_CODE_ON_PAPER = timedelta(days=366)
LONGEST_MEMORY = timedelta(days=30)
SHORTEST_IDLE = timedelta(minutes=1)
SHORTEST_SESSION, LONGEST_SESSION = timedelta(minutes=5), timedelta(days=30)
SHORTEST_LOSS = timedelta(hours=24)
LONGEST_LOSS = timedelta(days=30)
LONGEST_RETENTION = timedelta(days=366)
TARGETS = ("recover", "help", "support", "sign_in", "register", "activate")
LINK_TARGET = re.compile(r"\[[^\]\[]{1,200}\]\(([^()\s]{0,200})\)")
HOLE = re.compile(r"\{([a-z_]{1,40})\}")

PORTAL_NAME = frozenset({"portal"})
DURATION = PORTAL_NAME | {"duration"}
# What may be filled into each sentence of a portal's own wording; the portal's name fits everywhere.
PLACEHOLDERS: Mapping[Phrase, frozenset[str]] = {
    Phrase.CODE_INTRO: DURATION,
    Phrase.SENT_TEXT: DURATION,
    Phrase.MAIL_LINK_LEAD: DURATION,
    Phrase.MAIL_CODE_LEAD: DURATION,
    Phrase.REDIRECT_TEXT: DURATION | {"seconds"},
}


def portal_problems(
    document: Document, table: PortalTable, spoken: tuple[str, ...], known_directories: Collection[str]
) -> list[Problem]:
    """`spoken` are the product's languages; `known_directories` those of the server, by name."""
    return [
        *languages(document, table, spoken),
        *look(document, table),
        *ways_in(document, table),
        *sessions(document, table),
        *recovery(document, ("recovery",), table.recovery, table),
        *password(document, ("password",), table.password),
        *joining(document, table),
        *audiences(document, table),
        *facts(document, table),
        *links(document, table),
        *wording(document, table),
        *directories(document, table, known_directories),
        *retention(document, table),
        *applications(document, table),
        *second_factor(document, table.second_factor),
    ]


def languages(document: Document, table: PortalTable, spoken: tuple[str, ...]) -> Iterator[Problem]:
    for index, language in enumerate(table.languages):
        if language not in spoken:
            yield document.problem(("languages", index), "language_not_spoken", known=", ".join(spoken))


def look(document: Document, table: PortalTable) -> Iterator[Problem]:
    paper, ink = table.look.paper or "#ffffff", table.look.ink or "#1a1a1a"
    for key, colour, other in (
        ("accent", table.look.accent, "#ffffff"),
        ("accent", table.look.accent, paper),
        ("ink", ink, paper),
    ):
        ratio = contrast(colour, other)
        if ratio < LOWEST:
            yield document.problem(("look", key), "low_contrast", ratio=f"{ratio:.1f}", other=other)
            break
    logo = table.look.logo
    if logo is not None:
        yield from logo_problems(document, logo)


def logo_problems(document: Document, logo: str) -> Iterator[Problem]:
    if "/" in logo or "\\" in logo or not logo.endswith((".svg", ".png")):
        yield document.problem(("look", "logo"), "bad_file_name")
    elif not (document.file.parent / logo).is_file():
        yield document.problem(("look", "logo"), "no_such_file")


def ways_in(document: Document, table: PortalTable) -> Iterator[Problem]:
    """A portal without any way to recovery would be a locked door."""
    helps = {section.kind for section in table.help}
    if SignInLink.HELP in table.sign_in.links and not table.help:
        yield document.problem(("sign_in", "links"), "needs_help")
    if SignInLink.RECOVER not in table.sign_in.links and HelpKind.RECOVER not in helps:
        yield document.problem(("sign_in", "links"), "needs_recover")
    if HelpKind.SUPPORT in helps and table.support is None:
        index = next(i for i, section in enumerate(table.help) if section.kind is HelpKind.SUPPORT)
        yield document.problem(("help", index, "kind"), "needs_support")
    if table.sign_in.remember_for > LONGEST_MEMORY:
        yield document.problem(
            ("sign_in", "remember_for"),
            "out_of_range",
            expected_fr="30 jours au plus",
            expected_en="30 days at most",
        )


def sessions(document: Document, table: PortalTable) -> Iterator[Problem]:
    lasts = table.sessions
    if not SHORTEST_SESSION <= lasts.absolute <= LONGEST_SESSION:
        yield document.problem(
            ("sessions", "absolute"),
            "out_of_range",
            expected_fr="de 5 minutes à 30 jours",
            expected_en="5 minutes to 30 days",
        )
    if not SHORTEST_IDLE <= lasts.idle <= lasts.absolute:
        yield document.problem(
            ("sessions", "idle"),
            "out_of_range",
            expected_fr="une minute au moins, et pas plus longtemps que absolute",
            expected_en="a minute at least, and no longer than absolute",
        )


def recovery(document: Document, at: Path_, table: RecoveryTable, portal: PortalTable) -> Iterator[Problem]:
    for key in ("proof_lasts", "link_lasts", "code_lasts"):
        lasts = getattr(table, key)
        if lasts is not None and lasts > LONGEST_PROOF:
            yield document.problem((*at, key), "too_long_life")
    by_one_choice = table.identify_by.value == "one_of"
    lookups = {FactName.USERNAME, FactName.EMAIL}
    found = set(table.fields) <= lookups and table.fields if by_one_choice else set(table.fields) & lookups
    if not found:
        yield document.problem((*at, "fields"), "no_lookup")
    for key, names in (("fields", table.fields), ("ask_again", table.ask_again)):
        if len(names) != len(set(names)):
            yield document.problem((*at, key), "twice")
        if FactName.KIND in names and not (portal.facts.get(FactName.KIND) and portal.facts[FactName.KIND].choices):
            yield document.problem((*at, key), "needs_choices")


def joining(document: Document, table: PortalTable) -> Iterator[Problem]:
    """How people get an account: only where it is kept by Retrouve itself."""
    for key, link, on in (
        ("registration", SignInLink.REGISTER, table.registration),
        ("activation", SignInLink.ACTIVATE, table.activation),
    ):
        if link in table.sign_in.links and on is None:
            yield document.problem(("sign_in", "links"), "needs_table", table=key)
        if on is not None and not keeps_accounts(table):
            yield document.problem((key,), "needs_own_directory", table=key)
    if table.registration:
        yield from registration(document, table.registration, table)
    if table.activation and not timedelta(0) < table.activation.code_lasts <= LONGEST_CODE_ON_PAPER:
        yield document.problem(
            ("activation", "code_lasts"),
            "out_of_range",
            expected_fr="un an (366 jours) au plus",
            expected_en="a year (366 days) at most",
        )


def keeps_accounts(table: PortalTable) -> bool:
    directories = [one.directory or table.directory for one in table.audience if one.leads_to is LeadsTo.ACCOUNTS]
    return OWN in (directories or [table.directory])


def registration(document: Document, table: RegistrationTable, portal: PortalTable) -> Iterator[Problem]:
    at: Path_ = ("registration",)
    if any(one.leads_to is LeadsTo.ACCOUNTS for one in portal.audience):
        yield document.problem(at, "one_population")
    if FactName.EMAIL not in table.fields:
        yield document.problem((*at, "fields"), "needs_email")
    if FactName.USERNAME in table.fields:
        yield document.problem((*at, "fields"), "username_is_made")
    if len(table.fields) != len(set(table.fields)):
        yield document.problem((*at, "fields"), "twice")
    if FactName.KIND in table.fields and not (portal.facts.get(FactName.KIND) and portal.facts[FactName.KIND].choices):
        yield document.problem((*at, "fields"), "needs_choices")
    if table.link_lasts > LONGEST_PROOF:
        yield document.problem((*at, "link_lasts"), "too_long_life")


def password(document: Document, at: Path_, table: PolicyTable) -> Iterator[Problem]:
    if table.min_length > table.max_length:
        yield document.problem((*at, "min_length"), "lengths_crossed")


def audiences(document: Document, table: PortalTable) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, audience in enumerate(table.audience):
        at: Path_ = ("audience", index)
        if audience.slug in seen:
            yield document.problem((*at, "slug"), "twice")
        seen.add(audience.slug)
        if audience.leads_to is LeadsTo.ADDRESS and not audience.address:
            yield document.problem((*at, "leads_to"), "needs_address")
        if audience.leads_to is LeadsTo.SUPPORT and table.support is None:
            yield document.problem((*at, "leads_to"), "needs_support")
        if audience.recovery:
            yield from recovery(document, (*at, "recovery"), audience.recovery, table)
        if audience.password:
            yield from password(document, (*at, "password"), audience.password)


def facts(document: Document, table: PortalTable) -> Iterator[Problem]:
    for name, fact in table.facts.items():
        values = [choice.value for choice in fact.choices]
        if len(values) != len(set(values)):
            yield document.problem(("facts", name.value, "choices"), "twice")
        if fact.default and values and fact.default not in values:
            yield document.problem(("facts", name.value, "default"), "not_a_choice", known=", ".join(values))


def links(document: Document, table: PortalTable) -> Iterator[Problem]:
    """Every link in a text of the portal's own leads somewhere."""
    notices: list[tuple[Path_, NoticeTable]] = [
        *((("sign_in", "notice", index), notice) for index, notice in enumerate(table.sign_in.notice)),
        *((("recovery", "notice", index), notice) for index, notice in enumerate(table.recovery.notice)),
    ]
    texts: list[tuple[Path_, Text | None]] = [((*at, "text"), notice.text) for at, notice in notices]
    texts += [(("help", index, "text"), section.text) for index, section in enumerate(table.help)]
    for at, text in texts:
        for target in targets_of(text):
            if not leads_somewhere(target, table):
                known = ", ".join(TARGETS)
                yield document.problem(at, "bad_link", target=target, known=known, nearest=nearest(target, TARGETS))


def targets_of(text: Text | None) -> list[str]:
    return [target for _, sentence in text.by_language for target in LINK_TARGET.findall(sentence)] if text else []


def leads_somewhere(target: str, table: PortalTable) -> bool:
    match target:
        case "help":
            return bool(table.help)
        case "support":
            return table.support is not None
        case "register":
            return table.registration is not None
        case "activate":
            return table.activation is not None
        case "recover" | "sign_in":
            return True
        case _:
            return is_safe_url(target)


def wording(document: Document, table: PortalTable) -> Iterator[Problem]:
    for name, text in table.wording.items():
        allowed = PLACEHOLDERS.get(name, PORTAL_NAME)
        for hole in {hole for _, sentence in text.by_language for hole in HOLE.findall(sentence)} - allowed:
            known = ", ".join(sorted(f"{{{one}}}" for one in allowed))
            yield document.problem(("wording", name.value), "bad_placeholder", name=hole, known=known)


def retention(document: Document, table: PortalTable) -> Iterator[Problem]:
    """Six months to a year is what the CNIL recommends for such traces (2021-122; standards.md I1)."""
    kept = table.audit
    if not SHORTEST_RETENTION <= kept.keep_traces <= LONGEST_RETENTION:
        yield document.problem(
            ("audit", "keep_traces"),
            "out_of_range",
            expected_fr="de 30 jours à un an (366 jours)",
            expected_en="30 days to a year (366 days)",
        )
    if kept.keep_addresses > kept.keep_traces:
        yield document.problem(
            ("audit", "keep_addresses"),
            "out_of_range",
            expected_fr="pas plus longtemps que keep_traces",
            expected_en="no longer than keep_traces",
        )


def second_factor(document: Document, table: SecondFactorTable) -> Iterator[Problem]:
    """Too short a delay would let whoever has found a password wait for it; one too long leaves its owner outside."""
    if not SHORTEST_LOSS <= table.after_loss <= LONGEST_LOSS:
        yield document.problem(
            ("second_factor", "after_loss"),
            "out_of_range",
            expected_fr="de 24 heures à 30 jours",
            expected_en="24 hours to 30 days",
        )
    for key, on in (("required", table.required), ("by_mail", table.by_mail)):
        if on and not (table.passkeys or table.codes):
            yield document.problem(("second_factor", key), "needs_a_means")


def directories(document: Document, table: PortalTable, known: Collection[str]) -> Iterator[Problem]:
    yield from targets(document, (), table.directory, table.also_write_to, known)
    for index, audience in enumerate(table.audience):
        others = table.also_write_to if audience.also_write_to is None else audience.also_write_to
        yield from targets(document, ("audience", index), audience.directory or table.directory, others, known)


def targets(
    document: Document, at: Path_, directory: str, others: list[str], known: Collection[str]
) -> Iterator[Problem]:
    """Where one population's passwords are written."""
    named: list[tuple[Path_, str]] = [((*at, "directory"), directory)]
    named += [((*at, "also_write_to", index), name) for index, name in enumerate(others)]
    for place, name in named:
        if name not in known:
            yield document.problem(place, "unknown_directory", known=", ".join(known), nearest=nearest(name, known))
    if len({directory, *others}) != len(others) + 1:
        yield document.problem((*at, "also_write_to"), "same_directory_twice")


def applications(document: Document, table: PortalTable) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, application in enumerate(table.application):
        yield from application_problems(document, ("application", index), application)
        if application.id in seen:
            yield document.problem(("application", index, "id"), "twice")
        seen.add(application.id)
