"""A portal as its file describes it: frozen values that every rule takes as an argument.

Nothing here knows where the values come from (`config` reads them) or how they are shown (`web`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from retrouve.domain.applications import Application
from retrouve.domain.phrases import Phrase
from retrouve.domain.texts import Text


class FactName(StrEnum):
    """What a person can be asked about their account. The names are the keys of portal files."""

    USERNAME = "username"
    EMAIL = "email"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    COUNTRY = "country"
    KIND = "kind"


@dataclass(frozen=True)
class Choice:
    """One line of a list: the value kept with the account, and what a person reads."""

    value: str
    label: Text


@dataclass(frozen=True)
class Fact:
    """How one portal words one fact. `choices` is empty for free text and for countries."""

    name: FactName
    label: Text | None = None
    short_label: Text | None = None  # beside a radio button, when one of several facts is chosen
    hint: Text | None = None
    choices: tuple[Choice, ...] = ()
    default: str = ""


class NoticeKind(StrEnum):
    INFORMATION = "information"
    WARNING = "warning"


@dataclass(frozen=True)
class Notice:
    """A box above a form. `text` may hold links to the portal's own pages: `[cliquez ici](recover)`."""

    kind: NoticeKind
    title: Text | None = None
    text: Text | None = None


class HeaderStyle(StrEnum):
    """The shape of the portal's header, so that portals are told apart at arm's length."""

    BAND = "band"  # a full-width band in the accent colour
    RULE = "rule"  # paper background, a thick accent rule below
    CENTRED = "centred"  # logo and name centred above the column
    CORNER = "corner"  # small, in the corner, with an accent edge along the page


@dataclass(frozen=True)
class Look:
    """Colours are `#rrggbb`. The others are derived from them in the stylesheet."""

    accent: str
    ink: str | None = None
    paper: str | None = None
    header: HeaderStyle = HeaderStyle.BAND
    logo: Path | None = None


class IdentifierKind(StrEnum):
    """What one types to sign in."""

    USERNAME = "username"
    EMAIL = "email"
    EITHER = "either"


class SignInLink(StrEnum):
    """Where the sign-in page sends a person who cannot sign in."""

    RECOVER = "recover"
    HELP = "help"
    REGISTER = "register"
    ACTIVATE = "activate"


@dataclass(frozen=True)
class Sessions:
    """How long somebody stays signed in: without a page being asked for, and however many are."""

    idle: timedelta = timedelta(minutes=30)
    absolute: timedelta = timedelta(hours=12)


@dataclass(frozen=True)
class SignIn:
    identifier: IdentifierKind
    links: tuple[SignInLink, ...] = (SignInLink.RECOVER,)
    remember_me: bool = False
    remember_for: timedelta = timedelta(days=30)
    choose_language: bool = False
    notices: tuple[Notice, ...] = ()


class IdentifyBy(StrEnum):
    ALL_OF = "all_of"
    ONE_OF = "one_of"


class ProofKind(StrEnum):
    CODE = "code"
    LINK = "link"
    BOTH = "both"


class CodeShape(StrEnum):
    """`digits`: six digits. `letters`: eight of the letters that are never mistaken for one another."""

    DIGITS = "digits"
    LETTERS = "letters"


@dataclass(frozen=True)
class Recovery:
    identify_by: IdentifyBy
    fields: tuple[FactName, ...]
    proof: ProofKind
    link_lasts: timedelta = timedelta(hours=1)
    code_lasts: timedelta = timedelta(minutes=15)
    code_shape: CodeShape = CodeShape.DIGITS
    ask_again: tuple[FactName, ...] = ()
    mail_shows_account: bool = False
    guardian_approves: bool = False
    notices: tuple[Notice, ...] = ()

    @property
    def by_code(self) -> bool:
        return self.proof is not ProofKind.LINK

    @property
    def by_link(self) -> bool:
        return self.proof is not ProofKind.CODE


class Requirement(StrEnum):
    """A class of characters of which a password holds at least one."""

    LOWER = "lower"
    UPPER = "upper"
    LETTER = "letter"
    DIGIT = "digit"
    SPECIAL = "special"


@dataclass(frozen=True)
class PasswordPolicy:
    """Lengths in code points after normalisation (NIST SP 800-63B-4 §3.1.1.2)."""

    min_length: int = 15
    max_length: int = 1024
    require: tuple[Requirement, ...] = ()
    refuse_common: bool = True
    examples: tuple[str, ...] = ()  # printed in the guide, therefore refused as passwords
    categories: int = 0  # how many of small letters, capitals, digits, signs: what Active Directory calls complexity
    refuse_names: bool = False  # the identifier and the names may not be inside
    history: int = 0  # former passwords that the directory refuses: told, since only it can tell


class RuleStyle(StrEnum):
    """How the rules are worded: `short`, "8 caractères minimum"; `sentence`, "Le mot de passe doit …"."""

    SHORT = "short"
    SENTENCE = "sentence"


