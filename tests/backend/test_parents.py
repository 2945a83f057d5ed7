"""A parent comes back: who may ask a backend for whose requests, what it tells, and what the parent changes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from backend.appointments.models import Appointment, AppointmentChange, Slot
from backend.fleet.models import Kiosk
from backend.requests import parents
from backend.requests.models import DeskPayment, ParentLookUp, Request
from kiosk.domain import wire
from kiosk.domain.follow_up import FoundRequest, FoundRequests, LookUpKey, key_bytes, parent_digest
from kiosk.domain.record import entries
from kiosk.domain.request_states import RequestState
from tests.backend.kiosks import BOTH, Story, TestKiosk, outcomes

ENGINES = BOTH
PARENT = "85073003328"  # of Story
SOMEBODY_ELSE = "88010112384"


def ask(kiosk: TestKiosk, number: str = PARENT, **changes: object) -> wire.Problem | FoundRequests:
    told = LookUpKey.model_validate_json(kiosk.get("/parents/key").content)
    question = {"parent": parent_digest(key_bytes(told), number), "key_id": told.key_id} | changes
    answer = kiosk.post("/parents/requests", question)
    shape = FoundRequests if answer.status_code == 200 else wire.Problem
    return shape.model_validate_json(answer.content)


def only(found: object) -> FoundRequest:
    assert isinstance(found, FoundRequests)
    (request,) = found.requests
    return request


@pytest.fixture
def paid(kiosk: TestKiosk) -> Story:
    story = Story(kiosk)
    slot = kiosk.lease(wanted=6).slots[0]
    kiosk.upload([*story.asks(), *story.books(slot), *story.pays(), *story.takes_the_ticket()])
    return story


def chosen(story: Story, slot: wire.LeasedSlot, *, collection: bool = False) -> entries.AppointmentChosen:
    return entries.AppointmentChosen(
        ticket_id=story.ticket,
        slot_id=slot.id,
        start=slot.start,
        minutes=slot.minutes,
        desk=slot.desk,
        collection=collection,
    )


def test_a_parent_finds_what_they_asked_for_at_any_kiosk_of_the_municipality(paid: Story, other_kiosk: TestKiosk):
    found = only(ask(other_kiosk))
    assert (found.ticket_id, found.ticket_code, found.state) == (paid.ticket, paid.code, RequestState.REQUESTED)
    assert [child.first_name for child in found.children] == ["Yusuf", "Lina"]
    assert found.appointment is not None and found.appointment.open and not found.appointment.collection
    assert found.paid is not None and found.paid.receipt_number == 214
    assert found.printed and not found.in_doubt


def test_nobody_else_finds_it(paid: Story, kiosk: TestKiosk):
    assert ask(kiosk, SOMEBODY_ELSE) == FoundRequests(requests=())


def test_the_answer_has_no_surname_no_national_number_no_birth_date_and_no_merchant_s_receipt(paid: Story):
    text = only(ask(paid.kiosk)).model_dump_json()
    for personal in ("El Amrani", "Amina", PARENT, "B1234567", "2019-05-04", "2022-05-04"):
        assert personal not in text
    assert json.loads(text)["paid"]["merchant_text"] == []


def test_neither_the_number_nor_the_digest_is_kept_of_a_question(paid: Story):
    ask(paid.kiosk)
    assert [(look_up.kiosk_id, look_up.found) for look_up in ParentLookUp.objects.all()] == [(paid.kiosk.id, 1)]
    assert {field.name for field in ParentLookUp._meta.fields} == {"id", "kiosk", "at", "found"}


def test_the_digest_of_another_municipality_finds_nothing(paid: Story, other_town, api):
    elsewhere = TestKiosk.enrolled(other_town, api, "other-1")
    assert ask(elsewhere) == FoundRequests(requests=())
    told = LookUpKey.model_validate_json(elsewhere.get("/parents/key").content)
    refused = ask(paid.kiosk, key_id=told.key_id)
    assert isinstance(refused, wire.Problem) and refused.reason is wire.Refusal.OTHER_KEY


def test_without_a_kiosk_s_signature_nothing_is_told(paid: Story, api):
    body = {"parent": "x" * 43, "key_id": "k"}
    assert api.post("/parents/requests", body).status_code == 401
    assert api.get("/parents/key").status_code == 401
    Kiosk.objects.update(revoked_at=datetime.now(UTC))
    assert paid.kiosk.get("/parents/key").status_code == 403


@pytest.mark.parametrize("body", [{}, {"parent": PARENT, "key_id": "k"}, {"parent": "x" * 43, "key_id": "", "more": 1}])
def test_a_question_that_is_none_is_refused_without_repeating_it(kiosk: TestKiosk, body: dict[str, object]):
    answer = kiosk.post("/parents/requests", body)
    assert answer.status_code == 422 and PARENT.encode() not in answer.content


def test_a_kiosk_that_asks_too_often_has_to_wait_and_others_do_not(
    paid: Story, other_kiosk: TestKiosk, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(parents, "MOST_AN_HOUR", 2)
    ask(paid.kiosk), ask(paid.kiosk, SOMEBODY_ELSE)
    refused = ask(paid.kiosk)
    assert isinstance(refused, wire.Problem) and refused.reason is wire.Refusal.TOO_MANY
    assert only(ask(other_kiosk)).ticket_id == paid.ticket
    ParentLookUp.objects.update(at=datetime.now(UTC) - timedelta(minutes=61))
    assert only(ask(paid.kiosk)).ticket_id == paid.ticket


def test_a_visit_that_was_left_without_paying_is_no_request(kiosk: TestKiosk):
    story = Story(kiosk)
    kiosk.upload([*story.asks(), *story.is_declined()])
    assert ask(kiosk) == FoundRequests(requests=())


def test_a_payment_that_nobody_is_sure_of_is_said_to_be_so(kiosk: TestKiosk):
    story = Story(kiosk)
    kiosk.upload([*story.asks(), *story.hears_nothing()])
    found = only(ask(kiosk))
    assert found.in_doubt and found.paid is None


def test_the_parent_is_told_what_the_desk_noted(paid: Story):
    Request.objects.update(state="ready")
    assert only(ask(paid.kiosk)).state is RequestState.READY


def test_what_was_paid_at_the_desk_is_not_asked_for_again(kiosk: TestKiosk):
    story = Story(kiosk)
    due = entries.PaymentDue(ticket_id=story.ticket, cents=2400)
    kiosk.upload([*story.asks(), kiosk.entry(due, story.visit)])
    assert only(ask(kiosk)).paid is None
    taken = DeskPayment.objects.create(
        request_id=story.ticket, cents=2400, means="cash", at=datetime.now(UTC), who="desk"
    )
    paid = only(ask(kiosk)).paid
    assert paid is not None and paid.cents == 2400
    DeskPayment.objects.filter(pk=taken.pk).update(undone_at=datetime.now(UTC))
    assert only(ask(kiosk)).paid is None


def test_what_stood_on_the_ticket_comes_back_for_a_copy(kiosk: TestKiosk):
    story = Story(kiosk)
    issued = entries.TicketIssued(
        ticket_id=story.ticket, ticket_code=story.code, qr="LK1:…", contents={"appointment_as": "Kids-ID"}
    )
    kiosk.upload([*story.asks(), *story.pays(), kiosk.entry(issued, story.visit)])
    assert only(ask(kiosk)).contents == {"appointment_as": "Kids-ID"}
    again = entries.TicketIssued(ticket_id=story.ticket, ticket_code=story.code, qr="LK1:2")
    kiosk.upload([kiosk.entry(again, uuid4())])
    assert only(ask(kiosk)).contents == {"appointment_as": "Kids-ID"}, "a copy without them takes nothing away"


# --- What the parent changes -------------------------------------------------------------------------------


def test_another_time_at_another_kiosk_frees_the_first_for_everybody(paid: Story, other_kiosk: TestKiosk):
    before = Appointment.objects.get()
    slot = other_kiosk.lease(wanted=3).slots[1]
    assert outcomes(other_kiosk.upload([other_kiosk.entry(chosen(paid, slot), uuid4())])) == ["accepted"]
    after = Appointment.objects.get()
    assert (after.pk, after.start, after.kiosk_id) == (before.pk, slot.start, other_kiosk.id)
    assert AppointmentChange.objects.get().start_before == before.start
    old = Slot.objects.get(start=before.start, desk=before.desk, place=0)
    assert (old.appointment_id, old.leased_to_id) == (None, None)
    assert only(ask(other_kiosk)).appointment.start == slot.start  # type: ignore[union-attr]


def test_a_cancelled_time_is_free_and_another_can_be_chosen_later(paid: Story):
    kiosk = paid.kiosk
    kiosk.upload([kiosk.entry(entries.AppointmentCancelled(ticket_id=paid.ticket), uuid4())])
    assert only(ask(kiosk)).appointment is None
    assert not Slot.objects.filter(appointment__isnull=False).exists()
    slot = kiosk.lease(wanted=6).slots[2]
    assert outcomes(kiosk.upload([kiosk.entry(chosen(paid, slot), uuid4())])) == ["accepted"]
    assert only(ask(kiosk)).appointment.start == slot.start  # type: ignore[union-attr]


def test_the_time_to_collect_stands_beside_that_of_the_request(paid: Story):
    kiosk = paid.kiosk
    slot = kiosk.lease(wanted=6).slots[2]
    assert outcomes(kiosk.upload([kiosk.entry(chosen(paid, slot, collection=True), uuid4())])) == ["accepted"]
    assert Appointment.objects.filter(ticket_id=paid.ticket).count() == 2
    found = only(ask(kiosk)).appointment
    assert found is not None and found.collection and found.start == slot.start


def test_a_time_that_the_parent_has_come_to_is_not_moved(paid: Story):
    kiosk = paid.kiosk
    Appointment.objects.update(state="arrived")
    slot = kiosk.lease(wanted=6).slots[2]
    assert outcomes(kiosk.upload([kiosk.entry(chosen(paid, slot), uuid4())])) == ["contradiction"]
    cancelled = kiosk.upload([kiosk.entry(entries.AppointmentCancelled(ticket_id=paid.ticket), uuid4())])
    assert outcomes(cancelled) == ["accepted"]
    assert Appointment.objects.get().state == "arrived"
    assert only(ask(kiosk)).state is RequestState.ARRIVED


def test_a_kiosk_of_another_municipality_changes_nothing(paid: Story, other_town, api):
    elsewhere = TestKiosk.enrolled(other_town, api, "other-1")
    slot = paid.kiosk.lease(wanted=6).slots[2]
    answer = elsewhere.upload(
        [
            elsewhere.entry(chosen(paid, slot), uuid4()),
            elsewhere.entry(entries.AppointmentCancelled(ticket_id=paid.ticket), uuid4()),
            elsewhere.entry(entries.TicketDelivered(ticket_id=paid.ticket), uuid4()),
        ]
    )
    assert outcomes(answer) == ["foreign"] * 3
    assert Appointment.objects.get().state == "booked"


def test_a_copy_may_come_out_of_another_kiosk(paid: Story, other_kiosk: TestKiosk):
    bodies = (
        entries.TicketIssued(ticket_id=paid.ticket, ticket_code=paid.code, qr="LK1:again"),
        entries.PrintStarted(ticket_id=paid.ticket, document="ticket", copy_mark=True),
        entries.TicketDelivered(ticket_id=paid.ticket),
    )
    answer = other_kiosk.upload([other_kiosk.entry(body, uuid4()) for body in bodies])
    assert outcomes(answer) == ["accepted"] * 3
    assert Request.objects.get().qr == "LK1:again"
