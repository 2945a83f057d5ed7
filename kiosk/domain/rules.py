"""What follows from a municipality's profile: who may ask, what it costs, when it is ready, what to bring.

Pure functions of a profile, requests and moments. Moments are aware; days and clock times are judged in
Europe/Brussels. Two moments count: `at`, when the parent asks and pays, decides eligibility and tariff;
`applies_at`, when the request is made at the desk (the appointment; by default `at`), decides the cut-off, the
ready date, the longest validity, and what to bring for a child of that age.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TypeVar

from kiosk.domain.card_types import CardType
from kiosk.domain.profile import Hours, Lapse, Profile, ServiceRules, Tariff, Validity, When
from kiosk.domain.quote import (
    CardTypeOffer,
    ChecklistItem,
    Collection,
    FeeLine,
    Notice,
    ProcedureOffer,
    Quote,
    Ready,
    Reason,
    Request,
    Service,
    age_on,
)
from kiosk.domain.things import CHILD, NOTICES, THINGS
from kiosk.domain.working_days import (
    BRUSSELS,
    local_day,
    nth_working_day_after,
    public_holidays,
    working_day_on_or_after,
)

CHILDHOOD = 18  # a service without an upper age still offers birth years of children only

_Thing = TypeVar("_Thing", bound=ChecklistItem | Notice)

# What a parent's own card says about the child's. A child follows its parent's right of residence, but the cards
# that an adult earns by years of stay of their own are not passed on: the parent can always choose another card.
_SUGGESTED: dict[CardType, CardType | None] = {
    CardType.A: CardType.A,
    CardType.B: CardType.B,
    CardType.K: CardType.B,  # "established" is earned by the adult; the child's stay is unlimited
    CardType.L: CardType.B,  # "long-term resident" likewise, after five years of one's own
    CardType.H: CardType.A,  # the family of a blue card's holder has limited stay
    CardType.M: CardType.M,
    CardType.EU: CardType.EU,
    CardType.EU_PLUS: CardType.EU,  # permanent stay takes five years of one's own
    CardType.F: CardType.F,
    CardType.F_PLUS: CardType.F,  # likewise
}


# That a card ends on its date needs no notice.
_LAPSES: dict[Lapse, str] = {Lapse.MOVE: "lapses-on-move", Lapse.NAME: "lapses-on-name"}


def services(profile: Profile) -> tuple[Service, ...]:
    """The services offered at the kiosk, in the profile's order."""
    return tuple(service for service, rules in profile.services.items() if rules.at_kiosk)


def appointment_needed(profile: Profile, service: Service) -> bool:
    """Whether the desk sees people for this service by appointment only; False also where it is unknown here."""
    rules = profile.services.get(service)
    return rules is not None and rules.appointment


def appointment_minutes(profile: Profile, service: Service, children: int) -> int:
    """How many minutes the desk needs for so many children; 0 where no appointment is needed."""
    rules = profile.services.get(service)
    if rules is None or rules.slot is None or not rules.appointment:
        return 0
    return rules.slot.base + rules.slot.per_extra_child * max(children - 1, 0)


def open_hours(profile: Profile, desk_id: str, day: date) -> tuple[Hours, ...]:
    """When a desk is open on a day: empty on public holidays, closing days, and where no hours are known."""
    closed = day in public_holidays(day.year) or profile.closed_on(day)
    return () if closed else profile.desk(desk_id).hours_on(day)


def birth_years(profile: Profile, service: Service, at: datetime) -> tuple[int, ...]:
    """The years in which a child of this service can be born, newest first."""
    today = local_day(at)
    rules = profile.services.get(service)
    from_age = rules.from_age if rules is not None else 0
    below = rules.below_age if rules is not None and rules.below_age is not None else max(CHILDHOOD, from_age + 1)
    newest = _years_later(today, -from_age)
    oldest = _years_later(today, -below) + timedelta(days=1)
    return tuple(range(newest.year, oldest.year - 1, -1))


