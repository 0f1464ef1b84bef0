"""`server.toml` and the environment, which overrides it."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, Strict, ValidationInfo

from retrouve.config.directory_tables import DirectoryConfig
from retrouve.config.documents import Document, read_document
from retrouve.config.problems import ConfigurationProblems, Problem, nearest
from retrouve.config.server_directories import directories_of, secret_variables
from retrouve.config.validation import Table, validated
from retrouve.config.values import Duration, Url, wrong
from retrouve.domain.secret import Secret

FILE_SUFFIX = "_FILE"
OVERRIDES = {
    "RETROUVE_DATABASE_URL": "database_url",
    "RETROUVE_SMTP_URL": "smtp_url",
    "RETROUVE_SECRET_KEY": "secret_key",
    "RETROUVE_BASE_URL": "base_url",
}
OTHERS = ("RETROUVE_CONFIG",)
SHORTEST_SEALED, LONGEST_SEALED = timedelta(minutes=5), timedelta(hours=24)
OF_TESTS = "RETROUVE_TEST_"
SHORTEST_KEY = 32
OF_AN_EXAMPLE = ("change", "example", "insecure", "password", "retrouve", "secret", "0123456789")
MOST_MEMORY_KIB, MOST_PASSES = 1_048_576, 20  # a cost that no server bears is a mistake (ATT-72)
FLOOR = ((47_104, 1), (19_456, 2), (12_288, 3))  # KiB and passes: OWASP ASVS 5.0, appendix C


class LogLevel(StrEnum):
    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class HashingCost:
    memory_kib: int
    time: int
    parallelism: int
    at_once: int


@dataclass(frozen=True)
class ServerConfig:
    """What concerns the server and not one portal. Whatever may hold a password is a `Secret`."""

    database_url: Secret
    smtp_url: Secret
    secret_key: Secret
    base_url: str
    allowed_hosts: tuple[str, ...]
    trusted_proxies: tuple[str, ...]
    hashing: HashingCost
    host: str
    port: int
    threads: int
    log_level: str
    metrics: str
    sealed_lasts: timedelta
    directories: Mapping[str, DirectoryConfig] = field(default_factory=dict)
    doubts: tuple[Problem, ...] = ()  # what works, and works badly: `retrouve check` tells


def parse_database(given: object, info: ValidationInfo) -> Secret:
    """`sqlite:///name` lies in the configuration's folder, `sqlite:////a/name` where it says."""
    parts = urlsplit(given) if isinstance(given, str) else urlsplit("")
    name = parts.path[1:]
    if parts.scheme == "sqlite" and name.strip("/") and not parts.netloc:
        folder: Path = (info.context or {}).get("folder") or Path()
        return Secret(f"sqlite:///{(folder / name).absolute()}")
    if parts.scheme in ("postgresql", "postgres") and name.strip("/"):
        return Secret(str(given))
    raise wrong("bad_database")


def parse_relay(given: object) -> Secret:
    try:
        parts = urlsplit(given) if isinstance(given, str) else urlsplit("")
        good = parts.scheme in ("smtp", "smtps", "smtp+starttls") and parts.hostname and (parts.port or True)
    except ValueError:
        good = False
    if not good:
        raise wrong("bad_relay")
    return Secret(str(given))


def parse_key(given: object) -> Secret:
    """Refuses what somebody made up, or copied from an example: whoever knows the key signs what they like."""
    if not isinstance(given, str) or len(given) < SHORTEST_KEY or len(set(given)) < SHORTEST_KEY // 4:
        raise wrong("short_key")
    if any(word in given.lower() for word in OF_AN_EXAMPLE):
        raise wrong("known_key")
    return Secret(given)


def parse_network(given: object) -> str:
    try:
        return str(ipaddress.ip_network(str(given)))
    except ValueError:
        raise wrong("bad_network") from None


def parse_listening(given: object) -> str:
    """`host:port`, or nothing."""
    if given == "":
        return ""
    try:
        parts = urlsplit(f"//{given}")
        good = bool(parts.hostname and parts.port and not parts.path and not parts.username)
    except ValueError:
        good = False
    if not good:
        raise wrong("bad_listening")
    return str(given)


class HashingTable(Table):
    memory_kib: int = Field(
        default=65_536, ge=1, le=MOST_MEMORY_KIB, description="Argon2id : mémoire par calcul, en Kio."
    )
    time: int = Field(default=3, ge=1, le=MOST_PASSES, description="Argon2id : nombre de passes.")
    parallelism: int = Field(default=4, ge=1, le=16, description="Argon2id : fils par calcul.")
    at_once: int = Field(default=2, ge=1, le=64, description="Combien de calculs à la fois ; les autres attendent.")


