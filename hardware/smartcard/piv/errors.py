"""What can be wrong with a staff card that was read to the end."""

from __future__ import annotations

from enum import StrEnum


class PivReason(StrEnum):
    """Why a card with the PIV application proves nothing."""

    NO_CERTIFICATE = "no-certificate"  # slot 9E is empty, or not to be read without a PIN
    MALFORMED = "malformed"  # what is in it cannot be understood
    UNSUPPORTED_KEY = "unsupported-key"  # neither RSA-2048 nor P-256 nor P-384


class PivError(Exception):
    """The card was read and is of no use; `detail` is for the technician."""

    def __init__(self, reason: PivReason, detail: str = ""):
        super().__init__(f"{reason.value}: {detail}" if detail else reason.value)
        self.reason = reason
        self.detail = detail
