"""How many runs there were, of all workers together, and that they were enough.

A run is told from another by the terminal's behaviour and the moment at which the power went. Each test tells its own
with `tell_runs`; the properties of a report come to the process that sums them, from whichever worker.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

import pytest

_LEAST = "--least-distinct"


def pytest_addoption(parser: pytest.Parser) -> None:
    """`make faults` asks for more than the defaults."""
    parser.addoption("--power-cuts", type=int, default=2, help="at how many moments of each terminal's behaviour")
    parser.addoption(_LEAST, type=int, default=0, help="fail with fewer runs that differ in behaviour or moment")


def pytest_configure(config: pytest.Config) -> None:
    """The whole set takes half an hour: what is wrong is told when it is found."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Live(config))


class _Live:
    def __init__(self, config: pytest.Config):
        self._config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        reporter = self._config.pluginmanager.get_plugin("terminalreporter")
        if report.when != "call" or not report.failed or reporter is None:
            return
        told: dict[str, Any] = dict(report.user_properties)
        for violation in told.get("violations") or [str(report.longrepr).strip().rpartition("\n")[2]]:
            reporter.ensure_newline()
            reporter.write_line(f"{report.nodeid}: {violation}"[:600], red=True)


def tell_runs(
    tell: Callable[[str, object], None], behaviour: str, runs: int, died_at: Collection[str], faults: Sequence[str]
) -> None:
    """What came of one behaviour: how many runs, the moments at which the power went, and each violation in words."""
    tell("runs", runs)
    tell("distinct", [(behaviour, moment) for moment in sorted(died_at)])
    tell("violations", list(faults))


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Too few are a failure: a set that shrank proves less than it says, and nobody would see it."""
    if hasattr(session.config, "workerinput") or session.exitstatus not in (0, pytest.ExitCode.NO_TESTS_COLLECTED):
        return
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and _too_few(reporter):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The sums of the whole set, each violation, and whether there were enough."""
    runs, distinct, violations = _sums(terminalreporter)
    if runs:
        behaviours = len({behaviour for behaviour, _ in distinct})
        terminalreporter.write_line(
            f"power cuts: {runs} runs, {len(distinct)} distinct (behaviour and moment) in {behaviours} behaviours,"
            f" {len(violations)} violations"
        )
        for violation in violations:
            terminalreporter.write_line(f"  violation: {violation}", red=True)
    if wrong := _too_few(terminalreporter):
        terminalreporter.write_line(wrong, red=True, bold=True)


def _too_few(reporter: Any) -> str:
    """Why it is not enough; empty where it is. A run of another folder's tests counts as none, and asks for none."""
    least: int = reporter.config.getoption(_LEAST, 0)
    _, distinct, _ = _sums(reporter)
    if len(distinct) >= least:
        return ""
    return f"power cuts: too few: {len(distinct)} distinct runs, and a full set has at least {least}"


def _sums(reporter: Any) -> tuple[int, set[tuple[str, str]], list[str]]:
    runs, distinct, violations = 0, set[tuple[str, str]](), list[str]()
    for reports in reporter.stats.values():
        for report in reports:
            told = dict(getattr(report, "user_properties", ()))
            if getattr(report, "when", "") == "call" and "runs" in told:
                runs += told["runs"]
                distinct |= {(behaviour, moment) for behaviour, moment in told["distinct"]}
                violations += told["violations"]
    return runs, distinct, violations
