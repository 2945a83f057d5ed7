"""What a look at one part of the kiosk brings."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How bad it is. Only a fault keeps the kiosk, or a part of it, from working."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """One part: what was seen, and what to do where it is not well."""

    part: str
    verdict: Verdict
    what: str
    remedy: str = ""


def ok(part: str, what: str) -> Finding:
    """A finding that asks for nothing."""
    return Finding(part, Verdict.OK, what)


def warning(part: str, what: str, remedy: str) -> Finding:
    """A finding that somebody should know of."""
    return Finding(part, Verdict.WARNING, what, remedy)


def fault(part: str, what: str, remedy: str) -> Finding:
    """A finding that stops something."""
    return Finding(part, Verdict.FAULT, what, remedy)
