"""The journal on a real disk: durable, in order, exactly once, and forgetful of persons at the right time."""

from __future__ import annotations

import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from kiosk.domain.appointments import Slot
from kiosk.domain.record.entries import (
    CaseClosed,
    CaseOpened,
    Parent,
    PaymentIntent,
    PaymentPaid,
    PaymentSent,
    PrintStarted,
    Receipt,
    RequestedChild,
    RequestMade,
    SlotBooked,
    SlotReleased,
    TicketDelivered,
    VisitClosed,
    VisitStarted,
)
from kiosk.journal import Journal, JournalError, JournalProblem, SlotGone, unfinished

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
TICKET = uuid4()


def a_journal(folder: Path) -> Journal:
    return Journal(folder / "journal.sqlite3", now=lambda: NOW)


def a_request() -> RequestMade:
    return RequestMade(
        ticket_id=TICKET,
        ticket_code="K7M-3QX-Q",
        language="nl",
        service="application",
        parent=Parent(
            national_number="88010112384",
            surname="Zonneschijn",
            first_names="Amina",
            card_number="B123456789",
            card_type="A",
        ),
        children=(
            RequestedChild(
                first_name="Yusuf",
                birth_date=date(2022, 5, 4),
                card_type="A",
                procedure="normal",
                fee_cents=1200,
                ready_at=None,
            ),
        ),
        total_cents=1200,
        municipality="town",
        profile_version="1",
    )


def a_slot(number: int = 1) -> Slot:
    return Slot(NOW + timedelta(days=number), f"slot-{number}", 30, "Burgerzaken")


def booked(slot: Slot) -> SlotBooked:
    return SlotBooked(slot_id=slot.id, start=slot.start, minutes=30, desk=slot.desk, ticket_id=TICKET)


def test_entries_come_back_in_order_after_the_file_was_closed(tmp_path: Path) -> None:
    journal, visit = a_journal(tmp_path), uuid4()
    journal.append(VisitStarted(language="fr"), visit)
    journal.append(a_request(), visit)
    journal.close()
    again = a_journal(tmp_path)
    assert [entry.sequence for entry in again.entries()] == [1, 2]
    assert again.entries(visit)[1].body == a_request()
    assert again.append(VisitClosed(reason="stopped", situation="review"), visit).sequence == 3


