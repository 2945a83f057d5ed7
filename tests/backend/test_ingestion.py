"""Taking in journals: nothing lost, nothing twice, nothing blocked."""

from __future__ import annotations

from uuid import uuid4

import pytest

from backend.requests.models import DeadLetter, OpenCase, Payment, Request, StoredEntry, Visit
from kiosk.domain.record import entries
from tests.backend.kiosks import BOTH, Story, TestKiosk, outcomes
from tests.towns import OTHER_TOWN_ID

ENGINES = BOTH


def _counts() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (StoredEntry, DeadLetter, Visit, Request, Payment, OpenCase))


def test_a_visit_arrives_whole(kiosk: TestKiosk) -> None:
    story = Story(kiosk)
    answer = kiosk.upload([*story.asks(), *story.pays(), *story.takes_the_ticket()])
    assert outcomes(answer) == ["accepted"] * 10
    request = Request.objects.get()
    assert (request.surname, request.total_cents, request.delivered_at is None) == ("El Amrani", 2400, False)
    assert [child.first_name for child in request.children.all()] == ["Yusuf", "Lina"]
    assert request.profile_version == "1", "the rules it was quoted under"
    assert Payment.objects.get().state == "paid"
    assert Visit.objects.get().closed_reason == "completed"
    assert (answer.stored.entries, answer.stored.contiguous_to, answer.stored.gaps) == (10, 10, ())


def test_the_same_batch_twice_changes_nothing(kiosk: TestKiosk) -> None:
    story = Story(kiosk)
    batch = [*story.asks(), *story.pays(), kiosk.entry(entries.PaymentSent(payment_id=uuid4()))]
    first = kiosk.upload(batch, batch_id := uuid4())
    before = _counts()
    second = kiosk.upload(batch, batch_id)
    assert _counts() == before
    assert outcomes(first) == ["accepted"] * 6 + ["out-of-order"]
    assert outcomes(second) == ["duplicate"] * 6 + ["out-of-order"]
    assert first.stored == second.stored


def test_an_entry_twice_in_one_batch_counts_once(kiosk: TestKiosk) -> None:
    entry = kiosk.entry(entries.VisitStarted(language="nl"), uuid4())
    assert outcomes(kiosk.upload([entry, entry])) == ["accepted", "duplicate"]


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"id": "no uuid", "sequence": 2, "visit_id": None, "at": "2026-11-22T10:00:00Z", "body": {}},
        {"sequence": 10**30},
        {"sequence": -1, "body": {"kind": "from_the_future"}},
        {"at": [[[]]], "id": {"a": None}},
    ],
)
def test_an_unreadable_entry_becomes_a_dead_letter_and_blocks_nothing(kiosk: TestKiosk, broken: dict) -> None:
    story = Story(kiosk)
    first, second = story.asks()
    assert outcomes(kiosk.upload([first, broken, second])) == ["accepted", "unreadable", "accepted"]
    letter = DeadLetter.objects.get()
    assert (letter.entry, letter.reason) == (None, "unreadable")


def test_an_entry_without_a_time_zone_is_unreadable(kiosk: TestKiosk) -> None:
    entry = kiosk.entry(entries.VisitStarted(language="nl"), uuid4(), at="2026-11-22T10:00:00")
    assert outcomes(kiosk.upload([entry])) == ["unreadable"]


def test_an_id_used_for_something_else_is_refused(kiosk: TestKiosk) -> None:
    first = kiosk.entry(entries.VisitStarted(language="nl"), uuid4())
    other = kiosk.entry(entries.VisitStarted(language="fr"), uuid4(), id=first["id"])
    assert outcomes(kiosk.upload([first, other])) == ["accepted", "id-reused"]


def test_another_kiosks_id_is_no_duplicate(kiosk: TestKiosk, other_kiosk: TestKiosk) -> None:
    entry = kiosk.entry(entries.VisitStarted(language="nl"), uuid4())
    kiosk.upload([entry])
    assert outcomes(other_kiosk.upload([entry])) == ["id-reused"]


def test_a_sequence_number_is_taken_once(kiosk: TestKiosk) -> None:
    first = kiosk.entry(entries.VisitStarted(language="nl"), uuid4())
    other = kiosk.entry(entries.VisitStarted(language="nl"), uuid4(), sequence=first["sequence"])
    assert outcomes(kiosk.upload([first, other])) == ["accepted", "sequence-taken"]


def test_gaps_are_reported_until_they_are_filled(kiosk: TestKiosk) -> None:
    batch = [kiosk.entry(entries.ServiceChanged(in_service=True)) for _ in range(7)]
    answer = kiosk.upload([batch[0], batch[3], batch[6]])
    assert [(gap.first, gap.last) for gap in answer.stored.gaps] == [(2, 3), (5, 6)]
    assert answer.stored.contiguous_to == 1
    answer = kiosk.upload(batch[1:3])
    assert [(gap.first, gap.last) for gap in answer.stored.gaps] == [(5, 6)]
    assert kiosk.upload(batch[4:6]).stored.contiguous_to == 7


