"""Run the simulated payment terminal until stdin closes."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import threading
import traceback
from pathlib import Path

from hardware.simulators.process import obey, report
from hardware.simulators.terminal import messages
from hardware.simulators.terminal.machine import Settings, Terminal
from hardware.simulators.terminal.wire import Line


def main(argv: list[str] | None = None) -> int:
    """Start it, say where it is, and obey. Returns 0 when stdin closes, 2 when the link cannot be made."""
    parser = argparse.ArgumentParser(prog="simulated terminal", description=__doc__)
    parser.add_argument("--link", type=Path, help="the stable path of its serial port (default: a temporary one)")
    parser.add_argument("--automatic", choices=("approve", "decline", "abort"), help="do so without a person")
    parser.add_argument("--after-ms", type=int, default=0, help="how long the automatic customer takes")
    parser.add_argument("--hurry", type=float, default=1.0, help="divide all of the terminal's waits by this")
    options = parser.parse_args(argv)

    folder = None if options.link else Path(tempfile.mkdtemp(prefix="loket-terminal-"))
    link: Path = folder / "port" if folder else options.link
    heard, wake = os.pipe()
    os.set_blocking(heard, False)
    os.set_blocking(wake, False)
    try:
        line = Line(link, heard, options.hurry)
    except OSError as problem:
        print(f"simulated terminal: {link}: {problem.strerror}", file=sys.stderr)
        return 2
    settings = Settings(automatic=options.automatic, after_ms=options.after_ms)
    terminal = Terminal(line, lambda: _wake(wake), settings, options.hurry)
    threading.Thread(target=_serve, args=(terminal,), name="terminal", daemon=True).start()
    report("ready", port=str(link), pty=line.pty, terminal_id=messages.TERMINAL_ID)
    try:
        obey(terminal.act)
    finally:
        link.unlink(missing_ok=True)
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
    return 0


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
