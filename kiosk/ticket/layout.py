"""From what a paper says to lines for a strip of paper, 80 or 58 millimetres wide or any other.

Text stands on the grid of the printer's own fonts. Whether a line leaves as characters or as a picture is the
printer's business; but a picture has other widths, so such a line is wrapped by `measure` (dots of a line,
`hardware.printer.raster.TextRasteriser.measure`), or by a wide guess where none is given. Nothing is ever cut off:
what does not fit a line goes to the next.

Paper is short where it can be: both languages share a line where they fit, what the desk reads is set small, and
what was on the screen already is small too. What a parent needs at home, and what is decided by, stays large.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import replace

from hardware.printer.document import (
    FRAME,
    PAPER_80_MM,
    STEP,
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
from hardware.printer.encode import QUIET_MODULES, code_page, printable, qr_modules
from hardware.printer.models import WESTERN
from hardware.printer.raster import EM, SMALL_EM, Style
from kiosk.ticket.paper import Account, Banner, Box, Closing, Code, Masthead, Paper, Passage, Phrase, Row, Tick
from kiosk.ticket.words import SEPARATOR

Measure = Callable[[str, Style], int]

MODULE = 4  # dots of a QR module: half a millimetre, easy for any hand scanner and for a telephone
ERROR_CORRECTION = "M"
BULLET = "- "
OR = "/ "  # before the same in the desk's language, where both share a line
_DOT = SEPARATOR.strip()
_A_LITTLE_SMALLER = 0.7  # of its size, down to which a large line may shrink; not below `raster.SMALLEST_SHRINK`
_END_MM = 2.0  # white below the last line
_FRAME_WHITE = 8  # dots between the last line in a frame and its lower edge
_WIDEST_GUESS = 0.7  # of the letters' size: no script's average is wider


def lay_out(
    paper: Paper,
    geometry: PaperGeometry = PAPER_80_MM,
    measure: Measure | None = None,
    pages: Iterable[str] = WESTERN,
) -> Document:
    """The printer's document of a paper, cut at its end. `pages` are the code pages that the printer has."""
    sheet = _Sheet(paper, geometry, measure or _guess, tuple(pages))
    for number, section in enumerate(paper.sections):
        if number and not isinstance(section, (Code, Box)):
            sheet.rule()
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
    return Document((*sheet.elements, Feed(_END_MM), Cut()))


PLAIN = Text("")
BOLD = Text("", bold=True)
SMALL = Text("", small=True)
CENTRED = Text("", align=Align.CENTER)
SMALL_CENTRED = Text("", small=True, align=Align.CENTER)