def test_what_was_appended_survives_a_kill_without_a_good_bye(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from kiosk.journal import Journal; "
        "from kiosk.domain.record.entries import VisitStarted\n"
        "journal = Journal(Path(sys.argv[1]) / 'journal.sqlite3')\n"
        "while True:\n"
        "    print(journal.append(VisitStarted(language='nl')).sequence, flush=True)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        told = [int(child.stdout.readline()) for _ in range(5)]
        os.kill(child.pid, signal.SIGKILL)
        told += [int(line) for line in child.stdout.read().splitlines()]
    sequences = [entry.sequence for entry in a_journal(tmp_path).entries()]
    assert sequences[: len(told)] == told
    assert sequences == list(range(1, len(sequences) + 1))


def test_the_outbox_keeps_an_entry_until_it_is_acknowledged(tmp_path: Path) -> None:
    journal = a_journal(tmp_path)
    first, second = journal.append(VisitStarted(language="nl")), journal.append(VisitStarted(language="fr"))
    assert [entry.id for entry in journal.outbox()] == [first.id, second.id]
    journal.acknowledge([first.id])
    journal.acknowledge([first.id])
    assert [entry.id for entry in journal.outbox()] == [second.id]
    assert (journal.queue_depth(), journal.acknowledged_count()) == (1, 1)


def test_a_refused_entry_does_not_block_the_outbox_and_is_not_lost(tmp_path: Path) -> None:
    journal = a_journal(tmp_path)
    bad, good = journal.append(VisitStarted(language="nl")), journal.append(VisitStarted(language="fr"))
    journal.reject(bad.id, "unknown language")
    assert [entry.id for entry in journal.outbox()] == [good.id]
    assert journal.dead_letters() == 1 and len(journal.entries()) == 2


def test_a_person_is_never_readable_in_the_raw_file_and_erased_an_hour_after_the_backend_has_the_visit(
    tmp_path: Path,
) -> None:
    moment = [NOW]
    journal, visit = Journal(tmp_path / "journal.sqlite3", now=lambda: moment[0]), uuid4()
    paid = PaymentPaid(
        payment_id=uuid4(),
        receipt=Receipt(cents=1200, receipt_number=7, masked_pan="679999******1234", text=("BANCONTACT", "EUR 12,00")),
    )
    entries = [journal.append(body, visit) for body in (VisitStarted(language="nl"), a_request(), paid)]
    journal.acknowledge([entry.id for entry in entries])
    closing = journal.append(VisitClosed(reason="completed", situation="printing"), visit)
    journal.acknowledge([closing.id])
    for secret in (b"Zonneschijn", b"88010112384", b"679999", b"BANCONTACT"):
        assert secret not in raw(tmp_path), secret
    assert [entry.body for entry in journal.entries(visit)] == [entry.body for entry in (*entries, closing)]
    sealed = sealed_texts(journal)
    assert len(sealed) == 2 and all(text in raw(tmp_path) for text in sealed)

    moment[0] = NOW + timedelta(minutes=59)
    assert journal.erase_due() == 0
    moment[0] = NOW + timedelta(minutes=61)
    assert journal.erase_due() == 2
    assert journal.erase_due() == 0
    assert not any(text in raw(tmp_path) for text in sealed)  # neither in the database nor in its log
    kept = journal.entries(visit)
    assert [entry.body.kind for entry in kept] == ["visit_started", "payment_paid", "visit_closed"]
    assert isinstance(kept[1].body, PaymentPaid) and kept[1].body.receipt == Receipt(cents=1200, receipt_number=7)


def test_nothing_is_erased_before_the_visit_is_closed_and_wholly_acknowledged(tmp_path: Path) -> None:
    moment = [NOW]
    journal, visit = Journal(tmp_path / "journal.sqlite3", now=lambda: moment[0]), uuid4()
    asked = journal.append(a_request(), visit)
    journal.acknowledge([asked.id])
    moment[0] += timedelta(days=30)
    assert journal.erase_due() == 0  # still open: the ticket may have to be printed
    closing = journal.append(VisitClosed(reason="completed", situation="printing"), visit)
    assert journal.erase_due() == 0  # not all of it is acknowledged
    journal.acknowledge([closing.id])
    moment[0] += timedelta(hours=2)
    assert journal.erase_due() == 1


def test_a_journal_from_before_the_sealing_is_sealed_when_it_is_opened(tmp_path: Path) -> None:
    journal, visit = a_journal(tmp_path), uuid4()
    asked = journal.append(a_request(), visit)
    journal.close()
    (tmp_path / "journal.key").unlink()
    with sqlite3.connect(tmp_path / "journal.sqlite3") as old:
        old.execute("UPDATE entries SET body = ?", (a_request().model_dump_json(),))
        old.execute("UPDATE meta SET value = '1' WHERE name = 'schema'")
        old.execute("DELETE FROM meta WHERE name = 'key'")
    old.close()
    assert b"Zonneschijn" in raw(tmp_path)
    journal = a_journal(tmp_path)
    assert b"Zonneschijn" not in raw(tmp_path)
    assert journal.outbox() == [asked]


@pytest.mark.parametrize("key", [None, b"x" * 32, b"short"])
def test_without_its_key_a_journal_is_not_opened_and_no_other_key_is_made(tmp_path: Path, key: bytes | None) -> None:
    journal = a_journal(tmp_path)
    journal.append(a_request())
    journal.close()
    file = tmp_path / "journal.key"
    file.unlink()
    if key is not None:
        file.write_bytes(key)
        file.chmod(0o600)
    with pytest.raises(JournalError) as caught:
        a_journal(tmp_path)
    assert caught.value.problem is JournalProblem.KEY_MISSING
    assert file.exists() is (key is not None)


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    a_journal(tmp_path).close()
    (tmp_path / "journal.key").chmod(0o640)
    with pytest.raises(JournalError):
        a_journal(tmp_path)


def test_a_sealed_text_that_was_changed_or_moved_is_damage(tmp_path: Path) -> None:
    journal = a_journal(tmp_path)
    first, second = journal.append(a_request()), journal.append(a_request())
    with sqlite3.connect(tmp_path / "journal.sqlite3") as other:
        other.execute(
            "UPDATE entries SET body = (SELECT body FROM entries WHERE id = ?) WHERE id = ?",
            (str(second.id), str(first.id)),
        )
    other.close()
    with pytest.raises(JournalError) as caught:
        journal.outbox()
    assert caught.value.problem is JournalProblem.DAMAGED


def sealed_texts(journal: Journal) -> list[bytes]:
    bodies = journal._connection.execute("SELECT body FROM entries").fetchall()
    return [json.loads(body)["sealed"].encode() for (body,) in bodies if "sealed" in body]


def raw(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


def test_a_slot_is_booked_once_and_free_again_when_released(tmp_path: Path) -> None:
    journal = a_journal(tmp_path)
    journal.add_slots([a_slot(1), a_slot(2)], lease_expires=NOW + timedelta(hours=12))
    journal.append(booked(a_slot(1)))
    assert [slot.id for slot in journal.free_slots(NOW)] == ["slot-2"]
    with pytest.raises(SlotGone):
        journal.append(booked(a_slot(1)))
    journal.append(SlotReleased(slot_id="slot-1", ticket_id=TICKET))
    assert journal.free_slot_count(NOW) == 2
    assert [entry.body.kind for entry in journal.entries()] == ["slot_booked", "slot_released"]


def test_slots_that_follow_each_other_are_booked_together_or_not_at_all(tmp_path: Path) -> None:
    journal = a_journal(tmp_path)
    journal.add_slots([a_slot(1), a_slot(2), a_slot(3)], lease_expires=NOW + timedelta(hours=12))
    journal.append(booked(a_slot(3)).model_copy(update={"ticket_id": UUID(int=99)}))
    with pytest.raises(SlotGone):
        journal.append(booked(a_slot(1)).model_copy(update={"more_slots": ("slot-2", "slot-3")}))
    assert journal.free_slot_count(NOW) == 2
    journal.append(booked(a_slot(1)).model_copy(update={"more_slots": ("slot-2",)}))
    assert journal.free_slot_count(NOW) == 0
    journal.append(SlotReleased(slot_id="slot-1", ticket_id=TICKET))
    assert [slot.id for slot in journal.free_slots(NOW)] == ["slot-1", "slot-2"]


def test_a_slot_whose_lease_has_ended_is_not_free(tmp_path: Path) -> None:
    journal = a_journal(tmp_path)
    journal.add_slots([a_slot()], lease_expires=NOW)
    assert not journal.free_slots(NOW)
    with pytest.raises(SlotGone):
        journal.append(booked(a_slot()))


def test_a_renewed_lease_keeps_the_booking(tmp_path: Path) -> None:
    journal = a_journal(tmp_path)
    journal.add_slots([a_slot()], lease_expires=NOW + timedelta(hours=1))
    journal.append(booked(a_slot()))
    journal.add_slots([a_slot()], lease_expires=NOW + timedelta(hours=2))
    assert not journal.free_slots(NOW)


def test_open_cases_are_counted_by_what_they_are_about(tmp_path: Path) -> None:
    journal = a_journal(tmp_path)
    case = CaseOpened(case_id=uuid4(), about="payment", ticket_id=TICKET, payment_id=uuid4(), reason="silence")
    journal.append(case)
    journal.append(CaseOpened(case_id=uuid4(), about="ticket", ticket_id=TICKET, reason="paper-out"))
    assert (journal.open_cases(), journal.open_cases("payment")) == (2, 1)
    journal.append(CaseClosed(case_id=case.case_id, decision="paid"))
    assert (journal.open_cases(), journal.open_cases("payment")) == (1, 0)


def test_a_full_disk_is_told_as_such_and_loses_nothing(tmp_path: Path) -> None:
    journal = a_journal(tmp_path)
    journal.append(VisitStarted(language="nl"))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, limits[1]))  # every further write fails, as on a full disk
    try:
        with pytest.raises(JournalError) as refusal:
            journal.append(a_request(), uuid4())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, ignored)
    assert refusal.value.problem in (JournalProblem.DISK_FULL, JournalProblem.DISK_ERROR)
    assert [entry.body.kind for entry in journal.entries()] == ["visit_started"]
    journal.append(VisitStarted(language="fr"))  # and it goes on when there is room again


