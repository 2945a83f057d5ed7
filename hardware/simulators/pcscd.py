"""A private pcscd with a virtual reader, beside whatever pcscd the machine runs.

pcscd has one fixed socket and one fixed pid file under /run/pcscd. Three things make a second one possible:

- *Its socket* is handed in as systemd would do it (LISTEN_FDS, descriptor 3), so it may lie anywhere; clients find
  it by PCSCLITE_CSOCK_NAME, which libpcsclite reads once, before its first context.
- *Its /run* is a tmpfs of its own, in a mount namespace of its own: without that it would delete the pid file of the
  machine's pcscd when it ends, and an ordinary user's could not start at all. An ordinary user gets the mount namespace
  through a user namespace. Where namespaces are forbidden, root goes without when no other pcscd has a pid file.
- *Its readers* come from one configuration file with a vpcd entry on a free pair of ports for each (vpcd has two slots,
  which pcscd shows as two readers). The driver keeps its slots in static memory, so every further reader gets a copy
  of its file, which the loader takes for another library.

It runs under a small supervisor process (this module as `__main__`), which ends with its owner's stdin and takes pcscd
with it. vpcd listens on all addresses of the machine; that is not ours to change, and why it runs only for tests and
demonstrations.
"""

from __future__ import annotations

import argparse
import atexit
import contextlib
import functools
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

from hardware.simulators.process import SimulatorFailed, SimulatorProcess, obey, report

READER_NAME = "Loket virtual reader"
SOCKET_VARIABLE = "PCSCLITE_CSOCK_NAME"

_DRIVERS = (
    "/usr/lib/pcsc/drivers/serial/libifdvpcd.so",
    "/usr/lib64/pcsc/drivers/serial/libifdvpcd.so",
)
_START_TIMEOUT = 10.0
_ATTEMPTS = 5  # at a free pair of ports


class PcscdUnavailable(RuntimeError):
    """pcscd cannot run here; the message says why and what would help. Use the in-process reader instead."""


class PrivatePcscd:
    """A running pcscd with these readers. `socket_path` is for clients.

    `vpcd` (host, port) is the first reader's slot, `slots` are both slots of each reader, in the order of `readers`.
    """

    def __init__(self, readers: Sequence[str] = (READER_NAME,)) -> None:
        _require_programs()
        try:
            self._process = SimulatorProcess("hardware.simulators.pcscd", *(f"--reader={name}" for name in readers))
        except SimulatorFailed as problem:
            raise PcscdUnavailable(f"pcscd did not start: {problem}") from problem
        self.socket_path: str = self._process.ready["socket"]
        ports: list[int] = self._process.ready["ports"]
        self.slots = [(("127.0.0.1", port), ("127.0.0.1", port + 1)) for port in ports]
        self.vpcd: tuple[str, int] = self.slots[0][0]
        self.isolation: str = self._process.ready["isolation"]

    @property
    def environment(self) -> dict[str, str]:
        """What a client process needs in its environment."""
        return {SOCKET_VARIABLE: self.socket_path}

    def use_here(self) -> None:
        """Point this process at it, before its first PC/SC context.

        libpcsclite looks at the variable only once in a process, so that it names a symbolic link. The link is turned
        to the newest pcscd, and back to the one before when that ends.
        """
        if self in _used_here:
            _used_here.remove(self)
        _used_here.append(self)
        _turn_link()

    def kill(self) -> None:
        """As if pcscd crashed. Its clients' contexts are dead; `start` brings it back at the same place."""
        self._process.do("kill")
        self._process.wait_for("killed")

    def start(self, *, plugged: bool = True) -> None:
        """Start it again after `kill`; not `plugged`, it comes without any reader, as if that was pulled out."""
        self._process.do("start", plugged=plugged)
        self._process.wait_for("started")

    def hang(self) -> None:
        """As if it hung in a reader's driver: it stays, and answers nobody until `go_on`."""
        self._process.do("hang")
        self._process.wait_for("hung")

    def go_on(self) -> None:
        """Let it answer again after `hang`."""
        self._process.do("go_on")
        self._process.wait_for("going_on")

    def close(self) -> None:
        """End it."""
        self._process.close()
        if self in _used_here:
            _used_here.remove(self)
            _turn_link()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


