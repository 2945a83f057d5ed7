"""What a kiosk and the municipal backend say to each other, at `/api/v1/`.

Messages have a version: a call names it (`VERSION_HEADER`), and one that names none is of version 1. A backend speaks
with kiosks of its own version and of the one before, so the backend is brought up to date first and the kiosks follow
in their own time. Version 1 knew no editions, no change of keys and no reports in heartbeats. A kiosk that is newer
than its backend is told so (`Refusal.VERSION`), and keeps all that it recorded.

Questions are closed to unknown fields, so that a mistake is heard at once; answers let unknown fields pass, so
that a kiosk of this version can speak with a newer backend. Every text and every list has a bound.

A call is signed: `Authorization: Bearer JWT`, EdDSA with the kiosk's key, `kid` = its id, at most
`TOKEN_LIFE_SECONDS` long, used once (`jti`), and tied to its request by `call_digest`.
"""

from __future__ import annotations

import base64
import hashlib
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, StringConstraints, model_validator

from kiosk.domain.fleet.orders import SignedOrder
from kiosk.domain.record.entries import CaseOutcome

API_PREFIX = "/api/v1"
VERSION = 2
OLDEST_VERSION = 1
VERSION_HEADER = "Loket-Version"
TOKEN_AUDIENCE = "loket-backend-1"
TOKEN_LIFE_SECONDS = 60
CLOCK_TOLERANCE_SECONDS = 30  # a kiosk without NTP for a week drifts by seconds; more is a fault worth telling

MAX_BATCH = 200  # entries; the largest entry (a visit with many children) is about 4 kB
MAX_BODY_BYTES = 2_000_000
MAX_LEASE = 200
MAX_EDITION_CHARACTERS = 400_000  # the longest profile known has 60,000
MAX_NOTICES = 20
MAX_NOTICE_CHARACTERS = 120  # three lines on a kiosk, four in large text
MAX_NOTICE_KIOSKS = 200
MAX_DECISIONS = 50  # told again with the next heartbeat until the kiosk has recorded them

_ShortText = Annotated[str, StringConstraints(min_length=1, max_length=80, strip_whitespace=True)]


class Question(BaseModel):
    """What a kiosk sends: frozen, and closed to unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Answer(BaseModel):
    """What the backend sends back: frozen; unknown fields of a newer backend are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Refusal(StrEnum):
    """Why a whole call was refused."""

    NO_TOKEN = "no-token"
    MALFORMED_TOKEN = "malformed-token"
    BAD_SIGNATURE = "bad-signature"
    UNKNOWN_KIOSK = "unknown-kiosk"
    REVOKED = "revoked"
    CLOCK_SKEW = "clock-skew"  # the signature is good, the kiosk's clock is not
    REPLAYED = "replayed"
    WRONG_BODY = "wrong-body"  # the token was made for another request
    INVALID = "invalid"
    TOO_LARGE = "too-large"
    BUSY = "busy"
    WRONG_CODE = "wrong-code"
    CODE_EXPIRED = "code-expired"
    CODE_USED = "code-used"
    NO_TRIES_LEFT = "no-tries-left"
    KEY_KNOWN = "key-known"  # this public key belongs to a kiosk already
    VERSION = "version"  # this backend does not speak the kiosk's version of these messages
    NOT_PUBLISHED = "not-published"  # the municipality has handed out none
    OTHER = "other"  # what a newer backend says and this version does not know
    OTHER_KEY = "other-key"  # a parent's digest was made with a key that is not this municipality's
    TOO_MANY = "too-many"  # this kiosk has looked up so many parents that it has to wait

    @classmethod
    def _missing_(cls, value: object) -> Refusal:
        return cls.OTHER


class Problem(Answer):
    """The body of every refusal. `server_time` lets a kiosk see how wrong its own clock is."""

    reason: Refusal
    detail: str
    server_time: AwareDatetime


