"""Makes `docs/configuration.md` from the tables that read the files; `--check` says whether it is up to date."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import Any

from django.conf import settings
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

settings.configure(USE_I18N=False)  # the usual sentences are read in French, their source

from retrouve.config.directory_tables import KINDS, ColumnsTable
from retrouve.config.portal_checks import PLACEHOLDERS
from retrouve.config.portal_file import RESERVED
from retrouve.config.server_file import OVERRIDES, HashingTable, ServerTable
from retrouve.config.tables import (
    ActivationTable,
    ApplicationTable,
    AudienceTable,
    AuditTable,
    ChoiceTable,
    CompletionTable,
    FactTable,
    HelpTable,
    LookTable,
    MailTable,
    NoticeTable,
    PasswordTable,
    PortalTable,
    RecoveryTable,
    RegistrationTable,
    SecondFactorTable,
    SessionsTable,
    SignInTable,
    SupportTable,
)
from retrouve.config.validation import Table
from retrouve.domain.portal import FactName
from retrouve.messages.wording import USUAL

PAGE = Path(__file__).parent.parent / "docs/configuration.md"

UNITS = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))

MINIMAL = """\
name = "Mon service"
languages = ["fr"]

[look]
accent = "#0b5cad"

[sign_in]
identifier = "email"

[recovery]
identify_by = "all_of"
fields = ["email"]
proof = "link"

[mail]
sender = "noreply@mon-service.example.org"
"""

PORTAL_TABLES: tuple[tuple[str, type[Table]], ...] = (
    ("En tête du fichier", PortalTable),
    ("[look]", LookTable),
    ("[sign_in]", SignInTable),
    ("[sessions]", SessionsTable),
    ("[recovery]", RecoveryTable),
    ("[[sign_in.notice]] et [[recovery.notice]]", NoticeTable),
    ("[password]", PasswordTable),
    ("[completion]", CompletionTable),
    ("[second_factor]", SecondFactorTable),
    ("[mail]", MailTable),
    ("[support]", SupportTable),
    ("[[help]]", HelpTable),
    ("[[audience]]", AudienceTable),
    ("[registration]", RegistrationTable),
    ("[activation]", ActivationTable),
    ("[[application]]", ApplicationTable),
    ("[audit]", AuditTable),
    (f"[facts.NOM], où NOM est {', '.join(f'`{name}`' for name in FactName)}", FactTable),
    ("choices, dans [facts.NOM]", ChoiceTable),
)


def page() -> str:
    return "\n".join(lines()) + "\n"


def lines() -> Iterator[str]:
    yield "# La configuration"
    yield ""
    yield "<!-- Page faite par scripts/configuration_page.py : ne la modifiez pas à la main. -->"
    yield ""
    yield "Un dossier contient `server.toml` et `portals/*.toml`, un fichier par portail. Le nom du fichier donne son"
    yield "adresse : `portals/creos.toml` est servi sous `/creos/`."
    yield ""
    yield f"Noms réservés : {', '.join(f'`{name}`' for name in RESERVED)}."
    yield ""
    yield "`retrouve check --config DOSSIER` dit tout ce qui ne va pas, avec le fichier, la ligne et la clé."
    yield ""
    yield "## Un portail en dix minutes"
    yield ""
    yield "Ce fichier est complet. Le reste a une valeur d’usage, que les tables ci-dessous donnent."
    yield ""
    yield f"```toml\n{MINIMAL}```"
    yield ""
    yield "Un texte s’écrit tel quel (il est alors dans la première langue du portail), ou par langue :"
    yield '`title.fr = "…"`, `title.en = "…"`. Une durée s’écrit `"45s"`, `"15m"`, `"1h"` ou `"30d"`.'
    for heading, table in PORTAL_TABLES:
        yield from section(heading, table)
    yield from phrases()
    yield from server()


def section(heading: str, table: type[Table]) -> Iterator[str]:
    yield ""
    yield f"## {heading}"
    yield ""
    yield "| Clé | D’usage | Ce qu’elle fait |"
    yield "|---|---|---|"
    for name, field in table.model_fields.items():
        yield f"| `{name}` | {usual(field)} | {field.description} |"


def usual(field: FieldInfo) -> str:
    if field.is_required():
        return "obligatoire"
    value: Any = field.default
    if value is None or value is PydanticUndefined or isinstance(value, Table) or value in ([], {}, ""):
        return "—"
    return f"`{shown(value)}`"


def shown(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case Enum():
            return f'"{value.value}"'
        case list():
            return "[" + ", ".join(shown(one) for one in value) + "]"
        case timedelta():
            return f'"{duration(value)}"'
        case str():
            return f'"{value}"'
        case _:
            return str(value)


def duration(value: timedelta) -> str:
    """As files say it."""
    seconds = int(value.total_seconds())
    size, unit = next((size, unit) for size, unit in UNITS if seconds % size == 0)
    return f"{seconds // size}{unit}"


def phrases() -> Iterator[str]:
    yield ""
    yield "## [wording] : les phrases propres au portail"
    yield ""
    yield "`{portal}` est le nom du portail, partout. Les autres blancs sont donnés dans la dernière colonne."
    yield ""
    yield "| Clé | Phrase d’usage | Blancs |"
    yield "|---|---|---|"
    for name, sentence in USUAL.items():
        holes = ", ".join(f"`{{{hole}}}`" for hole in sorted(PLACEHOLDERS.get(name, frozenset()) - {"portal"}))
        yield f"| `{name}` | {sentence or '(rien)'} | {holes} |"


def server() -> Iterator[str]:
    yield from section("server.toml", ServerTable)
    yield from section("[hashing], dans server.toml", HashingTable)
    for kind, table in KINDS.items():
        yield from section(f'[directory.NOM] avec kind = "{kind}", dans server.toml', table)
    yield from section("[directory.NOM.columns], d’une table", ColumnsTable)
    yield ""
    yield "## L’environnement"
    yield ""
    yield "Ces variables l’emportent sur `server.toml`. Avec `_FILE` au bout, la valeur est lue dans le fichier nommé."
    yield ""
    for variable, key in OVERRIDES.items():
        yield f"- `{variable}` : `{key}`"
    yield "- `RETROUVE_DIRECTORY_NOM_SECRET` : le secret de l’annuaire NOM, en capitales, `_` pour `-` ("
    yield "  " + ", ".join(f"`{table.secret}` pour `{kind}`" for kind, table in KINDS.items()) + ")"


def main(arguments: list[str]) -> int:
    if "--check" in arguments:
        if PAGE.read_text("utf-8") == page():
            return 0
        sys.stderr.write("docs/configuration.md is not what the tables say: python scripts/configuration_page.py\n")
        return 1
    PAGE.write_text(page(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
