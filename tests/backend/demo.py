"""The demonstration's backend as a process of its own, its people's logins, and tickets of a kiosk that joined it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import Page

from hardware.simulators.process import SimulatorProcess
from kiosk.domain.record import entries
from kiosk.domain.record.entries import Entry
from kiosk.domain.tickets.claims import Claims, Payment, PaymentState, RequestedCard, new_code
from kiosk.domain.tickets.keys import key_id_of
from kiosk.domain.wire import decode_public_key
from kiosk.sync.client import BackendClient, Identity
from kiosk.sync.keys import public_key_text
from kiosk.ticket.signature import sign
from tests.towns import TOWN


@contextmanager
def demo_backend(data: Path, port: int = 0) -> Iterator[SimulatorProcess]:
    """`backend demo` with its rows in `data`; `ready` has url, accounts and enrolment_code. Port 0 is a free one."""
    arguments = ["demo", "--json", "--port", str(port), "--data", str(data), "--until-stdin-ends"]
    with SimulatorProcess("backend", *arguments, timeout=90.0) as process:
        process.ready["data"] = str(data)
        yield process


def log_in(page: Page, server: SimulatorProcess, name: str) -> None:
    """Through the door, with the password that the demonstration gave."""
    page.goto(server.ready["url"])
    page.locator("#id_login").fill(name)
    page.locator("#id_password").fill(server.ready["accounts"][name])
    page.keyboard.press("Enter")


class Tickets:
    """Signs tickets, and sends the requests that they are of: at once, or later."""

    def __init__(self, kiosk: Identity, client: BackendClient):
        self.kiosk, self.client = kiosk, client
        self.random, self.sequence = Random(23), 0

    def ticket(self, *, key: Ed25519PrivateKey | None = None, municipality: str = TOWN) -> tuple[UUID, str, str]:
        ticket, code = uuid4(), new_code(self.random)
        claims = Claims(
            ticket_id=ticket,
            code=code,
            municipality=municipality,
            kiosk=str(self.kiosk.kiosk_id),
            issued_at=datetime.now(UTC).replace(microsecond=0),
            service="collection",
            appointment=None,
            payment=Payment(PaymentState.NOTHING, 0),
            requests=(RequestedCard(None, None),),
        )
        key = key or self.kiosk.key
        return ticket, code, sign(claims, key, key_id_of(decode_public_key(public_key_text(key))))

    def send(self, ticket: UUID, code: str) -> None:
        parent = entries.Parent(
            national_number="85073003328",
            surname="El Amrani",
            first_names="Amina",
            card_number="B123456789",
            card_type="A",
        )
        child = entries.RequestedChild(
            first_name="Yusuf",
            birth_date=datetime(2019, 5, 4).date(),
            card_type=None,
            procedure=None,
            fee_cents=0,
            ready_at=None,
        )
        made = entries.RequestMade(
            ticket_id=ticket,
            ticket_code=code,
            language="fr",
            service="collection",
            parent=parent,
            children=(child,),
            total_cents=0,
            municipality=TOWN,
            profile_version="1",
        )
        self.sequence += 1
        entry = Entry(id=uuid4(), sequence=self.sequence, visit_id=uuid4(), at=datetime.now(UTC), body=made)
        answer = self.client.upload(uuid4(), [entry])
        assert answer.answers[0].reason is None