def suggested_card_type(parent: CardType) -> CardType | None:
    """The child's likely card, from the parent's own; a suggestion only, the parent can always change it."""
    return _SUGGESTED.get(parent)


def refusal(profile: Profile, service: Service, birth_date: date, at: datetime) -> Reason | None:
    """Why a child born on this day cannot have this service now; None where it can."""
    rules = profile.services.get(service)
    if rules is None or not rules.at_kiosk:
        return Reason.SERVICE_NOT_OFFERED
    today = local_day(at)
    if birth_date > today:
        return Reason.BORN_IN_FUTURE
    age = age_on(birth_date, today)
    if rules.below_age is not None and age >= rules.below_age:
        return Reason.TOO_OLD
    return Reason.TOO_YOUNG if age < rules.from_age else None


def card_type_offers(profile: Profile, service: Service, birth_date: date, at: datetime) -> tuple[CardTypeOffer, ...]:
    """Every card type the profile names, in its order, with the fee of the first procedure; () where none is asked."""
    rules = profile.services.get(service)
    if rules is None or not rules.card_type:
        return ()
    procedure = rules.procedures[0] if rules.procedures else None
    offers = []
    for card_type in profile.card_types.sold:
        tariff = _tariff(profile, service, card_type, procedure, birth_date, at)
        fee = 0 if rules.free else tariff.fees[procedure] if tariff is not None and procedure is not None else None
        offers.append(CardTypeOffer(card_type, fee))
    return (*offers, *(CardTypeOffer(card_type, None) for card_type in profile.card_types.desk_only))


def procedure_offers(
    profile: Profile,
    service: Service,
    card_type: CardType | None,
    birth_date: date,
    at: datetime,
    applies_at: datetime | None = None,
) -> tuple[ProcedureOffer, ...]:
    """The procedures that have a fee for this child, in the service's order; closed ones too, marked as such."""
    rules = profile.services.get(service)
    if rules is None:
        return ()
    offers = []
    for name in rules.procedures:
        tariff = _tariff(profile, service, card_type if rules.card_type else None, name, birth_date, at)
        if tariff is None and not rules.free:
            continue
        cut_off = profile.procedures[name].cut_off
        is_open = _before_cut_off(cut_off, applies_at or at)
        offers.append(
            ProcedureOffer(
                procedure=name,
                fee_cents=tariff.fees[name] if tariff is not None else 0,
                ready=_ready(profile, name, applies_at or at) if is_open else None,
                open=is_open,
                open_until=f"{cut_off:%H:%M}" if cut_off is not None else None,
            )
        )
    return tuple(offers)


def quote(
    profile: Profile,
    requests: Sequence[Request],
    at: datetime,
    applies_at: datetime | None = None,
    *,
    permit_until: date | None = None,
    without_card: bool = False,
) -> Quote:
    """The answer to one visit. ValueError without requests or with a moment that has no zone.

    The first child that cannot be helped makes the whole quote ineligible, with its reason and index: no fee is named
    then. `permit_until` is the end of the legal representative's own permit, where it is known. `without_card`: the
    parent showed no card, so the desk has to check who they are.
    """
    if not requests:
        raise ValueError("a quote needs at least one request")
    applies_at = applies_at or at
    offers = tuple(
        procedure_offers(profile, request.service, request.card_type, request.child.birth_date, at, applies_at)
        for request in requests
    )
    for index, request in enumerate(requests):
        reason = _reason(profile, request, offers[index], at)
        if reason is not None:
            return _refused(profile, reason, index, offers)
    chosen = [_chosen(request, offers[index]) for index, request in enumerate(requests)]
    fees = tuple(line for index, request in enumerate(requests) for line in _fee_lines(profile, index, request, at))
    cases = _by_service(requests, applies_at)
    checklist = [item for service in cases for item in _checklist(profile.services[service], cases[service])]
    notices = [notice for service in cases for notice in _notices(profile, profile.services[service], cases[service])]
    if without_card:
        checklist.insert(0, ChecklistItem("adult-passport-or-id"))
        notices.insert(0, Notice("identity-at-desk"))
    collected = [case for service, those in cases.items() if profile.services[service].card_type for case in those]
    return Quote(
        eligible=True,
        reason=None,
        child=None,
        fees=fees,
        total_cents=sum(line.cents for line in fees),
        procedures=offers,
        ready=tuple(offer.ready if offer is not None else None for offer in chosen),
        valid_until=tuple(_valid_until(profile, request, applies_at, permit_until) for request in requests),
        checklist=_merged_items(checklist),
        notices=_merged_notices(notices),
        collection=_collection(profile, collected) if collected else None,
        appointment_needed=any(appointment_needed(profile, service) for service in cases),
        profile_id=profile.id,
        profile_version=profile.version,
    )


