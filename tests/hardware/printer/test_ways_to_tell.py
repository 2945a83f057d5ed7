"""Printers that tell their status in other ways than Epson's real-time one, or in none; and faults at any byte."""

from __future__ import annotations

import queue
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hardware.printer import (
    MODEL_80_MM,
    CoverOpen,
    CutterError,
    Delays,
    DeviceError,
    Document,
    Encoder,
    LinkError,
    LinkReason,
    Outcome,
    Overheated,
    PaperOut,
    Printer,
    PrintResult,
    Ready,
    StatusBy,
    Text,
    TextRasteriser,
    Trouble,
    Unknown,
)
from hardware.simulators.printer.machine import Machine

# Nothing travels: what a real line needs tenths of a second for is there at once.
AT_ONCE = Delays(answer=0.02, clear=0.02, write=0.2, between_looks=0.005, last_word=0.01, job=0.3, status_lock=0.02)
RASTERISER = TextRasteriser()
HIGH = "last line"


class Desk:
    """A printer on a desk: the machine, the driver, and what came out."""

    def __init__(self, out: Path, way: StatusBy = StatusBy.REAL_TIME):
        self.papers: list[dict[str, Any]] = []
        self.answers: queue.Queue[bytes] = queue.Queue()
        self.machine = Machine(out, 576, self.answers.put, self._tell, status=way.value)
        model = replace(MODEL_80_MM, status_by=way)
        self.printer = Printer(self, Encoder(RASTERISER, model), AT_ONCE)

    def _tell(self, event: str, **details: Any) -> None:
        if event == "printed":
            self.papers.append(details)

    # The link: bytes straight into the machine and out of it.

    def open(self) -> None:
        self.answers = queue.Queue()
        self.machine._send = self.answers.put
        if not self.machine.powered:
            raise LinkError(LinkReason.REFUSED)

    def write(self, data: bytes, timeout: float) -> None:
        if not self.machine.powered:
            raise LinkError(LinkReason.CLOSED)
        self.machine.receive(data)

    def read(self, timeout: float) -> bytes:
        if not self.machine.powered:
            raise LinkError(LinkReason.CLOSED)
        try:
            return self.answers.get(timeout=timeout) if timeout > 0 else self.answers.get_nowait()
        except queue.Empty:
            return b""

    def close(self) -> None:
        self.machine.line_lost()

    def mend(self) -> None:
        """Somebody puts all of it right."""
        for order in (
            {"do": "power", "on": True},
            {"do": "silent", "on": False},
            {"do": "error", "what": "none"},
            {"do": "cover", "open": False},
            {"do": "refill"},
        ):
            self.machine.act(order)

    def whole(self, mark: str) -> int:
        """How many papers with this mark came out to their last line."""
        said = [[line["text"] for line in paper["lines"]] for paper in self.papers]
        return sum(mark in lines and HIGH in lines for lines in said)


def a_ticket(mark: str) -> Document:
    return Document((Text(mark), *(Text(f"line {number}") for number in range(12)), Text("що взяти"), Text(HIGH)))


STATES = [
    ({"do": "paper", "state": "ok"}, Ready(paper_low=False)),
    ({"do": "paper", "state": "low"}, Ready(paper_low=True)),
    ({"do": "paper", "state": "out"}, PaperOut()),
    ({"do": "cover", "open": True}, CoverOpen()),
    ({"do": "error", "what": "cutter"}, CutterError()),
    ({"do": "error", "what": "heat"}, Overheated()),
    ({"do": "error", "what": "device"}, DeviceError(unrecoverable=True)),
    ({"do": "silent", "on": True}, Unknown(Trouble.SILENT)),
]


@pytest.mark.parametrize(("order", "status"), STATES)
def test_a_printer_that_tells_by_itself_is_as_it_last_said(
    tmp_path: Path, order: dict[str, Any], status: object
) -> None:
    desk = Desk(tmp_path, StatusBy.AUTOMATIC)
    assert desk.printer.status() == Ready(paper_low=False)
    desk.machine.act(order)
    assert desk.printer.status() == status


