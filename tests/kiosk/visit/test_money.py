"""Money beside the main path: given back, paid at the desk, and receipts that the terminal insists on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.domain.profiles.profile import Payment as PaymentRules
from kiosk.domain.profiles.profile import PaymentPlace
from kiosk.domain.record.entries import Receipt
from kiosk.visit import effects as fx
from kiosk.visit import events as e
from kiosk.visit import view as v
from kiosk.visit.events import Fault
from kiosk.visit.view import Situation

from .story import Story

S = Situation
PAPER_OUT = frozenset({Fault.PAPER_OUT})


def no_ticket(certain: bool = True) -> Story:
    """Paid, and the paper ran out."""
    story = Story().paid()
    story.tell(e.HealthChanged(PAPER_OUT))
    outcome = e.PrintOutcome.NOT_OUT if certain else e.PrintOutcome.UNKNOWN
    story.tell(e.PrintEnded(outcome, "paper-out"))
    assert story.situation is S.PRINT_TROUBLE
    return story


def money_back(story: Story, outcome: e.ReversalOutcome, reason: str = "") -> Story:
    story.tell(e.MoneyBackWanted())
    assert story.situation is S.MONEY_BACK
    story.tell(e.ReversalEnded(story.payment_id, outcome, reason, receipt=Receipt(text=("ANNULERING",))))
    return story


def test_a_parent_without_a_ticket_may_have_the_money_back() -> None:
    story = no_ticket()
    assert isinstance(story.content, v.PrintTroubleView) and story.content.money_back
    effects = story.tell(e.MoneyBackWanted())
    kinds = [type(effect) for effect in effects]
    assert kinds.index(fx.Record) < kinds.index(fx.ReversePayment)  # durable before it is asked for
    (asked,) = story.wanted(fx.ReversePayment)
    assert asked == fx.ReversePayment(story.payment_id, 2400, story.visit.payment.receipt)  # type: ignore[union-attr]
    assert isinstance(story.content, v.MoneyBackView) and story.content.state is v.MoneyBack.ASKING
    story.tell(e.Continue(), e.Stop(), e.Back(), e.MoneyBackWanted(), e.CardRemoved())
    assert story.situation is S.MONEY_BACK and len(story.wanted(fx.ReversePayment)) == 1
    story.tell(e.ReversalEnded(story.payment_id, e.ReversalOutcome.REVERSED))
    assert isinstance(story.content, v.MoneyBackView) and story.content.state is v.MoneyBack.GIVEN
    assert story.kinds()[-2:] == ["payment_reversed", "slot_released"]
    story.tell(e.Continue())
    assert story.situation is S.GOODBYE
    assert story.kinds().count("slot_released") == 1 and "case_opened" not in story.kinds()


def test_where_the_terminal_does_not_take_it_back_the_desk_gives_the_ticket() -> None:
    story = money_back(no_ticket(), e.ReversalOutcome.NOT_REVERSED, "not possible")
    assert isinstance(story.content, v.MoneyBackView) and story.content.state is v.MoneyBack.KEPT
    case = story.recorded()[-1]
    assert (case.kind, case.about, case.payment_id) == ("case_opened", "ticket", story.payment_id)  # type: ignore[union-attr]
    story.fire("advice")
    assert story.situation is S.GOODBYE and "slot_released" not in story.kinds()


@pytest.mark.parametrize("how", ["said", "silent"])
def test_a_reversal_of_which_nobody_knows_is_a_case_and_never_shown_as_done(how: str) -> None:
    story = no_ticket()
    if how == "said":
        money_back(story, e.ReversalOutcome.UNKNOWN)
    else:
        story.tell(e.MoneyBackWanted())
        story.fire("look_up")
    assert story.situation is S.OUTCOME_UNKNOWN
    case = story.recorded()[-1]
    assert (case.kind, case.about) == ("case_opened", "payment")  # type: ignore[union-attr]
    assert "slot_released" not in story.kinds() and "payment_reversed" not in story.kinds()


def test_a_ticket_that_may_be_out_keeps_its_money() -> None:
    story = no_ticket(certain=False)
    assert isinstance(story.content, v.PrintTroubleView) and not story.content.money_back
    story.tell(e.MoneyBackWanted())
    assert story.situation is S.PRINT_TROUBLE and not story.wanted(fx.ReversePayment)


def test_a_reversal_that_the_disk_does_not_take_is_not_asked_for() -> None:
    story = no_ticket()
    story.tell(e.MoneyBackWanted(), e.JournalFailed("payment_reversing", "full"))
    assert story.situation is S.PRINT_TROUBLE
    assert isinstance(story.content, v.PrintTroubleView) and story.content.paid_cents == 2400


@pytest.mark.parametrize(("must", "slips"), [(True, 1), (False, 0)])
def test_the_receipt_of_a_refused_payment_is_printed_where_the_terminal_insists(must: bool, slips: int) -> None:
    story = Story().to_pay().sent()
    receipt = Receipt(text=("Bancontact", "  GEWEIGERD"))
    story.tell(e.PaymentEnded(story.payment_id, e.Outcome.NOT_PAID, "declined", 5, receipt=receipt, must_print=must))
    assert story.situation is S.NOT_PAID
    printed = story.wanted(fx.PrintSlip)
    assert [(slip.about, slip.receipt) for slip in printed] == [(fx.SlipAbout.NOT_PAID, receipt.text)] * slips  # type: ignore[attr-defined]
    (not_paid,) = (body for body in story.recorded() if body.kind == "payment_not_paid")
    assert not_paid.receipt == receipt  # type: ignore[union-attr]


# --- at the desk -----------------------------------------------------------------------------------------


def at_a_town_with(*places: PaymentPlace) -> Story:
    """A story in a town that takes money there."""
    story = Story()
    around = story.visit._around
    rules = around.profile.payment.model_copy(update={"places": places})
    assert isinstance(rules, PaymentRules)
    story.visit._around = replace(around, profile=around.profile.model_copy(update={"payment": rules}))
    story.visit.answers = story.visit._no_answers()
    return story


BOTH = (PaymentPlace.KIOSK, PaymentPlace.DESK)


@pytest.mark.parametrize("faults", [frozenset(), frozenset({Fault.TERMINAL}), frozenset({Fault.OPEN_CASE})])
def test_a_parent_may_pay_at_the_desk_where_the_town_takes_money_there(faults: frozenset[Fault]) -> None:
    story = at_a_town_with(*BOTH)
    story.tell(e.HealthChanged(faults))
    story.card_accepted().service().child().to_review()
    assert isinstance(story.content, v.ReviewView) and story.content.at_desk
    assert story.content.here is not bool(faults)
    cents = story.content.total_cents
    story.tell(e.PayAtDesk())
    assert story.situation is S.PRINTING
    assert {k for k in story.kinds() if k.startswith(("payment", "request"))} == {"request_made", "payment_due"}
    (due,) = (body for body in story.recorded() if body.kind == "payment_due")
    assert due.cents == cents  # type: ignore[union-attr]
    (printed,) = story.wanted(fx.PrintTicket)
    assert printed.ticket.paid is None and printed.ticket.request.total_cents == cents  # type: ignore[attr-defined]
    story.tell(e.PrintEnded(e.PrintOutcome.OUT))
    assert story.situation is S.TAKE


def test_after_a_payment_that_did_not_succeed_the_same_request_may_be_paid_at_the_desk() -> None:
    story = at_a_town_with(*BOTH)
    story.card_accepted().service().child().to_review().tell(e.Continue())
    story.sent().ended(e.Outcome.NOT_PAID, "declined")
    assert isinstance(story.content, v.NotPaidView) and story.content.at_desk
    story.tell(e.PayAtDesk())
    assert story.situation is S.PRINTING
    assert story.kinds().count("request_made") == story.kinds().count("slot_booked") == 1


def test_a_town_that_takes_no_money_at_the_desk_offers_none() -> None:
    story = at_a_town_with(PaymentPlace.KIOSK)
    story.card_accepted().service().child().to_review()
    assert isinstance(story.content, v.ReviewView) and not story.content.at_desk
    story.tell(e.PayAtDesk())
    assert story.situation is S.REVIEW


def test_what_is_unknown_is_not_offered_to_be_paid_at_the_desk() -> None:
    story = at_a_town_with(*BOTH)
    story.card_accepted().service().child().to_review().tell(e.Continue())
    story.sent().ended(e.Outcome.UNKNOWN)
    story.tell(e.PayAtDesk())
    assert story.situation is S.OUTCOME_UNKNOWN and "payment_due" not in story.kinds()
