"""The same where the line or the terminal is in disorder too.

The moments are those before and after each journal entry, and before, amid and after each write to the terminal and
after each read. `make test` takes a few of each behaviour, `make faults` more than two thousand in all.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from backend.fleet.models import Municipality

from .behaviours import DISORDERLY, Behaviour
from .power_cuts import asked_for, named, try_out


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("behaviour", DISORDERLY, ids=named)
def test_two_troubles_at_once_take_no_money_twice_and_forget_none(
    behaviour: Behaviour,
    town: Municipality,
    request: pytest.FixtureRequest,
    record_property: Callable[[str, object], None],
) -> None:
    place = DISORDERLY.index(behaviour) + 41
    faults = try_out(behaviour, place, town, asked_for(request), record_property)
    assert not faults, "\n".join(faults)