@dataclass(frozen=True)
class PasswordPage:
    """What the page where one chooses a password offers besides the field."""

    confirm: bool = True
    offer_generated: bool = False
    show_strength: bool = False
    show_examples: bool = False
    reset_button: bool = False
    cancel: bool = False
    rule_style: RuleStyle = RuleStyle.SHORT


class MaskedFact(StrEnum):
    IDENTIFIER = "identifier"
    EMAIL = "email"


@dataclass(frozen=True)
class Completion:
    show: tuple[MaskedFact, ...] = ()
    wait_page: bool = False
    redirect_after: timedelta | None = None


@dataclass(frozen=True)
class Support:
    address: str


SHORTEST_RETENTION = timedelta(days=30)


@dataclass(frozen=True)
class Retention:
    """How long the audit trail keeps events, and the network addresses they came with (standards.md I1, I3)."""

    traces: timedelta = timedelta(days=180)
    addresses: timedelta = timedelta(days=30)


class PuzzleWhen(StrEnum):
    """When forms that send mail ask for a proof of work."""

    NEVER = "never"
    UNDER_PRESSURE = "under_pressure"  # once one address, or everybody together, asks much
    ALWAYS = "always"


@dataclass(frozen=True)
class Registration:
    """A person creates their own account. `terms` is the address of what they agree to, empty where there is none."""

    fields: tuple[FactName, ...]
    terms: str = ""
    link_lasts: timedelta = timedelta(hours=24)


@dataclass(frozen=True)
class Activation:
    """An account that exists already gets its first password, by a code handed over on paper."""

    code_lasts: timedelta = timedelta(days=90)  # as long as a provisional letter (EduConnect)
    ask_email: bool = True


@dataclass(frozen=True)
class SecondFactor:
    """What may be shown beside the password, by those who want it (`required`: by everybody)."""

    passkeys: bool = True
    codes: bool = True
    by_mail: bool = False
    after_loss: timedelta = timedelta(hours=72)
    required: bool = False


class HelpKind(StrEnum):
    RECOVER = "recover"
    IDENTIFIER = "identifier"
    INSTITUTION = "institution"
    TEXT = "text"
    SUPPORT = "support"


@dataclass(frozen=True)
class HelpSection:
    """One heading of the help page, which unfolds."""

    kind: HelpKind
    title: Text
    text: Text | None = None


@dataclass(frozen=True)
class Mail:
    """Who the portal's mails come from."""

    sender: str
    sender_name: Text | None = None


class LeadsTo(StrEnum):
    ACCOUNTS = "accounts"
    ADDRESS = "address"
    SUPPORT = "support"


@dataclass(frozen=True)
class Audience:
    """A population of the portal. Where it has rules of its own, they replace the portal's."""

    slug: str
    label: Text
    leads_to: LeadsTo
    hint: Text | None = None
    address: str = ""
    directory: str | None = None
    also_write_to: tuple[str, ...] | None = None
    recovery: Recovery | None = None
    password: PasswordPolicy | None = None


@dataclass(frozen=True)
class Portal:
    slug: str
    name: str
    languages: tuple[str, ...]
    look: Look
    sign_in: SignIn
    recovery: Recovery
    mail: Mail
    password: PasswordPolicy = PasswordPolicy()
    password_page: PasswordPage = PasswordPage()
    completion: Completion = Completion()
    sessions: Sessions = Sessions()
    hosts: tuple[str, ...] = ()
    directory: str = "own"
    also_write_to: tuple[str, ...] = ()  # directories that receive the new password once `directory` has it
    mark_required: bool = False
    support: Support | None = None
    help: tuple[HelpSection, ...] = ()
    registration: Registration | None = None
    activation: Activation | None = None
    second_factor: SecondFactor = SecondFactor()
    audiences: tuple[Audience, ...] = ()
    audience: str = ""  # the population that this request is about; empty where the portal has but one
    facts: tuple[Fact, ...] = ()
    applications: tuple[Application, ...] = ()
    retention: Retention = Retention()
    puzzle: PuzzleWhen = PuzzleWhen.NEVER
    wording: dict[Phrase, Text] = field(default_factory=dict, hash=False)
    directory_names: Mapping[str, Text] = field(default_factory=dict, hash=False)  # what people read of the server's

    def name_of_directory(self, directory: str, language: str) -> str:
        """Our own is known by the portal's name."""
        shown = self.directory_names.get(directory)
        return shown.in_language(language) if shown else self.name

    def fact(self, name: FactName) -> Fact:
        """How this portal words `name`; the usual wording where its file says nothing."""
        return next((fact for fact in self.facts if fact.name is name), Fact(name))

    def for_audience(self, audience: Audience) -> Portal:
        """The portal as the people of `audience` meet it: with their directory and their rules."""
        return replace(
            self,
            audience=audience.slug,
            directory=audience.directory or self.directory,
            also_write_to=self.also_write_to if audience.also_write_to is None else audience.also_write_to,
            recovery=audience.recovery or self.recovery,
            password=audience.password or self.password,
        )

    def audience_named(self, slug: str) -> Audience | None:
        return next((audience for audience in self.audiences if audience.slug == slug), None)
