"""JCC-Afspraken in Loket's words."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from backend.appointments.outside.contract import (
    Booked,
    BookingFailed,
    CalendarUnavailable,
    ConfigWrong,
    Place,
    Product,
    Time,
    degrades,
)
from backend.appointments.outside.http import NoSuchThing, Refused, field
from backend.appointments.outside.jcc.client import MAX_DAYS, JccClient

BRUSSELS = ZoneInfo("Europe/Brussels")
_MUST = 2  # a field of a customer that has to be filled
# What can be filled in for a time that is only held: nobody's data. Other fields that must be filled are a mistake of
# the calendar's settings, and `check_config` says so.
_NOBODY = {"firstName": "-", "initials": "-"}


class JccCalendar:
    """One activity at one location."""

    def __init__(self, client: JccClient, place: str, product: str):
        self._client = client
        self._place = place
        self._product = product

    def __str__(self) -> str:
        return f"JCC {self._product} at {self._place}"

    @degrades
    def products(self) -> tuple[Product, ...]:
        """Activities of the location."""
        return tuple(
            Product(field(one, "id", str), one.get("description") or "", field(one, "appointmentDuration", int))
            for one in self._client.activities(self._place)
        )

    @degrades
    def places(self) -> tuple[Place, ...]:
        """Locations of the activity."""
        found = []
        for one in self._client.locations(self._product):
            address = one.get("address") or {}
            street = " ".join(filter(None, (address.get("streetName"), str(address.get("houseNumber") or ""))))
            parts = (street, address.get("postalCode"), address.get("city"))
            found.append(Place(field(one, "id", str), one.get("description") or "", ", ".join(filter(None, parts))))
        return tuple(found)

    @degrades
    def days(self, first: date, last: date, people: int) -> tuple[date, ...]:
        """Days with a free time, within what the activity may be booked ahead."""
        span = self._client.date_range(self._product)
        first = max(first, _moment(span.get("minDate")).date())
        last = min(last, _moment(span.get("maxDate")).date())
        return tuple(sorted({start.date() for start in self._starts(first, last, people)}))

    @degrades
    def times(self, day: date, people: int) -> tuple[Time, ...]:
        """Free times of a day."""
        starts = self._starts(day, day, people)
        minutes = self._client.duration(self._product, people, day.isoformat()) if starts else 0
        return tuple(Time(start, minutes) for start in starts if start.date() == day)

    def book(self, time: Time, people: int, title: str) -> str:
        """Take a time under a title that names nobody. Raises BookingFailed."""
        start, end = (one.astimezone(BRUSSELS).replace(tzinfo=None).isoformat() for one in (time.start, time.end))
        customer = {"id": None, "isMainCustomer": True, "gender": 0, "lastName": title, **_NOBODY}
        body = {
            "id": None,  # asked for also where there is none yet
            "activityList": [{"activityId": self._product, "amount": people}],
            "customerList": [customer],
            "fromDateTime": start,
            "toDateTime": end,
            "locationId": self._place,
            "message": title,
            "fieldList": None,
        }
        try:
            answer = self._client.book(body)
            if answer.get("acknowledgeIsSuccess") is not True:
                wrong = ", ".join(map(str, answer.get("validateErrors") or ())) or str(answer.get("message") or "")
                raise BookingFailed(f"{self}: not booked: {wrong[:200] or 'no reason given'}")
            return str(field(answer, "id", str))
        except CalendarUnavailable as problem:
            raise BookingFailed(f"{self}: not booked: {problem}") from None

    def cancel(self, reference: str) -> None:
        """Give it back. Raises BookingFailed."""
        try:
            answer = self._client.delete(reference)
        except NoSuchThing:
            return
        except CalendarUnavailable as problem:
            raise BookingFailed(f"{self}: not cancelled: {problem}") from None
        if answer.get("acknowledgeIsSuccess") is not True:
            raise BookingFailed(f"{self}: not cancelled: {str(answer.get('message') or 'no reason given')[:200]}")

    def booked(self, reference: str) -> Booked | None:
        """As the calendar has it. Raises CalendarUnavailable."""
        try:
            found = self._client.appointment(reference)
        except NoSuchThing:
            return None
        start, end = (_moment(field(found, name, str)) for name in ("startDateTime", "endDateTime"))
        return Booked(reference, _local(start), _local(end))

    def check_config(self) -> str:
        """Raises ConfigWrong."""
        try:
            version = self._client.version()
            activities = {one.get("id"): one for one in self._client.activities(self._place)}
            fields = self._client.required_fields(self._product) if self._product in activities else {}
        except Refused as problem:
            raise ConfigWrong(f"credentials: refused ({problem})") from None
        except NoSuchThing:
            raise ConfigWrong("url: this is not the address of the API, or place is unknown there") from None
        except CalendarUnavailable as problem:
            raise ConfigWrong(f"url: no answer ({problem})") from None
        activity = activities.get(self._product)
        if activity is None:
            known = ", ".join(sorted(map(str, activities)))
            raise ConfigWrong(f"product: {self._product!r} cannot be booked there; these can: {known or 'none'}")
        musts = [
            name for name, state in fields.items() if state == _MUST and name not in (*_NOBODY, "lastName", "gender")
        ]
        if musts or fields.get("isAnyPhoneNumberRequired"):
            raise ConfigWrong(f"product: it demands {', '.join(sorted(musts)) or 'a telephone number'} of a customer")
        return (
            f"{activity.get('description')}, {activity.get('appointmentDuration')} minutes"
            f" (JCC-Afspraken {version.get('afsprakenVersion', 'of an unknown version')})"
        )

    def _starts(self, first: date, last: date, people: int) -> list[datetime]:
        """Both ends included; in pieces of as many days as one call may ask for."""
        found: set[datetime] = set()
        while first <= last:
            end = min(last + timedelta(days=1), first + timedelta(days=MAX_DAYS))
            texts = self._client.times(self._place, self._product, people, first.isoformat(), end.isoformat())
            found |= {_local(_moment(text)) for text in texts}
            first = end
        return sorted(start for start in found if start.date() <= last)


def _moment(text: object) -> datetime:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        raise CalendarUnavailable("a moment that is none") from None


def _local(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=BRUSSELS)
