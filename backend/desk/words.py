"""The words of each answer: a title, what to do now, and a colour that always comes with a sign."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backend.desk.finding import Result


class Tone(StrEnum):
    """Green: go on. Yellow: something has to be done first. Red: stop. Grey: nothing was found."""

    GO = "go"
    WAIT = "wait"
    STOP = "stop"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Words:
    """How a result is shown."""

    tone: Tone
    title: Promise
    advice: Promise


WORDS: dict[Result, Words] = {
    Result.PAID: Words(Tone.GO, _("Paid"), _("The request can go on.")),
    Result.NOTHING_TO_PAY: Words(Tone.GO, _("Nothing to pay"), _("The request can go on.")),
    Result.NOT_PAID: Words(Tone.WAIT, _("Not paid yet"), _("No money moved at the kiosk. Take the payment here.")),
    Result.OPEN_CASE: Words(
        Tone.WAIT,
        _("Open case"),
        _("It is not certain what happened. Do not take money a second time; call the person in charge."),
    ),
    Result.NOT_ARRIVED: Words(
        Tone.WAIT,
        _("Genuine, but not here yet"),
        _("A kiosk of ours signed this ticket, but it has not sent the request yet. What the ticket says is below."),
    ),
    Result.UNKNOWN_CODE: Words(
        Tone.NOTHING,
        _("No request with this code"),
        _("The code is well formed. Perhaps the kiosk has not sent the request yet: scan the QR code instead."),
    ),
    Result.MISTYPED: Words(
        Tone.NOTHING,
        _("This is not a ticket code"),
        _("A character is wrong or missing. Compare with the ticket and type it again."),
    ),
    Result.AMBIGUOUS: Words(
        Tone.WAIT, _("Several requests have this code"), _("Scan the QR code, which tells them apart.")
    ),
    Result.WRONG_MUNICIPALITY: Words(
        Tone.STOP, _("Another municipality"), _("This ticket was issued elsewhere and is valid there only.")
    ),
    Result.BAD_SIGNATURE: Words(
        Tone.STOP, _("Not genuine"), _("This QR code was changed or forged. Look the request up by its code.")
    ),
    Result.UNKNOWN_KIOSK: Words(
        Tone.STOP, _("Unknown kiosk"), _("No kiosk known here signed this ticket. Look the request up by its code.")
    ),
    Result.REVOKED_KIOSK: Words(
        Tone.STOP,
        _("Withdrawn kiosk"),
        _("The kiosk that signed this ticket is no longer trusted. Look the request up by its code."),
    ),
    Result.DAMAGED: Words(
        Tone.NOTHING, _("Not readable"), _("The QR code was not read to the end. Scan again, or type the code.")
    ),
    Result.NOT_A_TICKET: Words(Tone.NOTHING, _("This is not a ticket"), _("Some other barcode was scanned.")),
}
