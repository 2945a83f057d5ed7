"""The console: cases with their evidence, money and its exports, the calendar, the rules, and people's data."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest

from backend import demonstration
from backend.accounts.models import AuditEntry, Staff
from backend.accounts.roles import Role
from backend.appointments.models import Appointment, Desk
from backend.editions.models import Edition
from backend.fleet.models import Municipality
from backend.money import books, exports
from backend.privacy import erasure
from backend.privacy.models import Retention
from backend.requests.models import OpenCase, Payment, Request, StoredEntry
from backend.tariffs.profiles import profile_of, text_as_delivered
from kiosk.domain import wire
from kiosk.domain.record import entries
from tests.backend.conftest import Login
from tests.backend.kiosks import Story, TestKiosk, outcomes
from tests.towns import OTHER_TOWN_ID, TOWN

CAMT = {"c": exports.CAMT}


@pytest.fixture
def manager(login: Login) -> Staff:
    login(Role.MANAGER, name="boss")
    return Staff.objects.get(username="boss")


@pytest.fixture
def filled(town: Municipality, manager: Staff) -> Municipality:
    profile = profile_of(town)
    assert profile is not None
    demonstration.fill(town, profile, datetime.now(UTC))
    return town


# --- Cases ----------------------------------------------------------------------------------------------


def test_a_case_is_decided_on_evidence_and_the_kiosk_sells_again(kiosk: TestKiosk, login: Login) -> None:
    story = Story(kiosk)
    kiosk.upload([*story.asks(), *story.hears_nothing()])
    case, browser = OpenCase.objects.get(), login(Role.FINANCE)
    page = browser.get(f"/console/cases/{case.pk}/").content.decode()
    for words in ("asked of the terminal", "not known whether paid", "did not say what happened", story.code):
        assert words in page, words
    assert "El Amrani" not in page and "85073003328" not in page, "nobody's name is needed to judge"
    assert b"keeps its kiosk from selling" in browser.get("/console/cases/").content

    for fields in (
        {"decision": " "},
        {"decision": "asked the bank"},
        {"decision": "asked the bank", "outcome": "paid"},
    ):
        assert browser.post(f"/console/cases/{case.pk}/", fields).status_code == 200
    assert OpenCase.objects.get().closed_at is None
    decided = {"decision": "asked  the bank", "outcome": "paid", "sure": "yes"}
    assert browser.post(f"/console/cases/{case.pk}/", decided).status_code == 302
    assert b"decided meanwhile" in browser.post(f"/console/cases/{case.pk}/", decided).content

    beat = {"sent_at": datetime.now(UTC).isoformat(), "version": "1", "queue_depth": 0}
    (told,) = wire.HeartbeatAnswer.model_validate(kiosk.post("/heartbeat", beat).json()).decisions
    assert (told.decision, told.outcome, told.by) == ("asked the bank", "paid", "finance-of-voorbeeldstad")
    closed = entries.CaseClosed(case_id=told.case_id, decision=told.decision, outcome=told.outcome, by=told.by)
    assert outcomes(kiosk.upload([kiosk.entry(closed)])) == ["accepted"]
    assert Payment.objects.get().state == "paid"
    assert [entry.act for entry in AuditEntry.objects.order_by("pk")][-1] == "case-seen"
    assert AuditEntry.objects.filter(act="case-decided", about_id=str(case.pk)).count() == 1


# --- Money ----------------------------------------------------------------------------------------------


def test_a_days_bookings_add_up_and_what_is_in_doubt_is_apart(filled: Municipality, manager: Staff) -> None:
    today = datetime.now(UTC).date()
    days = books.by_day(manager, today - timedelta(days=40), today)
    paid = sum(payment.cents for payment in Payment.objects.filter(state="paid"))
    assert sum(day.by_card for day in days) == paid and sum(day.given_back for day in days) == -1200
    assert sum(day.total for day in days) == paid - 1200
    assert sum(day.in_doubt for day in days) == 1
    assert {closing.difference for closing in books.closings(manager, today - timedelta(days=40), today)} == {0, -1200}


def test_a_payment_that_was_given_back_is_booked_on_both_days(kiosk: TestKiosk, manager: Staff) -> None:
    story = Story(kiosk)
    kiosk.upload([*story.asks(), *story.pays()])
    paid = datetime.now(UTC) - timedelta(days=3)
    payment = Payment.objects.get()
    kiosk.upload([kiosk.entry(entries.PaymentReversing(payment_id=payment.pk, reason="no ticket"))])
    kiosk.upload([kiosk.entry(entries.PaymentReversed(payment_id=payment.pk))])
    payment.refresh_from_db()
    payment.receipt = payment.receipt | {"at": paid.isoformat()}
    payment.save()
    today = datetime.now(UTC).date()
    totals = {day.day: day.total for day in books.by_day(manager, today - timedelta(days=9), today + timedelta(days=1))}
    assert sorted(totals.values()) == [-2400, 2400] and len(totals) == 2


def test_the_csv_is_what_a_belgian_spreadsheet_reads(filled: Municipality, login: Login) -> None:
    answer = login(Role.FINANCE).get("/console/money/bookings.csv")
    text = answer.content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert answer["Content-Disposition"].startswith("attachment") and len(rows) == 11
    assert {row["amount"] for row in rows} >= {"24,00", "-12,00", "9,00"}
    assert not any(request.surname in text for request in Request.objects.all())


def test_no_word_in_the_csv_is_a_formula() -> None:
    row = books.Booking(datetime.now(UTC), 100, "=1+1", "@x", "+kiosk", "-t")
    assert "'=1+1;'@x;'+kiosk;'-t" in exports.as_csv([row])


def test_the_statements_balance_day_by_day(filled: Municipality, login: Login) -> None:
    answer = login(Role.FINANCE).get("/console/money/bookings.xml")
    statements = ET.fromstring(answer.content.decode()).findall(".//c:Stmt", CAMT)
    assert len(statements) >= 10
    balance = 0
    for statement in statements:
        opening, closing = (_cents(one) for one in statement.findall("c:Bal", CAMT))
        moved = sum(_cents(one) for one in statement.findall("c:Ntry", CAMT))
        assert (opening, closing) == (balance, balance + moved)
        balance = closing
    assert AuditEntry.objects.filter(act="money-exported").count() == 1


def _cents(element: ET.Element) -> int:
    amount, sign = element.find("c:Amt", CAMT), element.find("c:CdtDbtInd", CAMT)
    assert amount is not None and amount.text and sign is not None
    return round(float(amount.text) * 100) * (1 if sign.text == "CRDT" else -1)


# --- The calendar and the rules -------------------------------------------------------------------------


def test_an_appointment_is_booked_moved_and_noted(town: Municipality, login: Login) -> None:
    browser = login(Role.DESK)
    first = _first_time(browser.get("/console/appointments/book/?minutes=20").content.decode())
    assert browser.post("/console/appointments/book/", {"time": first, "minutes": 20}).status_code == 302
    appointment = Appointment.objects.get()
    taken = browser.post("/console/appointments/book/", {"time": first, "minutes": 20})
    assert b"was taken meanwhile" in taken.content
    page = browser.get(f"/console/appointments/{appointment.pk}/move/").content.decode()
    browser.post(f"/console/appointments/{appointment.pk}/move/", {"time": _first_time(page)})
    assert Appointment.objects.get().start != appointment.start
    browser.post(f"/console/appointments/{appointment.pk}/change/", {"do": "cancel"})
    assert Appointment.objects.get().state == "cancelled"
    assert AuditEntry.objects.filter(act="appointment-changed").count() == 3
    assert browser.post("/console/appointments/book/", {"time": "x", "minutes": "-1"}).status_code == 200


def _first_time(page: str) -> str:
    return page.split('name="time" value="', 1)[1].split('"', 1)[0]


def test_hours_and_closing_days_are_a_managers_to_change(town: Municipality, login: Login) -> None:
    desk = Desk.objects.get()
    line = {"do": "add-hours", "desk": desk.pk, "weekday": 5, "opens": "09:00", "closes": "11:00", "slot_minutes": 20}
    before = desk.hours.count()
    login(Role.DESK).post("/console/appointments/desks/", line)
    assert desk.hours.count() == before
    manager = login(Role.MANAGER)
    assert b"lies across" in manager.post("/console/appointments/desks/", line | {"weekday": 0}).content
    assert b"before it opens" in manager.post("/console/appointments/desks/", line | {"closes": "08:00"}).content
    manager.post("/console/appointments/desks/", line)
    assert desk.hours.count() == before + 1
    manager.post("/console/appointments/desks/", {"do": "close", "day": "2027-03-01"})
    assert town.closing_days.filter(day=date(2027, 3, 1)).exists()
    manager.post("/console/appointments/desks/", {"do": "open", "day": "2027-03-01"})
    assert not town.closing_days.filter(day=date(2027, 3, 1)).exists()


def test_the_preview_says_what_a_kiosk_says(town: Municipality, login: Login) -> None:
    question = (
        "service=application&card_type=A&procedure=normal&birth_date=2018-03-01&on=2026-11-25&at=10:00&language=nl"
    )
    page = login(Role.MANAGER).get(f"/console/tariffs/?{question}").content.decode()
    for words in ("€12.00", "Het kind zelf", "1 pasfoto, met een witte achtergrond"):
        assert words in page, words
    old = login(Role.MANAGER).get(f"/console/tariffs/?{question.replace('2018', '2005')}").content.decode()
    assert "te oud voor deze kaart" in old
    for wrong in ("birth_date=0001-01-01", "birth_date=9999-01-01&on=9999-12-31", "service=nothing"):
        assert login(Role.MANAGER).get(f"/console/tariffs/?{question}&{wrong}").status_code == 200


def test_rules_are_checked_shown_and_only_then_handed_out(town: Municipality, login: Login) -> None:
    manager, text = login(Role.MANAGER), text_as_delivered(town)
    dearer = text.replace('version = "2026-11-22"', 'version = "2027-01-01"').replace("normal = 1200", "normal = 1300")
    page = manager.post("/console/tariffs/edit/", {"text": dearer, "do": "check"}).content.decode()
    assert "€13.00" in page and "2027-01-01" in page and not Edition.objects.filter(by__isnull=False).exists()
    broken = manager.post("/console/tariffs/edit/", {"text": text.replace("1200", '"x"'), "do": "publish"})
    assert b"cannot be used yet" in broken.content and b"fees" in broken.content
    foreign = text.replace(f'id = "{TOWN}"', f'id = "{OTHER_TOWN_ID}"')
    assert b"another municipality" in manager.post("/console/tariffs/edit/", {"text": foreign, "do": "publish"}).content
    assert manager.post("/console/tariffs/edit/", {"text": dearer, "do": "publish"}).status_code == 302
    profile = profile_of(town)
    assert profile is not None and profile.version == "2027-01-01"
    assert AuditEntry.objects.filter(act="profile-changed").count() == 1


# --- People's data --------------------------------------------------------------------------------------

WORDS = ("El Amrani", "Amina", "85073003328", "B1234567", "Yusuf", "Lina", "2019-05-04")


def _held() -> str:
    """All that could name somebody, out of all tables of requests."""
    rows = [list(model.objects.values()) for model in (Request, StoredEntry)]
    children = [list(request.children.values()) for request in Request.objects.all()]
    return json.dumps([*rows, *children], default=str)


def test_what_is_held_on_a_person_is_given_out_whole(kiosk: TestKiosk, login: Login) -> None:
    story = Story(kiosk)
    kiosk.upload([*story.asks(), *story.pays(), *story.takes_the_ticket()])
    browser = login(Role.MANAGER)
    assert story.code in browser.post("/console/privacy/person/", {"number": "85.07.30-033.28"}).content.decode()
    answer = browser.post("/console/privacy/person/file/", {"number": "85073003328"})
    held = json.loads(answer.content)
    (request,) = held["requests"]
    assert request["surname"] == "El Amrani" and len(request["children"]) == 2 and len(request["payments"]) == 1
    assert len(request["journal"]) == 10 and request["looked_at"][0]["act"] == "person-exported"
    assert json.loads(browser.post("/console/privacy/person/file/", {"number": "1"}).content)["requests"] == []


def test_erasing_takes_the_person_out_of_everything_and_leaves_the_money(kiosk: TestKiosk, login: Login) -> None:
    story, later = Story(kiosk), Story(kiosk, code="C3C-C3C-3")
    sent = [*story.asks(), *story.pays(), *story.takes_the_ticket()]
    kiosk.upload(sent)
    manager = login(Role.MANAGER)
    erase = {"number": "85073003328", "sure": "yes"}
    manager.post("/console/privacy/person/erase/", erase)
    assert all(word in _held() for word in WORDS), "it still runs"
    Request.objects.update(state="collected")
    manager.post("/console/privacy/person/erase/", {"number": "85073003328"})
    assert Request.objects.get().erased_at is None, "not without a confirmation"
    manager.post("/console/privacy/person/erase/", erase)
    assert [word for word in WORDS if word in _held()] == []
    assert (Payment.objects.get().cents, Request.objects.get().total_cents) == (2400, 2400)
    assert set(outcomes(kiosk.upload(sent))) == {"duplicate"}, "an entry that comes again is still known"
    assert [word for word in WORDS if word in _held()] == []
    assert later.code != story.code


def test_the_retention_erases_what_is_over_and_nothing_else(filled: Municipality, login: Login) -> None:
    now = datetime.now(UTC)
    assert erasure.sweep(filled, now).requests == 0
    Retention.objects.create(municipality=filled, ended_days=3)
    assert erasure.sweep(filled, now + timedelta(days=1)).requests == 3  # collected, cancelled and refunded
    assert set(Request.objects.filter(erased_at__isnull=False).values_list("state", flat=True)) == {
        "collected",
        "cancelled",
        "refunded",
    }
    erasure.sweep(filled, now + timedelta(days=3000))
    erasure.forget_audit(filled, now + timedelta(days=3000))
    kept = Request.objects.filter(erased_at__isnull=True)
    assert [request.cases.count() for request in kept] == [1], "a request with an open case waits for the decision"
    assert not AuditEntry.objects.filter(at__lt=now + timedelta(days=2000)).exists()


def test_how_long_data_are_kept_is_a_managers_to_say(town: Municipality, login: Login) -> None:
    manager = login(Role.MANAGER)
    manager.post("/console/privacy/", {"ended_days": 30, "idle_days": 200, "audit_days": 400})
    assert Retention.objects.get().ended_days == 30
    assert b"180" in manager.post("/console/privacy/", {"ended_days": 0, "idle_days": 1, "audit_days": 1}).content
    assert Retention.objects.get().audit_days == 400
