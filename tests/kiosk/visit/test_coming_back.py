"""A parent comes back: what they see of earlier requests, and what they can do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from kiosk.domain.follow_up import FoundChild, FoundRequest, FoundTime
from kiosk.domain.quote import Service
from kiosk.domain.record.entries import Receipt
from kiosk.domain.request_states import RequestState
from kiosk.domain.tickets.contents import read_contents, write_contents
from kiosk.visit import effects as fx
from kiosk.visit import events as e
from kiosk.visit import view as v
from kiosk.visit.events import Action
from kiosk.visit.view import Situation
from tests.kiosk.visit.story import AMINA, MONDAY, Story
from tests.towns import OTHER_TOWN

S = Situation
TICKET = UUID(int=99)


def first_ticket(story: Story | None = None) -> fx.PrintTicket:
    """What an ordinary visit prints."""
    (printed,) = (story or Story().paid()).wanted(fx.PrintTicket)
    assert isinstance(printed, fx.PrintTicket)
    return printed


def found(**changes: Any) -> FoundRequest:
    """That visit's request as the backend tells it later."""
    printed = first_ticket()
    assert printed.contents is not None and printed.ticket.appointment_start is not None
    request = FoundRequest(
        ticket_id=TICKET,
        ticket_code="K7M-3QX-Q",
        made_at=MONDAY - timedelta(days=1),
        service=Service.APPLICATION.value,
        state=RequestState.REQUESTED,
        children=tuple(
            FoundChild(
                first_name=child.first_name,
                card_type=child.card_type,
                procedure=child.procedure,
                fee_cents=child.fee_cents,
            )
            for child in printed.ticket.request.children
        ),
        total_cents=printed.ticket.request.total_cents,
        paid=Receipt(cents=2400, receipt_number=42),
        appointment=FoundTime(start=printed.ticket.appointment_start, minutes=45, desk="Burgerzaken", open=True),
        contents=write_contents(printed.contents),
    )
    return request.model_copy(update=changes)


def asks(story: Story | None = None) -> Story:
    return (story or Story()).card_accepted().tell_all(e.RequestsWanted())


def sees(*requests: FoundRequest, problem: e.LookUpProblem | None = None, story: Story | None = None) -> Story:
    story = asks(story)
    (question,) = story.wanted(fx.FindRequests)
    assert isinstance(question, fx.FindRequests)
    story.tell(e.RequestsFound(question.ask_id, requests, problem))
    return story


def opens(request: FoundRequest, story: Story | None = None) -> Story:
    story = sees(request, story=story)
    story.tell(e.RequestChosen(request.ticket_id))
    assert story.situation is S.MY_REQUEST
    return story


def actions(story: Story) -> tuple[Action, ...]:
    assert isinstance(story.content, v.MyRequestView)
    return story.content.actions


def printed(story: Story) -> fx.PrintTicket:
    job = story.wanted(fx.PrintTicket)[-1]
    assert isinstance(job, fx.PrintTicket)
    return job


# --- Finding them ---------------------------------------------------------------------------------------------


def test_requests_are_looked_up_only_when_they_are_wanted_and_with_the_parent_s_own_number() -> None:
    story = Story().card_accepted()
    assert story.wanted(fx.FindRequests) == []
    story.tell(e.RequestsWanted())
    (question,) = story.wanted(fx.FindRequests)
    assert isinstance(question, fx.FindRequests) and question.national_number == AMINA.national_number
    assert story.content == v.MyRequestsView(True, None, ())


def test_without_a_card_there_is_no_such_way() -> None:
    story = Story()
    story.tell(e.LanguageChosen("nl"), e.ContinueWithoutCard(), e.RequestsWanted())
    assert story.situation is not S.MY_REQUESTS and story.wanted(fx.FindRequests) == []


def test_without_a_line_the_parent_is_told_so_and_may_look_again() -> None:
    story = sees(problem=e.LookUpProblem.NO_LINE)
    assert story.content == v.MyRequestsView(False, e.LookUpProblem.NO_LINE, ())
    story.tell(e.Continue())
    first, second = story.wanted(fx.FindRequests)
    assert isinstance(first, fx.FindRequests) and isinstance(second, fx.FindRequests)
    story.tell(e.RequestsFound(first.ask_id, (found(),)))
    assert story.content == v.MyRequestsView(True, None, ()), "the answer to an earlier question is old news"
    story.tell(e.RequestsFound(second.ask_id, (found(),)))
    assert isinstance(story.content, v.MyRequestsView) and len(story.content.requests) == 1


