"""The JSON Schema for editors: every profile of the product satisfies it, and slips of the pen do not."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest

from kiosk.domain.profiles.schema import profile_schema
from kiosk.profiles import PROFILE_FOLDER

FILES = [*sorted(PROFILE_FOLDER.glob("*.toml")), Path(__file__).parent / "profiles" / "everywhere.toml"]
SCHEMA = profile_schema()

# The words of JSON Schema that the schema uses, and that say nothing to check.
SILENT = {"title", "description", "default", "examples", "format", "$schema", "$defs"}


def faults(value: Any, schema: dict[str, Any], place: str = "") -> Iterator[str]:
    """Where a value does not satisfy a schema; for the words that our schema uses, and no others."""
    if "type" in schema and not HOLDS["type"](value, schema["type"]):
        yield f"{place}: type {schema['type']}"
        return
    for word, wanted in schema.items():
        if word in SILENT:
            continue
        if word == "$ref":
            yield from faults(value, SCHEMA["$defs"][wanted.removeprefix("#/$defs/")], place)
        elif word == "anyOf":
            if all(any(True for _ in faults(value, one, place)) for one in wanted):
                yield f"{place}: none of the choices"
        elif word == "properties":
            for key in value.keys() & wanted.keys():
                yield from faults(value[key], wanted[key], f"{place}.{key}")
        elif word == "additionalProperties":
            for key in value.keys() - schema.get("properties", {}).keys():
                if wanted is False:
                    yield f"{place}.{key}: no such key"
                elif wanted is not True:
                    yield from faults(value[key], wanted, f"{place}.{key}")
        elif word == "patternProperties":
            ((pattern, inner),) = wanted.items()
            for key in value:
                yield from faults(value[key], inner, f"{place}.{key}")
                if not re.search(pattern, key):
                    yield f"{place}.{key}: no such key"
        elif word == "propertyNames":
            for key in value:
                yield from faults(key, wanted, f"{place}.{key}")
        elif word == "items":
            for index, item in enumerate(value):
                yield from faults(item, wanted, f"{place}[{index}]")
        elif not HOLDS[word](value, wanted):
            yield f"{place}: {word} {wanted}"


TYPES = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict, "null": type(None)}
HOLDS = {
    "type": lambda value, wanted: isinstance(value, TYPES[wanted]) and not (wanted == "integer" and value is True),
    "enum": lambda value, wanted: value in wanted,
    "const": lambda value, wanted: value == wanted,
    "required": lambda value, wanted: set(wanted) <= value.keys(),
    "pattern": lambda value, wanted: re.search(wanted, value) is not None,
    "maxLength": lambda value, wanted: len(value) <= wanted,
    "minLength": lambda value, wanted: len(value) >= wanted,
    "minItems": lambda value, wanted: len(value) >= wanted,
    "minProperties": lambda value, wanted: len(value) >= wanted,
    "minimum": lambda value, wanted: value >= wanted,
    "maximum": lambda value, wanted: value <= wanted,
    "exclusiveMinimum": lambda value, wanted: value > wanted,
}


def as_an_editor_sees_it(path: Path) -> dict[str, Any]:
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    plain: dict[str, Any] = json.loads(json.dumps(data, default=_text))
    return plain


def _text(value: object) -> str:
    assert isinstance(value, date | time)
    return value.isoformat()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_profile_of_the_product_satisfies_the_schema(path: Path) -> None:
    assert [*faults(as_an_editor_sees_it(path), SCHEMA)] == []


@pytest.mark.parametrize(
    ("key", "value", "place"),
    [
        ("phnoe", "02", ".phnoe: no such key"),
        ("languages", [], ".languages: minItems 1"),
        ("version", 3, ".version: type string"),
        ("procedures", {"urgent": {"cut_off": "25:00"}}, ".procedures.urgent.cut_off: none of the choices"),
        ("tariffs", [{"from": "2026-01-01", "services": ["application"], "fees": {"n": 1}}], ".tariffs[0]: required"),
    ],
)
def test_a_slip_of_the_pen_does_not_satisfy_it(key: str, value: object, place: str) -> None:
    profile = as_an_editor_sees_it(FILES[0]) | {key: value}
    assert any(fault.startswith(place) for fault in faults(profile, SCHEMA))


def test_the_schema_knows_the_codes_and_the_keys_as_they_are_written() -> None:
    assert "photo" in SCHEMA["$defs"]["BringRule"]["properties"]["code"]["enum"]
    assert "from" in SCHEMA["$defs"]["Tariff"]["properties"]
    assert SCHEMA["$schema"].startswith("https://json-schema.org/")
