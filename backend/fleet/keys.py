"""The kiosks' public keys as the key set that tickets are checked with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from backend.fleet.models import Kiosk
from kiosk.domain.ticket_keys import TicketKey
from kiosk.domain.wire import decode_public_key


class EnrolledKeys(Mapping[str, TicketKey]):
    """All enrolled keys by their id, each fetched when it is asked for: one row for one ticket."""

    def __getitem__(self, key_id: str) -> TicketKey:
        kiosk = Kiosk.objects.filter(key_id=key_id).first() if len(key_id) <= 11 else None
        if kiosk is None:
            raise KeyError(key_id)
        return _ticket_key(kiosk)

    def __iter__(self) -> Iterator[str]:
        return iter(Kiosk.objects.values_list("key_id", flat=True))

    def __len__(self) -> int:
        return Kiosk.objects.count()


def _ticket_key(kiosk: Kiosk) -> TicketKey:
    return TicketKey(kiosk.key_id, str(kiosk.pk), decode_public_key(kiosk.public_key), kiosk.revoked_at)
