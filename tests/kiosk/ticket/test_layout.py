"""Lines on a strip of paper: within its columns, nothing cut off, readable by people and scanners."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hardware.printer.document import (
    FRAME,
    PAPER_58_MM,
    PAPER_80_MM,
    Columns,
    Cut,
    Document,
    PaperGeometry,
    Qr,
    Rule,
    Text,
)
from hardware.printer.encode import code_page, printable, qr_modules
from hardware.printer.raster import SMALLEST_SHRINK, Style, TextRasteriser
from kiosk.text import texts
from kiosk.ticket import lay_out
from tests.kiosk.ticket.examples import (
    LINA,
    RECEIPT,
    YUSUF,
    ticket,
    ticket_paper,
)
from tests.kiosk.ticket.printing import print_paper

NL, FR, EN = texts("nl"), texts("fr"), texts("en")
LANGUAGES = {language: texts(language) for language in ("nl", "fr", "de", "en", "ar", "uk")}
GEOMETRIES = {"80 mm": PAPER_80_MM, "58 mm": PAPER_58_MM}
RASTERISERS = {geometry: TextRasteriser(geometry) for geometry in GEOMETRIES.values()}

names = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x17F) | st.sampled_from("żłİǅعمرЖїñ’-\u00a0\u200f"),
    min_size=1,
    max_size=40,
)


def on_paper(text: str) -> str:
    """Text without the marks of direction, which take no room."""
    return "".join(character for character in printable(text) if unicodedata.category(character) != "Cf")


def assert_nothing_is_cut_off(document: Document, geometry: PaperGeometry) -> None:
    """Every line fits, as characters or as a picture."""
    measure = RASTERISERS[geometry].measure
    for element in document.elements:
        if not isinstance(element, (Text, Columns)):
            continue
        texts = (element,) if isinstance(element, Text) else (element.left, element.right)
        words = [on_paper(text.text) for text in texts]
        room = geometry.dots - texts[0].start - (FRAME if texts[0].framed else 0)
        taken = 0.0
        for text, said_here in zip(texts, words, strict=True):
            if code_page("".join(words)) is not None:
                cell = geometry.small_width if text.small else geometry.cell_width
                taken += len(said_here) * cell * text.width
            else:
                style = Style(text.bold, text.height, text.language, text.rtl, text.inverse, text.small)
                taken += measure(said_here, style) * (SMALLEST_SHRINK if len(texts) == 1 else 1)
        assert taken <= room, element


def said(document: Document) -> str:
    """All words of a document, without regard to lines."""
    parts = []
    for element in document.elements:
        if isinstance(element, Text):
            parts.append(element.text)
        elif isinstance(element, Columns):
            parts += [element.left.text, element.right.text]
    return "".join(letters(part) for part in parts)


def letters(text: str) -> str:
    """What of a text has to be on paper: spaces and dots between words may give way to the end of a line."""
    return on_paper(text).replace(" ", "").replace("·", "")


@given(name=names, cents=st.integers(0, 10**7), geometry=st.sampled_from(list(GEOMETRIES.values())))
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_any_name_and_any_fee_fit_and_nothing_of_them_is_lost(name, cents, geometry):
    child = YUSUF.model_copy(update={"first_name": name, "fee_cents": cents})
    made = ticket(child, LINA, paid=None if cents == 0 else RECEIPT)
    document = lay_out(ticket_paper(made, EN, NL), geometry, RASTERISERS[geometry].measure)
    assert_nothing_is_cut_off(document, geometry)
    assert letters(name) in said(document)
    assert EN.money(cents) in said(document)


def test_without_a_measure_pictures_are_guessed_wide_enough():
    document = lay_out(ticket_paper(ticket(), texts("ar"), NL), PAPER_58_MM)
    assert_nothing_is_cut_off(document, PAPER_58_MM)


def test_a_receipt_line_keeps_its_spaces_and_goes_on_when_it_is_too_long():
    long = "EUR" + " " * 30 + "132,00 " + "X" * 40
    made = ticket(paid=RECEIPT.model_copy(update={"text": ("   MIDDEN", long)}))
    document = lay_out(ticket_paper(made, NL, NL), PAPER_58_MM)
    lines = [element.text for element in document.elements if isinstance(element, Text)]
    assert "   MIDDEN" in lines
    assert long in "".join(lines)


def test_a_phone_number_and_a_french_colon_stay_on_their_line():
    for geometry in GEOMETRIES.values():
        lines = [e.text for e in lay_out(ticket_paper(ticket(), FR, FR), geometry).elements if isinstance(e, Text)]
        assert all(line.strip()[:1] not in (":", "?") for line in lines)
        assert sum("078 00 00 00" in line for line in lines) == 2


def test_no_line_begins_or_ends_with_the_dot_that_parts_two_things():
    for words in LANGUAGES.values():
        for geometry in GEOMETRIES.values():
            for paid in (None, RECEIPT):
                document = lay_out(ticket_paper(ticket(paid=paid), words, NL), geometry, RASTERISERS[geometry].measure)
                lines = [on_paper(e.text).strip() for e in document.elements if isinstance(e, Text)]
                assert [line for line in lines if line[:1] == "·" or line[-1:] == "·"] == []


def test_the_qr_code_has_its_quiet_zone_and_fits_the_paper():
    for geometry in GEOMETRIES.values():
        elements = lay_out(ticket_paper(ticket(), NL, NL), geometry).elements
        place = next(index for index, element in enumerate(elements) if isinstance(element, Qr))
        code = elements[place]
        assert isinstance(code, Qr) and code.error_correction == "M" and code.module_size == 4
        assert (qr_modules(code.text) + 2 * 4) * code.module_size <= geometry.dots


def test_a_paper_ends_with_its_cut_and_has_no_two_rules_in_a_row():
    elements = lay_out(ticket_paper(ticket(), FR, NL)).elements
    assert isinstance(elements[-1], Cut)
    assert not any(isinstance(one, Rule) and isinstance(next_one, Rule) for one, next_one in pairwise(elements))


def test_a_latin_ticket_is_less_than_a_tenth_of_its_picture_in_bytes(tmp_path):
    printed = print_paper(ticket_paper(ticket(), FR, NL), tmp_path)
    as_picture = printed.report["height_mm"] * PAPER_80_MM.dots_per_mm * PAPER_80_MM.dots // 8
    assert len(printed.data) * 10 < as_picture


def test_what_the_parent_typed_never_becomes_a_command(tmp_path):
    child = YUSUF.model_copy(update={"first_name": "\x1b@\x10\x04\x01Jo\x1dV\x00"})
    printed = print_paper(ticket_paper(ticket(child), NL, NL), tmp_path)
    assert printed.data.count(b"\x1b@") == 1, "the job's own reset"
    assert printed.data.count(b"\x1dV") == 1, "the job's own cut"
    assert b"\x10\x04" not in printed.data
    assert "@ Jo V · A-kaart · Gewoon € 12,00" in [" ".join(line.split()) for line in printed.lines]
