"""Sound and light: a tone on one side and silence on the other, and a machine that has neither says so."""

from __future__ import annotations

import array
import io
import wave
from pathlib import Path

import pytest

from kiosk.devices.panel import LEAST, Backlight
from kiosk.devices.sound import Side, Sound, SoundFault, tone


def loudest(data: bytes) -> tuple[int, int]:
    with wave.open(io.BytesIO(data)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (2, 2)
        samples = array.array("h", file.readframes(file.getnframes()))
    return max(samples[0::2]), max(samples[1::2])


@pytest.mark.parametrize(("side", "left", "right"), [(Side.LEFT, 1, 0), (Side.RIGHT, 0, 1), (Side.BOTH, 1, 1)])
def test_a_tone_is_heard_where_it_should_be_and_nowhere_else(side: Side, left: int, right: int):
    heard = loudest(tone(side))
    assert [level > 10_000 for level in heard] == [bool(left), bool(right)]
    assert all(level == 0 for level, there in zip(heard, (left, right), strict=True) if not there)


def program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_a_machine_without_sound_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SoundFault, match="not installed"):
        Sound().play(Side.LEFT)
    program(tmp_path, "aplay", "echo 'no soundcards found...' >&2; exit 1")
    with pytest.raises(SoundFault, match="no soundcards found"):
        Sound().play(Side.LEFT)


def test_the_volume_goes_to_the_control_of_the_device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    program(tmp_path, "amixer", f'echo "$@" > {tmp_path}/said')
    monkeypatch.setenv("PATH", str(tmp_path))
    Sound("hw:1", control="Speaker").set_volume(40)
    assert (tmp_path / "said").read_text().split()[-4:] == ["hw:1", "sset", "Speaker", "40%"]


def test_the_panel_is_as_bright_as_it_should_be_and_never_dark(tmp_path: Path):
    (tmp_path / "max_brightness").write_text("255\n")
    for percent, value in ((100, 255), (40, 102), (0, round(255 * LEAST / 100))):
        Backlight(tmp_path).set_brightness(percent)
        assert (tmp_path / "brightness").read_text() == f"{value}\n"
