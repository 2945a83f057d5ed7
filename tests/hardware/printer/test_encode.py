import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from hardware.printer import (
    CENTER,
    MODEL_58_MM,
    MODEL_80_MM,
    MODELS,
    RIGHT,
    Align,
    Columns,
    Cut,
    Document,
    Encoder,
    Feed,
    Model,
    Qr,
    Raster,
    Rule,
    Style,
    Text,
    TextRasteriser,
)
from hardware.printer.document import STEP
from hardware.printer.encode import code_page, defuse, printable, qr_picture
from hardware.printer.sample import sample_page
from hardware.simulators.printer import commands
from hardware.simulators.printer.commands import Characters, ColumnPicture, RowPicture, SelectPage, next_command
from hardware.simulators.printer.commands import Cut as CutCommand
from hardware.simulators.printer.interpreter import Interpreter
from hardware.simulators.printer.paper import HEAD_TO_KNIFE, Piece, Strip

REAL_TIME = re.compile(rb"\x10[\x04\x05\x14]")


def block(text: str, style: Style) -> Image.Image:
    """A line "drawn" as a black bar: quick, and enough to see that a line became a picture."""
    return Image.new("L", (min(8 + 12 * len(text), 576), 32 * style.height), 0)


def commands_of(job: bytes) -> list[commands.Command]:
    """A job as a printer reads it. Fails when bytes are left over that make no command."""
    found = []
    while job:
        command = next_command(job)
        assert command is not None, f"half a command at the end: {job[:20].hex(' ')}"
        found.append(command[0])
        job = job[command[1] :]
    return found


def encode(*elements: object, model: object = MODEL_80_MM) -> bytes:
    return Encoder(block, model).encode(Document(elements))  # type: ignore[arg-type]


def characters(job: bytes) -> bytes:
    return b"".join(command.data for command in commands_of(job) if isinstance(command, Characters))


def pages(job: bytes) -> list[int]:
    return [command.number for command in commands_of(job) if isinstance(command, SelectPage)]


def pictures(job: bytes) -> list[RowPicture]:
    return [command for command in commands_of(job) if isinstance(command, RowPicture)]


def test_accents_and_the_euro_leave_in_page_858() -> None:
    job = encode(Text("€ é ë ü ß"))
    assert pages(job) == [19]
    assert characters(job) == bytes([0xD5, 0x20, 0x82, 0x20, 0x89, 0x20, 0x81, 0x20, 0xE1])


def test_a_dash_and_a_curly_apostrophe_leave_in_page_1252_and_the_next_line_returns() -> None:
    job = encode(Text("Œuvre – l’été"), Text("€"))
    assert pages(job) == [16, 19]


def test_each_job_names_its_page_anew_because_the_reset_before_it_forgot_it() -> None:
    encoder = Encoder(block)
    document = Document((Text("€"),))
    assert encoder.encode(document) == encoder.encode(document)


@pytest.mark.parametrize("text", ["ما تحضره معك", "їжак", "አማርኛ", "中文"])
def test_a_line_that_no_page_holds_is_drawn(text: str) -> None:
    job = encode(Text(text))
    assert characters(job) == b""
    assert len(pictures(job)) == 1


def test_spaces_of_odd_width_do_not_turn_a_line_into_a_picture() -> None:
    assert characters(encode(Text("1\u202f234,50\u00a0€ \u2011"))) == b"1 234,50 \xd5 -"


def test_invisible_direction_marks_are_dropped_from_characters() -> None:
    assert characters(encode(Text("\u200fabc\u2069"))) == b"abc"


def test_decomposed_accents_are_composed() -> None:
    assert characters(encode(Text("e\u0301"))) == b"\x82"


def columns(left: str, right: str, **look: Any) -> Columns:
    return Columns(Text(left, **look), Text(right, **look))


