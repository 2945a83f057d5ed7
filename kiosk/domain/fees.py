"""Which tariff counts for a child, and what each procedure costs."""

from __future__ import annotations

from datetime import date, datetime

from kiosk.domain.card_types import CardType
from kiosk.domain.dates import before_cut_off, ready
from kiosk.domain.profile import Profile, Tariff
from kiosk.domain.quote import CardTypeOffer, FeeLine, Grounds, ProcedureOffer, Request, Service, age_on
from kiosk.domain.working_days import local_day


def card_type_offers(profile: Profile, service: Service, birth_date: date, at: datetime) -> tuple[CardTypeOffer, ...]:
    """Every card type the profile names, in its order, with the fee of the first procedure; () where none is asked."""
    rules = profile.services.get(service)
    if rules is None or not rules.card_type:
        return ()
    procedure = rules.procedures[0] if rules.procedures else None
    offers = []
    for card_type in profile.card_types.sold:
        tariff = tariff_for(profile, service, card_type, procedure, birth_date, at)
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
        tariff = tariff_for(profile, service, card_type if rules.card_type else None, name, birth_date, at)
        if tariff is None and not rules.free:
            continue
        procedure = profile.procedures[name]
        cut_off = procedure.cut_off
        is_open = before_cut_off(cut_off, applies_at or at)
        desk = profile.desk(procedure.collect_at) if procedure.collect_at is not None else None
        offers.append(
            ProcedureOffer(
                procedure=name,
                fee_cents=tariff.fees[name] if tariff is not None else 0,
                ready=ready(profile, name, applies_at or at) if is_open else None,
                open=is_open,
                open_until=f"{cut_off:%H:%M}" if cut_off is not None else None,
                grounds=profile.grounds(f"procedures.{name}", procedure.source),
                collect_at=desk.name_in(profile.languages[0]) if desk is not None else None,
            )
        )
    return tuple(offers)


def fee_lines(profile: Profile, index: int, request: Request, at: datetime) -> list[FeeLine]:
    """What one child's request costs; nothing where the service is free."""
    rules = profile.services[request.service]
    card_type = request.card_type if rules.card_type else None
    tariff = tariff_for(profile, request.service, card_type, request.procedure, request.child.birth_date, at)
    if tariff is None or request.procedure is None:
        return []
    return [FeeLine(index, tariff.fees[request.procedure], tariff.id, _grounds(profile, tariff, request.procedure))]


def _grounds(profile: Profile, tariff: Tariff, procedure: str) -> Grounds:
    place = f"tariffs[{profile.tariffs.index(tariff) + 1}].fees.{procedure}"
    return profile.grounds(place, tariff.source)


def tariff_for(
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
