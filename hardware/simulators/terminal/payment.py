"""A payment (and a refund) from the terminal's side: the customer, the host, the till's answer, the booking."""

from __future__ import annotations

import time
from typing import Any

from hardware.simulators.process import report
from hardware.simulators.terminal import messages
from hardware.simulators.terminal.cable import Unplugged
from hardware.simulators.terminal.ledger import APPROVED, CAPTURED, DECLINED, REFUND, REVERSED, Transaction
from hardware.simulators.terminal.talk import STOPPED, Answer, Restarted, Talk

WRONG_PIN = 0x37
GOODS_NOT_OUT, PARTIAL_ISSUE = 0x9C, 0x9D

GOODS_PAUSE = 2.0
GOODS_WAIT = 30.0
MAX_STATUS_INFORMATIONS = 255


class Payments:
    """Carries out 06 01 and 06 31."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._late: tuple[int, bytes, float] | None = None  # the payment that the host will approve, and since when

    def authorise(self, data: bytes) -> None:
        """06 01."""
        settings = self._talk.settings
        cents = _cents(data)
        report("payment_started", cents=cents)
        late, settings.approves_late = settings.approves_late, False
        try:
            no = self._ends_with_a_no(cents, data)
        except Unplugged:
            self._late = (cents, data, time.monotonic()) if late else None
            raise
        self._late = (cents, data, time.monotonic()) if late and no else None

    def _ends_with_a_no(self, cents: int, data: bytes) -> bool:
        talk, settings = self._talk, self._talk.settings
        refuse, settings.refuse = settings.refuse, None
        if refuse is not None:
            talk.say(messages.refuse(refuse))
            report("refused_payment", code=refuse)
            return True
        plan = self._begin()
        if talk.abort_wanted:
            return self._aborted_by_the_till(cents, data)
        match plan["do"]:
            case "abort":
                talk.fail(STOPPED)
                report("aborted")
                return True
            case "decline":
                self._decline(cents, int(plan.get("code", settings.decline_code)))
                return True
            case "wrong_pin_then_right":
                for step in (messages.intermediate(0x01), messages.bare_status(WRONG_PIN), messages.intermediate(0x15)):
                    talk.ask(step)
            case "slow_pin":
                self._enter_slowly(plan)
            case _:
                pass
        self._approve(cents, data)
        return False

    def refund(self, data: bytes) -> None:
        """06 31: money goes to the card that is presented."""
        talk = self._talk
        plan = self._begin()
        if talk.abort_wanted or plan["do"] == "abort":
            talk.fail(STOPPED)
            report("aborted")
            return
        if plan["do"] == "decline":
            self._decline(_cents(data), int(plan.get("code", talk.settings.decline_code)))
            return
        refunded = talk.ledger.book(_cents(data), CAPTURED, kind=REFUND)
        report("refunded", **refunded.as_report())
        talk.ask(talk.status_of(refunded))
        talk.print_receipts(refunded)
        talk.complete()

    # --- The customer --------------------------------------------------------------------------------------

    def _begin(self) -> dict[str, Any]:
        talk = self._talk
        talk.abort_wanted = False
        talk.say(messages.ACCEPT)
        talk.reach("accepted")
        return self._await_customer()

    def _await_customer(self) -> dict[str, Any]:
        """What the customer does, or an abort by the till, or by time-out."""
        talk, settings = self._talk, self._talk.settings
        talk.plan, talk.waiting = None, True
        try:
            talk.ask(messages.intermediate(0x0A))
            talk.reach("card")
            asked = time.monotonic()
            while talk.plan is None and not talk.abort_wanted:
                automatic = settings.automatic
                patience = settings.after_ms / 1000 if automatic else settings.card_wait / talk.hurry
                left = asked + patience - time.monotonic()
                if left <= 0:
                    return {"do": automatic or "abort"}
                talk.listen(left)
            return {"do": "abort"} if talk.abort_wanted else dict(talk.plan or {})
        finally:
            talk.waiting = False

    def _enter_slowly(self, plan: dict[str, Any]) -> None:
        """04 FF again and again while the customer thinks of the PIN; each starts the till's T4 anew."""
        minutes = plan.get("minutes")
        for _ in range(int(plan.get("times", 3))):
            self._talk.ask(messages.intermediate(0x01, None if minutes is None else int(minutes)))
            self._talk.pause(float(plan.get("every_ms", 500 / self._talk.hurry)) / 1000)

    def _aborted_by_the_till(self, cents: int, data: bytes) -> bool:
        """06 B0 was accepted. Some terminals are done then; some go on to say things; in some the card was quicker.

        Returns whether it ended with a no.
        """
        talk, late = self._talk, self._talk.settings.late_after_abort
        if late == "approval":
            talk.pause(talk.settings.late_ms / 1000)
            self._approve(cents, data)
            return False
        talk.fail(STOPPED)
        report("aborted")
        if late == "frames":
            talk.pause(talk.settings.late_ms / 1000)
            talk.ask(messages.intermediate(0x0E))
            talk.fail(STOPPED)
            report("late")
        return True

    def late_in(self) -> float | None:
        """Seconds until the host's yes to a payment that is over for the till; None where none is to come."""
        if self._late is None:
            return None
        return max(0.0, self._late[2] + self._talk.settings.late_ms / 1000 - time.monotonic())

    def approve_after_all(self) -> None:
        """The host's yes has come, and is told as in any payment."""
        if self._late is None:
            return
        (cents, data, _), self._late = self._late, None
        talk = self._talk
        talk.ask(messages.intermediate(0x04))
        approved = talk.ledger.book(cents, APPROVED)
        try:
            answer = self._offer(approved, data)
        except (Unplugged, Restarted):
            self._unanswered(approved)
            raise
        if answer is None:
            self._unanswered(approved)
        elif answer.code in (0x00, PARTIAL_ISSUE):
            self._capture(approved, _partial(answer))
        else:
            self._refused(approved)
        report("approved_late", answer=None if answer is None else answer.code, **approved.as_report())

    # --- The host's answer ---------------------------------------------------------------------------------

    def _decline(self, cents: int, code: int) -> None:
        talk = self._talk
        self._ask_host()
        declined = talk.ledger.book(cents, DECLINED, code)
        talk.ask(talk.status_of(declined))
        if talk.settings.prints_declines:
            talk.print_receipts(declined)
        talk.ask(messages.abort(code))
        report("declined", **declined.as_report())

    def _ask_host(self) -> None:
        talk = self._talk
        talk.ask(messages.intermediate(0x04))
        talk.reach("host")
        if talk.settings.leaky:
            talk.ask(messages.intermediate(0xFF, text="Kaart " + messages.OPEN_PAN_TEXT.decode()))
        talk.pause(talk.settings.host_ms / 1000)

    def _approve(self, cents: int, data: bytes) -> None:
        talk = self._talk
        talk.ask(messages.intermediate(0x01))
        talk.reach("pin")
        self._ask_host()
        approved = talk.ledger.book(cents, APPROVED)
        try:
            talk.reach("approved")
            answer = self._offer(approved, data)
            talk.reach("answered")
        except (Unplugged, Restarted):
            self._unanswered(approved)
            raise
        if answer is None:
            self._unanswered(approved)
            if approved.state == REVERSED:
                talk.fail(STOPPED)
                return
        elif answer.code not in (0x00, PARTIAL_ISSUE):
            self._refused(approved)
            talk.fail(STOPPED)
            return
        else:
            self._capture(approved, _partial(answer))
        talk.reach("captured")
        self._conclude(approved)

    def _offer(self, approved: Transaction, data: bytes) -> Answer | None:
        """The till's answer to an approving status, or None. 9C ("goods not out yet"): ask again, not for ever."""
        talk = self._talk
        wait, most = messages.field(data, 0x01), messages.field(data, 0x02)
        until = time.monotonic() + (wait[0] if wait else GOODS_WAIT) / talk.hurry
        tries = (most[0] if most else MAX_STATUS_INFORMATIONS) + 1
        loses, talk.settings.loses_answer = talk.settings.loses_answer, False
        while True:
            left = max(until - time.monotonic(), 0.01)
            if loses:
                self._say_and_miss_the_answer(talk.status_of(approved), left)
                return None
            answer = talk.ask(talk.status_of(approved), left)
            tries -= 1
            if answer is None or answer.code != GOODS_NOT_OUT:
                return answer
            if tries <= 0 or time.monotonic() >= until:
                return None
            # Without field 01 some terminals ask again every few milliseconds (Portalum #44).
            talk.pause(GOODS_PAUSE / talk.hurry if wait else 0.002)

    def _say_and_miss_the_answer(self, status: bytes, patience: float) -> None:
        talk = self._talk
        talk.say(status)
        talk.line.faults.deaf = True
        talk.pause(patience)
        talk.line.faults.deaf = False
        report("missed_answer")

    # --- Money ---------------------------------------------------------------------------------------------

    def _capture(self, approved: Transaction, cents: int | None = None) -> None:
        self._talk.ledger.change(approved, CAPTURED, cents)
        report("captured", **approved.as_report())

    def _unanswered(self, approved: Transaction) -> None:
        """The till never said that it heard the approval: terminals differ (PA00P015 2.2.8 against chapter 4)."""
        if self._talk.settings.reverses_by_itself:
            self._take_back(approved)
        else:
            self._capture(approved)

    def _refused(self, approved: Transaction) -> None:
        """84 66: PA00P015 has the terminal take it back; not every one does."""
        if self._talk.settings.heeds_refusal:
            self._take_back(approved)
        else:
            self._capture(approved)

    def _take_back(self, approved: Transaction) -> None:
        ledger = self._talk.ledger
        ledger.change(approved, REVERSED)
        ledger.book(approved.cents, CAPTURED, reverses=approved)
        report("reversed", **approved.as_report())

    def _conclude(self, booked: Transaction) -> None:
        """Receipts and the completion, as far as they are said."""
        talk, settings = self._talk, self._talk.settings
        if settings.silent_after_approval:
            settings.silent_after_approval = False
            return
        second, settings.second_status = settings.second_status, None
        if second == "same":
            talk.ask(talk.status_of(booked))
        if second == "reversal":
            self._take_back(booked)
            talk.fail(STOPPED)
            return
        talk.print_receipts(booked)
        talk.reach("printed")
        loses, settings.loses_completion = settings.loses_completion, False
        if not loses:
            talk.complete()
        talk.reach("completed")


def _cents(data: bytes) -> int:
    amount = messages.field(data, 0x04)
    return int(amount.hex()) if amount else 0


def _partial(answer: Answer) -> int | None:
    """What 84 9D says was issued, in cents."""
    amount = messages.field(answer.data, 0x04)
    return int(amount.hex()) if answer.code == PARTIAL_ISSUE and amount else None
