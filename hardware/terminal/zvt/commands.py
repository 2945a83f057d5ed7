"""The APDUs this kiosk sends. Pure: numbers in, APDU out.

06 C0 (read card) is left out on purpose: it can return tracks. No command here carries a card number.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from hardware.terminal.zvt import tlv
from hardware.terminal.zvt.apdu import Apdu, Command
from hardware.terminal.zvt.bitmaps import bcd

MOST_CENTS = 999_999_999_999  # six BCD bytes


class Receipts(StrEnum):
    """How receipts come to the kiosk, which prints all of them (configuration bits 02 and 04)."""

    BLOCKS = "blocks"  # 06 D3, a whole receipt at once, with whose it is and its charset
    LINES = "lines"  # 06 D1, line by line: for terminals that know no blocks
    FROM_STATUS = "from-status"  # none: the kiosk makes its own of the status information


# 02 we print payment receipts, 04 and administrative ones, 08 intermediate status (without it T4 is never refreshed),
# 10 no amount entry and 20 no administration at the terminal, 80 receipts come as text. 40 is reserved.
_WITHOUT_TEXT = 0x3E
_WITH_TEXT = 0x80 | _WITHOUT_TEXT
_PAYMENT_TYPE = 0x40  # the terminal decides; no GeldKarte
_SEND_STATUS_NO_PRINT = 0x03


class Commands:
    """Builds commands for one terminal: its password (six digits), its receipts, its currency (ISO 4217 number)."""

    def __init__(self, password: str = "000000", receipts: Receipts = Receipts.BLOCKS, currency: int = 978) -> None:
        """Raises ValueError for a password that is not six digits; the message does not quote it."""
        if len(password) != 6 or not (password.isascii() and password.isdecimal()):
            raise ValueError("the terminal's password has six digits")
        self._password = bytes.fromhex(password)
        self._receipts = receipts
        self._currency = bcd(currency, 2)

    def registration(self) -> Apdu:
        """06 00: our configuration (BE, or 3E without texts), the currency, and which commands of its own we take.

        3E also hides the terminal's service menu (03 01), and opens the exchange of TLV with an empty container.
        """
        match self._receipts:
            case Receipts.BLOCKS:
                permitted = tlv.encode(0x26, tlv.encode(0x0A, Command.PRINT_BLOCK.to_bytes(2, "big")))
                tail = bytes([0x06]) + tlv.encode_length(len(permitted)) + permitted
            case Receipts.LINES:
                tail = b""  # without TLV nothing but print lines can come
            case Receipts.FROM_STATUS:
                tail = b"\x03\x01\x06\x00"
        configuration = _WITHOUT_TEXT if self._receipts is Receipts.FROM_STATUS else _WITH_TEXT
        return Apdu(Command.REGISTRATION, self._password + bytes([configuration]) + self._currency + tail)

    def status_enquiry(self) -> Apdu:
        """05 01."""
        return Apdu(Command.STATUS_ENQUIRY, self._password)

    def authorisation(self, cents: int, goods_wait: int) -> Apdu:
        """06 01. `goods_wait`: seconds the terminal waits for our answer to its approval (1 to 255).

        Raises ValueError for less than one cent or more than fits six BCD bytes.
        """
        data = self._amount(cents) + bytes([0x19, _PAYMENT_TYPE, 0x01, goods_wait])
        return Apdu(Command.AUTHORISATION, data)

    def refund(self, cents: int) -> Apdu:
        """06 31. Raises ValueError as `authorisation`."""
        return Apdu(Command.REFUND, self._password + self._amount(cents))

    def last_result(self) -> Apdu:
        """06 20: the last status information once more, without printing."""
        return Apdu(Command.REPEAT_RECEIPT, self._password + bytes([0x03, _SEND_STATUS_NO_PRINT]))

    def reversal(self, receipt_number: int) -> Apdu:
        """06 30. Raises ValueError for a receipt number of more than four digits."""
        return Apdu(Command.REVERSAL, self._password + bytes([0x87]) + bcd(receipt_number, 2))

    def end_of_day(self) -> Apdu:
        """06 50."""
        return Apdu(Command.END_OF_DAY, self._password)

    def diagnosis(self) -> Apdu:
        """06 70: the terminal asks its host whether all is well."""
        return Apdu(Command.DIAGNOSIS)

    def initialisation(self) -> Apdu:
        """06 93."""
        return Apdu(Command.INITIALISATION, self._password)

    def set_clock(self, local: datetime) -> Apdu:
        """06 91: what the clock on the terminal's wall shows."""
        day, clock = bytes.fromhex(local.strftime("%y%m%d")), bytes.fromhex(local.strftime("%H%M%S"))
        return Apdu(Command.SET_CLOCK, self._password + b"\xaa" + day + b"\x0c" + clock)

    def log_off(self) -> Apdu:
        """06 02."""
        return Apdu(Command.LOG_OFF)

    def _amount(self, cents: int) -> bytes:
        if not 0 < cents <= MOST_CENTS:
            raise ValueError(f"{cents} cents cannot be asked for")
        return bytes([0x04]) + bcd(cents, 6) + bytes([0x49]) + self._currency
