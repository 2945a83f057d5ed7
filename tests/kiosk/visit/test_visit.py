"""Whole visits without a window: what is shown, what is recorded, what is asked of the devices, in order."""

from __future__ import annotations

from datetime import date

import pytest

from kiosk.domain.card_types import CardType
from kiosk.domain.quote import Reason, Service
from kiosk.visit import effects as fx
from kiosk.visit import events as e
from kiosk.visit import view as v
from kiosk.visit.health import STOPS_EVERYTHING, STOPS_PAYMENT
from kiosk.visit.view import Overlay, Situation

from .story import AMINA, Story

S = Situation


def test_a_visit_with_two_children_is_paid_printed_and_closed() -> None:
    story = Story().paid()
    assert story.situation is S.PRINTING
    ticket = story.wanted(fx.PrintTicket)[0].ticket
    assert ticket.request.total_cents == 2400
    assert [child.first_name for child in ticket.request.children] == ["Yusuf", "Lina"]
    assert ticket.paid is not None and ticket.paid.text == ("Bancontact", "EUR 24,00")
    assert ticket.paid.receipt_number == 42
    story.tell(e.PrintEnded(e.PrintOutcome.OUT))
    assert story.situation is S.TAKE
    assert story.kinds() == [
        "visit_started",
        "request_made",
        "slot_booked",
        "payment_intent",
        "payment_sent",
        "payment_approved",
        "payment_paid",
        "print_started",
        "ticket_delivered",
        "visit_closed",
    ]
    story.tell(e.CardRemoved())
    story.fire("pause")
    assert story.situation is S.WELCOME


def test_every_record_of_money_comes_before_the_effect_it_makes_safe() -> None:
    story = Story().to_pay()
    sending = story.tell(e.PaymentReady(story.payment_id, "52500001", 41, 77))
    kinds = [effect.body.kind if isinstance(effect, fx.Record) else type(effect).__name__ for effect in sending]
    assert kinds == ["payment_intent", "payment_sent", "StartPayment"]
    approving = story.tell(e.PaymentApprovedByTerminal(story.payment_id, story.receipt()))
    assert isinstance(approving[0], fx.Record) and approving[0].required
    assert approving[1] == fx.AnswerTerminal(story.payment_id, accept=True)


def test_an_approval_that_cannot_be_made_durable_is_refused() -> None:
    story = Story().to_pay().sent().approved()
    effects = story.tell(e.JournalFailed("payment_approved", "disk full"))
    assert fx.AnswerTerminal(story.payment_id, accept=False) in effects
    assert story.situation is S.PAY  # the terminal's own end decides
    story.ended(e.Outcome.NOT_PAID, "aborted")
    assert story.situation is S.NOT_PAID


def test_an_intent_that_cannot_be_made_durable_sends_nothing_and_shows_not_paid() -> None:
    story = Story().to_pay().sent()
    story.tell(e.JournalFailed("payment_intent", "disk full"))
    assert story.situation is S.NOT_PAID
    assert not story.visit.view().can_continue  # the disk is a fault now


def test_a_declined_payment_can_be_tried_again_under_the_same_ticket() -> None:
    story = Story().to_pay().sent().ended(e.Outcome.NOT_PAID, "declined")
    assert story.situation is S.NOT_PAID
    first = story.payment_id
    story.tell(e.Continue())
    assert story.situation is S.PAY and story.payment_id != first
    assert story.kinds().count("request_made") == 1 and story.kinds().count("slot_booked") == 1


def test_stopping_after_a_decline_gives_the_appointment_back() -> None:
    story = Story().to_pay().sent().ended(e.Outcome.NOT_PAID, "declined")
    story.tell(e.Stop())
    assert story.visit.overlay is Overlay.STOP
    story.tell(e.Stop())
    assert story.situation is S.GOODBYE
    assert story.kinds()[-2:] == ["slot_released", "visit_closed"]


def test_the_wish_to_cancel_is_no_answer() -> None:
    story = Story().to_pay().sent()
    effects = story.tell(e.CancelPayment())
    assert effects[0] == fx.AbortPayment(story.payment_id)
    story.approved().ended(e.Outcome.PAID)
    assert story.situation is S.PRINTING


def test_cancelling_before_anything_was_sent_sends_nothing() -> None:
    story = Story().to_pay()
    story.tell(e.CancelPayment())
    story.sent()
    assert story.situation is S.NOT_PAID
    assert not story.wanted(fx.StartPayment) and "payment_intent" not in story.kinds()


