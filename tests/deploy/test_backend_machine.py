"""What backend/install.sh lays down agrees with what its units, roles and proxy expect to find; and they hold."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hardware.simulators.process import SimulatorProcess
from kiosk.domain import wire
from kiosk.sync.keys import public_key_text
from tests.backend.postgresql import FAST_AND_FORGETFUL, PrivatePostgreSQL
from tests.deploy.shell import TREE, run

INSTALLER = TREE / "deploy" / "backend" / "install.sh"
INSTALL = INSTALLER.read_text(encoding="utf-8")
UNITS = sorted((TREE / "deploy" / "systemd").glob("loket-backend*.*e*"))
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
TIMERS = [unit for unit in UNITS if unit.suffix == ".timer"]
CLOSED = TREE / "deploy" / "systemd" / "loket-backend-closed.conf"
HOST = "loket.example.be"


@pytest.fixture
def debian_12(tmp_path: Path) -> str:
    release = tmp_path / "os-release"
    release.write_text('ID=debian\nVERSION_ID="12"\n')
    return str(release)


# --- The installer ------------------------------------------------------------------------------------


def test_a_dry_run_says_what_it_would_do_and_does_nothing(debian_12: str) -> None:
    places = [
        Path(place) for place in ("/opt/loket", "/etc/loket", "/var/backups/loket", "/usr/local/sbin/loket-backend")
    ]
    before = [place.exists() for place in places]
    heard = run(INSTALLER, "--dry-run", "--name", HOST, OS_RELEASE=debian_12)
    assert heard.returncode == 0, heard.stderr
    assert "would do: database" in heard.stdout and "answers" not in heard.stdout
    assert [place.exists() for place in places] == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--dry-run"], "how is this machine reached? Say --name loket.example.be"),
        (["--dry-run", "--name", "loket/example"], "--name: a host's name in small letters, not 'loket/example'"),
        (["--dry-run", "--name"], "--name needs a host's name"),
        (["--dry-run", "--name", HOST, "--restore", "/no/such.dump"], "/no/such.dump: cannot be read"),
        (["--force"], "there is no option --force; --help lists them"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line(debian_12: str, words: list[str], said: str) -> None:
    heard = run(INSTALLER, *words, OS_RELEASE=debian_12)
    assert (heard.returncode, heard.stdout, heard.stderr) == (2, "", f"install.sh: {said}\n")


def test_another_system_is_refused(tmp_path: Path) -> None:
    release = tmp_path / "os-release"
    release.write_text("ID=fedora\nVERSION_ID=40\n")
    heard = run(INSTALLER, "--dry-run", "--name", HOST, OS_RELEASE=str(release))
    assert heard.returncode == 2 and "this machine is fedora 40" in heard.stderr


def test_a_step_of_several_commands_ends_with_the_first_that_fails(tmp_path: Path) -> None:
    script = 'set -euo pipefail; dry_run=; . deploy/lib.sh; f() { false; touch "$SEEN"; }; run "steps" f; echo went on'
    heard = run("/bin/bash", "-c", script, log=str(tmp_path / "log"), SEEN=str(tmp_path / "seen"))
    assert heard.returncode == 1 and "failed after" in heard.stdout
    assert "went on" not in heard.stdout and not (tmp_path / "seen").exists()


def test_the_backends_lock_holds_all_that_the_backend_loads(tmp_path: Path) -> None:
    """Its machine gets these libraries alone: one that is missing there would show at the first call that needs it."""
    looked = run(sys.executable, "-c", LOADED, LOKET_DATA=str(tmp_path), DJANGO_SETTINGS_MODULE="backend.settings")
    assert looked.returncode == 0, looked.stderr
    # Pygments, rich and numpy are used where they are there, and not missed where they are not.
    used = set(json.loads(looked.stdout)) - {"loket", "setuptools", "pygments", "rich", "numpy", "greenlet"}
    locked = set(re.findall(r"^([a-z0-9-]+)==", (TREE / "requirements-backend.lock").read_text(), re.MULTILINE))
    assert used - locked == set()
    assert locked.isdisjoint({"kivy", "pyscard", "matplotlib", "python-escpos"})


LOADED = """
import importlib, importlib.metadata, json, os, pkgutil, sys
from pathlib import Path
from backend import preparation
preparation.compile_texts(Path(os.environ["LOKET_DATA"]))
import django
django.setup()
import backend
before = set(sys.modules)
for module in pkgutil.walk_packages(backend.__path__, "backend."):
    importlib.import_module(module.name)
