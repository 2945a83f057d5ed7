"""A whole visit on simulated devices, over the real protocols.

Without --headless a window opens: the kiosk, and a dock with cards, terminal and printer to play with. With it, a
scripted visit is driven by real touches on a virtual screen; pictures, the ticket and a summary land in --out.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from kiosk import logs
from kiosk.commands import BadInput, print_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """--headless, --out, --json."""
    parser.add_argument("--headless", action="store_true", help="drive a scripted visit on a virtual screen")
    parser.add_argument("--out", type=Path, default=Path("out/demo"), help="where pictures and the summary go")
    parser.add_argument("--in-process", action="store_true", help="reach the card without pcscd")
    parser.add_argument("--height", type=int, default=1000, help="of the window, in pixels (not with --headless)")
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")


def run(arguments: argparse.Namespace) -> int:
    """0 when the whole visit happened; 1 when it did not; 2 for what cannot be used."""
    if not arguments.headless and not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
        raise BadInput("there is no screen here; `kiosk demo --headless --out DIR` needs none")
    out: Path = arguments.out
    try:
        out.mkdir(parents=True, exist_ok=True)
        for old in (*out.glob("screen-*.png"), out / "ticket.png", out / "summary.json"):
            old.unlink(missing_ok=True)
    except OSError as problem:
        raise BadInput(f"--out {out}: {problem.strerror}") from None
    with tempfile.TemporaryDirectory(prefix="loket-demo-") as folder:
        if arguments.headless:
            return _scripted(Path(folder), out, arguments)
        return _by_hand(Path(folder), arguments)


def _by_hand(folder: Path, arguments: argparse.Namespace) -> int:
    from kiosk.demo.rig import Rig

    with Rig(folder, pcsc=not arguments.in_process) as rig:
        logs.configure(rig.config.logs.folder)
        print(f"card: {rig.card_transport}; backend: {rig.backend.ready['url']}", file=sys.stderr)
        from kiosk.demo.stage import DemoWindow

        DemoWindow(rig, height=arguments.height).run()
    return 0


def _scripted(folder: Path, out: Path, arguments: argparse.Namespace) -> int:
    from hardware.simulators.process import SimulatorFailed
    from kiosk.demo.finger import DemoFailed, virtual_screen
    from kiosk.demo.rig import Rig

    width, height = 2052, 1920  # the kiosk's 1080 and the dock beside it
    try:
        with virtual_screen(width, height), Rig(folder, pcsc=not arguments.in_process) as rig:
            logs.configure(out)
            from kiosk.demo.script import play

            summary = play(rig, out)
    except (DemoFailed, SimulatorFailed) as problem:
        print(f"kiosk demo: {problem}", file=sys.stderr)
        return 1
    if arguments.json:
        print_json(summary)
    else:
        print(
            f"ticket {summary['ticket_code']}: {summary['total_cents'] / 100:.2f} euros {summary['payment']}, "
            f"{summary['synced']} entries at the backend, {summary['apdus']} APDUs ({summary['card_transport']}), "
            f"machine time {summary['machine_ms']:.0f} ms; pictures, ticket and summary in {out}"
        )
    complete = summary["payment"] == "paid" and summary["synced"] > 0 and not summary["dead_letters"]
    return 0 if complete else 1
