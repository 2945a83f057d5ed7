"""The Belgian eID and residence card on any PC/SC reader.

Layers, each usable alone: `apdu`, `tlv`, `der`, `fields`, `identity`, `address` are pure; `calls` and `transport` carry
bytes; `session` and `files` read, `strangers` asks a card of another kind what it is; `verification`, `authentication`
and `trust` prove, and `checks` is how they say it; `card` puts a reading together; `reader` watches for cards. `piv` is
a package of its own for staff cards.

    from datetime import date
    from hardware.smartcard import CardError, Inserted, Reader, Removed, Trust, read_card

    trust = Trust()                                  # the Belgian roots, by key; keep one for all cards
    reader = Reader()

    def on_event(event):                             # on the reader's thread: put it on a queue, do not read here
        match event:
            case Inserted(card): ...
            case Removed(reader=name): ...

    reader.watch(on_event)
    …
    try:
        channel = reader.connect()
        try:
            reading = read_card(channel, trust, date.today(), on_identity=greet, on_progress=draw)
        finally:
            channel.close()
    except CardError as problem:
        show(problem.reason)                         # a Reason: no-answer, bank-card, pulled, unreadable, …

    reading.checks.verdict                           # proven, refuted, not-possible
    reading.checks.chip                              # on 1.8: that it is no copy
    reading.document_type.holder                     # foreigner, foreign-child, belgian, belgian-child, other
    reading.document_type.number                     # 33: an A card
    reading.validity.state                           # valid, expired, …
"""

from hardware.smartcard.address import Address
from hardware.smartcard.card import (
    EVERYTHING,
    IDENTITY_AND_ADDRESS,
    CardReading,
    Parts,
    Validity,
    ValidityState,
    read_card,
)
from hardware.smartcard.checks import Check, Checks, Outcome, Why
from hardware.smartcard.errors import CardError, DecodeError, DecodeReason, Reason
from hardware.smartcard.fields import BirthDate, DocumentType, Holder, Language, Protection, Sex
from hardware.smartcard.identity import ContentWarning, Identity
from hardware.smartcard.kept import CertificateFolder
from hardware.smartcard.reader import (
    CardPresent,
    CardReader,
    Empty,
    Inserted,
    NoReader,
    NoService,
    Reader,
    ReaderEvent,
    ReaderStatus,
    Removed,
    StatusChanged,
)
from hardware.smartcard.transport import CardChannel, InProcessChannel, PcscChannel
from hardware.smartcard.trust import BELGIAN_ROOTS, Trust, TrustError
from hardware.smartcard.verification import Material

__all__ = [
    "BELGIAN_ROOTS",
    "EVERYTHING",
    "IDENTITY_AND_ADDRESS",
    "Address",
    "BirthDate",
    "CardChannel",
    "CardError",
    "CardPresent",
    "CardReader",
    "CardReading",
    "CertificateFolder",
    "Check",
    "Checks",
    "ContentWarning",
    "DecodeError",
    "DecodeReason",
    "DocumentType",
    "Empty",
    "Holder",
    "Identity",
    "InProcessChannel",
    "Inserted",
    "Language",
    "Material",
    "NoReader",
    "NoService",
    "Outcome",
    "Parts",
    "PcscChannel",
    "Protection",
    "Reader",
    "ReaderEvent",
    "ReaderStatus",
    "Reason",
    "Removed",
    "Sex",
    "StatusChanged",
    "Trust",
    "TrustError",
    "Validity",
    "ValidityState",
    "Why",
    "read_card",
]
