"""What the console may order of a kiosk: signed by the backend, good for one kiosk, once, and not for long.

The signature is over the very text that is sent, so that nobody has to write JSON twice in the same way. A kiosk takes
an order only with the key that it was given at enrolment; it writes down that it took it before it does anything, and
what came of it afterwards (`OrderTaken`, `OrderAnswered`), so that an order is carried out at most once, also over a
restart, and its answer reaches the backend with the record.
"""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from kiosk.domain.record.body import Body

PURPOSE = b"loket-order-1\n"  # what the backend's key signs for kiosks is nothing else than orders
MAX_ORDER_TEXT = 1000


class OrderKind(StrEnum):
    """What can be ordered."""

    OUT_OF_SERVICE = "out-of-service"
    BACK_IN_SERVICE = "back-in-service"
    RESTART = "restart"
    TEST_PRINT = "test-print"
    READINESS = "readiness"
    NEW_TARIFF = "new-tariff"


class Order(BaseModel):
    """One order. `by` is the name of the account that gave it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: UUID
    kiosk_id: UUID
    kind: OrderKind
    by: Annotated[str, StringConstraints(min_length=1, max_length=150)]
    issued_at: AwareDatetime
    expires_at: AwareDatetime


class SignedOrder(BaseModel):
    """`text` is the order as JSON; `signature` (base64url) is Ed25519 over `PURPOSE` and that text."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    text: Annotated[str, StringConstraints(max_length=MAX_ORDER_TEXT)]
    signature: Annotated[str, StringConstraints(max_length=100)]


class OrderProblem(StrEnum):
    """Why an order is not carried out."""

    BAD_SIGNATURE = "bad-signature"
    UNREADABLE = "unreadable"
    FOREIGN = "foreign"  # for another kiosk
    EXPIRED = "expired"


class OrderRefused(Exception):
    """The order is not good; `order` is None where it is not known whose it is."""

    def __init__(self, problem: OrderProblem, order: Order | None = None):
        super().__init__(problem.value)
        self.problem = problem
        self.order = order


def sign_order(order: Order, key: Ed25519PrivateKey) -> SignedOrder:
    """The order as it goes over the wire."""
    text = order.model_dump_json()
    signature = key.sign(PURPOSE + text.encode())
    return SignedOrder(text=text, signature=base64.urlsafe_b64encode(signature).rstrip(b"=").decode())


def open_order(signed: SignedOrder, key: Ed25519PublicKey, kiosk_id: UUID, now: datetime) -> Order:
    """The order, if it is the backend's, for this kiosk and not too late. Raises OrderRefused."""
    try:
        signature = base64.urlsafe_b64decode(signed.signature + "=" * (-len(signed.signature) % 4))
        key.verify(signature, PURPOSE + signed.text.encode())
    except (InvalidSignature, binascii.Error, ValueError):
        raise OrderRefused(OrderProblem.BAD_SIGNATURE) from None
    try:
        order = Order.model_validate_json(signed.text)
    except ValidationError:  # of a newer backend: signed, and not understood
        raise OrderRefused(OrderProblem.UNREADABLE) from None
    if order.kiosk_id != kiosk_id:
        raise OrderRefused(OrderProblem.FOREIGN)
    if now >= order.expires_at:
        raise OrderRefused(OrderProblem.EXPIRED, order)
    return order


class OrderTaken(Body):
    """The kiosk took an order; recorded before anything of it is done."""

    kind: Literal["order_taken"] = "order_taken"
    order_id: UUID
    order: Annotated[str, Field(max_length=40)]
    by: Annotated[str, Field(max_length=150)]


OrderOutcome = Literal["done", "refused", "failed"]


class OrderAnswered(Body):
    """What came of an order. `detail` is a word or a short line, of nobody."""

    kind: Literal["order_answered"] = "order_answered"
    order_id: UUID
    outcome: OrderOutcome
    detail: Annotated[str, Field(max_length=200)] = ""
