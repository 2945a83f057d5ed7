"""Who may ask: the reason for a no, what it rests on, and the way on that the municipality names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from kiosk.domain.circumstances import Circumstances, Nationality, Papers
from kiosk.domain.profiles.profile import Profile
from kiosk.domain.quote import Grounds, ProcedureOffer, Reason, Request, Service, age_on
from kiosk.domain.working_days import local_day


@dataclass(frozen=True, slots=True)
class Refusal:
    """A no: why, by which rule, and the municipality's own words for what to do instead."""

    reason: Reason
    grounds: Grounds
    way_on: Mapping[str, str] = field(default_factory=dict)


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


def refused(
    profile: Profile,
    request: Request,
    known: Circumstances,
    offers: Sequence[ProcedureOffer],
    at: datetime,
    applies_at: datetime,
) -> Refusal | None:
    """The first reason against a request, with its grounds; None where there is none."""
    reason = (
        _by_status(profile, request, known)
        or refusal(profile, request.service, request.child.birth_date, at)
        or _by_then(profile, request, applies_at)
        or _by_request(profile, request, known, offers)
    )
    if reason is None:
        return None
    for index, said in enumerate(profile.not_eligible, 1):
        if said.reason is reason and (not said.papers or known.papers in said.papers):
            return Refusal(reason, profile.grounds(f"not_eligible[{index}]", said.source), said.text)
    return Refusal(reason, _grounds(profile, request, reason))


def _by_status(profile: Profile, request: Request, known: Circumstances) -> Reason | None:
    """An electronic residence card is for children who are not Belgian, are registered and may stay."""
    rules = profile.services.get(request.service)
    if rules is None or not rules.at_kiosk or not rules.card_type:
        return None
    if known.nationality is Nationality.BELGIAN:
        return Reason.BELGIAN_CHILD
    if known.papers not in (None, Papers.RESIDENCE):
        return Reason.PAPERS_NOT_ELIGIBLE
    return Reason.NOT_IN_REGISTERS if known.registered is False else None


def _by_then(profile: Profile, request: Request, applies_at: datetime) -> Reason | None:
    """A card for under 12 is asked for at the desk, so the child must still be under 12 on that day."""
    below_age = profile.services[request.service].below_age
    too_old = below_age is not None and age_on(request.child.birth_date, local_day(applies_at)) >= below_age
    return Reason.TOO_OLD_BY_THEN if too_old else None


def _by_request(
    profile: Profile, request: Request, known: Circumstances, offers: Sequence[ProcedureOffer]
) -> Reason | None:
    rules = profile.services[request.service]
    if known.role is not None and known.role not in rules.applicants:
        return Reason.APPLICANT_NOT_ENTITLED
    if rules.card_type and request.card_type not in profile.card_types.sold:
        return Reason.CARD_TYPE_NOT_SOLD
    if not rules.procedures:
        return None
    if request.procedure not in rules.procedures:
        return Reason.PROCEDURE_UNKNOWN
    offer = next((offer for offer in offers if offer.procedure == request.procedure), None)
    if offer is None:
        return Reason.NO_TARIFF
    return None if offer.open else Reason.PROCEDURE_CLOSED


# The key of a service's block that says no; that a block is not there at all is grounds too.
_KEYS = {
    Reason.TOO_OLD: ".below_age",
    Reason.TOO_OLD_BY_THEN: ".below_age",
    Reason.TOO_YOUNG: ".from_age",
    Reason.APPLICANT_NOT_ENTITLED: ".applicants",
    Reason.PROCEDURE_UNKNOWN: ".procedures",
}


def _grounds(profile: Profile, request: Request, reason: Reason) -> Grounds:
    if reason is Reason.PROCEDURE_CLOSED and request.procedure is not None:
        return profile.grounds(f"procedures.{request.procedure}.cut_off", profile.procedures[request.procedure].source)
    if reason is Reason.CARD_TYPE_NOT_SOLD:
        return profile.grounds("card_types.sold", profile.card_types.source)
    if reason is Reason.NO_TARIFF:
        return profile.grounds("tariffs", None)
    rules = profile.services.get(request.service)
    source = rules.source if rules is not None else None
    return profile.grounds(f"services.{request.service}{_KEYS.get(reason, '')}", source)
