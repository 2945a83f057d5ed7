"""The driver against the simulated printer, over real TCP: what it says, what comes out, what it says came out."""

import subprocess
import time
from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest

from hardware.printer import (
    CENTER,
    RIGHT,
    Columns,
    CoverOpen,
    CutterError,
    DeviceError,
    Disconnected,
    Document,
    LinkReason,
    Outcome,
    Overheated,
    PaperOut,
    Printer,
    PrintResult,
    Qr,
    Ready,
    Rule,
    Text,
    Trouble,
    Unknown,
    link_to,
    read_status,
)
from hardware.simulators.process import SimulatorProcess

CODE = "LKT1:6BFOXN%TSMAHN-H0G9BY5S60W-UHLE5JTNAIJLM"
TICKET = Document(
    (
        Text("VOORBEELDSTAD", bold=True, align=CENTER),
        Text("K7M-3QX-Q", bold=True, width=2, height=2, align=CENTER),
        Qr(CODE, module_size=5),
        Columns(Text("Zoë · A-kaart · gewoon"), Text("€ 12,00")),
        Text("Françoise, Müßig, naïef, élève"),
        Text("ما تحضره معك", language="ar", rtl=True, align=RIGHT),
        Rule(),
        Text("the last line"),
    )
)


def events_until_done(simulator: SimulatorProcess, order: str, **details: Any) -> list[dict[str, Any]]:
    """Give an order; all reports up to its end, which is the last of them."""
    simulator.do(order, **details)
    found = [simulator.events.get(timeout=10)]
    while found[-1]["event"] != "did":
        found.append(simulator.events.get(timeout=10))
    return found


def act(simulator: SimulatorProcess, order: str, **details: Any) -> dict[str, Any]:
    """Give an order and wait until it is carried out."""
    return events_until_done(simulator, order, **details)[-1]


def reports(simulator: SimulatorProcess) -> list[dict[str, Any]]:
    """All reports up to now: an order is answered behind everything that came before it."""
    return events_until_done(simulator, "silent", on=False)[:-1]


def lines(report: dict[str, Any]) -> list[str]:
    return [line["text"] for line in report["lines"]]


@pytest.mark.parametrize(
    ("order", "details", "status"),
    [
        ("paper", {"state": "ok"}, Ready(paper_low=False)),
        ("paper", {"state": "low"}, Ready(paper_low=True)),
        ("paper", {"state": "out"}, PaperOut()),
        ("cover", {"open": True}, CoverOpen()),
        ("error", {"what": "cutter"}, CutterError()),
        ("error", {"what": "heat"}, Overheated()),
        ("error", {"what": "device"}, DeviceError(unrecoverable=True)),
        ("silent", {"on": True}, Unknown(Trouble.SILENT)),
    ],
)
def test_a_status_is_what_the_printer_says(
    simulator: SimulatorProcess, order: str, details: dict[str, Any], status: object
) -> None:
    act(simulator, order, **details)
    assert read_status(link_to(simulator.ready["address"])) == status


def test_a_cover_comes_before_the_paper_that_cannot_be_seen_while_it_is_open(
    simulator: SimulatorProcess, printer: Printer
) -> None:
    act(simulator, "paper", state="out")
    act(simulator, "cover", open=True)
    assert printer.status() == CoverOpen()


def test_a_refused_connection_is_a_status_and_no_exception(
    new_printer: Callable[[str], Printer], closed_port: int
) -> None:
    printer = new_printer(f"tcp://127.0.0.1:{closed_port}")
    assert printer.status() == Disconnected(LinkReason.REFUSED)
    assert printer.print(TICKET) == PrintResult(Outcome.NOT_OUT, Trouble.DISCONNECTED)


def test_a_ticket_is_out_when_it_was_cut(simulator: SimulatorProcess, printer: Printer) -> None:
    assert printer.print(TICKET) == PrintResult(Outcome.OUT)
    paper = simulator.wait_for("printed")
    assert lines(paper) == [
        "VOORBEELDSTAD",
        "K7M-3QX-Q",
        "Zoë · A-kaart · gewoon                   € 12,00",
        "Françoise, Müßig, naïef, élève",
        "the last line",
    ]
    code = paper["lines"][1]
    assert (code["width"], code["height"], code["bold"], code["align"]) == (2, 2, True, "center")
    assert [picture["align"] for picture in paper["pictures"]] == ["right", "left"], "the Arabic line and the rule"


def test_the_qr_code_reads_back_from_the_paper(simulator: SimulatorProcess, printer: Printer) -> None:
    printer.print(TICKET)
    picture = simulator.wait_for("printed")["path"]
    read = subprocess.run(["zbarimg", "--raw", "-q", picture], capture_output=True, text=True, timeout=20, check=True)
    assert read.stdout.strip() == CODE


def test_one_printer_prints_one_ticket_after_the_other(simulator: SimulatorProcess, printer: Printer) -> None:
    for number in (1, 2, 3):
        assert printer.status() == Ready(paper_low=False)
        assert printer.print(TICKET).outcome is Outcome.OUT
        assert simulator.wait_for("printed")["number"] == number


def test_paper_near_its_end_still_prints(simulator: SimulatorProcess, printer: Printer) -> None:
    act(simulator, "paper", state="low")
    assert printer.print(TICKET).outcome is Outcome.OUT


@pytest.mark.parametrize(
    ("order", "details", "reason"),
    [
        ("paper", {"state": "out"}, Trouble.PAPER_OUT),
        ("cover", {"open": True}, Trouble.COVER_OPEN),
        ("silent", {}, Trouble.SILENT),
    ],
)
def test_nothing_is_sent_to_a_printer_that_is_not_ready(
    simulator: SimulatorProcess, printer: Printer, order: str, details: dict[str, Any], reason: Trouble
) -> None:
    act(simulator, order, **details)
    assert printer.print(TICKET) == PrintResult(Outcome.NOT_OUT, reason)
    act(simulator, "cover", open=False)
    act(simulator, "paper", state="ok")
    assert reports(simulator) == []


