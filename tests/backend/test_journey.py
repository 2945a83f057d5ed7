"""The whole way over a real server process: enrol, lease, record, upload, look up at the desk, in a browser."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Page, sync_playwright

from hardware.simulators.process import SimulatorProcess
from kiosk.domain.record import entries
from kiosk.domain.tickets.claims import Claims, Payment, PaymentState, RequestedCard, new_code
from kiosk.domain.tickets.keys import key_id_of
from kiosk.domain.wire import decode_public_key
from kiosk.journal.journal import Journal, JournalError
from kiosk.sync.client import BackendClient, Identity, SyncError, SyncProblem
from kiosk.sync.enrol import enrol, load_identity
from kiosk.sync.keys import public_key_text
from kiosk.sync.worker import Stock, SyncWorker
from kiosk.ticket.signature import sign
from tests.backend.chromium import CHROMIUM, FLAGS
from tests.towns import TOWN

CODE = new_code(Random(11))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    data = tmp_path_factory.mktemp("backend")
    arguments = ["demo", "--json", "--port", "0", "--data", str(data), "--until-stdin-ends"]
    with SimulatorProcess("backend", *arguments, timeout=90.0) as process:
        process.ready["data"] = str(data)
        yield process


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kiosk")


@pytest.fixture(scope="module")
def synced(server: SimulatorProcess, folder: Path) -> SyncWorker:
    """A kiosk that enrolled, leased, recorded a visit and told the backend all of it."""
    key_file = folder / "kiosk.pem"
    client = BackendClient(server.ready["url"])
    identity = enrol(client, server.ready["enrolment_code"], "hall-1", key_file)
    journal = Journal(folder / "journal.sqlite3")
    worker = SyncWorker(
        journal, client, jitter=Random(1).random, stock=Stock(slots=30, days=10), journal_errors=(JournalError,)
    )
    worker.start()
    assert worker.drain(20)
    _visit(journal, identity)
    assert worker.drain(20)
    yield worker
    assert worker.stop()
    client.close()
    journal.close()


def _visit(journal: Journal, identity: Identity) -> None:
    visit, ticket, payment = uuid4(), uuid4(), uuid4()
    slot = journal.free_slots(datetime.now(UTC))[0]
    parent = entries.Parent(
        national_number="85.07.30-033.28",
        surname="El Amrani",
        first_names="Amina Zohra",
        card_number="B123456789",
        card_type="A",
    )
    children = tuple(
        entries.RequestedChild(
            first_name=name,
            birth_date=born,
            card_type="A",
            procedure="normal",
            fee_cents=1200,
            ready_at=datetime(2026, 12, 15, 8, tzinfo=UTC),
        )
        for name, born in (("Yusuf", datetime(2019, 4, 2).date()), ("Lina", datetime(2022, 9, 17).date()))
    )
    receipt = entries.Receipt(
        cents=2400,
        receipt_number=214,
        trace_number=33,
        terminal_id="52500041",
        masked_pan="**** **** **** 4821",
        card_name="Bancontact",
        at=datetime.now(UTC),
    )
    claims = Claims(
        ticket_id=ticket,
        code=CODE,
        municipality=TOWN,
        kiosk=str(identity.kiosk_id),
        issued_at=datetime.now(UTC).replace(microsecond=0),
        service="application",
        appointment=None,
        payment=Payment(PaymentState.PAID, 2400),
        requests=(RequestedCard("A", "normal"),) * 2,
    )
    qr = sign(claims, identity.key, key_id_of(decode_public_key(public_key_text(identity.key))))
    for body in (
        entries.VisitStarted(language="fr"),
        entries.RequestMade(
            ticket_id=ticket,
            ticket_code=CODE,
            language="fr",
            service="application",
            parent=parent,
            children=children,
            total_cents=2400,
            municipality=TOWN,
            profile_version="2026-11-22",
        ),
        entries.SlotBooked(slot_id=slot.id, start=slot.start, minutes=slot.minutes, desk=slot.desk, ticket_id=ticket),
        entries.PaymentIntent(payment_id=payment, ticket_id=ticket, cents=2400),
        entries.PaymentSent(payment_id=payment),
        entries.PaymentApproved(payment_id=payment, receipt=receipt),
        entries.PaymentPaid(payment_id=payment, receipt=receipt),
        entries.TicketIssued(ticket_id=ticket, ticket_code=CODE, qr=qr),
        entries.PrintStarted(ticket_id=ticket, document="ticket", copy_mark=False),
        entries.TicketDelivered(ticket_id=ticket),
        entries.VisitClosed(reason="completed", situation="take"),
    ):
        journal.append(body, visit)


def _qr_of(folder: Path) -> str:
    """What stands on the ticket, out of the kiosk's own journal."""
    journal = Journal(folder / "journal.sqlite3")
    issued = journal.entries(kinds=["ticket_issued"])[0].body
    journal.close()
    assert isinstance(issued, entries.TicketIssued)
    return issued.qr


def _backend(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "backend", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | environment,
    )


def test_what_the_kiosk_recorded_is_what_the_backend_stored(server: SimulatorProcess, synced: SyncWorker) -> None:
    stored = json.loads(_backend("stored", "--data", server.ready["data"]).stdout)
    assert stored == {"kiosks": 1, "entries": 11, "requests": 1, "dead_letters": 0}
    state = synced.state
    assert (state.queue_depth, state.dead_letters, state.free_slots) == (0, 0, 29)
    assert state.stored is not None and state.stored.contiguous_to == 11


