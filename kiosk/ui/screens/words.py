"""Sentences that several screens share."""

from __future__ import annotations

from kiosk.domain.quote import BirthKnown, Child, PaymentAnswer, Ready
from kiosk.text import Texts, terms
from kiosk.ui.screens.base import mark
from kiosk.ui.widgets.tiles import TileSpec
from kiosk.visit import events
from kiosk.visit.view import ChildLine

_MEANS = {
    "bancontact": mark("Bancontact"),
    "card": mark("bank card"),
    "cash": mark("cash"),
    "transfer": mark("bank transfer"),
}


def unbroken(text: str) -> str:
    """A phone number or the like, never cut over two lines."""
    return text.replace(" ", "\u00a0")


def name_and_age(t: Texts, name: str, age: int) -> str:
    """Yusuf, 4 years"""
    return t.count("{name}, {n} year", "{name}, {n} years", age, name=name)


def child_summary(t: Texts, line: ChildLine) -> str:
    """A card, normal procedure"""
    parts = []
    if line.card_type is not None:
        parts.append(terms.card_type_name(t, line.card_type))
    if line.procedure is not None:
        parts.append(terms.procedure_name(t, line.procedure, line.procedure_name))
    return " · ".join(parts)


def born(t: Texts, child: Child) -> str:
    """born on 4 May 2022; or as much of it as is known"""
    match child.birth_known:
        case BirthKnown.DAY:
            return t("born on {day}", day=t.day_with_year(child.birth_date))
        case BirthKnown.MONTH:
            return t("born in {month}", month=t.month_with_year(child.birth_date))
        case BirthKnown.YEAR:
            return t("born in {year}", year=child.birth_date.year)


def ready(t: Texts, moment: Ready | None) -> str:
    """When a card is ready: the day and the hour where that is promised, else around a day."""
    if moment is None:
        return ""
    if moment.not_before is not None:
        return t("between {first} and {last}", first=t.day(moment.not_before), last=t.day(moment.at))
    if moment.exact:
        return t("{day}, from {time}", day=t.day(moment.at), time=t.time(moment.at))
    if moment.at_most:
        return t("{day} at the latest", day=t.day(moment.at))
    return t("around {day}", day=t.day(moment.at))


def payment(t: Texts, answer: PaymentAnswer | None, here: bool = True) -> str:
    """Where and how the fee can be paid: the kiosk takes cards, the desk what the municipality takes.

    `here`: this kiosk can take a payment now.
    """
    if answer is None:
        return ""
    means = _means(t, answer)
    ways = []
    if "kiosk" in answer.places and here:
        ways.append(t("by bank card, here"))
    if "desk" in answer.places:
        ways.append(t("at the desk: {means}", means=means) if means else t("at the desk"))
    return t("{one}, or {other}", one=ways[0], other=ways[1]) if len(ways) == 2 else "".join(ways)


def _means(t: Texts, answer: PaymentAnswer) -> str:
    return t.join([t(_MEANS[one]) if one in _MEANS else one for one in answer.means])


def pay_at_desk_tile(t: Texts, answer: PaymentAnswer | None) -> TileSpec:
    """The other way to pay, with what the desk takes."""
    means = _means(t, answer) if answer is not None else ""
    return TileSpec(
        t("Pay at the desk instead"),
        hint=means[:1].upper() + means[1:],
        name="pay_at_desk",
        event=events.PayAtDesk(),
        icon="counter",
        mark="go",
    )


def without_card_tile(t: Texts) -> TileSpec:
    """The way on for a parent who has no residence card."""
    return TileSpec(
        t("I do not have a residence card"),
        hint=t("Go on without it: we check who you are at the counter"),
        name="without_card",
        event=events.ContinueWithoutCard(),
        icon="counter",
        mark="go",
    )