# --- Reasons and fees --------------------------------------------------------------------------------


def _reason(profile: Profile, request: Request, offers: Sequence[ProcedureOffer], at: datetime) -> Reason | None:
    reason = refusal(profile, request.service, request.child.birth_date, at)
    if reason is not None:
        return reason
    rules = profile.services[request.service]
    if rules.card_type and request.card_type not in profile.card_types.sold:
        return Reason.CARD_TYPE_NOT_SOLD
    if not rules.procedures:
        return None
    if request.procedure not in rules.procedures:
        return Reason.PROCEDURE_UNKNOWN
    offer = _chosen(request, offers)
    if offer is None:
        return Reason.NO_TARIFF
    return None if offer.open else Reason.PROCEDURE_CLOSED


def _refused(profile: Profile, reason: Reason, child: int, offers: tuple[tuple[ProcedureOffer, ...], ...]) -> Quote:
    return Quote(
        eligible=False,
        reason=reason,
        child=child,
        fees=(),
        total_cents=0,
        procedures=offers,
        ready=(None,) * len(offers),
        valid_until=(None,) * len(offers),
        checklist=(),
        notices=(),
        collection=None,
        appointment_needed=False,
        profile_id=profile.id,
        profile_version=profile.version,
    )


def _chosen(request: Request, offers: Sequence[ProcedureOffer]) -> ProcedureOffer | None:
    return next((offer for offer in offers if offer.procedure == request.procedure), None)


def _fee_lines(profile: Profile, index: int, request: Request, at: datetime) -> list[FeeLine]:
    rules = profile.services[request.service]
    card_type = request.card_type if rules.card_type else None
    tariff = _tariff(profile, request.service, card_type, request.procedure, request.child.birth_date, at)
    if tariff is None or request.procedure is None:
        return []
    return [FeeLine(index, tariff.fees[request.procedure], tariff.id)]


def _tariff(
    profile: Profile,
    service: Service,
    card_type: CardType | None,
    procedure: str | None,
    birth_date: date,
    at: datetime,
) -> Tariff | None:
    """The tariff that counts today: of those that cover the case, the one that began last."""
    if procedure is None or card_type in profile.card_types.desk_only:
        return None
    today = local_day(at)
    age = max(age_on(birth_date, today), 0)
    covering = (
        tariff
        for tariff in profile.tariffs
        if tariff.start <= today and tariff.covers(service, card_type, procedure, age)
    )
    return max(covering, key=lambda tariff: tariff.start, default=None)


# --- Times -------------------------------------------------------------------------------------------


def _before_cut_off(cut_off: time | None, moment: datetime) -> bool:
    return cut_off is None or moment.astimezone(BRUSSELS).time() < cut_off


def _ready(profile: Profile, procedure: str, applies_at: datetime) -> Ready | None:
    """When a card asked for now can be collected; a day that falls on a closed one moves to the next that works."""
    delivery = profile.procedures[procedure].delivery
    if delivery.working_days is not None:
        day = nth_working_day_after(applies_at, delivery.working_days, profile.closed_on)
    elif delivery.weeks is not None:
        day = working_day_on_or_after(local_day(applies_at) + timedelta(weeks=delivery.weeks), profile.closed_on)
    else:
        return None
    return Ready(datetime.combine(day, delivery.collect_from or time(), BRUSSELS), delivery.exact)