def test_the_answer_for_a_parent_who_has_left_is_shown_to_nobody() -> None:
    story = asks()
    (question,) = story.wanted(fx.FindRequests)
    assert isinstance(question, fx.FindRequests)
    story.tell(e.Stop(), e.Stop(), e.CardRemoved(), e.RequestsFound(question.ask_id, (found(),)))
    assert story.situation is S.WELCOME
    asks(story)
    assert story.content == v.MyRequestsView(True, None, ())


def test_a_time_out_forgets_them() -> None:
    story = opens(found())
    story.fire("idle")
    story.fire("still_there")
    assert story.situation is S.GOODBYE
    assert story.visit.returning is None


# --- What can be done -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "possible"),
    [
        ({}, (Action.PRINT, Action.MOVE, Action.CANCEL)),
        ({"appointment": None}, (Action.PRINT, Action.BOOK)),
        ({"in_doubt": True}, ()),
        ({"state": RequestState.REFUNDED}, ()),
        ({"state": RequestState.COLLECTED, "appointment": None}, ()),
        ({"state": RequestState.IN_PRODUCTION, "appointment": None}, (Action.PRINT,)),
        ({"service": "something of tomorrow", "appointment": None}, (Action.PRINT,)),
    ],
)
def test_what_can_be_done_follows_from_how_far_it_is(changes: dict[str, Any], possible: tuple[Action, ...]) -> None:
    assert actions(opens(found(**changes))) == possible


def test_a_time_that_has_begun_is_neither_moved_nor_cancelled() -> None:
    begun = found()
    assert begun.appointment is not None
    closed = begun.appointment.model_copy(update={"open": False})
    assert actions(opens(found(appointment=closed))) == (Action.PRINT,)


def test_without_a_printer_nothing_that_needs_paper_is_begun() -> None:
    story = opens(found())
    story.tell(e.HealthChanged(frozenset({e.Fault.PRINTER})))
    assert Action.PRINT not in actions(story)
    story.tell(e.ActionChosen(Action.PRINT))
    assert story.situation is S.MY_REQUEST
    story.tell(e.ActionChosen(Action.MOVE), e.SlotChosen("slot-2"), e.Continue())
    assert story.situation is S.OTHER_TIME and "appointment_chosen" not in story.kinds()


# --- The ticket once more -------------------------------------------------------------------------------------


def test_a_copy_says_what_the_ticket_said_and_that_it_is_a_copy() -> None:
    first = first_ticket()
    story = opens(found())
    story.tell(e.ActionChosen(Action.PRINT))
    again = printed(story)
    assert (again.ticket.copy_mark, again.ticket.reprint, again.contents) == (True, fx.Reprint.ASKED, None)
    for same in ("checklist", "notices", "collection", "ready", "validity", "fingerprints", "payment", "legal_base"):
        assert getattr(again.ticket, same) == getattr(first.ticket, same), same
    assert again.ticket.request.ticket_id == TICKET
    assert again.ticket.request.language == "nl"
    assert "request_made" not in story.kinds() and "slot_booked" not in story.kinds()
    story.tell(e.PrintEnded(e.PrintOutcome.OUT, "", again.print_id))
    assert story.situation is S.TAKE
    assert story.kinds()[-2:] == ["ticket_delivered", "visit_closed"]


def test_a_ticket_that_never_came_out_is_no_copy() -> None:
    story = opens(found(printed=False))
    story.tell(e.ActionChosen(Action.PRINT))
    assert printed(story).ticket.copy_mark is False


def test_a_copy_that_does_not_come_out_is_no_case_for_anybody() -> None:
    story = opens(found())
    story.tell(e.ActionChosen(Action.PRINT))
    story.tell(e.PrintEnded(e.PrintOutcome.NOT_OUT, "paper-out", printed(story).print_id), e.Continue())
    assert "case_opened" not in story.kinds() and story.situation is S.GOODBYE


def test_what_was_recorded_by_another_version_makes_a_shorter_copy() -> None:
    story = opens(found(contents={"checklist": [{"kode": "?"}], "more": 1}))
    story.tell(e.ActionChosen(Action.PRINT))
    assert printed(story).ticket.checklist == ()
    assert read_contents({"checklist": 7}) is None


# --- Another time ---------------------------------------------------------------------------------------------


