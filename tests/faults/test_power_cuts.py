"""A kiosk that loses its power at any moment of a payment, with any orderly terminal, and is started again.

The moments are those before and after each journal entry, and before, amid and after each write to the terminal and
after each read. `make test` takes a few of each behaviour, `make faults` more than two thousand in all.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from backend.fleet.models import Municipality

from .behaviours import ORDERLY, Behaviour
from .power_cuts import asked_for, named, try_out


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("behaviour", ORDERLY, ids=named)
def test_money_is_never_taken_twice_and_never_forgotten(
    behaviour: Behaviour,
    town: Municipality,
    request: pytest.FixtureRequest,
    record_property: Callable[[str, object], None],
) -> None:
    place = ORDERLY.index(behaviour)
    faults = try_out(behaviour, place, town, asked_for(request), record_property)
    assert not faults, "\n".join(faults)
