"""What can go wrong between a card and us: narrow errors that hold a reason and no personal data."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why a card could not be read."""

    NO_ANSWER = "no-answer"  # upside down, dirty, no chip, or it fell silent
    NOT_EID = "not-eid"  # a chip card of another kind: the applet is not there
    BANK_CARD = "bank-card"  # the same, and it can pay
    FOREIGN_EID = "foreign-eid"  # the same, and it has an application of identity cards
    PULLED = "pulled"  # taken out (or the reader was) while we talked
    UNREADABLE = "unreadable"  # an eID whose files cannot be read or understood
    BUSY = "busy"  # another program holds the card
    READER_GONE = "reader-gone"  # no reader, or no PC/SC service


class CardError(Exception):
    """A card could not be read; `reason` decides what to do, `detail` is for the technician."""

    def __init__(self, reason: Reason, detail: str = ""):
        super().__init__(f"{reason.value}: {detail}" if detail else reason.value)
        self.reason = reason
        self.detail = detail


class DecodeReason(StrEnum):
    """Why bytes are not the file they should be."""

    EMPTY = "empty"
    TRUNCATED = "truncated"  # an element announces more bytes than there are
    NOT_DER = "not-der"
    OTHER_TAG = "other-tag"  # an object of another kind than was asked for
    BAD_LENGTH = "bad-length"  # of a form that cards do not use
    TOO_LONG = "too-long"  # something stands behind the end


class DecodeError(ValueError):
    """Bytes that cannot be decoded, with the offset where it was noticed."""

    def __init__(self, reason: DecodeReason, offset: int = 0):
        super().__init__(f"{reason.value} at byte {offset}")
        self.reason = reason
        self.offset = offset
