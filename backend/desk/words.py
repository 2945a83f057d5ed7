"""The words of each answer: a title, what to do now, and a colour that always comes with a sign."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backend.desk.finding import Result
from kiosk.domain.request_states import RequestState


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
    Result.PAID: Words(Tone.GO, _("Valid and paid"), _("The request can go on.")),
    Result.NOTHING_TO_PAY: Words(Tone.GO, _("Valid, nothing to pay"), _("The request can go on.")),
    Result.READY: Words(Tone.GO, _("Valid: hand it over"), _("The card is here. Go through the steps below.")),
    Result.NOT_READY: Words(Tone.WAIT, _("Not ready"), _("The application was sent; the card is not here yet.")),
    Result.USED: Words(Tone.STOP, _("Already used"), _("This was handed over before. Give nothing a second time.")),
    Result.CANCELLED: Words(Tone.STOP, _("Cancelled"), _("This request was cancelled.")),
    Result.REFUNDED: Words(Tone.STOP, _("Cancelled and refunded"), _("The money went back: nothing is due.")),
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

# Said once, to whoever did it.
HANDED_OVER = Words(Tone.GO, _("Handed over"), _("It is written down. For some minutes it can be undone."))

# What the page says by itself when there is no line, beside some of the above.
WITHOUT_LINE: dict[str, Words] = {
    "genuine": Words(
        Tone.WAIT,
        _("Genuine; no line"),
        _("A kiosk of this municipality signed this ticket. What happened to it since cannot be known without a line."),
    ),
    "unknown-kiosk": Words(
        Tone.STOP,
        _("Unknown kiosk; no line"),
        _("No kiosk that this page knows signed this ticket. It may be a new one: try again with a line."),
    ),
    "double": Words(
        Tone.STOP,
        _("Already used here"),
        _("This ticket was handed over here, without a line. Give nothing a second time."),
    ),
    "needs-line": Words(
        Tone.NOTHING,
        _("No line"),
        _("A typed code needs a line. Scan the QR code: the page can check that by itself."),
    ),
}

# --- The states of a request -------------------------------------------------------------------------

STATES: dict[str, Promise] = {
    RequestState.REQUESTED: _("requested"),
    RequestState.ARRIVED: _("arrived"),
    RequestState.SUBMITTED: _("submitted"),
    RequestState.IN_PRODUCTION: _("in production"),
    RequestState.CODES_SENT: _("codes sent"),
    RequestState.READY: _("ready"),
    RequestState.COLLECTED: _("collected"),
    RequestState.CANCELLED: _("cancelled"),
    RequestState.REFUNDED: _("refunded"),
}

# What a button says that moves a request to a state.
DEEDS: dict[str, Promise] = {
    RequestState.ARRIVED: _("The parent is here"),
    RequestState.SUBMITTED: _("Application sent"),
    RequestState.IN_PRODUCTION: _("In production"),
    RequestState.CODES_SENT: _("Codes sent"),
    RequestState.READY: _("Card is here"),
    RequestState.COLLECTED: _("Hand over"),
    RequestState.CANCELLED: _("Cancel the request"),
    RequestState.REFUNDED: _("Refund"),
}

STATE_TONES: dict[str, Tone] = {
    RequestState.READY: Tone.GO,
    RequestState.COLLECTED: Tone.NOTHING,
    RequestState.CANCELLED: Tone.STOP,
    RequestState.REFUNDED: Tone.STOP,
}