def test_another_time_is_recorded_before_its_ticket_is_printed() -> None:
    story = opens(found())
    story.tell(e.ActionChosen(Action.MOVE), e.SlotChosen("slot-2"))
    effects = story.tell(e.Continue())
    kinds = [effect.body.kind for effect in effects if isinstance(effect, fx.Record)]
    assert kinds == ["appointment_chosen", "print_started"]
    job = printed(story)
    assert (job.ticket.copy_mark, job.ticket.reprint) == (True, fx.Reprint.NEW_TIME)
    assert job.ticket.appointment_start == story.slots[2].start
    assert job.contents is not None and job.contents.same_until is not None


def test_from_another_day_the_card_is_ready_on_another_day() -> None:
    far = Story()
    far.slots = [
        slot.__class__(slot.start + timedelta(days=14), slot.id, slot.minutes, slot.desk) for slot in far.slots
    ]
    opens(found(), far)
    far.tell(e.ActionChosen(Action.MOVE), e.SlotChosen("slot-1"), e.Continue())
    before, after = first_ticket().ticket.ready[0], printed(far).ticket.ready[0]
    assert before is not None and after is not None and after.at > before.at


def test_a_time_at_which_the_ticket_would_not_be_true_is_not_offered() -> None:
    contents = read_contents(found().contents)
    assert contents is not None and contents.same_until is not None
    late = Story()
    past_it = contents.same_until - MONDAY.date() + timedelta(days=3)
    late.slots = [slot.__class__(slot.start + past_it, slot.id, slot.minutes, slot.desk) for slot in late.slots]
    opens(found(), late)
    late.tell(e.ActionChosen(Action.MOVE))
    assert isinstance(late.content, v.OtherTimeView) and late.content.slots == ()


def test_a_time_that_is_gone_changes_nothing_and_another_can_be_chosen() -> None:
    request = found()
    story = opens(request)
    story.tell(e.ActionChosen(Action.MOVE), e.SlotChosen("slot-2"), e.Continue())
    story.tell(e.JournalFailed("appointment_chosen", "slot-2 is not free"))
    assert story.situation is S.OTHER_TIME
    assert isinstance(story.content, v.OtherTimeView) and story.content.before == request.appointment
    story.tell(e.SlotChosen("slot-3"), e.Continue())
    assert [body.slot_id for body in story.recorded() if body.kind == "appointment_chosen"] == ["slot-2", "slot-3"]


def test_a_ticket_with_a_new_time_is_tried_again_without_booking_again() -> None:
    story = opens(found())
    story.tell(e.ActionChosen(Action.MOVE), e.SlotChosen("slot-2"), e.Continue())
    story.tell(e.PrintEnded(e.PrintOutcome.UNKNOWN, "paper-out", printed(story).print_id))
    story.tell(e.HealthChanged(frozenset()))
    assert story.kinds().count("appointment_chosen") == 1
    assert len(story.wanted(fx.PrintTicket)) == 2 and printed(story).ticket.copy_mark


def test_the_appointment_is_cancelled_only_after_a_second_touch_and_may_be_made_again() -> None:
    story = opens(found())
    story.tell(e.ActionChosen(Action.CANCEL))
    assert story.situation is S.CANCEL_TIME
    story.tell(e.Back())
    assert "appointment_cancelled" not in story.kinds()
    story.tell(e.ActionChosen(Action.CANCEL), e.Continue())
    assert story.kinds()[-1] == "appointment_cancelled"
    assert isinstance(story.content, v.MyRequestView) and story.content.cancelled
    assert actions(story) == (Action.PRINT, Action.BOOK)


# --- Collecting -----------------------------------------------------------------------------------------------


def ready_to_collect(**changes: Any) -> FoundRequest:
    return found(state=RequestState.READY, appointment=None, **changes)


def test_a_ready_card_s_collection_is_booked_and_has_a_ticket_of_its_own() -> None:
    story = Story(municipality=OTHER_TOWN)
    opens(ready_to_collect(), story)
    assert Action.COLLECT in actions(story)
    story.tell(e.ActionChosen(Action.COLLECT), e.SlotChosen("slot-1"), e.Continue())
    (chosen,) = (body for body in story.recorded() if body.kind == "appointment_chosen")
    assert chosen.collection
    job = printed(story)
    assert job.ticket.request.service == Service.COLLECTION.value and job.ticket.request.total_cents == 0
    assert job.ticket.copy_mark is False, "it is no copy of the ticket for the request"
    assert job.contents is None, "what that one said stays on record"


def test_where_cards_are_collected_without_an_appointment_none_is_offered() -> None:
    story = opens(ready_to_collect())
    assert actions(story) == (Action.PRINT,)
    assert isinstance(story.content, v.MyRequestView) and story.content.collect is not None