class _Sheet:
    """The elements so far, and the ways to add to them. A `look` is a `Text` without words."""

    def __init__(self, paper: Paper, geometry: PaperGeometry, measure: Measure, pages: tuple[str, ...]):
        self.elements: list[Element] = []
        self._paper = paper
        self._geometry = geometry
        self._measure = measure
        self._pages = pages

    # --- Sections ------------------------------------------------------------------------------------

    def rule(self) -> None:
        """Between two sections; the frame of a box is enough of one."""
        if not (self.elements and isinstance(self.elements[-1], Rule)):
            self.elements.append(Rule())

    def masthead(self, section: Masthead) -> None:
        self._desk_words(section.municipality.upper(), replace(CENTRED, bold=True))
        self._desk_words(section.desk, CENTRED)

    def banner(self, section: Banner) -> None:
        self._bar(section.title, size=2)
        self.elements.append(Feed(0.5))
        for line in section.lines:
            self._phrase(line, replace(CENTRED, bold=True), SMALL_CENTRED)

    def code(self, section: Code) -> None:
        self.elements.append(Feed(1.0))
        self._one_line_or_two(section.label, CENTRED, SMALL_CENTRED)
        largest = max(1, min(3, self._geometry.dots // (len(section.code) * self._geometry.cell_width)))
        self.elements.append(Text(section.code, bold=True, width=largest, height=largest, align=Align.CENTER))
        if section.qr is not None:
            room = self._geometry.dots // (qr_modules(section.qr, ERROR_CORRECTION) + 2 * QUIET_MODULES)
            self.elements.append(Qr(section.qr, max(1, min(MODULE, room)), ERROR_CORRECTION))

    def box(self, section: Box) -> None:
        if not isinstance(self.elements[-1], (Qr, Rule)):
            self.elements.append(Feed(1.0))
        self._frame(section.title, section.main, section.lines, largest=2)

    def account(self, section: Account) -> None:
        if section.title.text:
            self._one_line_or_two(section.title, BOLD, SMALL)
        for row in section.rows:
            self._row(row)
        if section.boxed:
            self.elements.append(Feed(1.0))
            self._frame(section.total_label, Phrase(section.total), (), largest=3)
        elif section.total_label.text:
            self._total(section)
        for line in section.lines:
            self._phrase(line, SMALL, SMALL)
        if section.receipt:
            self.elements.append(Feed(1.0))
            for text in section.receipt:
                self._verbatim(text)

    def passage(self, section: Passage) -> None:
        self._one_line_or_two(section.title, BOLD, SMALL)
        for line in section.key:
            self._one_line_or_two(line, BOLD, SMALL)
        for line in section.lines:
            if section.small:
                self._words(line.text, SMALL, first=BULLET, rest="  ")
            else:
                self._one_line_or_two(line, PLAIN, SMALL)
        for tick in section.ticks:
            self._tick(tick)

    def closing(self, section: Closing) -> None:
        for line in section.lines:
            if line == Phrase(""):
                self.elements.append(Feed(8.0))  # room to write in
            self._phrase(line, replace(CENTRED, bold=bool(line.desk)), SMALL_CENTRED)

    # --- Parts of sections ---------------------------------------------------------------------------

    def _frame(self, title: Phrase, main: Phrase, lines: tuple[Phrase, ...], largest: int) -> None:
        """A bar with the title, the one thing to remember as large as it fits, and lines beneath, all in a frame."""
        framed = Text("", framed=True)
        self._bar(title)
        sizes = [(size, size) for size in range(largest, 1, -1)] + [(1, 2)]
        looks = (replace(framed, bold=True, width=width, height=height) for width, height in sizes)
        look = next((look for look in looks if self._fits_nearly(main.text, look)), replace(framed, bold=True))
        if self._fits_nearly(main.text, look) and look.height > 1:
            self.elements.append(replace(self._in_language(look), text=main.text))
        else:
            # A picture has no narrow letters: it is large on two lines, where no word has to be cut for that.
            large = replace(framed, bold=True, width=2, height=2)
            on_two = not self._in_characters(main.text) and all(self._fits(word, large) for word in main.text.split())
            self._words(main.text, large if on_two else look)
        self._phrase(Phrase("", main.desk), look, replace(framed, small=True))
        for line in lines:
            self._phrase(line, framed, replace(framed, small=True))
        self.elements.append(Rule(dashed=False, thickness=6, above=0, below=8, inside=_FRAME_WHITE))

    def _bar(self, title: Phrase, size: int = 1) -> None:
        """White on black across the paper: both languages on one line where they fit, else one below the other."""
        look = Text("", bold=True, width=size, height=size, align=Align.CENTER, inverse=True)
        if size > 1 and not all(self._fits(f" {word} ", look) for word in title.text.upper().split()):
            self._bar(title)  # no word is cut in two to be larger
            return
        both = _together(title).upper()
        if self._taken(f" {both} ", look) <= self._geometry.dots:
            self._bar_line(both, look, self._paper.language, self._paper.right_to_left)
            return
        room = self._geometry.dots - 2 * size * self._geometry.cell_width
        for text in self._wrapped(title.text.upper(), self._in_language(look), [room]):
            self._bar_line(text, look, self._paper.language, self._paper.right_to_left)
        for text in self._wrapped(title.desk.upper(), look, [room]):
            self._bar_line(text, look, self._paper.desk_language, rtl=False)

    def _bar_line(self, text: str, look: Text, language: str, rtl: bool) -> None:
        if text:
            black = self._geometry.columns // look.width if self._in_characters(text) else 0
            self.elements.append(replace(look, text=f" {text} ".center(black), language=language, rtl=rtl))

    def _row(self, row: Row) -> None:
        """Name and amount on one line, what is asked behind the name where there is room; the desk's words beneath."""
        amount = replace(BOLD, text=row.amount)
        whole = f"{row.label} · {row.asked.text}" if row.asked.text else row.label
        if self._fit_together(whole, row.amount, BOLD):
            self._columns(replace(BOLD, text=whole), amount)
        else:
            rest = self._geometry.dots - self._taken(f"{row.amount} ", BOLD, beside=row.label)
            first, *more = self._wrapped(row.label, BOLD, [rest, self._geometry.dots])
            self._columns(replace(BOLD, text=first), amount)
            for text in more:
                self.elements.append(replace(BOLD, text=text))
            self._one_line_or_two(row.asked, PLAIN, SMALL)
            return
        if row.asked.desk:
            self._desk_words(row.asked.desk, SMALL)

    def _total(self, section: Account) -> None:
        """Label and amount on one line, as large as they fit; the desk's label beneath where it does not."""
        label, total = section.total_label, section.total
        if not total:
            self._one_line_or_two(label, BOLD, SMALL)
            return
        for width in (2, 1):
            look = Text("", bold=True, width=width, height=2)
            for words, beneath in ((_together(label), ""), (label.text, label.desk)):
                if self._fit_together(words, total, look):
                    self._columns(replace(look, text=words), replace(look, text=total))
                    if beneath:
                        self._desk_words(beneath, SMALL)
                    return
        self._one_line_or_two(label, BOLD, SMALL)
        self.elements.append(Text(total, bold=True, width=2, height=2, align=Align.RIGHT))

    def _tick(self, tick: Tick) -> None:
        """A box, the thing in bold, and what else there is to say of it; the desk's words on the same line if they fit.

        Beneath the title stand the hint, and then the desk's words, in which a hint of its own is not left out.
        """
        title = self._in_language(Text("", bold=True, box=True))
        desk = ", ".join(words for words in (tick.title.desk, tick.hint.desk) if words)
        beside = replace(SMALL, text=desk, language=self._paper.desk_language)
        rest = tick.hint.text
        if rest and self._fits(f"{tick.title.text}, {rest}", title) and not tick.title.desk:
            self.elements.append(replace(title, text=f"{tick.title.text}, {rest}"))
            return
        if desk and self._fit_together(tick.title.text, desk, title, beside):
            self.elements.append(Columns(replace(title, text=tick.title.text), beside))
            desk = ""
        else:
            self._paragraph(tick.title.text, title)
        if rest:
            self._words(rest, Text("", small=True, indent=1))
        if desk:
            self._desk_words(desk, Text("", small=True, indent=1))

    def _verbatim(self, text: str) -> None:
        """A line of the terminal's receipt: its spaces stay; what is too long begins further left, or goes on below."""
        text = printable(text).rstrip()
        columns = self._geometry.dots // self._geometry.small_width
        too_long = max(len(text) - columns, 0)
        text = text[min(too_long, len(text) - len(text.lstrip())) :]
        for start in range(0, max(len(text), 1), columns):
            self.elements.append(replace(SMALL, text=text[start : start + columns]))

    # --- Phrases -------------------------------------------------------------------------------------

    def _phrase(self, phrase: Phrase, look: Text, desk_look: Text) -> None:
        if phrase.text:
            self._words(phrase.text, look)
        if phrase.desk:
            self._desk_words(phrase.desk, desk_look)

    def _one_line_or_two(self, phrase: Phrase, look: Text, desk_look: Text) -> None:
        """Both languages at the two ends of one line where they fit, in the middle where they stand there."""
        if not phrase.desk:
            self._phrase(phrase, look, desk_look)
        elif look.align is Align.CENTER:
            both = _together(phrase)
            if self._fits(both, look):
                self._words(both, look)
            else:
                self._phrase(phrase, look, desk_look)
        elif self._fit_together(phrase.text, phrase.desk, look, desk_look):
            desk = replace(desk_look, text=phrase.desk, language=self._paper.desk_language)
            self.elements.append(Columns(replace(self._in_language(look), text=phrase.text), desk))
        else:
            self._phrase(phrase, look, desk_look)

    def _words(self, text: str, look: Text, first: str = "", rest: str = "") -> None:
        """A paragraph in the parent's language."""
        self._paragraph(text, self._in_language(look), first, rest)

    def _desk_words(self, text: str, look: Text) -> None:
        self._paragraph(text, replace(look, language=self._paper.desk_language))

    def _in_language(self, look: Text) -> Text:
        """The look of words in the parent's language, which begin on the right where it is read from there."""
        rtl = self._paper.right_to_left
        align = Align.RIGHT if rtl and look.align is Align.LEFT else look.align
        return replace(look, language=self._paper.language, rtl=rtl, align=align)

    # --- Lines ---------------------------------------------------------------------------------------

    def _paragraph(self, text: str, look: Text, first: str = "", rest: str = "") -> None:
        if not self._in_characters(text):
            look = replace(look, drawn=True)
        room = self._room(look)
        marks = max(self._taken(mark, look) for mark in (first, rest))
        for index, line in enumerate(self._wrapped(text, look, [room - marks])):
            if index and look.box:
                look = replace(look, box=False, indent=look.indent + 1)
            self.elements.append(replace(look, text=(rest if index else first) + line))

    def _columns(self, left: Text, right: Text) -> None:
        language, rtl = self._paper.language, self._paper.right_to_left
        align = Align.RIGHT if rtl else Align.LEFT
        self.elements.append(
            Columns(replace(left, language=language, rtl=rtl, align=align), replace(right, language=language, rtl=rtl))
        )

    def _wrapped(self, text: str, look: Text, rooms: list[int]) -> list[str]:
        """The lines of a paragraph, at least one, the n-th within the n-th room in dots (the last one goes on)."""
        words = [printable(word) for word in text.split(" ") if word]  # a space that must not break stays in its word
        narrowest = min(rooms)
        lines: list[str] = []
        line = ""
        for word in _pieces(words, lambda piece: self._taken(piece, look) <= narrowest):
            longer = f"{line} {word}" if line else word
            if line and self._taken(longer, look) > rooms[min(len(lines), len(rooms) - 1)]:
                lines.append(line.removesuffix(f" {_DOT}"))  # a line that ends there has nothing left to part
                line = "" if word == _DOT else word
            else:
                line = longer
        return [*lines, line]

    def _room(self, look: Text) -> int:
        return self._geometry.dots - look.start - (FRAME + STEP // 2 if look.framed else 0)

    def _fits(self, text: str, look: Text) -> bool:
        return self._taken(text, self._in_language(look)) <= self._room(look)

    def _fits_nearly(self, text: str, look: Text) -> bool:
        """Whether a line fits as it is, or as a picture that is drawn only a little smaller."""
        drawn = 1.0 if self._in_characters(text) else _A_LITTLE_SMALLER
        return self._taken(text, self._in_language(look)) * drawn <= self._room(look)

    def _fit_together(self, text: str, other: str, look: Text, other_look: Text | None = None) -> bool:
        """Whether two texts fit the two ends of one line, with white between them."""
        look = self._in_language(look)
        taken = self._taken(text, look, beside=other) + self._taken(other, other_look or look, beside=text)
        return taken + self._geometry.cell_width * look.width <= self._room(look)

    def _taken(self, text: str, look: Text, beside: str = "") -> int:
        """Dots that a text takes on a line, which it may share with the text `beside` it.

        A line becomes a picture when any of its characters needs one, and then all of it has other widths.
        """
        if not text:
            return 0
        if not look.drawn and self._in_characters(text + beside):
            return (
                len(_cells(text))
                * (self._geometry.small_width if look.small else self._geometry.cell_width)
                * look.width
            )
        return self._measure(
            printable(text), Style(look.bold, look.height, look.language, look.rtl, look.inverse, look.small)
        )

    def _in_characters(self, text: str) -> bool:
        """Whether the printer can write a line."""
        return code_page(_cells(text), self._pages) is not None


def _cells(text: str) -> str:
    """The characters that take room; invisible marks of direction count for pictures only."""
    return "".join(sign for sign in printable(text) if unicodedata.category(sign) != "Cf")


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


def _guess(text: str, style: Style) -> int:
    return round(len(text) * _WIDEST_GUESS * (SMALL_EM if style.small else EM) * style.height)
