"""Qmatic Orchestra in Loket's words."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

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
from backend.appointments.outside.qmatic.client import QmaticClient


class QmaticCalendar:
    """One service at one branch."""

    def __init__(self, client: QmaticClient, place: str, product: str):
        self._client = client
        self._place = place
        self._product = product
        self._zone: ZoneInfo | None = None
        self._durations: tuple[int, int] | None = None

    def __str__(self) -> str:
        return f"Qmatic {self._product} at {self._place}"

    @degrades
    def products(self) -> tuple[Product, ...]:
        """Those that the public may book."""
        return tuple(
            Product(field(one, "publicId", str), field(one, "name", str), field(one, "duration", int))
            for one in self._client.services(self._place)
            if one.get("active") and one.get("publicEnabled")
        )

    @degrades
    def places(self) -> tuple[Place, ...]:
        """Branches that one can go to: those with a postal code."""
        return tuple(
            Place(
                field(one, "publicId", str),
                field(one, "name", str),
                ", ".join(filter(None, (one.get("addressLine1"), one.get("addressZip"), one.get("addressCity")))),
            )
            for one in self._client.branches()
            if one.get("addressZip")
        )

    @degrades
    def days(self, first: date, last: date, people: int) -> tuple[date, ...]:
        """The API knows no range: all its days, cut here."""
        found = (_moment(text).date() for text in self._client.dates(self._place, self._product, people))
        return tuple(sorted(day for day in found if first <= day <= last))

    @degrades
    def times(self, day: date, people: int) -> tuple[Time, ...]:
        """Free times, as long as the service takes for so many people."""
        minutes = self._minutes(people)
        zone = self._branch_zone()
        texts = self._client.times(self._place, self._product, people, day.isoformat())
        starts = (datetime.combine(day, _clock(text), zone) for text in texts)
        return tuple(Time(start, minutes) for start in sorted(starts))

    def book(self, time: Time, people: int, title: str) -> str:
        """Take a time under a title that names nobody. Raises BookingFailed."""
        try:
            local = time.start.astimezone(self._branch_zone())
            body = {
                "title": title,
                "customers": [{"lastName": title}] * people,
                "services": [{"publicId": self._product}],
                "notes": "",
            }
            return self._client.book(self._place, local.date().isoformat(), local.strftime("%H:%M"), body)
        except CalendarUnavailable as problem:
            raise BookingFailed(f"{self}: not booked: {problem}") from None

    def cancel(self, reference: str) -> None:
        """Give it back. Raises BookingFailed."""
        try:
            self._client.delete(reference)
        except NoSuchThing:
            return
        except CalendarUnavailable as problem:
            raise BookingFailed(f"{self}: not cancelled: {problem}") from None

    def booked(self, reference: str) -> Booked | None:
        """As the calendar has it. Raises CalendarUnavailable."""
        try:
            found = self._client.appointment(reference)
        except NoSuchThing:
            return None
        zone = self._branch_zone()
        start, end = (_moment(field(found, name, str)) for name in ("start", "end"))
        return Booked(reference, *(one if one.tzinfo else one.replace(tzinfo=zone) for one in (start, end)))

    def check_config(self) -> str:
        """Raises ConfigWrong."""
        try:
            branch = self._client.branch(self._place)
            services = {one.get("publicId"): one for one in self._client.services(self._place)}
        except NoSuchThing:
            raise ConfigWrong(f"place: there is no branch {self._place!r}, or the address is not this API's") from None
        except Refused as problem:
            raise ConfigWrong(f"credentials: refused ({problem})") from None
        except CalendarUnavailable as problem:
            raise ConfigWrong(f"url: no answer ({problem})") from None
        service = services.get(self._product)
        if service is None or not (service.get("active") and service.get("publicEnabled")):
            known = ", ".join(sorted(str(one) for one, that in services.items() if that.get("publicEnabled")))
            raise ConfigWrong(f"product: {self._product!r} cannot be booked there; these can: {known or 'none'}")
        return f"{service.get('name')} at {branch.get('name')}, {service.get('duration')} minutes"

    def _minutes(self, people: int) -> int:
        if self._durations is None:
            for one in self._client.services(self._place):
                if one.get("publicId") == self._product:
                    more = one.get("additionalCustomerDuration") or 0
                    self._durations = int(field(one, "duration", int)), int(more)
        if self._durations is None:
            raise CalendarUnavailable(f"no service {self._product!r}")
        return self._durations[0] + self._durations[1] * (people - 1)

    def _branch_zone(self) -> ZoneInfo:
        if self._zone is None:
            name = field(self._client.branch(self._place), "timeZone", str)
            try:
                self._zone = ZoneInfo(name)
            except (ZoneInfoNotFoundError, ValueError):
                raise CalendarUnavailable(f"an unknown time zone {name[:40]!r}") from None
        return self._zone


def _moment(text: object) -> datetime:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        raise CalendarUnavailable("a moment that is none") from None


def _clock(text: object) -> time:
    try:
        return time.fromisoformat(str(text))
    except ValueError:
        raise CalendarUnavailable("a time that is none") from None
