"""A log line is JSON, and no person is in it, whoever wrote it."""

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from kiosk import logs
from kiosk.domain.record import entries

PARENT = entries.Parent(
    national_number="85073003328",
    surname="Şahin-Müller",
    first_names="Ayşe Noor",
    card_number="B123456789",
    card_type="A",
)
CHILD = {"first_name": "Lina", "birth_date": date(2020, 3, 1), "card_type": "F"}
SECRETS = ("Şahin", "Ayşe", "B123456789", "Lina", "2020-03-01", "85073003328", "85.07.30-033.28", "67034444444444441")


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root, level = logging.getLogger(), logging.getLogger().level
    stream = io.StringIO()
    logs.configure(stream=stream)
    yield stream
    for handler in root.handlers[:]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)
    structlog.reset_defaults()


class BesideOurs(logging.Handler):
    """What a library hangs on the root logger after we have set it up."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[Any] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name == "kiosk.test":
            self.heard.append(record.msg)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_json_with_level_logger_and_utc_time(stream):
    structlog.stdlib.get_logger("kiosk.test").warning("terminal silent", seconds=3.5, port=Path("/dev/loket-terminal"))
    (line,) = lines(stream)
    assert line.pop("at").endswith("Z")
    assert line == {
        "event": "terminal silent",
        "level": "warning",
        "logger": "kiosk.test",
        "seconds": 3.5,
        "port": "/dev/loket-terminal",
    }


def test_personal_data_does_not_get_through_by_key_by_object_or_by_text(stream):
    beside = BesideOurs()
    logging.getLogger().addHandler(beside)
    log = structlog.stdlib.get_logger("kiosk.test")
    log.info("by key", **PARENT.model_dump() | CHILD)
    log.info("deep down", visit={"who": [{"parent": PARENT.model_dump(), "Children": [CHILD]}]})
    log.info("as an object", record=PARENT, held=[PARENT, (PARENT,)], keyed={"x": PARENT})
    log.info("raw", answer=b"\x01\x0cB123456789", body=PARENT.model_dump_json())
    log.info("in text 85.07.30-033.28 and 85073003328", pan="67034444444444441", said="card 6703 4444 4444 4444 1 read")
    log.info("as a number", count=85073003328)
    logging.getLogger("some.library").warning("refused %s for 85073003328", "6703-4444-4444-4444-1")
    written = stream.getvalue()
    assert len(lines(stream)) == 7
    for secret in SECRETS:
        assert secret not in written
        assert secret not in str(beside.heard)
    assert "6703 4444" not in written and "6703-4444" not in written
    assert lines(stream)[0]["card_type"] == "F"  # a type alone is nobody


def test_a_traceback_shows_neither_local_variables_nor_numbers(stream):
    surname = PARENT.surname
    try:
        raise ValueError(f"no such number: {PARENT.national_number}")
    except ValueError as problem:
        structlog.stdlib.get_logger().exception("reading failed", problem=problem)
    assert surname not in stream.getvalue()
    assert "85073003328" not in stream.getvalue()
    assert "Traceback" in lines(stream)[0]["exception"]


@pytest.mark.parametrize("model", [entries.Parent, entries.RequestedChild])
def test_every_field_that_says_who_someone_is_has_a_dropped_key(model):
    says_nothing_of_who = {"card_type", "procedure", "fee_cents", "ready_at", "ready_exact"}
    assert set(model.model_fields) - says_nothing_of_who <= logs.PERSONAL_KEYS


def test_what_the_product_counts_and_measures_stays_readable(stream):
    class Outcome(StrEnum):
        PAID = "paid"

    structlog.stdlib.get_logger().info(
        "paid", outcome=Outcome.PAID, cents=2400, receipt_number=17, trace_number=123456, steps_ms={"pay": 900}
    )
    (line,) = lines(stream)
    assert (line["outcome"], line["cents"], line["receipt_number"], line["steps_ms"]) == (
        "paid",
        2400,
        17,
        {"pay": 900},
    )


def test_an_unknown_object_is_named_by_its_type_alone(stream):
    @dataclass
    class Visitor:
        who: str

    structlog.stdlib.get_logger().info("seen", visitor=Visitor("Lina"))
    assert lines(stream)[0]["visitor"] == "<Visitor>"


def test_a_line_goes_to_a_new_file_when_logrotate_has_taken_the_old_one(tmp_path, stream):
    logs.configure(tmp_path / "logs")
    log = structlog.stdlib.get_logger()
    log.info("first")
    file = tmp_path / "logs" / logs.LOG_FILE
    file.rename(tmp_path / "rotated")
    log.info("second")
    assert json.loads(file.read_text())["event"] == "second"
    assert stream.getvalue() == ""


def test_a_handler_that_a_library_hung_up_before_is_taken_down(stream):
    library = io.StringIO()
    logging.getLogger().addHandler(logging.StreamHandler(library))
    logs.configure(stream=stream)
    logging.getLogger("some.library").warning("85073003328")
    assert library.getvalue() == ""
    assert lines(stream)[0]["event"] == logs.REMOVED


def test_the_level_is_obeyed(stream):
    logs.configure(level="warning", stream=stream)
    structlog.stdlib.get_logger().info("quiet")
    structlog.stdlib.get_logger().warning("heard")
    assert [line["event"] for line in lines(stream)] == ["heard"]


@given(st.integers(0, 999_999_999), st.booleans())
def test_every_number_with_the_check_digits_of_a_national_number_is_removed(head, from_2000):
    check = 97 - int(f"{'2' if from_2000 else ''}{head:09}") % 97
    digits = f"{head:09}{check:02}"
    for text in (digits, f"{digits[:2]}.{digits[2:4]}.{digits[4:6]}-{digits[6:9]}.{digits[9:]}"):
        line = logs.without_people(None, "", {"said": f"for {text}."})
        assert line == {"said": f"for {logs.REMOVED}."}
