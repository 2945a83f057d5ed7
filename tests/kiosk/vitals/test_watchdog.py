"""A kiosk says to systemd that its picture was shown, and nothing else."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.vitals.watchdog import fed


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.setblocking(False)
        yield listener


def heard(listener: socket.socket) -> list[bytes]:
    words = []
    try:
        while True:
            words.append(listener.recv(100))
    except BlockingIOError:
        return words


def test_each_picture_is_counted_first_and_then_said(systemd: socket.socket) -> None:
    seen: list[int] = []
    drawn = fed(lambda: seen.append(len(heard(systemd))), _unit(systemd))
    drawn()
    drawn()
    assert seen == [0, 1]
    assert heard(systemd) == [b"WATCHDOG=1"]


def test_a_picture_that_could_not_be_counted_is_not_said(systemd: socket.socket) -> None:
    def broken() -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        fed(broken, _unit(systemd))()
    assert heard(systemd) == []


@pytest.mark.parametrize("missing", ["NOTIFY_SOCKET", "WATCHDOG_USEC"])
def test_where_nobody_waits_for_it_nothing_is_said(systemd: socket.socket, missing: str) -> None:
    environment = {name: value for name, value in _unit(systemd).items() if name != missing}
    fed(lambda: None, environment)()
    assert heard(systemd) == []


def test_a_systemd_that_is_gone_does_not_stop_the_kiosk(systemd: socket.socket) -> None:
    seen: list[None] = []
    drawn = fed(lambda: seen.append(None), _unit(systemd))
    systemd.close()
    drawn()
    drawn()
    assert len(seen) == 2


def _unit(listener: socket.socket) -> dict[str, str]:
    return {"NOTIFY_SOCKET": listener.getsockname(), "WATCHDOG_USEC": "180000000", "WATCHDOG_PID": "1"}