@pytest.mark.parametrize(("order", "status"), STATES)
def test_a_printer_that_answers_in_its_turn_says_nothing_while_something_is_wrong(
    tmp_path: Path, order: dict[str, Any], status: object
) -> None:
    desk = Desk(tmp_path, StatusBy.IN_TURN)
    desk.machine.act(order)
    said = desk.printer.status()
    assert said == (status if isinstance(status, Ready) else Unknown(Trouble.SILENT)), "never ready, never out of paper"
    desk.mend()
    assert desk.printer.status() == Ready(paper_low=False)


def test_what_was_asked_while_the_printer_was_held_up_is_not_taken_for_the_end_of_a_job(tmp_path: Path) -> None:
    desk = Desk(tmp_path, StatusBy.IN_TURN)
    desk.machine.act({"do": "cover", "open": True})
    for _ in range(3):
        assert desk.printer.status() == Unknown(Trouble.SILENT)
    desk.mend()
    desk.machine.act({"do": "fault_at", "bytes": 200, "fault": "paper-out"})
    assert desk.printer.print(a_ticket("first")).outcome is Outcome.UNKNOWN
    assert desk.whole("first") == 0


@pytest.mark.parametrize("way", [StatusBy.REAL_TIME, StatusBy.AUTOMATIC, StatusBy.IN_TURN])
def test_each_way_confirms_a_ticket_that_came_out(tmp_path: Path, way: StatusBy) -> None:
    desk = Desk(tmp_path, way)
    assert desk.printer.print(a_ticket("first")).outcome is Outcome.OUT
    assert desk.whole("first") == 1


def test_a_printer_that_only_listens_is_never_ready_and_its_jobs_are_never_known_to_be_out(tmp_path: Path) -> None:
    desk = Desk(tmp_path, StatusBy.NONE)
    assert desk.printer.status() == Unknown(Trouble.SILENT)
    result = desk.printer.print(a_ticket("first"))
    assert (result.outcome, result.reason) == (Outcome.UNKNOWN, Trouble.SILENT)
    assert desk.whole("first") == 1


# --- Faults at any byte -----------------------------------------------------------------------------------------

LENGTH = len(Encoder(RASTERISER, MODEL_80_MM).encode(a_ticket("original"))) + 6
FAULTS = ["paper-out", "cover-open", "power", "cutter", "silence"]


def tries_until_out(desk: Desk) -> list[PrintResult]:
    """What the kiosk does: print; after a refill print again, marked as a copy if the first may have come out."""
    results: list[PrintResult] = []
    for _ in range(4):
        unsure = any(result.outcome is Outcome.UNKNOWN for result in results)
        results.append(desk.printer.print(a_ticket("copy" if unsure else "original")))
        if results[-1].outcome is Outcome.OUT:
            return results
        desk.mend()
        assert desk.printer.status() == Ready(paper_low=False)
    return results


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.integers(1, LENGTH),
    st.sampled_from(FAULTS),
    st.sampled_from([StatusBy.REAL_TIME, StatusBy.AUTOMATIC, StatusBy.IN_TURN]),
)
def test_a_fault_at_any_byte_never_makes_a_second_unmarked_original_and_loses_no_ticket(
    position: int, fault: str, way: StatusBy
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder), way)
        desk.machine.act({"do": "fault_at", "bytes": position, "fault": fault})
        results = tries_until_out(desk)
        assert results[-1].outcome is Outcome.OUT
        assert desk.whole("original") <= 1, "nobody gets two of them"
        assert desk.whole("original") + desk.whole("copy") >= 1, "and somebody has one"
        if all(result.outcome is not Outcome.UNKNOWN for result in results):
            assert desk.whole("original") == 1 and desk.whole("copy") == 0