_used_here: list[PrivatePcscd] = []


def expect_here() -> None:
    """Let this process know no pcscd but those of `use_here`, also where it asks before the first of them is there."""
    os.environ[SOCKET_VARIABLE] = str(_link_of_this_process())


def _turn_link() -> None:
    link = _link_of_this_process()
    link.unlink(missing_ok=True)
    if _used_here:
        link.symlink_to(_used_here[-1].socket_path)
        expect_here()


@functools.cache
def _link_of_this_process() -> Path:
    folder = tempfile.mkdtemp(prefix="loket-pcsc-client-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder) / "socket"


def _require_programs() -> None:
    if _program("pcscd") is None:
        raise PcscdUnavailable("pcscd is not installed (Debian: pcscd)")
    if _driver() is None:
        raise PcscdUnavailable("the virtual reader's driver is not installed (Debian: vsmartcard-vpcd)")


def _program(name: str) -> str | None:
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


def _driver() -> str | None:
    return next((path for path in _DRIVERS if Path(path).exists()), None)


# --- The supervisor ----------------------------------------------------------------------------------


class _StartFailed(Exception):
    """One way of starting pcscd did not work; the message is its last words."""


class _Supervisor:
    """Starts pcscd, sees that it is ready, and ends it."""

    def __init__(self, folder: Path, readers: list[str]):
        self._folder = folder
        self._readers = readers
        self._socket_path = folder / "socket"
        self._pcscd: subprocess.Popen[str] | None = None
        self.ports: list[int] = []
        self.isolation = ""

    def start_somehow(self) -> None:
        """The first way that works, on the first pair of ports that is free."""
        refusals = []
        for isolation, wrap in _ways():
            for _ in range(_ATTEMPTS):
                self.ports = [_free_pair() for _ in self._readers]
                try:
                    self._start(wrap)
                except _StartFailed as problem:
                    refusals.append(f"{isolation}: {problem}")
                    if "init failed" in str(problem):  # somebody took the port in between
                        continue
                    break
                self.isolation, self._wrap = isolation, wrap
                return
        raise _StartFailed("; ".join(refusals) or "no way to start it without disturbing the one that runs")

    def start_again(self, plugged: bool) -> None:
        self._start(self._wrap, plugged)

    def kill(self) -> None:
        if self._pcscd is not None:
            self._pcscd.kill()
            self._pcscd.wait()

    def signal(self, number: signal.Signals) -> None:
        if self._pcscd is not None:
            self._pcscd.send_signal(number)

    def close(self) -> None:
        if self._pcscd is not None:
            self._pcscd.send_signal(signal.SIGCONT)  # one that hangs could not end
            self._pcscd.terminate()
            try:
                self._pcscd.wait(timeout=3)
            except subprocess.TimeoutExpired:
                self.kill()

    def _start(self, wrap: Callable[[list[str]], list[str]], plugged: bool = True) -> None:
        config = self._folder / "reader.conf"
        entries = [
            f'FRIENDLYNAME "{name}"\nDEVICENAME /dev/null:{port:#06x}\nLIBPATH {driver}\nCHANNELID {port:#06x}\n'
            for name, port, driver in zip(self._readers, self.ports, self._drivers(), strict=True)
        ]
        config.write_text("\n".join(entries) if plugged else "# no reader\n")
        self._socket_path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(self._socket_path))
            listener.listen(16)
            # $$ is the shell's own number, and stays pcscd's: every step from here on is an exec.
            script = 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@" 3<&0 </dev/null'
            pcscd = [str(_program("pcscd")), "--foreground", "--info", "--config", str(config)]
            self._pcscd = subprocess.Popen(
                wrap(["/bin/sh", "-c", script, "sh", *pcscd]),
                stdin=listener.fileno(),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
            )
        self._await_ready(self._pcscd)

    def _drivers(self) -> list[str]:
        """A driver's file for each reader."""
        original = str(_driver())
        copies = [self._folder / f"reader-{number}.so" for number in range(1, len(self._readers))]
        for copy in copies:
            if not copy.exists():
                shutil.copyfile(original, copy)
        return [original, *map(str, copies)]

    def _await_ready(self, pcscd: subprocess.Popen[str]) -> None:
        said: list[str] = []
        outcome: list[bool] = []
        settled = threading.Event()

        def listen() -> None:
            assert pcscd.stdout is not None
            for line in pcscd.stdout:  # to the end, or pcscd would block on a full pipe
                if not settled.is_set():
                    said.append(line.strip())
                    if "daemon ready" in line:
                        outcome.append(not any("init failed" in earlier for earlier in said))
                        settled.set()
            settled.set()

        threading.Thread(target=listen, name="pcscd output", daemon=True).start()
        settled.wait(_START_TIMEOUT)
        if outcome != [True]:
            pcscd.kill()
            pcscd.wait()
            failed = [line for line in said if "init failed" in line]
            raise _StartFailed((failed or said or ["it said nothing"])[-1])


