"""gunicorn, started from our own command: a free port when asked for, and an end when the owner ends."""

from __future__ import annotations

import os
import signal
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


def serve(options: Options, ready: Callable[[str], object]) -> None:
    """Serve until a signal comes (or stdin ends). `ready` gets the address once the socket listens."""
    _Server(options, ready).run()


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    def __init__(self, options: Options, ready: Callable[[str], object]):
        self._options = options
        self._ready = ready
        super().__init__()

    def load_config(self) -> None:
        settings: dict[str, Any] = {
            "bind": f"{self._options.host}:{self._options.port}",
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

    def _when_ready(self, arbiter: Any) -> None:
        host, port = arbiter.LISTENERS[0].sock.getsockname()[:2]
        if self._options.until_stdin_ends:
            threading.Thread(target=_end_with_stdin, daemon=True).start()
        self._ready(f"http://{host}:{port}")


def _end_with_stdin() -> None:
    # os.read holds no lock of Python's own, so the fork of a worker in the middle of it is harmless.
    while os.read(_STDIN, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
