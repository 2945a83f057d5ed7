"""A reader with a hand that inserts and pulls cards: in this process, or behind a real pcscd."""

from __future__ import annotations

import queue
from datetime import date
from typing import TypeVar

from hardware.simulators.card import Deck, VirtualChip, VirtualReader, VpcdSlot
from hardware.smartcard import (
    CardChannel,
    CardPresent,
    CardReader,
    CardReading,
    Inserted,
    Reader,
    ReaderEvent,
    StatusChanged,
    Trust,
    read_card,
)
from hardware.smartcard.reader import SERVICE_PATIENCE

TODAY = date(2026, 11, 22)

E = TypeVar("E", bound=ReaderEvent)


class Rig:
    """Reader, hand and the events so far. A test waits for events, never for time."""

    def __init__(self, reader: CardReader, hand: VirtualReader | VpcdSlot, deck: Deck):
        self.reader = reader
        self.deck = deck
        self._hand = hand
        self.events: queue.Queue[ReaderEvent] = queue.Queue()

    def insert(self, card: str | VirtualChip) -> Inserted:
        """Put a card in and wait until the reader has seen it."""
        self.remove()
        self.put_in(card)
        return self.wait_for(Inserted)

    def put_in(self, card: str | VirtualChip) -> None:
        """The hand alone."""
        self._hand.insert(self.deck.card(card) if isinstance(card, str) else card)

    def remove(self) -> None:
        """Take the card out, if one is in, and wait until the reader has seen it."""
        self.take_out()
        self.wait_until_empty()

    def take_out(self) -> None:
        """The hand alone; the reader will tell."""
        self._hand.remove()

    def wait_until_empty(self) -> None:
        """Nothing is in the reader, or there is no reader any more."""
        while isinstance(self.reader.status, CardPresent):
            self.wait_for(StatusChanged)

    def wait_for(self, kind: type[E]) -> E:
        while True:
            event = self.events.get(timeout=10)
            if isinstance(event, kind):
                return event

    def read(self, trust: Trust, **calls: object) -> CardReading:
        """What the kiosk does with an inserted card."""
        channel: CardChannel = self.reader.connect()
        try:
            return read_card(channel, trust, TODAY, **calls)  # type: ignore[arg-type]
        finally:
            channel.close()

    def close(self) -> None:
        self._hand.remove()
        self.reader.close()


def in_process(deck: Deck) -> Rig:
    reader = VirtualReader()
    rig = Rig(reader, reader, deck)
    reader.watch(rig.events.put)
    return rig


def through_pcscd(deck: Deck, vpcd: tuple[str, int], patience: float = SERVICE_PATIENCE) -> Rig:
    reader = Reader(patience=patience)
    rig = Rig(reader, VpcdSlot(*vpcd, swap_seconds=0), deck)
    reader.watch(rig.events.put)
    return rig
