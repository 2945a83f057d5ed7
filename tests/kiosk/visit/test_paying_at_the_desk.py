"""What is paid at the desk: the only way in some towns, a choice in others, and the way on where the terminal fails."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kiosk.domain.quote import Service
from kiosk.domain.record.entries import PaymentDue
from kiosk.ticket.claims import TicketKind, kind_of
from kiosk.visit import effects as fx
from kiosk.visit import events as e
from kiosk.visit.view import ReviewView, Situation, TakeView
from tests.kiosk.visit.story import Story

TOWNS = Path(__file__).parents[1] / "domain" / "profiles"
DESK_ONLY, EITHER = str(TOWNS / "quelqueville.toml"), str(TOWNS / "saint-quelque-part.toml")

NO_TERMINAL = e.HealthChanged(frozenset({e.Fault.TERMINAL}))


def at_review(town: str, *before: e.Event) -> Story:
    story = Story(town)
    story.tell(*before)
    story.card_accepted("fr").service().child()
    story.tell(e.Continue())
    story.answer().tell(e.Continue())
    if story.situation is Situation.APPOINTMENT:
        story.tell(e.SlotChosen("slot-1"), e.Continue())
    assert story.situation is Situation.REVIEW
    return story


def review(story: Story) -> ReviewView:
    assert isinstance(story.content, ReviewView)
    return story.content


def ticket_of(story: Story) -> fx.Ticket:
    (effect,) = story.wanted(fx.PrintTicket)
    assert isinstance(effect, fx.PrintTicket)
    return effect.ticket


def test_where_the_desk_alone_takes_money_the_terminal_is_never_asked() -> None:
    story = at_review(DESK_ONLY)
    assert (review(story).here, review(story).at_desk, review(story).payment_possible) == (False, True, True)
    story.tell(e.Continue())
    assert story.situation is Situation.REVIEW, "only the words on the button are what the parent agrees to"
    story.tell(e.PayAtDesk())
    assert story.situation is Situation.PRINTING
    assert story.kinds()[-3:] == ["request_made", "payment_due", "print_started"]
    assert not story.wanted(fx.PreparePayment)
    assert (ticket_of(story).paid, kind_of(ticket_of(story))) == (None, TicketKind.PAY_AT_DESK)


def test_where_the_desk_alone_takes_money_a_kiosk_needs_no_terminal() -> None:
    story = at_review(DESK_ONLY, NO_TERMINAL)
    story.tell(e.PayAtDesk(), e.PrintEnded(e.PrintOutcome.OUT))
    assert story.situation is Situation.TAKE
    assert isinstance(story.content, TakeView)
    assert (story.content.paid_cents, story.content.due_cents) == (0, 1500)


def test_where_both_take_money_it_is_the_parent_s_choice() -> None:
    story = at_review(EITHER)
    assert (review(story).here, review(story).at_desk) == (True, True)
    story.tell(e.PayAtDesk())
    due = [body for body in story.recorded() if isinstance(body, PaymentDue)]
    assert [body.cents for body in due] == [1070]
    assert [body.kind for body in story.recorded()][-4:] == [
        "request_made",
        "slot_booked",
        "payment_due",
        "print_started",
    ]
    other = at_review(EITHER)
    other.tell(e.Continue())
    assert other.situation is Situation.PAY


@pytest.mark.parametrize("fault", [e.Fault.TERMINAL, e.Fault.OPEN_CASE])
def test_where_both_take_money_the_desk_is_the_way_on_when_nothing_can_be_paid_here(fault: e.Fault) -> None:
    story = at_review(EITHER, e.HealthChanged(frozenset({fault})))
    assert (review(story).here, review(story).at_desk, review(story).payment_possible) == (False, True, True)
    story.tell(e.Continue())
    assert story.situation is Situation.REVIEW
    story.tell(e.PayAtDesk())
    assert story.situation is Situation.PRINTING


def test_a_refused_payment_can_be_made_at_the_desk() -> None:
    story = at_review(EITHER)
    story.tell(e.Continue())
    story.sent().ended(e.Outcome.NOT_PAID, "declined")
    assert story.situation is Situation.NOT_PAID
    story.tell(e.PayAtDesk())
    assert story.situation is Situation.PRINTING
    assert ticket_of(story).paid is None
    assert story.kinds().count("payment_due") == 1


def test_an_approval_that_was_taken_back_is_not_on_the_ticket() -> None:
    story = at_review(EITHER)
    story.tell(e.Continue())
    story.sent().approved().tell(e.JournalFailed("payment_approved", "disk full"))
    story.ended(e.Outcome.NOT_PAID, "aborted")
    story.tell(e.PayAtDesk())
    assert ticket_of(story).paid is None


def test_a_ticket_printed_again_is_due_once() -> None:
    story = at_review(DESK_ONLY)
    story.tell(e.PayAtDesk(), e.PrintEnded(e.PrintOutcome.NOT_OUT, "paper-out"))
    assert story.situation is Situation.PRINT_TROUBLE
    story.tell(e.HealthChanged(frozenset({e.Fault.PAPER_OUT})), e.HealthChanged(frozenset()))
    assert story.situation is Situation.PRINTING
    assert story.kinds().count("payment_due") == 1


def test_without_paper_nothing_is_due_either() -> None:
    story = at_review(DESK_ONLY)
    story.tell(e.HealthChanged(frozenset({e.Fault.PAPER_OUT})), e.PayAtDesk())
    assert story.situation is Situation.REVIEW
    assert "payment_due" not in story.kinds()


def test_where_the_kiosk_alone_takes_money_the_desk_is_no_way_out() -> None:
    story = Story()
    story.to_pay()
    assert story.situation is Situation.PAY
    story.tell(e.PayAtDesk())
    assert story.situation is Situation.PAY
    story.sent().ended(e.Outcome.NOT_PAID, "declined").tell(e.PayAtDesk())
    assert story.situation is Situation.NOT_PAID


def test_what_is_free_is_not_due() -> None:
    story = Story(str(TOWNS / "ergensdam.toml")).card_accepted().service(Service.COLLECTION)
    story.tell(e.NameGiven("Yusuf"), e.BirthDateGiven(date(2022, 5, 4)))
    story.answer().tell(e.Continue())
    story.answer().tell(e.Continue(), e.PayAtDesk())
    assert story.situation is Situation.REVIEW
    story.tell(e.Continue())
    assert story.situation is Situation.PRINTING
    assert "payment_due" not in story.kinds()
