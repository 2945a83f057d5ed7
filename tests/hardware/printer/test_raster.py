import pytest
from PIL import Image, features

from hardware.printer import PAPER_58_MM, Encoder, ShapingMissing, Style, TextRasteriser
from hardware.printer.raster import LEADING

ARABIC = Style(rtl=True, language="ar")


def ink(picture: Image.Image) -> tuple[int, int, int, int]:
    box = picture.point(lambda value: 255 if value < 128 else 0).getbbox()
    assert box is not None
    return box


def test_without_raqm_nothing_is_drawn_wrongly_because_nothing_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "check", lambda feature: feature != "raqm")
    with pytest.raises(ShapingMissing, match="libfribidi0"):
        TextRasteriser()


def test_arabic_letters_join(rasterise: TextRasteriser) -> None:
    joined = rasterise.measure("بببب", ARABIC)
    apart = rasterise.measure("ب\u200cب\u200cب\u200cب", ARABIC)  # a non-joiner between them
    assert joined < 0.8 * apart


def test_the_base_direction_decides_on_which_side_a_line_begins(rasterise: TextRasteriser) -> None:
    text = "ماء (A)"
    rtl, ltr = rasterise(text, ARABIC), rasterise(text, Style(language="ar"))
    assert abs(rtl.width - ltr.width) <= 2
    brackets = rasterise("(A)", Style()).width
    # The bracket reaches lower than any letter of the Arabic word: it shows where the Latin part stands.
    assert ink(rtl.crop((0, 0, brackets, rtl.height)))[3] > ink(ltr.crop((0, 0, brackets, ltr.height)))[3]


def test_numbers_stay_in_order_inside_arabic(rasterise: TextRasteriser) -> None:
    """The digits of "12" at the left end of the line look as they do alone."""
    with_text, alone = rasterise("ماء 12", ARABIC), rasterise("12", Style())
    left, _, right, _ = ink(with_text)
    digits = ink(alone)
    arabic_digits = with_text.crop((left, 0, left + digits[2] - digits[0], with_text.height))
    assert right > digits[2]
    assert ink(arabic_digits)[2] == digits[2] - digits[0]


@pytest.mark.parametrize("text", ["أإجعي يّ", "ÉÅgjpqyE", "Їжак ґ"])
@pytest.mark.parametrize("bold", [False, True])
@pytest.mark.parametrize("height", [1, 2])
def test_nothing_of_a_letter_is_cut_off(rasterise: TextRasteriser, text: str, bold: bool, height: int) -> None:
    picture = rasterise(text, Style(bold=bold, height=height, rtl="ي" in text))
    left, top, right, bottom = ink(picture)
    assert top > 0 and bottom < picture.height
    assert left <= 4 * height and right >= picture.width - 4 * height
    assert picture.height >= LEADING * height


def test_a_line_too_wide_is_drawn_smaller(rasterise: TextRasteriser) -> None:
    text = "що взяти з собою на прийом до мерії"
    narrow = TextRasteriser(PAPER_58_MM)
    assert narrow.measure(text, Style()) > 384
    picture = narrow(text, Style())
    assert 370 < picture.width < 384, "nothing had to be cut off"


@pytest.mark.parametrize(("text", "style"), [("Ж" * 300, Style()), ("ب" * 300, ARABIC)])
def test_no_line_is_wider_than_the_paper(rasterise: TextRasteriser, text: str, style: Style) -> None:
    assert rasterise(text, style).width <= 576


def test_an_empty_line_is_a_blank_picture(rasterise: TextRasteriser) -> None:
    assert rasterise("", Style()).getextrema() == (255, 255)


def test_white_on_black(rasterise: TextRasteriser) -> None:
    plain, inverse = rasterise("КОПІЯ", Style()), rasterise("КОПІЯ", Style(inverse=True))
    assert plain.getpixel((0, 0)) == 255 and inverse.getpixel((0, 0)) == 0


def test_it_is_known_what_the_fonts_cannot_draw(rasterise: TextRasteriser) -> None:
    assert rasterise.covers("Відень € 12") and rasterise.covers("ما 12 €") and not rasterise.covers("አማርኛ")
    assert Encoder(rasterise)
