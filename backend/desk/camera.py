"""A camera's picture, and the text of the QR code in it: for browsers that read no codes from pictures themselves.

Only Chromium on Android, macOS and ChromeOS does; the others send what their camera sees here. A picture may show
faces and papers: it is decoded in memory, the text is all that is taken of it, and neither is written down.
"""

from __future__ import annotations

from io import BytesIO

import zxingcpp
from PIL import Image

from backend.desk.finding import MAX_TEXT
from kiosk.domain.tickets.signature import PREFIX

MAX_BYTES = 400_000  # the page sends a JPEG of at most 900 x 900 points: 60 to 150 kB
MAX_SIDE = 1_200  # points


class NoPicture(Exception):
    """What was sent is no JPEG of at most `MAX_SIDE` points a side."""


def read_code(jpeg: bytes) -> str:
    """The text of the QR code, a ticket's before any other; empty where none is seen. Raises NoPicture."""
    codes = [code.text[:MAX_TEXT] for code in zxingcpp.read_barcodes(_grey(jpeg), zxingcpp.BarcodeFormat.QRCode)]
    return next((text for text in codes if text.startswith(PREFIX)), codes[0] if codes else "")


def _grey(jpeg: bytes) -> Image.Image:
    try:
        picture = Image.open(BytesIO(jpeg), formats=("JPEG",))
        if max(picture.size) > MAX_SIDE:  # before it is unpacked: a small file can hold a huge picture
            raise NoPicture
        return picture.convert("L")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as problem:
        raise NoPicture from problem
