"""What a person touches is what the visit hears."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from kiosk.domain.card_types import CardType
from kiosk.domain.quote import Service
from kiosk.ui.gallery import NOW, SLOTS, example, views
from kiosk.ui.stage import Finger, Stage
from kiosk.ui.widgets.parts import Words
from kiosk.visit import events as e
from kiosk.visit import view as v
from kiosk.visit.view import Overlay, Situation, View

VIEWS = dict(views("en"))
APPOINTMENT = VIEWS["appointment"]


@pytest.mark.parametrize(
    ("name", "target", "event"),
    [
        ("welcome", "language:fr", e.LanguageChosen("fr")),
        ("welcome", "large", e.DisplayChanged(large=True, contrast=False)),
        ("welcome", "contrast", e.DisplayChanged(large=False, contrast=True)),
        ("insert_card", "back", e.Back()),
        ("insert_card", "help", e.HelpWanted()),
        ("insert_card", "stop", e.Stop()),
        ("insert_card", "language", e.LanguageMenuWanted()),
        ("card_refused-pulled", "primary", e.Continue()),
        ("service", "service:application", e.ServiceChosen(Service.APPLICATION)),
        ("child_name-given", "primary", e.NameGiven("Zoé")),
        ("birth_date-given", "primary", e.BirthDateGiven(date(2022, 3, 17))),
        ("child_refused-too-old", "primary", e.Continue()),
        ("child_refused-too-old", "change_date", e.Back()),
        ("card_type", "card:B", e.CardTypeChosen(CardType.B)),
        ("card_type", "primary", e.Continue()),
        ("procedure", "procedure:urgent", e.ProcedureChosen("urgent")),
        ("children", "add_child", e.AddChild()),
        ("children", "edit_child:1", e.EditChild(1)),
        ("children", "remove_child:0", e.RemoveChild(0)),
        ("children", "primary", e.Continue()),
        ("bring", "primary", e.Continue()),
        ("appointment", f"slot:{SLOTS[9].id}", e.SlotChosen(SLOTS[9].id)),
        ("appointment", "primary", e.Continue()),
        ("no_slots", "primary", e.Continue()),
        ("review", "primary", e.Continue()),
        ("pay-present-card", "cancel", e.CancelPayment()),
        ("not_paid-declined", "primary", e.Continue()),
        ("outcome_unknown", "primary", e.Continue()),
        ("print_trouble-final", "primary", e.Continue()),
        ("take", "primary", e.Continue()),
        ("goodbye", "primary", e.Continue()),
        ("overlay-help", "close", e.Back()),
        ("overlay-language", "language:nl", e.LanguageChosen("nl")),
        ("overlay-language", "close", e.Back()),
        ("overlay-stop", "stop_now", e.Stop()),
        ("overlay-stop", "go_on", e.Back()),
        ("overlay-still_there", "still_here", e.Continue()),
    ],
)
def test_a_touch_sends_its_event(stage: Stage, name: str, target: str, event: object) -> None:
    stage.show(VIEWS[name])
    stage.tap(target)
    assert stage.sent == [event]


def test_every_situation_and_overlay_has_a_screen(stage: Stage) -> None:
    drawn = {view.situation for view in VIEWS.values()}
    assert drawn == set(Situation)
    assert {view.overlay for view in VIEWS.values()} - {None} == set(Overlay)


def test_nothing_on_the_pay_screen_goes_on_by_itself(stage: Stage) -> None:
    stage.show(VIEWS["pay-wait"])
    assert stage.view.targets() == []


def test_a_touch_on_nothing_says_that_somebody_is_there(stage: Stage) -> None:
    stage.show(VIEWS["insert_card"])
    finger = Finger(stage.window, 270, 300)
    finger.down()
    finger.up()
    assert stage.sent == [e.Touched()]


def test_sliding_off_cancels_and_sliding_back_takes_it_up_again(stage: Stage) -> None:
    stage.show(VIEWS["service"])
    x, y = stage.view.target("service:application")
    finger = Finger(stage.window, x, y)
    finger.down()
    finger.move(x, y - 200)
    finger.up()
    assert stage.sent == []
    finger = Finger(stage.window, x, y)
    finger.down()
    finger.move(x, y - 200)
    finger.move(x, y)
    finger.up()
    assert stage.sent == [e.ServiceChosen(Service.APPLICATION)]


def test_a_second_strike_within_half_a_second_does_nothing(stage: Stage) -> None:
    stage.show(VIEWS["review"])
    stage.now += 10
    place = stage.view.target("primary")
    for pause in (0.0, 0.3, 0.6):
        stage.now += pause
        finger = Finger(stage.window, *place)
        finger.down()
        finger.up()
    assert stage.sent == [e.Continue(), e.Continue()]


def test_a_second_strike_does_not_hit_what_has_come_under_the_finger(stage: Stage) -> None:
    stage.show(VIEWS["service"])
    stage.now += 10
    place = stage.view.target("service:application")
    for name in ("service", "card_type"):
        stage.show(VIEWS[name])
        finger = Finger(stage.window, *place)
        finger.down()
        finger.up()
    assert stage.sent == [e.ServiceChosen(Service.APPLICATION)]


def test_what_is_closed_or_not_sold_cannot_be_touched(stage: Stage) -> None:
    stage.show(VIEWS["procedure"])
    assert stage.view.target("procedure:super-urgent") is None
    stage.show(VIEWS["review-long"])
    assert stage.view.target("primary") is None


def test_an_overlay_covers_what_is_beneath_it(stage: Stage) -> None:
    stage.show(VIEWS["overlay-stop"])
    assert stage.view.target("primary") is None
    assert set(stage.view.targets()) == {"stop_now", "go_on"}


def test_a_name_is_typed_with_capitals_by_itself(stage: Stage) -> None:
    stage.show(example(Situation.CHILD_NAME, v.ChildNameView(1, ""), "en"))
    assert stage.view.target("primary") is None
    for key in ("J", "E", "A", "N", "-", "P", "I", "space", "N", "backspace", "N", "O", "E", "ë", "L"):
        stage.tap(f"key:{key}")
    stage.sent.clear()
    stage.tap("primary")
    assert stage.sent == [e.NameGiven("Jean-Pi Noël")]


def test_double_letters_can_be_typed(stage: Stage) -> None:
    stage.show(example(Situation.CHILD_NAME, v.ChildNameView(1, ""), "en"))
    for key in ("A", "N", "N", "A"):
        stage.tap(f"key:{key}")
        stage.now -= 0.75
    stage.now += 2
    stage.sent.clear()
    stage.tap("primary")
    assert stage.sent == [e.NameGiven("Anna")]


def test_a_name_has_at_most_forty_characters(stage: Stage) -> None:
    stage.show(example(Situation.CHILD_NAME, v.ChildNameView(1, "A" * 39), "en"))
    stage.tap("key:B")
    stage.tap("key:B")
    stage.sent.clear()
    stage.tap("primary")
    assert stage.sent == [e.NameGiven("A" * 39 + "b")]


def test_a_birth_date_takes_three_touches(stage: Stage) -> None:
    stage.show(VIEWS["birth_date"])
    for target in ("year:2022", "month:3", "day:2022-03-17"):
        assert stage.view.target("primary") is None
        stage.tap(target)
    stage.sent.clear()
    stage.tap("primary")
    assert stage.sent == [e.BirthDateGiven(date(2022, 3, 17))]


def test_a_day_after_today_cannot_be_picked(stage: Stage) -> None:
    stage.show(VIEWS["birth_date"])
    stage.tap("year:2026")
    assert stage.view.target("month:12") is None
    stage.tap("month:11")
    assert stage.view.target("day:2026-11-20") is not None
    assert stage.view.target("day:2026-11-21") is None


def test_a_picked_year_can_be_changed(stage: Stage) -> None:
    stage.show(VIEWS["birth_date-given"])
    stage.tap("change:year")
    assert stage.view.target("year:2019") is not None
    assert stage.view.target("primary") is None


def test_other_cards_are_one_touch_away(stage: Stage) -> None:
    stage.show(VIEWS["insert_card"])
    stage.show(VIEWS["card_type"])
    assert stage.view.target("card:K") is None
    stage.tap("other_cards")
    while stage.view.target("card:K") is None:
        stage.tap("list:down")
    stage.tap("card:K")
    assert stage.sent == [e.CardTypeChosen(CardType.K)]


def test_the_times_of_another_day_are_one_touch_away(stage: Stage) -> None:
    stage.show(VIEWS["insert_card"])
    stage.show(APPOINTMENT)
    assert stage.view.target(f"slot:{SLOTS[0].id}") is None
    stage.tap("day:2026-11-24")
    stage.sent.clear()
    stage.tap(f"slot:{SLOTS[0].id}")
    assert stage.sent == [e.SlotChosen(SLOTS[0].id)]


def test_later_days_are_one_touch_away(stage: Stage) -> None:
    stage.show(VIEWS["insert_card"])
    stage.show(VIEWS["appointment-many"])
    assert stage.view.target("day:2026-12-01") is None
    stage.tap("days:later")
    assert stage.view.target("day:2026-12-01") is not None
    stage.tap("days:earlier")
    assert stage.view.target("day:2026-11-24") is not None


def _words(stage: Stage) -> set[str]:
    return {part.text for part in stage.view.walk() if isinstance(part, Words) and part.text}


def test_another_language_changes_the_words_at_once(stage: Stage) -> None:
    stage.show(VIEWS["review"])
    assert "Is everything right?" in _words(stage)
    stage.show(replace(VIEWS["review"], language="nl"))
    assert "Klopt alles?" in _words(stage)
    assert "Is everything right?" not in _words(stage)


def test_personal_words_leave_with_the_screen(stage: Stage) -> None:
    for name in ("service", "child_name-given", "birth_date-given", "card_type", "children", "bring", "review", "take"):
        stage.show(VIEWS[name])
    stage.show(VIEWS["welcome"])
    kept = {
        part.text
        for screen in stage.view._screens.values()
        for part in screen.walk()
        if isinstance(part, Words) and part.text
    } | _words(stage)
    personal = ("Yusuf", "Lina", "Amina", "Zoé", "17 March 2022", "K7M")
    assert [text for text in kept if any(word in text for word in personal)] == []


def test_the_seconds_count_down_to_the_deadline(stage: Stage) -> None:
    stage.show(VIEWS["overlay-still_there"])
    assert any("20 seconds" in text for text in _words(stage))


@pytest.mark.parametrize("name", ["card_type", "birth_date", "children", "appointment", "review"])
def test_a_view_that_differs_by_the_time_makes_no_new_parts(stage: Stage, name: str) -> None:
    stage.show(VIEWS[name])
    before = set(stage.view.walk())
    stage.show(replace(VIEWS[name], now=NOW + timedelta(seconds=7)))
    assert set(stage.view.walk()) == before


def test_a_report_between_touch_and_release_does_not_lose_the_touch(stage: Stage) -> None:
    stage.show(APPOINTMENT)
    finger = Finger(stage.window, *stage.view.target(f"slot:{SLOTS[9].id}"))
    finger.down()
    stage.show(replace(APPOINTMENT, now=NOW + timedelta(seconds=7)))
    finger.up()
    assert stage.sent == [e.SlotChosen(SLOTS[9].id)]


def test_arabic_mirrors_everything_but_amounts_and_letters(stage: Stage) -> None:
    content = VIEWS["card_type"].content
    latin: View = example(Situation.CARD_TYPE, content, "en")
    arabic = replace(latin, language="ar", languages=("ar", "nl"))
    stage.show(latin)
    left = {name: stage.view.target(name) for name in ("back", "help", "stop")}
    stage.show(arabic)
    right = {name: stage.view.target(name) for name in ("back", "help", "stop")}
    for name, (x, y) in left.items():
        assert right[name] == pytest.approx((stage.window.width - x, y), abs=1)
    amounts = [part for part in stage.view.walk() if isinstance(part, Words) and "€" in part.text]
    assert amounts and all(part.plain for part in amounts)
