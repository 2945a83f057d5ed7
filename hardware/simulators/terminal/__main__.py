"""Run the simulated payment terminal until stdin closes."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import threading
import traceback
from pathlib import Path
from typing import Any

from hardware.simulators.process import obey, report
from hardware.simulators.terminal import messages
from hardware.simulators.terminal.cable import Cable, PtyCable, TcpCable
from hardware.simulators.terminal.ledger import Ledger
from hardware.simulators.terminal.machine import Terminal
from hardware.simulators.terminal.settings import AUTOMATIC, Settings
from hardware.simulators.terminal.wire import SerialLine, TcpLine


def main(argv: list[str] | None = None) -> int:
    """Start it, say where it is, and obey. Returns 0 when stdin closes, 130 at Ctrl-C, 2 for what cannot be had."""
    parser = argparse.ArgumentParser(
        prog="simulate terminal",
        description="a simulated ZVT payment terminal; moved by JSON lines on stdin",
        epilog="names of --set, and what it obeys on stdin: `pydoc hardware.simulators.terminal`",
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--link", type=Path, help="the stable path of its serial port (default: a temporary one)")
    where.add_argument("--tcp", type=int, metavar="PORT", help="a loopback TCP port in place of it; 0 takes a free one")
    parser.add_argument("--automatic", choices=AUTOMATIC, help="do so without a person")
    parser.add_argument("--after-ms", type=int, default=0, help="how long the automatic customer takes")
    parser.add_argument("--hurry", type=float, default=1.0, help="divide all of the terminal's waits by this")
    parser.add_argument(
        "--store", type=Path, help="keep the turnover store in this file; one that is there is taken up"
    )
    parser.add_argument("--noise", type=float, default=0.0, metavar="RATE", help="the line's bit error rate")
    parser.add_argument("--seed", type=int, default=0, help="the same noise each time")
    parser.add_argument("--byte-by-byte", action="store_true", help="deliver each byte on its own")
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="a setting; VALUE is JSON or text"
    )
    options = parser.parse_args(argv)
    if options.hurry <= 0 or not 0 <= options.noise < 1:
        parser.error("--hurry is more than 0, --noise between 0 and 1")

    folder = Path(tempfile.mkdtemp(prefix="loket-terminal-")) if options.link is options.tcp is None else None
    try:
        return _run(options, folder)
    except OSError as problem:
        print(f"simulated terminal: {problem.filename or options.tcp}: {problem.strerror}", file=sys.stderr)
        return 2
    except ValueError as problem:
        print(f"simulated terminal: {problem}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def _run(options: argparse.Namespace, folder: Path | None) -> int:
    settings = Settings(automatic=options.automatic, after_ms=options.after_ms)
    for setting in options.set:
        name, _, value = setting.partition("=")
        settings.change(name, _value(value))
    ledger = Ledger(receipt=230, trace=41, store=options.store)
    heard, wake = os.pipe()
    os.set_blocking(heard, False)
    os.set_blocking(wake, False)
    cable: Cable
    if options.tcp is not None:
        cable = TcpCable(options.tcp)
        line: SerialLine | TcpLine = TcpLine(cable, heard, options.hurry, options.seed)
    else:
        cable = PtyCable(folder / "port" if folder else options.link)
        line = SerialLine(cable, heard, options.hurry, options.seed)
    line.faults.bit_error_rate = options.noise
    line.faults.byte_by_byte = options.byte_by_byte
    terminal = Terminal(line, lambda: _wake(wake), settings, options.hurry, ledger)
    threading.Thread(target=_serve, args=(terminal,), name="terminal", daemon=True).start()
    report("ready", port=cable.port, pty=cable.device, terminal_id=messages.TERMINAL_ID)
    try:
        obey(terminal.act)
    finally:
        if isinstance(cable, PtyCable):
            cable.remove()
    return 0


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _serve(terminal: Terminal) -> None:
    try:
        terminal.run()
    finally:  # it never ends but by a mistake in it, which must not look like a silent terminal
        traceback.print_exc()
        os._exit(1)


def _wake(pipe: int) -> None:
    try:
        os.write(pipe, b"!")
    except BlockingIOError:  # full: it is awake already
        return


if __name__ == "__main__":
    sys.exit(main())
