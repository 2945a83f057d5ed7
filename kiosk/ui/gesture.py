"""The way into service mode that nobody finds by chance: a finger that rests on the town's shield."""

from __future__ import annotations

from collections.abc import Callable

HOLD_SECONDS = 4.0  # a hand that leans on the corner moves, and a child gives up sooner
SHIELD_UNITS = 160  # of the design: the shield, and the margin around it


class Hold:
    """One finger that rests. `clock` is monotonic seconds; `held` is called once a rest is long enough."""

    def __init__(self, clock: Callable[[], float], held: Callable[[], None]):
        self._clock = clock
        self._held = held
        self._finger: object = None
        self._since = 0.0

    def begin(self, finger: object) -> None:
        """A finger is down on the shield."""
        self._finger, self._since = finger, self._clock()

    def end(self, finger: object) -> None:
        """It is up, or has left the shield."""
        if finger == self._finger:
            self._finger = None

    def look(self) -> None:
        """Called now and then while it rests, and when it is lifted."""
        if self._finger is not None and self._clock() - self._since >= HOLD_SECONDS:
            self._finger = None
            self._held()
