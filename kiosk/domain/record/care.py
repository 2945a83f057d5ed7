"""What staff did at a kiosk, as entries of the record: who came in, what was refilled, cleaned, tested, set.

A member of staff is named by the id of the kiosk's roster (`kiosk.staff.roster`), never by a national number.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from kiosk.domain.opening import OpenDay
from kiosk.domain.record.body import Body

# How somebody comes in: their own eID or residence card, their town's staff badge, or a code with an authenticator.
Way = Literal["card", "badge", "code"]
MemberId = Annotated[str, Field(max_length=20)]
Percent = Annotated[int, Field(ge=0, le=100)]


class StaffEntered(Body):
    """Somebody opened service mode."""

    kind: Literal["staff_entered"] = "staff_entered"
    member: MemberId
    by: Way


class StaffRefused(Body):
    """Somebody tried, and was not let in. Who it was is not known, and what they typed is not kept.

    `why` a card opens nothing: "unknown" is not on the roster, the others are of `kiosk.devices.badge`.
    """

    kind: Literal["staff_refused"] = "staff_refused"
    by: Way
    why: Annotated[str, Field(max_length=20)] = ""


class StaffLeft(Body):
    """Service mode ended: by hand, or because nobody touched the screen."""

    kind: Literal["staff_left"] = "staff_left"
    member: MemberId
    timed_out: bool = False


class PaperRefilled(Body):
    """A new roll is in: from here on the paper is counted anew. `left_mm` is what was left of the old one, if known."""

    kind: Literal["paper_refilled"] = "paper_refilled"
    roll_mm: int = Field(gt=0, le=1_000_000)
    left_mm: int | None = None
    member: MemberId = ""


class PaperPrinted(Body):
    """So much of the roll came out: a ticket, a slip, a test page. Counted by the kiosk, not measured."""

    kind: Literal["paper_printed"] = "paper_printed"
    millimetres: int = Field(ge=0, le=1_000_000)


class DeviceCleaned(Body):
    """The head of the printer or the contacts of the reader were cleaned."""

    kind: Literal["device_cleaned"] = "device_cleaned"
    device: Literal["printer", "reader"]
    member: MemberId


class DeviceChecked(Body):
    """A guided test of a device ended. `failed_step` is the one that did not work."""

    kind: Literal["device_checked"] = "device_checked"
    device: Annotated[str, Field(max_length=20)]
    verdict: Literal["passed", "failed", "unknown"]
    failed_step: Annotated[str, Field(max_length=40)] | None = None
    detail: Annotated[str, Field(max_length=200)] = ""
    member: MemberId = ""


class ReadinessReported(Body):
    """What all tests came to, as it was printed: each device that is fitted, and its last verdict."""

    kind: Literal["readiness_reported"] = "readiness_reported"
    verdicts: dict[str, Literal["passed", "failed", "unknown"]]
    member: MemberId = ""


class SettingChanged(Body):
    """Staff set something at the kiosk; what is None was left alone."""

    kind: Literal["setting_changed"] = "setting_changed"
    member: MemberId
    volume: Percent | None = None
    brightness: Percent | None = None
    languages: tuple[str, ...] | None = None
    hours: tuple[OpenDay, ...] | None = None  # empty: open at every hour
