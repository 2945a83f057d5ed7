"""What can be wrong with a profile, in words a clerk can act on."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, get_args

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
    "string_type": "must be text in quotes",
    "string_too_short": "must not be empty",
    "string_pattern_mismatch": "must be lower-case letters, digits and hyphens only",
    "too_short": "must have at least {min_length} entry",
    "tuple_type": "must be a list in square brackets",
    "mapping_type": "must be a table",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "model_attributes_type": "must be a table",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number without quotes",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "date_type": "must be a date such as 2027-01-01",
    "date_parsing": "must be a date such as 2027-01-01",
    "date_from_datetime_parsing": "must be a date such as 2027-01-01",
    "date_from_datetime_inexact": "must be a date such as 2027-01-01",
    "time_type": 'must be a clock time such as "15:00"',
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le} or less",
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


def faults_of_toml(error: tomllib.TOMLDecodeError) -> list[ProfileFault]:
    """The one fault of a text that is not TOML, with its line and column."""
    message, bracket, rest = str(error).partition(" (at ")
    return [ProfileFault(rest.rstrip(")") if bracket else "the file", "", f"this is not TOML: {message}")]


def faults_of_validation(error: ValidationError, model: type[BaseModel]) -> list[ProfileFault]:
    """Every fault that the models found."""
    return [_fault(details, model) for details in error.errors(include_url=False)]


def _fault(details: ErrorDetails, model: type[BaseModel]) -> ProfileFault:
    path = [part for part in details["loc"] if part != "[key]"]
    value, kind, context = details["input"], details["type"], details.get("ctx", {})
    place = place_of(path)
    if kind == "missing":
        return ProfileFault(place, "", "this is missing and must be given")
    if kind == "extra_forbidden":
        return ProfileFault(place, shown(value), f"there is no such key here; {_keys(path, model)}")
    if kind == "string_pattern_mismatch" and "[key]" in details["loc"]:
        return ProfileFault(place, shown(value), 'must be a language of two letters, such as "nl"')
    return ProfileFault(place, shown(value), _right(kind, context, details["msg"]))


def _right(kind: str, context: Mapping[str, Any], message: str) -> str:
    """What would be right, in words of our own for the kinds of fault that people make in a profile."""
    if kind == "value_error":
        return f"must be {context['error']}"
    if kind in ("enum", "literal_error"):
        return f"must be {context['expected']}".replace("'", '"')
    if kind in _RIGHT:
        return _RIGHT[kind].format(**context)
    return f"must be {message.removeprefix('Input should be ')}" if message.startswith("Input") else message


def _keys(path: Sequence[str | int], model: type[BaseModel]) -> str:
    """Which keys would be right where an unknown one stands: the nearest by spelling first."""
    found: type[BaseModel] | None = model
    for part in path[:-1]:
        if isinstance(part, str) and found is not None and _has_field(found, part):
            found = _model_of(_annotation(found, part))
    if found is None:
        return "leave it out"
    known = [field.alias or name for name, field in found.model_fields.items()]
    near = get_close_matches(str(path[-1]), known, n=1)
    return f'perhaps "{near[0]}"' if near else "known are " + ", ".join(known)


def _has_field(model: type[BaseModel], key: str) -> bool:
    return any(key in (name, field.alias) for name, field in model.model_fields.items())


def _annotation(model: type[BaseModel], key: str) -> Any:
    return next(field.annotation for name, field in model.model_fields.items() if key in (name, field.alias))


def _model_of(annotation: Any) -> type[BaseModel] | None:
    """The model inside a tuple, a mapping, an annotation or a union; None where there is none."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in get_args(annotation):
        found = _model_of(inner)
        if found is not None:
            return found
    return None
