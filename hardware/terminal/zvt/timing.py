"""Every wait of the ZVT driver, by name, in seconds, with its reason. Tests hand in a shorter table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """The waits. T1 to T4 are those of PA00P016, chapter 3; the others are this driver's own limits."""

    byte_gap: float = 0.2
    """T1: the longest silence inside one frame; after it the frame is lost and is answered with NAK."""

    acknowledgement: float = 5.0
    """T2: the longest wait for ACK or NAK after a frame."""

    sends: int = 3
    """A frame is sent once and repeated twice; then it is a transmission error."""

    answer: float = 5.0
    """T3: from a command to 80 00 or 84 xx. The terminal may still speak after it."""

    completion: float = 180.0
    """T4: the longest silence between 80 00 and the completion. Each 04 FF and 04 0F starts it anew, and a 04 FF may
    set another one, which holds until the next 05 01 (PA00P016, chapter 3)."""

    whole_command: float = 900.0
    """No command lasts longer, however often the terminal starts T4 anew: a stuck one must not hold the kiosk for ever.
    Above the longest payment seen in the field (four minutes of PIN entry, Portalum #14), with room for a T4 from 04
    FF."""

    listen: float = 0.05
    """How long one read of the port lasts, so that a wish to abort is heard while the line is silent."""

    connect: float = 5.0
    """The longest wait for a terminal on the network to take the connection."""

    piece: float = 1.0
    """Over TCP: the longest silence inside one APDU. TCP loses nothing, so what is missing then was never sent."""

    write: float = 5.0
    """The longest a write may be stuck in the driver (a USB adapter that hangs). 64 KiB at 9600 baud would need longer,
    but nothing that is sent here has more than a hundred bytes."""

    goods_wait: int = 60
    """Field 01 of the authorisation, whole seconds: how long the terminal waits for our answer to its approving
    status before it takes the payment back by itself. Without the field some ask again every few milliseconds and
    give up after two seconds (Portalum #44). A journal that cannot write within a minute will not write at all."""

    quiet_after_abort: float = 5.0
    """After an abort of our own the line is listened to for so long before the next authorisation, so that late
    frames of the old payment are not taken for the new one's (Odoo #128920, OCA/pos #550)."""

    busy_poll: float = 2.0
    """Between two enquiries while the terminal is busy. CCV's manual recommends at least one in three seconds."""

    busy_patience: float = 30.0
    """How long a look-up waits for a busy terminal to become ready, before it says that it does not know yet."""


class T4:
    """The completion time-out as the terminal last set it, in seconds."""

    def __init__(self, timing: Timing) -> None:
        self._default = timing.completion
        self.seconds = timing.completion

    def reset(self) -> None:
        """After 05 01."""
        self.seconds = self._default


STANDARD = Timing()
