"""What can be wrong with a profile, in words a clerk can act on."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from enum import StrEnum
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails


@dataclass(frozen=True, slots=True)
class ProfileFault:
    """One fault: what stands there as `value`, and what would be `right`.

    `place` is a TOML path such as `tariffs[2].fees.urgent`, or a line; `value` is empty where something is missing.
    """

    place: str
    value: str
    right: str

    def __str__(self) -> str:
        return f"{self.place}: {self.value}; {self.right}" if self.value else f"{self.place}: {self.right}"


class ProfileFaults(ValueError):
    """A profile that cannot be used, with all that is wrong with it."""

    def __init__(self, faults: Iterable[ProfileFault]):
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


_RIGHT = {
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
    "string_pattern_mismatch": "must be lower-case letters, digits and hyphens only",
    "too_short": "must have at least {min_length} entry",
    "int_type": "must be a whole number without quotes",
    "int_parsing": "must be a whole number without quotes",
    "int_from_float": "must be a whole number",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le} or less",
}

# What people mostly did, by how Python's reader of TOML begins its message.
_NOT_TOML = {
    "Invalid value": "text needs quotation marks, a date is written 2027-01-01, a list stands in [ ]",
    "Illegal character": "the closing quotation mark is missing, or something that cannot be seen is in the text",
    "Expected newline": "after a value nothing more may stand on the line; a date must be one of the calendar",
    "Cannot overwrite": "this key is there twice",
    "Cannot declare": "this block is there twice; one of several is written with [[ ]]",
    "Expected '='": "a line must be key = value, or a [block]",
    "Invalid statement": "a line must be key = value, or a [block]",
    "Invalid initial character for a key": "a line must be key = value, or a [block]",
    "Unclosed array": "the closing ] is missing",
    "Unclosed inline table": "the closing } is missing",
    "Unterminated string": "the closing quotation mark is missing",
}


def place_of(path: Sequence[str | int]) -> str:
    """A TOML path as people write it; entries of lists are counted from 1, as in the file."""
    place = ""
    for part in path:
        if isinstance(part, int):
            place += f"[{part + 1}]"
        else:
            place += f".{part}" if place else part
    return place


def shown(value: Any) -> str:
    """A value as it stands in the file, cut short where it is long."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "…"


def one_of(what: str, known: Iterable[str], value: str = "") -> str:
    """What would be right where a name is not one of those that are known: the nearest by spelling first."""
    known = [str(name) for name in known]
    names = ", ".join(f'"{name}"' for name in known)
    right = f"must be {what}: {names}" if names else f"must be {what}, and there is none"
    return perhaps(value, known) + right


def perhaps(value: str, known: Iterable[str]) -> str:
    """`perhaps "photo"; `, or nothing where no known name is like the value."""
    near = get_close_matches(value, [*known], n=1)
    return f'perhaps "{near[0]}"; ' if near else ""


def faults_of_toml(error: tomllib.TOMLDecodeError, text: str) -> list[ProfileFault]:
    """The one fault of a text that is not TOML, with its line and column, and what stands on that line."""
    message, bracket, rest = str(error).partition(" (at ")
    place = rest.rstrip(")") if bracket else "the file"
    number = re.match(r"line (\d+)", place)
    lines = text.split("\n")
    line = lines[int(number[1]) - 1].strip() if number and int(number[1]) <= len(lines) else ""
    right = next((right for begin, right in _NOT_TOML.items() if message.startswith(begin)), message)
    seen = "".join(char if char.isprintable() else "�" for char in line)
    return [ProfileFault(place, seen if len(seen) <= 60 else seen[:57] + "…", f"this is not TOML: {right}")]


def faults_of_validation(error: ValidationError, model: type[BaseModel]) -> list[ProfileFault]:
    """Every fault that the models found; that a list is too short only where nothing is wrong within it."""
    found = error.errors(include_url=False)
    places = [details["loc"] for details in found]
    return [
        _fault(details, model)
        for details in found
        if details["type"] != "too_short"
        or not any(
            len(place) > len(details["loc"]) and place[: len(details["loc"])] == details["loc"] for place in places
        )
    ]


