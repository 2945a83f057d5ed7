"""Asks the window for a picture now and then, and tells of each one that was shown.

Kivy draws only when something changed, so a welcome screen that is well and one that hangs look the same from within.
Asking for a frame and waiting for its flip tells them apart.
"""

from __future__ import annotations

from collections.abc import Callable

from kivy.clock import Clock


def watch_frames(drawn: Callable[[], None], every: float) -> Callable[[], None]:
    """Call `drawn` after each flip, which comes at least every so many seconds. On the screen's thread.

    Returns what ends it.
    """
    from kivy.core.window import Window

    flips = Window.fbind("on_flip", lambda *_: drawn())
    asking = Clock.schedule_interval(lambda _elapsed: Window.canvas.ask_update(), every)

    def end() -> None:
        Window.unbind_uid("on_flip", flips)
        asking.cancel()

    return end
