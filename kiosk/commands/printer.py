"""The ticket printer, by hand: what it says of itself, and a test page.

Exit 0: ready, or the page is out. 1: it is not. 2: the address cannot be used.
"""

from __future__ import annotations

import argparse
from typing import Any

from hardware.printer import (
    MODEL_58_MM,
    MODEL_80_MM,
    MODELS,
    Disconnected,
    Encoder,
    Link,
    Outcome,
    Printer,
    Ready,
    ShapingMissing,
    Status,
    TextRasteriser,
    Trouble,
    link_to,
    read_status,
)
from hardware.printer.sample import sample_page
from kiosk.commands import BadInput, print_json

_MODELS = {80: MODEL_80_MM, 58: MODEL_58_MM}

_WORDS: dict[Trouble, str] = {
    Trouble.PAPER_OUT: "out of paper: put in a roll",
    Trouble.COVER_OPEN: "the cover is open: close it",
    Trouble.CUTTER_ERROR: "the knife is stuck: open the cover and free it",
    Trouble.ERROR: "an error: switch it off and on; if it stays, call service",
    Trouble.OVERHEATED: "too hot: it goes on by itself",
    Trouble.DISCONNECTED: "no connection",
    Trouble.SILENT: "connected, but it does not answer",
    Trouble.GARBLED: "connected, but what it answers is no status: is this a printer, at this speed?",
    Trouble.OFFLINE: "offline without a cause: is somebody holding the feed button?",
    Trouble.UNFINISHED: "it did not confirm the end of the page",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`status` and `test`."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="status | test")
    for name, purpose in (("status", "ask the printer, and change nothing"), ("test", "print a test page")):
        action = actions.add_parser(name, help=purpose)
        action.add_argument(
            "--port", required=True, help="tcp://HOST:9100, serial:/dev/ttyUSB0?baud=115200 or /dev/usb/lp0"
        )
        action.add_argument("--json", action="store_true", help="one JSON object")
        if name == "test":
            action.add_argument("--width", type=int, choices=sorted(_MODELS), default=80, help="the paper, in mm")
            action.add_argument("--model", choices=sorted(MODELS), help="the printer; unset, the usual one")


def run(arguments: argparse.Namespace) -> int:
    """Run one of them."""
    try:
        link = link_to(arguments.port)
    except ValueError as problem:
        raise BadInput(str(problem)) from problem
    if arguments.action == "status":
        return _status(link, arguments.port, arguments.json)
    return _test(link, arguments)


def _status(link: Link, port: str, as_json: bool) -> int:
    status = read_status(link)
    details: dict[str, Any] = {"port": port, "ready": isinstance(status, Ready), "status": _name(status)}
    if isinstance(status, Ready):
        details["paper_low"] = status.paper_low
    if isinstance(status, Disconnected):
        details["why"] = str(status.why)
    if as_json:
        print_json(details)
    else:
        print(_sentence(status))
    return 0 if isinstance(status, Ready) else 1


def _test(link: Link, arguments: argparse.Namespace) -> int:
    model = MODELS[arguments.model] if arguments.model else _MODELS[arguments.width]
    try:
        printer = Printer(link, Encoder(TextRasteriser(model.geometry), model))
    except ShapingMissing as problem:
        raise BadInput(str(problem)) from problem
    try:
        result = printer.print(sample_page(model.geometry, f"{arguments.width} mm, {model.profile}"))
    finally:
        printer.close()
    out = result.outcome is Outcome.OUT
    if arguments.json:
        print_json({"port": arguments.port, "outcome": result.outcome, "reason": result.reason})
    elif out:
        print("the test page is out")
    else:
        assert result.reason is not None, "only OUT has no reason"
        certainty = "nothing was printed" if result.outcome is Outcome.NOT_OUT else "some of it may be on paper"
        print(f"{certainty}: {_WORDS[result.reason]}")
    return 0 if out else 1


def _name(status: Status) -> str:
    return "ready" if status.trouble is None else status.trouble.value


def _sentence(status: Status) -> str:
    if isinstance(status, Ready):
        return "ready, but the roll ends soon" if status.paper_low else "ready"
    sentence = _WORDS[status.trouble]
    return f"{sentence} ({status.why})" if isinstance(status, Disconnected) else sentence