def _ways() -> list[tuple[str, Callable[[list[str]], list[str]]]]:
    """How pcscd may be kept apart, best first."""
    own_run = 'mount -t tmpfs -o mode=755 tmpfs /run && exec setpriv --pdeathsig KILL "$@"'
    root = os.geteuid() == 0
    ways: list[tuple[str, Callable[[list[str]], list[str]]]] = []
    unshare, setpriv = _program("unshare"), _program("setpriv")
    if unshare and setpriv:
        flags = ["-m"] if root else ["-U", "-r", "-m"]
        ways.append(
            (
                "mount namespace" if root else "user and mount namespace",
                lambda command: [unshare, *flags, "/bin/sh", "-c", own_run, "sh", *command],
            )
        )
    if root and not Path("/run/pcscd/pcscd.pid").exists():
        ways.append(("none", lambda command: command))
    return ways


def _free_pair() -> int:
    """A port of which the next one is free too; vpcd listens on both."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("", 0))
            port = int(first.getsockname()[1])
            with contextlib.suppress(OSError, OverflowError):
                second.bind(("", port + 1))
                return port


def main(argv: list[str] | None = None) -> int:
    """Run pcscd until stdin closes. 1 when it cannot start."""
    parser = argparse.ArgumentParser(description="a private pcscd with virtual readers")
    parser.add_argument("--reader", action="append", metavar="NAME")
    readers = parser.parse_args(argv).reader or [READER_NAME]
    with tempfile.TemporaryDirectory(prefix="loket-pcscd-") as folder:
        return _supervise(_Supervisor(Path(folder), readers), Path(folder))


def _supervise(supervisor: _Supervisor, folder: Path) -> int:
    try:
        supervisor.start_somehow()
    except _StartFailed as problem:
        print(problem, file=sys.stderr)
        return 1
    report("ready", socket=str(folder / "socket"), ports=supervisor.ports, isolation=supervisor.isolation)

    def do(line: dict[str, Any]) -> None:
        match line["do"]:
            case "kill":
                supervisor.kill()
                report("killed")
            case "hang":
                supervisor.signal(signal.SIGSTOP)
                report("hung")
            case "go_on":
                supervisor.signal(signal.SIGCONT)
                report("going_on")
            case "start":
                try:
                    supervisor.start_again(bool(line.get("plugged", True)))
                except _StartFailed as problem:
                    raise ValueError(str(problem)) from problem
                report("started")
            case other:
                raise ValueError(f"cannot {other!r}; can kill, start, hang, go_on")

    try:
        obey(do)
    finally:
        supervisor.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
