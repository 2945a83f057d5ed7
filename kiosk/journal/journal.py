"""The append-only record in SQLite.

Write-ahead log with `synchronous=FULL`: when `append` returns, the entry survives a power cut. One
connection behind a lock serves the core, the sync worker and staff; each call is one short transaction.
Entries are only ever added and marked; the one thing that is taken out is personal data, some time after the
backend has acknowledged every entry of a closed visit. Until then it lies here sealed (see `vault`).
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import sqlite_utils

from kiosk.domain.appointments import Slot
from kiosk.domain.record.entries import CaseClosed, CaseOpened, Entry, EntryBody, SlotBooked, SlotReleased, parse_body
from kiosk.domain.record.times import AppointmentCancelled, AppointmentChosen
from kiosk.journal.vault import SEALED, Vault, VaultError, without_person

# What begins a movement of money, and what ends one. A case that people decide ends one too.
_MONEY_BEGINS = ("payment_sent", "payment_reversing")
_MONEY_ENDS = ("payment_paid", "payment_not_paid", "payment_reversed", "payment_not_reversed")

# 1: personal data lay open. 2: it is sealed.
_SCHEMA_VERSION = "2"
_IS_SEALED = f"""instr(body, '"{SEALED}": ') AND erased_at IS NULL"""
# How long personal data stays after the backend has all of a closed visit: a parent who comes back to the kiosk
# within the hour can still be helped there.
KEPT = timedelta(hours=1)


class JournalProblem(StrEnum):
    """Why the journal cannot be used."""

    DISK_FULL = "disk-full"
    READ_ONLY = "read-only"
    DAMAGED = "damaged"
    KEY_MISSING = "key-missing"  # the key of the sealed personal data is not there, or not the one
    DISK_ERROR = "disk-error"


class JournalError(Exception):
    """The disk refused. Nothing of the call was kept."""

    def __init__(self, problem: JournalProblem, detail: str):
        super().__init__(f"{problem.value}: {detail}")
        self.problem = problem


class SlotGone(Exception):
    """The appointment time is not this kiosk's any more: booked, or its lease ended."""

    def __init__(self, slot_id: str):
        super().__init__(f"slot {slot_id} is not free")
        self.slot_id = slot_id