class EnrolRequest(Question):
    """A new kiosk shows the one-time code it was given and its public key (32 bytes, base64url)."""

    code: Annotated[str, StringConstraints(min_length=4, max_length=40)]
    public_key: Annotated[str, StringConstraints(min_length=43, max_length=44)]
    name: Annotated[_ShortText, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$")]


class EnrolAnswer(Answer):
    """The kiosk's id from now on, and whose kiosk it is."""

    kiosk_id: UUID
    municipality: str
    server_time: AwareDatetime
    orders_key: str | None = None  # the backend's Ed25519 key (32 bytes, base64url) that signs orders


class KeyChange(Question):
    """A kiosk that signs with its old key names its new one, and proves to hold it.

    `proof`: the new key's signature over `key_change_text`, 64 bytes in hexadecimal.
    """

    public_key: Annotated[str, StringConstraints(min_length=43, max_length=44)]
    proof: Annotated[str, StringConstraints(min_length=128, max_length=128)]


class KeyChangeAnswer(Answer):
    """The id of the key with which this kiosk signs from now on; the old one may still call until then."""

    key_id: str
    old_key_until: AwareDatetime


class EntryBatch(Question):
    """Journal entries in order of sequence. They are raw here: one that cannot be read must not stop the rest."""

    batch_id: UUID
    entries: Annotated[tuple[dict[str, JsonValue], ...], Field(max_length=MAX_BATCH)]


class EntryOutcome(StrEnum):
    """What became of one entry. Each of them is an acknowledgement: the backend holds the entry."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"


class RejectReason(StrEnum):
    """Why an entry lies among the dead letters."""

    UNREADABLE = "unreadable"  # not an entry of this version
    ID_REUSED = "id-reused"  # this id was used for something else
    SEQUENCE_TAKEN = "sequence-taken"  # another entry of this kiosk has this number
    FOREIGN = "foreign"  # it speaks of another kiosk's visit, request or slot
    OUT_OF_ORDER = "out-of-order"  # what it speaks of has not arrived; tried again when more arrives
    CONTRADICTION = "contradiction"  # it denies what is settled: a payment both paid and not paid
    SLOT_TAKEN = "slot-taken"
    UNKNOWN_SLOT = "unknown-slot"
    NOT_STORABLE = "not-storable"  # the database refuses a value
    OTHER = "other"  # what a newer backend says and this version does not know

    @classmethod
    def _missing_(cls, value: object) -> RejectReason:
        return cls.OTHER


class EntryAnswer(Answer):
    """The answer to the entry at `position` of the batch. `id` is None where it could not be read."""

    position: int
    id: UUID | None
    outcome: EntryOutcome
    reason: RejectReason | None = None


class SequenceGap(Answer):
    """Entries that never arrived: `first` to `last`, both included."""

    first: int
    last: int


class Stored(Answer):
    """What the backend holds of a kiosk. `contiguous_to`: every number up to it has arrived. At most 100 gaps."""

    entries: int
    dead_letters: int
    contiguous_to: int
    gaps: tuple[SequenceGap, ...] = ()


class BatchAnswer(Answer):
    """One answer for each entry, in the batch's order, and what is stored now."""

    batch_id: UUID
    answers: tuple[EntryAnswer, ...]
    stored: Stored


class LeaseRequest(Question):
    """`wanted` free slots in all, of at least `minutes`, within `days` days after `earliest`.

    Among them, `long_wanted` groups of slots that follow each other at one desk and make `long_minutes`: a family
    with many children needs longer than one slot. The answer holds every free slot of this kiosk, those it had
    (their lease renewed) and new ones, so a repeated call after a lost answer leases nothing twice.
    """

    wanted: Annotated[int, Field(ge=0, le=MAX_LEASE)]
    earliest: AwareDatetime
    days: Annotated[int, Field(ge=1, le=60)] = 14
    minutes: Annotated[int, Field(ge=5, le=240)] = 15
    long_wanted: Annotated[int, Field(ge=0, le=50)] = 0
    long_minutes: Annotated[int, Field(ge=0, le=480)] = 0


class LeasedSlot(Answer):
    """A slot of this kiosk until the lease expires."""

    id: str
    start: AwareDatetime
    minutes: int
    desk: str


class LeaseAnswer(Answer):
    """The kiosk's free slots in order of time. Nothing may be booked at or after `lease_expires`."""

    slots: tuple[LeasedSlot, ...]
    lease_expires: AwareDatetime


class SlotReturn(Question):
    """Slots that the kiosk does not want any more."""

    slot_ids: Annotated[
        tuple[Annotated[str, StringConstraints(min_length=1, max_length=40)], ...], Field(max_length=MAX_LEASE)
    ]


class SlotReturnAnswer(Answer):
    """Which of them are free for everybody again."""

    returned: tuple[str, ...]


class Heartbeat(Question):
    """A kiosk is alive. `queue_depth` 0 says that all it ever recorded has been acknowledged."""

    sent_at: AwareDatetime
    version: _ShortText
    queue_depth: Annotated[int, Field(ge=0, le=10**9)]
    dead_letters: Annotated[int, Field(ge=0, le=10**9)] = 0
    in_service: bool | None = None  # None: not known
    screen: Annotated[str, StringConstraints(max_length=40)] = ""
    # `kiosk.domain.fleet.heartbeat.Report`; raw, so that one bad value is one
    report: dict[str, JsonValue] | None = None
    profile: Annotated[str, StringConstraints(max_length=64)] = ""  # the digest of the edition in use; empty: none
    profile_problem: Annotated[str, StringConstraints(max_length=300)] = ""  # why the latest one is not in use


class CaseDecision(Answer):
    """What staff decided of an open case at the backend; the kiosk records it and may sell by card again."""

    case_id: UUID
    decision: str
    outcome: CaseOutcome | None = None
    by: str = ""


class HeartbeatAnswer(Answer):
    """The backend heard it. `decisions` and `orders` are those that the kiosk has not recorded yet.

    `profile` and `notices` are the digests of the latest editions; None: none was handed out.
    """

    server_time: AwareDatetime
    profile: str | None = None
    notices: str | None = None
    decisions: tuple[CaseDecision, ...] = ()
    orders: tuple[SignedOrder, ...] = ()


class EditionKind(StrEnum):
    """What a municipality hands out to its kiosks."""

    PROFILE = "profile"  # its rules and tariffs, as TOML (`kiosk.domain.profiles.profile`)
    NOTICES = "notices"  # what kiosks are to show, as JSON (`NoticeList`)


class EditionAnswer(Answer):
    """The latest edition of a kind. Its ETag is its digest, in quotes; `If-None-Match` spares the text."""

    kind: EditionKind
    digest: str
    published_at: AwareDatetime
    text: Annotated[str, StringConstraints(max_length=MAX_EDITION_CHARACTERS)]


class Notice(Answer):
    """A sentence for who stands before a kiosk, by language, from one moment until another.

    It is plain text. `kiosks` are the ids of those that show it; none: all of the municipality.
    """

    texts: Annotated[
        dict[
            Annotated[str, StringConstraints(min_length=2, max_length=8)],
            Annotated[str, StringConstraints(min_length=1, max_length=MAX_NOTICE_CHARACTERS, strip_whitespace=True)],
        ],
        Field(min_length=1, max_length=30),
    ]
    first: AwareDatetime
    until: AwareDatetime
    kiosks: Annotated[tuple[UUID, ...], Field(max_length=MAX_NOTICE_KIOSKS)] = ()

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.until <= self.first:
            raise ValueError("a notice has to end after it begins")
        return self


class NoticeList(Answer):
    """The text of an edition of notices."""

    notices: Annotated[tuple[Notice, ...], Field(max_length=MAX_NOTICES)] = ()


class ServerTime(Answer):
    """What time it is at the backend."""

    server_time: AwareDatetime


class Health(Answer):
    """Answered only when the database can be reached."""

    status: str
    server_time: AwareDatetime


def digest_of(text: str) -> str:
    """SHA-256 of an edition's text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def call_digest(method: str, path: str, body: bytes) -> str:
    """The claim `call`: SHA-256 (base64url) of method, path and body, so that a token fits one request only."""
    text = f"{method.upper()}\n{path}\n".encode() + body
    return base64.urlsafe_b64encode(hashlib.sha256(text).digest()).rstrip(b"=").decode()


def key_change_text(kiosk_id: UUID, public_key: bytes) -> bytes:
    """What a new key signs to prove that its kiosk holds it: made for this purpose, this kiosk and this key alone."""
    return b"loket-key-change\n" + kiosk_id.bytes + public_key


def encode_public_key(raw: bytes) -> str:
    """32 bytes of an Ed25519 public key as 43 characters of base64url."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode_public_key(text: str) -> bytes:
    """The 32 bytes again. Raises ValueError when it is no such key."""
    raw = base64.urlsafe_b64decode(text.rstrip("=") + "=")
    if len(raw) != 32 or encode_public_key(raw) != text.rstrip("="):
        raise ValueError("an Ed25519 public key is 32 bytes in base64url")
    return raw
