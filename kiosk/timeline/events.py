"""What an entry of the journal or a line of the log means on the axis of time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, get_args
from uuid import UUID

from kiosk.domain.record.entries import EntryBody
from kiosk.journal.vault import SEALED
from kiosk.logs import without_people


class Track(StrEnum):
    """The line of the picture on which an event stands."""

    VISIT = "visit"
    CARD = "card"
    PAYMENT = "payment"
    PRINT = "print"
    SERVICE = "service"  # faults, staff, and the program itself
    LINE = "line"  # to the backend


@dataclass(frozen=True, slots=True)
class Moment:
    """One event: when (aware), on which track, what, and harmless details. `recorded`: it is on the record."""

    at: datetime
    track: Track
    what: str
    details: Mapping[str, Any] = field(default_factory=dict)
    visit_id: UUID | None = None
    sequence: int | None = None  # its place in the journal
    alarming: bool = False

    @property
    def recorded(self) -> bool:
        """Whether the journal says so; otherwise it is a line of the log."""
        return self.sequence is not None


# Kinds of entries by the first word that tells. What none of them tells is the visit's own.
_TRACKS_OF_KINDS: tuple[tuple[Track, tuple[str, ...]], ...] = (
    (Track.CARD, ("card_",)),
    (Track.PAYMENT, ("payment_", "case_", "day_", "end_of_day", "terminal_")),
    (Track.PRINT, ("print_", "ticket_", "paper_", "slip_")),
    (Track.SERVICE, ("service_", "staff_", "device_", "readiness_", "setting_", "order_")),
    (Track.VISIT, ("visit_", "request_", "slot_", "appointment_")),
)

# A logger's last word, or one before it.
_TRACKS_OF_LOGGERS = {
    "reader": Track.CARD,
    "smartcard": Track.CARD,
    "terminal": Track.PAYMENT,
    "recovery": Track.PAYMENT,
    "zvt": Track.PAYMENT,
    "printer": Track.PRINT,
    "sync": Track.LINE,
    "httpx": Track.LINE,
}

# Said in the log of what the record says better, or at the same moment.
_TOLD_BY_THE_RECORD = frozenset({"recorded"})

_ALARMING_KINDS = frozenset(
    {
        "payment_unknown",
        "payment_approved_late",
        "payment_not_reversed",
        "case_opened",
        "day_not_closed",
        "print_failed",
        "staff_refused",
    }
)
_ALARMING_LEVELS = frozenset({"warning", "error", "critical"})

KINDS: frozenset[str] = frozenset(body.model_fields["kind"].default for body in get_args(get_args(EntryBody)[0]))


def of_entry(at: datetime, kind: str, body: Mapping[str, Any] | None, visit_id: UUID | None, sequence: int) -> Moment:
    """An entry of the journal; `body` is None where it names a person or has been erased."""
    alarming = kind in _ALARMING_KINDS
    details = dict(_harmless(body or {}))
    if kind == "service_changed":
        alarming = not details.get("in_service", True)
    elif kind == "device_checked":
        alarming = details.get("verdict") == "failed"
    return Moment(at, track_of_kind(kind), kind, details, visit_id, sequence, alarming)


def of_log_line(at: datetime, line: Mapping[str, Any]) -> Moment | None:
    """A line of the log; None where the record tells the same."""
    what = str(line.get("event", ""))
    if what in _TOLD_BY_THE_RECORD:
        return None
    details = {
        key: value
        for key, value in without_people(None, "", dict(line)).items()
        if key not in ("at", "event", "level", "logger")
    }
    alarming = str(line.get("level", "")) in _ALARMING_LEVELS
    if "exception" in details:  # the last line says what it was; the whole of it is in the log
        details["exception"] = str(details["exception"]).strip().splitlines()[-1]
    return Moment(at, _track_of_line(what, str(line.get("logger", ""))), what, details, alarming=alarming)


def track_of_kind(kind: str) -> Track:
    """Where entries of a kind stand."""
    return next((track for track, heads in _TRACKS_OF_KINDS if kind.startswith(heads)), Track.SERVICE)


def _track_of_line(what: str, logger: str) -> Track:
    if what == "situation":
        return Track.VISIT
    for word in reversed(logger.split(".")):
        if word in _TRACKS_OF_LOGGERS:
            return _TRACKS_OF_LOGGERS[word]
    return Track.SERVICE


def _harmless(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The body without its kind, without people, and with a receipt's numbers but not its text or card."""
    details = {key: value for key, value in body.items() if key not in ("kind", SEALED) and value not in (None, [], ())}
    receipt = details.pop("receipt", None)
    if isinstance(receipt, Mapping):
        for name in ("cents", "receipt_number", "trace_number", "terminal_id"):
            if receipt.get(name) is not None:
                details.setdefault(name, receipt[name])
    return without_people(None, "", details)
