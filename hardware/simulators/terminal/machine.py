"""The simulated terminal's life and its commands other than payments (PA00P015, from the terminal's side)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from hardware.simulators.process import report
from hardware.simulators.terminal import messages
from hardware.simulators.terminal.cable import Unplugged
from hardware.simulators.terminal.ledger import BRUSSELS, CAPTURED, REVERSED, Ledger
from hardware.simulators.terminal.payment import Payments
from hardware.simulators.terminal.settings import Settings
from hardware.simulators.terminal.talk import NOT_POSSIBLE, Restarted, Talk
from hardware.simulators.terminal.wire import Line, Woken

NOT_REGISTERED = 0x6B
ALREADY_REVERSED = 0xB4
REVERSAL_NOT_POSSIBLE = 0xB5

INITIALISATION_NEEDED, DATE_WRONG, DIAGNOSIS_NEEDED = 0x51, 0x62, 0xC2

_NEEDS_REGISTRATION = frozenset({0x0601, 0x0620, 0x0630, 0x0631, 0x0650, 0x0670, 0x0691, 0x0693})


class Terminal:
    """One terminal on one line. `run` is its life; `act` is called from the side channel's thread."""

    def __init__(
        self,
        line: Line,
        wake: Callable[[], None],
        settings: Settings,
        hurry: float = 1.0,
        ledger: Ledger | None = None,
    ) -> None:
        """`wake` interrupts the line's wait; `hurry` divides all waits (tests)."""
        self._ledger = ledger or Ledger(receipt=230, trace=41)
        self._settings = settings
        self._talk = Talk(line, wake, settings, self._ledger, hurry)
        self._payments = Payments(self._talk)
        self._commands: dict[int, Callable[[bytes], None]] = {
            0x0600: self._register,
            0x0501: self._tell_condition,
            0x0601: self._payments.authorise,
            0x0602: self._log_off,
            0x0620: self._repeat_receipt,
            0x0630: self._reverse,
            0x0631: lambda data: self._payments.refund(data[3:]),
            0x0650: self._end_of_day,
            0x0670: lambda _data: self._serve_itself(DIAGNOSIS_NEEDED, "DIAGNOSE OK"),
            0x0691: self._set_clock,
            0x0693: lambda _data: self._serve_itself(INITIALISATION_NEEDED, "INITIALISATIE OK"),
            0x06B0: lambda _data: self._talk.say(messages.refuse(NOT_POSSIBLE)),  # nothing to abort
        }

    def act(self, order: dict[str, Any]) -> None:
        """Something a person does: see `hardware.simulators.terminal`."""
        self._talk.act(order)

    def run(self) -> None:
        """Serve for ever."""
        talk = self._talk
        while True:
            try:
                late = self._payments.late_in()
                raw = talk.line.receive(3600.0 if late is None else late)
                if raw is not None:
                    self._serve(*messages.split(raw))
                elif self._payments.late_in() == 0.0:
                    self._payments.approve_after_all()
            except Woken:
                talk.obey_guarded()
            except Unplugged:
                talk.wait_for_line()
            except Restarted:
                talk.obey_guarded()

    def _serve(self, command: int, data: bytes) -> None:
        if command >> 8 in (0x80, 0x84):  # an answer to nothing
            return
        serve = self._commands.get(command)
        if serve is None:
            self._talk.say(messages.refuse(NOT_POSSIBLE))
        elif command in _NEEDS_REGISTRATION and self._talk.configuration is None:
            self._talk.say(messages.refuse(NOT_REGISTERED))
        else:
            serve(data)

    # --- Condition -----------------------------------------------------------------------------------------

    def _register(self, data: bytes) -> None:
        talk, refuse = self._talk, self._settings.refuse_registration
        if refuse is not None:
            talk.say(messages.refuse_at_length(refuse))
            return
        talk.say(messages.ACCEPT)
        talk.configuration = data[3]
        talk.blocks = b"\x0a\x02\x06\xd3" in data
        talk.ask(messages.registered())
        report("registered", configuration=talk.configuration)

    def _log_off(self, _data: bytes) -> None:
        self._talk.configuration = None
        self._talk.say(messages.ACCEPT)

    def _tell_condition(self, data: bytes) -> None:
        talk, settings = self._talk, self._settings
        talk.say(messages.ACCEPT)
        for _ in range(settings.enquiry_jobs):
            talk.ask(messages.intermediate(0x0F))
        settings.enquiry_jobs = 0
        code = NOT_REGISTERED if talk.configuration is None else settings.condition
        service = data[4] if len(data) > 4 and data[3] == 0x03 else 0
        talk.ask(messages.condition(code, with_version=not service & 0x02))

    def _serve_itself(self, need: int, line: str) -> None:
        """Diagnosis and initialisation: it asks its host, and needs it no longer."""
        talk = self._talk
        talk.say(messages.ACCEPT)
        talk.ask(messages.intermediate(0x04))
        if self._settings.condition == need:
            self._settings.condition = 0x00
        if self._settings.prints and (talk.configuration or 0) & 0x04:
            talk.print_text([messages.MERCHANT, line], 3)
        talk.complete()
        report("served_itself", what=line)

    def _set_clock(self, data: bytes) -> None:
        talk = self._talk
        day, clock = data[4:7].hex(), data[8:11].hex()
        told = datetime.strptime(f"20{day}{clock}", "%Y%m%d%H%M%S").replace(tzinfo=BRUSSELS)
        self._ledger.clock_off = told - datetime.now(BRUSSELS)
        if self._settings.condition == DATE_WRONG:
            self._settings.condition = 0x00
        talk.say(messages.ACCEPT)
        talk.complete()
        report("clock_set", at=told.isoformat())

    # --- Afterwards ----------------------------------------------------------------------------------------

    def _repeat_receipt(self, _data: bytes) -> None:
        talk = self._talk
        talk.say(messages.ACCEPT)
        told = {"last": self._ledger.last, "success": self._ledger.last_success}.get(self._settings.remembers)
        if told is not None:
            talk.ask(talk.status_of(told))
        talk.complete()

    def _reverse(self, data: bytes) -> None:
        talk, ledger = self._talk, self._ledger
        number = messages.field(data[3:], 0x87)
        found = ledger.find(int(number.hex())) if number else None
        talk.say(messages.ACCEPT)
        reverses = self._settings.reverses
        shut = reverses == "never" or (reverses == "last" and found is not ledger.last)
        if found is not None and found.state == REVERSED:
            talk.fail(ALREADY_REVERSED)
        elif found is None or found.state != CAPTURED or shut:
            talk.fail(REVERSAL_NOT_POSSIBLE)
        else:
            ledger.change(found, REVERSED)
            reversal = ledger.book(found.cents, CAPTURED, reverses=found)
            report("reversed", **found.as_report())
            talk.ask(talk.status_of(reversal))
            talk.print_receipts(reversal)
            talk.complete()

    def _end_of_day(self, _data: bytes) -> None:
        talk, settings = self._talk, self._settings
        talk.say(messages.ACCEPT)
        talk.ask(messages.intermediate(0x0F))
        refuse, settings.refuse_end_of_day = settings.refuse_end_of_day, None
        if refuse is not None:
            talk.fail(refuse)
            return
        numbers = [t.receipt for t in self._ledger.transactions] or [0]
        count, cents = self._ledger.close_day()
        cents += settings.totals_off_cents
        settings.condition = settings.condition_after_end_of_day
        talk.ask(messages.totals(count, cents, numbers[0], numbers[-1], settings.omits))
        if settings.prints and (talk.configuration or 0) & 0x04:
            euros = f"EUR {cents // 100},{cents % 100:02d}"
            talk.print_text([messages.MERCHANT, "DAGAFSLUITING", f"{count} x {euros}"], 3)
        talk.complete()
        report("day_closed", count=count, cents=cents)
