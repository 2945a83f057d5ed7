"""A visit told in events: a machine with a clock that stands still until it is moved, and fixed codes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import count
from uuid import UUID
from zoneinfo import ZoneInfo

from kiosk.domain.appointments import Slot
from kiosk.domain.card_types import CardType
from kiosk.domain.quote import Service
from kiosk.domain.record.entries import EntryBody, Parent, Receipt
from kiosk.profiles import find_profile
from kiosk.visit import effects as fx
from kiosk.visit import events as e
from kiosk.visit.machine import Surroundings, Visit
from kiosk.visit.view import Situation
from tests.towns import TOWN

BRUSSELS = ZoneInfo("Europe/Brussels")
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=BRUSSELS)
AMINA = Parent(
    national_number="88010112384", surname="Benali", first_names="Amina", card_number="B123456789", card_type="A"
)


def slots_from(day: datetime, number: int = 4, minutes: int = 30) -> list[Slot]:
    """Half hours from 10.00 on."""
    first = day.replace(hour=10, minute=0)
    return [Slot(first + timedelta(minutes=30 * i), f"slot-{i}", minutes, "Burgerzaken") for i in range(number)]


class Story:
    """Tells events to a visit and remembers every effect."""

    def __init__(self, municipality: str = TOWN, at: datetime = MONDAY, slots: Sequence[Slot] | None = None):
        self.now = at
        self.slots = list(slots_from(at + timedelta(days=2)) if slots is None else slots)
        ids = count(1)
        self.visit = Visit(
            Surroundings(
                profile=find_profile(municipality),
                languages=("nl", "fr", "de", "en"),
                now=lambda: self.now,
                new_id=lambda: UUID(int=next(ids)),
                new_code=lambda: "K7M-3QX-Q",
                free_slots=lambda after: [slot for slot in self.slots if slot.start > after],
            )
        )
        self.effects: list[fx.Effect] = []
        self.tell(e.HealthChanged(frozenset()))

    def tell(self, *events: e.Event) -> list[fx.Effect]:
        """Tell events in order; the effects of the last one are returned."""
        latest: list[fx.Effect] = []
        for event in events:
            latest = self.visit.handle(event)
            self.effects += latest
            self.visit.view()  # every state can be drawn
        return latest

    def tell_all(self, *events: e.Event) -> Story:
        """Tell events in order, and go on with the story."""
        self.tell(*events)
        return self

    @property
    def situation(self) -> Situation:
        return self.visit.situation

    @property
    def content(self) -> object:
        return self.visit.view().content

    def recorded(self) -> list[EntryBody]:
        return [effect.body for effect in self.effects if isinstance(effect, fx.Record)]

    def kinds(self) -> list[str]:
        return [body.kind for body in self.recorded()]

    def wanted(self, kind: type) -> list[fx.Effect]:
        return [effect for effect in self.effects if isinstance(effect, kind)]

    def fire(self, name: str) -> list[fx.Effect]:
        """Let the newest timer of this name run out."""
        timer = [t for t in self.wanted(fx.StartTimer) if t.name == name][-1]
        self.now += timedelta(seconds=timer.seconds)
        return self.tell(e.TimerFired(name, timer.generation))

    # --- chapters ---

    def card_accepted(self, language: str = "nl", card: CardType = CardType.A) -> Story:
        self.tell(e.LanguageChosen(language), e.CardInserted())
        self.tell(e.CardAccepted(AMINA.model_copy(update={"card_type": card.value}), card, date(2028, 1, 1)))
        return self

    def service(self, service: Service = Service.APPLICATION) -> Story:
        if self.situation is Situation.SERVICE:
            self.tell(e.ServiceChosen(service))
        return self

    def child(self, name: str = "Yusuf", born: date = date(2022, 5, 4)) -> Story:
        if self.situation is Situation.CHILDREN:
            self.tell(e.AddChild())
        self.named(name, born).tell(e.Continue(), e.Continue())
        return self.answer()

    def named(self, name: str, born: date) -> Story:
        """A child up to its card type, or to the list where there is none; nothing stands against it."""
        self.tell(e.NameGiven(name), e.BirthDateGiven(born))
        return self.answer()

    def answer(self) -> Story:
        """Answer questions with what is most usual: the first answer of each."""
        while self.situation is Situation.QUESTION:
            self.tell(e.QuestionAnswered(self.content.question, self.content.answers[0]))  # type: ignore[attr-defined]
        return self

    def to_review(self) -> Story:
        self.tell(e.Continue())
        self.answer().tell(e.Continue(), e.SlotChosen("slot-1"), e.Continue())
        return self

    def to_pay(self) -> Story:
        self.card_accepted().service().child().child("Lina", date(2019, 3, 2)).to_review()
        self.tell(e.Continue())
        return self

    @property
    def payment_id(self) -> UUID:
        assert self.visit.payment is not None
        return self.visit.payment.payment_id

    def sent(self) -> Story:
        self.tell(e.PaymentReady(self.payment_id, "52500001", 41, 77))
        return self

    def receipt(self) -> Receipt:
        return Receipt(cents=2400, receipt_number=42, masked_pan="679999******1234", card_name="Bancontact")

    def approved(self) -> Story:
        self.tell(e.PaymentApprovedByTerminal(self.payment_id, self.receipt()))
        return self

    def ended(self, outcome: e.Outcome, reason: str = "", afterwards: bool = False) -> Story:
        receipt = Receipt(text=("Bancontact", "EUR 24,00")) if outcome is e.Outcome.PAID else None
        self.tell(e.PaymentEnded(self.payment_id, outcome, reason, receipt=receipt, found_afterwards=afterwards))
        return self

    def paid(self) -> Story:
        return self.to_pay().sent().approved().ended(e.Outcome.PAID)