class Journal:
    """The journal of one kiosk. Safe to use from several threads.

    `key_file` holds the key of what is personal, by default beside the database under the same name; it is made with
    a new journal. `kept` is how long personal data stays after the backend has it.
    """

    def __init__(
        self,
        path: Path | str,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        key_file: Path | None = None,
        kept: timedelta = KEPT,
    ):
        self._now = now
        self._kept = kept
        self._lock = threading.RLock()
        with _disk_errors():
            self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=FULL")
            self._connection.execute("PRAGMA secure_delete=ON")
            self._connection.execute("PRAGMA foreign_keys=ON")
            self._database = sqlite_utils.Database(self._connection)
            with self._transaction():
                self._make_tables()
            self._vault = self._open_vault(key_file or Path(path).with_suffix(".key"))

    def close(self) -> None:
        """Close the file; what was appended is there already."""
        with self._lock:
            self._connection.close()

    # --- entries --------------------------------------------------------------------------------------

    def append(self, body: EntryBody, visit_id: UUID | None = None) -> Entry:
        """Make one entry durable. Raises JournalError, or SlotGone for a time that cannot be booked."""
        return self.append_all((body,), visit_id)[0]

    def append_all(self, bodies: Iterable[EntryBody], visit_id: UUID | None = None) -> list[Entry]:
        """Make entries durable that belong together: all of them are there after a power cut, or none.

        Raises as `append`.
        """
        with self._transaction():
            return [self._insert(body, visit_id) for body in bodies]

    def _insert(self, body: EntryBody, visit_id: UUID | None) -> Entry:
        if isinstance(body, SlotBooked):
            self._book(body)
        elif isinstance(body, SlotReleased):
            self._release(body)
        elif isinstance(body, (AppointmentChosen, AppointmentCancelled)):
            self._let_go(body)
        row = self._connection.execute("SELECT COALESCE(MAX(sequence), 0) + 1 FROM entries").fetchone()
        entry = Entry(id=uuid4(), sequence=row[0], visit_id=visit_id, at=self._now().astimezone(UTC), body=body)
        self._database.table("entries").insert(
            {
                "sequence": entry.sequence,
                "id": str(entry.id),
                "visit_id": str(visit_id) if visit_id else None,
                "at": entry.at.isoformat(),
                "kind": body.kind,
                "body": json.dumps(self._vault.seal(entry.id, body.model_dump(mode="json"))),
            }
        )
        return entry

    def entries(self, visit_id: UUID | None = None, kinds: Collection[str] = (), after: int = 0) -> list[Entry]:
        """Entries in order, of one visit or of all, of some kinds or of all; erased ones are left out.

        `after`: only those with a higher sequence.
        """
        where, values = ["erased_at IS NULL"], list[Any]()
        if after:
            where.append("sequence > ?")
            values.append(after)
        if visit_id is not None:
            where.append("visit_id = ?")
            values.append(str(visit_id))
        if kinds:
            where.append(f"kind IN ({', '.join('?' * len(kinds))})")
            values += kinds
        return self._select(f"SELECT * FROM entries WHERE {' AND '.join(where)} ORDER BY sequence", values)

    def newest(self, kinds: Collection[str], count: int) -> list[Entry]:
        """The last entries of some kinds, the newest first; erased ones are left out."""
        marks = ", ".join("?" * len(kinds))
        return self._select(
            f"SELECT * FROM entries WHERE erased_at IS NULL AND kind IN ({marks}) ORDER BY sequence DESC LIMIT ?",
            [*kinds, count],
        )

    def last_at(self, kind: str) -> datetime | None:
        """When the last entry of a kind was made; None: none was."""
        return self._moment("SELECT at FROM entries WHERE kind = ? ORDER BY sequence DESC LIMIT 1", kind)

    def unsettled_visits(self) -> list[UUID]:
        """The visits that were never closed, or of which a payment or a reversal has no end; first things first.

        Counted where they lie, because the whole of a long record would take seconds to read at start-up.
        """
        begun, ended = _quoted(_MONEY_BEGINS), _quoted(_MONEY_ENDS)
        statement = (
            "SELECT visit_id, MIN(sequence) AS first FROM entries AS s WHERE kind = 'visit_started'"
            " AND NOT EXISTS (SELECT 1 FROM entries AS c WHERE c.kind = 'visit_closed' AND c.visit_id = s.visit_id)"
            " GROUP BY visit_id UNION "
            f"SELECT visit_id, MIN(sequence) FROM entries WHERE kind IN ({begun}, {ended}) AND visit_id IS NOT NULL"
            f" GROUP BY visit_id HAVING SUM(kind IN ({begun})) > SUM(kind IN ({ended})) ORDER BY first"
        )
        with self._lock, _disk_errors():
            rows = self._connection.execute(statement).fetchall()
        return [UUID(visit) for visit in dict.fromkeys(row[0] for row in rows)]

    def began_at(self) -> datetime | None:
        """When the first entry was written; None while there is none."""
        return self._moment("SELECT at FROM entries ORDER BY sequence LIMIT 1")

    # --- outbox ---------------------------------------------------------------------------------------

    def outbox(self, limit: int = 100) -> list[Entry]:
        """The oldest entries that the backend has neither acknowledged nor refused."""
        return self._select(
            "SELECT * FROM entries WHERE acknowledged_at IS NULL AND rejected IS NULL ORDER BY sequence LIMIT ?",
            [limit],
        )

    def queue_depth(self) -> int:
        """How many entries wait for the backend."""
        return self._number("SELECT COUNT(*) FROM entries WHERE acknowledged_at IS NULL AND rejected IS NULL")

    def waiting_since(self) -> datetime | None:
        """When the oldest of them was made; None: none waits."""
        return self._moment(
            "SELECT at FROM entries WHERE acknowledged_at IS NULL AND rejected IS NULL ORDER BY sequence LIMIT 1"
        )

    def acknowledged_count(self) -> int:
        """How many entries the backend has."""
        return self._number("SELECT COUNT(*) FROM entries WHERE acknowledged_at IS NOT NULL")

    def acknowledge(self, ids: Collection[UUID]) -> None:
        """The backend has these. What is due is erased."""
        moment = self._now().astimezone(UTC).isoformat()
        with self._transaction():
            self._connection.executemany(
                "UPDATE entries SET acknowledged_at = ? WHERE id = ?", [(moment, str(entry)) for entry in ids]
            )
        self.erase_due()

    def erase_due(self) -> int:
        """Take out what is personal of visits that are closed, and of which the backend has had all for `kept`.

        Returns from how many entries. The old pages live on in the write-ahead log until that is emptied.
        """
        now = self._now().astimezone(UTC)
        with self._transaction():
            rows = self._connection.execute(
                f"SELECT id, body FROM entries WHERE {_IS_SEALED}"
                " AND EXISTS (SELECT 1 FROM entries AS c"
                " WHERE c.visit_id = entries.visit_id AND c.kind = 'visit_closed')"
                " AND NOT EXISTS (SELECT 1 FROM entries AS w WHERE w.visit_id = entries.visit_id"
                " AND (w.acknowledged_at IS NULL OR w.acknowledged_at > ?))",
                ((now - self._kept).isoformat(),),
            ).fetchall()
            for entry, body in rows:
                left = without_person(json.loads(body))
                self._connection.execute(
                    "UPDATE entries SET body = ?, erased_at = ? WHERE id = ?",
                    (json.dumps(left), None if left else now.isoformat(), entry),
                )
        if rows:
            with self._lock, _disk_errors():
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return len(rows)

    def reject(self, entry_id: UUID, reason: str) -> None:
        """The backend has put this entry aside as unusable; it stays here, and is shown to staff."""
        with self._transaction():
            self._connection.execute("UPDATE entries SET rejected = ? WHERE id = ?", (reason, str(entry_id)))

    def dead_letters(self) -> int:
        """How many entries the backend has put aside."""
        return self._number("SELECT COUNT(*) FROM entries WHERE rejected IS NOT NULL")

    # --- appointments on lease ------------------------------------------------------------------------

    def add_slots(
        self, slots: Sequence[Slot], lease_expires: datetime, all_between: tuple[datetime, datetime] | None = None
    ) -> None:
        """Slots that the backend has leased to this kiosk; a known one gets the new end of lease.

        `all_between` says that these are all that begin between two moments (the second excluded): what else was
        free there is this kiosk's no more.
        """
        with self._transaction():
            if all_between is not None:
                first, last = all_between
                held = {str(slot.id) for slot in slots}
                rows = self._connection.execute(
                    "SELECT id FROM slots WHERE ticket_id IS NULL AND start >= ? AND start < ?",
                    (_utc(first), _utc(last)),
                ).fetchall()
                self._connection.executemany(
                    "DELETE FROM slots WHERE id = ?", [row for row in rows if row[0] not in held]
                )
            self._database.table("slots").upsert_all(
                (
                    {
                        "id": slot.id,
                        "start": _utc(slot.start),
                        "minutes": slot.minutes,
                        "desk": slot.desk,
                        "lease_expires": _utc(lease_expires),
                    }
                    for slot in slots
                ),
                pk="id",
            )

    def free_slots(self, after: datetime) -> list[Slot]:
        """The free slots of this kiosk that begin after a moment, in order of time."""
        with self._lock, _disk_errors():
            rows = self._connection.execute(
                "SELECT id, start, minutes, desk FROM slots"
                " WHERE ticket_id IS NULL AND start > ? AND lease_expires > ? ORDER BY start, id",
                (_utc(after), _utc(self._now())),
            ).fetchall()
        return [Slot(datetime.fromisoformat(row[1]), row[0], row[2], row[3]) for row in rows]

    def free_slot_count(self, after: datetime) -> int:
        """How many free slots this kiosk holds after a moment."""
        return len(self.free_slots(after))

    # --- open cases -----------------------------------------------------------------------------------

    def open_cases(self, about: str | None = None) -> int:
        """How many cases wait for a decision; about "payment", "ticket" or "day", or all of them."""
        return sum(about in (None, case.about) for case in self._open_cases())

    def close_case(self, decision: CaseClosed) -> bool:
        """Write down a decision that was taken elsewhere. False: the case is not open here, and nothing was written.

        A decision is told again until it is in the record, and staff may decide at the kiosk meanwhile. Raises
        JournalError.
        """
        with self._lock:
            case = next((case for case in self._open_cases() if case.case_id == decision.case_id), None)
            if case is None:
                return False
            self.append(decision, self._visit_of(case))
        return True

    def _open_cases(self) -> list[CaseOpened]:
        cases = self.entries(kinds=("case_opened", "case_closed"))
        closed = {entry.body.case_id for entry in cases if isinstance(entry.body, CaseClosed)}
        return [e.body for e in cases if isinstance(e.body, CaseOpened) and e.body.case_id not in closed]

    def _visit_of(self, case: CaseOpened) -> UUID | None:
        opened = self.entries(kinds=["case_opened"])
        return next(entry.visit_id for entry in opened if entry.body == case)

    # --- inside ---------------------------------------------------------------------------------------

    def _make_tables(self) -> None:
        database = self._database
        if "entries" not in database.table_names():
            database.table("entries").create(
                {
                    "sequence": int,
                    "id": str,
                    "visit_id": str,
                    "at": str,
                    "kind": str,
                    "body": str,
                    "acknowledged_at": str,
                    "rejected": str,
                    "erased_at": str,
                },
                pk="sequence",
                not_null={"id", "at", "kind", "body"},
            )
            database.table("entries").create_index(["id"], unique=True)
            database.table("entries").create_index(["visit_id"])
            database.table("entries").create_index(["kind", "visit_id"])
            database.table("entries").create_index(["acknowledged_at", "sequence"])
            database.table("slots").create(
                {"id": str, "start": str, "minutes": int, "desk": str, "lease_expires": str, "ticket_id": str}, pk="id"
            )
            database.table("slots").create_index(["start"])
            database.table("meta").create({"name": str, "value": str}, pk="name")
            database.table("meta").insert({"name": "schema", "value": _SCHEMA_VERSION})
        # What is to be erased is looked for every minute, however long the record is.
        self._connection.execute(f"CREATE INDEX IF NOT EXISTS entries_sealed ON entries (visit_id) WHERE {_IS_SEALED}")

    def _let_go(self, change: AppointmentChosen | AppointmentCancelled) -> None:
        """The old time is the backend's again, not this kiosk's: the parent was told it. The new one is booked."""
        self._connection.execute("DELETE FROM slots WHERE ticket_id = ?", (str(change.ticket_id),))
        if isinstance(change, AppointmentChosen):
            self._book(change)

    def _book(self, booking: SlotBooked | AppointmentChosen) -> None:
        for slot_id in (booking.slot_id, *booking.more_slots):
            done = self._connection.execute(
                "UPDATE slots SET ticket_id = ? WHERE id = ? AND ticket_id IS NULL AND lease_expires > ?",
                (str(booking.ticket_id), slot_id, _utc(self._now())),
            )
            if done.rowcount != 1:
                raise SlotGone(slot_id)

    def _release(self, release: SlotReleased) -> None:
        self._connection.execute("UPDATE slots SET ticket_id = NULL WHERE ticket_id = ?", (str(release.ticket_id),))

    def _open_vault(self, key_file: Path) -> Vault:
        """The key that fits this record. A new record makes a new one; an old one is sealed with it."""
        known = dict(self._connection.execute("SELECT name, value FROM meta").fetchall())
        try:
            vault = Vault.of_file(key_file, create="key" not in known)
        except VaultError as problem:
            raise JournalError(JournalProblem.KEY_MISSING, str(problem)) from None
        if known.get("key", vault.key_id) != vault.key_id:
            raise JournalError(JournalProblem.KEY_MISSING, f"{key_file}: is not the key of this journal")
        if "key" not in known:
            with self._transaction():
                rows = self._connection.execute("SELECT id, body FROM entries WHERE erased_at IS NULL").fetchall()
                self._connection.executemany(
                    "UPDATE entries SET body = ? WHERE id = ?",
                    [(json.dumps(vault.seal(UUID(entry), json.loads(body))), entry) for entry, body in rows],
                )
                meta = self._database.table("meta")
                meta.upsert({"name": "key", "value": vault.key_id}, pk="name")
                meta.upsert({"name": "schema", "value": _SCHEMA_VERSION}, pk="name")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return vault

    def _select(self, statement: str, values: Sequence[Any]) -> list[Entry]:
        with self._lock, _disk_errors():
            cursor = self._connection.execute(statement, values)
            names = [column[0] for column in cursor.description]
            return list(self._entries(dict(zip(names, row, strict=True)) for row in cursor.fetchall()))

    def _entries(self, rows: Iterable[dict[str, Any]]) -> Iterable[Entry]:
        for row in rows:
            entry_id = UUID(row["id"])
            try:
                body = self._vault.open(entry_id, json.loads(row["body"]))
            except VaultError as problem:
                raise JournalError(JournalProblem.DAMAGED, str(problem)) from None
            yield Entry(
                id=entry_id,
                sequence=row["sequence"],
                visit_id=UUID(row["visit_id"]) if row["visit_id"] else None,
                at=datetime.fromisoformat(row["at"]),
                body=parse_body(body),
            )

    def _number(self, statement: str) -> int:
        with self._lock, _disk_errors():
            return int(self._connection.execute(statement).fetchone()[0])

    def _moment(self, statement: str, *values: str) -> datetime | None:
        with self._lock, _disk_errors():
            row = self._connection.execute(statement, values).fetchone()
        return datetime.fromisoformat(row[0]) if row else None

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._lock, _disk_errors():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise


def _quoted(kinds: Iterable[str]) -> str:
    return ", ".join(f"'{kind}'" for kind in kinds)


def _utc(moment: datetime) -> str:
    """Moments as text of one zone and one form, so that SQLite compares them rightly."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


@contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise JournalError(_problem(error), str(error)) from error
    except sqlite3.DatabaseError as error:
        if isinstance(error, (sqlite3.IntegrityError, sqlite3.ProgrammingError)):
            raise  # a fault in our own code, not of the disk
        raise JournalError(JournalProblem.DAMAGED, str(error)) from error


def _problem(error: sqlite3.OperationalError) -> JournalProblem:
    name = getattr(error, "sqlite_errorname", "") or ""
    if name.startswith("SQLITE_FULL"):
        return JournalProblem.DISK_FULL
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return JournalProblem.READ_ONLY
    return JournalProblem.DISK_ERROR
