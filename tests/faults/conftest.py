"""The backend that takes the records of the runs in, and the count of the runs."""

from __future__ import annotations

from tests.backend.conftest import _django, empty, engine, town  # noqa: F401  # the backend's own database

from .counting import (  # noqa: F401  # hooks of pytest
    pytest_addoption,
    pytest_configure,
    pytest_sessionfinish,
    pytest_terminal_summary,
)
