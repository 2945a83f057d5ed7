"""The machine's own files, as three boards have them: a PC, a Raspberry Pi, and one that says nothing useful."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.vitals.machine import Machine, write_check


def board(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


PROC = {
    "proc/sys/kernel/random/boot_id": "4f1c3a5e-0d0b-4d9b-a1f5-7c3f1a9b2c3d\n",
    "proc/uptime": "8123.45 30012.10\n",
    "proc/stat": "cpu  100 0 50 800 50 0 0 0 0 0\ncpu0 100 0 50 800 50 0 0 0 0 0\n",
    "proc/meminfo": "MemTotal:        4000000 kB\nMemFree:  100 kB\nMemAvailable:    3000000 kB\n",
}


def test_a_pc_says_what_it_has_and_names_what_it_has_not(tmp_path: Path) -> None:
    root = board(tmp_path, PROC | {"sys/class/thermal/thermal_zone0/temp": "48500\n"})
    machine = Machine(tmp_path, root)
    board(root, {"proc/stat": "cpu  160 0 60 820 60 0 0 0 0 0\n"})  # 100 ticks later, 70 of them busy
    seen = machine.look()
    assert (seen.boot_id, seen.uptime_seconds) == ("4f1c3a5e0d0b4d9ba1f57c3f1a9b2c3d", 8123.45)
    assert (seen.cpu_percent, seen.memory_percent, seen.temperature_celsius) == (70.0, 25.0, 48.5)
    assert (seen.undervoltage, seen.without) == (None, ("undervoltage",))
    assert seen.disk_free_bytes and seen.disk_total_bytes and seen.disk_free_bytes <= seen.disk_total_bytes


@pytest.mark.parametrize(
    ("files", "undervoltage"),
    [
        ({"sys/devices/platform/soc/soc:firmware/get_throttled": "50005\n"}, True),  # now, and throttled
        ({"sys/devices/platform/soc/soc:firmware/get_throttled": "0x50000\n"}, False),  # since the start, not now
        ({"sys/devices/platform/soc/soc:firmware/get_throttled": "?\n"}, None),
        ({"sys/class/hwmon/hwmon1/name": "rpi_volt\n", "sys/class/hwmon/hwmon1/in0_lcrit_alarm": "1\n"}, True),
        ({"sys/class/hwmon/hwmon1/name": "rpi_volt\n", "sys/class/hwmon/hwmon1/in0_lcrit_alarm": "0\n"}, False),
        ({"sys/class/hwmon/hwmon1/name": "rpi_volt\n"}, None),
    ],
)
def test_a_raspberry_pi_tells_of_a_weak_supply(
    tmp_path: Path, files: dict[str, str], undervoltage: bool | None
) -> None:
    seen = Machine(tmp_path, board(tmp_path, PROC | files)).look()
    assert (seen.undervoltage, "undervoltage" in seen.without) == (undervoltage, False)


def test_the_hottest_zone_counts_and_one_that_is_off_does_not(tmp_path: Path) -> None:
    zones = {f"sys/class/thermal/thermal_zone{n}/temp": t for n, t in enumerate(("0\n", "61000\n", "55000\n", "x\n"))}
    assert Machine(tmp_path, board(tmp_path, PROC | zones)).look().temperature_celsius == 61.0


def test_a_zone_that_cannot_be_read_is_not_known_rather_than_not_there(tmp_path: Path) -> None:
    seen = Machine(tmp_path, board(tmp_path, PROC | {"sys/class/thermal/thermal_zone0/temp": "x\n"})).look()
    assert seen.temperature_celsius is None and "temperature_celsius" not in seen.without


@pytest.mark.parametrize("rubbish", ["", "\n", "cpu\n", "MemTotal: kB\n", "\x00\x00"])
def test_files_without_sense_are_values_that_are_not_known(tmp_path: Path, rubbish: str) -> None:
    seen = Machine(tmp_path, board(tmp_path, dict.fromkeys(PROC, rubbish))).look()
    assert (seen.uptime_seconds, seen.cpu_percent, seen.memory_percent) == (None, None, None)


def test_a_machine_without_any_of_these_files_is_not_known(tmp_path: Path) -> None:
    seen = Machine(tmp_path / "gone", tmp_path).look()
    assert (seen.boot_id, seen.cpu_percent, seen.memory_percent, seen.disk_free_bytes) == (None, None, None, None)


def test_the_machine_says_that_it_wants_a_restart(tmp_path: Path) -> None:
    assert not Machine(tmp_path, board(tmp_path, PROC)).look().restart_wanted
    assert Machine(tmp_path, board(tmp_path, {"run/reboot-required": ""})).look().restart_wanted


def test_a_write_is_checked_by_writing(tmp_path: Path) -> None:
    assert write_check(tmp_path) and list(tmp_path.iterdir()) == []
    assert not write_check(tmp_path / "not there")
