"""The board of faults: what is unknown holds, and what is heard last is true."""

from __future__ import annotations

import threading

from kiosk.health import UNKNOWN_AT_START, Health
from kiosk.visit.events import Fault, HealthChanged


def test_what_no_part_has_reported_holds() -> None:
    heard: list[HealthChanged] = []
    Health(heard.append).announce()
    assert heard == [HealthChanged(UNKNOWN_AT_START)]


def test_only_a_change_is_told() -> None:
    heard: list[HealthChanged] = []
    health = Health(heard.append)
    health.report(reader=False)
    health.report(reader=False)
    assert heard == [HealthChanged(frozenset({Fault.PRINTER, Fault.TERMINAL}))]


def test_two_parts_that_report_at_once_are_heard_in_order() -> None:
    """Seen: the printer's report overtook the terminal's, and the kiosk went on without a terminal that was well."""
    heard: list[HealthChanged] = []
    others: list[threading.Thread] = []

    def changed(event: HealthChanged) -> None:
        if not others:  # in the middle of the first report, another part reports
            others.append(threading.Thread(target=lambda: health.report(terminal=False)))
            others[0].start()
            others[0].join(timeout=0.3)
        heard.append(event)

    health = Health(changed)
    health.report(printer=False)
    others[0].join()
    assert heard[-1] == HealthChanged(health.faults) == HealthChanged(frozenset({Fault.READER}))
