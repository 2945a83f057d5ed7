"""How many runs there were, of all workers together, and the backend that takes their records in."""

from __future__ import annotations

from typing import Any

import pytest

from tests.backend.conftest import _django, empty, engine, town  # noqa: F401  # the backend's own database


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """One line for the whole set."""
    runs = distinct = 0
    for reports in terminalreporter.stats.values():
        for report in reports:
            told = dict(getattr(report, "user_properties", ()))
            if getattr(report, "when", "") == "call" and "runs" in told:
                runs, distinct = runs + told["runs"], distinct + told["distinct"]
    if runs:
        terminalreporter.write_line(
            f"power cuts: {runs} runs, {distinct} at distinct moments of a terminal's behaviour"
        )


def pytest_addoption(parser: pytest.Parser) -> None:
    """`make faults` asks for more."""
    parser.addoption("--power-cuts", type=int, default=2, help="at how many moments of each terminal's behaviour")