def _fault(details: ErrorDetails, model: type[BaseModel]) -> ProfileFault:
    path = [part for part in details["loc"] if part != "[key]"]
    value, kind = details["input"], details["type"]
    place = place_of(path)
    if kind == "missing":
        annotation = _annotation_at(path, model)
        wanted = _block(place, annotation) or _wanted(annotation)
        return ProfileFault(place, "", f"this is missing and must be given{': ' if wanted else ''}{wanted}")
    if kind == "extra_forbidden":
        return ProfileFault(place, shown(value), f"there is no such key here; {_keys(path, model)}")
    if kind == "string_pattern_mismatch" and "[key]" in details["loc"] and path[0] != "procedures":
        return ProfileFault(place, shown(value), 'must be a language of two letters, such as "nl"')
    return ProfileFault(place, shown(value), _right(details, path, model))


def _right(details: ErrorDetails, path: Sequence[str | int], model: type[BaseModel]) -> str:
    """What would be right, in words of our own for the kinds of fault that people make in a profile."""
    kind, context, value = details["type"], details.get("ctx", {}), details["input"]
    if "fees" in path and kind.startswith("int_"):
        return _cents(value)
    if kind == "value_error":
        return f"must be {context['error']}"
    if kind in ("enum", "literal_error"):
        known = re.findall(r"'([^']+)'", context["expected"])
        return perhaps(str(value), known) + f"must be {context['expected']}".replace("'", '"')
    if kind in _RIGHT:
        return _RIGHT[kind].format(**context)
    wanted = _wanted(_annotation_at(path, model))
    if wanted:
        return f"must be {wanted}"
    message = details["msg"]
    return f"must be {message.removeprefix('Input should be ')}" if message.startswith("Input") else message


def _cents(value: Any) -> str:
    """Fees are in cents; what was meant, where euros were written."""
    try:
        cents = Decimal(re.sub(r"[€\s]", "", str(value)).replace(",", ".")) * 100
        meant = int(cents) if cents == int(cents) and 0 <= cents < 10_000_000 else None
    except (InvalidOperation, ValueError, OverflowError):
        meant = None
    right = "must be a whole number of cents without quotes"
    return f"{right}, such as 1070 for € 10,70" if meant is None else f"{right}: {meant}"


def _wanted(annotation: Any) -> str:
    """What a key wants, in words; empty where there are none."""
    annotation = _bare(annotation)
    kinds = {
        bool: "true or false",
        int: "a whole number",
        str: "text in quotes",
        date: "a date such as 2027-01-01",
        time: 'a clock time such as "15:00"',
    }
    if annotation in kinds:
        return kinds[annotation]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "a table"
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return "one of " + ", ".join(f'"{value}"' for value in annotation)
    if get_origin(annotation) is tuple:
        return "a list in square brackets"
    if get_origin(annotation) is Mapping:
        words = _bare(get_args(annotation)[1]) is str
        return 'words by language, such as { nl = "…", fr = "…" }' if words else "a table"
    return ""


def _block(place: str, annotation: Any) -> str:
    """A whole block, as it is headed in the file; empty for what is no block."""
    annotation, several = _bare(annotation), get_origin(_bare(annotation)) is tuple
    inner = get_args(annotation)[-1 if get_origin(annotation) is Mapping else 0] if get_args(annotation) else annotation
    if not (isinstance(_bare(inner), type) and issubclass(_bare(inner), BaseModel)):
        return ""
    if several:
        return f"a block [[{place}]]"
    return f"a block [{place}]" if inner is annotation else f"a block such as [{place}.name]"


def _annotation_at(path: Sequence[str | int], model: type[BaseModel]) -> Any:
    annotation: Any = model
    for part in path:
        annotation = _bare(annotation)
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            fields = annotation.model_fields.items()
            annotation = next((field.annotation for name, field in fields if part in (name, field.alias)), None)
        else:
            inner = get_args(annotation)
            annotation = inner[1 if get_origin(annotation) is Mapping else 0] if inner else None
    return annotation


def _bare(annotation: Any) -> Any:
    """Without what is annotated, and without None."""
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return _bare(next(inner for inner in get_args(annotation) if inner is not type(None)))
    return annotation


def _keys(path: Sequence[str | int], model: type[BaseModel]) -> str:
    """Which keys would be right where an unknown one stands: the nearest by spelling first."""
    found = _bare(_annotation_at(path[:-1], model))
    if not (isinstance(found, type) and issubclass(found, BaseModel)):
        return "leave it out"
    known = [field.alias or name for name, field in found.model_fields.items()]
    near = get_close_matches(str(path[-1]), known, n=1)
    return f'perhaps "{near[0]}"' if near else "known are " + ", ".join(known)
