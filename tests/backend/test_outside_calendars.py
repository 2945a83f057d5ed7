"""One contract, two vendors: read what degrades, book what must not fail silently, hold times for kiosks."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from backend.appointments import leases
from backend.appointments.models import Appointment, Slot
from backend.appointments.outside import holding, setup
from backend.appointments.outside.contract import BookingFailed, Calendar, CalendarUnavailable, ConfigWrong, _away
from backend.fleet.models import Kiosk, Municipality
from tests.backend.calendars.vendors import MINUTES, MORE_MINUTES, PLACE, PRODUCT, Jcc, Qmatic, Vendor
from tests.backend.kiosks import Story, TestKiosk, outcomes

BRUSSELS = ZoneInfo("Europe/Brussels")
NOW = datetime.now(UTC)
FIRST = (NOW + timedelta(days=1)).date()
LAST = FIRST + timedelta(days=60)


@pytest.fixture(params=[Qmatic, Jcc])
def vendor(request: pytest.FixtureRequest) -> Iterator[Vendor]:
    _away.clear()
    with request.param(FIRST) as server:
        yield server


def _set_up(vendor: Vendor, folder: Path, **changes: str) -> Calendar:
    lines = {"url": vendor.url, "place": PLACE, "product": PRODUCT, "desk": "Aliens' affairs"}
    if isinstance(vendor, Jcc):
        (folder / "secret").write_text(f"{Jcc.secret}\n")
        lines |= {"kind": "jcc", "client_id": Jcc.client_id, "secret_file": str(folder / "secret")}
    else:
        lines |= {"kind": "qmatic"}
    text = "\n".join(f'{name} = "{value}"' for name, value in (lines | changes).items())
    (folder / "calendars.toml").write_text(f"[town]\n{text}\n")
    return setup.read(folder / "calendars.toml")["town"].calendar()


@pytest.fixture
def calendar(vendor: Vendor, tmp_path: Path) -> Calendar:
    return _set_up(vendor, tmp_path)


def test_what_can_be_booked_and_where(calendar: Calendar) -> None:
    assert [(one.id, one.minutes) for one in calendar.products()] == [(PRODUCT, MINUTES)]
    assert [(one.id, one.name) for one in calendar.places()] == [(PLACE, "Town hall")]
    assert "9999" in calendar.places()[0].address


def test_days_and_times_are_those_of_the_calendar_in_the_time_of_the_place(vendor: Vendor, calendar: Calendar) -> None:
    days = calendar.days(FIRST, LAST, 1)
    assert days == tuple(sorted({start.date() for start in vendor.agenda.starts() if start.date() <= LAST}))
    assert calendar.days(days[3], days[5], 1) == days[3:6]
    times = calendar.times(days[0], 1)
    assert [time.start.replace(tzinfo=None) for time in times] == [
        start for start in vendor.agenda.starts() if start.date() == days[0]
    ]
    assert {time.start.tzinfo for time in times} == {BRUSSELS} and {time.minutes for time in times} == {MINUTES}
    assert {time.minutes for time in calendar.times(days[0], 3)} == {MINUTES + 2 * MORE_MINUTES}


def test_a_booking_is_there_until_it_is_cancelled_and_cancelling_twice_is_no_failure(
    vendor: Vendor, calendar: Calendar
) -> None:
    time = calendar.times(calendar.days(FIRST, LAST, 2)[0], 2)[0]
    reference = calendar.book(time, 2, "Loket: hall")
    found = calendar.booked(reference)
    assert found is not None and found.start == time.start and found.end == time.end
    assert time.start not in [one.start for one in calendar.times(time.start.date(), 1)]
    assert vendor.agenda.titles == ["Loket: hall"]
    calendar.cancel(reference)
    calendar.cancel(reference)
    assert calendar.booked(reference) is None
    assert time.start in [one.start for one in calendar.times(time.start.date(), 1)]


def test_a_time_that_somebody_else_took_is_not_booked_and_said(calendar: Calendar) -> None:
    time = calendar.times(calendar.days(FIRST, LAST, 1)[0], 1)[0]
    calendar.book(time, 1, "first")
    with pytest.raises(BookingFailed, match=r"no longer available|taken"):
        calendar.book(time, 1, "second")


TROUBLES = [
    (500, {"error_message": "database is down"}, b""),
    (502, {}, b"<html>Bad gateway"),
    (200, {"Content-Type": "application/json"}, b"{"),
    (200, {}, b"<html>Log in"),
    (200, {"Content-Type": "application/json"}, b"[]"),
    (200, {"Content-Type": "application/json"}, b'{"unexpected": null}'),
    (302, {"Location": "http://portal/"}, b""),
    (403, {}, b""),
]


@pytest.mark.parametrize("trouble", TROUBLES)
def test_reading_degrades_and_booking_fails_loudly(
    vendor: Vendor, calendar: Calendar, trouble: tuple[int, dict[str, str], bytes], caplog: pytest.LogCaptureFixture
) -> None:
    time = calendar.times(calendar.days(FIRST, LAST, 1)[0], 1)[0]
    vendor.trouble = trouble
    with caplog.at_level(logging.INFO, "backend.appointments"):
        for _ in range(3):
            assert calendar.days(FIRST, LAST, 1) == () == calendar.times(time.start.date(), 1)
        assert len([one for one in caplog.records if "away" in one.message]) == 1  # once, not at every attempt
        with pytest.raises(BookingFailed):
            calendar.book(time, 1, "x")
        with pytest.raises(CalendarUnavailable):
            calendar.booked("x")
        vendor.trouble = None
        assert calendar.days(FIRST, LAST, 1)
        assert len([one for one in caplog.records if "back" in one.message]) == 1


def test_a_calendar_that_is_not_there_at_all_degrades_too(vendor: Vendor, calendar: Calendar) -> None:
    vendor.close()
    assert calendar.products() == calendar.places() == calendar.days(FIRST, LAST, 1) == ()
    with pytest.raises(ConfigWrong, match="url"):
        calendar.check_config()


def test_check_config_says_what_it_works_with(calendar: Calendar) -> None:
    assert re.search(r"Residence card.*15 minutes", calendar.check_config())


@pytest.mark.parametrize(("name", "value"), [("place", "nowhere"), ("product", "nothing")])
def test_check_config_names_what_is_wrong(vendor: Vendor, tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(ConfigWrong, match=r"place|product"):
        _set_up(vendor, tmp_path, **{name: value}).check_config()


def test_credentials_that_are_refused_are_named_and_a_token_that_ended_is_renewed(tmp_path: Path) -> None:
    with Jcc(FIRST) as vendor:
        calendar = _set_up(vendor, tmp_path)
        assert calendar.days(FIRST, LAST, 1)
        vendor.tokens.clear()
        assert calendar.days(FIRST, LAST, 1)
        vendor.required["birthDate"] = 2
        with pytest.raises(ConfigWrong, match="birthDate"):
            calendar.check_config()
        with pytest.raises(ConfigWrong, match="credentials"):
            _set_up(vendor, tmp_path, client_id="stranger").check_config()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[t]\nkind = 'soap'", "kind"),
        ("[t]\nkind = 'jcc'\nurl = 'x'", "url"),
        ("[t]\nkind = 'qmatic'\nurl = 'https://x'\nplace = 'a'\nproduct = 'b'\ndesk = 'c'\nsecret = 'd'", "secret"),
        ("[t", "calendars.toml"),
    ],
)
def test_a_set_up_that_cannot_be_used_is_refused_with_its_place(tmp_path: Path, text: str, fault: str) -> None:
    (tmp_path / "calendars.toml").write_text(text)
    with pytest.raises(ConfigWrong, match=fault):
        setup.read(tmp_path / "calendars.toml")
    with pytest.raises(ConfigWrong, match="No such file"):
        setup.read(tmp_path / "none.toml")


@pytest.fixture
def hall(vendor: Vendor, calendar: Calendar, kiosk: TestKiosk, monkeypatch: pytest.MonkeyPatch) -> Kiosk:
    """A kiosk of a town whose only calendar is the vendor's."""
    town = Municipality.objects.get()
    for desk in town.desks.all():
        desk.hours.all().delete()
    monkeypatch.setattr(holding, "calendar_of", lambda municipality: (calendar, "Aliens' affairs"))
    monkeypatch.setattr(holding.hold_for, "__kwdefaults__", {"calendars": holding.calendar_of})
    monkeypatch.setattr(holding.give_back_unused, "__defaults__", (holding.calendar_of,))
    return Kiosk.objects.get()


