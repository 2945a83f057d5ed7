"""Where a terminal is: the path of a serial port, or `tcp://host[:port]`."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

STANDARD_PORT = 20007
"""Where terminals listen for a till (PA00P016, chapter 4)."""


@dataclass(frozen=True, slots=True)
class NetworkAddress:
    """A host and a TCP port."""

    host: str
    port: int = STANDARD_PORT


def network_address(port: str) -> NetworkAddress | None:
    """The address in `tcp://host[:port]`; None for anything that does not begin so. Raises ValueError for a bad one."""
    if not port.startswith("tcp:"):
        return None
    bad = ValueError(f"{port} is no address: tcp://HOST or tcp://HOST:PORT")
    try:
        parts = urlsplit(port)
        number = parts.port
    except ValueError:
        raise bad from None
    if not parts.hostname or parts.username or parts.path not in ("", "/") or parts.query or number == 0:
        raise bad
    return NetworkAddress(parts.hostname, number or STANDARD_PORT)