def placed(job: bytes) -> list[tuple[int, bytes]]:
    """The characters of a line, each with the place where they begin."""
    found, left = [], 0
    for command in commands_of(job):
        if isinstance(command, commands.GoTo):
            left = command.units
        elif isinstance(command, Characters):
            found.append((left, command.data))
    return found


def test_columns_keep_the_amount_whole_and_cut_the_label() -> None:
    assert placed(encode(columns("Yusuf", "12,00"))) == [(0, b"Yusuf"), (43 * 12, b"12,00")]
    assert placed(encode(columns("x" * 100, "12,00"))) == [(0, b"x" * 42), (43 * 12, b"12,00")]
    assert placed(encode(columns("abc", "1", width=8))) == [(0, b"abc"), (40 * 12, b"1")]
    rtl = columns("Yusuf", "12,00", rtl=True, align=RIGHT)
    assert placed(encode(rtl)) == [(0, b"12,00"), (43 * 12, b"Yusuf")]


def test_two_columns_keep_their_own_looks() -> None:
    line = Columns(Text("Passeport", bold=True), Text("Paspoort", small=True))
    found = [command for command in commands_of(encode(line)) if isinstance(command, (commands.Bold, commands.Font))]
    assert found == [commands.Font(False), commands.Bold(True), commands.Font(True), commands.Bold(False)]
    assert placed(encode(line))[1] == (576 - 8 * 9, b"Paspoort")


def test_a_box_to_tick_is_drawn_in_the_line_where_the_printer_can_and_with_it_elsewhere() -> None:
    boxes = [command for command in commands_of(encode(Text("photo", box=True))) if isinstance(command, ColumnPicture)]
    assert [(box.rows, box.width) for box in boxes] == [(24, 24)]
    assert placed(encode(Text("photo", box=True))) == [(STEP, b"photo")]
    assert placed(encode(Text("of the child", indent=1))) == [(STEP, b"of the child")]
    simple = Model("POS-5890", MODEL_58_MM.geometry)
    assert len(pictures(encode(Text("photo", box=True), model=simple))) == 1
    (line,) = pictures(encode(Text("صورة", box=True, rtl=True, align=RIGHT)))
    assert line.width_bytes == 72, "the box is part of the picture"


def test_the_sides_of_a_frame_stand_at_both_edges_and_are_as_high_as_the_line_spacing() -> None:
    job = encode(Text("wo 25/11/2026", framed=True, bold=True, width=2, height=2))
    assert placed(job) == [(0, b" "), (9 + 18, b"wo 25/11/2026"), (567, b" ")]
    sizes = [(c.width, c.height) for c in commands_of(job) if isinstance(c, commands.Size)]
    assert sizes == [(1, 4), (2, 2), (1, 4)]
    assert commands.LineSpacing(4 * 17) in commands_of(job)


def test_columns_with_one_part_that_no_page_holds_are_one_picture_across_the_paper() -> None:
    (picture,) = pictures(encode(columns("يوسف", "12,00", rtl=True)))
    assert picture.width_bytes == 72


def test_ukrainian_is_text_on_a_printer_with_a_cyrillic_page_and_a_picture_on_a_western_one() -> None:
    job = encode(Text("Їжак, ґанок, 12 000"), model=MODELS["epson-80-cyrillic"])
    assert pages(job) == [46] and not pictures(job)
    assert pages(encode(Text("€ é"), model=MODELS["epson-80-cyrillic"])) == [19]
    assert len(pictures(encode(Text("Їжак, ґанок, 12 000")))) == 1


def test_the_paper_that_a_job_takes_is_what_the_simulated_printer_feeds(tmp_path: Path) -> None:
    for model in (MODEL_80_MM, MODEL_58_MM):
        rasterise = TextRasteriser(model.geometry)
        job = Encoder(rasterise, model).job(sample_page(model.geometry, "bench"))
        strip = Strip(model.geometry.dots)
        pieces: list[Piece] = []
        interpreter = Interpreter(strip, pieces.append, lambda data: None, lambda number: 0, lambda mask: None)
        for command in commands_of(job.data):
            interpreter.run(command)
        fed = sum(piece.image.height for piece in pieces) or strip.so_far().image.height - HEAD_TO_KNIFE
        assert job.millimetres * 8 == pytest.approx(fed, abs=3 * 8), "but for the printer's own way to the knife"


