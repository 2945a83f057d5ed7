"""gunicorn, started from our own command: a free port when asked for, and an end when the owner ends."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gunicorn.app.base import BaseApplication

_STDIN = 0


@dataclass(frozen=True, slots=True)
class Options:
    """Where and how to serve. Port 0 is any free one."""

    host: str
    port: int
    workers: int
    until_stdin_ends: bool


class AddressUnusable(Exception):
    """Nobody can listen there: another program does, or the address is not this machine's."""


def serve(options: Options, ready: Callable[[str], object]) -> None:
    """Serve until a signal comes (or stdin ends). `ready` gets the address once the socket listens.

    Raises AddressUnusable. The socket is opened here and not by gunicorn, which would try for five seconds and
    complain in ten lines.
    """
    try:
        family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
        listener = socket.create_server((options.host, options.port), family=family, backlog=512)
    except OSError as problem:
        why = os.strerror(problem.errno) if problem.errno and problem.errno > 0 else problem.strerror
        raise AddressUnusable(f"{options.host} port {options.port}: {why}") from None
    host, port = listener.getsockname()[:2]
    url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    _Server(options, listener.detach(), lambda: ready(url)).run()  # gunicorn owns and closes it from here on


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    def __init__(self, options: Options, descriptor: int, ready: Callable[[], object]):
        self._options = options
        self._descriptor = descriptor
        self._ready = ready
        super().__init__()

    def load_config(self) -> None:
        settings: dict[str, Any] = {
            "bind": f"fd://{self._descriptor}",
            "workers": self._options.workers,
            "worker_class": "gthread",
            "threads": 4,
            "timeout": 60,
            "graceful_timeout": 5,
            "keepalive": 5,
            "limit_request_line": 2048,
            "limit_request_fields": 50,
            "preload_app": True,  # import once, before the fork
            "control_socket_disable": True,
            "loglevel": "warning",
            "when_ready": self._when_ready,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        from django.db import connections

        from backend.wsgi import application

        connections.close_all()  # a SQLite connection must not be carried over a fork
        return application

    def _when_ready(self, _: Any) -> None:
        if self._options.until_stdin_ends:
            threading.Thread(target=_end_with_stdin, daemon=True).start()
        self._ready()


def _end_with_stdin() -> None:
    # os.read holds no lock of Python's own, so the fork of a worker in the middle of it is harmless.
    while os.read(_STDIN, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
