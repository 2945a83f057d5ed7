"""The APDUs this kiosk sends. Pure: numbers in, APDU out.

06 C0 (read card) is left out on purpose: it can return tracks. No command here carries a card number.
"""

from __future__ import annotations

from hardware.terminal.zvt import tlv
from hardware.terminal.zvt.apdu import Apdu, Command
from hardware.terminal.zvt.bitmaps import bcd

MOST_CENTS = 999_999_999_999  # six BCD bytes

# 02 we print payment receipts, 04 and administrative ones, 08 intermediate status (without it T4 is never refreshed),
# 10 no amount entry and 20 no administration at the terminal, 80 receipts come as text. 40 is reserved.
_CONFIGURATION = 0xBE
_PAYMENT_TYPE = 0x40  # the terminal decides; no GeldKarte
_SEND_STATUS_NO_PRINT = 0x03


class Commands:
    """Builds commands for one terminal: its password (six digits) and currency (ISO 4217 number)."""

    def __init__(self, password: str = "000000", currency: int = 978) -> None:
        """Raises ValueError for a password that is not six digits; the message does not quote it."""
        if len(password) != 6 or not (password.isascii() and password.isdecimal()):
            raise ValueError("the terminal's password has six digits")
        self._password = bytes.fromhex(password)
        self._currency = bcd(currency, 2)

    def registration(self) -> Apdu:
        """06 00: our configuration, the currency, and that we take print blocks (06 D3)."""
        permitted = tlv.encode(0x26, tlv.encode(0x0A, Command.PRINT_BLOCK.to_bytes(2, "big")))
        container = bytes([0x06]) + tlv.encode_length(len(permitted)) + permitted
        return Apdu(Command.REGISTRATION, self._password + bytes([_CONFIGURATION]) + self._currency + container)

    def status_enquiry(self) -> Apdu:
        """05 01."""
        return Apdu(Command.STATUS_ENQUIRY, self._password)

    def authorisation(self, cents: int, goods_wait: int) -> Apdu:
        """06 01. `goods_wait`: seconds the terminal waits for our answer to its approval (1 to 255).

        Raises ValueError for less than one cent or more than fits six BCD bytes.
        """
        if not 0 < cents <= MOST_CENTS:
            raise ValueError(f"{cents} cents cannot be asked for")
        data = bytes([0x04]) + bcd(cents, 6) + bytes([0x49]) + self._currency
        return Apdu(Command.AUTHORISATION, data + bytes([0x19, _PAYMENT_TYPE, 0x01, goods_wait]))

    def last_result(self) -> Apdu:
        """06 20: the last status information once more, without printing."""
        return Apdu(Command.REPEAT_RECEIPT, self._password + bytes([0x03, _SEND_STATUS_NO_PRINT]))

    def reversal(self, receipt_number: int) -> Apdu:
        """06 30. Raises ValueError for a receipt number of more than four digits."""
        return Apdu(Command.REVERSAL, self._password + bytes([0x87]) + bcd(receipt_number, 2))

    def end_of_day(self) -> Apdu:
        """06 50."""
        return Apdu(Command.END_OF_DAY, self._password)

    def log_off(self) -> Apdu:
        """06 02."""
        return Apdu(Command.LOG_OFF)
