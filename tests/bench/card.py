"""Our card reading against OpenSC's `eidenv`: the same simulated card, through the same pcscd, in one run.

Time is measured at the card, from the first command after power-up to the last answer, so that neither side pays for
starting a process; the whole of it, with the connection (and for `eidenv` its process), stands in the last column.
"wire" is what the line itself needs for the bytes of that reading at that speed (T=0, 12 etu a byte).

"proven" says what of a row's content was proven when its time was taken. `eidenv` reads identity and address and proves
neither. Our identity+address reading has a row for each of three moments of the same readings: when the name is proven,
which is when the parent is greeted; when the address is in hand too, which is what `eidenv` has; and when its signature
is verified. "first" is the first card of its register that a kiosk ever meets: nothing of it can be proven before the
register's certificate is read. "next" is any later one, also after a new start.
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
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import date

from hardware.simulators.card import Deck, TestPki, VirtualChip, VpcdSlot
from hardware.simulators.card.contacts import ETU_PER_BYTE, wire_bytes
from hardware.simulators.pcscd import PcscdUnavailable, PrivatePcscd
from hardware.smartcard import EVERYTHING, IDENTITY_AND_ADDRESS, CardReading, Empty, Outcome, Parts, Reader, Trust
from hardware.smartcard.card import read_card

SPEEDS = (0, 43_000, 62_500, 250_000)  # bits per second at 4 MHz; 0 is a line that takes no time
CARDS = {"fatou": "1.1", "amina": "1.7", "ioana": "1.7 P-384", "carlos": "1.8"}
OF_1_8 = 250_000  # the speed that no card before 1.8 has; theirs are the two below (a faster clock scales all)

EIDENV = "eidenv"
NAME, IN_HAND, NAMES, FULL = "name", "identity+address in hand", "identity+address", "full"
READINGS = {NAMES: IDENTITY_AND_ADDRESS, FULL: EVERYTHING}

GOAL_WIRE = 1.15

_SELECT = 0xA4
_ADDRESS_SIGNATURE = bytes.fromhex("4034")


@dataclass(frozen=True)
class Moment:
    """What had gone over the line at one moment of a reading, and how long it had taken (seconds)."""

    apdus: int
    bytes_read: int
    on_the_wire: int
    seconds: float


@dataclass(frozen=True)
class Measured:
    """One way of reading one card at one speed; the median of some runs. Times in milliseconds."""

    generation: str
    bits_per_second: int
    what: str
    known: bool | None  # whether the card's register was; None for eidenv, which has no use for it
    proven: str
    apdus: int
    bytes_read: int
    milliseconds: float
    wire_milliseconds: float
    whole_milliseconds: float | None  # of the reading's end only


class Stopwatch:
    """Watches a chip: what was asked and answered, and when."""

    def __init__(self, chip: VirtualChip):
        self._answer = chip.answer
        chip.answer = self.answer  # type: ignore[method-assign]
        self.clear()

    def clear(self) -> None:
        self._began = 0.0
        self.now = Moment(0, 0, 0, 0.0)
        self.moments: dict[str, Moment] = {}

    def mark(self, what: str, now: Moment | None = None) -> None:
        """The first time that this was so."""
        self.moments.setdefault(what, now or self.now)

    def answer(self, command: bytes) -> bytes | None:
        self._began = self._began or time.perf_counter()
        if command[1] == _SELECT and command.endswith(_ADDRESS_SIGNATURE):
            self.mark(IN_HAND)
        answer = self._answer(command)
        assert answer is not None
        before = self.now
        self.now = Moment(
            before.apdus + 1,
            before.bytes_read + len(answer) - 2,
            before.on_the_wire + wire_bytes(command, answer),
            time.perf_counter() - self._began,
        )
        return answer

    def verified(self) -> Moment:
        """Now, with the time that it took to make something of the last answer."""
        return replace(self.now, seconds=time.perf_counter() - self._began)


def run_ours(watch: Stopwatch, trust: Trust, today: date, parts: Parts) -> CardReading:
    """One reading as the kiosk does it. What it says of the moments is checked: the greeting is of a proven name."""
    with closing(Reader().connect()) as channel:
        reading = read_card(
            channel, trust, today, parts=parts, on_identity=lambda identity: watch.mark(NAME, watch.verified())
        )
        watch.mark("end", watch.verified())
    assert reading.checks.verdict is Outcome.PROVEN
    assert watch.moments[NAME].apdus < watch.moments[IN_HAND].apdus
    return reading


def what_is_proven(reading: CardReading) -> str:
    """The content that signatures prove, up to the pinned root."""
    checks = reading.checks
    parts = {"address": checks.address_signature, "photo": checks.photo_hash, "chip": checks.chip}
    proven = [name for name, check in parts.items() if check.outcome is Outcome.PROVEN]
    return "+".join(["identity", *proven]) if checks.identity_verdict is Outcome.PROVEN else "nothing"


def measure_ours(
    chip: VirtualChip, pki: TestPki, today: date, speed: int, what: str, known: bool, runs: int
) -> Iterator[Measured]:
    """The readings of one way; not `known`, each with a trust that has met the roots and no register."""

    def new_trust() -> Trust:
        trust = Trust(pki.pins)
        for root in (pki.root, pki.root_p384):
            trust.learn(root)
        return trust

    lasting = new_trust()
    watch = Stopwatch(chip)
    chip.bits_per_second = 0
    run_ours(watch, lasting, today, READINGS[what])
    chip.bits_per_second = speed
    found: list[dict[str, Moment]] = []
    whole: list[float] = []
    for _ in range(runs):
        watch.clear()
        began = time.perf_counter()
        reading = run_ours(watch, lasting if known else new_trust(), today, READINGS[what])
        whole.append(time.perf_counter() - began)
        found.append(watch.moments)
    del chip.answer
    rows = {"end": (what, what_is_proven(reading))}
    if what == NAMES:
        rows = {NAME: (NAME, "identity"), IN_HAND: (IN_HAND, "identity"), **rows}
    for moment, (name, proven) in rows.items():
        whole_there = statistics.median(whole) if moment == "end" else None
        yield measured(name, known, proven, speed, [moments[moment] for moments in found], whole_there)


def measure_eidenv(chip: VirtualChip, environment: dict[str, str], speed: int, runs: int) -> Iterator[Measured]:
    """OpenSC's reading, as a process. It always ends with 1."""
    watch = Stopwatch(chip)
    chip.bits_per_second = speed
    found: list[Moment] = []
    whole: list[float] = []
    for _ in range(runs):
        watch.clear()
        began = time.perf_counter()
        done = subprocess.run([EIDENV], env={**os.environ, **environment}, capture_output=True, text=True, timeout=60)
        whole.append(time.perf_counter() - began)
        assert "BELPIC_MUNICIPALITY: Modeldorp" in done.stdout, done.stderr
        found.append(watch.now)
    del chip.answer
    yield measured(EIDENV, None, "nothing", speed, found, statistics.median(whole))