def test_a_dead_letter_is_no_gap(kiosk: TestKiosk) -> None:
    batch = [kiosk.entry(entries.ServiceChanged(in_service=True)) for _ in range(3)]
    batch[1]["body"] = {"kind": "unheard_of"}
    assert kiosk.upload(batch).stored.contiguous_to == 3


def test_what_came_too_early_is_applied_when_the_rest_arrives(kiosk: TestKiosk) -> None:
    story = Story(kiosk)
    asked, paid = story.asks(), story.pays()
    assert outcomes(kiosk.upload(paid)) == ["out-of-order"] * 4
    answer = kiosk.upload(asked)
    assert outcomes(answer) == ["accepted"] * 2
    assert Payment.objects.get().state == "paid"
    assert answer.stored.dead_letters == 0
    assert outcomes(kiosk.upload(paid)) == ["duplicate"] * 4


def test_paid_and_then_not_paid_is_a_contradiction_for_people(kiosk: TestKiosk) -> None:
    story = Story(kiosk)
    kiosk.upload([*story.asks(), *story.pays()])
    denial = kiosk.entry(entries.PaymentNotPaid(payment_id=story.payment, reason="looked-up"), story.visit)
    assert outcomes(kiosk.upload([denial])) == ["contradiction"]
    assert Payment.objects.get().state == "paid"


def test_an_unknown_payment_can_be_settled_afterwards(kiosk: TestKiosk) -> None:
    story = Story(kiosk)
    kiosk.upload([*story.asks(), *story.hears_nothing()])
    found = entries.PaymentNotPaid(payment_id=story.payment, reason="looked-up", found_afterwards=True)
    closed = entries.CaseClosed(case_id=OpenCase.objects.get().pk, decision="not paid")
    assert outcomes(kiosk.upload([kiosk.entry(found), kiosk.entry(closed)])) == ["accepted"] * 2
    assert (Payment.objects.get().state, OpenCase.objects.get().decision) == ("not-paid", "not paid")


def test_money_that_came_after_people_had_said_that_none_would_is_an_open_case_and_can_be_put_right(
    kiosk: TestKiosk,
) -> None:
    story = Story(kiosk)
    kiosk.upload([*story.asks(), *story.hears_nothing()])
    first = OpenCase.objects.get()
    said = entries.CaseClosed(case_id=first.pk, decision="not in the list", outcome="not-paid", by="els")
    yes = entries.PaymentApprovedLate(payment_id=story.payment, receipt=entries.Receipt(), reason="it had been closed")
    late = entries.CaseOpened(
        case_id=uuid4(), about="payment", ticket_id=story.ticket, payment_id=story.payment, reason="approved late"
    )
    batch = [kiosk.entry(body, story.visit) for body in (said, yes, late)]
    assert outcomes(kiosk.upload(batch)) == ["accepted"] * 3
    waiting = OpenCase.objects.get(closed_at__isnull=True)
    assert (waiting.pk, waiting.reason, waiting.payment_id) == (late.case_id, "approved late", story.payment)
    assert Payment.objects.get().state == "unknown"
    seen = entries.CaseClosed(case_id=late.case_id, decision="in the bank's list", outcome="paid", by="els")
    assert outcomes(kiosk.upload([kiosk.entry(seen, story.visit)])) == ["accepted"]
    assert Payment.objects.get().state == "paid"


def test_a_kiosk_cannot_speak_of_anothers_request(kiosk: TestKiosk, other_kiosk: TestKiosk) -> None:
    story = Story(kiosk)
    kiosk.upload(story.asks())
    intent = entries.PaymentIntent(payment_id=uuid4(), ticket_id=story.ticket, cents=100)
    assert outcomes(other_kiosk.upload([other_kiosk.entry(intent)])) == ["foreign"]
    visit = other_kiosk.entry(entries.VisitClosed(reason="stopped", situation="pay"), story.visit)
    assert outcomes(other_kiosk.upload([visit])) == ["foreign"]


def test_a_request_for_another_municipality_is_foreign(kiosk: TestKiosk) -> None:
    kiosk.municipality = OTHER_TOWN_ID
    assert outcomes(kiosk.upload(Story(kiosk).asks())) == ["accepted", "foreign"]


def test_numbers_too_large_for_the_database_are_put_aside(kiosk: TestKiosk) -> None:
    story = Story(kiosk)
    assert outcomes(kiosk.upload(story.asks(cents=2**70))) == ["accepted", "not-storable"]


def test_a_batch_has_a_largest_size(kiosk: TestKiosk) -> None:
    answer = kiosk.post("/entries", {"batch_id": uuid4(), "entries": [{}] * 201})
    assert (answer.status_code, answer.json()["reason"]) == (422, "invalid")
    answer = kiosk.post("/entries", {"batch_id": uuid4(), "entries": [{"x": "x" * 2_100_000}]})
    assert (answer.status_code, answer.json()["reason"]) == (413, "too-large")