class ServerTable(Table):
    database_url: Annotated[Any, BeforeValidator(parse_database)] = Field(
        description="`sqlite:///nom` (dans ce dossier), `sqlite:////chemin` ou `postgresql://…`."
    )
    smtp_url: Annotated[Any, BeforeValidator(parse_relay)] = Field(
        description="Le relais de courriel : `smtp://`, `smtps://` ou `smtp+starttls://`."
    )
    secret_key: Annotated[Any, BeforeValidator(parse_key)] = Field(
        description="Une clé secrète, tirée au hasard : 32 caractères au moins."
    )
    base_url: Url = Field(description="L’adresse publique du serveur : elle figure dans les courriels.")
    trusted_proxies: list[Annotated[Any, BeforeValidator(parse_network)]] = Field(
        default=[], description="Les mandataires dont on croit `X-Forwarded-For`."
    )
    host: str = Field(default="127.0.0.1", description="L’adresse où écouter.")
    port: int = Field(default=8000, ge=1, le=65535, description="Le port où écouter.")
    threads: int = Field(default=16, ge=1, le=256, description="Combien de pages à la fois.")
    metrics: Annotated[Any, BeforeValidator(parse_listening)] = Field(
        default="127.0.0.1:9464",
        description="Où servir les mesures (Prometheus), comme `127.0.0.1:9464` ; vide pour ne pas les servir.",
    )
    log_level: Annotated[LogLevel, Strict(strict=False)] = Field(
        default=LogLevel.INFO,
        description="Ce qui est écrit dans le journal : `debug`, `info`, `warning`, `error`.",
    )
    hashing: HashingTable = Field(default=HashingTable(), description="Le coût des empreintes de mots de passe.")
    sealed_lasts: Duration = Field(
        default=timedelta(hours=1),
        description="Combien de temps un nouveau mot de passe, scellé, attend un annuaire en panne : de 5 minutes à "
        "24 heures.",
    )
    directory: dict[str, Any] = Field(default={}, description="Les annuaires, chacun sous son nom.")


def load_server(folder: Path, environment: Mapping[str, str], languages: tuple[str, ...] = ("fr",)) -> ServerConfig:
    """Raises `ConfigurationProblems` with all that is wrong in the file and in the environment."""
    file = folder / "server.toml"
    document = read_document(file)
    secrets = secret_variables(document)
    overrides, problems = overrides_of(file, environment, (*OVERRIDES, *secrets))
    settings = {OVERRIDES[name]: value for name, value in overrides.items() if name in OVERRIDES}
    merged = Document(file, {**document.data, **settings}, document.nodes)
    context = {"folder": folder, "languages": languages}
    directories: dict[str, DirectoryConfig] = {}
    try:
        table = validated(merged, ServerTable, context)
        problems += cross_checks(document, table)
        given = {secrets[name]: value for name, value in overrides.items() if name in secrets}
        directories = directories_of(document, table.directory, given, context)
    except ConfigurationProblems as found:
        raise ConfigurationProblems([*problems, *found.problems]) from None
    if problems:
        raise ConfigurationProblems(problems)
    doubts = [
        document.problem(("directory", name, key), code)
        for name, directory in directories.items()
        for key, code in directory.doubts()
    ]
    return server_of(table, directories, doubts)


def cross_checks(document: Document, table: ServerTable) -> list[Problem]:
    problems = []
    hashing = table.hashing
    if not any(hashing.memory_kib >= memory and hashing.time >= time for memory, time in FLOOR):
        problems.append(document.problem(("hashing",), "weak_hashing"))
    if not SHORTEST_SEALED <= table.sealed_lasts <= LONGEST_SEALED:
        problems.append(
            document.problem(
                ("sealed_lasts",),
                "out_of_range",
                expected_fr="de 5 minutes à 24 heures",
                expected_en="5 minutes to 24 hours",
            )
        )
    return problems


def overrides_of(
    file: Path, environment: Mapping[str, str], names: Sequence[str]
) -> tuple[dict[str, str], list[Problem]]:
    """What the environment gives under each of `names`, and what is wrong with its variables."""
    found: dict[str, str] = {}
    problems: list[Problem] = []
    for name in names:
        from_file = environment.get(name + FILE_SUFFIX)
        if name in environment and from_file:
            problems.append(Problem(file, 0, 0, OVERRIDES.get(name, ""), "both_given", {"name": name}))
        elif name in environment:
            found[name] = environment[name]
        elif from_file:
            try:
                found[name] = Path(from_file).read_text("utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                reason = type(error).__name__
                problems.append(Problem(Path(from_file), 0, 0, name + FILE_SUFFIX, "not_readable", {"reason": reason}))
    return found, problems + unknown_variables(file, environment, names)


def unknown_variables(file: Path, environment: Mapping[str, str], names: Sequence[str]) -> list[Problem]:
    known = [*names, *(name + FILE_SUFFIX for name in names), *OTHERS]
    given = [name for name in environment if name.startswith("RETROUVE_") and not name.startswith(OF_TESTS)]
    return [
        Problem(file, 0, 0, name, "unknown_variable", {}, nearest(name, known)) for name in given if name not in known
    ]


def server_of(
    table: ServerTable, directories: Mapping[str, DirectoryConfig], doubts: Sequence[Problem]
) -> ServerConfig:
    hashing = table.hashing
    return ServerConfig(
        database_url=table.database_url,
        smtp_url=table.smtp_url,
        secret_key=table.secret_key,
        base_url=table.base_url.rstrip("/"),
        allowed_hosts=(urlsplit(table.base_url).hostname or "",),
        trusted_proxies=tuple(table.trusted_proxies),
        hashing=HashingCost(hashing.memory_kib, hashing.time, hashing.parallelism, hashing.at_once),
        host=table.host,
        port=table.port,
        threads=table.threads,
        log_level=table.log_level,
        metrics=table.metrics,
        sealed_lasts=table.sealed_lasts,
        directories=directories,
        doubts=tuple(doubts),
    )
