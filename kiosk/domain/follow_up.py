"""How a parent who comes back finds their requests: what the kiosk asks the backend, and what it is told.

Who asks is said by a keyed digest of the national number on the verified card, not by the number: what lies in a
log or passes a proxy then names nobody. National numbers are few enough to try them all, so the digest has a key of
the municipality, which enrolled kiosks alone are told. The answer has what screen and ticket show, and no more: first
names, no surname, no national number, no birth date.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BeforeValidator, Field, JsonValue, StringConstraints

from kiosk.domain.record.entries import Receipt
from kiosk.domain.request_states import RequestState
from kiosk.domain.wire import Answer, Question

KEY_BYTES = 32
MAX_FOUND = 20  # requests, the newest first: a family has a few
_DIGEST_CHARACTERS = 43


def _known(value: Any) -> Any:
    return value if value in set(RequestState) else None


class LookUpKey(Answer):
    """The key of this municipality's digests, and the name by which a question says which key it used."""

    key: Annotated[str, StringConstraints(min_length=_DIGEST_CHARACTERS, max_length=_DIGEST_CHARACTERS)]
    key_id: str


class FindRequests(Question):
    """Whose requests; `parent` is a `parent_digest`."""

    parent: Annotated[str, StringConstraints(min_length=_DIGEST_CHARACTERS, max_length=_DIGEST_CHARACTERS)]
    key_id: Annotated[str, StringConstraints(min_length=1, max_length=20)]


class FoundChild(Answer):
    """One child, in the order of the ticket."""

    first_name: str
    card_type: str | None = None
    procedure: str | None = None
    fee_cents: int = 0
    ready_at: AwareDatetime | None = None
    ready_exact: bool = False


class FoundTime(Answer):
    """The time at the desk. `collection`: to collect the card. `open`: it can still be moved or cancelled."""

    start: AwareDatetime
    minutes: int
    desk: str
    collection: bool = False
    open: bool = False


class FoundRequest(Answer):
    """One request, as screen and ticket show it.

    `in_doubt`: it is not certain what became of the money; people decide that. `printed`: a ticket may be in
    somebody's hand already. `contents` is what else stood on it (`kiosk.domain.tickets.contents`). `here`: this is what
    the kiosk itself remembers, because the backend was not asked or does not have it yet.
    """

    ticket_id: UUID
    ticket_code: str
    made_at: AwareDatetime
    service: str
    state: Annotated[RequestState | None, BeforeValidator(_known)]  # None: a word of a newer backend; the desk knows
    children: tuple[FoundChild, ...]
    total_cents: Annotated[int, Field(ge=0)]
    paid: Receipt | None = None
    in_doubt: bool = False
    printed: bool = True
    appointment: FoundTime | None = None
    contents: dict[str, JsonValue] = {}
    here: bool = False


class FoundRequests(Answer):
    """All of one parent, the newest first."""

    requests: tuple[FoundRequest, ...]


def parent_digest(key: bytes, national_number: str) -> str:
    """43 characters that stand for a national number: HMAC-SHA-256 with the municipality's key, base64url."""
    digits = "".join(filter(str.isdigit, national_number))
    return _text(hmac.digest(key, b"loket-parent-1\n" + digits.encode(), hashlib.sha256))


def look_up_key(key: bytes) -> LookUpKey:
    """The key as it is told to kiosks."""
    return LookUpKey(key=_text(key), key_id=hashlib.sha256(b"loket-look-up-key" + key).hexdigest()[:16])


def key_bytes(told: LookUpKey) -> bytes:
    """The key again. Raises ValueError when it is none."""
    raw = base64.urlsafe_b64decode(told.key + "=")
    if len(raw) != KEY_BYTES:
        raise ValueError(f"a look-up key has {KEY_BYTES} bytes")
    return raw


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
