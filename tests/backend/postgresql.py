"""A private PostgreSQL out of Debian's package: a folder of its own, a socket in it, no port, gone with its owner."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self

import psycopg

_SERVER_USER = "postgres"  # Debian's package makes it; PostgreSQL refuses to run as root
_INSTALLED = Path("/usr/lib/postgresql")
_START_SECONDS = 30
# Safe against nothing but a killed process, which is all that can happen to a test's database.
FAST_AND_FORGETFUL = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


class PrivatePostgreSQL:
    """`url(name)` is the address of a database; the user `owner` may do everything."""

    def __init__(self, **settings: str):
        self._binaries = max(_INSTALLED.glob("*/bin"), key=lambda path: float(path.parent.name))
        self.folder = Path(tempfile.mkdtemp(prefix="loket-pg-"))
        self._as_other = ["--reuid", _SERVER_USER, "--regid", _SERVER_USER, "--clear-groups"]
        if os.geteuid() == 0:
            shutil.chown(self.folder, _SERVER_USER, _SERVER_USER)
        else:
            self._as_other = []
        self._run("initdb", "-D", str(self.folder / "data"), "-U", "owner", "--auth=trust", "-E", "UTF8", "--no-sync")
        options = {"listen_addresses": "", "unix_socket_directories": str(self.folder), "max_connections": "150"}
        arguments = [word for name, value in (options | settings).items() for word in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("wb") as log:
            self._server = subprocess.Popen(
                self._command("postgres", "-D", str(self.folder / "data"), *arguments), stdout=log, stderr=log
            )
        self._wait()

    def url(self, name: str = "postgres", user: str = "owner") -> str:
        """The address of a database here."""
        return f"postgresql://{user}@/{name}?host={self.folder}"

    def create(self, name: str) -> str:
        """A new and empty database; its address."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return self.url(name)

    @property
    def pid(self) -> int:
        """The number of the server's first process."""
        return self._server.pid

    @property
    def binaries(self) -> Path:
        """Where psql, pg_dump and the others are."""
        return self._binaries

    def close(self) -> None:
        """End at once and leave nothing."""
        self._server.terminate()
        try:
            self._server.wait(1)
        except subprocess.TimeoutExpired:
            self._server.send_signal(3)  # SIGQUIT: at once, whoever is connected
            self._server.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _command(self, program: str, *arguments: str) -> list[str]:
        # The server gets SIGINT (a fast shutdown) when its owner dies without a word.
        return ["setpriv", "--pdeathsig", "INT", *self._as_other, str(self._binaries / program), *arguments]

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            self._command(program, *arguments), capture_output=True, text=True, timeout=60, check=False, cwd="/"
        )
        assert done.returncode == 0, done.stderr

    def _wait(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                psycopg.connect(self.url(), connect_timeout=2).close()
            except psycopg.OperationalError:
                ended = self._server.poll() is not None or time.monotonic() > deadline
                assert not ended, (self.folder / "log").read_text(errors="replace")
                time.sleep(0.05)
            else:
                return
