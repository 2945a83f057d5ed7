"""An approval for which no payment waits: of which payment it is, what is written down, and a disk that refuses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from kiosk.domain.record.entries import (
    CardRefused,
    CaseClosed,
    CaseOpened,
    EntryBody,
    PaymentApproved,
    PaymentApprovedLate,
    PaymentIntent,
    PaymentNotPaid,
    PaymentPaid,
    PaymentSent,
    PaymentUnknown,
    Receipt,
    RequestMade,
    VisitClosed,
    VisitStarted,
)
from kiosk.journal import Journal, JournalError
from kiosk.journal.days import read_days
from kiosk.late import LateMoney
from kiosk.reserve import SIZE, Reserve
from kiosk.visit.events import ApprovedLate
from tests.towns import TOWN

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
YES = Receipt(cents=1200, receipt_number=231, trace_number=42, terminal_id="52000017", at=NOW)


class Bench:
    """A record with payments in it, and what is heard late."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.now = NOW
        self.journal = Journal(folder / "journal.sqlite3", now=lambda: self.now)
        self.recorded: list[EntryBody] = []
        self.told: list[ApprovedLate] = []
        self.owes: list[bool] = []
        self.late = self.started()

    def started(self) -> LateMoney:
        """A new start of the kiosk on the same disk."""
        late = LateMoney(
            self.journal,
            lambda _at, _timed_out: False,
            Reserve(self.folder / "reserve"),
            lambda: self.now,
            recorded=self.recorded.append,
            told=self.told.append,
            owes=self.owes.append,
        )
        late.begin()
        return late

    def payment(self, *ends: EntryBody | str, last: int = 230, visit: UUID | None = None) -> UUID:
        """One payment of a visit of its own. An end in words has it as its `payment_id`."""
        visit, ticket, payment = visit or uuid4(), uuid4(), uuid4()
        request = RequestMade(
            ticket_id=ticket,
            ticket_code="K7M-3QX-Q",
            language="nl",
            service="application",
            parent=None,
            children=(),
            total_cents=1200,
            municipality=TOWN,
            profile_version="1",
        )
        intent = PaymentIntent(payment_id=payment, ticket_id=ticket, cents=1200, last_receipt=last, last_trace=last)
        for body in (VisitStarted(language="nl"), request, intent, PaymentSent(payment_id=payment)):
            self.journal.append(body, visit)
        for end in ends:
            body = end if not isinstance(end, str) else ENDS[end](payment)
            self.journal.append(body, visit)
        return payment

    def cases(self) -> list[CaseOpened]:
        return [entry.body for entry in self.journal.entries(kinds=["case_opened"])]

    def fill_disk(self) -> None:
        """No page more: what is written fills those that there are."""
        self.journal._connection.execute("PRAGMA max_page_count=1")
        for size in (3000, 300, 30, 1):
            with pytest.raises(JournalError):
                while True:
                    self.journal.append(CardRefused(reason="x" * size))

    def make_room(self) -> None:
        self.journal._connection.execute("PRAGMA max_page_count=1000000")


CASE = uuid4()
ENDS = {
    "declined": lambda p: PaymentNotPaid(payment_id=p, reason="declined", result_code=5),
    "looked up": lambda p: PaymentNotPaid(payment_id=p, reason="looked-up", found_afterwards=True),
    "unknown": lambda p: PaymentUnknown(payment_id=p, reason="no-answer"),
    "approved": lambda p: PaymentApproved(payment_id=p, receipt=YES),
    "paid": lambda p: PaymentPaid(payment_id=p, receipt=YES),
    "case": lambda p: CaseOpened(case_id=CASE, about="payment", payment_id=p, reason="silence"),
    "closed": lambda _p: CaseClosed(case_id=CASE, decision="not in the list", outcome="not-paid", by="An"),
    "over": lambda _p: VisitClosed(reason="stopped", situation="not_paid"),
}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        (("declined",), 'it had said "declined" (result 5)'),
        (("declined", "over"), 'it had said "declined" (result 5)'),
        (("unknown", "looked up"), "a look-up had shown it as not paid"),
        (("approved", "unknown", "looked up"), "a look-up had shown it as not paid"),
        (("unknown", "case", "closed"), "it had been closed as not paid by An"),
    ],
)
def test_a_yes_after_a_no_is_a_case_with_its_evidence(bench: Bench, ends: tuple[str, ...], said: str) -> None:
    payment = bench.payment(*ends)
    before = len(bench.journal.entries())
    bench.late.take(YES)
    late, case = (entry.body for entry in bench.journal.entries()[before:])
    assert isinstance(late, PaymentApprovedLate) and isinstance(case, CaseOpened)
    assert (late.payment_id, late.receipt, late.reason) == (payment, YES, said)
    assert (case.about, case.payment_id) == ("payment", payment)
    assert said in case.reason and "it was told to take the money back" in case.reason
    for evidence in ("cents 1200", "receipt 231", "trace 42", "terminal 52000017", "2026-11-23T09:00:00+01:00"):
        assert evidence in case.reason
    assert bench.recorded == [late, case]
    (told,) = bench.told
    assert (told.payment_id, told.case_id, told.cents) == (payment, case.case_id, 1200)
    assert told.request is not None and told.request.ticket_code == "K7M-3QX-Q"
    assert bench.journal.open_cases("payment") == 1
    assert read_days(bench.journal).turnovers[0].undecided == 1


