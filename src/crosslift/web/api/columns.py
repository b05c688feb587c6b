"""Canonical columns as JSON schemas: what a body may hold is what a file may hold."""

from collections.abc import Mapping, Sequence
from typing import Any

from crosslift.collect.schemas import SCHEMAS, Field, Type
from crosslift.web.api.operation import MAX_BATCH

JSON: Mapping[Type, dict[str, Any]] = {
    Type.TEXT: {"type": "string"},
    Type.INTEGER: {"type": "integer"},
    Type.NUMBER: {"type": "number"},
    Type.MONEY: {"type": ["string", "number"], "description": "Decimal amount; a string is exact."},
    Type.INSTANT: {"type": "string", "format": "date-time"},
    Type.DATE: {"type": "string", "format": "date"},
    Type.FLAG: {"type": "boolean"},
    Type.JSON: {"type": "object"},
    Type.CURRENCY: {"type": "string", "pattern": "^[A-Z]{3}$", "description": "ISO 4217."},
}


def schema_of(field: Field) -> dict[str, Any]:
    """Describe one column."""
    schema: dict[str, Any] = dict(JSON[field.type])
    if field.choices:
        schema["enum"] = list(field.choices)
    if field.low is not None:
        schema["minimum"] = field.low
    if field.high is not None:
        schema["maximum"] = field.high
    return schema


def row_of(dataset: str, needed: Sequence[str], about: str, **more: dict[str, Any]) -> dict[str, Any]:
    """Describe one row of a dataset; `more` are columns besides the canonical ones."""
    return {
        "type": "object",
        "properties": {**{field.name: schema_of(field) for field in SCHEMAS[dataset].fields}, **more},
        "required": list(needed),
        "description": about,
    }


def body_of(dataset: str, row: dict[str, Any], title: str) -> dict[str, Any]:
    """Describe a body that holds several rows."""
    several = {"type": "array", "minItems": 1, "maxItems": MAX_BATCH, "items": row}
    return {
        "title": title, "type": "object", "properties": {dataset: several}, "required": [dataset],
        "additionalProperties": False,
    }  # fmt: skip


def page_of(dataset: str, row: dict[str, Any], title: str) -> dict[str, Any]:
    """Describe an answer that holds some rows and where the next begin."""
    following = {"type": ["integer", "null"], "description": "Send it as `after`; null on the last page."}
    return {
        "title": title, "type": "object", "required": [dataset, "next"],
        "properties": {dataset: {"type": "array", "items": row}, "next": following},
    }  # fmt: skip
