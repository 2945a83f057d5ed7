"""The guided tests of the devices: for each device its steps, in order.

A step is done by the machine (a probe), by the person's eyes and ears (a question with "this does not work" beside
it), by reading a number off the printed page, or by touching every target of a grid. A device passes when every step
did; the first step that does not work ends its test. A device that is not fitted has no steps and no verdict.

Nothing here costs money: the terminal is asked how it is, never for a payment.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from kiosk.staff.events import Device


class Kind(StrEnum):
    """How a step is done."""

    PROBE = "probe"  # the machine looks
    LOOK = "look"  # the person answers: works, or does not
    NUMBER = "number"  # the person picks the number that they read on paper
    GRID = "grid"  # the person touches every target


class Probe(StrEnum):
    """What the machine can look at by itself."""

    READER_THERE = "reader-there"
    CARD_READ = "card-read"
    TERMINAL_STATUS = "terminal-status"
    PRINTER_STATUS = "printer-status"
    PRINT_TEST_PAGE = "print-test-page"
    SOUND_LEFT = "sound-left"
    SOUND_RIGHT = "sound-right"
    SOUND_HEADSET = "sound-headset"
    NETWORK = "network"
    CLOCK = "clock"
    DISK = "disk"
    BACKEND = "backend"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its name (words and picture go by it), and how it is done."""

    name: str
    kind: Kind
    probe: Probe | None = None


GRID_COLUMNS, GRID_ROWS = 4, 6  # targets of the touch screen's test: its corners, edges and middle

_look = Kind.LOOK


def _probe(name: str, probe: Probe) -> Step:
    return Step(name, Kind.PROBE, probe)


STEPS: dict[Device, tuple[Step, ...]] = {
    Device.READER: (
        _probe("reader-there", Probe.READER_THERE),
        Step("insert-test-card", _look),
        _probe("card-read", Probe.CARD_READ),
        Step("remove-test-card", _look),
    ),
    Device.TERMINAL: (
        _probe("terminal-status", Probe.TERMINAL_STATUS),
        Step("terminal-display", _look),
        Step("terminal-slot", _look),
    ),
    Device.PRINTER: (
        _probe("printer-status", Probe.PRINTER_STATUS),
        _probe("print-test-page", Probe.PRINT_TEST_PAGE),
        Step("test-page-number", Kind.NUMBER),
        Step("test-page-sharp", _look),
    ),
    Device.TOUCH: (Step("touch-grid", Kind.GRID),),
    Device.KEYPAD: (Step("keypad-keys", _look),),
    Device.SOUND: (
        _probe("sound-left", Probe.SOUND_LEFT),
        Step("heard-left", _look),
        _probe("sound-right", Probe.SOUND_RIGHT),
        Step("heard-right", _look),
        Step("plug-headset", _look),
        _probe("sound-headset", Probe.SOUND_HEADSET),
        Step("heard-headset", _look),
    ),
    Device.NETWORK: (_probe("network", Probe.NETWORK),),
    Device.CLOCK: (_probe("clock", Probe.CLOCK), Step("clock-right", _look)),
    Device.DISK: (_probe("disk", Probe.DISK),),
    Device.BACKEND: (_probe("backend", Probe.BACKEND),),
}


def steps(device: Device, fitted: Collection[Device]) -> tuple[Step, ...]:
    """The steps of a device's test; none where it is not fitted."""
    return STEPS[device] if device in fitted else ()
