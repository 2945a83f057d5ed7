"""From what a paper says to lines for a strip of paper, 80 or 58 millimetres wide or any other.

Text stands on the grid of the printer's own font. Whether a line leaves as characters or as a picture is the
printer's business; but a picture has other widths, so such a paragraph is wrapped by `measure` (dots of a
line, `hardware.printer.raster.TextRasteriser.measure`), or by a wide guess where none is given. Nothing is
ever cut off: what does not fit a line goes to the next.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import qrcode

from hardware.printer.document import (
    PAPER_80_MM,
    Align,
    Columns,
    Cut,
    Document,
    Element,
    Feed,
    PaperGeometry,
    Qr,
    Rule,
    Text,
)
from hardware.printer.encode import code_page, printable
from hardware.printer.raster import Style
from kiosk.ticket.paper import Account, Banner, Box, Closing, Code, Masthead, Paper, Passage, Phrase, Row

Measure = Callable[[str, Style], int]

LARGEST_MODULE = 5  # dots of a QR module: 0.6 mm, easy for any hand scanner and for a telephone
QUIET_ZONE = 4  # modules of white around a QR code (ISO/IEC 18004)
ERROR_CORRECTION = "M"
TICK = "[ ] "
INDENT = "  "
BULLET = "- "
OR = "/ "  # before the same in the desk's language
_GUESSED_EM = 18  # dots a character, for pictures of text that nobody measures


def lay_out(paper: Paper, geometry: PaperGeometry = PAPER_80_MM, measure: Measure | None = None) -> Document:
    """The printer's document of a paper, cut at its end."""
    sheet = _Sheet(paper, geometry, measure or _guess)
    for section in paper.sections:
        match section:
            case Masthead():
                sheet.masthead(section)
            case Banner():
                sheet.banner(section)
            case Code():
                sheet.code(section)
            case Box():
                sheet.box(section)
            case Account():
                sheet.account(section)
            case Passage():
                sheet.passage(section)
            case Closing():
                sheet.closing(section)
    return Document((*sheet.elements, Feed(3), Cut()))


@dataclass(frozen=True, slots=True)
class _Look:
    """How a paragraph is set. `first` stands before its first line, `rest` before the others."""

    bold: bool = False
    size: int = 1
    align: Align = Align.LEFT
    inverse: bool = False
    first: str = ""
    rest: str = ""


_PLAIN = _Look()
_BOLD = _Look(bold=True)
_CENTRED = _Look(align=Align.CENTER)


def _hanging(first: str, bold: bool = False) -> _Look:
    """A paragraph that begins with `first`, and whose other lines stand as far in."""
    return _Look(bold=bold, first=first, rest=" " * len(first))


