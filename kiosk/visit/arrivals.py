"""What happens on arriving in a situation: the effects it wants, and what it forgets."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from statemachine import State

from kiosk.domain.record.entries import (
    PaymentDue,
    PrintStarted,
    SlotBooked,
    SlotReleased,
    VisitClosed,
)
from kiosk.domain.tickets.contents import Contents
from kiosk.visit.asking import BEHIND, Round
from kiosk.visit.effects import PrintTicket, ReadCard, Ticket
from kiosk.visit.flow import CHOOSING
from kiosk.visit.known import Known
from kiosk.visit.payment import Stage
from kiosk.visit.view import Overlay, Situation

S = Situation

# Which questions follow a situation, and which come before it.
_ROUND_AFTER = {
    "birth_date": Round.CHILD,
    "card_type": Round.CARD,
    "procedure": Round.CARD,
    "children": Round.FAMILY,
}
_ROUND_BEFORE = {"card_type": Round.CHILD, "children": Round.CARD, "bring": Round.FAMILY}
CloseReason = Literal["completed", "stopped", "timed_out", "interrupted", "failed"]


class Arrivals(Known):
    """The chart calls `on_enter_SITUATION` on every arrival."""

    # --- the last look ------------------------------------------------------------------------------

    def on_enter_review(self) -> None:
        """Every confirmation of a changed request is a new ticket; an unchanged one keeps its own."""
        self._forget_request()

    # --- paper ----------------------------------------------------------------------------------------

    def on_enter_printing(self) -> None:
        """Print the one ticket of this visit."""
        self._record_request()
        if self.something_to_pay and not self._paid_here and "due" not in self._recorded:
            assert self.answers.ticket_id is not None
            self._recorded.add("due")
            self._record(PaymentDue(ticket_id=self.answers.ticket_id, cents=self.answers.quote().total_cents))
        self.prints += 1
        self._print_ticket()

    def _print_ticket(self) -> None:
        quote = self.answers.quote()
        slot = self.answers.slot
        self._record(self._print_started("ticket"), required=False)
        self._timer("print", self._around.timing.print)
        self.print_id = self._around.new_id()
        contents = Contents(
            by_phone=self.appointment_needed and slot is None,
            checklist=quote.checklist,
            notices=quote.notices,
            collection=quote.collection,
            ready=tuple(line.ready for line in self.answers.lines()),
            validity=quote.validity,
            printed=quote.printed,
            fingerprints=quote.fingerprints,
            payment=quote.payment,
            legal_base=quote.legal_base,
            appointment_as=quote.appointment_as,
            same_until=self.answers.same_until(),
        )
        self._effects.append(
            PrintTicket(
                Ticket(
                    request=self.answers.request_made(self.language),
                    issued_at=self.now(),
                    appointment_start=slot.start if slot else None,
                    appointment_minutes=slot.minutes if slot else 0,
                    appointment_desk=slot.desk if slot else None,
                    appointment_by_phone=self.appointment_needed and slot is None,
                    checklist=quote.checklist,
                    notices=quote.notices,
                    collection=quote.collection,
                    ready=tuple(line.ready for line in self.answers.lines()),
                    validity=quote.validity,
                    printed=quote.printed,
                    fingerprints=quote.fingerprints,
                    payment=quote.payment,
                    legal_base=quote.legal_base,
                    appointment_as=quote.appointment_as,
                    paid=self.payment.receipt if self.payment is not None and self._paid_here else None,
                    copy_mark=self.may_be_out,
                ),
                self.print_id,
                contents,
            )
        )

    @property
    def _paid_here(self) -> bool:
        return self.payment is not None and self.payment.stage is Stage.PAID

    def _print_started(self, document: Literal["ticket", "slip"]) -> PrintStarted:
        assert self.answers.ticket_id is not None
        return PrintStarted(ticket_id=self.answers.ticket_id, document=document, copy_mark=self.may_be_out)

    def on_enter_print_trouble(self) -> None:
        """Wait for a refill; the health report that follows it prints again."""
        self._timer("print_trouble", self._around.timing.print_trouble)

    # --- records of the request -----------------------------------------------------------------------

    def _record_request(self) -> None:
        """Once per confirmed request: what was asked, and the appointment that goes with it."""
        if self.answers.ticket_id is None:
            self.answers.ticket_id = self._around.new_id()
            self.answers.ticket_code = self._around.new_code()
        if "request" not in self._recorded:
            self._recorded.add("request")
            self._record(self.answers.request_made(self.language))
        slot = self.answers.slot
        if slot is not None and "slot" not in self._recorded:
            self._recorded.add("slot")
            self._record(
                SlotBooked(
                    slot_id=slot.id,
                    start=slot.start,
                    minutes=slot.minutes,
                    desk=slot.desk,
                    ticket_id=self.answers.ticket_id,
                    more_slots=slot.more,
                )
            )

    def _forget_request(self) -> None:
        """The parent went back to change something: give the appointment back, and ask afresh."""
        if "slot" in self._recorded and self.answers.slot is not None and self.answers.ticket_id is not None:
            self._record(SlotReleased(slot_id=self.answers.slot.id, ticket_id=self.answers.ticket_id), required=False)
        self._recorded.clear()
        self.answers.ticket_id, self.answers.ticket_code = None, ""
        self.payment = None

    def on_enter_appointment(self) -> None:
        """Show the times that are free now; a time that is no longer free is no longer chosen."""
        self.slots = self.answers.fitting(self._around.free_slots(self.now()))
        if self.answers.slot not in self.slots:
            self.answers.slot = None

    def on_enter_no_slots(self) -> None:
        """No time left: the appointment is made by telephone."""
        self.answers.slot = None

    def on_enter_card_type(self) -> None:
        """Select what is most likely, if it is sold here."""
        draft = self.answers.draft
        if draft.card_type is None or not self.answers.sold(draft.card_type):
            suggested = self.answers.suggested_card_type()
            draft.card_type = suggested if self.answers.sold(suggested) else None

    def on_enter_question(self, source: State, event: str) -> None:
        """The first open question of the round; from behind, the last one; after a no, the one that led to it."""
        refusal = self.answers.draft_refusal()
        if source.id == "child_refused" and refusal is not None and refusal.reason is not None:
            question = BEHIND[refusal.reason]
            decisive = question in self.answers.asked(Round.CHILD)
            self.round, self.question = Round.CHILD if decisive else Round.CARD, question
        elif event == "back":
            self.round = _ROUND_BEFORE[source.id]
            self.question = self.answers.asked(self.round)[-1]
        else:
            self.round = _ROUND_AFTER[source.id]
            if source.id == "birth_date" and not self.child_unasked:
                self.round = Round.CARD
            self.question = self.answers.unanswered(self.round)

    def on_enter_procedure(self) -> None:
        """Select the first procedure that is open, which is the normal one; but after a cut-off, nothing."""
        if self.too_late_for is not None:
            self.answers.draft.procedure = None
            return
        offers = self.answers.procedure_offers()
        if not any(o.open and o.procedure == self.answers.draft.procedure for o in offers):
            self.answers.draft.procedure = next((o.procedure for o in offers if o.open), None)

    def on_enter_reading(self) -> None:
        """A card is in: read it."""
        self.reading = (0, 1)
        self.greeting = None
        self.card_problem = None
        self._effects.append(ReadCard())

    # --- waiting for a person -------------------------------------------------------------------------

    def _ask_still_there(self, seconds: float) -> None:
        self.overlay = Overlay.STILL_THERE
        self.overlay_deadline = self.now() + timedelta(seconds=seconds)
        self._generation += 1
        self._timer("still_there", seconds)

    def _restart_idle_timer(self) -> None:
        self._generation += 1
        timing, here = self._around.timing, self.situation
        if here is S.INSERT_CARD or (here is S.WELCOME and self.card_in):
            self._timer("idle", timing.insert_card)
        elif here is S.CARD_REFUSED:
            self._timer("idle", timing.card_refused)
        elif here.value in CHOOSING and self.overlay is not Overlay.STILL_THERE:
            self._timer("idle", timing.idle)

    # --- the ends of a visit ------------------------------------------------------------------------

    def _leave(self, reason: CloseReason) -> None:
        """End the visit early: nothing is kept of it but what was durable already."""
        in_the_air = (Stage.SENT, Stage.APPROVED, Stage.REVERSING)
        money_in_the_air = self.payment is not None and self.payment.stage in in_the_air
        if money_in_the_air or self.situation is S.PRINTING:
            return  # the terminal's or the printer's answer ends this, nobody else
        paid = self.payment is not None and self.payment.stage in (Stage.PAID, Stage.UNKNOWN)
        if not paid and self.situation is not S.PRINT_TROUBLE:
            self._forget_request()
        self._close(reason)
        self.flow.send("leave")

    def _close(self, reason: CloseReason) -> None:
        if self.visit_id is not None:
            self._record(VisitClosed(reason=reason, situation=self.situation.value), required=False)
            self.visit_id = None

    def on_enter_take(self) -> None:
        """The ticket is out. What follows is only the person taking their things."""
        self._timer("pause", self._around.timing.take if self.card_in else self._around.timing.take / 3)

    def on_enter_goodbye(self) -> None:
        """Forget the person at once; the screen only says to take the card."""
        self._forget_person()
        if not self.card_in:
            self._timer("pause", self._around.timing.farewell)

    def on_enter_welcome(self) -> None:
        """Ready for the next person."""
        self._forget_person()
        self._reset_display()

    def on_enter_out_of_service(self) -> None:
        """Nobody can be served; nothing personal stays."""
        self._forget_person()
        self._reset_display()

    def _reset_display(self) -> None:
        self.language = self.languages[0]
        self.large = self.contrast = False

    def _forget_person(self) -> None:
        """Personal data ends with the visit; language and text size stay for the words of good-bye."""
        self.answers = self._no_answers()
        self.payment = None
        self.returning = None
        self.card_problem = None
        self.greeting = None
        self.overlay = self.overlay_deadline = None
        self.slots = ()
        self.question = self.too_late_for = None
        self.print_reason = ""
        self.prints = 0
        self.print_id = self.case_id = self.late = None
        self.slip_out = self.may_be_out = False
        self._recorded.clear()
