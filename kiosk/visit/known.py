"""What is known in mid-visit, and the questions the chart asks about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from kiosk.domain import rules
from kiosk.domain.appointments import Slot
from kiosk.domain.circumstances import Question
from kiosk.domain.opening import OpenDay
from kiosk.domain.profiles.profile import PaymentPlace, Profile
from kiosk.domain.quote import Reason, Service
from kiosk.domain.record.entries import EntryBody
from kiosk.domain.wire import Notice
from kiosk.visit import coming_back
from kiosk.visit import events as e
from kiosk.visit.answers import Answers
from kiosk.visit.asking import BEHIND, Round
from kiosk.visit.coming_back import Returning
from kiosk.visit.effects import Effect, Record, StartTimer
from kiosk.visit.flow import Flow
from kiosk.visit.health import payment_possible, printing_possible, visits_possible
from kiosk.visit.payment import Payment
from kiosk.visit.timing import Timing
from kiosk.visit.view import Overlay, Situation


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is handed in: the rules' data, the clock, randomness, and the free slots of this kiosk."""

    profile: Profile
    languages: tuple[str, ...]
    now: Callable[[], datetime]  # aware, Europe/Brussels
    new_id: Callable[[], UUID]
    new_code: Callable[[], str]
    free_slots: Callable[[datetime], Sequence[Slot]]  # after this moment, in order
    timing: Timing = field(default_factory=Timing)


