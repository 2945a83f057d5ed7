"""The thread that tells the backend what the kiosk recorded, and keeps enough appointment times in stock.

Nothing of it reaches the parent: while the backend is away everything waits in the journal, and the kiosk
books from the slots it holds. One round uploads the outbox in order, says that the kiosk is alive, and renews
the leases, in this order: a lease counts on the backend knowing every booking.

Waits, and why:
- `UPLOAD_EVERY` 60 s: a poll, for what `wake()` missed; recording wakes the worker at once.
- `HEARTBEAT_EVERY` 30 s: staff see within a minute that a kiosk is gone.
- `UNPACED_AFTER` 45 s: where the screen sets the pace with `beat()`, a heartbeat goes without it when no frame came;
  it then says since when, so that a frozen screen is told from a dead line.
- `LEASE_EVERY` 1800 s: as often as the stock is looked after when less than half of it was booked.
- Back-off 1 s doubling to 300 s, with full jitter: after a backend's outage not all kiosks come at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID, uuid4

import structlog

from kiosk.domain import wire
from kiosk.domain.appointments import Slot
from kiosk.domain.fleet.heartbeat import Report
from kiosk.domain.fleet.orders import SignedOrder
from kiosk.domain.record.entries import Entry
from kiosk.sync.client import BackendClient, SyncError, SyncProblem, utc_now
from kiosk.sync.downloads import Downloads

log = structlog.get_logger(__name__)

UPLOAD_EVERY = timedelta(seconds=60)
HEARTBEAT_EVERY = timedelta(seconds=30)
UNPACED_AFTER = timedelta(seconds=45)
LEASE_EVERY = timedelta(seconds=1800)
FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 300.0


class OutboxJournal(Protocol):
    """What the worker needs of the journal, which is called from the worker's thread.

    Its failures (a full disk) are its own to report; the worker names them in `journal_errors`.
    """

    def outbox(self, limit: int = ...) -> list[Entry]:
        """The oldest entries that are neither acknowledged nor rejected, in order of sequence."""
        ...

    def acknowledge(self, ids: Collection[UUID]) -> None:
        """The backend has these."""
        ...

    def erase_due(self) -> int:
        """Take out the personal data that the backend has had for long enough."""
        ...

    def reject(self, entry_id: UUID, reason: str) -> None:
        """The backend has put this one aside as unusable."""
        ...

    def queue_depth(self) -> int:
        """How many wait."""
        ...

    def dead_letters(self) -> int:
        """How many were put aside."""
        ...

    def add_slots(
        self, slots: Sequence[Slot], lease_expires: datetime, all_between: tuple[datetime, datetime] | None = None
    ) -> None:
        """Slots of this kiosk, all that begin between two moments. One that is booked here stays booked."""
        ...

    def free_slot_count(self, after: datetime) -> int:
        """How many free slots this kiosk holds after a moment."""
        ...


@dataclass(frozen=True, slots=True)
class Stock:
    """How many free slots the kiosk wants to hold, over how many days, and how long each at least.

    `long_minutes` is how long its longest visit needs, and `long_slots` for how many such visits it holds slots
    that follow each other.
    """

    slots: int = 60
    days: int = 14
    minutes: int = 5
    long_slots: int = 0
    long_minutes: int = 0
    notice: timedelta = timedelta(hours=2)  # nobody is offered a time that begins sooner


@dataclass(frozen=True, slots=True)
class Status:
    """What the kiosk can say of itself in a heartbeat. `in_service` None: not known."""

    version: str
    in_service: bool | None = None
    screen: str = ""
    report: Report | None = None


@dataclass(frozen=True, slots=True)
class SyncState:
    """Where synchronisation stands. Before the first answer both moments are None: not known is not online.

    `clock_offset_seconds`: the backend's clock minus ours, known once it told us that ours is wrong.
    `journal_problem`: the disk refused, in the journal's words.
    """

    online_since: datetime | None = None
    offline_since: datetime | None = None
    problem: SyncProblem | None = None
    queue_depth: int = 0
    dead_letters: int = 0
    free_slots: int = 0
    stored: wire.Stored | None = None
    clock_offset_seconds: float | None = None
    journal_problem: str | None = None

    @property
    def online(self) -> bool:
        """Whether the last call was answered."""
        return self.online_since is not None


class SyncWorker:
    """The worker. `start()` runs it in a thread; `round()` is one round of it, for tests and by hand.

    `jitter` gives numbers from 0 to 1 (`random.random`). `changed` hears every change of state, in the
    worker's thread; `decided` and `ordered` what staff decided of open cases and what they order, again and again
    until the upload says that it was recorded. `downloads` follows the municipality's editions. `paced`: heartbeats
    come from `beat()`. `journal_errors` are the exceptions with which the journal says that the disk refused.
    """

    def __init__(
        self,
        journal: OutboxJournal,
        client: BackendClient,
        *,
        jitter: Callable[[], float],
        now: Callable[[], datetime] = utc_now,
        stock: Stock = Stock(),
        status: Callable[[], Status] = lambda: Status(version="0"),
        changed: Callable[[SyncState], None] = lambda state: None,
        decided: Callable[[wire.CaseDecision], None] = lambda decision: None,
        ordered: Callable[[SignedOrder], None] = lambda order: None,
        downloads: Downloads | None = None,
        paced: bool = False,
        journal_errors: tuple[type[Exception], ...] = (OSError,),
        batch: int = wire.MAX_BATCH // 2,
    ):
        self._journal = journal
        self._client = client
        self._jitter = jitter
        self._now = now
        self._stock = stock
        self._status = status
        self._changed = changed
        self._decided = decided
        self._ordered = ordered
        self._downloads = downloads
        self._beat_every = UNPACED_AFTER if paced else HEARTBEAT_EVERY
        self._clock_offset: float | None = None
        self._journal_errors = journal_errors
        self._full_batch = self._batch = batch
        self._failures = 0
        self._heartbeat_due: datetime | None = None
        self._lease_due: datetime | None = None
        self._leased = 0
        self._state = SyncState()
        self._condition = threading.Condition()
        self._woken = False
        self._beat_wanted = False
        self._stopping = False
        self._rounds = 0
        self._in_round = False
        self._thread: threading.Thread | None = None

    # --- from any thread ------------------------------------------------------------------------------

    @property
    def state(self) -> SyncState:
        """Where synchronisation stands now."""
        with self._condition:
            return self._state

    def start(self) -> None:
        """Begin. Once only."""
        self._thread = threading.Thread(target=self._run, name="sync", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Something was recorded: upload it now, whatever wait is running."""
        with self._condition:
            self._woken = True
            self._condition.notify_all()

    def beat(self) -> None:
        """Say now that the kiosk lives: a picture was drawn."""
        with self._condition:
            self._beat_wanted = self._woken = True
            self._condition.notify_all()

    @property
    def clock_offset(self) -> float | None:
        """The backend's clock minus ours in seconds, as last measured; None: never."""
        skew = self.state.clock_offset_seconds
        return self._clock_offset if skew is None else skew

    def drain(self, timeout: float) -> bool:
        """Upload until nothing waits, and return whether that was so within `timeout` seconds.

        At least one round begins after the call, so that what was just recorded is seen.
        """
        with self._condition:
            wanted = self._rounds + (2 if self._in_round else 1)
            self._woken = True
            self._condition.notify_all()
            return self._condition.wait_for(
                lambda: self._rounds >= wanted and self._state.online and self._state.queue_depth == 0, timeout
            )

    def stop(self, timeout: float = 5.0) -> bool:
        """End the thread and return whether it ended in time; a call in flight may outlast it, harmlessly."""
        with self._condition:
            self._stopping = True
            self._condition.notify_all()
        if self._thread is None:
            return True
        self._thread.join(timeout)
        return not self._thread.is_alive()

    # --- in the worker's thread -----------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            with self._condition:
                if self._stopping:
                    return
                self._woken, self._in_round = False, True
            wait = self.round()
            with self._condition:
                self._rounds, self._in_round = self._rounds + 1, False
                self._condition.notify_all()
                self._condition.wait_for(lambda: self._woken or self._stopping, wait)

    def round(self) -> float:
        """Upload, say that we live, renew. Returns the seconds to wait until the next round; raises nothing."""
        try:
            self._journal.erase_due()
            self._count()
            self._upload()
            self._heartbeat()
            self._lease()
        except SyncError as error:
            self._failed(error)
            return self._back_off()
        except self._journal_errors as error:
            self._update(journal_problem=str(error))
            return self._back_off()
        self._failures = 0
        return min(UPLOAD_EVERY, HEARTBEAT_EVERY).total_seconds()

    def _upload(self) -> None:
        while not self._stopping:
            entries = self._journal.outbox(limit=self._batch)
            if not entries:
                return
            try:
                answer = self._client.upload(uuid4(), entries)
            except SyncError as error:
                if not self._put_aside(entries, error):
                    raise
                continue
            self._note(entries, answer)
            self._answered()
            self._batch = self._full_batch

    def _put_aside(self, entries: Sequence[Entry], error: SyncError) -> bool:
        """One entry that makes the backend refuse a whole call must not block the rest: find it, put it aside."""
        if error.refusal not in (wire.Refusal.INVALID, wire.Refusal.TOO_LARGE):
            return False
        if len(entries) > 1:
            self._batch = len(entries) // 2
        else:
            self._journal.reject(entries[0].id, error.refusal.value)
            self._batch = self._full_batch
            self._count()
        return True

    def _note(self, entries: Sequence[Entry], answer: wire.BatchAnswer) -> None:
        """What the backend holds is marked, by position; an entry it did not speak of stays in the outbox."""
        held: list[UUID] = []
        for said in answer.answers:
            if not 0 <= said.position < len(entries):
                continue
            entry = entries[said.position]
            if said.outcome is wire.EntryOutcome.REJECTED:
                log.warning("entry put aside by the backend", sequence=entry.sequence, reason=said.reason)
                self._journal.reject(entry.id, said.reason.value if said.reason else "no reason given")
            else:
                held.append(entry.id)
        self._journal.acknowledge(held)
        self._update(stored=answer.stored)
        self._count()
        if len(answer.answers) < len(entries):
            raise SyncError(SyncProblem.SERVER_ERROR, "not every entry was answered")

    def _heartbeat(self) -> None:
        now = self._now()
        # While the backend is away, each round asks: with nothing to upload no other call would find it back.
        wanted = self._beat_wanted or _is_due(self._heartbeat_due, self._beat_every, now)
        if self._state.online and not wanted:
            return
        self._beat_wanted = False
        # The moment is taken before the outbox is counted: "at this moment, nothing was waiting".
        status, depth = self._status(), self._journal.queue_depth()
        answer = self._client.heartbeat(
            wire.Heartbeat(
                sent_at=now,
                version=status.version,
                queue_depth=depth,
                dead_letters=self._journal.dead_letters(),
                in_service=status.in_service,
                screen=status.screen,
                report=status.report.model_dump(mode="json", exclude_none=True) if status.report else None,
                profile=self._downloads.profile if self._downloads else "",
                profile_problem=self._downloads.profile_problem if self._downloads else "",
            )
        )
        after = self._now()
        self._clock_offset = (answer.server_time - now - (after - now) / 2).total_seconds()
        self._heartbeat_due = now + self._beat_every
        self._answered()
        for decision in answer.decisions:
            self._decided(decision)
        for order in answer.orders:
            self._ordered(order)
        if self._downloads is not None:
            self._downloads.follow(answer)

    def _lease(self) -> None:
        now = self._now()
        earliest = now + self._stock.notice
        low = self._journal.free_slot_count(earliest) < self._leased // 2
        if not low and not _is_due(self._lease_due, LEASE_EVERY, now):
            return
        stock = self._stock
        question = wire.LeaseRequest(
            wanted=stock.slots,
            earliest=earliest,
            days=stock.days,
            minutes=stock.minutes,
            long_wanted=stock.long_slots,
            long_minutes=stock.long_minutes,
        )
        answer = self._client.lease(question)
        slots = [Slot(start=slot.start, id=slot.id, minutes=slot.minutes, desk=slot.desk) for slot in answer.slots]
        until = earliest + timedelta(days=stock.days)
        self._journal.add_slots(slots, answer.lease_expires, all_between=(earliest, until))
        self._leased = self._journal.free_slot_count(earliest)
        self._lease_due = now + LEASE_EVERY
        self._answered()

    # --- state ----------------------------------------------------------------------------------------

    def _count(self) -> None:
        self._update(
            queue_depth=self._journal.queue_depth(),
            dead_letters=self._journal.dead_letters(),
            free_slots=self._journal.free_slot_count(self._now() + self._stock.notice),
            journal_problem=None,
        )

    def _answered(self) -> None:
        if not self._state.online:
            log.info("backend reached", queue_depth=self._state.queue_depth)
            self._update(online_since=self._now(), offline_since=None, problem=None, clock_offset_seconds=None)
        self._count()

    def _failed(self, error: SyncError) -> None:
        now = self._now()
        if self._state.problem is not error.problem:  # once when it goes, not at every attempt
            log.warning("backend not reached", problem=error.problem.value, detail=error.detail)
        offset = None
        if error.problem is SyncProblem.CLOCK_SKEW and error.server_time is not None:
            offset = (error.server_time - now).total_seconds()
        self._update(
            online_since=None,
            offline_since=self._state.offline_since or now,
            problem=error.problem,
            clock_offset_seconds=offset,
        )

    def _back_off(self) -> float:
        ceiling = min(FIRST_WAIT_SECONDS * 2.0 ** min(self._failures, 16), LONGEST_WAIT_SECONDS)
        self._failures += 1
        return ceiling * self._jitter()

    def _update(self, **changes: object) -> None:
        with self._condition:
            before, self._state = self._state, replace(self._state, **changes)  # type: ignore[arg-type]
            changed = self._state != before
            self._condition.notify_all()
        if changed:
            self._changed(self._state)


def _is_due(due: datetime | None, every: timedelta, now: datetime) -> bool:
    """Also when the clock was put back and the moment lies further away than it ever could."""
    return due is None or now >= due or due - now > every
