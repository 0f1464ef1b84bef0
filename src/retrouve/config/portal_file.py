"""One portal file, read into a frozen `Portal`."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from retrouve.config.application_file import application_of
from retrouve.config.directory_tables import OWN
from retrouve.config.documents import read_document
from retrouve.config.portal_checks import portal_problems
from retrouve.config.problems import ConfigurationProblems, Problem
from retrouve.config.tables import (
    AudienceTable,
    CompletionTable,
    FactTable,
    LookTable,
    NoticeTable,
    PasswordTable,
    PolicyTable,
    PortalTable,
    RecoveryTable,
    RegistrationTable,
    SecondFactorTable,
    SignInTable,
)
from retrouve.config.validation import validated
from retrouve.config.values import SLUG
from retrouve.domain.portal import (
    Activation,
    Audience,
    Choice,
    Completion,
    Fact,
    FactName,
    HelpSection,
    Look,
    Mail,
    Notice,
    PasswordPage,
    PasswordPolicy,
    Portal,
    ProofKind,
    Recovery,
    Registration,
    Retention,
    SecondFactor,
    Sessions,
    SignIn,
    Support,
)

RESERVED = ("static", "boite", "healthz", "readyz", "metrics", "demo", "csp-report")  # addresses of the server's own


def load_portal(file: Path, languages: tuple[str, ...], directories: Collection[str] = (OWN,)) -> Portal:
    """`languages` are those that the product speaks, `directories` the names that the server file gives. Raises
    `ConfigurationProblems` with all that is wrong.
    """
    slug = file.stem
    if not SLUG.fullmatch(slug) or slug in RESERVED:
        raise ConfigurationProblems([Problem(file, 0, 0, "", "bad_slug", {"reserved": ", ".join(RESERVED)})])
    document = read_document(file)
    given = document.data.get("languages")
    listed = tuple(given) if isinstance(given, list) and all(isinstance(one, str) for one in given) else ()
    table = validated(document, PortalTable, {"languages": listed or languages})
    problems = portal_problems(document, table, languages, directories)
    if problems:
        raise ConfigurationProblems(problems)
    return portal_of(slug, file.parent, table)


def load_portals(folder: Path, languages: tuple[str, ...], directories: Collection[str] = (OWN,)) -> dict[str, Portal]:
    """Every portal of the folder, by its slug. Raises with the problems of all the files at once."""
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise ConfigurationProblems([Problem(folder, 0, 0, "", "no_portal")])
    portals: dict[str, Portal] = {}
    problems: list[Problem] = []
    for file in files:
        try:
            portals[file.stem] = load_portal(file, languages, directories)
        except ConfigurationProblems as found:
            problems.extend(found.problems)
    if problems:
        raise ConfigurationProblems(problems)
    return portals


def portal_of(slug: str, folder: Path, table: PortalTable) -> Portal:
    return Portal(
        slug=slug,
        name=table.name,
        languages=tuple(table.languages),
        look=look_of(table.look, folder),
        sign_in=sign_in_of(table.sign_in),
        recovery=recovery_of(table.recovery),
        mail=Mail(table.mail.sender, table.mail.sender_name),
        password=policy_of(table.password),
        password_page=password_page_of(table.password),
        completion=completion_of(table.completion),
        sessions=Sessions(table.sessions.idle, table.sessions.absolute),
        hosts=tuple(host.lower() for host in table.hosts),
        directory=table.directory,
        also_write_to=tuple(table.also_write_to),
        mark_required=table.mark_required,
        support=Support(table.support.address) if table.support else None,
        help=tuple(HelpSection(section.kind, section.title, section.text) for section in table.help),
        registration=registration_of(table.registration) if table.registration else None,
        activation=Activation(table.activation.code_lasts, table.activation.ask_email) if table.activation else None,
        second_factor=second_factor_of(table.second_factor),
        audiences=tuple(audience_of(audience) for audience in table.audience),
        facts=tuple(fact_of(name, fact) for name, fact in table.facts.items()),
        applications=tuple(application_of(application, folder) for application in table.application),
        retention=Retention(table.audit.keep_traces, table.audit.keep_addresses),
        puzzle=table.puzzle,
        wording=dict(table.wording),
    )


def look_of(table: LookTable, folder: Path) -> Look:
    return Look(
        accent=table.accent,
        ink=table.ink,
        paper=table.paper,
        header=table.header,
        logo=folder / table.logo if table.logo else None,
    )


def notices_of(tables: list[NoticeTable]) -> tuple[Notice, ...]:
    return tuple(Notice(table.kind, table.title, table.text) for table in tables)


def sign_in_of(table: SignInTable) -> SignIn:
    return SignIn(
        identifier=table.identifier,
        links=tuple(table.links),
        remember_me=table.remember_me,
        remember_for=table.remember_for,
        choose_language=table.choose_language,
        notices=notices_of(table.notice),
    )


def recovery_of(table: RecoveryTable) -> Recovery:
    """`proof_lasts` is the lifetime of the one proof there is; where mail carries both, of the link."""
    usual = Recovery(table.identify_by, (), table.proof)
    for_link = table.proof_lasts if table.proof is not ProofKind.CODE else None
    for_code = table.proof_lasts if table.proof is ProofKind.CODE else None
    return Recovery(
        identify_by=table.identify_by,
        fields=tuple(table.fields),
        proof=table.proof,
        link_lasts=table.link_lasts or for_link or usual.link_lasts,
        code_lasts=table.code_lasts or for_code or usual.code_lasts,
        code_shape=table.code_shape,
        ask_again=tuple(table.ask_again),
        mail_shows_account=table.mail_shows_account,
        guardian_approves=table.guardian_approves,
        notices=notices_of(table.notice),
    )


def registration_of(table: RegistrationTable) -> Registration:
    return Registration(tuple(table.fields), table.terms or "", table.link_lasts)


def second_factor_of(table: SecondFactorTable) -> SecondFactor:
    return SecondFactor(table.passkeys, table.codes, table.by_mail, table.after_loss, table.required)


def policy_of(table: PolicyTable) -> PasswordPolicy:
    return PasswordPolicy(
        min_length=table.min_length,
        max_length=table.max_length,
        require=tuple(table.require),
        refuse_common=table.refuse_common,
        examples=tuple(table.examples),
    )


def password_page_of(table: PasswordTable) -> PasswordPage:
    return PasswordPage(
        confirm=table.confirm,
        offer_generated=table.offer_generated,
        show_strength=table.show_strength,
        show_examples=table.show_examples,
        reset_button=table.reset_button,
        cancel=table.cancel,
        rule_style=table.rule_style,
    )


def completion_of(table: CompletionTable) -> Completion:
    return Completion(tuple(table.show), table.wait_page, table.redirect_after)


def audience_of(table: AudienceTable) -> Audience:
    return Audience(
        slug=table.slug,
        label=table.label,
        leads_to=table.leads_to,
        hint=table.hint,
        address=table.address or "",
        directory=table.directory,
        also_write_to=None if table.also_write_to is None else tuple(table.also_write_to),
        recovery=recovery_of(table.recovery) if table.recovery else None,
        password=policy_of(table.password) if table.password else None,
    )


def fact_of(name: FactName, table: FactTable) -> Fact:
    return Fact(
        name=name,
        label=table.label,
        short_label=table.short_label,
        hint=table.hint,
        choices=tuple(Choice(choice.value, choice.label) for choice in table.choices),
        default=table.default,
    )
