"""Calls to a server, over connections that stay open; and what a program and its children cost."""

from __future__ import annotations

import asyncio
import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Call:
    """One request, ready to be written. `problem` says what was wrong with its answer."""

    kind: str
    data: bytes
    wanted: bytes = b""  # the answer's body has to hold this
    problem: str = ""


class Line:
    """One connection, opened at the first call and again when the server has closed it."""

    def __init__(self, port: int):
        self._port = port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, call: Call) -> None:
        """Send it and read the answer. A kept connection that the server had just closed is opened anew, once."""
        for fresh in (self._writer is None, True):
            try:
                if fresh:
                    self.close()
                    self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
                await self._once(call)
            except (OSError, EOFError, ValueError) as problem:
                self.close()
                call.problem = type(problem).__name__
            else:
                return

    async def _once(self, call: Call) -> None:
        assert self._reader is not None and self._writer is not None
        self._writer.write(call.data)
        head = await self._reader.readuntil(b"\r\n\r\n")
        fields = dict(line.split(b": ", 1) for line in head.lower().split(b"\r\n")[1:] if b": " in line)
        body = await self._reader.readexactly(int(fields[b"content-length"]))
        if fields.get(b"connection") == b"close":
            self.close()
        status = head.split(b" ", 2)[1]
        if status != b"200":
            call.problem = f"HTTP {status.decode()} {body[:160].decode(errors='replace')}"
        elif call.wanted not in body or b'"rejected"' in body:
            call.problem = f"an answer without {call.wanted.decode()}, or a refused entry"
        else:
            call.problem = ""

    def close(self) -> None:
        """Hang up."""
        if self._writer is not None:
            with contextlib.suppress(OSError):
                self._writer.close()
        self._reader = self._writer = None


def processor_seconds(pid: int) -> float:
    """Processor time of a process and of all that descend from it, living or waited for."""
    family, found = [pid], 0.0
    while family:
        one = family.pop()
        try:
            fields = Path(f"/proc/{one}/stat").read_text().rsplit(") ", 1)[1].split()
            for task in Path(f"/proc/{one}/task").iterdir():
                family += map(int, (task / "children").read_text().split())
        except (OSError, IndexError):  # it ended meanwhile; its parent has counted it
            continue
        found += sum(map(int, fields[11:15])) / _TICKS
    return found
