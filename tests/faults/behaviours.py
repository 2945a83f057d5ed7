"""What a terminal does while a kiosk pays and loses its power: one line each, in the simulator's own words."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from hardware.simulators.terminal.settings import STAGES
from hardware.terminal.zvt.commands import Receipts


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One terminal, and the parent in front of it.

    `settings` and `orders` are the simulator's; `at_restart` is what a person does to it before the kiosk starts again.
    `script` and `receipts` are `kiosk.Plan`'s.
    """

    name: str
    settings: tuple[tuple[str, Any], ...] = ()
    orders: tuple[dict[str, Any], ...] = ()
    at_restart: tuple[str, ...] = ()
    script: str = "pay"
    receipts: Receipts = Receipts.BLOCKS
    arguments: tuple[str, ...] = ()
    tcp: bool = False
    when_ready: bool = False  # the orders are given when the kiosk is about to pay, and not before its first question
    new: bool = False  # the terminal has never booked anything

    @property
    def command_line(self) -> tuple[str, ...]:
        """For the simulator."""
        given = {"automatic": "approve"} | dict(self.settings)
        words = list(self.arguments)
        for name, value in given.items():
            words += ["--set", f"{name}={json.dumps(value)}"]
        return tuple(words)


def _set(name: str, **settings: Any) -> Behaviour:
    return Behaviour(name, tuple(settings.items()))


def _do(name: str, *orders: dict[str, Any], **settings: Any) -> Behaviour:
    return Behaviour(name, tuple(settings.items()), orders)


def _line(name: str, fault: str, count: int) -> Behaviour:
    return Behaviour(name, orders=({"do": fault, "count": count},), when_ready=True)


def _at(stage: str, fault: str) -> dict[str, Any]:
    return {"do": "at", "stage": stage, "fault": fault, "ms": 150}


_KEEPS = {"reverses_by_itself": False}
_AT_ONCE = ("late_ms", 0)

# A line that carries what is said, and a terminal that does what the specification says.
ORDERLY: tuple[Behaviour, ...] = (
    _set("approve"),
    Behaviour("approve over TCP", tcp=True),
    Behaviour("approve with print lines", receipts=Receipts.LINES),
    Behaviour("approve without receipts", receipts=Receipts.FROM_STATUS),
    _set("approve, and the receipt must be printed", must_print=True),
    _set("decline", automatic="decline"),
    _set("decline with another code", automatic="decline", decline_code=0x33),
    _set("decline without a receipt", automatic="decline", prints_declines=False),
    _set("decline, and the receipt must be printed", automatic="decline", must_print=True),
    _set("abort by the customer", automatic="abort"),
    _set("no customer at all", automatic=None, card_wait=8.0),
    _set("wrong PIN, then right", automatic="wrong_pin_then_right"),
    _set("slow PIN", automatic="slow_pin"),
    _set("refuses to begin", refuse=0x83),
    _set("status without an amount", omits=["amount"]),
    _set("status without numbers", omits=["receipt", "trace"]),
    _set("status without a trace number", omits=["trace"]),
    _set("status without a time", omits=["time"]),
    _set("status without the terminal's id", omits=["terminal_id"]),
    _set("long trace numbers", long_trace=True),
    _set("a second status, the same", second_status="same"),
    _set("a second status, a reversal", second_status="reversal"),
    _set("does not hear the answer, and reverses", loses_answer=True),
    _set("does not hear the answer, and keeps the money", loses_answer=True, **_KEEPS),
    _set("keeps the money of a kiosk that is gone", **_KEEPS),
    _set("completion lost", loses_completion=True),
    _set("completion lost, remembers successes", loses_completion=True, remembers="success"),
    _set("completion lost, remembers nothing", loses_completion=True, remembers="nothing"),
    _set("silence after approval", silent_after_approval=True),
    _set("silence after approval, remembers nothing", silent_after_approval=True, remembers="nothing"),
    _set("silence after approval, keeps all money", silent_after_approval=True, **_KEEPS),
    Behaviour("cancelled on the screen", (("automatic", None),), script="cancel"),
    Behaviour("cancelled, frames come late", (("automatic", None), ("late_after_abort", "frames")), script="cancel"),
    Behaviour(
        "cancelled, and the card was quicker", (("automatic", None), ("late_after_abort", "approval")), script="cancel"
    ),
    *(
        Behaviour(
            f"{no}, and yes after it{what}{where}", (*how, *settings, ("approves_late", True), _AT_ONCE), script=script
        )
        for no, how, first in (
            ("decline", (("automatic", "decline"),), ""),
            ("abort by the customer", (("automatic", "abort"),), ""),
            ("cancelled on the screen", (("automatic", None),), "cancel, "),
        )
        for what, settings in (
            ("", ()),
            (", keeps the money", (("heeds_refusal", False), *_KEEPS.items())),
        )
        for where, script in (("", f"{first}late"), (", the parent is gone", f"{first}late, and the parent is gone"))
        if first != "cancel, " or what
    ),
    Behaviour("no ticket, and the money goes back", script="money back"),
    Behaviour("no ticket, and no reversal", (("reverses", "never"),), script="money back"),
    Behaviour("no ticket, reversal forgotten", (("remembers", "nothing"),), script="money back"),
    Behaviour("end of day", script="day"),
    Behaviour("end of day with another total", (("totals_off_cents", 100),), script="day"),
    Behaviour("end of day refused", (("refuse_end_of_day", 0x77),), script="day"),
    Behaviour("end of day without totals", (("omits", ["totals", "amount"]),), script="day"),
)

# A line that does not, or a terminal that restarts, falls silent or loses its cable.
DISORDERLY: tuple[Behaviour, ...] = (
    _line("one ACK lost", "lost_ack", 1),
    _line("four ACKs lost", "lost_ack", 4),
    _line("ten ACKs lost", "lost_ack", 10),
    _line("frames twice", "duplicate", 30),
    _line("three frames damaged", "damage", 3),
    _line("eight frames damaged", "damage", 8),
    Behaviour("noise", arguments=("--noise", "0.0003", "--seed", "1")),
    Behaviour("much noise", arguments=("--noise", "0.002", "--seed", "2")),
    Behaviour("much noise, keeps the money", tuple(_KEEPS.items()), arguments=("--noise", "0.002", "--seed", "3")),
    Behaviour("byte by byte", arguments=("--byte-by-byte",)),
    *(_do(f"restarts: {stage}", _at(stage, "reboot")) for stage in STAGES if stage != "completed"),
    *(
        _do(f"restarts and keeps the money: {stage}", _at(stage, "reboot"), **_KEEPS)
        for stage in ("approved", "answered", "captured")
    ),
    *(
        Behaviour(f"new, restarts: {stage}", orders=(_at(stage, "reboot"),), new=True)
        for stage in ("card", "approved", "captured")
    ),
    *(
        _do(f"silent for good: {stage}", _at(stage, "silence"))
        for stage in ("accepted", "card", "approved", "captured")
    ),
    *(
        Behaviour(f"silent until later: {stage}", (), (_at(stage, "silence"),), ("speak",))
        for stage in ("accepted", "host", "approved", "answered", "captured", "printed")
    ),
    *(
        Behaviour(f"unplugged until later: {stage}", (), (_at(stage, "unplug"),), ("plug",))
        for stage in ("accepted", "pin", "approved", "answered", "captured", "printed")
    ),
    *(
        Behaviour(f"hears nothing: {stage}", (), (_at(stage, "deaf"),), ("speak",))
        for stage in ("accepted", "host", "approved", "captured")
    ),
)
