"""A finger on the X server's glass: real pointer events through the XTEST extension, no shortcut into the program.

The window decides nothing by itself here: the pointer is moved, the program is watched until it has seen the
movement, and only then the button goes down. (SDL drops a press that comes with the pointer's first appearance.)
"""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from Xlib import X, display
from Xlib.ext import xtest

T = TypeVar("T")

FRAME_PATIENCE_SECONDS = 20.0


class DemoFailed(RuntimeError):
    """The scripted visit did not go as it should; the message says where it stood."""


@contextmanager
def virtual_screen(width: int, height: int) -> Iterator[None]:
    """An X server of this size on a free display, for this process and what it starts."""
    program = shutil.which("Xvfb")
    if program is None:
        raise DemoFailed("Xvfb is not installed (Debian: xvfb)")
    reading, writing = os.pipe()
    server = subprocess.Popen(
        [program, "-displayfd", str(writing), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp", "-noreset"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as said:
            number = said.readline().strip()  # ends when the server is ready, or has died
        if not number:
            raise DemoFailed("Xvfb did not start")
        os.environ.update({"DISPLAY": f":{number}", "SDL_VIDEODRIVER": "x11"})
        yield
    finally:
        server.terminate()
        server.wait(timeout=10)


def on_screen(call: Callable[[], T]) -> T:
    """Run this on the screen's thread, behind its next frame, and return what it returned."""
    from kivy.clock import Clock

    done = threading.Event()
    results: list[T] = []

    def run(_elapsed: float) -> None:
        results.append(call())
        done.set()

    Clock.schedule_once(run, 0)
    if not done.wait(FRAME_PATIENCE_SECONDS):
        raise DemoFailed("the screen does not draw any more")
    return results[0]


class Finger:
    """Touches the window of this process."""

    def __init__(self) -> None:
        self._display: Any = display.Display()

    def touch(self, x: float, y: float) -> None:
        """Press and release at a place in window pixels, counted from the lower left as Kivy does."""
        from kivy.core.window import Window

        left, top = round(x), round(Window.height - y)
        xtest.fake_input(self._display, X.MotionNotify, x=left + int(Window.left), y=top + int(Window.top))
        self._display.sync()
        self._wait_until(lambda: abs(Window.mouse_pos[0] - left) <= 2 and abs(Window.mouse_pos[1] - y) <= 2)
        xtest.fake_input(self._display, X.ButtonPress, 1)
        self._display.sync()
        on_screen(lambda: None)  # one frame, in which the button lights up
        xtest.fake_input(self._display, X.ButtonRelease, 1)
        self._display.sync()

    def close(self) -> None:
        """Leave the X server."""
        self._display.close()

    def _wait_until(self, holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + FRAME_PATIENCE_SECONDS
        while not on_screen(holds):
            if time.monotonic() > deadline:
                raise DemoFailed("the window does not see the pointer")
