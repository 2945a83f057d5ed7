"""What is wrong with this kiosk, and what to do: one finding for each part, by looking at the part itself.

Nothing here changes a device or moves money. Each look ends by itself; the slowest is a terminal that is
silent. A part that is in use by the running kiosk cannot be looked at from here, and the finding says so.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

from kiosk import config as configuration
from kiosk.config import ConfigFault
from kiosk.doctor.backend import backend
from kiosk.doctor.devices import demo_cards, printer, smart_cards, terminal
from kiosk.doctor.finding import Finding, Verdict, fault, ok, warning
from kiosk.doctor.machine import badge_issuers, clock, disk, fonts, profile, staff, text_shaping

__all__ = ["Finding", "Verdict", "examine"]

LONGEST_LOOK = 45.0  # seconds; a wedged smart card service never answers at all

Look = tuple[str, Callable[[], Iterable[Finding]]]


def examine(config_path: Path | None, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> list[Finding]:
    """Look at everything, the slow parts at the same time. Without a configuration: at this machine alone."""
    looks: list[Look] = [
        ("fonts", lambda: [fonts()]),
        ("text", lambda: [text_shaping()]),
        ("clock", lambda: [clock(now())]),
    ]
    if config_path is None:
        remedy = "kiosk doctor --config FILE"
        found = [warning("configuration", "none was named, so no device was looked at", remedy)]
        return found + _all([*looks, ("cards", lambda: [demo_cards()])])
    try:
        config = configuration.load(config_path)
    except ConfigFault as problem:
        remedy = f"correct {problem.path}; deploy/kiosk.example.toml explains each key"
        return [fault("configuration", what, remedy) for what in problem.faults] + _all(looks)
    looks += [
        ("municipality", lambda: [profile(config.kiosk.municipality)]),
        ("journal", lambda: [disk(config.journal.folder)]),
        ("staff", lambda: [staff(config.roster_file)]),
        ("badges", lambda: badge_issuers(config.staff.badge_issuers, now())),
        ("cards", lambda: [smart_cards(config.reader.name)]),
        ("terminal", lambda: [terminal(config.terminal)]),
        ("printer", lambda: [printer(config.printer.port)]),
        (
            "backend",
            lambda: backend(config.backend.url, config.backend.key_file, config.kiosk.municipality, now),
        ),
    ]
    return [ok("configuration", f"{config_path}: {config.kiosk.name}"), *_all(looks)]


def _all(looks: list[Look]) -> list[Finding]:
    findings: dict[str, list[Finding]] = {}
    threads = []
    for part, look in looks:
        # Daemons: one that never comes back must not keep the command from ending.
        thread = threading.Thread(
            target=lambda part=part, look=look: findings.__setitem__(part, list(look())), daemon=True, name=part
        )
        thread.start()
        threads.append(thread)
    for thread in threads:
        thread.join(LONGEST_LOOK)
    silent = "ended without an answer, or gave none in time"
    return [
        finding
        for part, _ in looks
        for finding in findings.get(part, [fault(part, silent, "restart the device or the service, then look again")])
    ]
