"""A payment that was not paid is approved after all, while its parent still stands there."""

from __future__ import annotations

from uuid import uuid4

import pytest

from kiosk.visit import effects as fx
from kiosk.visit import events as e
from kiosk.visit import view as v
from kiosk.visit.events import Fault
from kiosk.visit.view import Situation

from .story import Story

S = Situation
CASE = uuid4()


def not_paid() -> tuple[Story, e.ApprovedLate]:
    """The terminal declined; and what will be heard of it."""
    story = Story().to_pay().sent().ended(e.Outcome.NOT_PAID, "declined")
    assert story.situation is S.NOT_PAID
    return story, late(story)


def late(story: Story) -> e.ApprovedLate:
    visit = story.visit
    assert visit.visit_id is not None and visit.payment is not None
    request = visit.answers.request_made("nl")
    return e.ApprovedLate(visit.visit_id, visit.payment.payment_id, CASE, 2400, "approved after all", request)


def slips(story: Story) -> list[fx.PrintSlip]:
    return [effect for effect in story.effects if isinstance(effect, fx.PrintSlip)]


def in_doubt(story: Story) -> v.OutcomeUnknownView:
    content = story.content
    assert story.situation is S.OUTCOME_UNKNOWN and isinstance(content, v.OutcomeUnknownView)
    assert (content.total_cents, content.ticket_code, content.looking) == (2400, "K7M-3QX-Q", False)
    return content


def test_who_reads_that_nothing_was_paid_reads_that_it_is_in_doubt_and_has_a_slip() -> None:
    story, event = not_paid()
    story.tell(event)
    assert not in_doubt(story).slip_out
    (slip,) = slips(story)
    assert (slip.about, slip.request.ticket_code) == (fx.SlipAbout.PAYMENT_UNKNOWN, "K7M-3QX-Q")
    started = [effect for effect in story.effects if isinstance(effect, fx.Record)][-1]
    assert started.body.kind == "print_started"
    assert story.effects.index(started) < story.effects.index(slip)
    story.tell(e.PrintEnded(e.PrintOutcome.OUT, print_id=slip.print_id))
    assert in_doubt(story).slip_out
    assert not story.visit.payment_possible
    story.tell(e.Continue())
    assert story.situation is S.GOODBYE
    assert "slot_released" not in story.kinds()  # perhaps paid: the appointment stays
    assert "case_opened" not in story.kinds()  # it is on disk already


def test_it_is_over_by_itself_when_nobody_touches_it() -> None:
    story, event = not_paid()
    story.tell(event)
    story.fire("advice")
    assert story.situation is S.GOODBYE


def test_a_second_try_that_was_not_sent_yet_is_never_sent() -> None:
    story, event = not_paid()
    story.tell(e.Continue())
    assert story.situation is S.PAY
    second = story.payment_id
    story.tell(event, e.PaymentReady(second, "52500001", 41, 77))
    in_doubt(story)
    assert len(story.wanted(fx.StartPayment)) == 1 and len(slips(story)) == 1


@pytest.mark.parametrize("outcome", [e.Outcome.NOT_PAID, e.Outcome.UNKNOWN])
def test_a_second_try_that_runs_is_asked_to_stop_and_its_no_is_not_what_is_shown(outcome: e.Outcome) -> None:
    story, event = not_paid()
    story.tell(e.Continue())
    story.sent()
    second = story.payment_id
    story.tell(event)
    assert story.situation is S.PAY and story.wanted(fx.AbortPayment) == [fx.AbortPayment(second)]
    assert len(slips(story)) == 1
    story.ended(outcome, "aborted")
    if outcome is e.Outcome.UNKNOWN:
        assert story.situation is S.OUTCOME_UNKNOWN
        story.ended(e.Outcome.NOT_PAID, "looked-up", afterwards=True)
    in_doubt(story)
    assert story.payment_id == event.payment_id


def test_a_second_try_that_is_paid_has_its_ticket() -> None:
    story, event = not_paid()
    story.tell(e.Continue())
    story.sent().approved().tell(event)
    story.ended(e.Outcome.PAID)
    assert story.situation is S.PRINTING and len(slips(story)) == 1
    (ticket,) = story.wanted(fx.PrintTicket)
    story.tell(e.PrintEnded(e.PrintOutcome.OUT, print_id=ticket.print_id))  # type: ignore[attr-defined]
    assert story.situation is S.TAKE


def test_who_went_back_to_change_something_is_told_too() -> None:
    story, event = not_paid()
    story.tell(e.Back())
    assert story.situation is S.REVIEW
    story.tell(event)
    in_doubt(story)


def test_a_ticket_that_is_being_printed_comes_out_first() -> None:
    story, event = not_paid()
    story.tell(e.Continue())
    story.sent().approved().ended(e.Outcome.PAID)
    story.tell(event)
    assert story.situation is S.PRINTING and len(slips(story)) == 1
    (ticket,) = story.wanted(fx.PrintTicket)
    story.tell(e.PrintEnded(e.PrintOutcome.OUT, print_id=slips(story)[0].print_id))
    assert story.situation is S.PRINTING
    story.tell(e.PrintEnded(e.PrintOutcome.OUT, print_id=ticket.print_id))  # type: ignore[attr-defined]
    assert story.situation is S.TAKE


def test_the_next_parent_is_told_nothing_of_it() -> None:
    story, event = not_paid()
    story.tell(e.Stop(), e.Stop(), e.CardRemoved())
    assert story.situation is S.WELCOME
    story.card_accepted()
    before = story.situation
    assert story.tell(event) == [] and story.situation is before


def test_without_paper_there_is_no_slip_and_the_screen_says_it() -> None:
    story, event = not_paid()
    story.tell(e.HealthChanged(frozenset({Fault.PAPER_OUT})), event)
    in_doubt(story)
    assert not slips(story)


def test_a_request_that_the_record_has_forgotten_is_told_without_a_slip() -> None:
    story, event = not_paid()
    story.tell(e.ApprovedLate(event.visit_id, event.payment_id, CASE, 2400, "approved after all", None))
    in_doubt(story)
    assert not slips(story)


@pytest.mark.parametrize("fault", [Fault.OPEN_CASE, Fault.MONEY_UNRECORDED, Fault.DISK])
def test_nothing_is_sent_when_a_fault_came_up_between_the_touch_and_the_terminals_answer(fault: Fault) -> None:
    story = Story().to_pay()
    story.tell(e.HealthChanged(frozenset({fault})))
    story.sent()
    assert story.situation is S.NOT_PAID and not story.wanted(fx.StartPayment)
    assert "payment_intent" not in story.kinds()


def test_money_that_is_not_written_down_takes_the_kiosk_out_of_service() -> None:
    story = Story()
    story.tell(e.HealthChanged(frozenset({Fault.MONEY_UNRECORDED})))
    assert story.situation is S.OUT_OF_SERVICE
    content = story.content
    assert isinstance(content, v.OutOfServiceView) and content.faults == {Fault.MONEY_UNRECORDED}
    story.tell(e.HealthChanged(frozenset()))
    assert story.situation is S.WELCOME
