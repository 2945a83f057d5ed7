"""Card numbers are cut down before they become a value.

The kiosk stays out of the card industry's scope (PCI DSS) only as long as no full card number (PAN) exists in it: not
in a log, not in the journal, not on a ticket, not in an exception. Decoders therefore mask while they decode, and
keep no raw bytes of a field that may hold a PAN. At most the first six and the last four digits survive, which is
what PCI DSS 3.4 allows to be shown; most terminals hide more, and what they hide stays hidden.

Free text (receipt lines, displays) is searched for runs of digits long enough to hold a PAN. All of them are masked,
also a merchant number of that length: an over-masked line is a blemish, a printed card number is an incident.
"""

from __future__ import annotations

import re

_SHOWN_FIRST = 6
_SHOWN_LAST = 4
_SHORTEST_PAN = 13  # ISO/IEC 7812: up to 19 digits; 13 is the shortest in use

# 13 digits or more in one run, or 13 to 19 in the groups in which cards print them (4-4-4-…, 4-6-5).
# An application id, which receipts must show, begins with A0000 and is none.
_PAN_IN_TEXT = re.compile(
    r"(?<!\d)(?!(?<=A)0000)(?:\d{13,}|\d{4}([ \-])\d{4}\1\d{4}\1\d{1,4}(?:\1\d{1,3})?|\d{4}([ \-])\d{6}\2\d{4,5})(?!\d)"
)
_LONG_DECIMAL = re.compile(rf"[0-9]{{{_SHORTEST_PAN},}}")


def mask_pan(number: str) -> str:
    """A card number with at most its first six and last four characters shown; `*` stands for what is hidden.

    Takes digits and `*` (already hidden by the terminal). A number of fewer than 13 characters shows its last four
    only.
    """
    last = number[-_SHOWN_LAST:]
    first = number[:_SHOWN_FIRST] if len(number) >= _SHORTEST_PAN else ""
    return first + "*" * (len(number) - len(first) - len(last)) + last


def mask_text(text: str) -> str:
    """The text with every run of digits that may be a card number masked; spaces and hyphens keep their places."""
    return _PAN_IN_TEXT.sub(_mask_run, text)


def masked_hex(data: bytes) -> str:
    """Bytes of unknown meaning as hexadecimal text, without any long run of decimal digits.

    A PAN is such a run both as packed BCD and as ASCII (`36 37 30 33 …`).
    """
    return _LONG_DECIMAL.sub(lambda run: mask_pan(run.group()), data.hex())


def _mask_run(found: re.Match[str]) -> str:
    run = found.group()
    digits = re.sub(r"\D", "", run)
    masked = iter(mask_pan(digits))
    return "".join(next(masked) if character.isdigit() else character for character in run)
