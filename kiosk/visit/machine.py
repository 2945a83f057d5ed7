"""The visit: takes one event, returns the effects it wants, and shows a new view."""

from __future__ import annotations

from kiosk.domain.record.entries import CardRefused, PrintFailed, TicketDelivered, VisitStarted
from kiosk.visit import events as e
from kiosk.visit import pictures
from kiosk.visit.answers import MOST_CHILDREN
from kiosk.visit.asking import Round, possible_answers
from kiosk.visit.effects import CancelTimer, Effect, ReadCard
from kiosk.visit.flow import CHOOSING
from kiosk.visit.known import Surroundings
from kiosk.visit.payment import Stage
from kiosk.visit.returns import Returns
from kiosk.visit.view import Overlay, Situation, View

__all__ = ["Surroundings", "Visit"]

S = Situation

# A printer that is well again and again, and yet never delivers, eats paper: people have to look at it.
MOST_PRINTS = 3


class Visit(Returns):
    """One kiosk's visits, one after the other. Not thread-safe: one queue feeds it."""

    # --- the two ends ---------------------------------------------------------------------------------

    def handle(self, event: e.Event) -> list[Effect]:
        """Take one event; the effects are to be carried out in order."""
        self._effects = []
        before = self.situation
        self._take(event)
        if self.situation is not before:
            # What lay over the old screen explains, or asks about, something that is over.
            self.overlay = self.overlay_deadline = None
        if isinstance(event, (*TOUCHES, e.CardInserted)) or self.situation is not before:
            self._restart_idle_timer()
        return self._effects

    def view(self) -> View:
        """The present picture."""
        return pictures.draw(self)

    # --- one event ------------------------------------------------------------------------------------

    def _take(self, event: e.Event) -> None:
        match event:
            case e.HealthChanged():
                self._take_health(event.faults)
            case e.Resumed():
                self._take_resumed(event)
            case e.Arranged():
                self._take_arrangement(event)
            case e.NoticesHandedOut():
                self.notices = event.notices
            case e.DisplayChanged():
                self.large, self.contrast = event.large, event.contrast
            case e.TimerFired():
                self._take_timer(event)
            case e.JournalFailed():
                self._take_journal_failure(event)
            case (
                e.CardInserted()
                | e.CardRemoved()
                | e.CardProgress()
                | e.CardHolderKnown()
                | e.CardAccepted()
                | e.CardRefusedByReader()
            ):
                self._take_card(event)
            case (
                e.PaymentReady()
                | e.PaymentMessage()
                | e.PaymentApprovedByTerminal()
                | e.PaymentEnded()
                | e.ReversalEnded()
            ):
                self._take_payment(event)
            case e.ApprovedLate():
                self._take_late(event)
            case e.PrintEnded():
                self._take_print(event)
            case e.RequestsFound():
                self._take_found(event)
            case _:
                self._take_touch(event)

    def _take_touch(self, event: e.Event) -> None:
        if (self.overlay is not None and self._take_overlay_touch(event)) or self._take_return_touch(event):
            return
        here = self.situation
        draft = self.answers.draft
        match event:
            case e.LanguageChosen():
                if event.language in self.languages:
                    self.language = event.language
                    if here is S.WELCOME:
                        self._begin()
            case e.LanguageMenuWanted() if here not in (S.WELCOME, S.OUT_OF_SERVICE):
                self.overlay = Overlay.LANGUAGE
            case e.HelpWanted() if here is not S.WELCOME:
                self.overlay = Overlay.HELP
            case e.ContinueWithoutCard() if here in (S.INSERT_CARD, S.CARD_REFUSED) and self.without_card_possible:
                self.answers.without_card = True
                self._meet_parent()
                self.flow.send("no_card")
            case e.ServiceChosen() if here is S.SERVICE and event.service in self.services:
                self.answers.choose_service(event.service)
                self.flow.send("service_chosen")
            case e.ServiceChosen() if here is S.CHILD_REFUSED and event.service is self.service_instead:
                self.answers.service = event.service
                self.flow.send("other_service")
                self._take_birth_date()
            case e.NameGiven() if here is S.CHILD_NAME and event.first_name.strip():
                draft.first_name = event.first_name.strip()[:40]
                self.flow.send("name_given")
            case e.BirthDateGiven() if here is S.BIRTH_DATE:
                draft.birth_date, draft.birth_known = event.birth_date, event.known
                self._take_birth_date()
            case e.QuestionAnswered() if here is S.QUESTION and event.question is self.question:
                if event.answer in possible_answers(event.question, self.answers.service):
                    self.answers.say(event.question, event.answer)
                    self._ask_on()
            case e.CardTypeChosen() if here is S.CARD_TYPE and self.answers.sold(event.card_type):
                draft.card_type = event.card_type
            case e.ProcedureChosen() if here is S.PROCEDURE:
                if any(o.procedure == event.procedure and o.open for o in self.answers.procedure_offers()):
                    draft.procedure = event.procedure
            case e.AddChild() if here is S.CHILDREN and len(self.answers.requests) < MOST_CHILDREN:
                self.answers.begin_child()
                self.flow.send("add_child")
            case e.EditChild() if here is S.CHILDREN and 0 <= event.index < len(self.answers.requests):
                self.answers.begin_child(event.index)
                self.flow.send("edit_child")
            case e.RemoveChild() if here is S.CHILDREN and 0 <= event.index < len(self.answers.requests):
                self.answers.remove_child(event.index)
                if not self.answers.requests:
                    self.answers.begin_child()
                    self.flow.send("last_child_removed")
            case e.SlotChosen() if here is S.APPOINTMENT:
                self.answers.slot = next((s for s in self.slots if s.id == event.slot_id), self.answers.slot)
            case e.CancelPayment() if here is S.PAY and self.payment is not None:
                self._effects += self.payment.cancel()
            case e.PayAtDesk() if here in (S.REVIEW, S.NOT_PAID):
                if here is S.NOT_PAID or not self._tell_too_late():
                    self.flow.send("pay_at_desk")
            case e.MoneyBackWanted() if here is S.PRINT_TROUBLE and self.money_back_possible:
                self.flow.send("give_back")
            case e.Continue():
                self._confirm()
            case e.Back() if here is S.INSERT_CARD:
                self._leave("stopped")
            case e.Back():
                self._go_back()
            case e.Stop():
                self._stop()
            case _:
                pass  # a touch that means nothing here

    def _take_overlay_touch(self, event: e.Event) -> bool:
        """An overlay is open: it takes the touch, or closes and lets it through. True: taken."""
        overlay, self.overlay, self.overlay_deadline = self.overlay, None, None
        if isinstance(event, e.LanguageChosen) and event.language in self.languages:
            self.language = event.language
        elif isinstance(event, e.Stop) and overlay in (Overlay.STOP, Overlay.STILL_THERE):
            self._leave("stopped")
        return True

    def _begin(self) -> None:
        if not self.visits_possible:
            self.flow.send("fail")
            return
        self.visit_id = self._around.new_id()
        self.answers = self._no_answers()
        self._record(VisitStarted(language=self.language))
        self.flow.send("begin")

    def _confirm(self) -> None:
        here = self.situation
        described = (here is S.PROCEDURE and self.procedure_selected) or (
            here is S.CARD_TYPE and self.card_type_selected and not self.procedure_needed
        )
        if here is S.QUESTION:
            self._ask_on()
            return
        if here in (S.CHILDREN, S.REVIEW) and self._tell_too_late():
            return
        if described:
            self.too_late_for = None
            if not self.card_unasked:
                self.answers.keep_draft()
        elif here is S.CHILD_REFUSED:
            # On with the children that can be helped, or with another one.
            self.answers.begin_child(len(self.answers.requests) - 1 if self.has_children else None)
        elif here is S.PRINT_TROUBLE or (here is S.OUTCOME_UNKNOWN and self.case_opened):
            self._give_up_waiting()
            return
        elif here is S.MONEY_BACK:
            self._leave("failed")
            return
        elif here is S.TAKE:
            self._finish()
            return
        self.flow.send("confirm")

    def _take_birth_date(self) -> None:
        if not (self.draft_refused or self.card_type_needed or self.child_unasked or self.card_unasked):
            self.answers.keep_draft()
        self.flow.send("birth_date_given")

    def _ask_on(self) -> None:
        """From a question that is answered to the next one, or out of the round."""
        assert self.question is not None
        if not self.answers.has_said(self.question):
            return
        if not self.draft_refused:
            following = self.answers.unanswered(self.round)
            if following is None and self.round is Round.CHILD and not self.card_type_needed:
                self.round = Round.CARD
                following = self.answers.unanswered(self.round)
            if following is not None:
                self.question = following
                return
            if self.round is Round.CARD:
                self.answers.keep_draft()
        self.flow.send("answered")

    def _ask_back(self) -> None:
        """The question before this one, or out of the round."""
        asked = self.answers.asked(self.round)
        index = asked.index(self.question) if self.question in asked else 0
        if index:
            self.question = asked[index - 1]
        else:
            self.flow.send("back")

    def _tell_too_late(self) -> bool:
        """Whether a cut-off has passed since its procedure was chosen: then the parent is told, and chooses anew."""
        index = self.answers.too_late_for(self.now())
        if index is None:
            return False
        self.too_late_for = self.answers.requests[index].procedure
        self.answers.walks_in_at = self.now()
        self.answers.begin_child(index)
        self.flow.send("too_late")
        return True

    def _go_back(self) -> None:
        if self.situation is S.QUESTION:
            self._ask_back()
            return
        if self.situation in (S.CHILDREN, S.CHILD_NAME) and self.has_children:
            self.answers.begin_child(len(self.answers.requests) - 1)
        self.flow.send("back")

    def _stop(self) -> None:
        if self.situation.value in CHOOSING:
            self.overlay = Overlay.STOP
        elif self.situation in (S.INSERT_CARD, S.READING, S.CARD_REFUSED):
            self._leave("stopped")

    # --- the card -------------------------------------------------------------------------------------

    def _take_card(self, event: e.Event) -> None:
        match event:
            case e.CardInserted():
                self.card_in = True
                if event.at_start and self.situation in (S.WELCOME, S.OUT_OF_SERVICE):
                    self.flow.send("leave")
                self.flow.send("card_inserted")
                if self.situation.value in CHOOSING:
                    self._effects.append(ReadCard())  # whose is it? The parent's own goes on, any other does not
            case e.CardRemoved():
                self._take_card_removed()
            case e.CardProgress() if self.situation is S.READING:
                self.reading = (event.done, event.total)
            case e.CardHolderKnown() if self.situation is S.READING:
                self.greeting = event.first_name
            case e.CardAccepted() if self.situation is S.READING:
                self._accept_card(event)
            case e.CardAccepted() if self.situation.value in CHOOSING:
                self._take_card_put_back(event)
            case e.CardRefusedByReader() if self.situation is S.READING:
                self._refuse_card(event)
            case _:
                pass  # late news of a card that is gone

    def _accept_card(self, card: e.CardAccepted) -> None:
        answers = self.answers
        answers.proven = card.proven
        if not self.offered:
            answers.proven = None
            self._refuse_card(e.CardRefusedByReader(e.CardProblem.NOT_PROVEN))
            return
        answers.parent, answers.parent_card, answers.permit_until = card.parent, card.card_type, card.valid_until
        self._meet_parent()
        self.flow.send("card_accepted")

    def _meet_parent(self) -> None:
        """From here on the visit is somebody's: all tariffs count as of now."""
        answers = self.answers
        answers.asked_at = self.now()
        answers.earliest_slot = next((slot.start for slot in self._around.free_slots(self.now())), None)
        answers.service = next(iter(self.services), self.offered[0])
        answers.begin_child()

    def _take_card_removed(self) -> None:
        self.card_in = False
        here = self.situation
        if here is S.READING:
            self._refuse_card(e.CardRefusedByReader(e.CardProblem.PULLED))
        elif here is S.CARD_REFUSED:
            # A pulled card explains itself until it comes back; others leave with their explanation read.
            if self.card_problem and self.card_problem.problem is not e.CardProblem.PULLED:
                self.flow.send("card_removed")
        elif here.value in CHOOSING and not self.answers.without_card:
            self._ask_still_there(self._around.timing.card_taken)
        elif here is S.TAKE:
            self._timer("pause", self._around.timing.farewell)
        elif here is S.GOODBYE:
            self.flow.send("rest")

    def _take_card_put_back(self, event: e.CardAccepted) -> None:
        """In mid-visit: the same card goes on, and with another one another person would go on in this name."""
        parent = self.answers.parent
        if parent is None or event.parent.national_number != parent.national_number:
            self._leave("stopped")
        elif self.overlay is Overlay.STILL_THERE:
            self.overlay = self.overlay_deadline = None
            self._restart_idle_timer()

    def _refuse_card(self, refusal: e.CardRefusedByReader) -> None:
        self.card_problem = refusal
        self._record(CardRefused(reason=refusal.problem.value))
        self.flow.send("card_problem")

    # --- paper ----------------------------------------------------------------------------------------

    def _take_print(self, event: e.PrintEnded) -> None:
        ticket_id = self.answers.ticket_id
        if ticket_id is None or event.print_id not in (None, self.print_id):
            return  # of an earlier visit, or of an earlier paper of this one
        if self.situation in (S.OUTCOME_UNKNOWN, S.MONEY_BACK):
            self.slip_out = event.outcome is e.PrintOutcome.OUT
            return
        if self.situation is not S.PRINTING:
            return
        self._effects.append(CancelTimer("print"))
        if event.outcome is e.PrintOutcome.OUT:
            self._record(TicketDelivered(ticket_id=ticket_id), required=False)
            self._close("completed")
            self.flow.send("printed")
            return
        certain = event.outcome is e.PrintOutcome.NOT_OUT
        self.may_be_out = self.may_be_out or not certain
        self.print_reason = event.reason
        self._record(PrintFailed(ticket_id=ticket_id, reason=event.reason, certain=certain), required=False)
        self.flow.send("print_failed")

    def _finish(self) -> None:
        """The person has the ticket; only a card that is still in keeps the kiosk from the next one."""
        self.flow.send("leave" if self.card_in else "rest")

    def _give_up_waiting(self) -> None:
        """The parent leaves, or waited long enough, while something is open."""
        if self.situation is S.PRINT_TROUBLE and self.returning is None:
            self._open_ticket_case(self.print_reason)
        elif self.payment is not None and self.payment.stage is Stage.UNKNOWN:
            self._open_payment_case("nobody could say in time")
        self._leave("failed")

    # --- health, time, disk ---------------------------------------------------------------------------

    def _take_health(self, faults: frozenset[e.Fault]) -> None:
        self.faults = faults
        here = self.situation
        if here is S.WELCOME and not self.visits_possible:
            self.flow.send("fail")
        elif here is S.OUT_OF_SERVICE and self.visits_possible:
            self.flow.send("recover")
        elif here is S.PRINT_TROUBLE and self.printing_possible and self.prints < MOST_PRINTS:
            self.flow.send("print_again")

    def _take_resumed(self, event: e.Resumed) -> None:
        """Staff did something at the kiosk in between: the card that is in, if any, may be another one."""
        self.overlay = self.overlay_deadline = None
        if event.moved:
            self._take_card_removed()
            if event.card_in:
                self._take_card(e.CardInserted(at_start=True))
            elif self.overlay is Overlay.STILL_THERE:
                self._ask_still_there(self._around.timing.resumed)
        if self.overlay is None:
            self._restart_idle_timer()

    def _take_arrangement(self, event: e.Arranged) -> None:
        self.languages, self.hours = event.languages, event.hours
        if self.situation in (S.WELCOME, S.OUT_OF_SERVICE):
            self.language = self.languages[0]

    def _take_journal_failure(self, event: e.JournalFailed) -> None:
        """What was to follow the record did not happen; say so without losing what is safe already."""
        if event.kind not in ("slot_booked", "appointment_chosen"):
            self.faults = self.faults | {e.Fault.DISK}
        if event.kind == "request_made":
            self._recorded.clear()  # nothing of it is there, and the next try has to write it
        if event.kind == "appointment_chosen":
            self._time_gone()
        elif event.kind == "slot_booked":
            # Mostly not the disk: the lease of this time ended while the parent was choosing.
            self._recorded.clear()
            self.answers.slot = None
            self.payment = None
            self.flow.send("slot_gone")
        elif event.kind == "payment_approved" and self.payment is not None:
            self._effects += self.payment.approval_not_durable()
        elif event.kind == "payment_reversing" and self.payment is not None:
            self.payment.reversing_not_durable()
            self.flow.send("not_given_back")
        elif self.payment is not None and self.payment.stage in (Stage.PREPARING, Stage.SENT):
            self.payment.not_sent()
            self.flow.send("nothing_paid")
        else:
            self.visit_id = None  # it could not be recorded, so there is nothing to close
            self.flow.send("fail" if self.situation is S.WELCOME else "leave")

    def _take_timer(self, event: e.TimerFired) -> None:
        if event.generation != self._generation and event.name in ("idle", "still_there"):
            return  # somebody touched the screen in the meantime
        here = self.situation
        match event.name:
            case "idle" if here in (S.INSERT_CARD, S.CARD_REFUSED):
                self._leave("timed_out")
            case "idle" if here is S.WELCOME and self.card_in:
                self.flow.send("leave")  # somebody put a card in and went; it is not the next person's
            case "idle" if here.value in CHOOSING:
                self._ask_still_there(self._around.timing.still_there)
            case "still_there" if self.overlay is Overlay.STILL_THERE:
                self._leave("timed_out")
            case "print" if here is S.PRINTING:
                self._take_print(e.PrintEnded(e.PrintOutcome.UNKNOWN, "no answer"))
            case "print_trouble" if here is S.PRINT_TROUBLE:
                self._give_up_waiting()
            case "look_up" if here is S.OUTCOME_UNKNOWN:
                self._open_payment_case("the terminal did not say in time")
            case "look_up" if here is S.MONEY_BACK and self.payment is not None:
                self._take_payment(
                    e.ReversalEnded(
                        self.payment.payment_id, e.ReversalOutcome.UNKNOWN, "the terminal did not say in time"
                    )
                )
            case "advice" if here in (S.OUTCOME_UNKNOWN, S.MONEY_BACK):
                self._leave("failed")
            case "pause" if here is S.TAKE:
                self._finish()
            case "pause" if here is S.GOODBYE and not self.card_in:
                self.flow.send("rest")
            case _:
                pass


# What a person does at the screen.
TOUCHES = (
    e.LanguageChosen,
    e.DisplayChanged,
    e.ServiceChosen,
    e.NameGiven,
    e.BirthDateGiven,
    e.QuestionAnswered,
    e.CardTypeChosen,
    e.ProcedureChosen,
    e.AddChild,
    e.EditChild,
    e.RemoveChild,
    e.ContinueWithoutCard,
    e.SlotChosen,
    e.RequestsWanted,
    e.RequestChosen,
    e.ActionChosen,
    e.Continue,
    e.Back,
    e.Stop,
    e.HelpWanted,
    e.LanguageMenuWanted,
    e.CancelPayment,
    e.PayAtDesk,
    e.MoneyBackWanted,
    e.Touched,
)
