"""What install.sh lays down, and what the units and rules expect to find, agree."""

import re
from pathlib import Path

import pytest

from kiosk import config
from kiosk.vitals.frames import PULSE_SECONDS
from tests.deploy.shell import TREE, run

DEPLOY = TREE / "deploy"
INSTALL = (DEPLOY / "install.sh").read_text(encoding="utf-8")
UNIT = DEPLOY / "systemd" / "loket-kiosk.service"
RULES = (DEPLOY / "udev" / "70-loket.rules").read_text(encoding="utf-8")
PLACES = dict(re.findall(r"\b(app|venv|etc|state|account|service)=(\S+)", INSTALL))


def unit_values(key: str) -> list[str]:
    return re.findall(rf"^{key}=(.*)$", UNIT.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.fixture
def debian_12(tmp_path: Path) -> str:
    release = tmp_path / "os-release"
    release.write_text('ID=debian\nVERSION_ID="12"\n')
    return str(release)


def test_the_unit_starts_what_the_installer_installs():
    (command,) = unit_values("ExecStart")
    compositor, program = command.split(" -- ")
    assert compositor.split()[0] == "/usr/bin/cage"
    assert program == f"{PLACES['venv']}/bin/kiosk run --config {PLACES['etc']}/kiosk.toml"
    assert unit_values("ConditionPathExists") == [f"{PLACES['etc']}/kiosk.toml"]
    assert unit_values("User") == unit_values("Group") == [PLACES["account"]]
    assert [f"/var/lib/{name}" for name in unit_values("StateDirectory")] == [PLACES["state"]]
    assert UNIT.name == PLACES["service"]


def test_the_unit_always_comes_back():
    assert unit_values("Restart") == ["always"]
    assert unit_values("StartLimitIntervalSec") == ["0"]


def test_a_picture_that_stands_still_ends_in_a_restart_and_not_before_the_alert():
    (patience,) = unit_values("WatchdogSec")
    assert int(patience) > 120 > 4 * PULSE_SECONDS  # two minutes: docs/fleet.md
    assert unit_values("NotifyAccess") == ["all"]  # the kiosk is not the unit's first process
    assert unit_values("WatchdogSignal") == []  # SIGABRT: an end that Restart= counts as a failure


def test_the_unit_lets_the_compositors_x_server_start_and_draws_nowhere_else():
    # Xwayland's call of xkbcomp begins with these two; without its keymap it ends, and SDL looks for another window.
    assert unit_values("SystemCallFilter")[-1] == "setuid setgid"
    assert "SDL_VIDEODRIVER=x11" in unit_values("Environment")


def test_the_unit_may_write_where_the_example_configuration_writes():
    example = config.load(DEPLOY / "kiosk.example.toml")
    writable = {Path("/var/lib", *unit_values("StateDirectory")), Path("/var/log", *unit_values("LogsDirectory"))}
    assert example.journal.folder in writable
    assert example.backend.key_file.parent in writable


def test_the_units_document_is_among_what_is_copied():
    (address,) = unit_values("Documentation")
    path = address.removeprefix(f"file://{PLACES['app']}/")
    assert (TREE / path).is_file()
    assert re.search(rf"cp -r .*\b{path.split('/')[0]}\b", INSTALL)


def verified(root: Path, unit: str) -> list[str]:
    """What systemd says of a unit, in a root that holds the units and programs it leans on."""
    units = root / "etc" / "systemd" / "system"
    units.mkdir(parents=True)
    (units / UNIT.name).write_text(unit)
    for target in ("sysinit", "basic", "shutdown", "graphical", "network-online"):
        (units / f"{target}.target").write_text("[Unit]\nDefaultDependencies=no\n")
    (units / "seatd.service").write_text("[Service]\nExecStart=/usr/bin/cage\n")
    for program in ("/usr/bin/cage", f"{PLACES['venv']}/bin/kiosk"):
        file = root / program.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("#!/bin/sh\n")
        file.chmod(0o755)
    heard = run("systemd-analyze", "verify", "--man=no", "--generators=no", f"--root={root}", UNIT.name)
    return [line for line in (heard.stdout + heard.stderr).splitlines() if UNIT.name in line]


def test_systemd_finds_no_mistake_in_the_unit(tmp_path):
    text = UNIT.read_text(encoding="utf-8")
    assert verified(tmp_path / "as-it-is", text) == []
    assert verified(tmp_path / "misspelt", text.replace("PrivateTmp", "PrivateTemp"))
    assert verified(tmp_path / "without", text.replace("/usr/bin/cage", "/usr/bin/no-cage"))


def test_the_unit_is_closed_in():
    # In tenths; 96 is a unit with nothing set. What is left open is explained in the unit.
    heard = run("systemd-analyze", "security", "--offline=yes", "--no-pager", "--threshold=20", UNIT)
    assert heard.returncode == 0, heard.stdout[-200:] + heard.stderr


def test_every_file_that_is_placed_is_in_the_tree():
    sources = re.findall(r"place \d+ \S+ (deploy/\S+) ", INSTALL)
    assert len(sources) >= 6
    for source in sources:
        assert (TREE / source).is_file(), source


def test_the_names_in_the_example_are_those_of_the_rules():
    names = set(re.findall(r'^[^#]*SYMLINK\+="([^"]+)"', RULES, re.MULTILINE))
    example = (DEPLOY / "kiosk.example.toml").read_text(encoding="utf-8")
    assert set(re.findall(r'^port = "/dev/([^"]+)"', example, re.MULTILINE)) == names


def test_the_rules_come_after_those_that_find_out_what_they_compare():
    assert 'ENV{ID_BUS}=="usb"' in RULES
    (placed,) = re.findall(r"place 0644 \S+ deploy/udev/\S+ /etc/udev/rules.d/(\S+)", INSTALL)
    assert placed > "60-serial.rules"  # Debian's: it imports usb_id for serial lines


def test_the_account_may_open_what_the_unit_allows():
    groups = re.search(r"groups=(\S+)\n.*\+=,(render)", INSTALL)
    assert set(groups[1].split(",")) == {"dialout", "lp", "video", "audio"}
    assert {"char-drm rw", "char-ttyS rw", "char-usb rw", "char-alsa rw"} <= set(unit_values("DeviceAllow"))


def test_every_rule_is_well_formed_and_keeps_the_modem_manager_away():
    key = r'[A-Z_]+(\{\w+\})?(==|!=|=|\+=)"[^"]*"'
    for line in RULES.splitlines():
        rule = line.removeprefix("#") if "SUBSYSTEM" in line else line
        if not rule or rule.startswith("#"):
            continue
        assert re.fullmatch(rf"{key}(, {key})*", rule), line
        assert 'SUBSYSTEM=="tty"' not in rule or 'ENV{ID_MM_DEVICE_IGNORE}="1"' in rule


def test_another_system_is_refused_in_one_line(tmp_path):
    release = tmp_path / "os-release"
    release.write_text("ID=fedora\nVERSION_ID=40\n")
    heard = run("deploy/install.sh", "--dry-run", OS_RELEASE=str(release))
    assert heard.returncode == 2
    assert heard.stderr == "install.sh: this is made for Debian 12, and this machine is fedora 40\n"
    assert heard.stdout == ""


def test_an_unknown_option_is_refused_in_one_line():
    heard = run("deploy/install.sh", "--force")
    assert heard.returncode == 2
    assert heard.stderr.count("\n") == 1


def test_help_says_what_it_lays_down():
    heard = run("deploy/install.sh", "--help")
    assert heard.returncode == 0
    for place in ("app", "venv", "etc", "state"):
        assert PLACES[place] in heard.stdout


def test_a_dry_run_says_what_it_would_do_and_does_nothing(debian_12):
    before = {place: Path(place).exists() for place in PLACES.values()}
    heard = run("deploy/install.sh", "--dry-run", OS_RELEASE=debian_12)
    assert heard.returncode == 0, heard.stderr
    assert "would do: user loket" in heard.stdout
    installed = Path("/etc/systemd/system", UNIT.name)  # this machine may be a kiosk
    is_current = installed.exists() and installed.read_bytes() == UNIT.read_bytes()
    assert is_current or f"would write: {installed}" in heard.stdout
    assert {place: Path(place).exists() for place in PLACES.values()} == before
