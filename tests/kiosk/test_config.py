"""A configuration is understood as a whole, or refused with one line for each fault."""

import tomllib
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk import config
from kiosk.visit.timing import Timing
from tests.towns import TOWN

EXAMPLE = Path(__file__).resolve().parents[2] / "deploy" / "kiosk.example.toml"


def smallest() -> dict[str, Any]:
    return {
        "kiosk": {"name": "Hall", "municipality": TOWN},
        "terminal": {"port": "/dev/loket-terminal", "password": "000000"},
        "printer": {"port": "tcp://127.0.0.1:9100"},
        "journal": {"folder": "journal"},
        "backend": {"url": "https://loket.example.org", "key_file": "kiosk.key"},
    }


def faults_of(data: dict[str, Any]) -> tuple[str, ...]:
    with pytest.raises(config.ConfigFault) as caught:
        config.parse(data, Path("kiosk.toml"))
    return caught.value.faults


def changed(table: str, **keys: Any) -> dict[str, Any]:
    data = smallest()
    data[table] = data.get(table, {}) | keys
    return data


def test_the_example_is_a_valid_configuration():
    example = config.load(EXAMPLE)
    assert example.terminal.port == Path("/dev/loket-terminal")
    assert example.terminal.password_file == EXAMPLE.parent / "terminal-password"


def test_the_example_names_every_key_with_its_true_default():
    uncommented = "\n".join(
        line[1:] if line.startswith("#") and line[1:2].isalpha() and " = " in line else line
        for line in EXAMPLE.read_text(encoding="utf-8").splitlines()
    ).replace("password =", "#password =")  # the one key that excludes another
    everything = tomllib.loads(uncommented)
    parsed = config.parse(everything, EXAMPLE)
    as_shipped = config.load(EXAMPLE)
    assert parsed.logs.folder is not None
    without_default = {"logs": as_shipped.logs, "panel": as_shipped.panel}
    without_default |= {"sound": as_shipped.sound, "staff": as_shipped.staff}
    assert parsed.model_copy(update=without_default) == as_shipped
    assert (parsed.sound.control, parsed.sound.volume) == (as_shipped.sound.control, as_shipped.sound.volume)
    assert not (
        as_shipped.sound.device
        or as_shipped.panel.backlight
        or as_shipped.staff.roster
        or as_shipped.staff.badge_issuers
    )
    for name, field in config.KioskConfig.model_fields.items():
        assert isinstance(field.annotation, type)
        known = set(field.annotation.model_fields) - {"password"}
        assert set(everything[name]) == known


def test_relative_paths_count_from_the_folder_of_the_file(tmp_path):
    file = tmp_path / "kiosk.toml"
    parsed = config.parse(smallest() | {"reader": {"trust": "roots"}}, file)
    assert parsed.journal.folder == tmp_path / "journal"
    assert parsed.backend.key_file == tmp_path / "kiosk.key"
    assert parsed.reader.trust_folder == tmp_path / "roots"
    assert parsed.terminal.port == Path("/dev/loket-terminal")


def test_the_built_in_roots_need_no_folder():
    assert config.parse(smallest(), Path("kiosk.toml")).reader.trust_folder is None


def test_a_municipality_is_a_name_or_a_file_beside_the_configuration(tmp_path):
    file = tmp_path / "kiosk.toml"
    assert config.parse(smallest(), file).kiosk.municipality == TOWN
    own = config.parse(changed("kiosk", municipality="my-town.toml"), file)
    assert own.kiosk.municipality == str(tmp_path / "my-town.toml")


def test_landscape_follows_from_the_lengths():
    assert not config.parse(smallest(), Path("k")).screen.landscape
    assert config.parse(changed("screen", width=1920, height=1080), Path("k")).screen.landscape


