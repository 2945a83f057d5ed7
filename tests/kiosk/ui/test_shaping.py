"""Text is drawn as Pillow with Raqm draws it when it is told the direction and the language."""

from __future__ import annotations

import pytest
from PIL import Image, ImageChops, ImageDraw, features

from kiosk.ui import shaping
from kiosk.ui.shaping import Setting, ShapedLabel, TextFault, TextUnavailable
from kiosk.ui.stage import Stage

ARABIC = "عمر يوسف 4 سنوات (A) € 12,00"
LATIN = "Zoë krijgt een A-kaart (€ 12,00)"


def straight(text: str, setting: Setting) -> Image.Image:
    """The same line with nothing of ours but the font."""
    face = shaping.font(shaping.family_for(text, setting.language), setting.weight, setting.size)
    options = {"direction": setting.direction, "language": setting.language}
    image = Image.new("L", (2000, 300), 0)
    ImageDraw.Draw(image).text((500, 150), text, font=face, fill=255, anchor="ls", **options)
    return image.crop(image.getbbox())


def cropped(image: Image.Image) -> Image.Image:
    return image.crop(image.getbbox())


def same(one: Image.Image, other: Image.Image) -> bool:
    return one.size == other.size and ImageChops.difference(one, other).getbbox() is None


@pytest.mark.parametrize(
    ("text", "setting"),
    [(ARABIC, Setting(40, 700, "ar", right_to_left=True)), (LATIN, Setting(40, 400, "nl"))],
    ids=["arabic", "latin"],
)
def test_a_line_is_what_raqm_draws(text: str, setting: Setting) -> None:
    assert same(cropped(shaping.block(text, setting)), straight(text, setting))


def test_arabic_told_to_run_left_to_right_would_be_another_picture() -> None:
    right, wrong = Setting(40, 400, "ar", right_to_left=True), Setting(40, 400, "ar")
    assert not same(straight(ARABIC, right), straight(ARABIC, wrong))


@pytest.mark.parametrize(
    ("text", "right_to_left"), [(f"{ARABIC} {ARABIC}", True), (f"{LATIN} {LATIN}", False)], ids=["arabic", "latin"]
)
def test_wrapped_lines_are_cut_in_logical_order_and_each_drawn_right(text: str, right_to_left: bool) -> None:
    setting = Setting(40, 400, "ar" if right_to_left else "nl", right_to_left=right_to_left, width=330)
    rows = shaping.lines(text, setting)
    assert len(rows) > 2
    assert " ".join(rows) == text
    block = shaping.block(text, setting)
    for number, row in enumerate(rows):
        # Neighbouring lines reach into each other's boxes, so each is compared on its own.
        alone = shaping.block(row, setting)
        left = block.width - alone.width if right_to_left else 0
        top = number * shaping.line_pitch(setting)
        window = block.crop((left, top, left + alone.width, top + alone.height))
        middle = (0, round(alone.height * 0.35), alone.width, round(alone.height * 0.65))
        assert same(window.crop(middle), alone.crop(middle))


def test_no_line_is_wider_than_asked() -> None:
    setting = Setting(30, 400, "fr", width=140)
    text = "Maximiliaan-Alexander Emmanuel et Anticonstitutionnellement"
    assert all(shaping.width_of(row, setting) <= 140 for row in shaping.lines(text, setting))


def test_an_amount_and_a_card_name_are_never_cut() -> None:
    setting = Setting(30, 400, "nl", width=150)
    rows = shaping.lines("Een A-kaart kost €\u00a012,00 hier", setting)
    assert any("A-kaart" in row for row in rows) and any("€\u00a012,00" in row for row in rows)


def test_a_dot_between_two_things_is_left_out_where_a_line_ends_between_them() -> None:
    text, rows = "K7M-3QX-Q · € 24,00 · woensdag 18 november", set()
    for width in range(120, 900, 5):
        rows.update(shaping.lines(text, Setting(24, width=width)))
    assert {"K7M-3QX-Q", "K7M-3QX-Q · € 24,00", "woensdag 18 november", text} <= rows
    assert [row for row in rows if row.startswith("·") or row.endswith("·")] == []


def test_balanced_lines_are_of_about_equal_length() -> None:
    setting = Setting(40, 700, "nl", width=520, balanced=True)
    widths = [shaping.width_of(row, setting) for row in shaping.lines("Dag Amina, wat hebt u nodig?", setting)]
    assert len(widths) == 2 and min(widths) > max(widths) * 0.6


def test_nothing_of_a_letter_is_cut_at_the_edges_of_a_block() -> None:
    for text, setting in ((LATIN, Setting(40, 700, "nl", leading="tight")), ("ÀÉjgpq", Setting(60, 400, "fr"))):
        assert cropped(shaping.block(text, setting)).height == straight(text, setting).height


def test_an_ordinary_kivy_label_is_shaped_too(stage: Stage) -> None:
    label = ShapedLabel(text=ARABIC, font_size=40, base_direction="rtl", text_language="ar", color=(1, 1, 1, 1))
    label.refresh()
    picture = Image.frombytes("RGBA", label.texture.size, label.texture.pixels).getchannel("A")
    assert same(cropped(picture), straight(ARABIC, Setting(40, 400, "ar", right_to_left=True)))


def test_a_missing_library_is_said_and_not_drawn_around(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "check", lambda name: False)
    with pytest.raises(TextUnavailable) as caught:
        shaping.check()
    assert caught.value.reason is TextFault.NO_RAQM
    assert "libfribidi0" in str(caught.value)


def test_a_missing_font_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(shaping._FAMILIES, "latin", "no-such-family")
    shaping.font_file.cache_clear()
    try:
        with pytest.raises(TextUnavailable) as caught:
            shaping.check()
        assert caught.value.reason is TextFault.NO_FONT and caught.value.detail == "no-such-family"
    finally:
        shaping.font_file.cache_clear()


def test_labels_of_kivy_itself_use_the_shaped_provider() -> None:
    from kivy.uix import label

    assert label.CoreLabel is ShapedLabel
