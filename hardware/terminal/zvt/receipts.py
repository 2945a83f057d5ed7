"""Collects what the terminal prints during one command into the customer's and the merchant's receipt.

Print blocks (06 D3) say whose they are (tag 1F07). Print lines (06 D1) do not; an attribute of 81 or more ends a
receipt, and terminals print the merchant's before the customer's, so the last one of several is taken as the
customer's.
"""

from __future__ import annotations

from typing import TypedDict

from hardware.terminal.zvt.fields import PrintedText
from hardware.terminal.zvt.tags import ReceiptType


class _Texts(TypedDict):
    text: tuple[str, ...]
    merchant_text: tuple[str, ...]
    must_print: bool
    signature_wanted: bool


class ReceiptLines:
    """The receipts of one command, in the order in which they came."""

    def __init__(self) -> None:
        self._receipts: list[tuple[ReceiptType, list[str]]] = []
        self._open = False
        self._must_print = self._signature = False

    def add(self, text: PrintedText) -> None:
        """One more line or block."""
        self._must_print |= text.must_print and text.receipt_type is not ReceiptType.MERCHANT
        self._signature |= text.signature_wanted
        if self._open and self._receipts[-1][0] is text.receipt_type:
            self._receipts[-1][1].extend(text.lines)
        elif text.lines:
            self._receipts.append((text.receipt_type, list(text.lines)))
        self._open = not text.ends

    def texts(self) -> _Texts:
        """What was printed, as fields of a `TransactionReceipt`."""
        return {
            "text": self.customer,
            "merchant_text": self.merchant,
            "must_print": self._must_print,
            "signature_wanted": self._signature,
        }

    @property
    def customer(self) -> tuple[str, ...]:
        """The customer's receipt, or nothing."""
        unsaid = self._unsaid()
        return self._of(ReceiptType.CUSTOMER) or (unsaid[-1] if unsaid else ())

    @property
    def merchant(self) -> tuple[str, ...]:
        """The merchant's receipt, or nothing."""
        return self._of(ReceiptType.MERCHANT) or tuple(line for lines in self._unsaid()[:-1] for line in lines)

    @property
    def everything(self) -> tuple[str, ...]:
        """All lines, whoever's they are (an end-of-day report)."""
        return tuple(line for _type, lines in self._receipts for line in lines)

    def _of(self, wanted: ReceiptType) -> tuple[str, ...]:
        return tuple(line for kind, lines in self._receipts if kind is wanted for line in lines)

    def _unsaid(self) -> list[tuple[str, ...]]:
        return [tuple(lines) for kind, lines in self._receipts if kind is ReceiptType.UNSAID]
