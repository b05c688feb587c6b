"""Schemas as tables: each object of the OpenAPI document a list of fields with type and meaning."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from crosslift.web import openapi


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a schema, as a line of a table."""

    name: str
    kind: str
    is_required: bool
    about: str


@cache
def document() -> dict[str, Any]:
    """Give the OpenAPI document, made once."""
    return openapi.document()


def tables(
    schema: dict[str, Any] | None, seen: frozenset[str] = frozenset()
) -> Iterator[tuple[str, tuple[Field, ...]]]:
    """Give a table for each object in a schema, the outer ones first."""
    if schema is None:
        return
    for one in (schema, *schema.get("anyOf", ()), *schema.get("allOf", ())):
        found = _resolved(one)
        name = found.get("title", "")
        if "properties" not in found:
            if "items" in found:
                yield from tables(found["items"], seen)
            continue
        if name in seen:
            continue
        required = found.get("required", ())
        yield (
            name,
            tuple(
                Field(key, kind_of(part), key in required, _about(part)) for key, part in found["properties"].items()
            ),
        )
        for part in found["properties"].values():
            inner = _resolved(part)
            yield from tables(inner.get("items", inner), seen | {name})


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    reference = schema.get("$ref")
    return document()["components"]["schemas"][reference.rpartition("/")[2]] if reference else schema


def kind_of(schema: dict[str, Any]) -> str:
    """Name a type in a few words."""
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(kind_of(one) for one in schema["anyOf"]))
    found = _resolved(schema)
    if "enum" in found:
        return " | ".join(str(one) for one in found["enum"])
    if found.get("type") == "array":
        return f"list of {kind_of(found['items'])}" if "items" in found else "list"
    if "$ref" in schema:
        return str(found.get("title", "object"))
    kind = found.get("type", "any")
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


def _about(schema: dict[str, Any]) -> str:
    """Say what a field means, and its default where it has one worth saying."""
    text = schema.get("description") or next(
        (one["description"] for one in schema.get("anyOf", ()) if "description" in one and "$ref" not in one), ""
    )  # fmt: skip
    default = schema.get("default")
    return f"{text} Default: {default}.".strip() if default not in (None, False, [], {}, "") else str(text)
