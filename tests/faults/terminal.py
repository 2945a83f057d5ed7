"""The simulated terminal in a process of its own, forked where its modules are imported already."""

from __future__ import annotations

import json
import os
import socket
import sys
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from hardware.simulators.terminal.__main__ import main
from hardware.simulators.terminal.ledger import Transaction, read_store


def serve(end: socket.socket, arguments: list[str], errors: str) -> None:
    """In a process of its own: the simulator, with the socket for stdin and stdout."""
    os.dup2(os.open(errors, os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
    sys.stderr = os.fdopen(2, "w", buffering=1)
    sys.stdin, sys.stdout = end.makefile("r"), end.makefile("w")
    sys.exit(main(arguments))


class SimulatedTerminal:
    """The test's end of one."""

    def __init__(self, context: Any, folder: Path, *arguments: str, tcp: bool = False):
        self._store = folder / "ledger.json"
        where = ("--tcp", "0") if tcp else ("--link", str(folder / "terminal"))
        ours, theirs = socket.socketpair()
        self._end = ours
        self._errors = folder / "terminal.err"
        self.process: BaseProcess = context.Process(
            target=serve, args=(theirs, [*where, "--store", str(self._store), *arguments], str(self._errors))
        )
        self.process.start()
        theirs.close()
        ours.settimeout(30)
        self._reports = ours.makefile("r")
        self.port: str = json.loads(self._reports.readline())["port"]

    def do(self, action: str, **details: Any) -> None:
        """A person acts at it; done when this returns."""
        self._end.sendall((json.dumps({"do": action, **details}) + "\n").encode())
        while (told := json.loads(self._reports.readline()))["event"] not in ("obeyed", "refused", "unplugged"):
            pass
        assert told["event"] != "refused", told

    def ledger(self) -> list[Transaction]:
        """The truth about money, also after it has ended."""
        return read_store(self._store) if self._store.exists() else []

    def close(self) -> None:
        """End it. A simulator that died by itself is a fault of the test."""
        alive = self.process.is_alive()
        self.process.kill()
        self.process.join()
        self._end.close()
        assert alive, self._errors.read_text(encoding="utf-8")
