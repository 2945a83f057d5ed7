"""Power cuts: how a behaviour is tried at some of its moments, and what is made of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from backend.fleet.models import Municipality

from .backend import disagreements
from .behaviours import Behaviour
from .counting import tell_runs
from .invariants import violations
from .run import run

FEW = 4  # so few are not worth a whole run before, to see which moments there are
_USUAL = 90  # of them are in most behaviours


def try_out(
    behaviour: Behaviour, place: int, town: Municipality, most: int, tell: Callable[[str, object], None]
) -> list[str]:
    """Lose the power at `most` moments, and return what is wrong after any of them.

    `place` is that of the behaviour among all: it spreads the moments, so that few cuts in many behaviours are cuts at
    many moments. Tells how many runs there were, which of them were distinct, and what was wrong (`counting`).
    """
    faults: list[str] = []
    died, runs = set[str](), 0
    try:
        if most > FEW:
            whole = run(behaviour, 0)
            faults, runs = [*violations(whole), *disagreements(whole, town)], 1
            numbers = _chosen(whole.moments, most, place)
        else:
            numbers = [(place * 7 + n * (_USUAL // most)) % _USUAL + 1 for n in range(most)]
        for number in numbers:
            # Every sixth one loses its power a second time, while it recovers.
            outcome = run(behaviour, number, again=number * 7 % 40 + 1 if number % 6 == 0 else 0)
            runs += 1
            died |= {outcome.died_at} if outcome.died_at else set()
            faults += [*violations(outcome), *disagreements(outcome, town)]
    finally:
        tell_runs(tell, behaviour.name, runs, died, faults)
    return faults


def named(behaviour: Behaviour) -> str:
    """For the name of a test."""
    return behaviour.name.replace(" ", "-")


def asked_for(request: pytest.FixtureRequest) -> int:
    """How many moments of each behaviour."""
    most: int = request.config.getoption("--power-cuts")
    return most


def _chosen(moments: list[str], most: int, salt: int) -> list[int]:
    """Which moments to die at: half of them around the record, the others spread over the line. From 1 on."""
    record = [n for n, name in enumerate(moments, start=1) if " write " not in name and not name.startswith("read")]
    line = [n for n in range(1, len(moments) + 1) if n not in set(record)]
    half = min(len(record), most // 2 + (most % 2 and salt % 2))
    return sorted({*_spread(record, half, salt), *_spread(line, min(len(line), most - half), salt)})


def _spread(numbers: list[int], count: int, salt: int) -> list[int]:
    if count <= 0:
        return []
    step = len(numbers) / count
    return [numbers[int(step * index + salt * 0.618 % step) % len(numbers)] for index in range(count)]