def test_a_line_never_wraps() -> None:
    assert characters(encode(Text("x" * 200))) == b"x" * 48
    assert characters(encode(Text("x" * 200, width=2))) == b"x" * 24
    assert characters(encode(Text("x" * 200), model=MODEL_58_MM)) == b"x" * 32


def test_every_job_is_cut_once_at_its_end() -> None:
    for job in (encode(), encode(Text("a")), encode(Text("a"), Cut())):
        assert [type(command) for command in commands_of(job)].count(CutCommand) == 1
        assert isinstance(commands_of(job)[-1], CutCommand)


def test_a_printer_without_a_knife_feeds_to_the_edge_instead() -> None:
    assert not any(isinstance(command, CutCommand) for command in commands_of(encode(Text("a"), model=MODEL_58_MM)))


def test_a_qr_code_is_native_where_the_printer_has_it_and_a_picture_elsewhere() -> None:
    code = Qr("LKT1:ABC", module_size=5)
    symbols = [command for command in commands_of(encode(code)) if isinstance(command, commands.Symbol)]
    assert [symbol.data for symbol in symbols if symbol.function == 80] == [b"0LKT1:ABC"]
    assert [symbol.data for symbol in symbols if symbol.function == 69] == [b"1"], "error correction M"
    (picture,) = pictures(encode(code, model=MODEL_58_MM))
    assert picture.height == qr_picture(code).height - 2 * 4 * 5, "the quiet zone above and below is fed"


def test_a_tall_picture_is_sent_in_pieces_and_a_wide_one_is_cut_off() -> None:
    job = encode(Raster(Image.new("1", (700, 2000), 0)))
    assert [(picture.width_bytes, picture.height) for picture in pictures(job)] == [(72, 960), (72, 960), (72, 80)]


def test_a_picture_at_the_right_edge_gets_its_padding_on_the_left() -> None:
    (picture,) = pictures(encode(Raster(Image.new("1", (9, 1), 0), align=RIGHT)))
    assert picture.data == b"\x01\xff"
    (picture,) = pictures(encode(Raster(Image.new("1", (9, 1), 0))))
    assert picture.data == b"\xff\x80"


def test_white_above_and_below_a_picture_is_fed_and_not_sent() -> None:
    drawing = Image.new("1", (8, 100), 1)
    drawing.paste(0, (0, 40, 8, 50))
    job = encode(Raster(drawing))
    assert [picture.height for picture in pictures(job)] == [10]
    assert [command.units for command in commands_of(job) if isinstance(command, commands.FeedUnits)] == [40, 50]
    blank = encode(Raster(Image.new("1", (8, 100), 1)))
    assert [command.units for command in commands_of(blank) if isinstance(command, commands.FeedUnits)] == [100]


def test_grey_is_cut_at_half_and_not_dithered() -> None:
    (picture,) = pictures(encode(Raster(Image.new("L", (8, 4), 100))))
    assert picture.data == b"\xff" * 4


@pytest.mark.parametrize("text", ["", "a\nb", "é", "\x1b@"])
def test_a_qr_code_holds_printable_ascii_only(text: str) -> None:
    with pytest.raises(ValueError, match="printable ASCII"):
        Qr(text)


def test_a_long_feed_is_made_of_short_ones() -> None:
    feeds = [command.units for command in commands_of(encode(Feed(100))) if isinstance(command, commands.FeedUnits)]
    assert sum(feeds) == 800 and max(feeds) <= 255


