"""Between the console and a whole kiosk: what one of them does is seen at the other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .staff import badge_in, change_roll, leave_service
from .town_hall import Hall, a_hall
from .walk import Walk, a_rig


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    with a_rig(tmp_path_factory.mktemp("hall")) as rig, a_hall(rig) as hall:
        yield hall


def test_paper_that_runs_low_is_taken_in_the_console_and_changed_at_the_kiosk(hall: Hall) -> None:
    walk, console = hall.walk, hall.console
    change_roll(badge_in(walk))
    leave_service(walk)
    walk.kiosk.roll.printed(70_000)  # what the printer tells with each ticket, for three days of them
    hall.heartbeat()
    hall.watch_looks()
    low = f"Papier: nog {metres(walk)}"
    assert low in console.open("kiosks/")
    assert low in console.open("kiosks/alerts/") and "niemand zorgt ervoor" in console.words
    assert "aangenomen door manager" in console.press("Ik zorg ervoor")
    hall.watch_looks()
    assert "aangenomen door manager" in console.open("kiosks/alerts/")  # taken, and not over: the paper is as it was
    change_roll(badge_in(walk))
    leave_service(walk)
    hall.heartbeat()
    hall.watch_looks()
    assert "Er staat niets open" in console.open("kiosks/alerts/")
    assert metres(walk).startswith("79,") and metres(walk) in console.open("kiosks/")
    assert console.complaints == []  # the content security policy had nothing to forbid


def metres(walk: Walk) -> str:
    """What is left of the roll, as the console writes it."""
    left = walk.kiosk.roll.left_mm
    assert left is not None
    return f"{left / 1000:.1f} m".replace(".", ",")
