"""Sound as a kiosk needs it: a tone on one side, to hear that it is there; and how loud.

ALSA's own small programs do it (`aplay`, `amixer` of Debian's alsa-utils), so that no sound library lives in the
kiosk's process: a driver that hangs takes a child with it and not the kiosk.
"""

from __future__ import annotations

import array
import io
import math
import shutil
import subprocess
import wave
from enum import StrEnum

_RATE = 44_100
_SECONDS = 0.7
_HERTZ = 660.0  # in the middle of what old ears still hear well
_LOUD = 0.5
_FADE = 0.02  # seconds; a tone that begins at once clicks
_PATIENCE = 10.0  # seconds for a program that plays less than one


class Side(StrEnum):
    """Where a tone should be heard."""

    LEFT = "left"
    RIGHT = "right"
    BOTH = "both"


class SoundFault(Exception):
    """No sound: why, in a few words of the sound system's own."""


class Sound:
    """One ALSA device, and the control that makes it loud. Calls wait for the sound to end; raise SoundFault."""

    def __init__(self, device: str = "default", headset: str | None = None, control: str = "Master"):
        self._device = device
        self._headset = headset or device
        self._control = control

    def play(self, side: Side, headset: bool = False) -> None:
        """A tone on one side or both, of the loudspeakers or the headset."""
        _run(["aplay", "--quiet", "--device", self._headset if headset else self._device, "-"], tone(side))

    def set_volume(self, percent: int) -> None:
        """From 0 to 100, on a scale that sounds even."""
        _run(["amixer", "--quiet", "--mapped-volume", "-D", self._device, "sset", self._control, f"{percent}%"])


def tone(side: Side) -> bytes:
    """A WAV of two channels, silent on the other side."""
    count = int(_RATE * _SECONDS)
    left, right = side is not Side.RIGHT, side is not Side.LEFT
    samples = array.array("h")
    for index in range(count):
        fade = min(1.0, index / (_RATE * _FADE), (count - index) / (_RATE * _FADE))
        value = int(32767 * _LOUD * fade * math.sin(2 * math.pi * _HERTZ * index / _RATE))
        samples.extend((value if left else 0, value if right else 0))
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(_RATE)
        out.writeframes(samples.tobytes())
    return file.getvalue()


def _run(command: list[str], data: bytes | None = None) -> None:
    if shutil.which(command[0]) is None:
        raise SoundFault(f"{command[0]} is not installed (alsa-utils)")
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=_PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        raise SoundFault(f"{command[0]} did not end") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise SoundFault((said[-1] if said else f"{command[0]} failed")[:120])
