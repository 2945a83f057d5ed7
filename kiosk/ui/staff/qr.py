"""A QR code on the screen."""

from __future__ import annotations

from typing import Any

import qrcode
from kivy.graphics import Color, Rectangle
from kivy.graphics.texture import Texture
from PIL import Image

from kiosk.ui.theme import look
from kiosk.ui.widgets.parts import Part


class QrPicture(Part):
    """A QR code, black on white in every look: what scans it knows no other."""

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self._text = ""
        self._texture: Texture | None = None
        with self.canvas.before:
            Color(1, 1, 1, 1)
            self._box = Rectangle()

    def show(self, text: str) -> None:
        """Draw this text; nothing for none."""
        if text == self._text:
            return
        self._text, self._texture = text, None
        if text:
            code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_L, border=4, box_size=1)
            code.add_data(text)
            code.make(fit=True)
            image: Image.Image = code.make_image().get_image().convert("RGB")
            image = image.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
            self._texture = Texture.create(size=image.size, colorfmt="rgb")
            self._texture.mag_filter = "nearest"
            self._texture.blit_buffer(image.tobytes(), colorfmt="rgb", bufferfmt="ubyte")

    def natural_height(self, width: float) -> float:
        """As wide as there is room, up to the size that a telephone reads from an arm's length."""
        return min(width, look.px(400 if look.theme.landscape else 560)) if self._text else 0

    def paint(self) -> None:
        """On whole pixels of the code, or a telephone sees a pattern in them."""
        self._box.texture = self._texture
        if self._texture is None:
            self._box.size = (0, 0)
            return
        modules = self._texture.width
        side = int(min(self.width, self.height) // modules) * modules
        self._box.size = (side, side)
        self._box.pos = (round(self.x + (self.width - side) / 2), round(self.y + (self.height - side) / 2))
