"""Simulated cards, Belgian ones and staff badges: chips, a test authority, invented people, two ways into a reader.

    pki = TestPki.generate(today)                 # or TestPki.kept_in(folder, today)
    deck = Deck(pki, today)
    reader = VirtualReader()                      # in this process …
    reader.insert(deck.card("amina"))
    trust = Trust(pki.pins)

    slot = VpcdSlot("127.0.0.1", port)            # … or through pcscd's virtual reader
    slot.insert(deck.card("amina"))

As a process of its own: `python -m hardware.simulators.card --vpcd 127.0.0.1:35963`; see `__main__`.
"""

from hardware.simulators.card.chip import VirtualChip
from hardware.simulators.card.contacts import Chip
from hardware.simulators.card.deck import TITLES, Deck, UnknownCard
from hardware.simulators.card.generations import Generation
from hardware.simulators.card.people import PEOPLE, Person
from hardware.simulators.card.piv import PivChip
from hardware.simulators.card.pki import TestPki
from hardware.simulators.card.reader import VirtualReader
from hardware.simulators.card.vpcd import VpcdSlot

__all__ = [
    "PEOPLE",
    "TITLES",
    "Chip",
    "Deck",
    "Generation",
    "Person",
    "PivChip",
    "TestPki",
    "UnknownCard",
    "VirtualChip",
    "VirtualReader",
    "VpcdSlot",
]
