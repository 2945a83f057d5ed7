"""Properties of the rules that hold for every profile, child and moment, and the small answers around a quote."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.domain.card_types import CardType
from kiosk.domain.profiles.profile import Profile
from kiosk.domain.quote import Child, Reason, Request, Service, age_on
from kiosk.domain.rules import (
    appointment_minutes,
    appointment_needed,
    birth_years,
    card_type_offers,
    next_open,
    open_hours,
    procedure_offers,
    quote,
    refusal,
    services,
    suggested_card_type,
)
from kiosk.domain.things import NOTICES, THINGS
from kiosk.domain.working_days import (
    BRUSSELS,
    is_working_day,
    local_day,
    nth_working_day_after,
    public_holidays,
    working_day_on_or_after,
)
from kiosk.profiles import available, find_profile, read_profile

EVERYWHERE = read_profile(Path(__file__).parent / "profiles" / "everywhere.toml")
PROFILES = [*map(find_profile, available()), EVERYWHERE]
MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=BRUSSELS)

UNHURRIED = settings(deadline=None, derandomize=True)  # a busy machine is no fault of the rules

profiles = st.sampled_from(PROFILES)
moments = st.datetimes(datetime(2024, 1, 15), datetime(2032, 12, 31), timezones=st.just(UTC))
birth_dates = st.dates(date(2010, 1, 1), date(2033, 12, 31))


@st.composite
def requests(draw: st.DrawFn, profile: Profile) -> Request:
    return Request(
        Child("Lina", draw(birth_dates)),
        draw(st.sampled_from(Service)),
        draw(st.sampled_from([None, *CardType])),
        draw(st.sampled_from([None, "no-such", *profile.procedures])),
    )


@st.composite
def visits(draw: st.DrawFn) -> tuple[Profile, list[Request], datetime]:
    profile = draw(profiles)
    return profile, draw(st.lists(requests(profile), min_size=1, max_size=4)), draw(moments)


@UNHURRIED
@given(visits())
def test_every_answer_is_whole_and_money_is_never_negative(visit: tuple[Profile, list[Request], datetime]) -> None:
    profile, wanted, at = visit
    answer = quote(profile, wanted, at)
    assert answer.total_cents == sum(line.cents for line in answer.fees)
    assert all(line.cents >= 0 for line in answer.fees)
    assert len(answer.procedures) == len(answer.ready) == len(answer.valid_until) == len(wanted)
    assert answer.eligible is (answer.reason is None) is (answer.child is None)
    assert answer.eligible or not (answer.fees or answer.checklist or answer.notices or answer.collection)
    assert {line.rule for line in answer.fees} <= {tariff.id for tariff in profile.tariffs}
    assert {item.code for item in answer.checklist} <= THINGS.keys()
    assert {notice.code for notice in answer.notices} <= NOTICES.keys()


@UNHURRIED
@given(visits())
def test_more_children_are_never_cheaper_and_never_need_less(visit: tuple[Profile, list[Request], datetime]) -> None:
    profile, wanted, at = visit
    all_of_them, fewer = quote(profile, wanted, at), quote(profile, wanted[:1], at)
    if all_of_them.eligible:
        assert fewer.eligible
        assert all_of_them.total_cents >= fewer.total_cents
        assert {item.code for item in all_of_them.checklist} >= {item.code for item in fewer.checklist}


@UNHURRIED
@given(visits())
def test_equal_things_are_said_once(visit: tuple[Profile, list[Request], datetime]) -> None:
    answer = quote(*visit)
    items = [(item.code, item.optional, *item.text.items()) for item in answer.checklist]
    notices = [(notice.code, *notice.text.items()) for notice in answer.notices]
    assert len(set(items)) == len(items)
    assert len(set(notices)) == len(notices)


@UNHURRIED
@given(profiles, birth_dates, moments, st.timedeltas(timedelta(0), timedelta(days=40)))
def test_a_later_request_is_never_ready_earlier(
    profile: Profile, birth_date: date, at: datetime, wait: timedelta
) -> None:
    def ready(moment: datetime) -> dict[tuple[Service, str], datetime]:
        return {
            (service, offer.procedure): offer.ready.at
            for service in services(profile)
            for offer in procedure_offers(profile, service, CardType.A, birth_date, at, moment)
            if offer.ready is not None
        }

    now, later = ready(at), ready(at + wait)
    assert all(later[name] >= now[name] for name in now.keys() & later.keys())


@UNHURRIED
@given(profiles, moments)
def test_a_promised_day_is_a_working_day_of_that_town(profile: Profile, at: datetime) -> None:
    for offer in procedure_offers(profile, Service.APPLICATION, CardType.A, local_day(at), at):
        if offer.ready is not None:
            assert is_working_day(local_day(offer.ready.at), profile.closed_on)


@UNHURRIED
@given(profiles, birth_dates, moments)
def test_a_refused_child_gets_no_quote_and_another_one_does(profile: Profile, birth_date: date, at: datetime) -> None:
    reason = refusal(profile, Service.APPLICATION, birth_date, at)
    answer = quote(profile, [Request(Child("Lina", birth_date), Service.APPLICATION, CardType.A, "normal")], at)
    assert reason is None or answer.reason is reason
    assert reason is not None or answer.reason in (None, Reason.NO_TARIFF)


@UNHURRIED
@given(profiles, birth_dates, moments)
def test_the_birth_years_are_those_of_the_children_that_are_not_refused(
    profile: Profile, birth_date: date, at: datetime
) -> None:
    for service in services(profile):
        young = age_on(birth_date, local_day(at)) < 18  # a service without an upper age lists children all the same
        if young and refusal(profile, service, birth_date, at) is None:
            assert birth_date.year in birth_years(profile, service, at)


@UNHURRIED
@given(birth_dates, st.dates(date(2010, 1, 1), date(2034, 1, 1)))
def test_age_grows_by_one_in_a_year(birth_date: date, day: date) -> None:
    assert age_on(birth_date, birth_date) == 0
    assert age_on(birth_date, day + timedelta(days=366)) - age_on(birth_date, day) in (1, 2)


@UNHURRIED
@given(moments, st.integers(1, 15))
def test_working_days_are_counted_one_by_one(moment: datetime, number: int) -> None:
    day = nth_working_day_after(moment, number)
    assert is_working_day(day)
    passed = [local_day(moment) + timedelta(days=n) for n in range(1, (day - local_day(moment)).days + 1)]
    assert sum(map(is_working_day, passed)) == number


def test_the_years_of_birth_run_from_this_year_back_to_the_last_child_of_11() -> None:
    years = birth_years(EVERYWHERE, Service.APPLICATION, MONDAY)
    assert years == tuple(range(2026, 2013, -1))


def test_on_31_december_no_child_of_twelve_years_ago_is_young_enough() -> None:
    last_day = datetime(2026, 12, 31, 12, 0, tzinfo=BRUSSELS)
    assert birth_years(EVERYWHERE, Service.APPLICATION, last_day)[-1] == 2015


def test_a_service_from_12_begins_with_the_years_of_12_year_olds() -> None:
    assert birth_years(EVERYWHERE, Service.CARD_FROM_12, MONDAY) == tuple(range(2014, 2007, -1))


def test_a_service_that_is_only_described_is_not_among_the_choices() -> None:
    assert services(EVERYWHERE) == (Service.APPLICATION, Service.CARD_FROM_12)
    assert appointment_needed(EVERYWHERE, Service.COLLECTION)
    assert not appointment_needed(EVERYWHERE, Service.CERTIFICATES)


def test_every_further_child_makes_an_appointment_longer() -> None:
    assert [appointment_minutes(EVERYWHERE, Service.COLLECTION, children) for children in (1, 2, 3)] == [5, 10, 15]
    assert appointment_minutes(EVERYWHERE, Service.APPLICATION, 2) == 0


def test_card_types_are_offered_in_the_order_of_the_profile_those_of_the_desk_last_and_without_a_fee() -> None:
    offers = card_type_offers(EVERYWHERE, Service.APPLICATION, date(2022, 5, 4), MONDAY)
    assert [(offer.card_type, offer.fee_cents) for offer in offers] == [
        (CardType.EU, 500),
        (CardType.A, 1070),
        (CardType.B, 1070),
        (CardType.H, None),
    ]
    assert card_type_offers(EVERYWHERE, Service.COLLECTION, date(2022, 5, 4), MONDAY) == ()


def test_a_closed_procedure_is_shown_with_its_hour_and_without_a_ready_date() -> None:
    late = MONDAY.replace(hour=9)
    closed = procedure_offers(EVERYWHERE, Service.APPLICATION, CardType.A, date(2022, 5, 4), late)[2]
    assert (closed.procedure, closed.open, closed.open_until, closed.ready) == ("super-urgent", False, "09:00", None)


@pytest.mark.parametrize("parent", CardType)
def test_every_parent_gets_a_suggestion_and_an_eu_parent_an_eu_card(parent: CardType) -> None:
    suggested = suggested_card_type(parent)
    assert suggested is not None
    assert (suggested is CardType.EU) is (parent in (CardType.EU, CardType.EU_PLUS))
    assert (suggested is CardType.F) is (parent in (CardType.F, CardType.F_PLUS))


def test_a_desk_is_closed_on_holidays_and_closing_days_and_may_be_open_on_saturday() -> None:
    def hours(day: date) -> list[str]:
        return [f"{stretch.start:%H:%M}-{stretch.end:%H:%M}" for stretch in open_hours(EVERYWHERE, "main", day)]

    assert hours(date(2026, 11, 24)) == ["08:30-12:00", "13:00-16:00"]
    assert hours(date(2026, 11, 28)) == ["09:00-12:00"]
    assert hours(date(2026, 11, 25)) == []  # a Wednesday, never open
    assert hours(date(2027, 3, 29)) == []  # Easter Monday
    assert hours(date(2026, 12, 28)) == []  # the town's own closing days


def test_public_holidays_are_those_of_the_law() -> None:
    holidays = public_holidays(2026)
    assert {date(2026, 1, 1), date(2026, 4, 6), date(2026, 5, 14), date(2026, 11, 1), date(2026, 12, 25)} <= holidays
    assert date(2026, 12, 26) not in holidays
    assert date(2026, 11, 2) not in holidays


def test_no_working_days_from_a_sunday_are_its_monday() -> None:
    sunday = datetime(2026, 11, 22, 12, 0, tzinfo=BRUSSELS)
    assert nth_working_day_after(sunday, 0) == working_day_on_or_after(date(2026, 11, 22)) == date(2026, 11, 23)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        local_day(datetime(2026, 11, 23, 14, 30))


def test_a_quote_for_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        quote(EVERYWHERE, [], MONDAY)


def test_the_next_opening_of_a_desk() -> None:
    def opens(moment: datetime) -> datetime | None:
        return next_open(EVERYWHERE, "main", moment)

    monday = datetime(2026, 11, 23, 8, 0, tzinfo=BRUSSELS)
    assert opens(monday) == monday.replace(hour=8, minute=30)
    assert opens(monday.replace(hour=11, minute=59)) == monday.replace(hour=11, minute=59)
    assert opens(monday.replace(hour=12)) == datetime(2026, 11, 24, 8, 30, tzinfo=BRUSSELS)
    assert opens(datetime(2026, 12, 22, 16, 0, tzinfo=BRUSSELS)) == datetime(2027, 1, 4, 8, 30, tzinfo=BRUSSELS)
    assert next_open(EVERYWHERE, "quick", monday) is None, "its hours are not known"
