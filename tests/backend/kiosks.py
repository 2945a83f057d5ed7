"""A kiosk as the backend's tests need it: real keys, real tokens, Django's test client instead of a line."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.http import HttpResponse
from django.test import Client

from backend import administration
from backend.fleet.models import Municipality
from kiosk.domain import wire
from kiosk.domain.record import entries
from kiosk.domain.record.entries import Entry, EntryBody
from kiosk.sync.keys import public_key_text

BOTH = ("sqlite", "postgresql")  # the engines that a module of tests runs on


@dataclass
class Api:
    """The HTTP side."""

    client: Client

    def post(self, path: str, body: Any, token: str | None = None) -> HttpResponse:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return self.client.post(wire.API_PREFIX + path, data, content_type="application/json", headers=headers)

    def get(self, path: str, token: str | None = None) -> HttpResponse:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return self.client.get(wire.API_PREFIX + path, headers=headers)


@dataclass
class TestKiosk:
    """An enrolled kiosk that counts its entries."""

    __test__ = False  # not a test, whatever pytest thinks of its name

    id: UUID
    key: Ed25519PrivateKey
    name: str
    municipality: str
    api: Api
    sequence: int = field(default=0)

    @classmethod
    def enrolled(cls, town: Municipality, api: Api, name: str) -> TestKiosk:
        code, _ = administration.enrolment_code(town, 30)
        key = Ed25519PrivateKey.generate()
        answer = api.post("/enrol", {"code": code, "public_key": public_key_text(key), "name": name})
        assert answer.status_code == 200, answer.content
        return cls(UUID(answer.json()["kiosk_id"]), key, name, town.pk, api)

    def token(self, method: str, path: str, body: bytes, **changes: Any) -> str:
        now = int(datetime.now(UTC).timestamp())
        claims = {
            "aud": wire.TOKEN_AUDIENCE,
            "iat": now,
            "exp": now + 60,
            "jti": uuid4().hex,
            "call": wire.call_digest(method, wire.API_PREFIX + path, body),
        }
        key = changes.pop("key", self.key)
        kid = changes.pop("kid", str(self.id))
        claims = {name: value for name, value in (claims | changes).items() if value is not None}
        return jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": kid})

    def post(self, path: str, body: Any) -> HttpResponse:
        data = json.dumps(body, default=str).encode()
        return self.api.post(path, data, self.token("POST", path, data))

    def get(self, path: str) -> HttpResponse:
        return self.api.get(path, self.token("GET", path, b""))

    def entry(self, body: EntryBody, visit_id: UUID | None = None, **changes: Any) -> dict[str, Any]:
        self.sequence += 1
        entry = Entry(id=uuid4(), sequence=self.sequence, visit_id=visit_id, at=datetime.now(UTC), body=body)
        return entry.model_dump(mode="json") | changes

    def upload(self, batch: Iterable[dict[str, Any]], batch_id: UUID | None = None) -> wire.BatchAnswer:
        answer = self.post("/entries", {"batch_id": batch_id or uuid4(), "entries": list(batch)})
        assert answer.status_code == 200, answer.content
        return wire.BatchAnswer.model_validate_json(answer.content)

    def lease(self, **question: Any) -> wire.LeaseAnswer:
        question.setdefault("earliest", (datetime.now(UTC) + timedelta(hours=2)).isoformat())
        answer = self.post("/slots/lease", question)
        assert answer.status_code == 200, answer.content
        return wire.LeaseAnswer.model_validate_json(answer.content)


def outcomes(answer: wire.BatchAnswer) -> list[str]:
    """accepted, duplicate, or the reason of a rejection; in order."""
    return [said.reason.value if said.reason else said.outcome.value for said in answer.answers]


@dataclass
class Story:
    """The entries of one visit: two children, one payment, one ticket."""

    kiosk: TestKiosk
    code: str = "K7M-3QX-Q"
    visit: UUID = field(default_factory=uuid4)
    ticket: UUID = field(default_factory=uuid4)
    payment: UUID = field(default_factory=uuid4)

    def asks(self, cents: int = 2400) -> list[dict[str, Any]]:
        parent = entries.Parent(
            national_number="85073003328",
            surname="El Amrani",
            first_names="Amina Zohra",
            card_number="B1234567 89",
            card_type="A",
        )
        children = tuple(
            entries.RequestedChild(
                first_name=name,
                birth_date=datetime(year, 5, 4).date(),
                card_type="A",
                procedure="normal",
                fee_cents=cents // 2,
                ready_at=datetime(2027, 1, 5, 8, tzinfo=UTC),
            )
            for name, year in (("Yusuf", 2019), ("Lina", 2022))
        )
        return self._entries(
            entries.VisitStarted(language="fr"),
            entries.RequestMade(
                ticket_id=self.ticket,
                ticket_code=self.code,
                language="fr",
                service="application",
                parent=parent,
                children=children,
                total_cents=cents,
                municipality=self.kiosk.municipality,
                profile_version="1",
            ),
        )

    def begins_to_pay(self, cents: int = 2400) -> list[dict[str, Any]]:
        return self._entries(
            entries.PaymentIntent(payment_id=self.payment, ticket_id=self.ticket, cents=cents),
            entries.PaymentSent(payment_id=self.payment),
        )

    def pays(self, cents: int = 2400) -> list[dict[str, Any]]:
        receipt = entries.Receipt(
            cents=cents,
            receipt_number=214,
            terminal_id="52500041",
            masked_pan="**** **** **** 4821",
            card_name="Bancontact",
        )
        return [
            *self.begins_to_pay(cents),
            *self._entries(
                entries.PaymentApproved(payment_id=self.payment, receipt=receipt),
                entries.PaymentPaid(payment_id=self.payment, receipt=receipt),
            ),
        ]

    def is_declined(self) -> list[dict[str, Any]]:
        declined = entries.PaymentNotPaid(payment_id=self.payment, reason="declined", result_code=5)
        return [*self.begins_to_pay(), *self._entries(declined)]

    def hears_nothing(self) -> list[dict[str, Any]]:
        case = entries.CaseOpened(
            case_id=uuid4(), about="payment", ticket_id=self.ticket, payment_id=self.payment, reason="no answer"
        )
        return [
            *self.begins_to_pay(),
            *self._entries(entries.PaymentUnknown(payment_id=self.payment, reason="no answer"), case),
        ]

    def takes_the_ticket(self, qr: str = "LK1:…") -> list[dict[str, Any]]:
        return self._entries(
            entries.TicketIssued(ticket_id=self.ticket, ticket_code=self.code, qr=qr),
            entries.PrintStarted(ticket_id=self.ticket, document="ticket", copy_mark=False),
            entries.TicketDelivered(ticket_id=self.ticket),
            entries.VisitClosed(reason="completed", situation="take"),
        )

    def books(self, slot: wire.LeasedSlot) -> list[dict[str, Any]]:
        return self._entries(
            entries.SlotBooked(
                slot_id=slot.id, start=slot.start, minutes=slot.minutes, desk=slot.desk, ticket_id=self.ticket
            )
        )

    def releases(self, slot: wire.LeasedSlot) -> list[dict[str, Any]]:
        return self._entries(entries.SlotReleased(slot_id=slot.id, ticket_id=self.ticket))

    def _entries(self, *bodies: EntryBody) -> list[dict[str, Any]]:
        return [self.kiosk.entry(body, self.visit) for body in bodies]
