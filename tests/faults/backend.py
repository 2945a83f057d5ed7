"""The record of a run at the backend: taken in as an upload is, and compared with the terminal's ledger."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

from backend.fleet.models import Kiosk, Municipality
from backend.requests.ingestion import ingest
from backend.requests.models import OpenCase, Payment
from hardware.simulators.terminal.ledger import CAPTURED, PAYMENT
from kiosk.domain.wire import EntryOutcome, RejectReason

from .invariants import became, open_cases
from .run import Outcome


def disagreements(run: Outcome, town: Municipality) -> list[str]:
    """Where backend, record and terminal differ, each in a sentence."""
    return [f"{run.behaviour}, died at {run.died_at}: {fault}" for fault in _faults(run, town)]


def _faults(run: Outcome, town: Municipality) -> Iterator[str]:
    name, now = uuid4().hex, datetime.now(UTC)
    kiosk = Kiosk.objects.create(municipality=town, name=name, public_key=name, key_id=name[:11], enrolled_at=now)
    answers, _ = ingest(kiosk.pk, uuid4(), [entry.model_dump(mode="json") for entry in run.entries], now)
    for answer in answers:
        if answer.outcome is not EntryOutcome.ACCEPTED and answer.reason is not RejectReason.UNKNOWN_SLOT:
            yield f"{run.entries[answer.position].body.kind} was not taken in: {answer.reason}"
    payments = list(Payment.objects.filter(request__kiosk=kiosk))
    paid = sum(payment.cents for payment in payments if payment.state == "paid")
    undecided = any(payment.state not in ("paid", "not-paid", "reversed", "intended") for payment in payments)
    captured = sum(line.cents for line in run.ledger if line.kind == PAYMENT and line.state == CAPTURED)
    cases = OpenCase.objects.filter(kiosk=kiosk, closed_at__isnull=True)
    if cases.count() != len(open_cases(run)):
        yield f"{cases.count()} open cases at the backend, {len(open_cases(run))} in the record"
    people_decide = cases.filter(about="payment").exists()
    if not people_decide and (paid != captured or undecided):
        yield f"paid {paid} at the backend, {captured} at the terminal, {became(run)} in the record"
