"""Money in a visit: the terminal's answers, what people have to decide, and the ways that need no terminal."""

from __future__ import annotations

from kiosk.domain.record.entries import CaseClosed, CaseOpened, PrintStarted, SlotReleased
from kiosk.visit import events as e
from kiosk.visit.arrivals import Arrivals
from kiosk.visit.effects import CancelTimer, PrintSlip, SlipAbout
from kiosk.visit.flow import CHOOSING
from kiosk.visit.health import payment_possible
from kiosk.visit.payment import Payment, Stage
from kiosk.visit.view import Situation

S = Situation


class Till(Arrivals):
    """What the terminal says, turned into the next situation; the saga itself is `kiosk.visit.payment`."""

    # --- the terminal's answers -----------------------------------------------------------------------

    def _take_payment(self, event: e.Event) -> None:
        payment = self.payment
        if payment is None or getattr(event, "payment_id", None) != payment.payment_id:
            return  # of an earlier visit; the core's recovery answers for those
        match event:
            case e.PaymentReady() if payment.stage is Stage.PREPARING and not self._may_be_sent:
                payment.not_sent()
            case e.PaymentReady():
                self._effects += payment.ready(event, self.now())
            case e.PaymentMessage():
                if not payment.cancelling:
                    payment.message = event.message
            case e.PaymentApprovedByTerminal():
                self._effects += payment.approved(event)
            case e.PaymentEnded():
                self._take_end(payment, event)
            case e.ReversalEnded():
                self._take_reversal(payment, event)
                return
            case _:
                pass
        match payment.stage:
            case Stage.PAID:
                self.flow.send("paid")
            case Stage.NOT_PAID if self.late is not None:
                self._turn_to(self.late)  # not this one; but nobody is told that nothing was paid
            case Stage.NOT_PAID:
                self.flow.send("nothing_paid")
            case Stage.UNKNOWN:
                self.flow.send("outcome_lost")
            case _:
                pass

    @property
    def _may_be_sent(self) -> bool:
        """Whether nothing came up since the parent confirmed. The terminal is well: it has just said so."""
        return payment_possible(self.faults - {e.Fault.TERMINAL})

    def _take_late(self, event: e.ApprovedLate) -> None:
        """A payment of which this parent read that it was not paid, and which is in doubt again: nothing more is paid.

        A slip says so at once. What is at the terminal or in the printer now goes on to its end.
        """
        if self.visit_id is None or event.visit_id != self.visit_id:
            return  # that parent has gone; the case is there, and no card is sold
        self.faults = self.faults | {e.Fault.OPEN_CASE}  # as the board of faults will say
        payment = self.payment
        if payment is not None and payment.stage in (Stage.SENT, Stage.APPROVED, Stage.UNKNOWN):
            self.late = event
            self._effects += payment.cancel()
            self._print_late_slip(event)
        elif self.situation.value in (*CHOOSING, S.PAY.value):
            self._turn_to(event)
            self._print_late_slip(event)
        else:
            self._print_late_slip(event)

    def _turn_to(self, late: e.ApprovedLate) -> None:
        """From here on the visit is about that payment, and people decide it."""
        assert self.visit_id is not None
        request, self.late = late.request, None
        ticket_id = request.ticket_id if request is not None else self.answers.ticket_id
        if ticket_id is None:
            ticket_id = late.payment_id  # the record has forgotten the request; the case names its payment
        self.payment = Payment(late.payment_id, self.visit_id, ticket_id, late.cents, stage=Stage.UNKNOWN)
        if request is not None:
            self.answers.ticket_id, self.answers.ticket_code = request.ticket_id, request.ticket_code
        self.case_id = late.case_id
        self.returning = None
        self._timer("advice", self._around.timing.outcome_unknown)
        self.flow.send("approved_late")

    def _print_late_slip(self, late: e.ApprovedLate) -> None:
        request = late.request
        if request is None or not self.printing_possible:
            return
        self._record(PrintStarted(ticket_id=request.ticket_id, document="slip", copy_mark=False), required=False)
        print_id = self._around.new_id()
        if self.situation not in (S.PRINTING, S.PRINT_TROUBLE):  # there the end of the ticket is waited for
            self.print_id = print_id
        self._effects.append(PrintSlip(request, self.now(), late.reason, print_id))

    def _take_end(self, payment: Payment, event: e.PaymentEnded) -> None:
        before = payment.stage
        self._effects += payment.ended(event)
        if event.outcome is e.Outcome.UNKNOWN and event.found_afterwards and payment.stage is Stage.UNKNOWN:
            self._open_payment_case(event.reason)
        if payment.stage in (Stage.PAID, Stage.NOT_PAID):
            self._close_payment_case(payment.stage.value)
        if payment.stage is Stage.NOT_PAID and before is not Stage.NOT_PAID and event.must_print and event.receipt:
            self._print_slip(SlipAbout.NOT_PAID, payment.why_not.value, event.receipt.text)

    def _take_reversal(self, payment: Payment, event: e.ReversalEnded) -> None:
        if payment.stage is not Stage.REVERSING:
            return
        self._effects += payment.reversal_ended(event)
        match payment.stage:
            case Stage.REVERSED:
                self._release_slot()
                receipt = event.receipt.text if event.receipt else ()
                self._print_slip(SlipAbout.PAYMENT_REVERSED, "money given back", receipt)
            case Stage.PAID:
                self._open_ticket_case(event.reason)
                self._print_slip(SlipAbout.TICKET_MISSING, event.reason)
            case _:
                self._open_payment_case(event.reason)
                self.flow.send("outcome_lost")
                return
        self._timer("advice", self._around.timing.outcome_unknown)

    # --- what people decide ---------------------------------------------------------------------------

    def _open_payment_case(self, reason: str) -> None:
        assert self.payment is not None and self.answers.ticket_id is not None
        if self.case_opened:
            return
        self.case_id = self._around.new_id()
        self._record(
            CaseOpened(
                case_id=self.case_id,
                about="payment",
                ticket_id=self.answers.ticket_id,
                payment_id=self.payment.payment_id,
                reason=reason,
            ),
            required=False,
        )
        self._print_slip(SlipAbout.PAYMENT_UNKNOWN, reason)
        self._timer("advice", self._around.timing.outcome_unknown)

    def _close_payment_case(self, outcome: str) -> None:
        """The terminal said it after all, while the parent still stands there."""
        if self.case_id is None:
            return
        self._record(CaseClosed(case_id=self.case_id, decision=f"looked up: {outcome}"), required=False)
        self.case_id = None
        self._effects.append(CancelTimer("advice"))

    def _open_ticket_case(self, reason: str) -> None:
        """The request stands, and the desk gives the ticket."""
        assert self.answers.ticket_id is not None
        paid = self.payment is not None and self.payment.stage is Stage.PAID
        case = CaseOpened(
            case_id=self._around.new_id(),
            about="ticket",
            ticket_id=self.answers.ticket_id,
            payment_id=self.payment.payment_id if self.payment is not None and paid else None,
            reason=reason,
        )
        self._record(case, required=False)

    def _print_slip(self, about: SlipAbout, reason: str, receipt: tuple[str, ...] = ()) -> None:
        """A slip in place of a ticket, where the printer can."""
        if not self.printing_possible:
            return
        self._record(self._print_started("slip"), required=False)
        self.print_id = self._around.new_id()
        request = self.answers.request_made(self.language)
        self._effects.append(PrintSlip(request, self.now(), reason, self.print_id, about, receipt))

    def _release_slot(self) -> None:
        """The appointment goes back to those who want one."""
        slot, ticket_id = self.answers.slot, self.answers.ticket_id
        if "slot" in self._recorded and slot is not None and ticket_id is not None:
            self._recorded.discard("slot")
            self._record(SlotReleased(slot_id=slot.id, ticket_id=ticket_id), required=False)

    # --- arrivals -------------------------------------------------------------------------------------

    def on_enter_pay(self) -> None:
        """Write down what is asked for, then ask the terminal whether it is there."""
        self._record_request()
        assert self.visit_id is not None and self.answers.ticket_id is not None
        self.payment = Payment(
            payment_id=self._around.new_id(),
            visit_id=self.visit_id,
            ticket_id=self.answers.ticket_id,
            cents=self.answers.quote().total_cents,
        )
        self._effects += self.payment.begin()

    def on_enter_outcome_unknown(self) -> None:
        """Look it up for as long as a person can be asked to wait."""
        self._timer("look_up", self._around.timing.look_up)

    def on_enter_money_back(self) -> None:
        """Ask the terminal for it, once."""
        assert self.payment is not None
        self._effects += self.payment.take_back(f"no ticket: {self.print_reason}")
        self._timer("look_up", self._around.timing.look_up)
