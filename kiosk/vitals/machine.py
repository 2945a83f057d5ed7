"""The machine under the kiosk, from the kernel's own files. `root` is "/" on a kiosk; tests hand in a folder.

A file that is not there is told apart: a sensor that this board does not have is named (`without`), a value that
should be there and cannot be read is None, which nobody takes for healthy.

Sources: proc(5); Documentation/driver-api/thermal; Raspberry Pi firmware "get_throttled" (bit 0: under-voltage now) and
the kernel's driver raspberrypi-hwmon ("rpi_volt", in0_lcrit_alarm).
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

_UNDERVOLTAGE_NOW = 0x1


@dataclass(frozen=True, slots=True)
class Vitals:
    """One look. None: not known. `without`: names of values that this machine has no sensor for."""

    boot_id: str | None
    uptime_seconds: float | None
    cpu_percent: float | None
    memory_percent: float | None
    temperature_celsius: float | None
    undervoltage: bool | None
    disk_free_bytes: int | None
    disk_total_bytes: int | None
    restart_wanted: bool
    without: tuple[str, ...]


class Machine:
    """Looks at one machine. The load is that since the look before, so keep one object for the life of the kiosk."""

    def __init__(self, folder: Path, root: Path = Path("/")):
        self._folder = folder
        self._proc = root / "proc"
        self._sys = root / "sys"
        self._restart_wanted = root / "run" / "reboot-required"
        self._cpu_before = self._cpu_times()

    def boot_id(self) -> str | None:
        """A new one each time that the machine starts."""
        text = _text(self._proc / "sys/kernel/random/boot_id")
        return text.replace("-", "")[:32] or None if text else None

    def look(self) -> Vitals:
        """Everything, in about a millisecond."""
        without = []
        temperatures = self._temperatures()
        if temperatures is None:
            without.append("temperature_celsius")
        undervoltage, has_sensor = self._undervoltage()
        if not has_sensor:
            without.append("undervoltage")
        free, total = self._disk()
        return Vitals(
            boot_id=self.boot_id(),
            uptime_seconds=self._uptime(),
            cpu_percent=self._cpu(),
            memory_percent=self._memory(),
            temperature_celsius=max(temperatures, default=None) if temperatures is not None else None,
            undervoltage=undervoltage,
            disk_free_bytes=free,
            disk_total_bytes=total,
            restart_wanted=self._restart_wanted.exists(),
            without=tuple(without),
        )

    def _uptime(self) -> float | None:
        words = (_text(self._proc / "uptime") or "").split()
        return _float(words[0]) if words else None

    def _cpu_times(self) -> tuple[int, int] | None:
        """Busy and all ticks since the start, of all processors."""
        line = (_text(self._proc / "stat") or "").splitlines()[:1]
        try:
            ticks = [int(word) for word in line[0].split()[1:9]]
        except (IndexError, ValueError):
            return None
        if len(ticks) < 5:
            return None
        idle = ticks[3] + ticks[4]  # idle, iowait
        return sum(ticks) - idle, sum(ticks)

    def _cpu(self) -> float | None:
        before, now = self._cpu_before, self._cpu_times()
        self._cpu_before = now
        if before is None or now is None:
            return None
        passed = now[1] - before[1]
        if passed <= 0:  # asked twice within a tick: the load since the start is better than none
            return _percent(now[0], now[1])
        return _percent(now[0] - before[0], passed)

    def _memory(self) -> float | None:
        sizes: dict[str, int] = {}
        for line in (_text(self._proc / "meminfo") or "").splitlines():
            name, _, rest = line.partition(":")
            words = rest.split()
            if words and words[0].isdigit():
                sizes[name] = int(words[0])
        total, available = sizes.get("MemTotal"), sizes.get("MemAvailable")
        return _percent(total - available, total) if total and available is not None else None

    def _temperatures(self) -> list[float] | None:
        """Of all zones, in °C; None where the board has none, empty where it has one that cannot be read."""
        zones = sorted(self._sys.glob("class/thermal/thermal_zone*/temp"))
        if not zones:
            return None
        milli = [_float(_text(zone) or "") for zone in zones]
        # A zone that is switched off says 0 or an absurd number.
        return [value / 1000 for value in milli if value is not None and 0 < value < 150_000]

    def _undervoltage(self) -> tuple[bool | None, bool]:
        """Whether the supply is too weak now, and whether the board can tell."""
        throttled = self._sys / "devices/platform/soc/soc:firmware/get_throttled"
        if throttled.exists():
            try:
                return bool(int((_text(throttled) or "").removeprefix("0x"), 16) & _UNDERVOLTAGE_NOW), True
            except ValueError:
                return None, True
        for name in sorted(self._sys.glob("class/hwmon/hwmon*/name")):
            if _text(name) == "rpi_volt":
                alarm = _text(name.with_name("in0_lcrit_alarm"))
                return (alarm == "1" if alarm in ("0", "1") else None), True
        return None, False

    def _disk(self) -> tuple[int | None, int | None]:
        try:
            usage = shutil.disk_usage(self._folder)
        except OSError:
            return None, None
        return usage.free, usage.total


def write_check(folder: Path) -> bool:
    """Whether a write reaches the disk of this folder."""
    probe = folder / ".write-check"
    try:
        with probe.open("wb") as file:
            file.write(b"ok")
            file.flush()
            os.fsync(file.fileno())
        probe.unlink()
    except OSError:
        return False
    return True


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return None


def _float(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _percent(part: float, whole: float) -> float | None:
    return round(min(100.0, max(0.0, 100.0 * part / whole)), 1) if whole > 0 else None
