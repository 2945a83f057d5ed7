"""What follows from a municipality's profile: who may ask, what it costs, when it is ready, what to bring.

Pure functions of a profile, requests and moments. Moments are aware; days and clock times are judged in
Europe/Brussels. Two moments count: `at`, when the parent asks and pays, decides eligibility and tariff;
`applies_at`, when the request is made at the desk (the appointment; by default `at`), decides the cut-off, the
ready date, the longest validity, and what to bring for a child of that age; a child must still be young enough then.

This is the door of the room: callers use `kiosk.domain.rules` alone. Behind it are `eligibility` (who may ask), `fees`,
`dates` (ready, validity), `guidance` (what to bring and to know), and `questions` (what is worth asking).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from kiosk.domain.card_types import CardType
from kiosk.domain.circumstances import NOT_ASKED, Circumstances
from kiosk.domain.profiles.conditions import nationalities
from kiosk.domain.profiles.profile import Hours, Profile
from kiosk.domain.quote import (
    ChecklistItem,
    Law,
    Notice,
    PaymentAnswer,
    ProcedureOffer,
    Quote,
    Ready,
    Request,
    Service,
)
from kiosk.domain.rules.dates import before_cut_off, longest_validity, ready, years_later
from kiosk.domain.rules.eligibility import Refusal, refusal, refused
from kiosk.domain.rules.fees import card_type_offers, fee_lines, procedure_offers
from kiosk.domain.rules.guidance import (
    cases_of,
    checklist,
    collection,
    fingerprints,
    merged_items,
    merged_notices,
    notices,
    printed,
)
from kiosk.domain.rules.questions import decisive, each, questions
from kiosk.domain.working_days import BRUSSELS, local_day, public_holidays

__all__ = [
    "CHILDHOOD",
    "appointment_minutes",
    "appointment_needed",
    "birth_years",
    "card_type_offers",
    "decisive",
    "nationalities",
    "next_open",
    "open_hours",
    "procedure_offers",
    "procedure_open",
    "questions",
    "quote",
    "ready_at",
    "refusal",
    "services",
    "suggested_card_type",
]

CHILDHOOD = 18  # a service without an upper age still offers birth years of children only

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


def procedure_open(profile: Profile, procedure: str, applies_at: datetime) -> bool:
    """Whether a procedure can be asked for at the desk at this hour; False where it is unknown here."""
    known = profile.procedures.get(procedure)
    return known is not None and before_cut_off(known.cut_off, applies_at)


def ready_at(profile: Profile, procedure: str, applies_at: datetime) -> Ready | None:
    """When a card that is asked for at this moment is ready; None where the municipality does not say."""
    return ready(profile, procedure, applies_at) if procedure in profile.procedures else None


def open_hours(profile: Profile, desk_id: str, day: date) -> tuple[Hours, ...]:
    """When a desk is open on a day: empty on public holidays, closing days, and where no hours are known."""
    closed = day in public_holidays(day.year) or profile.closed_on(day)
    return () if closed else profile.desk(desk_id).hours_on(day)


def next_open(profile: Profile, desk_id: str, moment: datetime) -> datetime | None:
    """The first moment, from this one on, at which a desk is open; None where its hours are not known.

    At its closing hour a desk is closed. A desk that does not open within a year is one of unknown hours.
    """
    local = moment.astimezone(BRUSSELS)
    for days in range(366):
        day = local.date() + timedelta(days=days)
        for stretch in open_hours(profile, desk_id, day):
            if days or local.time() < stretch.end:
                opens = datetime.combine(day, stretch.start, BRUSSELS)
                return max(local, opens)
    return None


def birth_years(profile: Profile, service: Service, at: datetime) -> tuple[int, ...]:
    """The years in which a child of this service can be born, newest first."""
    today = local_day(at)
    rules = profile.services.get(service)
    from_age = rules.from_age if rules is not None else 0
    below = rules.below_age if rules is not None and rules.below_age is not None else max(CHILDHOOD, from_age + 1)
    newest = years_later(today, -from_age)
    oldest = years_later(today, -below) + timedelta(days=1)
    return tuple(range(newest.year, oldest.year - 1, -1))


def suggested_card_type(parent: CardType) -> CardType | None:
    """The child's likely card, from the parent's own; a suggestion only, the parent can always change it."""
    return _SUGGESTED.get(parent)


def quote(
    profile: Profile,
    requests: Sequence[Request],
    at: datetime,
    applies_at: datetime | None = None,
    *,
    permit_until: date | None = None,
    without_card: bool = False,
    circumstances: Circumstances | Sequence[Circumstances] = NOT_ASKED,
) -> Quote:
    """The answer to one visit.

    The first child that cannot be helped makes the whole quote ineligible, with its reason and index: no fee is named
    then. `permit_until` is the end of the legal representative's own permit, where it is known. `without_card`: the
    parent showed no card, so the desk has to check who they are. `circumstances`: what the parent was asked besides,
    for all children alike or for each. ValueError without requests, with a moment that has no zone, or with more or
    fewer circumstances than requests.
    """
    if not requests:
        raise ValueError("a quote needs at least one request")
    applies_at = applies_at or at
    known = each(circumstances, requests)
    requests = [_counted(request, local_day(at)) for request in requests]
    offers = tuple(
        procedure_offers(profile, request.service, request.card_type, request.child.birth_date, at, applies_at, one)
        for request, one in zip(requests, known, strict=True)
    )
    for index, request in enumerate(requests):
        no = refused(profile, request, known[index], offers[index], at, applies_at)
        if no is not None:
            return _refused(profile, no, index, offers)
    return _granted(profile, requests, known, offers, at, applies_at, permit_until, without_card)


def _counted(request: Request, today: date) -> Request:
    return replace(request, child=replace(request.child, birth_date=request.child.birth_date_counted(today)))


def _granted(
    profile: Profile,
    requests: Sequence[Request],
    known: Sequence[Circumstances],
    offers: tuple[tuple[ProcedureOffer, ...], ...],
    at: datetime,
    applies_at: datetime,
    permit_until: date | None,
    without_card: bool,
) -> Quote:
    chosen = [
        next((offer for offer in offers[index] if offer.procedure == request.procedure), None)
        for index, request in enumerate(requests)
    ]
    day = local_day(applies_at)
    cases = cases_of(profile, requests, known, applies_at)
    by_child = sorted((case for those in cases.values() for case in those), key=lambda case: case.index)
    with_card = [case for case in by_child if profile.services[case.service].card_type]
    fees = tuple(
        line for index, request in enumerate(requests) for line in fee_lines(profile, index, request, at, known[index])
    )
    validity = tuple(
        longest_validity(profile, request, applies_at, permit_until, one.stay_until)
        for request, one in zip(requests, known, strict=True)
    )
    bring = [item for service, those in cases.items() for item in checklist(profile, service, those)]
    to_know = [notice for service, those in cases.items() for notice in notices(profile, service, those, day)]
    first = profile.services[requests[0].service]
    grounds = profile.grounds(f"services.{requests[0].service}", first.source)
    if without_card:
        bring.insert(0, ChecklistItem("adult-passport-or-id", grounds=grounds))
        to_know.insert(0, Notice("identity-at-desk", grounds=grounds))
    places = [offer.collect_at if offer is not None else None for offer in (chosen[case.index] for case in with_card)]
    return Quote(
        eligible=True,
        reason=None,
        child=None,
        fees=fees,
        total_cents=sum(line.cents for line in fees),
        procedures=offers,
        ready=tuple(offer.ready if offer is not None else None for offer in chosen),
        valid_until=tuple(longest.until if longest is not None else None for longest in validity),
        checklist=merged_items(bring),
        notices=merged_notices(to_know),
        collection=collection(profile, with_card, day, places) if with_card else None,
        appointment_needed=any(appointment_needed(profile, service) for service in cases),
        profile_id=profile.id,
        profile_version=profile.version,
        grounds=grounds,
        validity=validity,
        printed=printed(profile, with_card),
        fingerprints=tuple(fingerprints(profile, case) for case in by_child),
        payment=_payment(profile),
        legal_base=_legal_base(profile),
        place=profile.place(first.desk),
        appointment_as=first.appointment_as,
    )


def _refused(profile: Profile, no: Refusal, child: int, offers: tuple[tuple[ProcedureOffer, ...], ...]) -> Quote:
    return Quote(
        eligible=False,
        reason=no.reason,
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
        grounds=no.grounds,
        way_on=no.way_on,
        validity=(None,) * len(offers),
        fingerprints=(None,) * len(offers),
    )


def _payment(profile: Profile) -> PaymentAnswer:
    payment = profile.payment
    grounds = profile.grounds("payment", payment.source)
    return PaymentAnswer(tuple(map(str, payment.places)), tuple(map(str, payment.means)), grounds)


def _legal_base(profile: Profile) -> tuple[Law, ...]:
    return tuple(
        Law(law.text, profile.grounds(f"legal_base[{index}]", law.source))
        for index, law in enumerate(profile.legal_base, 1)
    )
