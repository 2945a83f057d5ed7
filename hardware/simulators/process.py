"""How a simulator and the program that started it talk: JSON lines on stdin and stdout.

The device's own protocol runs over its real transport (a reader of pcscd, a serial line, TCP). This side
channel is the hand of the person at the device: insert a card, tap a bank card, open the cover, cut the
line. One line is one JSON object. The simulator's first line is `{"event": "ready", …}` with what is needed to
reach it; afterwards it reports what happens (`{"event": "printed", "path": …}`), and obeys
`{"do": "…", …}`. It ends when its stdin closes, so it never outlives its owner.
"""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any, Self


class SimulatorFailed(RuntimeError):
    """The simulator did not start, or died; the message holds the last it said on stderr."""


class SimulatorProcess:
    """The owner's end: starts `python -m MODULE ARGS` and waits until it is ready."""

    def __init__(
        self, module: str, *arguments: str, timeout: float = 20.0, environment: Mapping[str, str] | None = None
    ):
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=dict(environment) if environment is not None else None,
        )
        self.events: queue.Queue[dict[str, Any]] = queue.Queue()
        self._errors: list[str] = []
        self._readers = [
            threading.Thread(target=self._read_events, daemon=True),
            threading.Thread(target=self._read_errors, daemon=True),
        ]
        for reader in self._readers:
            reader.start()
        try:
            self.ready = self.wait_for("ready", timeout)
        except SimulatorFailed:
            self.close()
            raise

    def do(self, action: str, **details: Any) -> None:
        """Act on the device: `do("insert", card="amina")`."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": action, **details}) + "\n")
        self._process.stdin.flush()

    def wait_for(self, event: str, timeout: float = 20.0) -> dict[str, Any]:
        """The next event of this name; others before it are dropped. Raises SimulatorFailed when time runs out."""
        while True:
            try:
                report = self.events.get(timeout=timeout)
            except queue.Empty:
                raise SimulatorFailed(f"no {event!r} within {timeout:g} s; {self._last_words()}") from None
            if report["event"] == "ended":
                raise SimulatorFailed(f"the simulator ended; {self._last_words()}")
            if report["event"] == event:
                return report

    @property
    def pid(self) -> int:
        """Its number to the machine."""
        return self._process.pid

    def kill(self) -> None:
        """As if the device lost its power: no good-bye of any kind."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """End it and wait."""
        if self._process.stdin is not None and not self._process.stdin.closed:
            with contextlib.suppress(BrokenPipeError):  # it is gone already
                self._process.stdin.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.kill()
        for reader in self._readers:
            reader.join(timeout=5)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _read_events(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            try:
                report = json.loads(line)
            except json.JSONDecodeError:
                self._errors.append(line.rstrip())
                continue
            self.events.put(report)
        self.events.put({"event": "ended"})

    def _read_errors(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._errors.append(line.rstrip())
            del self._errors[:-20]

    def _last_words(self) -> str:
        return " / ".join(self._errors[-5:]) or "it said nothing"


_output_lock = threading.Lock()


def report(event: str, **details: Any) -> None:
    """The simulator's end: tell the owner what happened."""
    with _output_lock:
        print(json.dumps({"event": event, **details}), flush=True)


def obey(handle: Callable[[dict[str, Any]], None]) -> None:
    """The simulator's end: hand each command line to `handle` until stdin closes. A bad line is reported, not fatal."""
    for line in sys.stdin:
        if not line.strip():
            continue
        try:
            handle(json.loads(line))
        except (ValueError, KeyError, TypeError) as problem:
            report("refused", line=line.strip(), why=str(problem))