class _Sheet:
    """The elements so far, and the ways to add to them."""

    def __init__(self, paper: Paper, geometry: PaperGeometry, measure: Measure):
        self.elements: list[Element] = []
        self._paper = paper
        self._geometry = geometry
        self._measure = measure

    # --- Sections ------------------------------------------------------------------------------------

    def masthead(self, section: Masthead) -> None:
        name = section.municipality.upper()
        self._desk_words(name, replace(self._large(name), align=Align.CENTER))
        self._desk_words(section.desk, _CENTRED)
        self.elements.append(Rule())

    def banner(self, section: Banner) -> None:
        self._bar(section.title, size=2)
        for line in section.lines:
            self._phrase(line, replace(_CENTRED, bold=True), replace(_CENTRED))
        self.elements.append(Rule())

    def code(self, section: Code) -> None:
        self._words(_together(section.label), _CENTRED)
        room = self._geometry.columns // len(section.code)
        self.elements.append(Text(section.code, bold=True, width=min(room, 4), height=min(room, 4), align=Align.CENTER))
        if section.qr is not None:
            modules = _modules(section.qr)
            size = max(1, min(LARGEST_MODULE, self._geometry.dots // (modules + 2 * QUIET_ZONE)))
            quiet = Feed(QUIET_ZONE * size / self._geometry.dots_per_mm)
            self.elements += [quiet, Qr(section.qr, size, ERROR_CORRECTION), quiet]

    def box(self, section: Box) -> None:
        self._bar(section.title)
        self._phrase(section.main, self._large(section.main.text), _PLAIN)
        for line in section.lines:
            self._phrase(line, _PLAIN, _PLAIN)
        self.elements.append(Rule(dashed=False))

    def account(self, section: Account) -> None:
        if section.title.text:
            self._heading(section.title)
        for row in section.rows:
            self._row(row)
        if section.total_label.text:
            if section.rows:
                self.elements.append(Rule())
            self._total(section)
        for line in section.lines:
            self._phrase(line, _PLAIN, _PLAIN)
        if section.receipt:
            self.elements.append(Rule())
            for text in section.receipt:
                self._verbatim(text)
        self.elements.append(Rule())

    def passage(self, section: Passage) -> None:
        self._heading(section.title)
        for line in section.lines:
            self._phrase(line, _hanging(BULLET, bold=bool(line.desk)), _hanging(INDENT + OR))
        room = " " * len(TICK)
        for tick in section.ticks:
            self._words(tick.title.text, _hanging(TICK, bold=True))
            if tick.hint.text:
                self._words(tick.hint.text, _hanging(room))
            desk = ", ".join(words for words in (tick.title.desk, tick.hint.desk or tick.hint.text) if words)
            if tick.title.desk:
                self._desk_words(desk, _hanging(room + OR))
        self.elements.append(Rule())

    def closing(self, section: Closing) -> None:
        for line in section.lines:
            self._phrase(line, _CENTRED, _CENTRED)

    # --- Parts of sections ---------------------------------------------------------------------------

    def _bar(self, title: Phrase, size: int = 1) -> None:
        """White on black across the paper: both languages on one line where they fit, else one below the other."""
        look = _Look(bold=True, size=size, align=Align.CENTER, inverse=True)
        both = _together(title).upper()
        if self._columns_taken(f" {both} ", look) <= self._geometry.columns:
            self._bar_line(both, look, self._paper.language, self._paper.right_to_left)
            return
        room = self._geometry.columns - 2 * size
        for text in self._wrapped(title.text.upper(), look, self._paper.right_to_left, room):
            self._bar_line(text, look, self._paper.language, self._paper.right_to_left)
        for text in self._wrapped(title.desk.upper(), look, False, room):
            self._bar_line(text, look, self._paper.desk_language, rtl=False)

    def _bar_line(self, text: str, look: _Look, language: str, rtl: bool) -> None:
        if text:
            black = self._geometry.columns // look.size if _in_characters(text) else 0
            self._line(f" {text} ".center(black), look, language, rtl)

    def _heading(self, title: Phrase) -> None:
        self._phrase(title, self._large(title.text), _PLAIN)

    def _row(self, row: Row) -> None:
        rest = self._geometry.columns - self._columns_taken(row.amount + " ", _BOLD, beside=row.label)
        first, *more = self._wrapped(row.label, _BOLD, False, rest)
        self._columns(first, row.amount, _BOLD)
        for text in more:
            self._line(text, _BOLD, "", rtl=False)
        if row.asked.text:
            self._one_line_or_two(row.asked, _hanging(INDENT), _hanging(INDENT + OR))

    def _total(self, section: Account) -> None:
        """Label and amount on one line, as large as they fit: both languages' labels, or the desk's beneath."""
        alone, rtl = section.total_label.text, self._paper.right_to_left
        for label in (_together(section.total_label), alone):
            look = _Look(bold=True, size=2)
            label_columns = self._columns_taken(f"{label} ", look, rtl, beside=section.total)
            taken = label_columns + self._columns_taken(section.total, look, rtl, beside=label)
            if taken <= self._geometry.columns:
                self._columns(label, section.total, look)
                if label == alone and section.total_label.desk:
                    self._desk_words(section.total_label.desk, _PLAIN)
                return
        self._one_line_or_two(section.total_label, _BOLD, _PLAIN)
        self._line(section.total, _Look(bold=True, size=2, align=Align.RIGHT), "", rtl=False)

    def _verbatim(self, text: str) -> None:
        """A line of the terminal's receipt: its spaces stay; what is too long begins further left, or goes on below."""
        text = printable(text).rstrip()
        columns = self._geometry.columns
        too_long = max(len(text) - columns, 0)
        text = text[min(too_long, len(text) - len(text.lstrip())) :]
        for start in range(0, max(len(text), 1), columns):
            self._line(text[start : start + columns], _PLAIN, "", rtl=False)

    def _phrase(self, phrase: Phrase, look: _Look, desk_look: _Look) -> None:
        if phrase.text:
            self._words(phrase.text, look)
        if phrase.desk:
            self._desk_words(phrase.desk, desk_look)

    def _one_line_or_two(self, phrase: Phrase, look: _Look, desk_look: _Look) -> None:
        both = _together(phrase)
        if self._columns_taken(look.first + both, look) <= self._geometry.columns:
            self._words(both, look)
        else:
            self._phrase(phrase, look, desk_look)

    def _words(self, text: str, look: _Look) -> None:
        """A paragraph in the parent's language."""
        self._paragraph(text, look, self._paper.language, self._paper.right_to_left)

    def _desk_words(self, text: str, look: _Look) -> None:
        self._paragraph(text, look, self._paper.desk_language, rtl=False)

    def _large(self, text: str) -> _Look:
        """Bold, and of double size where each word of the text fits a line so."""
        look = _Look(bold=True, size=2)
        widest = max((self._columns_taken(word, look) for word in text.split(" ")), default=0)
        return look if widest <= self._geometry.columns else _BOLD

    # --- Lines ---------------------------------------------------------------------------------------

    def _paragraph(self, text: str, look: _Look, language: str, rtl: bool) -> None:
        if rtl and look.align is Align.LEFT:
            look = replace(look, align=Align.RIGHT)
        for index, line in enumerate(self._wrapped(text, look, rtl)):
            self._line((look.rest if index else look.first) + line, look, language, rtl)

    def _line(self, text: str, look: _Look, language: str, rtl: bool) -> None:
        self.elements.append(Text(text, look.bold, look.size, look.size, look.align, language, rtl, look.inverse))

    def _columns(self, left: str, right: str, look: _Look) -> None:
        self.elements.append(
            Columns(left, right, look.bold, look.size, look.size, self._paper.language, self._paper.right_to_left)
        )

    def _wrapped(self, text: str, look: _Look, rtl: bool, columns: int | None = None) -> list[str]:
        """The lines of a paragraph, each within the columns that are left beside its indent; at least one."""
        words = [printable(word) for word in text.split(" ") if word]  # a space that must not break stays in its word
        room = (columns or self._geometry.columns) - max(len(look.first), len(look.rest)) * look.size
        lines: list[str] = []
        line = ""
        for word in _pieces(words, lambda piece: self._columns_taken(piece, look, rtl) <= room):
            longer = f"{line} {word}" if line else word
            if line and self._columns_taken(longer, look, rtl) > room:
                lines.append(line)
                line = word
            else:
                line = longer
        return [*lines, line]

    def _columns_taken(self, text: str, look: _Look, rtl: bool = False, beside: str = "") -> int:
        """Columns of single width that a text takes on a line, which it may share with the text `beside` it.

        A line becomes a picture when any of its characters needs one, and then all of it has other widths.
        """
        if _in_characters(text + beside):
            return len(text) * look.size
        style = Style(look.bold, look.size, self._paper.language, rtl, look.inverse)
        return math.ceil(self._measure(text, style) / self._geometry.cell_width)


def _in_characters(text: str) -> bool:
    """Whether the printer can write a line; invisible marks of direction count for pictures only."""
    return code_page("".join(sign for sign in printable(text) if unicodedata.category(sign) != "Cf")) is not None


def _together(phrase: Phrase) -> str:
    """Both languages on one line."""
    return f"{phrase.text} {OR}{phrase.desk}" if phrase.desk else phrase.text


def _pieces(words: Iterable[str], fits: Callable[[str], bool]) -> Iterable[str]:
    """The words, those that do not fit a line cut into pieces that do."""
    for word in words:
        while not fits(word) and len(word) > 1:
            length = max(1, next(size for size in range(len(word) - 1, 0, -1) if size == 1 or fits(word[:size])))
            yield word[:length]
            word = word[length:]
        yield word


def _modules(text: str) -> int:
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data(text)
    return 17 + 4 * code.best_fit()


def _guess(text: str, style: Style) -> int:
    return len(text) * _GUESSED_EM * style.height
