"""A simulated card in pcscd's virtual reader, moved by JSON lines on stdin.

With `--card NAME` a card is in from the start. The first line out is
`{"event": "ready", "pins": […], "cards": {name: title}, "trust": FOLDER or null, "issuers": FOLDER or null}`. Then:

- `{"do": "insert", "card": "amina"}`, where wanted with how it behaves: `"pull_at": n` (it vanishes in its n-th
  command), `"shows_6c": false` (a reader that hides `6C xx`), `"announces": true` (it announces answers with `61 xx`),
  `"bits_per_second": 43000` (0 takes no time), `"glitches": {"7": "6B00"}` (a command's number from the reset on, and
  the status word that wrongly answers it; 9000 is an empty success), `"losses": [9, 4]` (the answer to its 9th command
  is lost, and after the reset that to the 4th), `"authentications_left": 0` (a 1.8 chip, or a badge, that refuses to
  answer). What a line does not say is as the options of the command line say;
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
    parser = _OneLineParser(
        prog="kiosk simulate card", description="a residence card, or a staff badge, in a virtual reader"
    )
    parser.add_argument("--vpcd", type=_address, default=("127.0.0.1", 35963), metavar="HOST:PORT")
    parser.add_argument("--pki", type=Path, metavar="DIR", help="keep the test authority's keys here")
    parser.add_argument("--today", type=date.fromisoformat, default=None, metavar="DATE", help="cards count from here")
    parser.add_argument("--card", choices=TITLES, metavar="NAME", help="put this one in: " + ", ".join(TITLES))
    how = parser.add_argument_group("how cards behave, unless the line that puts one in says otherwise")
    how.add_argument("--pull-at", type=int, metavar="N", help="vanish in the N-th command")
    how.add_argument("--hide-6c", action="store_true", help="as behind a reader that keeps 6Cxx to itself")
    how.add_argument("--announce", action="store_true", help="announce answers with 61xx")
    how.add_argument(
        "--bits-per-second", type=int, default=0, metavar="N", help="the line's speed at 4 MHz; 0: no time"
    )
    how.add_argument(
        "--glitch", type=_glitch, action="append", default=[], metavar="N=SW", help="answer the N-th command with SW"
    )
    how.add_argument(
        "--lose-at", type=int, action="append", default=[], metavar="N", help="lose the answer to the N-th command"
    )
    how.add_argument("--worn-chip", action="store_true", help="on 1.8 and badges: refuse to prove the chip, with 6985")
    arguments = parser.parse_args(argv)
    today = arguments.today or date.today()
    try:
        pki = TestPki.kept_in(arguments.pki, today) if arguments.pki else TestPki.generate(today)
    except (OSError, ValueError) as problem:
        parser.error(f"--pki: {problem}")
    host, port = arguments.vpcd
    slot = VpcdSlot(host, port, on_pulled=lambda: report("pulled"))
    hand = _Hand(Deck(pki, today), slot, _behaviour(arguments))
    folders = {name: str(arguments.pki / name) if arguments.pki else None for name in ("trust", "issuers")}
    report("ready", pins=list(pki.pins), cards=TITLES, **folders)
    try:
        if arguments.card:
            hand.do({"do": "insert", "card": arguments.card})
        obey(hand.do)
    except ValueError as problem:
        parser.error(f"--card: {problem}")
    finally:
        hand.slot.remove()
    return 0


class _OneLineParser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def _behaviour(arguments: argparse.Namespace) -> dict[str, Any]:
    """The options as a line would say them."""
    return {
        "pull_at": arguments.pull_at,
        "shows_6c": not arguments.hide_6c,
        "announces": arguments.announce,
        "bits_per_second": arguments.bits_per_second,
        "glitches": dict(arguments.glitch),
        "losses": arguments.lose_at,
        "authentications_left": 0 if arguments.worn_chip else None,
    }


class _Hand:
    """Obeys the lines; `usual` is how cards behave where a line does not say."""

    def __init__(self, deck: Deck, slot: VpcdSlot, usual: dict[str, Any]):
        self._deck = deck
        self._usual = usual
        self.slot = slot

    def do(self, line: dict[str, Any]) -> None:
        match line["do"]:
            case "insert":
                how = {**self._usual, **line}
                chip = self._deck.card(line["card"])
                chip.pull_at = how["pull_at"]
                chip.shows_6c, chip.announces = bool(how["shows_6c"]), bool(how["announces"])
                chip.bits_per_second = int(how["bits_per_second"])
                chip.glitches = {int(number): int(sw, 16) for number, sw in how["glitches"].items()}
                chip.losses = [int(number) for number in how["losses"]]
                if how["authentications_left"] is not None:
                    chip.authentications_left = int(how["authentications_left"])
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


def _glitch(text: str) -> tuple[str, str]:
    number, _, sw = text.partition("=")
    if not number.isdigit() or len(sw) != 4 or any(digit not in "0123456789abcdefABCDEF" for digit in sw):
        raise argparse.ArgumentTypeError(f"{text!r} is not N=SW, as in 7=6B00")
    return number, sw


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT")
    return host, int(port)


if __name__ == "__main__":
    sys.exit(main())