def test_a_lost_outcome_is_looked_up_and_may_turn_out_paid() -> None:
    story = Story().to_pay().sent().ended(e.Outcome.UNKNOWN, "silence")
    assert story.situation is S.OUTCOME_UNKNOWN
    assert story.wanted(fx.LookUpPayment)[0].intent.cents == 2400
    story.ended(e.Outcome.PAID, afterwards=True)
    assert story.situation is S.PRINTING


def test_an_outcome_nobody_knows_becomes_a_case_with_a_slip_and_is_never_shown_as_failed() -> None:
    story = Story().to_pay().sent().ended(e.Outcome.UNKNOWN, "silence")
    story.ended(e.Outcome.UNKNOWN, "no record", afterwards=True)
    assert story.situation is S.OUTCOME_UNKNOWN
    assert "case_opened" in story.kinds()
    assert len(story.wanted(fx.PrintSlip)) == 1
    story.tell(e.PrintEnded(e.PrintOutcome.OUT))
    assert isinstance(story.content, v.OutcomeUnknownView) and story.content.slip_out
    story.tell(e.Continue())
    assert story.situation is S.GOODBYE
    assert "slot_released" not in story.kinds()


def test_a_ticket_that_did_not_come_out_prints_again_after_a_refill_and_is_marked_when_in_doubt() -> None:
    story = Story().paid()
    story.tell(e.PrintEnded(e.PrintOutcome.UNKNOWN, "paper-out"))
    assert story.situation is S.PRINT_TROUBLE
    story.tell(e.HealthChanged(frozenset({e.Fault.PAPER_OUT})))
    assert story.situation is S.PRINT_TROUBLE
    story.tell(e.HealthChanged(frozenset()))
    assert story.situation is S.PRINTING
    assert [effect.ticket.copy_mark for effect in story.wanted(fx.PrintTicket)] == [False, True]


def test_a_ticket_that_surely_did_not_come_out_prints_again_unmarked() -> None:
    story = Story().paid()
    story.tell(e.PrintEnded(e.PrintOutcome.NOT_OUT, "cover-open"), e.HealthChanged(frozenset()))
    assert [effect.ticket.copy_mark for effect in story.wanted(fx.PrintTicket)] == [False, False]


def test_giving_up_on_a_ticket_opens_a_case_and_keeps_the_appointment() -> None:
    story = Story().paid()
    story.tell(e.PrintEnded(e.PrintOutcome.NOT_OUT, "paper-out"))
    story.fire("print_trouble")
    assert story.situation is S.GOODBYE
    assert story.kinds()[-2:] == ["case_opened", "visit_closed"]


def test_payment_does_not_start_without_paper_or_terminal() -> None:
    for fault in sorted(STOPS_PAYMENT - STOPS_EVERYTHING | {e.Fault.PAPER_OUT, e.Fault.PRINTER, e.Fault.CLOCK}):
        story = Story().card_accepted().service().child().to_review()
        story.tell(e.HealthChanged(frozenset({fault})), e.Continue())
        assert story.situation is S.REVIEW, fault
        assert isinstance(story.content, v.ReviewView) and not story.content.payment_possible
        story.tell(e.HealthChanged(frozenset()), e.Continue())
        assert story.situation is S.PAY


def test_a_terminal_that_cannot_be_reached_charges_nothing_and_records_no_intent() -> None:
    story = Story().to_pay().ended(e.Outcome.NOT_PAID, "unreachable")
    assert story.situation is S.NOT_PAID
    assert isinstance(story.content, v.NotPaidView) and story.content.reason == "unreachable"
    assert "payment_intent" not in story.kinds() and "payment_not_paid" not in story.kinds()


@pytest.mark.parametrize(
    ("born", "reason"),
    [(date(2014, 11, 23), Reason.TOO_OLD), (date(2027, 1, 1), Reason.BORN_IN_FUTURE)],
)
def test_a_child_that_cannot_have_the_card_gets_a_reason_and_a_way_on(born: date, reason: Reason) -> None:
    story = Story().card_accepted().service()
    story.tell(e.NameGiven("Sami"), e.BirthDateGiven(born))
    assert story.situation is S.CHILD_REFUSED
    assert isinstance(story.content, v.ChildRefusedView) and story.content.reason is reason
    story.tell(e.Back())
    assert story.situation is S.BIRTH_DATE
    story.tell(e.BirthDateGiven(born), e.Continue())
    assert story.situation is S.CHILD_NAME


