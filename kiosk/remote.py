"""Orders from the town hall: opened with the backend's key, written down, carried out once, and answered.

`OrderTaken` is on the disk before anything of an order happens, and an order that is there is never taken again: told
anew with every heartbeat until the backend has that entry, it does nothing more. What was taken and not answered when
the kiosk ended is answered at the next start. What an order means is the caretaker's; rules are fetched here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from kiosk.domain.fleet.orders import (
    Order,
    OrderAnswered,
    OrderKind,
    OrderProblem,
    OrderRefused,
    OrderTaken,
    SignedOrder,
    open_order,
)
from kiosk.domain.record.entries import EntryBody
from kiosk.journal import Journal, JournalError
from kiosk.staff.events import Order as StaffOrder
from kiosk.staff.events import Ordered

log = structlog.get_logger(__name__)

_FOR_THE_CARETAKER = {
    OrderKind.OUT_OF_SERVICE: StaffOrder.OUT_OF_SERVICE,
    OrderKind.BACK_IN_SERVICE: StaffOrder.BACK_IN_SERVICE,
    OrderKind.RESTART: StaffOrder.RESTART,
    OrderKind.TEST_PRINT: StaffOrder.TEST_PRINT,
    OrderKind.READINESS: StaffOrder.READINESS_REPORT,
}


class TownHall:
    """One kiosk's. `take` is called on the thread of the upload; `post` puts an event on the core's queue.

    `key` is None on a kiosk that was enrolled before there were orders: it takes none. `new_tariff` fetches the rules
    anew and says whether they can be used, and a few words. `recorded` hears each entry that became durable.
    """

    def __init__(
        self,
        journal: Journal,
        kiosk_id: UUID,
        key: Ed25519PublicKey | None,
        now: Callable[[], datetime],
        post: Callable[[Ordered], None],
        new_tariff: Callable[[], tuple[bool, str]],
        recorded: Callable[[EntryBody], None] = lambda body: None,
    ):
        self._journal = journal
        self._kiosk_id = kiosk_id
        self._key = key
        self._now = now
        self._post = post
        self._new_tariff = new_tariff
        self._recorded = recorded
        self._lock = threading.Lock()
        self._taken: set[UUID] = set()
        self._answered: set[UUID] = set()
        self._complained: set[str] = set()

    def begin(self) -> None:
        """What an earlier run took. Raises JournalError."""
        unanswered: dict[UUID, OrderTaken] = {}
        for entry in self._journal.entries(kinds=["order_taken", "order_answered"]):
            if isinstance(entry.body, OrderTaken):
                self._taken.add(entry.body.order_id)
                unanswered[entry.body.order_id] = entry.body
            elif isinstance(entry.body, OrderAnswered):
                self._taken.add(entry.body.order_id)
                self._answered.add(entry.body.order_id)
                unanswered.pop(entry.body.order_id, None)
        for order_id, body in unanswered.items():
            restarted = body.order == OrderKind.RESTART
            self._answer(order_id, restarted, "" if restarted else "the kiosk restarted before it was done")

    def take(self, signed: SignedOrder) -> None:
        """Carry out an order, if it is good and new."""
        if self._key is None:
            self._complain("no-key", "order_without_key")
            return
        try:
            order = open_order(signed, self._key, self._kiosk_id, self._now())
        except OrderRefused as refused:
            self._refuse(signed, refused)
            return
        if order.id in self._taken or not self._write(OrderTaken(order_id=order.id, order=order.kind, by=order.by)):
            return
        self._taken.add(order.id)
        if order.kind is OrderKind.NEW_TARIFF:
            self._answer(order.id, *self._new_tariff())
            return
        wanted = _FOR_THE_CARETAKER[order.kind]
        self._post(Ordered(wanted, order.by, lambda done, words: self._answer(order.id, done, words)))

    def _refuse(self, signed: SignedOrder, refused: OrderRefused) -> None:
        order: Order | None = refused.order
        if refused.problem is OrderProblem.EXPIRED and order is not None:
            # The clocks of the two may differ: the console is told, rather than left to guess.
            answered = OrderAnswered(order_id=order.id, outcome="refused", detail="too late")
            if order.id not in self._taken and self._write(answered):
                self._taken.add(order.id)
            return
        self._complain(signed.text, "order_refused", problem=refused.problem.value)

    def _complain(self, about: str, event: str, **details: str) -> None:
        if about not in self._complained:  # once, not with every heartbeat
            self._complained = {*list(self._complained)[-20:], about}
            log.warning(event, **details)

    def _answer(self, order_id: UUID, done: bool, words: str) -> None:
        """From any thread; the first answer counts."""
        with self._lock:
            if order_id in self._answered:
                return
            self._answered.add(order_id)
        if not self._write(OrderAnswered(order_id=order_id, outcome="done" if done else "failed", detail=words[:200])):
            with self._lock:
                self._answered.discard(order_id)  # the next start answers it

    def _write(self, body: OrderTaken | OrderAnswered) -> bool:
        try:
            self._journal.append(body)
        except JournalError as problem:
            log.error("order_not_recorded", kind=body.kind, problem=str(problem))
            return False
        self._recorded(body)
        return True