def test_timings_override_the_visits_defaults_one_by_one():
    timing = config.parse(changed("timing", idle=5), Path("k")).visit_timing
    assert timing == Timing(idle=5.0)
    assert asdict(Timing()) == asdict(config.parse(smallest(), Path("k")).visit_timing)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (changed("printer", paper_mm=70), "printer.paper_mm: should be 80 or 58"),
        (changed("printer", model="epson"), "printer: model should be auto or one of epson-80, "),
        (changed("printer", model="simple-58"), "printer: model prints on paper of another width than paper_mm"),
        (changed("printer", papermm=80), "printer.papermm: there is no such key; did you mean 'paper_mm'?"),
        (changed("printer", port="usb://x"), "printer.port: 'usb://x' is no printer's address; write"),
        (changed("printer", port="tcp://h:99999"), "printer.port: 'tcp://h:99999' is no printer's address"),
        (changed("printr", port="x"), "printr: there is no such key; did you mean 'printer'?"),
        (
            changed("kiosk", languages=["nl", "xx"]),
            "kiosk.languages: should name each language once, of nl, fr, de, en",
        ),
        (changed("kiosk", languages=[]), "kiosk.languages: should name each language once, of nl, fr, de, en"),
        (changed("terminal", password="12345"), "terminal.password: should be six digits"),
        (changed("terminal", password="１２３４５６"), "terminal.password: should be six digits"),
        (changed("terminal", password_file="x"), "terminal: should have either password or password_file"),
        (changed("backend", url="http://loket.example.org"), "backend.url: should be an https:// address"),
        (changed("backend", url="nonsense"), "backend.url: should be an https:// address"),
        (changed("timing", idle=0), "timing.idle: should be greater than 0"),
        (changed("timing", idel=60), "timing.idel: there is no such key; did you mean 'idle'?"),
        (changed("screen", width="wide"), "screen.width: should be a valid integer"),
    ],
)
def test_each_fault_is_one_line_that_names_its_key(data, fault):
    (line,) = faults_of(data)
    assert line.startswith(fault)
    assert "\n" not in line


def test_all_faults_are_told_at_once():
    data = smallest()
    del data["journal"]
    del data["backend"]["key_file"]
    data["screen"] = {"width": 3}
    assert len(faults_of(data)) == 3
    assert "journal: is missing" in faults_of(data)


def test_plain_http_is_accepted_to_this_machine_alone():
    for url in ("http://127.0.0.1:8000", "http://localhost:8000/", "http://[::1]:8000"):
        assert config.parse(changed("backend", url=url), Path("k")).backend.url == url.rstrip("/")


def test_a_fault_never_repeats_a_value_that_may_be_secret():
    data = changed("terminal", password="hunter2", baud="hunter2", pasword="hunter2")
    assert "hunter2" not in "".join(faults_of(data))
    assert "000000" not in repr(config.parse(smallest(), Path("k")))


def test_the_terminals_password_may_lie_in_a_file_of_its_own(tmp_path):
    secret = tmp_path / "terminal-password"
    secret.write_text("012345\n")
    data = smallest()
    data["terminal"] = {"port": "/dev/t", "password_file": "terminal-password"}
    terminal = config.parse(data, tmp_path / "kiosk.toml").terminal
    assert terminal.read_password() == "012345"
    secret.write_text("open sesame")
    with pytest.raises(ValueError, match="should hold six digits") as caught:
        terminal.read_password()
    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "fault"),
    [(b"[kiosk\n", "is not TOML"), (b"\xff\xfe", "is not UTF-8 text at byte 0"), (None, "cannot be read: ")],
)
def test_a_file_that_is_no_toml_is_refused_in_one_line(tmp_path, content, fault):
    file = tmp_path / "kiosk.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(config.ConfigFault) as caught:
        config.load(file)
    assert str(caught.value).startswith(f"{file}: {fault}")
    assert "\n" not in str(caught.value)


toml_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(sorted(config.KioskConfig.model_fields)), st.text(max_size=12), toml_values)
def test_whatever_stands_in_the_file_is_a_configuration_or_a_fault(table, key, value):
    for data in (smallest() | {table: value}, smallest() | {table: {key: value}}):
        try:
            config.parse(data, Path("kiosk.toml"))
        except config.ConfigFault as fault:
            assert fault.faults
