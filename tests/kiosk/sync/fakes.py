"""A backend's answers without a line, through httpx's own transport hook; the journal is the real one."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.domain import wire
from kiosk.domain.record.entries import ServiceChanged
from kiosk.journal.journal import Journal, JournalError
from kiosk.profiles import find_profile
from kiosk.sync.client import BackendClient, Identity
from kiosk.sync.downloads import Downloads
from kiosk.sync.editions import EditionStore
from kiosk.sync.worker import Stock, SyncState, SyncWorker
from tests.towns import TOWN

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that moves when it is told to."""

    moment: datetime = START

    def __call__(self) -> datetime:
        return self.moment

    def later(self, **units: float) -> None:
        self.moment += timedelta(**units)


@dataclass
class Town:
    """A small backend in memory. `trouble` answers instead of it while it is set."""

    clock: Clock
    trouble: Callable[[httpx.Request], httpx.Response] | None = None
    reject: dict[int, wire.RejectReason] = field(default_factory=dict)
    poison: int | None = None  # the sequence whose entry makes a whole call fail
    held: dict[UUID, int] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    beats: list[wire.Heartbeat] = field(default_factory=list)
    leases: list[wire.LeaseRequest] = field(default_factory=list)
    slots: int = 20
    editions: dict[wire.EditionKind, str] = field(default_factory=dict)
    ahead: timedelta = timedelta(0)  # of the kiosk's clock

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix(wire.API_PREFIX)
        self.calls.append(path)
        if self.trouble is not None:
            return self.trouble(request)
        if path.startswith("/editions/"):
            return self._edition(wire.EditionKind(path.removeprefix("/editions/")))
        answer = {"/entries": self._entries, "/heartbeat": self._beat, "/slots/lease": self._lease}[path](request)
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, text=answer.model_dump_json())

    def _entries(self, request: httpx.Request) -> wire.BatchAnswer | httpx.Response:
        batch = wire.EntryBatch.model_validate_json(request.content)
        sequences = [entry["sequence"] for entry in batch.entries]
        if self.poison in sequences:
            return problem(422, wire.Refusal.INVALID)
        answers = []
        for position, entry in enumerate(batch.entries):
            number = UUID(str(entry["id"]))
            reason = self.reject.get(sequences[position])
            outcome = wire.EntryOutcome.DUPLICATE if number in self.held else wire.EntryOutcome.ACCEPTED
            self.held.setdefault(number, sequences[position])
            answers.append(
                wire.EntryAnswer(
                    position=position,
                    id=number,
                    outcome=wire.EntryOutcome.REJECTED if reason else outcome,
                    reason=reason,
                )
            )
        stored = wire.Stored(entries=len(self.held), dead_letters=len(self.reject), contiguous_to=len(self.held))
        return wire.BatchAnswer(batch_id=batch.batch_id, answers=tuple(answers), stored=stored)

    def _beat(self, request: httpx.Request) -> wire.HeartbeatAnswer:
        self.beats.append(wire.Heartbeat.model_validate_json(request.content))
        latest = {kind.value: wire.digest_of(text) for kind, text in self.editions.items()}
        return wire.HeartbeatAnswer(server_time=self.clock() + self.ahead, **latest)

    def _edition(self, kind: wire.EditionKind) -> httpx.Response:
        text = self.editions[kind]
        answer = wire.EditionAnswer(kind=kind, digest=wire.digest_of(text), published_at=self.clock(), text=text)
        return httpx.Response(200, text=answer.model_dump_json())

    def _lease(self, request: httpx.Request) -> wire.LeaseAnswer:
        question = wire.LeaseRequest.model_validate_json(request.content)
        self.leases.append(question)
        slots = tuple(
            wire.LeasedSlot(id=f"slot-{i}", start=START + timedelta(days=1, minutes=30 * i), minutes=30, desk="1")
            for i in range(min(question.wanted, self.slots))
        )
        return wire.LeaseAnswer(slots=slots, lease_expires=self.clock() + timedelta(days=5))


def problem(status: int, reason: wire.Refusal, server_time: datetime = START) -> httpx.Response:
    """A refusal in the backend's own words."""
    body = wire.Problem(reason=reason, detail="no", server_time=server_time).model_dump(mode="json")
    return httpx.Response(status, text=json.dumps(body))


def no_line(request: httpx.Request) -> httpx.Response:
    """The line is cut."""
    raise httpx.ConnectError("no route")


@dataclass
class Bench:
    """A worker with a real journal on disk and the small backend."""

    folder: Path
    clock: Clock = field(default_factory=Clock)
    states: list[SyncState] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.town = Town(self.clock)
        self.journal = Journal(self.folder / "journal.sqlite3", now=self.clock)
        identity = Identity(uuid4(), TOWN, Ed25519PrivateKey.generate())
        self.client = BackendClient(
            "http://backend", identity, now=self.clock, transport=httpx.MockTransport(self.town), attempts=1
        )
        self.store = EditionStore(self.folder / "editions", TOWN)
        self.taken: list[wire.EditionKind] = []
        self.downloads = Downloads(self.store, self.client, find_profile(TOWN), self.taken.append)
        self.worker = SyncWorker(
            self.journal,
            self.client,
            downloads=self.downloads,
            jitter=lambda: 1.0,
            now=self.clock,
            stock=Stock(slots=20),
            changed=self.states.append,
            journal_errors=(JournalError,),
        )

    def record(self, count: int = 1) -> None:
        for _ in range(count):
            self.journal.append(ServiceChanged(in_service=True))

    def close(self) -> None:
        self.worker.stop()
        self.client.close()
        self.journal.close()
