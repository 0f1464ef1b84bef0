"""From what pydantic refuses to problems with a place in the file and a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from retrouve.config.documents import Document, Path_
from retrouve.config.problems import ConfigurationProblems, Problem, nearest
from retrouve.config.sentences import SENTENCES


class Table(BaseModel):
    """A table of a file: nothing unknown, nothing converted in silence, nothing changed afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


EXPECTED = {
    "string_type": ("un texte entre guillemets", "a text in quotes"),
    "int_type": ("un nombre entier", "a whole number"),
    "int_from_float": ("un nombre entier", "a whole number"),
    "bool_type": ("true ou false", "true or false"),
    "list_type": ("une liste", "a list"),
    "tuple_type": ("une liste", "a list"),
    "dict_type": ("une table", "a table"),
    "model_type": ("une table", "a table"),
    "model_attributes_type": ("une table", "a table"),
}


TableT = TypeVar("TableT", bound=Table)


def validated(document: Document, model: type[TableT], context: Mapping[str, object]) -> TableT:
    """The document as `model`; raises `ConfigurationProblems` with all that is wrong."""
    return table_at(document, (), document.data, model, context)


def table_at(
    document: Document, at: Path_, given: object, model: type[TableT], context: Mapping[str, object]
) -> TableT:
    """What the document holds at `at`, `given`, as `model`."""
    try:
        return model.model_validate(given, context=dict(context))
    except ValidationError as error:
        raise ConfigurationProblems(problems_of(document, at, model, error)) from None


def problems_of(document: Document, at: Path_, model: type[Table], error: ValidationError) -> Iterator[Problem]:
    for one in error.errors(include_url=False):
        yield problem_of(document, at, model, one)


def problem_of(document: Document, at: Path_, model: type[Table], error: Mapping[str, Any]) -> Problem:
    within: Path_ = tuple(error["loc"])
    path = (*at, *within)
    kind, context = error["type"], error.get("ctx", {})
    match kind:
        case "enum" if path[-1] == "[key]":
            known = expected_of(context)
            return document.problem(path[:-1], "unknown_key", nearest=nearest(str(path[-2]), known))
        case "extra_forbidden":
            return document.problem(path, "unknown_key", nearest=nearest(str(path[-1]), keys_at(model, within[:-1])))
        case "missing":
            return document.problem(path, "missing_key")
        case "enum":
            known = expected_of(context)
            suggestion = nearest(str(error["input"]), known)
            return document.problem(path, "not_one_of", expected=", ".join(known), nearest=suggestion)
        case _ if kind in SENTENCES:
            return document.problem(path, kind, **{name: str(value) for name, value in context.items()})
        case _:
            french, english = EXPECTED.get(kind) or (error["msg"], error["msg"])
            return document.problem(path, "wrong_type", expected_fr=french, expected_en=english)


def expected_of(context: Mapping[str, Any]) -> list[str]:
    """The words that pydantic lists as `'code', 'link' or 'both'`."""
    return str(context["expected"]).replace(" or ", ", ").replace("'", "").split(", ")


def keys_at(model: type[Table], path: Path_) -> list[str]:
    """The keys that the table at `path` may hold."""
    table: type[Table] | None = model
    for step in path:
        if isinstance(step, int) or table is None:
            continue
        table = table_of(fields_by_key(table).get(step))
    return list(fields_by_key(table)) if table else []


def fields_by_key(table: type[Table]) -> dict[str, Any]:
    return {field.alias or name: field.annotation for name, field in table.model_fields.items()}


def table_of(annotation: Any) -> type[Table] | None:
    """The table inside `Table | None`, `list[Table]`, `dict[str, Table]`."""
    if isinstance(annotation, type) and issubclass(annotation, Table):
        return annotation
    return next((found for found in map(table_of, get_args(annotation)) if found), None)
