"""What holds for all tests."""

import socket
from collections.abc import Iterator

import pytest
from hypothesis import settings

from hardware.simulators import pcscd

# A busy machine is no fault of what is tested, and a run that failed fails again.
settings.register_profile("unhurried", deadline=None, derandomize=True)
settings.load_profile("unhurried")

# A test that looks for readers before one that brings some must not settle for all of them which pcscd there is.
pcscd.expect_here()


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address (host:port) where nobody answers: taken, so that no other program gets it, and not listened to."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        host, port = taken.getsockname()
        yield f"{host}:{port}"
