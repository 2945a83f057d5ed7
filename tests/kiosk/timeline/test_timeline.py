"""What happened, on one axis: told in order, from a record in use, and never with a person in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from kiosk.__main__ import main
from kiosk.domain.record.entries import (
    CaseOpened,
    Parent,
    PaymentIntent,
    PaymentPaid,
    PaymentUnknown,
    Receipt,
    RequestedChild,
    RequestMade,
    ServiceChanged,
    TicketIssued,
    VisitClosed,
    VisitStarted,
)
from kiosk.journal import Journal
from kiosk.timeline import Selection, Track, draw, timeline
from kiosk.timeline.events import KINDS, track_of_kind

NOON = datetime(2026, 11, 22, 11, 0, tzinfo=UTC)
WHOLE_DAY = Selection(NOON - timedelta(hours=12), NOON + timedelta(hours=12))
TICKET, PAYMENT = UUID(int=0xABCDEF << 100), UUID(int=0xFEDCBA << 100)


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=500)
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite3"


@pytest.fixture
def journal(path: Path, clock: Clock) -> Iterator[Journal]:
    journal = Journal(path, now=clock)
    yield journal
    journal.close()


def request_made() -> RequestMade:
    return RequestMade(
        ticket_id=TICKET,
        ticket_code="K7M-3QX-Q",
        language="fr",
        service="application",
        parent=Parent(
            national_number="85073003328", surname="Peeters", first_names="Noor", card_number="B12", card_type="A"
        ),
        children=(
            RequestedChild(
                first_name="Yara",
                birth_date=date(2020, 2, 29),
                card_type="A",
                procedure="normal",
                fee_cents=1190,
                ready_at=None,
            ),
        ),
        total_cents=1190,
        municipality="somewhere",
        profile_version="1",
    )


def paid_visit(journal: Journal) -> UUID:
    visit = UUID(int=0xAAAA << 100)
    receipt = Receipt(
        cents=1190, receipt_number=7, trace_number=12, masked_pan="67**********1234", text=("KAART ****1234",)
    )
    for body in (
        VisitStarted(language="fr"),
        request_made(),
        PaymentIntent(payment_id=PAYMENT, ticket_id=TICKET, cents=1190),
        PaymentPaid(payment_id=PAYMENT, receipt=receipt),
        TicketIssued(ticket_id=TICKET, ticket_code="K7M-3QX-Q", qr="LKT1:SECRET"),
        VisitClosed(reason="completed", situation="take"),
    ):
        journal.append(body, visit)
    return visit


def log_line(at: datetime, event: str, logger: str, level: str = "info", **keys: object) -> str:
    line = {"event": event, "logger": logger, "level": level, "at": at.isoformat(), **keys}
    return json.dumps(line) + "\n"


def test_record_and_log_stand_in_one_order_of_time(journal: Journal, path: Path, tmp_path: Path):
    paid_visit(journal)
    log = tmp_path / "kiosk.jsonl"
    log.write_text(
        log_line(NOON + timedelta(seconds=1.2), "print_ended", "kiosk.devices.printer", outcome="out")
        + log_line(NOON + timedelta(seconds=0.7), "card_not_read", "kiosk.devices.reader")
        + log_line(NOON + timedelta(seconds=2), "recorded", "kiosk.core", kind="payment_paid")
    )
    told = [(moment.track, moment.what, moment.recorded) for moment in timeline(path, log, WHOLE_DAY)]
    assert told == [
        (Track.VISIT, "visit_started", True),
        (Track.CARD, "card_not_read", False),
        (Track.VISIT, "request_made", True),
        (Track.PRINT, "print_ended", False),
        (Track.PAYMENT, "payment_intent", True),
        (Track.PAYMENT, "payment_paid", True),
        (Track.PRINT, "ticket_issued", True),
        (Track.VISIT, "visit_closed", True),
    ]


def test_no_one_can_be_found_in_it(journal: Journal, path: Path, tmp_path: Path):
    paid_visit(journal)
    log = tmp_path / "kiosk.jsonl"
    log.write_text(log_line(NOON, "said", "kiosk.core", first_name="Noor", note="number 85.07.30-033.28"))
    shown = draw(timeline(path, log, WHOLE_DAY))
    for secret in ("Peeters", "Noor", "Yara", "85073003328", "033.28", "2020", "1234", "SECRET"):
        assert secret not in shown
    assert "cents=1190" in shown and "receipt_number=7" in shown and "ticket_code=K7M-3QX-Q" in shown


def test_a_visit_is_told_with_what_the_kiosk_did_meanwhile_but_without_other_visits(
    journal: Journal, path: Path, clock: Clock
):
    paid_visit(journal)
    clock.now += timedelta(minutes=5)
    asked = uuid4()
    journal.append(VisitStarted(language="nl"), asked)
    journal.append(ServiceChanged(in_service=False, reasons=("printer",)))
    journal.append(VisitClosed(reason="failed", situation="bring"), asked)
    told = timeline(path, None, Selection(NOON, NOON, asked))
    assert [moment.what for moment in told] == ["visit_started", "service_changed", "visit_closed"]
    assert [moment.alarming for moment in told] == [False, True, False]


def test_it_is_read_while_the_kiosk_writes_and_changes_nothing(journal: Journal, path: Path):
    visit = paid_visit(journal)
    before = journal.entries()
    timeline(path, None, Selection(NOON, NOON, visit))
    journal.append(VisitStarted(language="nl"), uuid4())
    assert journal.entries()[:-1] == before


def test_an_unknown_outcome_and_its_case_are_alarming_and_quiet_stretches_are_told(
    journal: Journal, path: Path, clock: Clock
):
    journal.append(PaymentUnknown(payment_id=PAYMENT, reason="silence"))
    clock.now += timedelta(minutes=3)
    journal.append(CaseOpened(case_id=uuid4(), about="payment", ticket_id=TICKET, payment_id=PAYMENT, reason="x"))
    shown = draw(timeline(path, None, WHOLE_DAY))
    assert shown.count("▲") == 3  # two events, and the key
    assert "3 min quiet" in shown
    assert "12:00:00.500 +0100" in shown  # Belgian time


def test_every_kind_of_entry_has_a_track_of_its_own_choosing():
    service = {kind for kind in KINDS if track_of_kind(kind) is Track.SERVICE}
    assert {track_of_kind(kind) for kind in KINDS} >= {Track.VISIT, Track.CARD, Track.PAYMENT, Track.PRINT}
    heads = ("service_", "staff_", "device_", "readiness_", "setting_", "order_")
    strays = {kind for kind in service if not kind.startswith(heads)}
    assert strays == set(), "say in kiosk.timeline.events where these belong"


def test_half_a_line_and_another_programs_line_are_passed_over(journal: Journal, path: Path, tmp_path: Path):
    paid_visit(journal)
    log = tmp_path / "kiosk.jsonl"
    log.write_bytes(b'\xff\xfe not ours\n[1, 2]\n{"event": "no moment"}\n{"event": "cut off", "at": "2026-11')
    assert all(moment.recorded for moment in timeline(path, log, WHOLE_DAY))


def test_the_command_finds_a_visit_by_its_ticket(journal: Journal, path: Path, capsys: pytest.CaptureFixture[str]):
    visit = paid_visit(journal)
    assert main(["timeline", "--journal", str(path), "--ticket", "k7m 3qxq", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["events"]
    assert {event["visit"] for event in told} == {str(visit)}
    assert [event["sequence"] for event in told] == list(range(1, 7))
    assert main(["timeline", "--journal", str(path), "--since", "2026-11-22", "--until", "2026-11-23"]) == 0
    assert re.search(r"payment paid +payment_id=", capsys.readouterr().out)


def test_nothing_then_is_a_no(journal: Journal, path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["timeline", "--journal", str(path), "--since", "2020-01-01", "--until", "2020-01-02"]) == 1
    assert "Nothing happened" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--ticket", "K7M-3QX-A"], "no ticket code"),
        (["--ticket", "334-334-X"], "no ticket"),
        (["--visit", "12"], "no visit's id"),
        (["--since", "yesterday"], "--since 'yesterday' is no moment"),
        (["--since", "2026-11-23", "--until", "2026-11-22"], "after the end"),
        (["--minutes", "0"], "--minutes should be"),
        (["--log", "nowhere.jsonl"], "no log"),
    ],
)
def test_bad_input_is_one_line(
    more: list[str], said: str, journal: Journal, path: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["timeline", "--journal", str(path), *more]) == 2
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1


def test_what_is_no_journal_is_said_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    other = tmp_path / "photo.png"
    other.write_bytes(b"\x89PNG" * 100)
    assert main(["timeline", "--journal", str(other)]) == 2
    assert main(["timeline", "--journal", str(tmp_path / "none")]) == 2
    assert main(["timeline"]) == 2
    assert capsys.readouterr().err.count("\n") == 3
