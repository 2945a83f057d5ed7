"""The machine without a line: what goes in, what comes back, what is on the paper."""

import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from escpos.printer import Dummy
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw

from hardware.simulators.printer.machine import MARGIN_DOTS, Machine
from hardware.simulators.process import SimulatorProcess

CUT = b"\x1dVB\x00"
CLEAR = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"


class Bench:
    """A machine with everything it says kept."""

    def __init__(self, out: Path):
        self.answers = bytearray()
        self.told: list[dict[str, Any]] = []
        self.machine = Machine(out, 576, self.answers.extend, self._tell)

    def _tell(self, event: str, **details: Any) -> None:
        self.told.append({"event": event, **details})

    def do(self, order: str, **details: Any) -> None:
        self.machine.act({"do": order, **details})

    def send(self, data: bytes) -> bytes:
        """Send, and take the answers."""
        self.machine.receive(data)
        answers, self.answers[:] = bytes(self.answers), b""
        return answers

    def papers(self, event: str = "printed") -> list[list[str]]:
        return [[line["text"] for line in report["lines"]] for report in self.told if report["event"] == event]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def status(bench: Bench) -> str:
    return b"".join(bench.send(bytes([0x10, 4, number])) for number in (1, 2, 3, 4)).hex(" ")


@pytest.mark.parametrize(
    ("order", "details", "answers"),
    [
        ("paper", {"state": "ok"}, "12 12 12 12"),
        ("paper", {"state": "low"}, "12 12 12 1e"),
        ("paper", {"state": "out"}, "1a 32 12 7e"),
        ("cover", {"open": True}, "1a 16 12 12"),
        ("error", {"what": "cutter"}, "1a 52 1a 12"),
        ("error", {"what": "heat"}, "1a 52 52 12"),
        ("error", {"what": "device"}, "1a 52 32 12"),
        ("silent", {}, ""),
    ],
)
def test_status_bytes_are_those_of_an_epson_like_printer(
    bench: Bench, order: str, details: dict[str, Any], answers: str
) -> None:
    bench.do(order, **details)
    assert status(bench) == answers


def test_a_job_sent_without_paper_is_held_and_comes_out_after_the_refill(bench: Bench) -> None:
    """The trap that the driver is built around."""
    bench.do("paper", state="out")
    assert bench.send(b"a ticket\n" + CUT + b"\x1dr\x01") == b"", "GS r waits its turn"
    assert bench.papers() == []
    bench.do("refill")
    assert bench.papers() == [["a ticket"]]
    assert bench.send(b"") == b"\x00"


def test_clearing_works_on_arrival_in_the_middle_of_a_picture_and_is_answered(bench: Bench) -> None:
    bench.do("cover", open=True)
    assert bench.send(b"held\n\x1dv0\x00\x48\x00\x40\x00" + bytes(100)) == b""
    assert bench.send(CLEAR) == b"\x37\x25\x00"
    bench.do("cover", open=False)
    bench.send(b"new\n" + CUT)
    assert bench.papers() == [["new"]]


def test_clearing_with_a_wrong_lock_does_nothing(bench: Bench) -> None:
    bench.do("cover", open=True)
    bench.send(b"held\n" + CUT)
    assert bench.send(CLEAR[:-1] + b"\x09") == b""
    bench.do("cover", open=False)
    assert bench.papers() == [["held"]]


def test_reset_waits_its_turn_and_so_does_not_clear_a_held_job(bench: Bench) -> None:
    bench.do("paper", state="out")
    bench.send(b"held\n" + CUT + b"\x1b@")
    bench.do("refill")
    assert bench.papers() == [["held"]]


def test_a_stuck_knife_is_freed_by_dle_enq_and_the_job_with_it(bench: Bench) -> None:
    bench.do("error", what="cutter")
    bench.send(b"held\n" + CUT)
    bench.send(b"\x10\x05\x02")
    assert status(bench) == "12 12 12 12"
    assert bench.papers() == []


