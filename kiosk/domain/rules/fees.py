"""Which tariff counts for a child, and what each procedure costs.

A fee may hang on an answer (a first card is free, one that was lost costs more). Until that is given, the fee is the
highest of those that are possible, and the answer says so: nobody pays less than is due because of a question that was
not asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from kiosk.domain.card_types import CardType
from kiosk.domain.circumstances import NOT_ASKED, Circumstances, Question
from kiosk.domain.profiles.conditions import possible_answers
from kiosk.domain.profiles.profile import Profile, Tariff
from kiosk.domain.quote import CardTypeOffer, FeeLine, ProcedureOffer, Request, Service, age_on
from kiosk.domain.rules.dates import before_cut_off, ready
from kiosk.domain.working_days import local_day


@dataclass(frozen=True, slots=True)
class Fee:
    """What one procedure costs, by which tariff; `at_most` where it hangs on an answer that was not given."""

    cents: int
    tariff: Tariff
    at_most: bool


def card_type_offers(
    profile: Profile, service: Service, birth_date: date, at: datetime, known: Circumstances = NOT_ASKED
) -> tuple[CardTypeOffer, ...]:
    """Every card type the profile names, in its order, with the fee of the first procedure; () where none is asked."""
    rules = profile.services.get(service)
    if rules is None or not rules.card_type:
        return ()
    procedure = rules.procedures[0] if rules.procedures else None
    offers = []
    for card_type in profile.card_types.sold:
        fee = fee_for(profile, service, card_type, procedure, birth_date, at, known)
        offers.append(CardTypeOffer(card_type, 0 if rules.free else fee.cents if fee is not None else None))
    return (*offers, *(CardTypeOffer(card_type, None) for card_type in profile.card_types.desk_only))


def procedure_offers(
    profile: Profile,
    service: Service,
    card_type: CardType | None,
    birth_date: date,
    at: datetime,
    applies_at: datetime | None = None,
    known: Circumstances = NOT_ASKED,
) -> tuple[ProcedureOffer, ...]:
    """The procedures that have a fee for this child, in the service's order; closed ones too, marked as such."""
    rules = profile.services.get(service)
    if rules is None:
        return ()
    offers = []
    for name in rules.procedures:
        fee = fee_for(profile, service, card_type if rules.card_type else None, name, birth_date, at, known)
        if fee is None and not rules.free:
            continue
        procedure = profile.procedures[name]
        cut_off = procedure.cut_off
        is_open = before_cut_off(cut_off, applies_at or at)
        offers.append(
            ProcedureOffer(
                procedure=name,
                fee_cents=fee.cents if fee is not None else 0,
                ready=ready(profile, name, applies_at or at) if is_open else None,
                open=is_open,
                open_until=f"{cut_off:%H:%M}" if cut_off is not None else None,
                grounds=profile.grounds(f"procedures.{name}", procedure.source),
                collect_at=profile.place(procedure.collect_at) if procedure.collect_at is not None else None,
                at_most=fee is not None and fee.at_most,
                name=profile.procedure_name(name),
            )
        )
    return tuple(offers)


def fee_lines(
    profile: Profile, index: int, request: Request, at: datetime, known: Circumstances = NOT_ASKED
) -> list[FeeLine]:
    """What one child's request costs; nothing where the service is free."""
    rules = profile.services[request.service]
    card_type = request.card_type if rules.card_type else None
    fee = fee_for(profile, request.service, card_type, request.procedure, request.child.birth_date, at, known)
    if fee is None or request.procedure is None:
        return []
    place = f"tariffs[{profile.tariffs.index(fee.tariff) + 1}].fees.{request.procedure}"
    return [FeeLine(index, fee.cents, fee.tariff.id, profile.grounds(place, fee.tariff.source), fee.at_most)]


def fee_for(
    profile: Profile,
    service: Service,
    card_type: CardType | None,
    procedure: str | None,
    birth_date: date,
    at: datetime,
    known: Circumstances = NOT_ASKED,
) -> Fee | None:
    """The fee by the tariff that counts today; None where none does, or under one of the answers still possible."""
    if procedure is None or card_type in profile.card_types.desk_only:
        return None
    today = local_day(at)
    age = max(age_on(birth_date, today), 0)
    begun = [tariff for tariff in profile.tariffs if tariff.start <= today and procedure in tariff.fees]
    found = []
    hangs_on = {question for tariff in begun if service in tariff.services for question in tariff.questions}
    for answers in possible_answers(hangs_on, service, known):
        covering = (tariff for tariff in begun if tariff.covers(service, card_type, procedure, age, answers))
        tariff = max(covering, key=lambda tariff: tariff.start, default=None)
        if tariff is None:
            return None
        found.append(tariff)
    dearest = max(found, key=lambda tariff: tariff.fees[procedure])
    cents = dearest.fees[procedure]
    return Fee(cents, dearest, at_most=any(tariff.fees[procedure] != cents for tariff in found))


def fee_questions(profile: Profile, request: Request, at: datetime, known: Circumstances) -> set[Question]:
    """The questions on whose answer this request's fee hangs and that were not asked."""
    fee = fee_for(profile, request.service, request.card_type, request.procedure, request.child.birth_date, at, known)
    if fee is None or not fee.at_most:
        return set()
    hang = {
        question
        for tariff in profile.tariffs
        if request.service in tariff.services and request.procedure in tariff.fees
        for question in tariff.questions
    }
    return {question for question in hang if known.answer(question) is None}
