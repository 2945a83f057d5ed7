"""The rows that a batch of entries speaks of, each read once and written once.

A visit is a dozen entries about the same three rows. What is changed is written at `flush`, new rows before changed
ones; whoever reads the tables in another way has to flush first. A savepoint that is undone takes its `Rows` with it.
"""

from __future__ import annotations

from uuid import UUID

from django.db.models import Model

from backend.fleet.models import Kiosk
from backend.requests.models import Payment, Request, RequestedChild, Visit
from backend.requests.problems import CannotApply
from backend.statements import table
from kiosk.domain.wire import RejectReason


class Rows:
    """Those of one kiosk. What belongs to another, or has not arrived yet, raises CannotApply.

    `begun`: visits that are taken to be new without a look; for one that is not, `flush` raises IntegrityError.
    """

    def __init__(self, kiosk: Kiosk, begun: frozenset[UUID] = frozenset()):
        self.kiosk = kiosk
        self._begun = begun
        self._known: dict[tuple[type[Model], UUID], Model] = {}
        self._new: dict[type[Model], list[Model]] = {}
        self._changed: dict[tuple[type[Model], UUID], set[str]] = {}

    def add(self, *rows: Model) -> None:
        """New ones of one table; in the order in which tables refer to each other."""
        for row in rows:
            self._new.setdefault(type(row), []).append(row)
            if isinstance(row, Visit | Request | Payment):
                self._known[type(row), row.pk] = row

    def change(self, row: Visit | Request | Payment, **values: object) -> None:
        """Give fields other values."""
        for name, value in values.items():
            setattr(row, name, value)
        self._known[type(row), row.pk] = row
        self._changed.setdefault((type(row), row.pk), set()).update(values)

    def flush(self) -> None:
        """Write all of it. Raises what the database raises."""
        new = {id(row) for rows in self._new.values() for row in rows}
        for model in (Visit, Request, RequestedChild, Payment):
            table(model).insert(self._new.pop(model, ()))
        for key, names in self._changed.items():
            row = self._known[key]
            if id(row) not in new:
                table(type(row)).update(row, names)
        self._changed.clear()

    def visit(self, visit_id: UUID) -> Visit:
        """Made by the first entry that names it, whichever that is."""
        visit = self._known.get((Visit, visit_id))
        if visit is None and visit_id not in self._begun:
            visit = table(Visit).get(id=visit_id)
        if visit is None:
            visit = Visit(id=visit_id, kiosk=self.kiosk)
            self.add(visit)
        assert isinstance(visit, Visit)
        if visit.kiosk_id != self.kiosk.pk:
            raise CannotApply(RejectReason.FOREIGN)
        self._known[Visit, visit_id] = visit
        return visit

    def request(self, ticket_id: UUID) -> Request:
        """A request of this kiosk."""
        request = self.request_here(ticket_id)
        if request.kiosk_id != self.kiosk.pk:
            raise CannotApply(RejectReason.FOREIGN)
        return request

    def request_here(self, ticket_id: UUID) -> Request:
        """A request of this municipality: a parent may come back to any of its kiosks."""
        request = self._known.get((Request, ticket_id)) or table(Request).get(ticket_id=ticket_id)
        if request is None:
            raise CannotApply(RejectReason.OUT_OF_ORDER)
        assert isinstance(request, Request)
        if request.municipality_id != self.kiosk.municipality_id:
            raise CannotApply(RejectReason.FOREIGN)
        self._known[Request, ticket_id] = request
        return request

    def payment(self, payment_id: UUID) -> Payment:
        """A payment of one of this kiosk's requests."""
        payment = self._known.get((Payment, payment_id))
        if payment is None:
            payment = table(Payment).get(id=payment_id)
        if payment is None:
            raise CannotApply(RejectReason.OUT_OF_ORDER)
        assert isinstance(payment, Payment)
        self._join(payment)
        if payment.request.kiosk_id != self.kiosk.pk:
            raise CannotApply(RejectReason.FOREIGN)
        self._known[Payment, payment_id] = payment
        return payment

    def _join(self, payment: Payment) -> None:
        """Its request, where that was read already the same one."""
        if not Payment.request.is_cached(payment):
            key = Request, payment.request_id
            payment.request = self._known.get(key) or table(Request).get(ticket_id=payment.request_id)
            self._known[key] = payment.request
