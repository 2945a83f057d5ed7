"""What a kiosk itself remembers of a parent's requests, while it may."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.domain.appointments import Slot
from kiosk.domain.record import entries
from kiosk.domain.record.entries import EntryBody
from kiosk.domain.record.times import AppointmentCancelled, AppointmentChosen
from kiosk.domain.request_states import RequestState
from kiosk.journal import Journal, SlotGone
from kiosk.journal.earlier import requests_here, with_what_is_not_sent
from kiosk.sync.client import BackendClient, Identity
from kiosk.sync.finder import RequestFinder
from kiosk.visit.events import LookUpProblem, RequestsFound
from tests.kiosk.journal.test_journal import NOW, TICKET, a_journal, a_request
from tests.towns import TOWN

NUMBER = "88010112384"
PAYMENT = uuid4()
SLOTS = [Slot(NOW + timedelta(days=day), f"slot-{day}", 30, "Burgerzaken") for day in (1, 2, 3)]
RECEIPT = entries.Receipt(cents=1200, receipt_number=42, merchant_text=("FOR THE SHOP",))


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = a_journal(tmp_path)
    journal.add_slots(SLOTS, NOW + timedelta(days=5))
    yield journal
    journal.close()


def booked() -> entries.SlotBooked:
    return entries.SlotBooked(
        slot_id=SLOTS[0].id, start=SLOTS[0].start, minutes=30, desk="Burgerzaken", ticket_id=TICKET
    )


def chosen(slot: Slot, collection: bool = False) -> AppointmentChosen:
    return AppointmentChosen(
        ticket_id=TICKET, slot_id=slot.id, start=slot.start, minutes=30, desk=slot.desk, collection=collection
    )


def a_paid_visit(journal: Journal, *more: EntryBody) -> UUID:
    visit = uuid4()
    for body in (
        a_request(),
        booked(),
        entries.PaymentIntent(payment_id=PAYMENT, ticket_id=TICKET, cents=1200),
        entries.PaymentSent(payment_id=PAYMENT),
        entries.PaymentPaid(payment_id=PAYMENT, receipt=RECEIPT),
        entries.TicketIssued(ticket_id=TICKET, ticket_code="K7M-3QX-Q", qr="LK1:", contents={"by_phone": True}),
        entries.PrintStarted(ticket_id=TICKET, document="ticket", copy_mark=False),
        *more,
    ):
        journal.append(body, visit)
    return visit


def test_a_paid_request_is_found_by_its_parent_and_by_nobody_else(journal: Journal) -> None:
    a_paid_visit(journal)
    (found,) = requests_here(journal, NUMBER, NOW)
    assert (found.ticket_id, found.state, found.here, found.printed) == (TICKET, RequestState.REQUESTED, True, True)
    assert found.appointment is not None and (found.appointment.start, found.appointment.open) == (SLOTS[0].start, True)
    assert found.paid is not None and found.paid.merchant_text == () and found.contents == {"by_phone": True}
    assert requests_here(journal, "85073003328", NOW) == ()


def test_it_is_forgotten_when_the_person_is(tmp_path: Path) -> None:
    moment = [NOW]
    journal = Journal(tmp_path / "journal.sqlite3", now=lambda: moment[0])
    journal.append(a_request(), visit := uuid4())
    journal.append(entries.PaymentDue(ticket_id=TICKET, cents=1200), visit)
    journal.append(entries.VisitClosed(reason="completed", situation="take"), visit)
    assert len(requests_here(journal, NUMBER, NOW)) == 1
    journal.acknowledge([entry.id for entry in journal.outbox()])
    moment[0] += timedelta(hours=2)
    journal.erase_due()
    assert requests_here(journal, NUMBER, moment[0]) == ()
    journal.close()


@pytest.mark.parametrize(
    ("ends", "doubt", "there"),
    [
        ([], True, True),
        ([entries.PaymentUnknown(payment_id=PAYMENT, reason="no answer")], True, True),
        ([entries.PaymentNotPaid(payment_id=PAYMENT, reason="declined")], False, False),
        (
            [
                entries.PaymentNotPaid(payment_id=PAYMENT, reason="declined"),
                entries.PaymentDue(ticket_id=TICKET, cents=1200),
            ],
            False,
            True,
        ),
    ],
)
def test_what_became_of_the_money_decides(journal: Journal, ends: list[EntryBody], doubt: bool, there: bool) -> None:
    visit = uuid4()
    for body in (
        a_request(),
        entries.PaymentIntent(payment_id=PAYMENT, ticket_id=TICKET, cents=1200),
        entries.PaymentSent(payment_id=PAYMENT),
        *ends,
    ):
        journal.append(body, visit)
    found = requests_here(journal, NUMBER, NOW)
    assert [request.in_doubt for request in found] == ([doubt] if there else [])


def test_another_time_takes_the_old_one_out_of_this_kiosk_s_stock(journal: Journal) -> None:
    a_paid_visit(journal)
    journal.append(chosen(SLOTS[1]), uuid4())
    assert [slot.id for slot in journal.free_slots(NOW)] == ["slot-3"]
    (found,) = requests_here(journal, NUMBER, NOW)
    assert found.appointment is not None and found.appointment.start == SLOTS[1].start
    journal.append(AppointmentCancelled(ticket_id=TICKET), uuid4())
    assert [slot.id for slot in journal.free_slots(NOW)] == ["slot-3"]
    assert requests_here(journal, NUMBER, NOW)[0].appointment is None


def test_a_time_that_is_taken_cannot_be_chosen_and_the_old_one_stays(journal: Journal) -> None:
    a_paid_visit(journal)
    journal.append(booked().model_copy(update={"slot_id": "slot-2", "ticket_id": uuid4()}), uuid4())
    with pytest.raises(SlotGone):
        journal.append(chosen(SLOTS[1]), uuid4())
    (found,) = requests_here(journal, NUMBER, NOW)
    assert found.appointment is not None and found.appointment.start == SLOTS[0].start


def test_what_a_ticket_said_is_sealed_on_the_disk(journal: Journal, tmp_path: Path) -> None:
    a_paid_visit(journal)
    with sqlite3.connect(tmp_path / "journal.sqlite3") as raw:
        (body,) = raw.execute("SELECT body FROM entries WHERE kind = 'ticket_issued'").fetchone()
    assert "contents" not in json.loads(body) and "by_phone" not in body


def test_what_the_backend_has_not_heard_yet_counts_before_what_it_tells(journal: Journal) -> None:
    a_paid_visit(journal)
    here = requests_here(journal, NUMBER, NOW)
    told = [here[0].model_copy(update={"here": False, "state": RequestState.READY, "appointment": None})]
    journal.append(chosen(SLOTS[1], collection=True), uuid4())
    (joined,) = with_what_is_not_sent(told, here, journal, NOW)
    assert joined.state is RequestState.READY
    assert joined.appointment is not None and joined.appointment.collection
    journal.acknowledge([entry.id for entry in journal.outbox()])
    assert with_what_is_not_sent(told, here, journal, NOW) == tuple(told)
    assert with_what_is_not_sent([], here, journal, NOW) == here, "a request that has not arrived there yet"


# --- The look-up itself ---------------------------------------------------------------------------------------


def a_finder(journal: Journal, answer: httpx.Response | None, posted: list[RequestsFound]) -> RequestFinder:
    def backend(request: httpx.Request) -> httpx.Response:
        assert NUMBER.encode() not in request.content and NUMBER not in str(request.url)
        if answer is None:
            raise httpx.ConnectError("no line")
        if request.method == "GET":
            return httpx.Response(200, json={"key": "A" * 43, "key_id": "k"})
        return answer

    identity = Identity(uuid4(), TOWN, Ed25519PrivateKey.generate())
    client = BackendClient("http://backend.test", identity, transport=httpx.MockTransport(backend))
    return RequestFinder(client, journal, lambda: NOW, posted.append)


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (None, LookUpProblem.NO_LINE),
        (httpx.Response(502, text="<html>"), LookUpProblem.NO_LINE),
        (httpx.Response(200, text="<html>"), LookUpProblem.NO_LINE),
        (
            httpx.Response(429, json={"reason": "too-many", "detail": "", "server_time": "2026-11-23T08:00:00Z"}),
            LookUpProblem.TOO_MANY,
        ),
    ],
    ids=["no line", "proxy", "portal", "too many"],
)
def test_without_the_backend_s_answer_this_kiosk_says_what_it_knows_and_why_no_more(
    journal: Journal, answer: httpx.Response | None, problem: LookUpProblem
) -> None:
    a_paid_visit(journal)
    found = a_finder(journal, answer, []).answer(ask := uuid4(), NUMBER)
    assert (found.ask_id, found.problem, [request.here for request in found.requests]) == (ask, problem, [True])


def test_a_state_of_a_newer_backend_is_left_to_the_desk(journal: Journal) -> None:
    request = {
        "ticket_id": str(TICKET),
        "ticket_code": "K7M-3QX-Q",
        "made_at": datetime(2026, 11, 1, tzinfo=UTC).isoformat(),
        "service": "application",
        "state": "on the moon",
        "children": [{"first_name": "Lina", "more": 1}],
        "total_cents": 0,
    }
    answer = httpx.Response(200, json={"requests": [request]})
    (found,) = a_finder(journal, answer, []).answer(uuid4(), NUMBER).requests
    assert found.state is None


def test_the_finder_answers_on_its_own_thread(journal: Journal) -> None:
    posted: list[RequestsFound] = []
    finder = a_finder(journal, None, posted)
    finder.find_requests(ask := uuid4(), NUMBER)
    finder.start()
    finder.stop(timeout=10)
    assert [found.ask_id for found in posted] == [ask]
