"""What the parent has said so far, and what the rules make of it. Forgotten at the end of every visit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from kiosk.domain import rules
from kiosk.domain.appointments import Slot, long_enough
from kiosk.domain.card_types import GROUPS, CardType, Group
from kiosk.domain.circumstances import NOT_ASKED, Circumstances, Nationality, Question
from kiosk.domain.profiles.profile import Profile, ServiceRules
from kiosk.domain.proof import Proof
from kiosk.domain.quote import (
    BirthKnown,
    CardTypeOffer,
    Child,
    ProcedureOffer,
    Quote,
    Ready,
    Reason,
    Request,
    Service,
    age_on,
)
from kiosk.domain.record.entries import Parent, RequestedChild, RequestMade
from kiosk.domain.working_days import BRUSSELS, local_day, nth_working_day_after
from kiosk.visit.asking import BEHIND, OF_THE_FAMILY, Answer, Round, chain, with_answers
from kiosk.visit.view import ChildLine

# One appointment and one ticket stay manageable; a larger family makes a second visit.
MOST_CHILDREN = 6

# When an appointment made by telephone can be at the earliest, where the desk's hours are not known.
FIRST_HOUR = time(9)

_WEEKS_AHEAD = 13

# The reasons that lie in the child or in the one who asks. Others go when another card or procedure is chosen.
_FOR_GOOD = frozenset(BEHIND) | {
    Reason.BORN_IN_FUTURE,
    Reason.TOO_OLD,
    Reason.TOO_OLD_BY_THEN,
    Reason.TOO_YOUNG,
    Reason.SERVICE_NOT_OFFERED,
}


@dataclass(slots=True)
class Draft:
    """The child being described; `index` is its place among the children, or one past the last."""

    index: int
    first_name: str = ""
    birth_date: date | None = None
    birth_known: BirthKnown = BirthKnown.DAY
    card_type: CardType | None = None
    procedure: str | None = None
    said: dict[Question, Answer] = field(default_factory=dict)


@dataclass(slots=True)
class Answers:
    """One visit's answers. All tariffs count as of `asked_at`, so that a quote once shown stays."""

    profile: Profile
    asked_at: datetime
    service: Service
    parent: Parent | None = None
    parent_card: CardType | None = None
    permit_until: date | None = None  # the end of the parent's own card
    proven: frozenset[Proof] | None = None  # by the parent's card; None: no card was read
    without_card: bool = False  # the parent has no residence card, and the desk checks who they are
    earliest_slot: datetime | None = None  # the first time an appointment could be
    requests: list[Request] = field(default_factory=list)
    said: list[dict[Question, Answer]] = field(default_factory=list)  # of each request
    family_said: dict[Question, Answer] = field(default_factory=dict)  # once for all of them
    walks_in_at: datetime | None = None  # where a cut-off passed in mid-visit: the moment that counts since
    draft: Draft = field(default_factory=lambda: Draft(0))
    slot: Slot | None = None
    ticket_id: UUID | None = None
    ticket_code: str = ""

    def may_ask_for(self, service: ServiceRules) -> bool:
        """Whether what the card proved, or the lack of a card, is enough for a service. Before a card: yes."""
        if self.without_card:
            return service.without_card
        return self.proven is None or self.proven.issuperset(service.proof)

    # --- the child being described ---

    def choose_service(self, service: Service) -> None:
        """Begin afresh with this service."""
        self.service = service
        self.requests.clear()
        self.said.clear()
        self.family_said.clear()
        self.begin_child()

    def begin_child(self, index: int | None = None) -> None:
        """Describe a new child, or change one that was described."""
        if index is not None and index < len(self.requests):
            known = self.requests[index]
            child = known.child
            self.draft = Draft(
                index,
                child.first_name,
                child.birth_date,
                child.birth_known,
                known.card_type,
                known.procedure,
                dict(self.said[index]),
            )
            return
        previous = self.requests[-1] if self.requests else None
        # Brothers and sisters mostly need the same.
        self.draft = Draft(
            len(self.requests),
            card_type=previous.card_type if previous else None,
            procedure=previous.procedure if previous else None,
        )

    def remove_child(self, index: int) -> None:
        """Forget a child that was described."""
        del self.requests[index], self.said[index]

    @property
    def draft_child(self) -> Child:
        """The described child, once its name and birth date are known."""
        assert self.draft.birth_date is not None
        return Child(self.draft.first_name, self.draft.birth_date, self.draft.birth_known)

    @property
    def draft_request(self) -> Request:
        """What is asked for the described child so far; nothing is left of what the service does not know."""
        service = self.profile.services.get(self.service)
        card_type = self.draft.card_type if service is not None and service.card_type else None
        procedure = self.draft.procedure if service is not None and service.procedures else None
        return Request(self.draft_child, self.service, card_type, procedure)

    def draft_refusal(self) -> Quote | None:
        """The rules' no to the described child or to the one who asks; None as long as it may become a yes."""
        if self.draft.birth_date is None:
            return None
        known = with_answers(NOT_ASKED, self._said_of_draft())
        answer = rules.quote(self.profile, [self.draft_request], self.asked_at, self._soonest, circumstances=known)
        return answer if answer.reason in _FOR_GOOD else None

    def would_suit(self, service: Service) -> bool:
        """Whether another service for a card is for children of the described child's age."""
        born = self._counted(self.draft_child)
        other = service is not self.service and self.profile.services[service].card_type
        return other and rules.refusal(self.profile, service, born, self.asked_at) is None

    def card_type_offers(self) -> tuple[CardTypeOffer, ...]:
        """The card types for the described child: the suggested one first, those of its nationality before others."""
        known = with_answers(NOT_ASKED, self.draft.said)
        born = self._counted(self.draft_child)
        offers = rules.card_type_offers(self.profile, self.service, born, self.asked_at, known)
        suggested = self.suggested_card_type()
        return tuple(
            sorted(offers, key=lambda o: (not self._of_its_nationality(o.card_type), o.card_type != suggested))
        )

    def suggested_card_type(self) -> CardType | None:
        """What children of a parent with this card mostly get, as far as it fits the child's nationality."""
        own = self.parent_card
        suggested = rules.suggested_card_type(own) if own else None
        if own is None or suggested is None or self._of_its_nationality(suggested):
            return suggested
        if self.draft.said.get(Question.NATIONALITY) is Nationality.EU:
            return CardType.EU
        return CardType.F if GROUPS[own] is Group.EU_CITIZEN else None  # family of an EU citizen

    def _of_its_nationality(self, card_type: CardType) -> bool:
        nationality = self.draft.said.get(Question.NATIONALITY)
        return nationality is None or nationality in rules.nationalities(card_type)

    def sold(self, card_type: CardType | None) -> bool:
        """Whether this card type has a price here."""
        return any(o.card_type == card_type and o.fee_cents is not None for o in self.card_type_offers())

    def procedure_offers(self) -> tuple[ProcedureOffer, ...]:
        """The procedures for the described child's card, if its request were made as soon as can be."""
        return self._offers(self.draft_request, self._soonest, with_answers(NOT_ASKED, self.draft.said))

    def _offers(
        self, request: Request, applies_at: datetime, known: Circumstances = NOT_ASKED
    ) -> tuple[ProcedureOffer, ...]:
        return rules.procedure_offers(
            self.profile,
            self.service,
            request.card_type,
            self._counted(request.child),
            self.asked_at,
            applies_at,
            known,
        )

    def age(self, child: Child) -> int:
        """The child's age in whole years, as the rules count it."""
        return age_on(self._counted(child), local_day(self.asked_at))

    def _counted(self, child: Child) -> date:
        return child.birth_date_counted(local_day(self.asked_at))

    def keep_draft(self) -> None:
        """The described child is complete."""
        said = {question: answer for question, answer in self._said_of_draft().items() if question not in OF_THE_FAMILY}
        if self.draft.index < len(self.requests):
            self.requests[self.draft.index], self.said[self.draft.index] = self.draft_request, said
        else:
            self.requests.append(self.draft_request)
            self.said.append(said)
        if self.slot is not None and not self.quote().eligible:
            self.slot = None  # chosen for another list of children; an earlier time may do

    # --- questions ---

    def asked(self, which: Round) -> tuple[Question, ...]:
        """The questions of a round that matter, in the order to ask them: as far as the answers tell."""
        decisive = rules.decisive(self.profile, self.service)
        if which is Round.CHILD:
            return decisive
        if which is Round.CARD:
            request = self.draft_request

            def of_card(known: Circumstances) -> tuple[Question, ...]:
                open_now = rules.questions(self.profile, [request], self.applies_at, known)
                return tuple(q for q in open_now if q not in OF_THE_FAMILY and q not in decisive)

            known = with_answers(NOT_ASKED, self._given(decisive))
            return chain(known, self.draft.said, of_card)

        def of_family(family: Circumstances) -> tuple[Question, ...]:
            each = [
                replace(one, role=family.role, separated=family.separated, custody=family.custody)
                for one in (with_answers(NOT_ASKED, said) for said in self.said)
            ]
            open_now = rules.questions(self.profile, self.requests, self.applies_at, each)
            return tuple(q for q in open_now if q in OF_THE_FAMILY and q not in decisive)

        return chain(with_answers(NOT_ASKED, self._role_if(decisive)), self.family_said, of_family)

    def unanswered(self, which: Round) -> Question | None:
        """The next question of a round; None where all is answered."""
        return next((question for question in self.asked(which) if not self.has_said(question)), None)

    def has_said(self, question: Question) -> bool:
        """Whether a question has an answer, "I do not know" included."""
        return question in (self.family_said if question in OF_THE_FAMILY else self.draft.said)

    def answer(self, question: Question) -> Answer:
        """The answer to a question; None where there is none, or where it is not known."""
        return (self.family_said if question in OF_THE_FAMILY else self.draft.said).get(question)

    def say(self, question: Question, answer: Answer) -> None:
        """The parent's answer."""
        (self.family_said if question in OF_THE_FAMILY else self.draft.said)[question] = answer

    def _given(self, questions: Sequence[Question]) -> dict[Question, Answer]:
        return {question: self.answer(question) for question in questions if self.has_said(question)}

    def _role_if(self, decisive: Sequence[Question]) -> dict[Question, Answer]:
        return self._given([question for question in decisive if question in OF_THE_FAMILY])

    def _said_of_draft(self) -> dict[Question, Answer]:
        return self._given((*self.asked(Round.CHILD), *self.asked(Round.CARD)))

    def circumstances(self) -> list[Circumstances]:
        """What is known of each request besides; answers to questions that no longer matter are not in it."""
        decisive = rules.decisive(self.profile, self.service)
        family = self._role_if(decisive)
        if self.family_said.keys() > family.keys():
            family |= self._given(self.asked(Round.FAMILY))
        return [with_answers(NOT_ASKED, said | family) for said in self.said]

    # --- all children ---

    @property
    def applies_at(self) -> datetime:
        """When the application itself takes place: at the appointment, or as soon as can be."""
        return self.slot.start if self.slot is not None else self._soonest

    @property
    def _soonest(self) -> datetime:
        """When the desk can take the request: now or as soon as it opens, or at the first appointment.

        An appointment that is made by telephone is on the next working day at the soonest.
        """
        if not rules.appointment_needed(self.profile, self.service):
            return self._at_desk(self.walks_in_at or self.asked_at)
        if self.earliest_slot is not None:
            return self.earliest_slot
        day = nth_working_day_after(self.asked_at, 1, self.profile.closed_on)
        opens = rules.next_open(self.profile, self._desk, datetime.combine(day, time(), BRUSSELS))
        return opens or datetime.combine(day, FIRST_HOUR, BRUSSELS)

    def _at_desk(self, moment: datetime) -> datetime:
        """The moment itself, or that of the desk's next opening where its hours are known and it is closed."""
        return rules.next_open(self.profile, self._desk, moment) or moment

    @property
    def _desk(self) -> str:
        return self.profile.services[self.service].desk

    @property
    def day_is_fixed(self) -> bool:
        """Whether the day of the request at the desk is known, from which the card's day is counted."""
        return self.slot is not None or not rules.appointment_needed(self.profile, self.service)

    def too_late_for(self, now: datetime) -> int | None:
        """The first child whose procedure was open when it was chosen and is not any more, or promised an earlier day.

        An appointment decides by its own hour, so this can be only where people walk in.
        """
        if rules.appointment_needed(self.profile, self.service):
            return None
        for index, request in enumerate(self.requests):
            before, later = self._chosen(request, self.applies_at), self._chosen(request, self._at_desk(now))
            if later is not None and not later.open:
                return index
            if before and later and before.ready and before.ready.exact and before.ready != later.ready:
                return index
        return None

    def _chosen(self, request: Request, applies_at: datetime) -> ProcedureOffer | None:
        """What the chosen procedure is like, if the request were made at this moment."""
        offers = self._offers(request, applies_at)
        return next((offer for offer in offers if offer.procedure == request.procedure), None)

    def same_until(self) -> date | None:
        """The last day on which an appointment changes nothing of the answer but the day when the card is ready.

        Looked at week by week, for about three months: as far ahead as a parent moves an appointment.
        """
        if not rules.appointment_needed(self.profile, self.service):
            return None
        now, last = _what_a_time_changes(self.quote()), self.applies_at
        for weeks in range(1, _WEEKS_AHEAD + 1):
            day = self.applies_at + timedelta(weeks=weeks)
            if _what_a_time_changes(self.quote(day)) != now:
                break
            last = day
        return local_day(last)

    def quote(self, applies_at: datetime | None = None) -> Quote:
        """The rules' answer to all of it, for the chosen appointment or for another moment."""
        return self._quote(applies_at or self.applies_at, self.circumstances())

    def _quote(self, applies_at: datetime, known: Sequence[Circumstances]) -> Quote:
        return rules.quote(
            self.profile,
            tuple(self.requests),
            self.asked_at,
            applies_at,
            permit_until=self.permit_until,
            without_card=self.without_card,
            circumstances=known,
        )

    def lines(self) -> tuple[ChildLine, ...]:
        """The children with fee and ready date, as the screens show them."""
        quote = self.quote()
        fees: dict[int, int] = {}
        for fee in quote.fees:
            fees[fee.child] = fees.get(fee.child, 0) + fee.cents
        return tuple(
            ChildLine(
                child=request.child,
                age=self.age(request.child),
                card_type=request.card_type,
                procedure=request.procedure,
                fee_cents=fees.get(index, 0) if quote.eligible else None,
                ready=self._promised(quote.ready[index]),
                procedure_name=self.profile.procedure_name(request.procedure or ""),
            )
            for index, request in enumerate(self.requests)
        )

    def _promised(self, ready: Ready | None) -> Ready | None:
        """A day that hangs on an appointment yet to be made is no promise."""
        return ready if ready is None or self.day_is_fixed else replace(ready, exact=False)

    def fitting(self, slots: Sequence[Slot]) -> tuple[Slot, ...]:
        """The times that are long enough for the children, and at which all that they ask for is still open."""
        if not self.requests:
            return ()
        minutes = rules.appointment_minutes(self.profile, self.service, len(self.requests))
        known = self.circumstances()
        return tuple(slot for slot in long_enough(slots, minutes) if self._quote(slot.start, known).eligible)

    def request_made(self, language: str) -> RequestMade:
        """The request as it is recorded, at the moment of confirming."""
        assert self.ticket_id is not None and (self.parent is not None or self.without_card)
        quote = self.quote()
        return RequestMade(
            ticket_id=self.ticket_id,
            ticket_code=self.ticket_code,
            language=language,
            service=self.service.value,
            parent=self.parent,
            children=tuple(
                RequestedChild(
                    first_name=line.child.first_name,
                    birth_date=line.child.birth_date,
                    card_type=line.card_type.value if line.card_type else None,
                    procedure=line.procedure,
                    fee_cents=line.fee_cents or 0,
                    ready_at=line.ready.at if line.ready else None,
                    ready_exact=line.ready.exact if line.ready else False,
                    birth_known=line.child.birth_known.value,
                    circumstances={q.value: known for q in Question if (known := one.answer(q)) is not None},
                )
                for line, one in zip(self.lines(), self.circumstances(), strict=True)
            ),
            total_cents=quote.total_cents,
            municipality=quote.profile_id,
            profile_version=quote.profile_version,
        )


def _what_a_time_changes(quote: Quote) -> tuple[object, ...]:
    """All that a ticket says and that hangs on the day of the appointment, but for the days that follow from it."""
    return quote.eligible, quote.total_cents, quote.checklist, quote.notices, quote.collection, quote.fingerprints