@pytest.mark.parametrize("fault", ["paper-out", "cover-open", "cutter"])
def test_trouble_in_mid_ticket_is_unknown_and_the_held_rest_never_comes(
    simulator: SimulatorProcess, printer: Printer, fault: str
) -> None:
    act(simulator, "fault_at", bytes=300, fault=fault)
    result = printer.print(TICKET)
    expected = {"cutter": Trouble.CUTTER_ERROR}.get(fault) or Trouble(fault)
    assert result == PrintResult(Outcome.UNKNOWN, expected)
    partial = simulator.wait_for("partial")
    assert "K7M-3QX-Q" in lines(partial) and "the last line" not in lines(partial)

    act(simulator, "error", what="none")
    after = events_until_done(simulator, "cover", open=False) + events_until_done(simulator, "refill")
    assert after[-1]["held"] == 0
    assert printer.status() == Ready(paper_low=False)
    assert [event for event in after + reports(simulator) if event["event"] == "printed"] == []

    assert printer.print(TICKET) == PrintResult(Outcome.OUT)
    papers = [report for report in reports(simulator) if report["event"] == "printed"]
    assert lines(papers[-1]).count("VOORBEELDSTAD") == 1, "the copy does not hang on what is left of the first"
    assert sum("the last line" in lines(paper) for paper in papers) == 1


def test_trouble_before_the_first_byte_of_the_job_is_not_out(simulator: SimulatorProcess, printer: Printer) -> None:
    assert printer.status() == Ready(paper_low=False)
    act(simulator, "fault_at", bytes=1, fault="cover-open")  # as the job arrives
    assert printer.print(TICKET) == PrintResult(Outcome.NOT_OUT, Trouble.COVER_OPEN)
    assert act(simulator, "cover", open=False)["held"] == 0
    assert printer.print(TICKET) == PrintResult(Outcome.OUT)


def test_a_printer_that_does_not_confirm_clearing_leaves_the_outcome_unknown(
    tmp_path: Any, new_printer: Callable[[str], Printer]
) -> None:
    options = ("--out", str(tmp_path), "--no-clear-answer")
    with SimulatorProcess("hardware.simulators.printer", *options) as simulator:
        printer = new_printer(simulator.ready["address"])
        assert printer.status() == Ready(paper_low=False)
        act(simulator, "fault_at", bytes=1, fault="cover-open")
        assert printer.print(TICKET) == PrintResult(Outcome.UNKNOWN, Trouble.COVER_OPEN)
        assert act(simulator, "cover", open=False)["held"] == 0


def test_lost_power_in_mid_ticket_is_unknown_and_then_disconnected_until_it_is_back(
    simulator: SimulatorProcess, printer: Printer
) -> None:
    act(simulator, "fault_at", bytes=300, fault="power")
    assert printer.print(TICKET) == PrintResult(Outcome.UNKNOWN, Trouble.DISCONNECTED)
    assert printer.status() == Disconnected(LinkReason.REFUSED)
    simulator.do("power", on=True)
    while not simulator.wait_for("power")["on"]:
        pass
    assert printer.status() == Ready(paper_low=False)
    assert printer.print(TICKET) == PrintResult(Outcome.OUT)


def test_a_printer_that_falls_silent_in_mid_ticket_is_unknown(simulator: SimulatorProcess, printer: Printer) -> None:
    assert printer.status() == Ready(paper_low=False)
    act(simulator, "fault_at", bytes=300, fault="silence")
    assert printer.print(TICKET) == PrintResult(Outcome.UNKNOWN, Trouble.SILENT)
    act(simulator, "silent", on=False)
    assert printer.status() == Ready(paper_low=False)


def test_a_hot_head_delays_a_ticket_and_does_not_lose_it(simulator: SimulatorProcess, printer: Printer) -> None:
    act(simulator, "fault_at", bytes=300, fault="heat")
    results: list[PrintResult] = []
    printing = Thread(target=lambda: results.append(printer.print(TICKET)))
    printing.start()
    simulator.wait_for("fault")
    deadline = time.monotonic() + 5
    while printer.status() != Overheated() and time.monotonic() < deadline:
        pass  # asked while the job runs: what the job last saw
    act(simulator, "error", what="none")
    printing.join(timeout=10)
    assert results == [PrintResult(Outcome.OUT)]


def test_a_job_held_from_before_a_restart_is_cleared_by_the_first_question(
    simulator: SimulatorProcess, printer: Printer
) -> None:
    act(simulator, "paper", state="out")
    link = link_to(simulator.ready["address"])
    link.open()
    link.write(b"\x1b@an old ticket\n\x1dVB\x00", 1.0)
    link.write(b"\x10\x04\x01", 1.0)
    assert link.read(5.0) == b"\x1a"
    link.close()  # the kiosk lost its power

    assert printer.status() == PaperOut()
    assert act(simulator, "refill")["held"] == 0
    assert reports(simulator) == []


def test_a_look_from_the_shell_does_not_disturb_a_held_job(simulator: SimulatorProcess) -> None:
    act(simulator, "paper", state="out")
    link = link_to(simulator.ready["address"])
    link.open()
    link.write(b"\x1b@held\n\x1dVB\x00\x10\x04\x01", 1.0)
    assert link.read(5.0) == b"\x1a"
    link.close()
    assert read_status(link) == PaperOut()
    papers = [event for event in events_until_done(simulator, "refill") if event["event"] == "printed"]
    assert [lines(paper) for paper in papers] == [["held"]]
