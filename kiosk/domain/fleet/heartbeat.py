"""What a kiosk says of itself every half minute: `Report`, version 1, inside `wire.Heartbeat`.

Every value may be missing, and a missing value means "not known": nothing may read it as healthy
(see `kiosk.domain.fleet.condition`). A value that this kiosk cannot have (a board without a sensor, a kiosk that nobody
has used yet) is named in `without`, so that "has none" is said and never guessed. A newer kiosk may say more than this
backend knows, and one value out of shape must not make a kiosk unheard: `read_report` drops what it cannot read.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

REPORT_VERSION = 1
BEAT_EVERY_SECONDS = 30
MAX_EXPIRIES = 20

Word = Annotated[str, StringConstraints(max_length=40, pattern=r"^[\w.+-]*$")]
Count = Annotated[int, Field(ge=0, le=10**12)]


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class DeviceState(StrEnum):
    """What a device is to a parent."""

    READY = "ready"
    TROUBLE = "trouble"  # it answers, and says what is wrong; or surely is not there
    UNKNOWN = "unknown"  # silent, garbled, not asked yet


class DeviceReport(_Said):
    """One device. `since`: when it came into this state; `uses` and `errors` are of the last hour."""

    state: DeviceState = DeviceState.UNKNOWN
    detail: Word = ""  # the driver's own word: "paper-out", "silent", "disconnected"
    since: AwareDatetime | None = None
    uses: Count | None = None
    errors: Count | None = None


class Restart(StrEnum):
    """Why the program that runs now was started."""

    FIRST = "first"  # nothing ran here before
    POWER = "power"  # the whole machine was started anew
    ORDERED = "ordered"  # staff asked for it, at the kiosk or from the console
    STOPPED = "stopped"  # it was ended in good order: an update, the service manager
    CRASHED = "crashed"  # it ended without a word, and the machine ran on


class Expiry(_Said):
    """A certificate or key that ends some day."""

    name: Annotated[str, StringConstraints(max_length=80)]
    at: AwareDatetime


class Report(_Said):
    """The whole report. Lengths in millimetres, sizes in bytes, times aware, the rest as its name says."""

    version: Annotated[int, Field(ge=1, le=1000)] = REPORT_VERSION
    # The program
    boot_id: Word | None = None
    uptime_seconds: Annotated[float, Field(ge=0)] | None = None  # of the machine
    started_at: AwareDatetime | None = None  # of the program
    restart: Restart | None = None
    last_frame_at: AwareDatetime | None = None  # a picture was drawn and shown
    last_visit_at: AwareDatetime | None = None  # a visit was finished with a ticket
    # Devices and what they use up
    reader: DeviceReport | None = None
    terminal: DeviceReport | None = None
    printer: DeviceReport | None = None
    paper_left_mm: Count | None = None
    faults: Annotated[tuple[Word, ...], Field(max_length=30)] | None = None  # of `kiosk.visit.events.Fault`
    # The record
    oldest_entry_at: AwareDatetime | None = None  # of those that wait for the backend
    open_cases: Count | None = None
    # The machine
    clock_offset_seconds: Annotated[float, Field(ge=-(10**10), le=10**10)] | None = None  # the backend's minus ours
    cpu_percent: Annotated[float, Field(ge=0, le=100)] | None = None
    memory_percent: Annotated[float, Field(ge=0, le=100)] | None = None
    temperature_celsius: Annotated[float, Field(ge=-60, le=200)] | None = None
    undervoltage: bool | None = None
    disk_free_bytes: Count | None = None
    disk_total_bytes: Count | None = None
    disk_writes: bool | None = None  # a write that was checked reached the disk
    # What is to come
    expiring: Annotated[tuple[Expiry, ...], Field(max_length=MAX_EXPIRIES)] | None = None
    pending_update: Word | None = None  # a version that counts from the next start; "" for none
    without: Annotated[tuple[Word, ...], Field(max_length=30)] = ()


# What is missing in good health, too: an empty queue has no oldest entry.
_ABSENT_IN_HEALTH = frozenset({"oldest_entry_at"})
REPORTED: frozenset[str] = frozenset(Report.model_fields) - {"version", "without"} - _ABSENT_IN_HEALTH


def read_report(raw: Mapping[str, Any] | None) -> tuple[Report, tuple[str, ...]]:
    """The report as far as it can be read, and the names of the values that cannot: they are not known."""
    if raw is None:
        return Report(), ()
    try:
        return Report.model_validate(raw), ()
    except ValidationError as problem:
        unreadable = {str(error["loc"][0]) for error in problem.errors(include_url=False) if error["loc"]}
    try:
        rest = {name: value for name, value in raw.items() if name not in unreadable}
        return Report.model_validate(rest), tuple(sorted(unreadable))
    except ValidationError:  # a fault that no single value has
        return Report(), ("report",)
