"""The bookings of a municipality: each payment and each repayment is one, with its day in Belgium.

They follow from what kiosks recorded and desks noted. A payment in doubt is no booking; it is counted apart, until
people decide it. Sums are integer cents.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from backend.accounts import access
from backend.accounts.models import Staff
from backend.requests.models import DeskPayment, Payment, PaymentState, TerminalDay

BRUSSELS = ZoneInfo("Europe/Brussels")
LONGEST = timedelta(days=400)
_BOOKED = (PaymentState.PAID, PaymentState.REVERSED, PaymentState.REVERSING)
_IN_DOUBT = (PaymentState.SENT, PaymentState.APPROVED, PaymentState.UNKNOWN, PaymentState.REVERSING)


@dataclass(frozen=True, slots=True)
class Booking:
    """One movement of money. `cents` below 0 went back; `where` is a kiosk or the desk; `receipt` the terminal's."""

    at: datetime
    cents: int
    code: str
    means: str
    where: str
    terminal: str = ""
    receipt: str = ""
    trace: str = ""

    @property
    def day(self) -> date:
        """The day in Belgium."""
        return self.at.astimezone(BRUSSELS).date()


@dataclass
class Day:
    """The bookings of one day, and how many payments of it are in doubt."""

    day: date
    bookings: list[Booking] = field(default_factory=list)
    in_doubt: int = 0

    @property
    def by_card(self) -> int:
        """Cents taken by kiosks."""
        return sum(one.cents for one in self.bookings if one.cents > 0 and one.terminal)

    @property
    def at_desk(self) -> int:
        """Cents taken by desks."""
        return sum(one.cents for one in self.bookings if one.cents > 0 and not one.terminal)

    @property
    def given_back(self) -> int:
        """Cents, below 0."""
        return sum(one.cents for one in self.bookings if one.cents < 0)

    @property
    def total(self) -> int:
        """What is left of the day."""
        return sum(one.cents for one in self.bookings)


def bounds(first: date, last: date) -> tuple[datetime, datetime]:
    """From the first moment of a day in Belgium to the first after another."""
    return datetime.combine(first, time(), BRUSSELS), datetime.combine(last + timedelta(days=1), time(), BRUSSELS)


def bookings(staff: Staff, first: date, last: date) -> list[Booking]:
    """All bookings of the days, in order."""
    begin, end = bounds(first, last)
    payments = access.rows(staff, Payment.objects.select_related("request__kiosk")).filter(state__in=_BOOKED)
    desk = access.rows(staff, DeskPayment.objects.select_related("request")).filter(undone_at__isnull=True)
    # A payment was booked before it was given back, so that its last change alone does not say on which day.
    found = [*_of_payments(payments.filter(changed_at__gte=begin)), *_of_desk(desk.filter(at__gte=begin, at__lt=end))]
    return sorted((one for one in found if begin <= one.at < end), key=lambda one: (one.at, one.code))


def by_day(staff: Staff, first: date, last: date) -> list[Day]:
    """Every day with a booking or a doubt, the newest first."""
    days: dict[date, Day] = {}
    for one in bookings(staff, first, last):
        days.setdefault(one.day, Day(one.day)).bookings.append(one)
    begin, end = bounds(first, last)
    doubts = access.rows(staff, Payment.objects.all()).filter(
        state__in=_IN_DOUBT, changed_at__gte=begin, changed_at__lt=end
    )
    for moment in doubts.values_list("changed_at", flat=True):
        day = moment.astimezone(BRUSSELS).date()
        days.setdefault(day, Day(day)).in_doubt += 1
    return sorted(days.values(), key=lambda day: day.day, reverse=True)


@dataclass(frozen=True, slots=True)
class Closing:
    """One end of day of a terminal. `difference` is terminal less journal; None where the terminal did not say."""

    row: TerminalDay
    difference: int | None

    @property
    def tone(self) -> str:
        """go: it adds up; stop: it does not; wait: not known."""
        return "wait" if self.difference is None else "go" if self.difference == 0 else "stop"


def closings(staff: Staff, first: date, last: date) -> list[Closing]:
    """The ends of day, the newest first."""
    begin, end = bounds(first, last)
    rows = access.rows(staff, TerminalDay.objects.select_related("kiosk")).filter(began_at__gte=begin, began_at__lt=end)
    return [
        Closing(row, row.terminal_cents - row.journal_cents if row.terminal_cents is not None else None)
        for row in rows.order_by("-began_at")
    ]


def _of_payments(rows: Iterable[Payment]) -> Iterator[Booking]:
    for row in rows:
        said = row.receipt or {}
        told = {
            "code": row.request.ticket_code,
            "means": said.get("card_name") or "card",
            "where": row.request.kiosk.name,
            "terminal": said.get("terminal_id") or "?",
            "receipt": str(said.get("receipt_number") or ""),
            "trace": str(said.get("trace_number") or ""),
        }
        taken = row.changed_at
        if row.state != PaymentState.PAID:  # its last change was the way back
            taken = datetime.fromisoformat(said["at"]) if said.get("at") else row.request.made_at
        yield Booking(taken, row.cents, **told)
        if row.state == PaymentState.REVERSED:
            yield Booking(row.changed_at, -row.cents, **told)


def _of_desk(rows: Iterable[DeskPayment]) -> Iterator[Booking]:
    for row in rows:
        yield Booking(row.at, row.cents, row.request.ticket_code, row.means, row.who)
