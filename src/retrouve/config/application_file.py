"""One application: a table of the portal's file, or a file of its own for `retrouve applications add`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from retrouve.config.documents import Document, Path_, read_document
from retrouve.config.problems import ConfigurationProblems, Problem
from retrouve.config.tables import ApplicationTable
from retrouve.config.validation import validated
from retrouve.domain.applications import Application, Scope, Subject

LONGEST_ABSENCE = timedelta(hours=24)
DIGEST_PREFIX = "sha256:"
MARKS_OF_METADATA = (b"EntityDescriptor", b"AssertionConsumerService")


def application_of(table: ApplicationTable, folder: Path | None = None) -> Application:
    """`folder` is that of the portal’s file."""
    return Application(
        client_id=table.id,
        name=table.name,
        home=table.home,
        redirect_addresses=tuple(table.redirect),
        after_sign_out=tuple(table.after_sign_out),
        told_of_sign_out_at=table.told_of_sign_out_at or "",
        start=table.start or "",
        secret_digest=(table.secret or "").removeprefix(DIGEST_PREFIX),
        scopes=tuple(table.scopes),
        subject=table.subject,
        asks_consent=table.consent,
        comes_back_within=table.comes_back_within,
        services=tuple(table.services),
        saml_metadata=folder / table.saml if folder and table.saml else None,
    )


def application_problems(document: Document, at: Path_, table: ApplicationTable) -> Iterator[Problem]:
    if not table.redirect and not table.services and not table.saml:
        yield document.problem(at, "leads_nowhere")
    if table.saml:
        yield from saml_problems(document, (*at, "saml"), table.saml)
    for key in ("redirect", "services", "after_sign_out"):
        for index, address in enumerate(getattr(table, key)):
            if urlsplit(address).fragment or "#" in address:
                yield document.problem((*at, key, index), "no_fragment")
    if table.consent and (table.services or table.saml or not table.redirect):
        yield document.problem((*at, "consent"), "consent_needs_openid")
    if Scope.OPENID not in table.scopes:
        yield document.problem((*at, "scopes"), "needs_openid")
    if table.subject is Subject.PAIRWISE and len({urlsplit(one).hostname for one in table.redirect}) > 1:
        yield document.problem((*at, "subject"), "several_sectors")
    if not timedelta(0) < table.comes_back_within <= LONGEST_ABSENCE:
        yield document.problem(
            (*at, "comes_back_within"), "out_of_range", expected_fr="24 h au plus", expected_en="24 h at most"
        )


def saml_problems(document: Document, at: Path_, name: str) -> Iterator[Problem]:
    if find_spec("saml2") is None:
        yield document.problem(at, "needs_extra", extra="saml")
    if len(at) == 1:
        yield document.problem(at, "in_portal_file")
    elif "/" in name or "\\" in name or not name.endswith(".xml"):
        yield document.problem(at, "bad_metadata_name")
    elif not (document.file.parent / name).is_file():
        yield document.problem(at, "no_such_file")
    elif not all(mark in (document.file.parent / name).read_bytes() for mark in MARKS_OF_METADATA):
        yield document.problem(at, "no_metadata")


def load_application(file: Path, languages: tuple[str, ...]) -> Mapping[str, Any]:
    """What the file holds, once it was found right: to be kept as it is. Raises `ConfigurationProblems`."""
    document = read_document(file)
    table = validated(document, ApplicationTable, {"languages": languages})
    problems = list(application_problems(document, (), table))
    if problems:
        raise ConfigurationProblems(problems)
    kept: Mapping[str, Any] = document.data
    return kept


def application_from(definition: Mapping[str, Any], languages: tuple[str, ...]) -> Application:
    """What `load_application` returned. Raises `pydantic.ValidationError` where this version reads it no more."""
    return application_of(ApplicationTable.model_validate(dict(definition), context={"languages": languages}))
