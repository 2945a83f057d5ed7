"""What opens service mode in the reader: a member of staff's own card, or the badge that the town gave them.

It opens a door, so nothing is taken on trust. An eID or residence card has to be genuine, valid today, and to prove by
its chip that it is no copy; cards issued before applet 1.8 (about 2020) cannot. A badge (a PIV card,
`hardware.smartcard.piv`) has to prove its chip too, and where the town's authorities are configured, to be issued by
one of them. Which of the two it is, the card itself says.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal

from hardware.smartcard import (
    CardChannel,
    CardError,
    CardReading,
    Outcome,
    Parts,
    Reason,
    Trust,
    ValidityState,
    read_card,
)
from hardware.smartcard.piv import Issuers, PivError, PivReading, read_piv

_PARTS = Parts(address=False, photo=False, chip=True)
_OTHER_CARDS = (Reason.NOT_EID, Reason.BANK_CARD, Reason.FOREIGN_EID)


class Refusal(StrEnum):
    """Why a card opens nothing anywhere."""

    OTHER_CARD = "other-card"
    UNTRUSTED = "untrusted"
    COPY = "copy"
    UNPROVEN = "unproven"
    NOT_VALID = "not-valid"
    NO_CERTIFICATE = "no-certificate"


@dataclass(frozen=True, slots=True, repr=False)
class Badge:
    """What was in the reader. `proven` is what it is known by (see `kiosk.staff.events.BadgeRead`), None if refused."""

    by: Literal["card", "badge"]
    proven: str | None
    refusal: Refusal | None = None
    detail: str = ""  # for the technician; nothing personal


def read_badge(channel: CardChannel, trust: Trust, issuers: Issuers | None, today: date) -> Badge:
    """Read and judge whatever card is in. Raises CardError where it cannot be read: pulled, upside down."""
    try:
        # A badge first: one command, which an eID refuses, and no search for what else the card could be.
        badge = read_piv(channel, today, issuers)
    except PivError as problem:
        return Badge("badge", None, Refusal.NO_CERTIFICATE, str(problem))
    if badge is not None:
        refusal = _of_badge(badge)
        return Badge("badge", badge.fingerprint if refusal is None else None, refusal, badge.algorithm)
    try:
        card = read_card(channel, trust, today, parts=_PARTS)
    except CardError as problem:
        if problem.reason in _OTHER_CARDS:
            return Badge("card", None, Refusal.OTHER_CARD, problem.reason.value)
        raise
    refusal = _of_card(card)
    return Badge("card", card.identity.national_number if refusal is None else None, refusal, card.document_type.name)


def _of_card(reading: CardReading) -> Refusal | None:
    if reading.checks.identity_verdict is not Outcome.PROVEN:
        return Refusal.UNTRUSTED
    return _of_chip(reading.checks.chip.outcome, reading.validity.state)


def _of_badge(reading: PivReading) -> Refusal | None:
    if reading.issuer.outcome is Outcome.REFUTED:
        return Refusal.UNTRUSTED
    return _of_chip(reading.chip.outcome, reading.validity.state)


def _of_chip(chip: Outcome, validity: ValidityState) -> Refusal | None:
    if chip is Outcome.REFUTED:
        return Refusal.COPY
    if chip is not Outcome.PROVEN:
        return Refusal.UNPROVEN
    return None if validity is ValidityState.VALID else Refusal.NOT_VALID