def _valid_until(profile: Profile, request: Request, applies_at: datetime, permit_until: date | None) -> date | None:
    """The longest validity possible; only the desk knows whether the child's own right of residence ends it earlier."""
    if not profile.services[request.service].card_type:
        return None
    validity = profile.validity
    ends = [_years_later(local_day(applies_at), validity.max_years)]
    if validity.ends_at_age is not None:
        ends.append(_years_later(request.child.birth_date, validity.ends_at_age))
    if validity.not_beyond_permit and permit_until is not None:
        ends.append(permit_until)
    return min(ends)


def _years_later(day: date, years: int) -> date:
    """The same day so many years on; 29 February becomes 28 February where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


# --- What to bring and what to know ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Case:
    """One child on the day of its visit to the desk."""

    index: int
    request: Request
    age: int

    def meets(self, when: When) -> bool:
        return when.holds(self.age, self.request.card_type, self.request.procedure)

    def must_come(self, rules: ServiceRules) -> bool:
        return rules.child_present and self.age >= rules.child_present_from_age


def _by_service(requests: Sequence[Request], applies_at: datetime) -> dict[Service, list[_Case]]:
    """The children of each service; nearly always one service."""
    day = local_day(applies_at)
    cases: dict[Service, list[_Case]] = {}
    for index, request in enumerate(requests):
        case = _Case(index, request, age_on(request.child.birth_date, day))
        cases.setdefault(request.service, []).append(case)
    return cases


def _checklist(rules: ServiceRules, cases: Sequence[_Case]) -> list[ChecklistItem]:
    """In the profile's order, the children themselves first."""
    items = [ChecklistItem(CHILD, (case.index,)) for case in cases if case.must_come(rules)]
    for rule in rules.checklist:
        for case in cases:
            if case.meets(rule.when):
                children = (case.index,) if THINGS[rule.code].per_child else ()
                items.append(ChecklistItem(rule.code, children, rule.optional, rule.text))
    return items


def _notices(profile: Profile, rules: ServiceRules, cases: Sequence[_Case]) -> list[Notice]:
    """In the profile's order, and behind them what its validity rules say of a new card."""
    told = [
        Notice(rule.code, (case.index,) if NOTICES[rule.code] else (), rule.text)
        for rule in rules.notices
        for case in cases
        if case.meets(rule.when)
    ]
    return [*told, *(Notice(code) for code in _validity_codes(profile.validity) if rules.card_type)]


def _validity_codes(validity: Validity) -> list[str]:
    codes = ["not-beyond-permit"] if validity.not_beyond_permit else []
    return codes + [_LAPSES[lapse] for lapse in validity.lapses_on if lapse in _LAPSES]


def _merged_items(items: Sequence[ChecklistItem]) -> tuple[ChecklistItem, ...]:
    return _merged(items, lambda item: (item.code, item.optional, *sorted(item.text.items())))


def _merged_notices(notices: Sequence[Notice]) -> tuple[Notice, ...]:
    return _merged(notices, lambda notice: (notice.code, *sorted(notice.text.items())))


def _merged(things: Sequence[_Thing], key: Callable[[_Thing], object]) -> tuple[_Thing, ...]:
    merged: dict[object, _Thing] = {}
    for thing in things:
        known = merged.get(key(thing))
        children = tuple(sorted({*(known.children if known is not None else ()), *thing.children}))
        merged[key(thing)] = replace(thing, children=children)
    return tuple(merged.values())


def _collection(profile: Profile, cases: Sequence[_Case]) -> Collection | None:
    rules = profile.services.get(Service.COLLECTION)
    if rules is None:
        return None
    return Collection(
        appointment=rules.appointment,
        child_present=any(case.must_come(rules) for case in cases),
        desk=profile.desk(rules.desk).name_in(profile.languages[0]),
        checklist=_merged_items(_checklist(rules, cases)),
    )
