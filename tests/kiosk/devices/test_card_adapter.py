"""The reader's adapter: whose card a reading was, and what counts as just put in."""

from __future__ import annotations

import queue
from collections.abc import Callable
from datetime import date

import pytest

from hardware.simulators.card import Deck, TestPki, VirtualReader
from hardware.smartcard import (
    CardPresent,
    CardReader,
    Empty,
    Inserted,
    NoService,
    ReaderEvent,
    Removed,
    StatusChanged,
    Trust,
)
from hardware.smartcard.reader import ReaderStatus
from hardware.smartcard.transport import CardChannel
from kiosk.devices.reader import ParentCardReader
from kiosk.health import Health
from kiosk.visit import events as e

TODAY = date(2026, 11, 23)
PATIENCE = 20.0


@pytest.fixture(scope="module")
def pki() -> TestPki:
    return TestPki.generate(TODAY)


class ToldReader:
    """A reader that says what the test says, with real cards behind it."""

    def __init__(self) -> None:
        self.status: ReaderStatus = Empty("reader")
        self.tell: Callable[[ReaderEvent], None] = lambda event: None
        self.cards = VirtualReader()

    def watch(self, callback: Callable[[ReaderEvent], None]) -> None:
        self.tell = callback

    def connect(self) -> CardChannel:
        return self.cards.connect()

    def close(self) -> None:
        pass


def an_adapter(reader: CardReader, pki: TestPki) -> tuple[ParentCardReader, queue.Queue[e.Event]]:
    posted: queue.Queue[e.Event] = queue.Queue()
    adapter = ParentCardReader(reader, Trust(pki.pins), Health(lambda changed: None), posted.put, lambda: TODAY)
    adapter.start()
    return adapter, posted


def test_what_was_read_of_a_card_that_is_gone_is_not_said_of_the_next(pki: TestPki) -> None:
    reader = ToldReader()
    adapter, posted = an_adapter(reader, pki)
    amina, joao = Deck(pki, TODAY).card("amina"), Deck(pki, TODAY).card("joao")
    answer, moved = amina.answer, []

    def swapped_while_it_answers(command: bytes) -> bytes | None:
        """The reading goes on to a good end, and the reader tells late that the card was swapped meanwhile."""
        if not moved:
            moved.append(True)
            reader.tell(Removed("reader"))
            reader.tell(Inserted(CardPresent("reader", b"")))
        return answer(command)

    amina.answer = swapped_while_it_answers  # type: ignore[method-assign]
    reader.cards.insert(amina)
    reader.tell(Inserted(CardPresent("reader", b"")))
    adapter.read_card()
    assert [type(posted.get(timeout=PATIENCE)) for _ in range(3)] == [e.CardInserted, e.CardRemoved, e.CardInserted]
    reader.cards.insert(joao)
    adapter.read_card()
    while not isinstance(said := posted.get(timeout=PATIENCE), e.CardAccepted):
        assert said in (e.CardHolderKnown("João"),) or isinstance(said, e.CardProgress)
    assert isinstance(said, e.CardAccepted) and said.parent.first_names == "João Sebastião Inácio"
    adapter.stop()


def test_a_card_that_comes_to_light_when_the_service_is_back_was_not_just_put_in(pki: TestPki) -> None:
    reader = ToldReader()
    adapter, posted = an_adapter(reader, pki)
    card = CardPresent("reader", b"")
    for event in (Inserted(card), StatusChanged(card), Removed("reader"), StatusChanged(NoService("down"))):
        reader.tell(event)
    for event in (Inserted(card), StatusChanged(card), Removed("reader"), StatusChanged(Empty("reader"))):
        reader.tell(event)
    reader.tell(Inserted(card))
    adapter.stop()
    inserted = [event.at_start for event in posted.queue if isinstance(event, e.CardInserted)]
    assert inserted == [True, True, False]


@pytest.mark.parametrize(
    ("card", "card_type", "proven"),
    [
        ("fatou", "B", {"identity", "address", "photo"}),  # applet 1.1
        ("amina", "A", {"identity", "address", "photo"}),  # applet 1.7
        ("ioana", "F", {"identity", "address", "photo"}),  # re-keyed
        ("leila", "A", {"identity", "address", "photo", "chip"}),  # applet 1.8
        ("grace", "F+", {"identity", "address", "photo", "chip"}),
    ],
)
def test_what_a_card_of_each_generation_proved_goes_with_it(
    pki: TestPki, card: str, card_type: str, proven: set[str]
) -> None:
    assert judged(pki, card).card_type.value == card_type
    assert {proof.value for proof in judged(pki, card).proven} == proven


def test_a_copy_of_a_card_on_another_chip_is_refused(pki: TestPki) -> None:
    assert judged(pki, "clone") == e.CardRefusedByReader(e.CardProblem.FORGED)


def judged(pki: TestPki, card: str) -> e.CardAccepted:
    reader = VirtualReader()
    adapter, posted = an_adapter(reader, pki)
    reader.insert(Deck(pki, TODAY).card(card))
    assert isinstance(posted.get(timeout=PATIENCE), e.CardInserted)
    adapter.read_card()
    while not isinstance(said := posted.get(timeout=PATIENCE), e.CardAccepted | e.CardRefusedByReader):
        pass
    adapter.stop()
    return said