def test_the_sample_page_fits_both_widths() -> None:
    for model in (MODEL_80_MM, MODEL_58_MM):
        job = Encoder(block, model).encode(sample_page(model.geometry, "bench"))
        assert not REAL_TIME.search(job)
        assert commands_of(job)


lines = st.builds(
    Text,
    st.text(),
    bold=st.booleans(),
    width=st.integers(1, 8),
    height=st.integers(1, 8),
    align=st.sampled_from(Align),
    rtl=st.booleans(),
    inverse=st.booleans(),
    small=st.booleans(),
    box=st.booleans(),
    indent=st.integers(0, 3),
    framed=st.booleans(),
)
control = st.text(alphabet=st.characters(max_codepoint=0x9F), max_size=80)


@given(st.lists(lines | st.builds(columns, control, control) | st.builds(Text, control), max_size=5))
def test_no_text_whatsoever_can_act_as_a_command(elements: list[Text | Columns]) -> None:
    """The job reads back as the commands that the encoder chose: as many lines as there were, one reset, one cut."""
    job = encode(*elements)
    found = commands_of(job)
    kinds = [type(command) for command in found]
    assert kinds.count(commands.Initialise) == 1 and kinds.count(CutCommand) == 1
    assert kinds.count(commands.LineFeed) + kinds.count(RowPicture) == len(elements)
    assert not {commands.Ignored, commands.ReportSensor, commands.Symbol, commands.Graphics} & set(kinds)
    assert not REAL_TIME.search(job)


@given(st.text())
def test_printable_text_has_neither_controls_nor_line_ends_and_is_stable(text: str) -> None:
    plain = printable(text)
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", plain)
    assert printable(plain) == plain


@given(st.text(alphabet=st.characters(max_codepoint=0x24F)))
def test_a_page_that_is_chosen_holds_the_whole_line(text: str) -> None:
    plain = printable(text)
    page = code_page(plain)
    if page is not None:
        assert plain.encode(page).decode(page) == plain
        assert all(byte >= 0x20 for byte in plain.encode(page))


@given(st.binary(min_size=1, max_size=64))
def test_a_picture_never_holds_a_real_time_command_and_loses_no_dot(data: bytes) -> None:
    raw = data + b"\x10\x04\x01\x10\x10\x05\x02\x10\x14\x08"
    picture = Image.frombytes("1", (8, len(raw)), bytes(255 - byte for byte in raw))
    (sent,) = pictures(encode(Raster(picture)))
    assert not REAL_TIME.search(sent.data)
    inked = raw.strip(b"\0")
    assert all(ours & theirs == ours for ours, theirs in zip(inked, sent.data, strict=True))
    assert defuse(picture).size == picture.size


def test_alignment_and_rules_are_what_the_simulated_printer_sees() -> None:
    job = encode(Text("a", align=CENTER), Rule(), Rule(dashed=False))
    assert commands.Justify(1) in commands_of(job)
    assert characters(job) == b"a"
    rules = pictures(job)
    assert [(rule.width_bytes * rule.x_scale, rule.height * rule.y_scale) for rule in rules] == [(72, 2), (72, 2)]
    assert set(rules[1].data) == {0xFF} != set(rules[0].data)


def test_the_lower_edge_of_a_frame_keeps_away_from_its_last_line_between_the_frames_sides() -> None:
    (edge,) = pictures(encode(Rule(dashed=False, thickness=6, above=0, inside=8)))
    rows = [edge.data[at : at + edge.width_bytes] for at in range(0, len(edge.data), edge.width_bytes)]
    assert edge.height * edge.y_scale == 14
    assert rows == [b"\xf0" + bytes(34) + b"\x0f"] * 4 + [b"\xff" * 36] * 3
    jobs = [Encoder(block, MODEL_80_MM).job(Document((Rule(dashed=False, inside=inside),))) for inside in (0, 8)]
    assert round((jobs[1].millimetres - jobs[0].millimetres) * 8) == 8  # dots of paper, as the roll is counted