def test_a_kiosk_gets_times_of_another_calendar_on_lease_and_books_one_without_a_line(
    vendor: Vendor, hall: Kiosk, kiosk: TestKiosk
) -> None:
    held = kiosk.lease(wanted=4, days=14)
    assert len(held.slots) == 4 == len(vendor.agenda.booked)
    assert set(vendor.agenda.titles) == {"Loket: hall-1"}
    assert {slot.desk for slot in held.slots} == {"Aliens' affairs"}
    assert len({slot.start.date() for slot in held.slots}) > 1  # parents can choose a day
    story = Story(kiosk)
    assert set(outcomes(kiosk.upload([*story.asks(), *story.books(held.slots[0])]))) == {"accepted"}
    appointment = Appointment.objects.get()
    assert vendor.agenda.booked[appointment.reference][0] == held.slots[0].start.astimezone(BRUSSELS).replace(
        tzinfo=None
    )
    kiosk.lease(wanted=4, days=14)
    assert len(vendor.agenda.booked) == 5  # the parent's, and four again


def test_times_that_a_kiosk_does_not_use_go_back_to_the_other_calendar(
    vendor: Vendor, hall: Kiosk, kiosk: TestKiosk
) -> None:
    held = kiosk.lease(wanted=3)
    kiosk.post("/slots/return", {"slot_ids": [slot.id for slot in held.slots[1:]]})
    vendor.trouble = (503, {}, b"")
    assert holding.give_back_unused(NOW) == 0 and Slot.objects.count() == 3
    vendor.trouble = None
    assert holding.give_back_unused(NOW) == 2
    assert len(vendor.agenda.booked) == 1 == Slot.objects.count()
    leases.take_back_all(hall)
    assert holding.give_back_unused(NOW) == 1 and not vendor.agenda.booked


def test_a_kiosk_keeps_the_times_it_has_while_the_other_calendar_is_away(
    vendor: Vendor, hall: Kiosk, kiosk: TestKiosk
) -> None:
    kiosk.lease(wanted=2)
    vendor.trouble = (500, {"error_message": "down"}, b"")
    assert len(kiosk.lease(wanted=5).slots) == 2


def test_a_large_family_gets_a_time_that_is_long_enough(vendor: Vendor, hall: Kiosk, kiosk: TestKiosk) -> None:
    held = kiosk.lease(wanted=2, long_wanted=1, long_minutes=45)
    assert max(slot.minutes for slot in held.slots) == MINUTES + 3 * MORE_MINUTES
