"""Our card reading against OpenSC's `eidenv`: the same simulated card, through the same pcscd, in one run.

Time is measured at the card, from the first command after power-up to the last answer, so that neither side pays for
starting a process; `eidenv`'s whole run stands beside it. "wire" is what the line itself needs for the bytes of that
reading at that speed (T=0, 12 etu a byte). `eidenv` reads identity and address and verifies nothing; ours are verified,
and "name alone" is what the parent's greeting waits for. "first" is the first card of its register after start-up,
"next" any later one: its register's certificate is known.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import date

from hardware.simulators.card import Deck, TestPki, VirtualChip, VpcdSlot
from hardware.simulators.card.chip import ETU_PER_BYTE, wire_bytes
from hardware.simulators.pcscd import PcscdUnavailable, PrivatePcscd
from hardware.smartcard import EVERYTHING, IDENTITY_AND_ADDRESS, Empty, Outcome, Parts, Reader, Trust, read_card

SPEEDS = (0, 43_000, 62_500, 250_000)  # bits per second at 4 MHz; 0 is a line that takes no time
NAME = Parts(address=False, photo=False, chip=False)  # up to the greeting
CARDS = {"fatou": "1.1", "amina": "1.7", "ioana": "1.7 P-384", "carlos": "1.8"}

EIDENV = "eidenv"
NAME_NEXT = "name alone, next"
NAMES_FIRST, NAMES_NEXT = "identity+address, first", "identity+address, next"
FULL_FIRST, FULL_NEXT = "full, first", "full, next"


@dataclass(frozen=True)
class Measured:
    """One way of reading one card at one speed; the median of some runs. Times in milliseconds."""

    generation: str
    bits_per_second: int
    what: str
    apdus: int
    bytes_read: int
    milliseconds: float
    wire_milliseconds: float
    whole_milliseconds: float  # with the connection, and for eidenv with its process


class Stopwatch:
    """Watches a chip: what was asked and answered, and when."""

    def __init__(self, chip: VirtualChip):
        self._answer = chip.answer
        chip.answer = self.answer  # type: ignore[method-assign]
        self.clear()

    def clear(self) -> None:
        self.began = self.ended = 0.0
        self.apdus = self.bytes_read = self.on_the_wire = 0

    def answer(self, command: bytes) -> bytes | None:
        self.began = self.began or time.perf_counter()
        answer = self._answer(command)
        assert answer is not None
        self.apdus += 1
        self.bytes_read += len(answer) - 2
        self.on_the_wire += wire_bytes(command, answer)
        self.ended = time.perf_counter()
        return answer


def measure(generation: str, chip: VirtualChip, speed: int, what: str, runs: int, run: Callable[[], None]) -> Measured:
    """Run it so often, and take the medians."""
    watch = Stopwatch(chip)
    chip.bits_per_second = speed
    times, whole = [], []
    for _ in range(runs):
        watch.clear()
        began = time.perf_counter()
        run()
        whole.append((time.perf_counter() - began) * 1000)
        times.append((watch.ended - watch.began) * 1000)
    del chip.answer
    wire = watch.on_the_wire * ETU_PER_BYTE / speed * 1000 if speed else 0.0
    middle = statistics.median
    return Measured(generation, speed, what, watch.apdus, watch.bytes_read, middle(times), wire, middle(whole))


def ours(pki: TestPki, today: date, parts: Parts, known: bool) -> Callable[[], None]:
    """Read and verify as the kiosk does; not `known`, with a trust that has met no register yet."""
    lasting = Trust(pki.pins)
    roots = (pki.root, pki.root_p384)

    def run() -> None:
        trust = lasting if known else Trust(pki.pins)
        for root in roots:
            trust.learn(root)
        with closing(Reader().connect()) as channel:
            reading = read_card(channel, trust, today, parts=parts)
        assert reading.checks.verdict is Outcome.PROVEN

    if known:
        run()
    return run


def eidenv(environment: dict[str, str]) -> Callable[[], None]:
    """OpenSC's reading, as a process. It always ends with 1."""

    def run() -> None:
        done = subprocess.run([EIDENV], env={**os.environ, **environment}, capture_output=True, text=True, timeout=60)
        assert "BELPIC_MUNICIPALITY: Modeldorp" in done.stdout, done.stderr

    return run


def bench(cards: list[str], speeds: list[int], runs: int) -> list[Measured]:
    """All measurements. Raises PcscdUnavailable."""
    today = date.today()
    pki = TestPki.generate(today)
    deck = Deck(pki, today)
    found: list[Measured] = []
    with PrivatePcscd() as pcscd:
        pcscd.use_here()
        slot = VpcdSlot(*pcscd.vpcd)
        for name in cards:
            chip = deck.card(name)
            slot.insert(chip)
            while isinstance(Reader().status, Empty):
                time.sleep(0.05)
            for speed in speeds:
                ways = {
                    NAME_NEXT: ours(pki, today, NAME, known=True),
                    NAMES_FIRST: ours(pki, today, IDENTITY_AND_ADDRESS, known=False),
                    NAMES_NEXT: ours(pki, today, IDENTITY_AND_ADDRESS, known=True),
                    FULL_FIRST: ours(pki, today, EVERYTHING, known=False),
                    FULL_NEXT: ours(pki, today, EVERYTHING, known=True),
                }
                if shutil.which(EIDENV):
                    ways = {EIDENV: eidenv(pcscd.environment), **ways}
                for what, run in ways.items():
                    found.append(measure(CARDS[name], chip, speed, what, runs, run))
        slot.remove()
    return found


def table(found: list[Measured]) -> list[str]:
    """Lines for people."""
    theirs = {(row.generation, row.bits_per_second): row for row in found if row.what == EIDENV}
    lines = [
        f"{'card':<10} {'kbit/s':>7}  {'what':<24} {'APDUs':>5} {'bytes':>6} {'ms':>8} {'/ wire':>7} {'/ eidenv':>8} "
        f"{'whole ms':>9}"
    ]
    for row in found:
        against_wire = f"{row.milliseconds / row.wire_milliseconds:.2f}" if row.wire_milliseconds else ""
        other = theirs.get((row.generation, row.bits_per_second))
        ratio = f"{row.milliseconds / other.milliseconds:.2f}" if other else ""
        lines.append(
            f"{row.generation:<10} {row.bits_per_second / 1000:>7g}  {row.what:<24} {row.apdus:>5} {row.bytes_read:>6} "
            f"{row.milliseconds:>8.1f} {against_wire:>7} {ratio:>8} {row.whole_milliseconds:>9.1f}"
        )
    return lines


def main(argv: list[str] | None = None) -> int:
    """Measure and print. Returns 1 where pcscd cannot run."""
    parser = argparse.ArgumentParser(prog="bench", description="card reading against eidenv, on a simulated card")
    parser.add_argument("--runs", type=int, default=5, help="of each way at each speed; the median counts (default 5)")
    parser.add_argument("--cards", nargs="+", choices=CARDS, default=list(CARDS))
    parser.add_argument("--speeds", nargs="+", type=int, default=list(SPEEDS), metavar="BITS", help="bits per second")
    parser.add_argument("--json", action="store_true", help="print one JSON list")
    arguments = parser.parse_args(argv)
    try:
        found = bench(arguments.cards, arguments.speeds, max(1, arguments.runs))
    except PcscdUnavailable as problem:
        print(f"bench: {problem}", file=sys.stderr)
        return 1
    print(json.dumps([asdict(row) for row in found]) if arguments.json else "\n".join(table(found)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