tops = {name.split(".")[0] for name in sys.modules}
known = importlib.metadata.packages_distributions()
print(json.dumps(sorted({d.lower().replace("_", "-") for top in tops for d in known.get(top, ())})))
"""


# --- The units ----------------------------------------------------------------------------------------


def _values(unit: Path, key: str) -> list[str]:
    return re.findall(rf"^{key}=(.*)$", unit.read_text(encoding="utf-8"), re.MULTILINE)


def _root(folder: Path) -> Path:
    """A machine on which the installer has run, as far as systemd looks at it."""
    units = folder / "etc" / "systemd" / "system"
    for name in ("loket-backend.service.d", "loket-backend-.service.d"):
        (units / name).mkdir(parents=True)
        (units / name / "closed.conf").write_bytes(CLOSED.read_bytes())
    for unit in UNITS:
        (units / unit.name).write_bytes(unit.read_bytes())
    for target in ("sysinit", "basic", "shutdown", "multi-user", "network-online", "timers", "time-sync", "time-set"):
        (units / f"{target}.target").write_text("[Unit]\nDefaultDependencies=no\n")
    (units / "postgresql.service").write_text("[Service]\nExecStart=/usr/bin/test\n")
    programs = ("/opt/loket/venv/bin/python", "/opt/loket/app/deploy/backend/backup.sh", "/usr/bin/test")
    for program in programs:
        file = folder / program.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("#!/bin/sh\n")
        file.chmod(0o755)
    return folder


def _verified(root: Path) -> list[str]:
    names = [unit.name for unit in UNITS]
    heard = run("systemd-analyze", "verify", "--man=no", "--generators=no", f"--root={root}", *names)
    return [line for line in (heard.stdout + heard.stderr).splitlines() if "loket-backend" in line]


def test_systemd_finds_no_mistake_in_the_units(tmp_path: Path) -> None:
    root = _root(tmp_path)
    assert _verified(root) == []
    drop_in = root / "etc/systemd/system/loket-backend-.service.d/closed.conf"
    drop_in.write_text(drop_in.read_text().replace("PrivateTmp", "PrivateTemp"))
    assert _verified(root)


@pytest.mark.parametrize("service", SERVICES, ids=lambda unit: unit.stem)
def test_each_unit_is_closed_in_by_the_same_words(tmp_path: Path, service: Path) -> None:
    words = ("security", "--offline=yes", "--no-pager", "--threshold=15", f"--root={_root(tmp_path)}")  # in tenths
    heard = run("systemd-analyze", *words, service.name)
    assert heard.returncode == 0, heard.stdout[-200:] + heard.stderr


def test_no_unit_leaves_its_memory_behind() -> None:
    for unit in (CLOSED, CLOSED.with_name("loket-kiosk.service")):
        assert _values(unit, "LimitCORE") == ["0"], unit.name


def test_units_accounts_and_places_agree() -> None:
    accounts = set(re.search(r"for account in (.*); do", INSTALL)[1].split())
    for service in SERVICES:
        (user,), (start,) = _values(service, "User"), _values(service, "ExecStart")
        assert user in accounts and _values(service, "Group") == [user], service.name
        program = start.split()[0]
        assert program in ("/opt/loket/venv/bin/python", "/opt/loket/app/deploy/backend/backup.sh")
        for address in _values(service, "Documentation"):
            assert (TREE / address.removeprefix("file:///opt/loket/app/")).is_file()
        for file in _values(service, "EnvironmentFile"):
            assert file in ("/etc/loket/backend.env", "-/etc/loket/backup.env")
    assert re.search(r"cp -r .*\bbackend kiosk assets deploy\b", INSTALL)


def test_each_timer_has_its_service_and_is_switched_on() -> None:
    enabled = re.search(r"loket-backend-\{(.*)\}\.timer", INSTALL)[1].split(",")
    assert sorted(f"loket-backend-{name}.timer" for name in enabled) == [timer.name for timer in TIMERS]
    for timer in TIMERS:
        assert timer.with_suffix(".service").is_file()
        assert all(when.endswith("Europe/Brussels") for when in _values(timer, "OnCalendar"))


def test_the_settings_in_the_example_are_those_that_the_installer_makes() -> None:
    example = (TREE / "deploy" / "backend" / "backend.example.env").read_text()
    used = dict(re.findall(r"^(LOKET_\w+)=(.*)$", example, re.MULTILINE))
    made = {f"/etc/loket/{name}" for name in re.findall(r'make_secret "\$etc/(\S+)"', INSTALL)}
    assert {value for name, value in used.items() if name.endswith("_FILE")} == made
    assert used["LOKET_PUBLIC_URL"] == f"https://{HOST}"


# --- The database -------------------------------------------------------------------------------------

RULES = re.findall(r'add_line "\$conf/(\S+)" "([^"]+)" (top|end)', INSTALL)


@pytest.fixture(scope="module")
def peers() -> Iterator[PrivatePostgreSQL]:
    """A server that knows its clients as the installed one does; other accounts of this machine stand for its own."""
    with PrivatePostgreSQL(**FAST_AND_FORGETFUL) as server:
        server.create("loket")
        roles = TREE / "deploy" / "backend" / "roles.sql"
        made = run(server.binaries / "psql", "-Xqd", server.url("loket"), "-v", "ON_ERROR_STOP=1", "-f", roles)
        assert made.returncode == 0, made.stderr
        for name, line, where in RULES:
            line = line.replace("$database", "loket")
            for ours, theirs in STAND_INS.items():
                line = re.sub(rf"^loket {ours} ", f"loket {theirs} ", line)
            run("/bin/bash", "-c", f'{ADD_LINE}\nadd_line "$1" "$2" {where}', "-", server.folder / "data" / name, line)
        os.kill(server.pid, signal.SIGHUP)
        os.chmod(server.folder, 0o755)
        yield server


STAND_INS = {"loket-backend": "www-data", "loket-owner": "daemon", "loket-backup": "backup"}
ADD_LINE = re.search(r"^add_line\(\) \{.*?^\}", INSTALL, re.MULTILINE | re.DOTALL)[0]


def _who(server: PrivatePostgreSQL, account: str, role: str) -> str:
    as_account = ["setpriv", "--reuid", account, "--regid", account, "--clear-groups"]
    psql = [server.binaries / "psql", "-XwAt", "-c", "SELECT current_user", server.url("loket", role)]
    return run(*as_account, *psql).stdout.strip()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as several accounts")
def test_each_account_comes_in_as_its_own_role_and_as_no_other(peers: PrivatePostgreSQL) -> None:
    deadline = time.monotonic() + 20
    while _who(peers, "games", "loket_app") and time.monotonic() < deadline:  # until the server has read its rules
        time.sleep(0.05)
    roles = ("loket_app", "loket_owner", "loket_backup")
    found = {
        account: [_who(peers, account, role) for role in roles] for account in (*STAND_INS.values(), "root", "games")
    }
    assert found == {
        "www-data": ["loket_app", "", ""],
        "daemon": ["", "loket_owner", ""],
        "backup": ["", "", "loket_backup"],
        "root": ["", "loket_owner", ""],
        "games": ["", "", ""],
    }


# --- The proxy ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Proxy:
    """nginx with the installed site, before a real backend."""

    folder: Path
    secure: int
    plain: int
    code: str

    def client(self, host: str = HOST) -> httpx.Client:
        trust = ssl.create_default_context(cafile=str(self.folder / "tls" / "fullchain.pem"))
        return httpx.Client(
            base_url=f"https://127.0.0.1:{self.secure}",
            verify=trust,
            headers={"Host": host},
            trust_env=False,
            timeout=20,
        )

    def get(self, path: str, host: str = HOST, **more: object) -> httpx.Response:
        with self.client(host) as client:
            return client.get(path, extensions={"sni_hostname": host}, **more)

    def post(self, path: str, **more: object) -> httpx.Response:
        with self.client() as client:
            return client.post(path, extensions={"sni_hostname": HOST}, **more)

    @property
    def logs(self) -> str:
        return "".join(file.read_text() for file in self.folder.glob("*.log"))


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    folder = tmp_path_factory.mktemp("proxy")
    arguments = ["demo", "--json", "--port", "0", "--data", str(folder / "data"), "--until-stdin-ends"]
    settings = {"LOKET_PUBLIC_URL": f"https://{HOST}", "LOKET_BEHIND_PROXY": "true", "LOKET_METRICS_TOKEN_FILE": ""}
    (folder / "token").write_text("open-sesame")
    settings["LOKET_METRICS_TOKEN_FILE"] = str(folder / "token")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        backend = SimulatorProcess("backend", *arguments, timeout=90.0)
    with backend:
        secure, plain = _free_port(), _free_port()
        _configure(folder, secure, plain, backend.ready["url"].removeprefix("http://"))
        nginx = subprocess.Popen(
            ["/usr/sbin/nginx", "-c", str(folder / "nginx.conf")], stderr=subprocess.PIPE, text=True
        )
        try:
            deadline = time.monotonic() + 20
            while True:
                try:
                    socket.create_connection(("127.0.0.1", secure), timeout=1).close()
                    break
                except OSError:
                    assert nginx.poll() is None and time.monotonic() < deadline, nginx.stderr.read()
                    time.sleep(0.05)
            yield Proxy(folder, secure, plain, str(backend.ready["enrolment_code"]))
        finally:
            nginx.terminate()
            nginx.wait(20)


def _configure(folder: Path, secure: int, plain: int, backend: str) -> None:
    make = re.search(r"openssl req -x509.*?fullchain.pem\"", INSTALL, re.DOTALL)[0]
    (folder / "tls").mkdir()
    made = run("/bin/bash", "-c", make, etc=str(folder), host=HOST)
    assert made.returncode == 0, made.stderr
    site = (TREE / "deploy" / "backend" / "nginx.conf").read_text()
    for installed, here in (
        ("127.0.0.1:8000", backend),
        ("listen 443 ", f"listen 127.0.0.1:{secure} "),
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("/etc/loket/tls", str(folder / "tls")),
        ("/etc/nginx/loket.d", str(folder)),
        ("/var/log/nginx", str(folder)),
        ("/var/www/loket-acme", str(folder / "acme")),
        ("rate=30r/m", "rate=6000r/m"),  # the backend's own limit is to be seen, and the others not waited for
    ):
        assert installed in site, installed
        site = site.replace(installed, here)
    site = re.sub(r"^ *listen \[::\].*\n", "", site, flags=re.MULTILINE).replace(f"include {folder}/*.conf;", "")
    user = "user root;" if os.geteuid() == 0 else ""
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"{user} daemon off; pid {folder}/pid; error_log {folder}/main.log; worker_processes 1; events {{}}\n"
        f"http {{ access_log off; {temporary}\n{site}\n}}\n"
    )


def test_a_call_arrives_as_an_encrypted_one(proxy: Proxy) -> None:
    answer = proxy.get("/health/ready")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})
    assert "max-age=31536000" in answer.headers["strict-transport-security"]
    page = proxy.get("/account/login/")
    assert page.status_code == 200 and "Secure" in page.headers["set-cookie"]
    style = re.search(r'href="(/static/[^"]+\.css)"', page.text)[1]
    assert "immutable" in proxy.get(style).headers["cache-control"]


def test_an_open_call_is_sent_to_the_encrypted_address_but_for_the_certificates_proof(proxy: Proxy) -> None:
    well_known = proxy.folder / "acme" / ".well-known" / "acme-challenge"
    well_known.mkdir(parents=True)
    (well_known / "token").write_text("proof")
    with httpx.Client(base_url=f"http://127.0.0.1:{proxy.plain}", headers={"Host": HOST}, trust_env=False) as plain:
        assert plain.get("/desk/").headers["location"] == f"https://{HOST}/desk/"
        assert plain.get("/.well-known/acme-challenge/token").text == "proof"


def test_who_asks_for_another_name_is_not_answered(proxy: Proxy) -> None:
    with pytest.raises(httpx.ConnectError):
        proxy.get("/", host="somebody.example")


def test_a_body_that_is_too_large_stops_at_the_proxy(proxy: Proxy) -> None:
    assert proxy.post(f"{wire.API_PREFIX}/entries", content=b"x" * 2_200_000).status_code == 413


def test_an_address_that_a_caller_made_up_counts_for_nothing(proxy: Proxy) -> None:
    def guess(number: int) -> httpx.Response:
        body = {"code": f"{number:04d}-AAAA-BBBB", "public_key": public_key_text(Ed25519PrivateKey.generate())}
        pretended = {"X-Forwarded-For": f"192.0.2.{number}"}
        return proxy.post(f"{wire.API_PREFIX}/enrol", json=body | {"name": "hall"}, headers=pretended)

    answers = [guess(number) for number in range(21)]
    assert [answer.status_code for answer in answers] == [403] * 20 + [429]
    assert answers[-1].json()["reason"] == "too-many"


def test_metrics_open_to_their_token_only(proxy: Proxy) -> None:
    assert proxy.get("/metrics").status_code == 401
    assert proxy.get("/metrics", headers={"Authorization": "Bearer another"}).status_code == 401
    opened = proxy.get("/metrics", headers={"Authorization": "Bearer open-sesame"})
    assert opened.status_code == 200 and "loket_dead_letters" in opened.text


def test_no_log_repeats_what_somebody_asked_for(proxy: Proxy) -> None:
    proxy.get("/account/login/?next=85073003328")
    proxy.post("/desk/search/?q=85073003328", data={"q": "El Amrani"})
    proxy.post(f"{wire.API_PREFIX}/entries?q=85073003328", content=b"y" * 2_200_000)
    assert "/account/login/" in proxy.logs and "/entries 413" in proxy.logs
    assert "85073003328" not in proxy.logs and "Amrani" not in proxy.logs
