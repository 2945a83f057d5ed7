"""One simulated device on its own: `kiosk simulate card|terminal|printer …`, moved by JSON lines on stdin.

Each speaks its real protocol; `kiosk simulate DEVICE --help` tells where it listens and what it obeys.
"""

from __future__ import annotations

import argparse
import importlib

DEVICES = ("card", "terminal", "printer")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The device; what stands behind it is the simulator's own."""
    parser.add_argument("device", choices=DEVICES)
    parser.add_argument("rest", nargs=argparse.REMAINDER, help="the simulator's own arguments")


def run(arguments: argparse.Namespace) -> int:
    """Run until stdin closes."""
    module = importlib.import_module(f"hardware.simulators.{arguments.device}.__main__")
    return int(module.main(arguments.rest))