@pytest.mark.parametrize("problem", list(e.CardProblem))
def test_every_refused_card_is_explained_and_the_next_one_is_read(problem: e.CardProblem) -> None:
    story = Story()
    story.tell(e.LanguageChosen("fr"), e.CardInserted(), e.CardRefusedByReader(problem))
    assert story.situation is S.CARD_REFUSED
    story.tell(e.CardRemoved())
    if problem is not e.CardProblem.PULLED:
        assert story.situation is S.INSERT_CARD
    story.tell(e.CardInserted())
    assert story.situation is S.READING


def test_a_card_pulled_while_reading_is_told_so_and_may_come_back() -> None:
    story = Story()
    story.tell(e.LanguageChosen("nl"), e.CardInserted(), e.CardRemoved())
    assert isinstance(story.content, v.CardRefusedView) and story.content.problem is e.CardProblem.PULLED
    story.tell(e.CardProgress(3, 6))  # late news change nothing
    story.tell(e.CardInserted())
    assert story.situation is S.READING


def test_without_free_times_the_parent_may_go_on_and_call() -> None:
    story = Story(slots=[]).card_accepted().service().child()
    story.tell(e.Continue(), e.Continue())
    assert story.situation is S.NO_SLOTS
    story.tell(e.Continue())
    assert isinstance(story.content, v.ReviewView) and story.content.appointment_by_phone


def test_a_family_for_which_one_slot_is_too_short_gets_slots_that_follow_each_other() -> None:
    story = Story().card_accepted().service()
    for name in ("Yusuf", "Lina", "Sami"):
        story.child(name)
    story.tell(e.Continue(), e.Continue())
    assert isinstance(story.content, v.AppointmentView)
    assert [(slot.id, slot.more, slot.minutes) for slot in story.content.slots] == [
        ("slot-0", ("slot-1",), 60),
        ("slot-1", ("slot-2",), 60),
        ("slot-2", ("slot-3",), 60),
    ]
    story.tell(e.SlotChosen("slot-1"), e.Continue(), e.Continue())
    booked = next(body for body in story.recorded() if body.kind == "slot_booked")
    assert (booked.slot_id, booked.more_slots, booked.minutes) == ("slot-1", ("slot-2",), 60)


def test_a_time_whose_lease_ended_while_choosing_is_chosen_afresh() -> None:
    story = Story().to_pay()
    del story.slots[1]
    story.tell(e.JournalFailed("slot_booked", "slot-1 is not free"))
    assert story.situation is S.APPOINTMENT
    assert isinstance(story.content, v.AppointmentView) and story.content.selected is None
    assert not story.visit.faults


def test_a_free_service_is_printed_without_paying() -> None:
    story = Story().card_accepted().service(Service.COLLECTION)
    story.named("Yusuf", date(2022, 5, 4))
    assert story.situation is S.CHILDREN
    while story.situation is not S.REVIEW:
        story.tell(e.SlotChosen("slot-1"), e.Continue())
    story.tell(e.Continue())
    assert story.situation is S.PRINTING
    assert not story.wanted(fx.PreparePayment)


def test_a_free_visit_with_print_trouble_keeps_its_appointment() -> None:
    story = Story().card_accepted().service(Service.COLLECTION)
    story.named("Yusuf", date(2022, 5, 4))
    while story.situation is not S.REVIEW:
        story.tell(e.SlotChosen("slot-1"), e.Continue())
    story.tell(e.Continue(), e.PrintEnded(e.PrintOutcome.NOT_OUT, "paper-out"), e.Continue())
    assert story.situation is S.GOODBYE
    assert "slot_released" not in story.kinds() and "case_opened" in story.kinds()


def test_nobody_there_is_asked_once_and_then_forgotten() -> None:
    story = Story().card_accepted().service().child()
    story.fire("idle")
    assert story.visit.overlay is Overlay.STILL_THERE
    story.tell(e.Continue())
    assert story.visit.overlay is None and story.situation is S.CHILDREN
    story.fire("idle")
    story.fire("still_there")
    assert story.situation is S.GOODBYE
    assert story.visit.view().greeting_name is None
    assert story.visit.answers.parent is None and not story.visit.answers.requests


def test_a_late_timer_of_somebody_who_touched_the_screen_does_nothing() -> None:
    story = Story().card_accepted().service()
    old = [t for t in story.wanted(fx.StartTimer) if t.name == "idle"][-1]
    story.tell(e.Touched(), e.TimerFired("idle", old.generation))
    assert story.visit.overlay is None


