"""The kiosks' public keys: the key set that tickets are checked with, and the change of a kiosk's key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import transaction

from backend.fleet.models import Kiosk, Municipality, RetiredKey
from kiosk.domain.tickets.keys import TicketKey, key_id_of
from kiosk.domain.wire import KeyChange, KeyChangeAnswer, Refusal, decode_public_key, encode_public_key, key_change_text

# A kiosk that runs on after its key was changed uses the old one until it is started anew.
OLD_KEY_CALLS = timedelta(days=7)


class EnrolledKeys(Mapping[str, TicketKey]):
    """All keys that kiosks have or had, by their id, each fetched when it is asked for: one row for one ticket."""

    def __getitem__(self, key_id: str) -> TicketKey:
        if len(key_id) > 11:
            raise KeyError(key_id)
        kiosk = Kiosk.objects.filter(key_id=key_id).first()
        if kiosk is not None:
            return TicketKey(kiosk.key_id, str(kiosk.pk), decode_public_key(kiosk.public_key), kiosk.revoked_at)
        old = RetiredKey.objects.select_related("kiosk").filter(key_id=key_id).first()
        if old is None:
            raise KeyError(key_id)
        return TicketKey(key_id, str(old.kiosk_id), decode_public_key(old.public_key), old.kiosk.revoked_at)

    def __iter__(self) -> Iterator[str]:
        yield from Kiosk.objects.values_list("key_id", flat=True)
        yield from RetiredKey.objects.values_list("key_id", flat=True)

    def __len__(self) -> int:
        return Kiosk.objects.count() + RetiredKey.objects.count()


def keys_of_municipality(municipality: Municipality) -> list[TicketKey]:
    """All keys that a municipality's kiosks have or had, for a desk that checks tickets by itself."""
    kiosks = Kiosk.objects.filter(municipality=municipality).order_by("pk")
    retired = RetiredKey.objects.select_related("kiosk").filter(kiosk__municipality=municipality).order_by("pk")
    held = [(kiosk.key_id, kiosk, kiosk.public_key) for kiosk in kiosks]
    held += [(old.key_id, old.kiosk, old.public_key) for old in retired]
    return [TicketKey(key, str(kiosk.pk), decode_public_key(text), kiosk.revoked_at) for key, kiosk, text in held]


class KeyRefused(Exception):
    """The key of a kiosk was not changed; `refusal` says why."""

    def __init__(self, refusal: Refusal):
        super().__init__(refusal.value)
        self.refusal = refusal


@transaction.atomic
def change_key(kiosk_id: UUID, change: KeyChange, *, now: datetime) -> KeyChangeAnswer:
    """Give a kiosk another key, which it has proved to hold. The same change again gets the same answer.

    The old key may call for a while, and the tickets that it signed stay good. Raises KeyRefused.
    """
    raw = _proved(kiosk_id, change)
    text = encode_public_key(raw)
    kiosk = Kiosk.objects.select_for_update().get(pk=kiosk_id)
    if kiosk.public_key == text:
        last = kiosk.retired_keys.order_by("-retired_at").first()
        return KeyChangeAnswer(key_id=kiosk.key_id, old_key_until=last.calls_until if last else now)
    taken = Kiosk.objects.filter(public_key=text).exists() or RetiredKey.objects.filter(public_key=text).exists()
    if taken:
        raise KeyRefused(Refusal.KEY_KNOWN)
    old = RetiredKey.objects.create(
        kiosk=kiosk,
        public_key=kiosk.public_key,
        key_id=kiosk.key_id,
        retired_at=now,
        calls_until=now + OLD_KEY_CALLS,
    )
    kiosk.public_key, kiosk.key_id = text, key_id_of(raw)
    kiosk.save(update_fields=["public_key", "key_id"])
    return KeyChangeAnswer(key_id=kiosk.key_id, old_key_until=old.calls_until)


def _proved(kiosk_id: UUID, change: KeyChange) -> bytes:
    try:
        raw = decode_public_key(change.public_key)
        key = Ed25519PublicKey.from_public_bytes(raw)
        key.verify(bytes.fromhex(change.proof), key_change_text(kiosk_id, raw))
    except (ValueError, UnsupportedAlgorithm, InvalidSignature):
        raise KeyRefused(Refusal.INVALID) from None
    return raw