def measured(
    what: str, known: bool | None, proven: str, speed: int, found: list[Moment], whole: float | None
) -> Measured:
    """The medians; what goes over the line is the same each time, but for the length of an ECDSA signature."""
    last = found[-1]
    return Measured(
        "",
        speed,
        what,
        known,
        proven,
        last.apdus,
        last.bytes_read,
        statistics.median(moment.seconds for moment in found) * 1000,
        last.on_the_wire * ETU_PER_BYTE / speed * 1000 if speed else 0.0,
        None if whole is None else whole * 1000,
    )


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
                rows: list[Measured] = []
                if shutil.which(EIDENV):
                    rows += measure_eidenv(chip, pcscd.environment, speed, runs)
                for known in (True, False):
                    for what in READINGS:
                        rows += measure_ours(chip, pki, today, speed, what, known, runs)
                found += [replace(row, generation=CARDS[name]) for row in rows]
        slot.remove()
    return found


# --- What is printed -------------------------------------------------------------------------------------------------


def against_eidenv(row: Measured, found: list[Measured]) -> float | None:
    """Its time over eidenv's, for the same card at the same speed."""
    for other in found:
        if (other.what, other.generation, other.bits_per_second) == (EIDENV, row.generation, row.bits_per_second):
            return row.milliseconds / other.milliseconds
    return None


def table(found: list[Measured]) -> list[str]:
    """Lines for people."""
    lines = [
        f"{'card':<10} {'kbit/s':>6}  {'what':<31} {'proven':<28} {'APDUs':>5} {'bytes':>6} {'ms':>7} {'/ wire':>6} "
        f"{'/ eidenv':>8} {'whole ms':>8}"
    ]
    for row in found:
        what = row.what if row.known is None else f"{row.what}, {'next' if row.known else 'first'}"
        ratio = against_eidenv(row, found)
        wire = f"{row.milliseconds / row.wire_milliseconds:.2f}" if row.wire_milliseconds else ""
        lines.append(
            f"{row.generation:<10} {row.bits_per_second / 1000:>6g}  {what:<31} {row.proven:<28} {row.apdus:>5} "
            f"{row.bytes_read:>6} {row.milliseconds:>7.1f} {wire:>6} {f'{ratio:.2f}' if ratio else '':>8} "
            f"{'' if row.whole_milliseconds is None else f'{row.whole_milliseconds:.1f}':>8}".rstrip()
        )
    return lines


def verdicts(found: list[Measured]) -> list[str]:
    """Each goal, and where it is missed."""
    lines = []
    for what, sense in (
        (NAME, "the name proven"),
        (IN_HAND, "identity and address in hand, the identity proven"),
        (NAMES, "identity and address both proven"),
    ):
        for known in (True, False):
            rows = [row for row in found if row.what == what and row.known is known]
            ratios = {_where(row): ratio for row in rows if (ratio := against_eidenv(row, found)) is not None}
            whose = "a later card of its register" if known else "the first card of its register"
            lines += _verdict(f"{sense}, {whose}: never slower than eidenv", ratios, 1.0)
    full = [row for row in found if row.what == FULL and row.wire_milliseconds]
    real = [row for row in full if row.generation == "1.8" or row.bits_per_second < OF_1_8]
    for rows, which in ((real, "speeds that the card has"), ([row for row in full if row not in real], "beyond them")):
        ratios = {_where(row): row.milliseconds / row.wire_milliseconds for row in rows}
        lines += _verdict(f"the full read within {GOAL_WIRE} of the wire, at {which}", ratios, GOAL_WIRE)
    return lines


def _where(row: Measured) -> str:
    order = "" if row.what != FULL else f" {'next' if row.known else 'first'}"
    return f"{row.generation} at {row.bits_per_second / 1000:g}{order}"


def _verdict(goal: str, ratios: dict[str, float], most: float) -> list[str]:
    if not ratios:
        return []
    missed = {where: ratio for where, ratio in ratios.items() if ratio > most}
    worst = f"at most {max(ratios.values()):.2f}"
    if not missed:
        return [f"met     {goal} ({worst})"]
    return [f"missed  {goal}: " + ", ".join(f"{where} {ratio:.2f}" for where, ratio in missed.items())]


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
    if arguments.json:
        print(json.dumps([asdict(row) for row in found]))
    else:
        print("\n".join([*table(found), "", *verdicts(found)]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
