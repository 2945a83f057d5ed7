"""All of it once more, before money moves."""

from __future__ import annotations

from kiosk.domain.quote import Limit, Longest
from kiosk.text import Texts
from kiosk.ui.screens import words
from kiosk.ui.screens.base import Screen, load_layout, mark
from kiosk.ui.widgets.bones import Frame
from kiosk.ui.widgets.parts import Part, Rule
from kiosk.ui.widgets.tiles import Facts, Note, Tile
from kiosk.visit import events
from kiosk.visit.events import Fault
from kiosk.visit.view import ReviewView, View

load_layout(__file__)

_ONE_BOX = 3

_LIMITED = {
    Limit.MAX_YEARS: mark("That is the longest possible."),
    Limit.AGE: mark("Then your child is too old for this card."),
    Limit.STAY: mark("Then the right of residence of your child ends."),
    Limit.PERMIT: mark("Then your own residence permit ends."),
}


class ReviewScreen(Screen):
    """Fees, appointment, ready date; the same numbers as on paper."""

    def draw(self, view: View, t: Texts) -> Frame:
        """The primary button names the amount."""
        content = view.content
        assert isinstance(content, ReviewView)
        parts: list[Part] = self._fees(content, t)
        if content.here and content.at_desk:
            parts.append(Tile(words.pay_at_desk_tile(t, content.payment)))
        if not content.payment_possible:
            parts.insert(0, Note(text=_why_not(content.faults, t), tone="alert", icon="warning"))
        elif content.at_desk and not content.here and content.payment and "kiosk" in content.payment.places:
            parts.insert(0, Note(text=t("You cannot pay here just now. You pay at the desk."), icon="info"))
        dates = Facts()
        if content.slot is not None:
            start = content.slot.start
            dates.add_fact(
                t("Appointment"), t("{day}, {time}", day=t.day(start), time=t.time(start)), hint=content.slot.desk
            )
        elif content.appointment_by_phone:
            by_phone = t("by phone: {phone}", phone=words.unbroken(view.phone))
            dates.add_fact(t("Appointment"), by_phone if view.phone else t("to be made with the town hall"))
        ready = _ready(content, t)
        if dates.children and ready:
            dates.add_widget(Rule())
        for label, value in ready:
            dates.add_fact(label, value)
        # With one more button, all of it does not fit on one page: what is known for certain stays on the first.
        validity = Facts() if content.here and content.at_desk else dates
        for label, value, hint in _validity(content, t):
            validity.add_fact(label, value)
            validity.add_words(hint)
        parts += [box for box in dict.fromkeys((dates, validity)) if box.children]
        self.ids.list.show_parts(parts)
        only_at_desk = content.at_desk and not content.here
        pay = t("Pay {amount}", amount=t.money(content.total_cents)) if content.total_cents else t("Confirm")
        return Frame(
            title=t("Is everything right?"),
            primary=t("Confirm and pay at the desk") if only_at_desk else pay,
            primary_event=events.PayAtDesk() if only_at_desk else events.Continue(),
            primary_enabled=view.can_continue,
        )

    def leave(self) -> None:
        """Forget the children."""
        self.ids.list.show_parts([])
        self.ids.list.restart()

    def _fees(self, content: ReviewView, t: Texts) -> list[Part]:
        """One box for a few children; for more, boxes that can stand on different pages."""
        boxes = [Facts()]
        for line in content.children:
            if len(content.children) > _ONE_BOX and boxes[-1].children:
                boxes.append(Facts())
            facts = boxes[-1]
            facts.add_fact(
                words.name_and_age(t, line.child.first_name, line.age),
                t.money(line.fee_cents) if line.fee_cents is not None else "",
                hint=words.child_summary(t, line),
                amount=True,
            )
            if len(content.children) <= _ONE_BOX:
                facts.add_widget(Rule())
        if len(content.children) > _ONE_BOX:
            boxes.append(Facts())
        a_choice = content.here and content.at_desk  # then there is a button for each
        paid = words.payment(t, content.payment, content.here) if content.total_cents and not a_choice else ""
        boxes[-1].add_fact(t("To pay"), t.money(content.total_cents), total=True, amount=True)
        boxes[-1].add_words(paid)
        return list(boxes)


def _ready(content: ReviewView, t: Texts) -> list[tuple[str, str]]:
    """One row when all cards are ready at the same moment, else one for each child."""
    moments = {line.ready for line in content.children if line.ready is not None}
    if not moments:
        return []
    if len(moments) == 1:
        label = t.count("Card ready", "Cards ready", len(content.children))
        return [(label, words.ready(t, moments.pop()))]
    return [
        (t("Card of {name}", name=line.child.first_name), words.ready(t, line.ready))
        for line in content.children
        if line.ready is not None
    ]


def _validity(content: ReviewView, t: Texts) -> list[tuple[str, str, str]]:
    """Label, longest validity and why: one row where it is the same for all children, else one for each."""
    each = zip(content.children, content.validity, strict=False)
    said = [(line.child.first_name, *_valid(longest, t)) for line, longest in each if line.card_type]
    if len({words[1:] for words in said}) == 1:
        return [(t("Card valid"), *said[0][1:])]
    return [(t("Card of {name} valid", name=name), value, why) for name, value, why in said]


def _valid(longest: Longest | None, t: Texts) -> tuple[str, str]:
    if longest is None:
        return t("the desk tells you how long"), ""
    why = [t(_LIMITED[longest.limited_by])]
    if Limit.STAY in longest.not_known:
        why.append(t("Shorter if your child may not stay so long."))
    if Limit.PERMIT in longest.not_known:
        why.append(t("Never longer than your own residence permit: we do not know its end."))
    return t("at most until {day}", day=t.day_with_year(longest.until)), " ".join(why)


def _why_not(faults: frozenset[Fault], t: Texts) -> str:
    if Fault.OPEN_CASE in faults:
        return t("You cannot pay here now: our staff must first check an earlier payment. Please go to the counter.")
    if Fault.TERMINAL in faults:
        return t("You cannot pay here now: the payment terminal does not answer. Please go to the counter.")
    if faults & {Fault.PRINTER, Fault.PAPER_OUT, Fault.PAPER_UNPROVEN, Fault.PAPER_SHORT}:
        return t("You cannot pay here now: the kiosk cannot print your ticket. Please go to the counter.")
    return t("You cannot pay here now. Please go to the counter.")