def test_a_real_time_question_is_seen_inside_picture_data_and_the_picture_is_whole(bench: Bench) -> None:
    data = b"\xff\x10\x04\x01\xff\xff\xff\xff"
    assert bench.send(b"\x1dv0\x00\x01\x00\x08\x00" + data + CUT) == b"\x12"
    assert bench.told[-1]["pictures"][0]["height"] == 8


@given(cut=st.integers(0, 10))
def test_a_real_time_command_is_obeyed_once_however_it_arrives(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    bench = Bench(tmp_path_factory.mktemp("papers"))
    assert bench.send(CLEAR[:cut]) + bench.send(CLEAR[cut:]) == b"\x37\x25\x00"
    assert bench.send(b"\x10") + bench.send(b"\x04\x04") == b"\x12"


@given(st.lists(st.integers(0, 60), max_size=4).map(sorted))
def test_a_paper_does_not_depend_on_the_pieces_in_which_its_bytes_arrive(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int]
) -> None:
    bench = Bench(tmp_path_factory.mktemp("papers"))
    job = (
        b"\x1b@\x1bt\x13\x82\xd5\n\x1dv0\x00\x01\x00\x08\x00\x10\x04\x02\x00\x00\x00\x00\x00\x1d!\x11K7M\n\x1dr\x01"
        + CUT
    )
    places = [0, *cuts, len(job)]
    answers = b"".join(bench.send(job[start:end]) for start, end in pairwise(places))
    assert sorted(answers) == [0x00, 0x12]
    assert bench.papers() == [["é€", "K7M"]]


@pytest.mark.parametrize(
    ("page", "data", "text"),
    [(19, b"\xd5\x82", "€é"), (16, b"\x80\x8c", "€Œ"), (0, b"\x82\xe1", "éß"), (99, b"\x82", "?")],
)
def test_characters_follow_the_code_page(bench: Bench, page: int, data: bytes, text: str) -> None:
    bench.send(b"\x1bt" + bytes([page]) + data + b"\n" + CUT)
    assert bench.papers() == [[text]]


def test_a_line_wraps_at_the_edge_as_a_printer_wraps(bench: Bench) -> None:
    bench.send(b"x" * 50 + b"\n" + CUT)
    assert bench.papers() == [["x" * 48, "xx"]]


def test_a_cut_without_a_feed_leaves_the_last_lines_on_the_next_paper(bench: Bench) -> None:
    bench.send(b"one\ntwo\nthree\n\x1dV\x00")
    bench.send(b"four\n" + CUT)
    assert bench.papers() == [["one"], ["two", "three", "four"]]


def test_a_cut_of_blank_paper_is_no_ticket(bench: Bench) -> None:
    bench.send(CUT)
    assert [report["event"] for report in bench.told] == ["blank"]


@pytest.mark.parametrize("impl", ["bitImageRaster", "graphics", "bitImageColumn"])
def test_every_way_of_sending_a_picture_draws_the_same_dots(bench: Bench, impl: str) -> None:
    drawing = Image.new("1", (64, 48), 1)
    pen = ImageDraw.Draw(drawing)
    pen.ellipse((4, 4, 40, 40), fill=0)
    pen.line((0, 47, 63, 0), fill=0)
    host = Dummy(profile="TM-T20II")
    host._raw(b"\x1b@\x1dP\xcb\xcb")
    host.image(drawing, impl=impl)
    bench.send(host.output + CUT)
    report = bench.told[-1]
    top = report["pictures"][0]["top"] if report["pictures"] else report["lines"][0]["top"]
    with Image.open(report["path"]) as paper:
        drawn = paper.convert("1").crop((MARGIN_DOTS, top, MARGIN_DOTS + 64, top + 48))
    assert ImageChops.difference(drawn.convert("L"), drawing.convert("L")).getbbox() is None


