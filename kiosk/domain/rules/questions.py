"""Which questions are worth asking: only those on whose answer something in the profile hangs.

Nothing here lists what a municipality asks. The conditions of its rules are tried with what is known so far; a
question that leaves one of them open matters, and one that no condition looks at is never asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from kiosk.domain.circumstances import NOT_ASKED, Circumstances, Question, Role
from kiosk.domain.profiles.conditions import Case, When
from kiosk.domain.profiles.profile import Profile
from kiosk.domain.quote import Reason, Request, Service
from kiosk.domain.rules.fees import fee_questions
from kiosk.domain.rules.guidance import cases_of
from kiosk.domain.working_days import local_day

# A question that makes sense only after another one.
_AFTER = {Question.CUSTODY: Question.SEPARATED, Question.RECOVERED: Question.LOSS}

_BY_REASON = {
    Reason.BELGIAN_CHILD: Question.NATIONALITY,
    Reason.PAPERS_NOT_ELIGIBLE: Question.PAPERS,
    Reason.NOT_IN_REGISTERS: Question.REGISTERED,
}


def questions(
    profile: Profile,
    requests: Sequence[Request],
    at: datetime,
    circumstances: Circumstances | Sequence[Circumstances] = NOT_ASKED,
    asked_at: datetime | None = None,
) -> tuple[Question, ...]:
    """The questions whose answers matter for these requests and are not known yet, in the order to ask them.

    `at` is the moment of the visit to the desk, for the children's ages; `asked_at` that at the kiosk, for the fees (by
    default the same). A question that hangs on another one (who
    holds custody, after whether the parents are separated) comes when that one is answered; so ask, and call again.
    ValueError as `quote` raises it.
    """
    offered = [request for request in requests if request.service in profile.services]
    known = each(circumstances, requests)
    known = [one for one, request in zip(known, requests, strict=True) if request.service in profile.services]
    counted = [_counted(request, at) for request in offered]
    asked: set[Question] = set()
    for cases in cases_of(profile, counted, known, at).values():
        for case in cases:
            open_now = {*_open(profile, case), *fee_questions(profile, case.request, asked_at or at, case.known)}
            asked |= {question for question in open_now if _AFTER.get(question) not in open_now}
    return tuple(question for question in Question if question in asked)


def decisive(profile: Profile, service: Service) -> tuple[Question, ...]:
    """The questions on whose answer a yes or a no to this service hangs, in the order to ask them.

    They can be asked before a card type is chosen, so that nobody chooses in vain.
    """
    rules = profile.services.get(service)
    if rules is None:
        return ()
    asked = {_BY_REASON[said.reason] for said in profile.not_eligible if rules.card_type and said.reason in _BY_REASON}
    if not {*Role} <= {*rules.applicants}:
        asked.add(Question.ROLE)
    return tuple(question for question in Question if question in asked)


def each(circumstances: Circumstances | Sequence[Circumstances], requests: Sequence[Request]) -> list[Circumstances]:
    """One for each request. ValueError where there are more or fewer than requests."""
    if isinstance(circumstances, Circumstances):
        return [circumstances] * len(requests)
    if len(circumstances) != len(requests):
        raise ValueError(f"{len(circumstances)} circumstances for {len(requests)} requests")
    return [*circumstances]


def _counted(request: Request, at: datetime) -> Request:
    child = request.child
    return replace(request, child=replace(child, birth_date=child.birth_date_counted(local_day(at))))


def _open(profile: Profile, case: Case) -> Iterator[Question]:
    rules = profile.services[case.service]
    yield from (question for question in decisive(profile, case.service) if case.known.answer(question) is None)
    for when in _conditions(profile, case.service):
        for condition in when.open_conditions(case) or ():
            yield condition.question
    if rules.card_type and Service.COLLECTION in profile.services:
        collecting = replace(case, service=Service.COLLECTION)
        for when in _conditions(profile, Service.COLLECTION):
            for condition in when.open_conditions(collecting) or ():
                yield condition.question


def _conditions(profile: Profile, service: Service) -> Iterator[When]:
    yield from (rule.when for _, rule in profile.bring_rules(service))
    yield from (rule.when for _, rule in profile.notice_rules(service))
    if profile.services[service].card_type:
        yield from (rule.when for rule in profile.printed)