@pytest.mark.parametrize("ends", [(), ("unknown",), ("unknown", "case"), ("paid",)])
def test_what_is_decided_elsewhere_or_known_is_no_case(bench: Bench, ends: tuple[str, ...]) -> None:
    bench.payment(*ends)
    bench.now += timedelta(minutes=1)
    bench.late.take(YES)
    assert len(bench.cases()) == ("case" in ends) and not bench.told


def test_it_is_a_case_once_until_people_have_closed_it(bench: Bench) -> None:
    bench.payment("declined")
    bench.late.take(YES)
    bench.late.take(YES)
    (case,) = bench.cases()
    assert bench.journal.close_case(CaseClosed(case_id=case.case_id, decision="no", outcome="not-paid", by="An"))
    bench.late.take(YES)
    assert len(bench.cases()) == 2


def test_a_repeat_of_what_the_terminal_remembered_before_is_of_no_payment(bench: Bench) -> None:
    bench.payment("declined", last=230)
    bench.late.take(YES.model_copy(update={"receipt_number": 230, "trace_number": 230}))
    assert not bench.cases()


def test_a_repeat_of_an_earlier_payment_that_is_paid_is_of_that_one(bench: Bench) -> None:
    bench.payment("paid")
    bench.payment("declined", last=231)
    bench.late.take(YES)
    assert not bench.cases()


def test_a_yes_of_the_payment_before_may_come_when_the_next_one_is_sent(bench: Bench) -> None:
    first = bench.payment("declined")
    bench.payment(last=230)
    bench.late.take(YES)
    assert [case.payment_id for case in bench.cases()] == [first]


def test_a_yes_long_after_the_next_payment_is_not_of_the_one_before(bench: Bench) -> None:
    bench.payment("declined")
    bench.now += timedelta(minutes=16)
    bench.payment("paid")
    bench.late.take(YES.model_copy(update={"receipt_number": 299}))
    assert not bench.cases()


def test_a_yes_without_any_payment_is_none_of_ours(bench: Bench) -> None:
    bench.late.take(YES)
    assert not bench.cases() and not bench.owes[-1]


# --- a disk that refuses ---------------------------------------------------------------------------------


def test_while_the_disk_does_not_take_the_case_it_is_owed_and_written_down_when_there_is_room(bench: Bench) -> None:
    payment = bench.payment("declined")
    bench.fill_disk()
    bench.late.take(YES)
    assert not bench.cases() and not bench.told and bench.owes[-1]
    bench.late.write_down()
    assert bench.owes[-1]
    bench.make_room()
    bench.late.write_down()
    assert [case.payment_id for case in bench.cases()] == [payment]
    assert not bench.owes[-1] and len(bench.told) == 1
    assert Reserve(bench.folder / "reserve").read() == ""


def test_what_the_disk_did_not_take_is_written_down_at_the_next_start(bench: Bench) -> None:
    payment = bench.payment("declined")
    bench.fill_disk()
    bench.late.take(YES)
    bench.started()  # the disk is still full
    assert not bench.cases() and bench.owes[-1]
    bench.make_room()
    bench.started()
    (case,) = bench.cases()
    assert case.payment_id == payment and "receipt 231, trace 42" in case.reason and not bench.owes[-1]
    bench.started()
    assert len(bench.cases()) == 1


def test_two_that_the_disk_did_not_take_are_both_kept(bench: Bench) -> None:
    bench.payment("declined")
    bench.fill_disk()
    bench.late.take(YES)
    bench.late.take(YES.model_copy(update={"trace_number": 43}))
    kept = Reserve(bench.folder / "reserve").read()
    assert '"trace_number": 42' in kept and '"trace_number": 43' in kept


def test_power_lost_after_the_case_and_before_the_reserve_is_empty_makes_no_second_case(bench: Bench) -> None:
    bench.payment("declined")
    bench.late.take(YES)
    Reserve(bench.folder / "reserve").write('[{"cents": 1200, "receipt_number": 231}]')
    bench.started()
    assert len(bench.cases()) == 1 and Reserve(bench.folder / "reserve").read() == ""


def test_a_reserve_that_was_torn_is_a_case_of_the_last_payment(bench: Bench) -> None:
    payment = bench.payment("declined")
    (bench.folder / "reserve").write_bytes(b'[{"cents": 12\xff'.ljust(SIZE, b"\n"))
    bench.started()
    (case,) = bench.cases()
    assert case.payment_id == payment and "without any number" in case.reason


def test_the_reserve_is_taken_while_there_is_room_and_written_over_in_its_place(tmp_path: Path) -> None:
    reserve = Reserve(tmp_path / "reserve")
    reserve.take_place()
    place = (tmp_path / "reserve").stat()
    assert place.st_size == SIZE and reserve.read() == ""
    assert reserve.write("something") and reserve.read() == "something"
    after = (tmp_path / "reserve").stat()
    assert (after.st_size, after.st_ino, after.st_blocks) == (place.st_size, place.st_ino, place.st_blocks)
    assert not reserve.write("x" * (SIZE + 1)) and reserve.read() == "something"
    assert not Reserve(tmp_path / "missing" / "reserve").write("x")