def test_right_and_centre_place_text_and_pictures(bench: Bench) -> None:
    bench.send(b"\x1ba\x02r\n\x1ba\x01\x1dv0\x00\x01\x00\x08\x00" + b"\xff" * 8 + CUT)
    report = bench.told[-1]
    with Image.open(report["path"]) as paper:
        grey = paper.convert("L").crop((MARGIN_DOTS, 0, MARGIN_DOTS + 576, paper.height))
    top = report["pictures"][0]["top"]
    square = grey.crop((0, top, 576, top + 8)).point(lambda value: 255 - value).getbbox()
    assert square == (284, 0, 292, 8)
    letter = grey.crop((0, 0, 576, top)).point(lambda value: 255 - value).getbbox()
    assert letter is not None and letter[0] >= 564


def test_a_code_wider_than_the_paper_is_not_printed(bench: Bench) -> None:
    host = Dummy(profile="TM-T20II")
    host.qr("A" * 500, size=16, native=True)
    bench.send(host.output + CUT)
    assert bench.told[-1]["event"] == "blank"


def test_a_fault_comes_exactly_at_its_byte(bench: Bench) -> None:
    bench.do("fault_at", bytes=8, fault="cover-open")
    bench.send(b"abcd\nefgh\nij\n" + CUT)
    assert bench.papers("partial") == [["abcd"]]
    assert status(bench).startswith("1a 16")
    bench.do("cover", open=False)
    assert bench.papers() == [["abcd", "efgh", "ij"]], "the rest of the line was in the line buffer"


def test_paper_that_runs_out_falls_out_and_the_rest_comes_on_the_new_roll(bench: Bench) -> None:
    bench.do("fault_at", bytes=5, fault="paper-out")
    bench.send(b"abcd\nefgh\n" + CUT)
    bench.do("refill")
    assert (bench.papers("partial"), bench.papers()) == ([["abcd"]], [["efgh"]])


def test_lost_power_loses_the_job_and_the_modes(bench: Bench) -> None:
    bench.send(b"\x1bt\x13\x1d!\x11")
    bench.do("fault_at", bytes=2, fault="power")
    assert bench.send(b"abcd\n" + CUT) == b""
    assert status(bench) == ""
    bench.do("power", on=True)
    bench.send(b"\xe1\n" + CUT)
    assert bench.papers() == [["ß"]], "page 437 again"
    assert bench.told[-1]["lines"][0]["height"] == 1


def test_automatic_status_is_pushed_when_it_changes_and_only_when_asked_for(bench: Bench) -> None:
    bench.do("cover", open=True)
    bench.do("cover", open=False)
    assert bench.send(b"\x1da\xff").hex(" ") == "10 00 00 0f"
    bench.do("cover", open=True)
    assert bench.send(b"").hex(" ") == "38 00 00 0f"
    bench.do("cover", open=False)
    bench.do("paper", state="low")
    assert bench.send(b"\x1da\x00").hex(" ") == "10 00 00 0f 10 00 03 0f"


def test_an_order_it_does_not_know_is_refused_and_not_fatal(tmp_path: Path) -> None:
    with SimulatorProcess("hardware.simulators.printer", "--out", str(tmp_path)) as simulator:
        for order, details in (("dance", {}), ("paper", {"state": "wet"}), ("cover", {})):
            simulator.do(order, **details)
            assert simulator.wait_for("refused")["why"]
        simulator.do("refill")
        assert simulator.wait_for("did")["do"] == "refill"


def test_a_port_that_is_taken_ends_it_with_one_line(tmp_path: Path) -> None:
    with SimulatorProcess("hardware.simulators.printer", "--out", str(tmp_path)) as simulator:
        command = [sys.executable, "-m", "hardware.simulators.printer", "--out", str(tmp_path), "--port"]
        second = subprocess.run([*command, str(simulator.ready["port"])], capture_output=True, text=True, timeout=20)
    assert second.returncode == 2 and second.stderr.count("\n") == 1


def test_it_shares_no_code_with_the_driver() -> None:
    code = (
        "import sys, hardware.simulators.printer.__main__; "
        "print(*[name for name in sys.modules if name.startswith(('hardware.printer', 'escpos'))])"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=20, check=True)
    assert loaded.stdout.strip() == ""
