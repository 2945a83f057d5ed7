"""Every kind of paper, in every language of the ticket, on both widths: as it looked when somebody looked at it.

The golden pictures are a quarter of the size in four greys: small in the repository, blind to a dot more or less at
the edge of a letter, and not blind to a line that moved, a word that changed or a column that is gone. To accept a
change: look at the pictures of `LOKET_GOLDEN=write`, then commit them.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import fields, is_dataclass
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from hardware.printer.document import Cut, Document, Qr
from hardware.printer.raster import TextRasteriser
from kiosk.domain.tickets.claims import Claims
from kiosk.domain.tickets.signature import Refusal, verify
from kiosk.ticket import claims_of, sign
from kiosk.ticket.paper import Phrase
from tests.kiosk.ticket.examples import CLAIMS, KEY, KEYS, KIOSK, PARENT, PUBLIC, claims
from tests.kiosk.ticket.papers import KINDS, LANGUAGES, TICKETS, document_of, paper_of
from tests.kiosk.ticket.printing import MODELS, Printed, print_document
from tests.kiosk.ticket.test_compose import words
from tests.kiosk.ticket.test_layout import assert_nothing_is_cut_off

GOLDEN = Path(__file__).parent / "golden"
SMALLER = 4
GREYS = 4
# Of a square of 8 by 8 small pixels (4 by 4 mm): the mean difference of grey, of 255, that edges of letters stay below.
SQUARE, TOLERANCE = 8, 24
MOST_BYTES = 1_500_000  # of all pictures together

CASES = [(kind, language, width) for kind in (*KINDS, "test-page") for language in LANGUAGES for width in MODELS]
CASES = [case for case in CASES if case[0] != "test-page" or case[1] == "en"]


@lru_cache
def rasteriser(width: str) -> TextRasteriser:
    return TextRasteriser(MODELS[width].geometry)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("papers")


def small(picture: Path) -> Image.Image:
    with Image.open(picture) as paper:
        return paper.convert("L").reduce(SMALLER).point(lambda grey: round(grey / 255 * (GREYS - 1)) * 85)


def difference(one: Image.Image, other: Image.Image) -> tuple[float, tuple[int, int]]:
    """The worst square's, and where it is, in dots."""
    squares = ImageChops.difference(one, other).reduce(SQUARE)
    worst = max(
        range(squares.width * squares.height),
        key=lambda place: squares.getpixel((place % squares.width, place // squares.width)),
    )
    x, y = worst % squares.width, worst // squares.width
    return float(squares.getpixel((x, y))), (x * SQUARE * SMALLER, y * SQUARE * SMALLER)


@pytest.mark.parametrize(("kind", "language", "width"), CASES)
def test_it_looks_as_it_did(folder: Path, kind: str, language: str, width: str) -> None:
    model = MODELS[width]
    document = document_of(kind, language, model.geometry, rasteriser(width))
    printed = print_document(document, folder, model)
    if kind != "test-page":
        assert_nothing_is_cut_off(document, model.geometry)
    assert_lines_keep_apart(printed)
    if kind in TICKETS:
        assert verify(printed.scanned(), KEYS) == claims_of(TICKETS[kind](), KIOSK)
    if kind not in ("refill", "test-page"):
        assert CLAIMS.code in printed.lines, "people read the same code"
    golden = GOLDEN / f"{kind}-{language}-{width.split()[0]}.png"
    now = small(printed.picture)
    if os.environ.get("LOKET_GOLDEN") == "write":
        GOLDEN.mkdir(exist_ok=True)
        now.quantize(GREYS).save(golden, optimize=True)
        printed.picture.rename(folder / golden.name)
        return
    with Image.open(golden) as before:
        assert now.size == before.size, f"{printed.picture} has another length than {golden}"
        worst, where = difference(now, before.convert("L"))
    assert worst <= TOLERANCE, f"{printed.picture} is not {golden}: look at {where}"


def assert_lines_keep_apart(printed: Printed) -> None:
    """The printer broke no line, printed nothing over something else, and cut no picture at the paper's edge."""
    marks = [*printed.report["lines"], *printed.report["pictures"]]
    assert [mark for mark in marks if mark["ugly"]] == []


def test_the_pictures_are_small_and_none_is_left_over() -> None:
    wanted = {f"{kind}-{language}-{width.split()[0]}.png" for kind, language, width in CASES}
    assert {path.name for path in GOLDEN.iterdir()} == wanted
    assert sum(path.stat().st_size for path in GOLDEN.iterdir()) < MOST_BYTES


def test_a_picture_that_differs_is_noticed() -> None:
    with Image.open(GOLDEN / "ticket-nl-80.png") as golden:
        before = golden.convert("L")
    moved = ImageChops.offset(before, 0, 2)
    erased = before.copy()
    erased.paste(255, (0, 200, before.width, 216))
    assert difference(before, moved)[0] > TOLERANCE
    assert difference(before, erased)[0] > TOLERANCE


@pytest.mark.parametrize("language", ["ar", "uk"])
def test_every_word_of_every_paper_is_in_the_parent_s_language(language: str) -> None:
    """In a script of its own, no Latin word is left among those for the parent: it would be English."""
    for kind in KINDS:
        for phrase in phrases(paper_of(kind, language)):
            latin = [word for word in phrase.split() if word.isascii() and word.isalpha() and word.islower()]
            assert latin == [], f"{phrase!r} on {kind}"


def phrases(value: object) -> list[str]:
    """What the parent alone reads, in sentences of the catalogue."""
    if isinstance(value, Phrase):
        return [value.text] if value.desk else []
    if is_dataclass(value):
        return [text for field in fields(value) for text in phrases(getattr(value, field.name))]  # type: ignore[arg-type]
    if isinstance(value, tuple):
        return [text for member in value for text in phrases(member)]
    return []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_national_number_no_full_birth_date_and_nothing_of_the_parent_is_on_any_paper(language: str) -> None:
    secret = {PARENT.national_number, PARENT.surname, PARENT.card_number, *PARENT.first_names.split()}
    secret |= {"2018-03-04", "04/03/2018", "2022-05-09", "09/05/2022", "850730", "85.07.30"}
    for kind in KINDS:
        said = "\n".join(words(paper_of(kind, language)))
        assert [one for one in secret if one in said] == [], kind


@settings(max_examples=10, deadline=None)
@given(claims, st.data())
def test_any_claims_survive_print_and_scan_and_one_changed_character_does_not(
    made: Claims, data: st.DataObject
) -> None:
    text = sign(made, KEY, PUBLIC.key_id)
    with tempfile.TemporaryDirectory() as folder:
        scanned = print_document(Document((Qr(text), Cut())), Path(folder), MODELS["58 mm"]).scanned()
    assert verify(scanned, KEYS) == made
    place = data.draw(st.integers(0, len(scanned) - 1))
    other = data.draw(
        st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:").filter(lambda c: c != scanned[place])
    )
    assert isinstance(verify(scanned[:place] + other + scanned[place + 1 :], KEYS), Refusal)