def test_a_file_that_is_no_journal_is_told_as_damaged(tmp_path: Path) -> None:
    (tmp_path / "journal.sqlite3").write_bytes(b"not a database, but long enough to be read as one" * 100)
    with pytest.raises(JournalError) as refusal:
        a_journal(tmp_path)
    assert refusal.value.problem is JournalProblem.DAMAGED


# --- recovery ---------------------------------------------------------------------------------------------


def intent(payment: UUID) -> PaymentIntent:
    return PaymentIntent(payment_id=payment, ticket_id=TICKET, cents=1200)


def test_an_unpaid_interrupted_visit_is_closed_and_its_time_given_back(tmp_path: Path) -> None:
    journal, visit = a_journal(tmp_path), uuid4()
    journal.add_slots([a_slot()], lease_expires=NOW + timedelta(hours=1))
    for body in (VisitStarted(language="nl"), a_request(), booked(a_slot()), intent(uuid4())):
        journal.append(body, visit)
    found = unfinished(journal)
    assert not found.in_doubt
    assert [body.kind for body in found.interrupted[0].closing] == ["slot_released", "visit_closed"]


def test_a_payment_that_was_sent_and_never_ended_is_in_doubt_and_keeps_its_time(tmp_path: Path) -> None:
    journal, visit, payment = a_journal(tmp_path), uuid4(), uuid4()
    for body in (VisitStarted(language="nl"), a_request(), intent(payment), PaymentSent(payment_id=payment)):
        journal.append(body, visit)
    found = unfinished(journal)
    assert [doubt.intent.payment_id for doubt in found.in_doubt] == [payment]
    assert [body.kind for body in found.interrupted[0].closing] == ["visit_closed"]