def test_taking_the_card_in_mid_visit_asks_whether_to_go_on() -> None:
    story = Story().card_accepted().service()
    story.tell(e.CardRemoved())
    assert story.visit.overlay is Overlay.STILL_THERE
    story.tell(e.Continue())
    assert story.situation is S.CHILD_NAME and story.visit.overlay is None


def test_a_forgotten_card_keeps_the_screen_without_personal_data_and_is_never_read_for_the_next_person() -> None:
    story = Story().paid()
    story.tell(e.PrintEnded(e.PrintOutcome.OUT))
    story.fire("pause")
    assert story.situation is S.GOODBYE
    assert story.content == v.GoodbyeView(card_in=True)
    story.tell(e.LanguageChosen("nl"))
    assert story.situation is S.GOODBYE
    story.tell(e.CardRemoved())
    assert story.situation is S.WELCOME


def test_a_card_that_was_in_the_reader_at_start_up_is_nobodys() -> None:
    story = Story()
    story.tell(e.CardInserted(at_start=True))
    assert story.situation is S.GOODBYE
    assert not story.wanted(fx.ReadCard)


def test_a_card_put_in_before_the_language_is_read_at_once_afterwards() -> None:
    story = Story()
    story.tell(e.CardInserted(), e.LanguageChosen("en"))
    assert story.situation is S.READING
    assert len(story.wanted(fx.ReadCard)) == 1


def test_language_and_display_go_back_after_every_visit() -> None:
    story = Story().card_accepted("fr")
    story.tell(e.DisplayChanged(large=True, contrast=True))
    assert (story.visit.language, story.visit.large) == ("fr", True)
    story.tell(e.Stop(), e.Stop(), e.CardRemoved())
    view = story.visit.view()
    assert (view.situation, view.language, view.large, view.contrast) == (S.WELCOME, "nl", False, False)


def test_the_language_can_change_in_mid_visit_without_losing_anything() -> None:
    story = Story().card_accepted().service().child()
    story.tell(e.LanguageMenuWanted(), e.LanguageChosen("en"))
    view = story.visit.view()
    assert (view.language, view.situation, view.overlay) == ("en", S.CHILDREN, None)


def test_the_suggested_card_type_is_selected_and_can_be_changed() -> None:
    story = Story().card_accepted().service()
    story.named("Yusuf", date(2022, 5, 4))
    assert isinstance(story.content, v.CardTypeView) and story.content.selected is CardType.A
    story.tell(e.CardTypeChosen(CardType.H))
    assert story.content.selected is CardType.A  # named, but not sold here
    story.tell(e.CardTypeChosen(CardType.F), e.Continue())
    assert isinstance(story.content, v.ProcedureView) and story.content.card_type is CardType.F


def test_a_child_can_be_changed_and_removed() -> None:
    story = Story().card_accepted().service().child().child("Lina", date(2019, 3, 2))
    story.tell(e.EditChild(0), e.NameGiven("Youssef"), e.BirthDateGiven(date(2022, 5, 4)))
    story.tell(e.Continue(), e.ProcedureChosen("urgent"), e.Continue())
    assert isinstance(story.content, v.ChildrenView)
    assert [line.child.first_name for line in story.content.children] == ["Youssef", "Lina"]
    assert story.content.total_cents == 12000 + 1200
    story.tell(e.RemoveChild(0), e.RemoveChild(0))
    assert story.situation is S.CHILD_NAME


def test_an_idle_kiosk_with_a_fault_is_out_of_service_until_it_is_gone() -> None:
    story = Story()
    story.tell(e.HealthChanged(frozenset({e.Fault.READER})))
    assert story.situation is S.OUT_OF_SERVICE
    story.tell(e.HealthChanged(frozenset()))
    assert story.situation is S.WELCOME


def test_without_a_terminal_what_is_free_goes_on() -> None:
    story = Story()
    story.tell(e.HealthChanged(frozenset({e.Fault.TERMINAL})))
    assert story.situation is S.WELCOME
    story.card_accepted()
    assert story.content == v.ServiceView(
        (Service.APPLICATION, Service.COLLECTION), closed=frozenset({Service.APPLICATION}), my_requests=True
    )
    story.tell(e.ServiceChosen(Service.APPLICATION))
    assert story.situation is S.SERVICE
    story.tell(e.HealthChanged(frozenset()), e.ServiceChosen(Service.APPLICATION))
    assert story.situation is S.CHILD_NAME


def test_a_disk_that_refuses_the_first_record_ends_the_visit_before_the_card_is_read() -> None:
    story = Story()
    story.tell(e.LanguageChosen("nl"), e.JournalFailed("visit_started", "disk full"))
    assert story.situation is S.GOODBYE
    story.fire("pause")
    assert story.situation is S.OUT_OF_SERVICE


