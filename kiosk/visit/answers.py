"""What the parent has said so far, and what the rules make of it. Forgotten at the end of every visit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from kiosk.domain import rules
from kiosk.domain.appointments import Slot
from kiosk.domain.card_types import CardType
from kiosk.domain.entries import Parent, RequestedChild, RequestMade
from kiosk.domain.profile import Profile, ServiceRules
from kiosk.domain.proof import Proof
from kiosk.domain.quote import CardTypeOffer, Child, ProcedureOffer, Quote, Reason, Request, Service
from kiosk.visit.view import ChildLine

# One appointment and one ticket stay manageable; a larger family makes a second visit.
MOST_CHILDREN = 6


@dataclass(slots=True)
class Draft:
    """The child being described; `index` is its place among the children, or one past the last."""

    index: int
    first_name: str = ""
    birth_date: date | None = None
    card_type: CardType | None = None
    procedure: str | None = None


@dataclass(slots=True)
class Answers:
    """One visit's answers. All tariffs count as of `asked_at`, so that a quote once shown stays."""

    profile: Profile
    asked_at: datetime
    parent: Parent | None = None
    parent_card: CardType | None = None
    permit_until: date | None = None  # the end of the parent's own card
    proven: frozenset[Proof] | None = None  # by the parent's card; None: no card was read
    without_card: bool = False  # the parent has no residence card, and the desk checks who they are
    earliest_slot: datetime | None = None  # the first time an appointment could be
    service: Service = Service.APPLICATION
    requests: list[Request] = field(default_factory=list)
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

    def begin_child(self, index: int | None = None) -> None:
        """Describe a new child, or change one that was described."""
        if index is not None and index < len(self.requests):
            known = self.requests[index]
            self.draft = Draft(index, known.child.first_name, known.child.birth_date, known.card_type, known.procedure)
            return
        previous = self.requests[-1] if self.requests else None
        # Brothers and sisters mostly need the same.
        self.draft = Draft(
            len(self.requests),
            card_type=previous.card_type if previous else None,
            procedure=previous.procedure if previous else None,
        )

    @property
    def draft_child(self) -> Child:
        """The described child, once its name and birth date are known."""
        assert self.draft.birth_date is not None
        return Child(self.draft.first_name, self.draft.birth_date)

    def draft_refusal(self) -> Reason | None:
        """Why the described child cannot have this service here."""
        assert self.draft.birth_date is not None
        return rules.refusal(self.profile, self.service, self.draft.birth_date, self.asked_at)

    def card_type_offers(self) -> tuple[CardTypeOffer, ...]:
        """The card types for the described child, the suggested one first."""
        offers = rules.card_type_offers(self.profile, self.service, self.draft_child.birth_date, self.asked_at)
        suggested = self.suggested_card_type()
        return tuple(sorted(offers, key=lambda offer: offer.card_type != suggested))

    def suggested_card_type(self) -> CardType | None:
        """What children of a parent with this card mostly get."""
        return rules.suggested_card_type(self.parent_card) if self.parent_card else None

    def sold(self, card_type: CardType | None) -> bool:
        """Whether this card type has a price here."""
        return any(o.card_type == card_type and o.fee_cents is not None for o in self.card_type_offers())

    def procedure_offers(self) -> tuple[ProcedureOffer, ...]:
        """The procedures for the described child's card."""
        assert self.draft.card_type is not None
        return rules.procedure_offers(
            self.profile,
            self.service,
            self.draft.card_type,
            self.draft_child.birth_date,
            self.asked_at,
            self.applies_at,
        )

    def keep_draft(self) -> None:
        """The described child is complete."""
        request = Request(self.draft_child, self.service, self.draft.card_type, self.draft.procedure)
        if self.draft.index < len(self.requests):
            self.requests[self.draft.index] = request
        else:
            self.requests.append(request)

    # --- all children ---

    @property
    def applies_at(self) -> datetime:
        """When the application itself takes place: at the appointment, or at the first one that could be had."""
        if self.slot is not None:
            return self.slot.start
        if self.earliest_slot is not None and rules.appointment_needed(self.profile, self.service):
            return self.earliest_slot
        return self.asked_at

    def quote(self, applies_at: datetime | None = None) -> Quote:
        """The rules' answer to all of it, for the chosen appointment or for another moment."""
        return rules.quote(
            self.profile,
            tuple(self.requests),
            self.asked_at,
            applies_at or self.applies_at,
            permit_until=self.permit_until,
            without_card=self.without_card,
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
                age=request.child.age_on(self.asked_at.date()),
                card_type=request.card_type,
                procedure=request.procedure,
                fee_cents=fees.get(index, 0) if quote.eligible else None,
                ready=quote.ready[index] if index < len(quote.ready) else None,
            )
            for index, request in enumerate(self.requests)
        )

    def fitting(self, slots: Sequence[Slot]) -> tuple[Slot, ...]:
        """The slots that are long enough for the children, and at which all that they ask for is still open."""
        if not self.requests:
            return ()
        minutes = rules.appointment_minutes(self.profile, self.service, len(self.requests))
        return tuple(slot for slot in slots if slot.minutes >= minutes and self.quote(slot.start).eligible)

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
                )
                for line in self.lines()
            ),
            total_cents=quote.total_cents,
            municipality=quote.profile_id,
            profile_version=quote.profile_version,
        )