class Known:
    """The state of a visit, and the chart's guards as properties.

    A guard can be asked at any time (the chart does so when it is made), so it says False where it has no sense.
    """

    def __init__(self, surroundings: Surroundings):
        self._around = surroundings
        self.languages = surroundings.languages  # on offer, the municipality's own first
        self.hours: tuple[OpenDay, ...] = ()
        self.notices: tuple[Notice, ...] = ()  # of the municipality, for who stands here: now or later
        self.language = self.languages[0]
        self.large = self.contrast = False
        self.overlay: Overlay | None = None
        self.overlay_deadline: datetime | None = None
        self.faults: frozenset[e.Fault] = frozenset()
        self.card_in = False
        self.visit_id: UUID | None = None
        self.card_problem: e.CardRefusedByReader | None = None
        self.reading = (0, 1)
        self.greeting: str | None = None  # the parent's name, while the rest of the card is still being read
        self.round = Round.CHILD  # of questions, and the one that is asked; of sense in the situation `question` only
        self.question: Question | None = None
        self.too_late_for: str | None = None  # the procedure whose hour passed while the parent was choosing
        self.slots: tuple[Slot, ...] = ()
        self.returning: Returning | None = None  # a parent who looks after earlier requests
        self.payment: Payment | None = None
        self.print_reason = ""
        self.prints = 0  # how often this visit's ticket was sent to the printer
        self.print_id: UUID | None = None  # what was last sent to the printer; the end of another is old news
        self.slip_out = self.may_be_out = False
        self.case_id: UUID | None = None  # the open case about this visit's payment
        self.late: e.ApprovedLate | None = None  # an earlier payment of this visit, in doubt again while this one runs
        self._recorded: set[str] = set()  # which of the request's records this visit has made
        self._generation = 0
        self._effects: list[Effect] = []
        self.answers = self._no_answers()
        self.flow = Flow(self)

    @property
    def situation(self) -> Situation:
        """Where the parent stands."""
        return Situation(self.flow.current_state_value)

    @property
    def profile(self) -> Profile:
        """The municipality's rules."""
        return self._around.profile

    def now(self) -> datetime:
        """The handed-in clock."""
        return self._around.now()

    @property
    def case_opened(self) -> bool:
        """Whether people have been asked to decide this visit's payment."""
        return self.case_id is not None

    # --- guards, named in the chart -----------------------------------------------------------------

    @property
    def visits_possible(self) -> bool:
        """Whether a new visit may begin; with nothing but services that are paid here, that takes a terminal."""
        return visits_possible(self.faults) and bool(self.services)

    @property
    def payment_possible(self) -> bool:
        """Whether money may move now."""
        return payment_possible(self.faults)

    @property
    def payment_here_possible(self) -> bool:
        """Whether the municipality has fees paid at the kiosk, and money may move now."""
        return PaymentPlace.KIOSK in self.profile.payment.places and self.payment_possible

    @property
    def payment_at_desk_possible(self) -> bool:
        """Whether something costs money that may be paid at the desk, and the ticket for it can be printed."""
        return self._desk_takes_money and self.something_to_pay and self.printing_possible

    @property
    def money_back_possible(self) -> bool:
        """Whether the money of this visit may go back: it was paid here, and no ticket is out, not even perhaps."""
        return self.payment is not None and self.payment.can_be_taken_back and not self.may_be_out

    @property
    def _desk_takes_money(self) -> bool:
        return PaymentPlace.DESK in self.profile.payment.places

    @property
    def printing_possible(self) -> bool:
        """Whether a ticket may be printed now."""
        return printing_possible(self.faults)

    @property
    def services(self) -> tuple[Service, ...]:
        """What can be had here now, by this parent."""
        return tuple(service for service in self.offered if service in self._open_services)

    @property
    def offered(self) -> tuple[Service, ...]:
        """What this parent can have here when everything works."""
        services = rules.services(self.profile)
        return tuple(service for service in services if self.answers.may_ask_for(self.profile.services[service]))

    @property
    def _open_services(self) -> tuple[Service, ...]:
        offered = rules.services(self.profile)
        if payment_possible(self.faults - {e.Fault.READER}) or self._desk_takes_money:
            return offered
        return tuple(service for service in offered if self.profile.services[service].free)

    @property
    def without_card_possible(self) -> bool:
        """Whether there is anything here for a parent who has no residence card. A forged one is not none."""
        if self.card_problem is not None and self.card_problem.problem is e.CardProblem.FORGED:
            return False
        return any(self.profile.services[service].without_card for service in self._open_services)

    @property
    def several_services(self) -> bool:
        """Whether the parent has to be asked what for, or told what cannot be had just now.

        A parent whose card was read may also have come to look after an earlier request.
        """
        return len(self.offered) > 1 or not self.services or self.answers.parent is not None

    @property
    def looks_after_earlier(self) -> bool:
        """Whether this visit is about a request that was made before."""
        return self.returning is not None

    @property
    def return_actions(self) -> tuple[e.Action, ...]:
        """What can be done with the earlier request that the parent looks at."""
        chosen = self.returning.chosen if self.returning is not None else None
        return coming_back.actions(self.profile, chosen, self.printing_possible) if chosen is not None else ()

    @property
    def has_children(self) -> bool:
        """Whether at least one child is described completely."""
        return bool(self.answers.requests)

    @property
    def draft_refused(self) -> bool:
        """Whether the described child cannot have this here."""
        return self.answers.draft_refusal() is not None

    @property
    def refused_by_answer(self) -> bool:
        """Whether it is the answer to a question that led to the no."""
        refusal = self.answers.draft_refusal()
        return refusal is not None and refusal.reason in BEHIND

    @property
    def service_instead(self) -> Service | None:
        """The service for a card that the described child is not too old or too young for."""
        refusal = self.answers.draft_refusal()
        if refusal is None or refusal.reason not in (Reason.TOO_OLD, Reason.TOO_YOUNG) or self.has_children:
            return None
        return next((service for service in self.services if self.answers.would_suit(service)), None)

    @property
    def in_round_child(self) -> bool:
        """Whether the question is about whether the child can have a card here."""
        return self.round is Round.CHILD

    @property
    def in_round_family(self) -> bool:
        """Whether the question is one for all children."""
        return self.round is Round.FAMILY

    @property
    def child_unasked(self) -> bool:
        """Whether a question about the child is open."""
        return self._unasked(Round.CHILD)

    @property
    def card_unasked(self) -> bool:
        """Whether a question about the child and its card is open."""
        return self._unasked(Round.CARD)

    @property
    def family_unasked(self) -> bool:
        """Whether a question about all children is open."""
        return self._unasked(Round.FAMILY)

    @property
    def child_asked(self) -> bool:
        """Whether there are questions about the child to go back to."""
        return self._askable(Round.CHILD) and bool(self.answers.asked(Round.CHILD))

    @property
    def card_asked(self) -> bool:
        """Whether there are questions about the child and its card to go back to."""
        return self._askable(Round.CARD) and bool(self.answers.asked(Round.CARD))

    @property
    def family_asked(self) -> bool:
        """Whether there are questions about all children to go back to."""
        return self._askable(Round.FAMILY) and bool(self.answers.asked(Round.FAMILY))

    def _unasked(self, which: Round) -> bool:
        return self._askable(which) and self.answers.unanswered(which) is not None

    def _askable(self, which: Round) -> bool:
        return self.has_children if which is Round.FAMILY else self.answers.draft.birth_date is not None

    @property
    def card_type_needed(self) -> bool:
        """Whether the service asks for a card type."""
        return self.profile.services[self.answers.service].card_type

    @property
    def procedure_needed(self) -> bool:
        """Whether the service asks for a procedure."""
        return bool(self.profile.services[self.answers.service].procedures)

    @property
    def card_type_selected(self) -> bool:
        """Whether the selected card type is sold here."""
        draft = self.answers.draft
        return draft.birth_date is not None and self.answers.sold(draft.card_type)

    @property
    def procedure_selected(self) -> bool:
        """Whether the selected procedure is open."""
        chosen = self.answers.draft.procedure
        if not self.card_type_selected:
            return False
        return any(o.procedure == chosen and o.open for o in self.answers.procedure_offers())

    @property
    def appointment_needed(self) -> bool:
        """Whether the service is by appointment."""
        return rules.appointment_needed(self.profile, self.answers.service)

    @property
    def slots_left(self) -> bool:
        """Whether this kiosk holds a free slot that is long enough."""
        return bool(self.answers.fitting(self._around.free_slots(self.now())))

    @property
    def slot_selected(self) -> bool:
        """Whether a time was chosen."""
        return self.answers.slot is not None

    @property
    def something_to_pay(self) -> bool:
        """Whether the visit costs anything."""
        return self.has_children and self.answers.quote().total_cents > 0

    @property
    def nothing_to_pay(self) -> bool:
        """Whether the visit is free of charge. What the rules refuse has no fee either, and is not free."""
        if not self.has_children:
            return False
        quote = self.answers.quote()
        return quote.eligible and quote.total_cents == 0

    # --- effects -------------------------------------------------------------------------------------

    def _timer(self, name: str, seconds: float) -> None:
        self._effects.append(StartTimer(name, seconds, self._generation))

    def _record(self, body: EntryBody, required: bool = True) -> None:
        self._effects.append(Record(body, self.visit_id, required))

    def _no_answers(self) -> Answers:
        profile = self._around.profile
        return Answers(profile, self._around.now(), next(iter(rules.services(profile)), next(iter(profile.services))))
