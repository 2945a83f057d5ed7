"""Orders to kiosks: signed here, told with each heartbeat until the kiosk's record has them, answered by entries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from django.conf import settings

from backend.environment import make_secret_file
from backend.fleet.models import Kiosk
from backend.watch.models import ConsoleOrder
from kiosk.domain.fleet.orders import Order, OrderAnswered, OrderKind, OrderTaken, SignedOrder, sign_order
from kiosk.domain.wire import encode_public_key

# As long as somebody who gave an order watches what comes of it; an hour later it would surprise people at the kiosk.
LIFE = timedelta(minutes=10)
MOST_AT_ONCE = 10


class AlreadyWaiting(Exception):
    """The same order is on its way to this kiosk."""


def give(kiosk: Kiosk, kind: OrderKind, by: str, now: datetime, life: timedelta = LIFE) -> ConsoleOrder:
    """Sign an order and let it wait for the kiosk's next heartbeat. Raises AlreadyWaiting."""
    if ConsoleOrder.objects.filter(kiosk=kiosk, kind=kind.value, answered_at__isnull=True, expires_at__gt=now).exists():
        raise AlreadyWaiting
    order = Order(id=uuid4(), kiosk_id=kiosk.pk, kind=kind, by=by, issued_at=now, expires_at=now + life)
    signed = sign_order(order, signing_key())
    return ConsoleOrder.objects.create(
        id=order.id,
        kiosk=kiosk,
        kind=kind.value,
        by=by,
        issued_at=order.issued_at,
        expires_at=order.expires_at,
        text=signed.text,
        signature=signed.signature,
    )


def waiting_for(kiosk_id: UUID, now: datetime) -> tuple[SignedOrder, ...]:
    """What a kiosk has not taken yet, the oldest first."""
    rows = ConsoleOrder.objects.filter(
        kiosk_id=kiosk_id, answered_at__isnull=True, taken_at__isnull=True, expires_at__gt=now
    ).order_by("issued_at")[:MOST_AT_ONCE]
    return tuple(
        SignedOrder(text=text, signature=signature) for text, signature in rows.values_list("text", "signature")
    )


def taken(kiosk: Kiosk, body: OrderTaken, at: datetime) -> bool:
    """The kiosk has it. False: no such order was given to this kiosk."""
    return bool(ConsoleOrder.objects.filter(pk=body.order_id, kiosk=kiosk).update(taken_at=at))


def answered(kiosk: Kiosk, body: OrderAnswered, at: datetime) -> bool:
    """What came of it. False: no such order was given to this kiosk."""
    return bool(
        ConsoleOrder.objects.filter(pk=body.order_id, kiosk=kiosk).update(
            answered_at=at, outcome=body.outcome, detail=body.detail
        )
    )


def public_key() -> str:
    """What a kiosk gets at enrolment."""
    return encode_public_key(signing_key().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))


def signing_key() -> Ed25519PrivateKey:
    """The backend's key for orders: a file that only its owner may read, made at the first use. Raises OSError."""
    return _key_of(settings.ENVIRONMENT.orders_key_path, _fresh)


@lru_cache(maxsize=4)
def _key_of(path: Path, fresh: Callable[[], bytes]) -> Ed25519PrivateKey:
    make_secret_file(path, fresh())
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise OSError(f"{path} is no Ed25519 key")
    return key


def _fresh() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