def test_a_kiosk_remembers_who_it_is_and_asks_how_much_is_stored(
    server: SimulatorProcess, synced: SyncWorker, folder: Path
) -> None:
    identity = load_identity(folder / "kiosk.pem")
    with BackendClient(server.ready["url"], identity) as client:
        assert client.stored().entries == 11
        assert client.health().status == "ok"


def test_a_kiosk_with_a_wrong_clock_is_told_the_time(
    server: SimulatorProcess, synced: SyncWorker, folder: Path
) -> None:
    identity = load_identity(folder / "kiosk.pem")
    past = datetime.now(UTC) - timedelta(days=900)
    with BackendClient(server.ready["url"], identity, now=lambda: past) as client, pytest.raises(SyncError) as caught:
        client.stored()
    assert caught.value.problem is SyncProblem.CLOCK_SKEW
    assert abs(caught.value.server_time - datetime.now(UTC)) < timedelta(minutes=1)


def test_the_api_describes_itself(server: SimulatorProcess) -> None:
    document = httpx.get(f"{server.ready['url']}/api/v1/openapi.json", trust_env=False).json()
    assert {"/api/v1/enrol", "/api/v1/entries", "/api/v1/slots/lease", "/api/v1/heartbeat"} <= set(document["paths"])


@pytest.fixture(scope="module")
def page(server: SimulatorProcess, synced: SyncWorker) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        context = browser.new_context(locale="nl-BE", viewport={"width": 1280, "height": 900})
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.goto(server.ready["url"])
        page.get_by_label("Naam").fill(server.ready["staff"])
        page.get_by_label("Wachtwoord").fill(server.ready["password"])
        with page.expect_navigation():
            page.get_by_role("button", name="Aanmelden").click()
        yield page
        browser.close()


def _scan(page: Page, text: str) -> str:
    """As a scanner does: the field has the focus, the text is typed, Enter ends it."""
    page.evaluate("document.getElementById('answer').replaceChildren()")
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    page.wait_for_selector(".answer h1")
    return page.inner_text(".answer h1")


def test_the_desk_scans_and_sees_the_request(page: Page, synced: SyncWorker, folder: Path, tmp_path: Path) -> None:
    assert _scan(page, CODE.lower()) == "Geldig en betaald"
    body = page.inner_text("main")
    for words in ("El Amrani", "Yusuf", "Lina", "€ 24,00", "Burgerzaken", "afgedrukt en uitgegeven"):
        assert words in body.replace("\xa0", " "), words
    page.screenshot(path=str(tmp_path / "desk.png"))
    qr = _qr_of(folder)
    assert qr.startswith("LK1:") and _scan(page, qr) == "Geldig en betaald"
    assert _scan(page, "K7M") == "Dit is geen ticketcode"
    assert page.complaints == []  # the content security policy had nothing to forbid


def test_the_desk_can_be_used_at_tablet_width_and_in_another_language(page: Page) -> None:
    page.set_viewport_size({"width": 720, "height": 1000})
    with page.expect_navigation():
        page.get_by_role("button", name="Français").click()
    assert _scan(page, CODE) == "Valable et payé"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


# --- The commands ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["stored"], "migrate. first"),
        (["nonsense"], "invalid choice"),
        (["serve", "--port", "70000"], "0 to 65535"),
        (["enrolment-code", "--minutes", "0"], "1 to 1440"),
        (["demo", "--municipality", "nowhere"], "nowhere.toml: No such file"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(tmp_path: Path, arguments: list[str], complaint: str) -> None:
    ended = _backend(*arguments, LOKET_DATA=str(tmp_path))
    assert ended.returncode == 2 and ended.stdout == ""
    assert re.search(complaint, ended.stderr) and ended.stderr.count("\n") == 1


def test_a_port_that_is_taken_is_one_line_too(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = _backend("demo", "--port", port, "--data", str(tmp_path))
    assert ended.returncode == 2 and ended.stderr == f"backend: 127.0.0.1 port {port}: Address already in use\n"


def test_settings_that_cannot_be_are_refused_in_one_line(tmp_path: Path) -> None:
    ended = _backend("migrate", LOKET_DATA=str(tmp_path), LOKET_PUBLIC_URL="not an address")
    assert ended.returncode == 2 and "LOKET_PUBLIC_URL" in ended.stderr and ended.stderr.count("\n") == 1


def test_an_encrypted_address_passes_djangos_own_deployment_check(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "django", "check", "--deploy", "--fail-level", "WARNING"],
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "backend.settings",
            "LOKET_DATA": str(tmp_path),
            "LOKET_PUBLIC_URL": "https://loket.example.be",
        },
    )
    assert ended.returncode == 0, ended.stderr


def test_the_secret_and_the_data_are_their_owners_only(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for _ in range(2):
        assert _backend("migrate", "--data", str(data)).returncode == 0
        secret = data / "secret-key"
        assert data.stat().st_mode & 0o777 == 0o700
        assert secret.stat().st_mode & 0o777 == 0o600
    assert len(secret.read_text()) > 60
