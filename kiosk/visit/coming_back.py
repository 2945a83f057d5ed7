"""What a parent who comes back can do with a request that was found: pure, from what is known of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from kiosk.domain import rules
from kiosk.domain.appointments import Slot, long_enough
from kiosk.domain.follow_up import FoundRequest, FoundTime
from kiosk.domain.profiles.profile import Profile
from kiosk.domain.quote import Ready, Service
from kiosk.domain.request_states import RequestState
from kiosk.domain.tickets.contents import Contents, read_contents
from kiosk.domain.working_days import BRUSSELS, local_day
from kiosk.visit.effects import AskedAgain, Reprint, Ticket
from kiosk.visit.events import Action, LookUpProblem

_OVER = (RequestState.CANCELLED, RequestState.REFUNDED, RequestState.COLLECTED)


@dataclass(slots=True)
class Returning:
    """A parent who looks after earlier requests. `ask_id` is that of the question that is waited for.

    `ticket_id` is the chosen request; `collection` says for what a time is being chosen, `slot` is the one touched.
    `changed`: the time was chosen in this visit, so that the ticket in the parent's hand is not true any more; `before`
    is the one it had. `cancelled`: the parent gave it up in this visit.
    """

    ask_id: UUID
    looking: bool = True
    problem: LookUpProblem | None = None
    requests: tuple[FoundRequest, ...] = ()
    ticket_id: UUID | None = None
    collection: bool = False
    slot: Slot | None = None
    changed: bool = False
    before: FoundTime | None = None
    cancelled: bool = False

    @property
    def chosen(self) -> FoundRequest | None:
        """The request that the parent looks at."""
        return next((request for request in self.requests if request.ticket_id == self.ticket_id), None)

    def note(self, appointment: FoundTime | None) -> None:
        """The chosen request has this appointment now."""
        self.requests = tuple(
            one.model_copy(update={"appointment": appointment}) if one.ticket_id == self.ticket_id else one
            for one in self.requests
        )


def actions(profile: Profile, request: FoundRequest, printing_possible: bool) -> tuple[Action, ...]:
    """In the order to offer them. Nothing is offered of a request about whose money nobody is sure."""
    if request.in_doubt or request.state in _OVER:
        return ()
    time = request.appointment
    collecting = time is not None and time.collection
    can = []
    if request.state is RequestState.READY and not collecting and rules.appointment_needed(profile, Service.COLLECTION):
        can.append(Action.COLLECT)
    if time is not None and time.open:
        can += [Action.MOVE, Action.CANCEL]
    elif time is None and request.state is RequestState.REQUESTED and _by_appointment(profile, request):
        can.append(Action.BOOK)
    if printing_possible:
        can.insert(1 if Action.COLLECT in can else 0, Action.PRINT)
    return tuple(can)


def times(profile: Profile, request: FoundRequest, collection: bool, free: Sequence[Slot]) -> tuple[Slot, ...]:
    """The free times that are long enough, and at which all that the ticket says still holds."""
    service = Service.COLLECTION if collection else _service(request)
    if service is None:
        return ()
    minutes = rules.appointment_minutes(profile, service, len(request.children))
    return tuple(slot for slot in long_enough(free, minutes) if collection or _still_holds(profile, request, slot))


def minutes_for(profile: Profile, request: FoundRequest, collection: bool) -> int:
    """How long the desk needs for it."""
    service = Service.COLLECTION if collection else _service(request)
    return rules.appointment_minutes(profile, service, len(request.children)) if service is not None else 0


def ticket_of(
    profile: Profile, request: FoundRequest, language: str, now: datetime, *, changed: bool, copy: bool
) -> Ticket:
    """The ticket of a request as it stands now: with its present appointment, or to collect the card."""
    contents = read_contents(request.contents) or Contents()
    time = request.appointment
    collecting = time is not None and time.collection
    asked = AskedAgain.of(request, language, profile.id)
    if collecting and contents.collection is not None:
        collection = contents.collection
        contents = Contents(checklist=collection.checklist, notices=collection.notices)
    if collecting:
        asked = replace(asked, service=Service.COLLECTION.value, total_cents=0)
    return Ticket(
        request=asked,
        issued_at=now,
        appointment_start=time.start.astimezone(BRUSSELS) if time is not None else None,
        appointment_minutes=time.minutes if time is not None else 0,
        appointment_desk=time.desk if time is not None else None,
        appointment_by_phone=time is None and not collecting and _by_appointment(profile, request),
        checklist=contents.checklist,
        notices=contents.notices,
        collection=contents.collection,
        ready=_ready(profile, request, contents, changed),
        validity=contents.validity,
        printed=contents.printed,
        fingerprints=contents.fingerprints,
        payment=contents.payment,
        legal_base=contents.legal_base,
        appointment_as=contents.appointment_as,
        paid=request.paid if not collecting else None,
        copy_mark=copy,
        reprint=Reprint.NEW_TIME if changed else Reprint.ASKED,
    )


def _ready(profile: Profile, request: FoundRequest, contents: Contents, changed: bool) -> tuple[Ready | None, ...]:
    """When each card is ready: as the ticket said, or counted anew from another time."""
    time = request.appointment
    if not changed or time is None or time.collection:
        return contents.ready
    return tuple(
        rules.ready_at(profile, child.procedure, time.start) if child.procedure else None for child in request.children
    )


def contents_with(request: FoundRequest, ready: tuple[Ready | None, ...]) -> Contents | None:
    """What is kept of a ticket with another time: all that it said, and the days counted anew."""
    contents = read_contents(request.contents)
    return replace(contents, ready=ready) if contents is not None else None


def _still_holds(profile: Profile, request: FoundRequest, slot: Slot) -> bool:
    contents = read_contents(request.contents)
    if contents is None or contents.same_until is None or local_day(slot.start) > contents.same_until:
        return False
    procedures = {child.procedure for child in request.children if child.procedure}
    return all(rules.procedure_open(profile, procedure, slot.start) for procedure in procedures)


def _by_appointment(profile: Profile, request: FoundRequest) -> bool:
    service = _service(request)
    return service is not None and rules.appointment_needed(profile, service)


def _service(request: FoundRequest) -> Service | None:
    return Service(request.service) if request.service in set(Service) else None
