"""When a card is ready and how long it can be valid, by the calendar of Belgium."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from kiosk.domain.profiles.profile import Profile
from kiosk.domain.quote import Limit, Longest, Ready, Request
from kiosk.domain.working_days import BRUSSELS, local_day, nth_working_day_after, working_day_on_or_after


def before_cut_off(cut_off: time | None, moment: datetime) -> bool:
    """Whether it is early enough on the day; at the cut-off itself it is too late."""
    return cut_off is None or moment.astimezone(BRUSSELS).time() < cut_off


def ready(profile: Profile, procedure: str, applies_at: datetime) -> Ready | None:
    """When a card asked for now can be collected; a day that falls on a closed one moves to the next that works."""
    delivery = profile.procedures[procedure].delivery

    def after_weeks(weeks: int) -> date:
        return working_day_on_or_after(local_day(applies_at) + timedelta(weeks=weeks), profile.closed_on)

    def at_hour(day: date) -> datetime:
        return datetime.combine(day, delivery.collect_from or time(), BRUSSELS)

    if delivery.working_days is not None:
        day = nth_working_day_after(applies_at, delivery.working_days, profile.closed_on)
        return Ready(at_hour(day), delivery.exact, at_most=delivery.at_most)
    if delivery.weeks is None:
        return None
    first = at_hour(after_weeks(delivery.weeks_from)) if delivery.weeks_from is not None else None
    return Ready(at_hour(after_weeks(delivery.weeks)), delivery.exact, first, delivery.at_most)


def longest_validity(
    profile: Profile, request: Request, applies_at: datetime, permit_until: date | None, stay_until: date | None
) -> Longest | None:
    """The longest validity possible, and what may end it earlier but is not known; None where nothing is known of it.

    `permit_until` is the legal representative's own permit, `stay_until` the child's right of residence. One that has
    ended by the day of the request has to be renewed first, until when is not known.
    """
    if not profile.services[request.service].card_type:
        return None
    place, validity = profile.validity_of(request.service)
    ends: list[tuple[date, Limit, str]] = []
    not_known = []
    if validity.max_years is not None:
        ends.append((years_later(local_day(applies_at), validity.max_years), Limit.MAX_YEARS, "max_years"))
    if validity.ends_at_age is not None:
        ends.append((years_later(request.child.birth_date, validity.ends_at_age), Limit.AGE, "ends_at_age"))
    for counts, until, limit, key in (
        (validity.not_beyond_stay, stay_until, Limit.STAY, "not_beyond_stay"),
        (validity.not_beyond_permit, permit_until, Limit.PERMIT, "not_beyond_permit"),
    ):
        if counts and until is not None and until >= local_day(applies_at):
            ends.append((until, limit, key))
        elif counts:
            not_known.append(limit)
    if not ends:
        return None
    until, limit, key = min(ends, key=lambda end: end[0])
    return Longest(until, limit, tuple(not_known), profile.grounds(f"{place}.{key}", validity.source))


def years_later(day: date, years: int) -> date:
    """The same day so many years on; 29 February becomes 28 February where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def months_later(day: date, months: int) -> date:
    """The same day so many months on, or the last day of a month that is too short."""
    years, month = divmod(day.month - 1 + months, 12)
    first = date(day.year + years, month + 1, 1)
    last = date(first.year + first.month // 12, first.month % 12 + 1, 1) - timedelta(days=1)
    return first.replace(day=min(day.day, last.day))