def test_a_paid_visit_without_a_ticket_becomes_a_case(tmp_path: Path) -> None:
    journal, visit, payment = a_journal(tmp_path), uuid4(), uuid4()
    for body in (
        VisitStarted(language="nl"),
        a_request(),
        intent(payment),
        PaymentSent(payment_id=payment),
        PaymentPaid(payment_id=payment, receipt=Receipt(cents=1200)),
        PrintStarted(ticket_id=TICKET, document="ticket", copy_mark=False),
    ):
        journal.append(body, visit)
    closing = unfinished(journal).interrupted[0].closing
    assert [body.kind for body in closing] == ["case_opened", "visit_closed"]
    assert isinstance(closing[0], CaseOpened) and closing[0].about == "ticket"


def test_a_delivered_ticket_leaves_nothing_to_do_but_close(tmp_path: Path) -> None:
    journal, visit = a_journal(tmp_path), uuid4()
    for body in (VisitStarted(language="nl"), a_request(), TicketDelivered(ticket_id=TICKET)):
        journal.append(body, visit)
    assert [body.kind for body in unfinished(journal).interrupted[0].closing] == ["visit_closed"]


def test_a_doubt_that_became_a_case_is_left_to_people(tmp_path: Path) -> None:
    journal, visit, payment = a_journal(tmp_path), uuid4(), uuid4()
    for body in (
        VisitStarted(language="nl"),
        a_request(),
        intent(payment),
        PaymentSent(payment_id=payment),
        CaseOpened(case_id=uuid4(), about="payment", ticket_id=TICKET, payment_id=payment, reason="silence"),
        VisitClosed(reason="failed", situation="outcome_unknown"),
    ):
        journal.append(body, visit)
    found = unfinished(journal)
    assert not found.in_doubt and not found.interrupted


def test_the_last_of_several_requests_of_an_interrupted_visit_is_the_one_people_look_for(tmp_path: Path) -> None:
    journal, visit, payment, changed = a_journal(tmp_path), uuid4(), uuid4(), uuid4()
    for body in (
        VisitStarted(language="nl"),
        a_request(),
        a_request().model_copy(update={"ticket_id": changed}),
        PaymentPaid(payment_id=payment, receipt=Receipt(cents=1200)),
    ):
        journal.append(body, visit)
    case = unfinished(journal).interrupted[0].closing[0]
    assert isinstance(case, CaseOpened) and case.ticket_id == changed


def test_a_slip_that_was_being_printed_is_no_ticket_that_is_missing(tmp_path: Path) -> None:
    journal, visit, payment = a_journal(tmp_path), uuid4(), uuid4()
    journal.add_slots([a_slot()], lease_expires=NOW + timedelta(hours=1))
    for body in (
        VisitStarted(language="nl"),
        a_request(),
        booked(a_slot()),
        intent(payment),
        PaymentSent(payment_id=payment),
        CaseOpened(case_id=uuid4(), about="payment", ticket_id=TICKET, payment_id=payment, reason="silence"),
        PrintStarted(ticket_id=TICKET, document="slip", copy_mark=False),
    ):
        journal.append(body, visit)
    closing = unfinished(journal).interrupted[0].closing
    assert [body.kind for body in closing] == ["visit_closed"]  # and the time stays with what may have been paid
