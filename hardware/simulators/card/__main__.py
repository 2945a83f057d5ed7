"""A simulated card in pcscd's virtual reader, moved by JSON lines on stdin.

The first line out is `{"event": "ready", "pins": […], "cards": {name: title}, "trust": FOLDER or null}`. Then:

- `{"do": "insert", "card": "amina"}`, where wanted with `"pull_at": n`, `"shows_6c": false`, `"bits_per_second": 43000`
  (0, the default, takes no time) and `"glitches": {"7": "6B00"}` (a command's number from the reset on, and the status
  word that wrongly answers it; 9000 is an empty success);
- `{"do": "remove"}`;
- `{"do": "pull_at", "apdu": n}`: the card that is in vanishes in the n-th command after its next reset, or in the
  running one if more were sent already.

Reports: `inserted` (card), `removed`, `pulled`, `refused` (why).
"""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from hardware.simulators.card.deck import TITLES, Deck
from hardware.simulators.card.pki import TestPki
from hardware.simulators.card.vpcd import VpcdSlot
from hardware.simulators.process import obey, report


def main(argv: list[str] | None = None) -> int:
    """Run until stdin closes."""
    parser = _OneLineParser(prog="kiosk simulate card", description="a residence card in a virtual reader")
    parser.add_argument("--vpcd", type=_address, default=("127.0.0.1", 35963), metavar="HOST:PORT")
    parser.add_argument("--pki", type=Path, metavar="DIR", help="keep the test authority's keys here")
    parser.add_argument("--today", type=date.fromisoformat, default=None, metavar="DATE", help="cards count from here")
    arguments = parser.parse_args(argv)
    today = arguments.today or date.today()
    try:
        pki = TestPki.kept_in(arguments.pki, today) if arguments.pki else TestPki.generate(today)
    except (OSError, ValueError) as problem:
        parser.error(f"--pki: {problem}")
    host, port = arguments.vpcd
    hand = _Hand(Deck(pki, today), VpcdSlot(host, port, on_pulled=lambda: report("pulled")))
    report("ready", pins=list(pki.pins), cards=TITLES, trust=str(arguments.pki / "trust") if arguments.pki else None)
    try:
        obey(hand.do)
    finally:
        hand.slot.remove()
    return 0


class _OneLineParser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


class _Hand:
    """Obeys the lines."""

    def __init__(self, deck: Deck, slot: VpcdSlot):
        self._deck = deck
        self.slot = slot

    def do(self, line: dict[str, Any]) -> None:
        match line["do"]:
            case "insert":
                chip = self._deck.card(line["card"])
                chip.pull_at = line.get("pull_at")
                chip.shows_6c = bool(line.get("shows_6c", True))
                chip.bits_per_second = int(line.get("bits_per_second", 0))
                chip.glitches = {int(number): int(sw, 16) for number, sw in line.get("glitches", {}).items()}
                try:
                    self.slot.insert(chip)
                except OSError as problem:
                    raise ValueError(f"no vpcd there: {problem}") from problem
                report("inserted", card=line["card"])
            case "remove":
                self.slot.remove()
                report("removed")
            case "pull_at":
                if self.slot.chip is None:
                    raise ValueError("no card is in")
                self.slot.chip.pull_at = int(line["apdu"])
            case other:
                raise ValueError(f"cannot {other!r}; can insert, remove, pull_at")


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT")
    return host, int(port)


if __name__ == "__main__":
    sys.exit(main())
