"""A request is moved on by people, one allowed step after the other; each can be undone for a while."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from backend.accounts.models import AuditEntry, Staff
from backend.accounts.roles import Role
from backend.desk.handover import steps_for
from backend.desk.words import DEEDS, STATES
from backend.fleet.models import Municipality
from backend.requests import progress
from backend.requests.models import DeskPayment, OpenCase, Request, StateChange
from backend.requests.progress import ProgressProblem, ProgressRefused
from backend.requests.searching import SearchedBy, fold, search
from kiosk.domain.quote import Service
from kiosk.domain.record import entries
from kiosk.domain.request_states import ENDED, RequestState, following, may_follow
from tests.backend.conftest import Login
from tests.backend.kiosks import BOTH, Story, TestKiosk

ENGINES = BOTH
S = RequestState
NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)


@pytest.fixture
def by(login: Login) -> Staff:
    login(Role.DESK, name="an")
    return Staff.objects.get(username="an")


@pytest.fixture
def paid(kiosk: TestKiosk) -> Request:
    story = Story(kiosk)
    kiosk.upload([*story.asks(), *story.pays(), *story.takes_the_ticket()])
    return Request.objects.get()


def _problem(request: Request, to: RequestState, by: Staff, now: datetime = NOW) -> ProgressProblem:
    with pytest.raises(ProgressRefused) as refused:
        progress.move(request, to, by=by, now=now)
    return refused.value.problem


@given(st.sampled_from([service.value for service in Service]), st.lists(st.sampled_from(list(S)), max_size=12))
def test_no_way_of_states_comes_back_to_one_it_had(service: str, wishes: list[RequestState]) -> None:
    state, seen = S.REQUESTED, [S.REQUESTED]
    for wish in wishes:
        if may_follow(service, state, wish):
            state = wish
            assert state not in seen
            seen.append(state)
    assert not set(seen) >= {S.COLLECTED, S.CANCELLED}
    assert state in ENDED or following(service, state)


def test_every_state_and_deed_has_words() -> None:
    assert set(STATES) == set(S) and set(DEEDS) == set(S) - {S.REQUESTED}


def test_a_request_goes_its_way_with_who_and_when(paid: Request, by: Staff) -> None:
    way = (S.ARRIVED, S.SUBMITTED, S.IN_PRODUCTION, S.CODES_SENT, S.READY, S.COLLECTED)
    for hour, state in enumerate(way):
        progress.move(paid, state, by=by, now=NOW + timedelta(hours=hour))
    changes = list(StateChange.objects.all())
    assert [change.state for change in changes] == list(way)
    assert {change.who for change in changes} == {"an"}
    assert changes[-1].at == NOW + timedelta(hours=5) and Request.objects.get().state == S.COLLECTED


def test_only_what_may_follow_does(paid: Request, by: Staff) -> None:
    for state in set(S) - {S.ARRIVED, S.SUBMITTED, S.CANCELLED}:
        assert _problem(paid, state, by) is ProgressProblem.NOT_NEXT
    assert not StateChange.objects.exists()


def test_a_card_is_handed_over_once(paid: Request, by: Staff) -> None:
    for state in (S.SUBMITTED, S.READY, S.COLLECTED):
        progress.move(paid, state, by=by, now=NOW)
    assert _problem(paid, S.COLLECTED, by) is ProgressProblem.NOT_NEXT
    assert StateChange.objects.filter(state=S.COLLECTED).count() == 1


def test_a_step_is_undone_for_some_minutes_by_name(paid: Request, by: Staff) -> None:
    progress.move(paid, S.SUBMITTED, by=by, now=NOW)
    change = progress.undo(paid, by=by, now=NOW + progress.UNDO_WITHIN)
    assert (change.undone_by, Request.objects.get().state) == ("an", "requested")
    progress.move(paid, S.SUBMITTED, by=by, now=NOW)
    with pytest.raises(ProgressRefused) as refused:
        progress.undo(paid, by=by, now=NOW + progress.UNDO_WITHIN + timedelta(seconds=1))
    assert refused.value.problem is ProgressProblem.TOO_LATE


def test_nothing_is_sent_off_before_it_is_paid(kiosk: TestKiosk, by: Staff) -> None:
    kiosk.upload(Story(kiosk).asks())
    request = Request.objects.get()
    assert _problem(request, S.SUBMITTED, by) is ProgressProblem.NOT_PAID
    progress.take_payment(request, "cash", by=by, now=NOW)
    with pytest.raises(ProgressRefused) as refused:
        progress.take_payment(request, "cash", by=by, now=NOW)
    assert refused.value.problem is ProgressProblem.NOTHING_DUE
    progress.undo_payment(request, by=by, now=NOW)
    assert _problem(request, S.SUBMITTED, by) is ProgressProblem.NOT_PAID
    progress.take_payment(request, "card", by=by, now=NOW)
    progress.move(request, S.SUBMITTED, by=by, now=NOW + timedelta(minutes=1))
    with pytest.raises(ProgressRefused):
        progress.undo_payment(request, by=by, now=NOW + timedelta(minutes=2))


def test_no_desk_takes_money_that_may_have_been_taken(kiosk: TestKiosk, by: Staff) -> None:
    story = Story(kiosk)
    kiosk.upload([*story.asks(), *story.hears_nothing()])
    request = Request.objects.get()
    with pytest.raises(ProgressRefused) as refused:
        progress.take_payment(request, "cash", by=by, now=NOW)
    assert refused.value.problem is ProgressProblem.OPEN_CASE
    assert _problem(request, S.SUBMITTED, by) is ProgressProblem.OPEN_CASE
    assert OpenCase.objects.count() == 1 and not DeskPayment.objects.exists()


def test_what_was_paid_is_given_back_once(paid: Request, by: Staff) -> None:
    progress.move(paid, S.CANCELLED, by=by, now=NOW)
    progress.move(paid, S.REFUNDED, by=by, now=NOW + timedelta(minutes=1))
    assert [one.cents for one in DeskPayment.objects.all()] == [-2400]
    progress.undo(paid, by=by, now=NOW + timedelta(minutes=2))
    assert DeskPayment.objects.get().undone_at is not None and Request.objects.get().state == S.CANCELLED


def test_a_request_that_nobody_paid_has_nothing_to_give_back(kiosk: TestKiosk, by: Staff) -> None:
    kiosk.upload(Story(kiosk).asks())
    request = Request.objects.get()
    progress.move(request, S.CANCELLED, by=by, now=NOW)
    assert _problem(request, S.REFUNDED, by) is ProgressProblem.NOT_NEXT


def test_a_kiosk_that_gives_the_money_back_ends_the_request(kiosk: TestKiosk, paid: Request) -> None:
    payment = paid.payments.get()
    kiosk.upload(
        [
            kiosk.entry(entries.PaymentReversing(payment_id=payment.pk, reason="no ticket")),
            kiosk.entry(entries.PaymentReversed(payment_id=payment.pk)),
        ]
    )
    assert Request.objects.get().state == S.REFUNDED
    assert StateChange.objects.get().who == "hall-1" and not DeskPayment.objects.exists()


# --- The steps ------------------------------------------------------------------------------------------


def test_the_steps_are_those_of_the_rules(paid: Request) -> None:
    sending = [step.code for step in steps_for(paid, S.SUBMITTED, NOW)]
    assert sending == [
        "bring:child",
        "bring:passport-or-id",
        "bring:photo-white",
        "bring:old-card",
        "fingerprints:1",
        "signed",
    ]
    giving = {step.code: step for step in steps_for(paid, S.COLLECTED, NOW)}
    assert list(giving) == ["bring:codes-letter", "old-card", "activation"]
    assert giving["old-card"].optional and not giving["activation"].optional
    assert steps_for(paid, S.IN_PRODUCTION, NOW) == ()


def test_a_child_that_became_too_old_can_still_collect_its_card(paid: Request) -> None:
    later = NOW + timedelta(days=365 * 9)
    assert [step.code for step in steps_for(paid, S.COLLECTED, later)][-1] == "activation"
    assert steps_for(paid, S.SUBMITTED, later)


def test_a_municipality_without_rules_here_has_steps_all_the_same(other_town: Municipality, kiosk: TestKiosk) -> None:
    kiosk.upload(Story(kiosk).asks())
    Request.objects.update(municipality=other_town)
    assert [step.code for step in steps_for(Request.objects.get(), S.COLLECTED, NOW)] == [
        "bring:codes-letter",
        "old-card",
        "activation",
    ]


# --- The page -------------------------------------------------------------------------------------------


def _post(browser: Client, request: Request, path: str, **fields: object) -> str:
    answer = browser.post(f"/desk/request/{request.pk}/{path}", fields, headers={"X-Loket-Part": "1"})
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def test_nothing_counts_before_it_is_confirmed(paid: Request, login: Login) -> None:
    browser = login(Role.DESK)
    page = _post(browser, paid, "move/", to="submitted", step=["bring:child", "present:parent"])
    assert "Yes, confirm" in page and "Not ticked:" in page and Request.objects.get().state == "requested"
    page = _post(browser, paid, "move/", to="submitted", step=["bring:child", "present:parent"], sure="yes")
    assert "Undo, until" in page
    change = StateChange.objects.get()
    assert change.done == ["bring:child", "present:parent"] and "fingerprints:1" in change.missing
    assert "old-card" not in change.missing
    _post(browser, paid, "undo/")
    assert [entry.act for entry in AuditEntry.objects.order_by("pk")] == ["step-taken", "step-undone"]


@pytest.mark.parametrize("to", ["nonsense", "", "collected", "refunded", "requested"])
def test_a_step_that_cannot_be_is_one_clear_line(paid: Request, login: Login, to: str) -> None:
    assert "moved this request on meanwhile" in _post(login(Role.DESK), paid, "move/", to=to, sure="yes")
    assert Request.objects.get().state == "requested"


def test_bad_input_never_breaks_a_page(paid: Request, login: Login) -> None:
    browser = login(Role.MANAGER)
    for path, value in product(
        ("/desk/search/", "/desk/", "/console/requests/"), ("\x00", "%", "_", "é" * 500, "'\"<b>")
    ):
        for name in ("question", "ticket", "number"):
            assert browser.post(path, {name: value}).status_code == 200
    for body in (b"", b"[]", b'{"scans": [{}]}', b'{"scans": [{"id": 1}]}', b"\xff"):
        assert browser.post("/desk/scans/", body, content_type="application/json").status_code == 422
    for query in (
        "?page=0",
        "?page=x",
        "?page=99999999999",
        "?state=%00",
        "?first=x&last=0001-01-01",
        "?week=9999-99-99",
    ):
        for path in ("requests/", "money/", "appointments/", "accounts/audit/"):
            assert browser.get(f"/console/{path}{query}").status_code == 200, path + query


# --- Searching ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "how"),
    [
        ("K7M-3QX-Q", SearchedBy.CODE),
        ("k7m 3qx q", SearchedBy.CODE),
        ("85073003328", SearchedBy.NUMBER),
        ("85.07.30-033.28", SearchedBy.NUMBER),
        ("B1234567 89", SearchedBy.NUMBER),
        ("el amrani", SearchedBy.NAME),
        ("EL-AMRANI Am", SearchedBy.NAME),
    ],
)
def test_a_request_is_found_by_code_number_or_name(paid: Request, question: str, how: SearchedBy) -> None:
    answer = search(Request.objects.all(), question)
    assert (answer.by, [row.pk for row in answer.rows]) == (how, [paid.pk])


@pytest.mark.parametrize("question", ["", "e", "amina", "%", "x el amrani", "85073003329"])
def test_nothing_else_finds_it(paid: Request, question: str) -> None:
    assert search(Request.objects.all(), question).rows == ()


def test_accents_and_dashes_do_not_matter() -> None:
    assert fold("Hernández-Ruiz  Lucía") == "hernandez ruiz lucia" and fold("ŞAHİN") == fold("şahin")


@pytest.mark.postgresql  # which is what is asked to hold a million requests
@pytest.mark.parametrize(
    ("question", "index"),
    [("B1234567 89", "request_of_card"), ("85.07.30-033.28", "search_number"), ("el amrani", "search_name")],
)
def test_whatever_is_asked_for_is_looked_for_in_an_index(paid: Request, question: str, index: str) -> None:
    assert search(Request.objects.all(), question).rows == (paid,)
    with transaction.atomic(), connection.cursor() as cursor, CaptureQueriesContext(connection) as asked:
        cursor.execute("SET LOCAL enable_seqscan = off")  # so few rows are read faster from the table itself
        cursor.execute("SET LOCAL enable_sort = off")
        search(Request.objects.all(), question)
        cursor.execute("EXPLAIN " + asked[-1]["sql"].replace("%", "%%"))
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert index in plan and "Seq Scan" not in plan
