"""The kiosk: opens its screen and serves until it is told to end.

It has to be enrolled once before: see `kiosk enrol`.
"""

from __future__ import annotations

import argparse
import os
import signal
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from kiosk import logs
from kiosk.commands import BadInput
from kiosk.config import ConfigFault, KioskConfig, load

if TYPE_CHECKING:
    from kiosk.app import Kiosk
    from kiosk.ui.bridge import Bridge

CRASHED = 70  # EX_SOFTWARE: systemd starts the kiosk again, and start-up recovers


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """--config."""
    parser.add_argument("--config", type=Path, required=True, help="the kiosk's configuration (TOML)")


def run(arguments: argparse.Namespace) -> int:
    """0 after an orderly end, 70 after a fault in the program, 2 for a configuration that cannot be used."""
    try:
        config = load(arguments.config)
        logs.configure(config.logs.folder, config.logs.level)
    except ConfigFault as problem:
        raise BadInput(str(problem)) from None
    except OSError as problem:
        raise BadInput(f"logs.folder: {problem.strerror}") from None
    return _serve(config)


def _serve(config: KioskConfig) -> int:
    from kiosk.app import Kiosk, NotEnrolled
    from kiosk.journal import JournalError
    from kiosk.profiles import ProfileNotFound
    from kiosk.sync.enrol import IdentityFileError
    from kiosk.sync.keys import KeyFileError
    from kiosk.ui import toolkit

    toolkit.size_window(config.screen.width, config.screen.height, config.screen.fullscreen)
    from kiosk.ui.bridge import Bridge
    from kiosk.ui.shaping import TextUnavailable

    bridge = Bridge()
    try:
        kiosk = Kiosk(config, bridge.show, show_staff=bridge.show)
    except NotEnrolled:
        raise BadInput("this kiosk is not enrolled; `kiosk enrol --config FILE CODE` joins the backend") from None
    except (ProfileNotFound, KeyFileError, IdentityFileError, JournalError, OSError, ValueError) as problem:
        raise BadInput(str(problem)) from None
    try:
        _open_window(kiosk, bridge, config.screen.fullscreen)
    except TextUnavailable as problem:
        raise BadInput(str(problem)) from None
    except JournalError as problem:
        raise BadInput(f"the journal cannot be used: {problem}") from None
    return CRASHED if kiosk.core.crashed.is_set() else os.EX_OK


def _open_window(kiosk: Kiosk, bridge: Bridge, fullscreen: bool) -> None:
    from kivy.app import App
    from kivy.clock import Clock

    from kiosk.text import texts
    from kiosk.ui.pulse import watch_frames
    from kiosk.ui.window import KioskView, run_window
    from kiosk.vitals.frames import PULSE_SECONDS
    from kiosk.vitals.watchdog import fed

    screen = KioskView(kiosk.post, texts)

    def end(_signal: int = 0, _frame: FrameType | None = None) -> None:
        Clock.schedule_once(lambda _elapsed: App.get_running_app().stop(), 0)

    def begin() -> None:
        bridge.connect(screen)
        kiosk.start()
        watch_frames(fed(kiosk.frames.drawn), PULSE_SECONDS)
        Clock.schedule_interval(lambda _elapsed: end() if _is_over(kiosk) else None, 1.0)

    signal.signal(signal.SIGTERM, end)
    try:
        run_window(screen, None, begin, fullscreen)
    finally:
        kiosk.stop()


def _is_over(kiosk: Kiosk) -> bool:
    """After a crash, for other rules, or because people want it: what keeps it running (systemd) starts it again."""
    return kiosk.core.crashed.is_set() or kiosk.restart_due or kiosk.restart_wanted.is_set()