def test_a_printer_that_never_delivers_is_not_fed_paper_for_ever() -> None:
    story = Story().paid()
    for _ in range(5):
        story.tell(e.PrintEnded(e.PrintOutcome.UNKNOWN, "unfinished"), e.HealthChanged(frozenset()))
    assert story.situation is S.PRINT_TROUBLE
    assert len(story.wanted(fx.PrintTicket)) == 3


def test_help_over_a_screen_goes_when_the_screen_does() -> None:
    story = Story().to_pay().sent()
    story.tell(e.HelpWanted())
    assert story.visit.overlay is Overlay.HELP
    story.approved().ended(e.Outcome.PAID)
    assert story.situation is S.PRINTING and story.visit.overlay is None


def test_the_same_card_put_back_goes_on_and_another_one_ends_the_visit() -> None:
    for number, goes_on in ((AMINA.national_number, True), ("90020254321", False)):
        story = Story().card_accepted().service()
        effects = story.tell(e.CardRemoved(), e.CardInserted())
        assert any(isinstance(effect, fx.ReadCard) for effect in effects)
        parent = AMINA.model_copy(update={"national_number": number})
        story.tell(e.CardAccepted(parent, CardType.A, date(2028, 1, 1)))
        assert (story.situation, story.visit.overlay) == (S.CHILD_NAME if goes_on else S.GOODBYE, None)


def test_a_card_left_in_before_the_first_touch_is_not_the_next_persons() -> None:
    story = Story()
    story.tell(e.CardInserted())
    story.fire("idle")
    assert story.situation is S.GOODBYE and not story.wanted(fx.ReadCard)
    story.tell(e.CardRemoved())
    assert story.situation is S.WELCOME


def test_a_request_that_was_not_recorded_is_recorded_by_the_next_try() -> None:
    story = Story().card_accepted().service().child().to_review()
    story.tell(e.Continue(), e.JournalFailed("request_made", "disk full"))
    assert story.situation is S.NOT_PAID
    story.tell(e.HealthChanged(frozenset()))
    again = story.tell(e.Continue())
    assert [effect.body.kind for effect in again if isinstance(effect, fx.Record)] == ["request_made", "slot_booked"]


def test_nobody_leaves_an_unknown_outcome_before_people_are_asked_to_decide_it() -> None:
    story = Story().to_pay().sent().ended(e.Outcome.UNKNOWN, "silence")
    story.tell(e.Continue(), e.Continue())
    assert story.situation is S.OUTCOME_UNKNOWN and "case_opened" not in story.kinds()


def test_a_late_answer_of_the_terminal_closes_the_case_while_the_parent_still_waits() -> None:
    story = Story().to_pay().sent().ended(e.Outcome.UNKNOWN, "silence")
    story.fire("look_up")
    assert isinstance(story.content, v.OutcomeUnknownView) and not story.content.looking
    story.ended(e.Outcome.PAID, afterwards=True)
    assert story.situation is S.PRINTING
    opened, closed = (body for body in story.recorded() if body.kind in ("case_opened", "case_closed"))
    assert opened.case_id == closed.case_id


def test_the_end_of_a_slip_is_not_the_end_of_the_ticket_that_follows_it() -> None:
    story = Story().to_pay().sent().ended(e.Outcome.UNKNOWN, "silence")
    slip = next(effect for effect in story.fire("look_up") if isinstance(effect, fx.PrintSlip))
    story.ended(e.Outcome.PAID, afterwards=True)
    story.tell(e.PrintEnded(e.PrintOutcome.OUT, print_id=slip.print_id))
    assert story.situation is S.PRINTING and "ticket_delivered" not in story.kinds()
    ticket = story.wanted(fx.PrintTicket)[0]
    story.tell(e.PrintEnded(e.PrintOutcome.OUT, print_id=ticket.print_id))
    assert story.situation is S.TAKE and story.kinds().count("ticket_delivered") == 1


def test_the_late_end_of_an_earlier_visits_ticket_says_nothing_of_this_one() -> None:
    story = Story().paid()
    earlier = story.wanted(fx.PrintTicket)[0].print_id
    story.fire("print")
    story.fire("print_trouble")
    story.tell(e.CardRemoved())
    story.to_pay().sent().approved().ended(e.Outcome.PAID)
    story.tell(e.PrintEnded(e.PrintOutcome.OUT, print_id=earlier))
    assert story.situation is S.PRINTING
