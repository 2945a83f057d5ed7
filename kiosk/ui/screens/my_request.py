"""How far one earlier request is, and what the parent can do with it."""

from __future__ import annotations

from kiosk.domain.request_states import RequestState
from kiosk.text import Texts, terms
from kiosk.ui.screens import words
from kiosk.ui.screens.base import Screen, load_layout, mark
from kiosk.ui.screens.my_requests import names_of, service_of, state_of, when
from kiosk.ui.widgets.bones import Frame
from kiosk.ui.widgets.parts import Part, Rule
from kiosk.ui.widgets.tiles import Facts, Note, Tile, TileSpec
from kiosk.visit import events
from kiosk.visit.events import Action
from kiosk.visit.view import MyRequestView, View

load_layout(__file__)

_ACTIONS = {
    Action.PRINT: (mark("Print the ticket again"), "ticket"),
    Action.MOVE: (mark("Choose another time"), "calendar"),
    Action.BOOK: (mark("Choose a time"), "calendar"),
    Action.COLLECT: (mark("Choose a time to collect"), "service-collection"),
    Action.CANCEL: (mark("Cancel the appointment"), "stop"),
}
_OVER = (RequestState.CANCELLED, RequestState.REFUNDED, RequestState.COLLECTED)


class MyRequestScreen(Screen):
    """Facts first, then one tile for each thing that can be done."""

    def draw(self, view: View, t: Texts) -> Frame:
        """What cannot be done just now is explained, never only missing."""
        content = view.content
        assert isinstance(content, MyRequestView)
        request = content.request
        parts: list[Part] = []
        if content.cancelled:
            parts.append(Note(text=t("Your appointment is cancelled. The request itself stays."), icon="check"))
        parts.append(self._facts(content, t))
        for action in content.actions:
            heading, icon = _ACTIONS[action]
            tile = TileSpec(
                t(heading), name=f"action:{action.value}", event=events.ActionChosen(action), icon=icon, mark="go"
            )
            parts.append(Tile(tile))
        if request.in_doubt:
            ask = t("Nothing can be changed here until that is clear. Please ask at the counter.")
            parts.append(Note(text=ask, tone="alert", icon="warning"))
        elif not content.printing and request.state not in _OVER:
            parts.append(Note(text=t("The kiosk cannot print just now."), icon="warning"))
        self.ids.list.show_parts(parts)
        return Frame(title=names_of(t, request), lead=service_of(t, request))

    def leave(self) -> None:
        """Forget the children."""
        self.ids.list.show_parts([])
        self.ids.list.restart()

    def _facts(self, content: MyRequestView, t: Texts) -> Facts:
        request = content.request
        facts = Facts()
        facts.add_fact(t("How far"), state_of(t, request))
        if content.collect is not None and request.state is RequestState.READY:
            place = content.collect.place
            desk = terms.own_words(t, place.name) if place is not None else content.collect.desk
            come = "" if content.collect.appointment else t("You do not need an appointment")
            facts.add_fact(t("Where to collect"), desk, hint=come)
        if request.appointment is not None:
            label = t("Time to collect") if request.appointment.collection else t("Appointment")
            facts.add_fact(label, when(t, request.appointment), hint=request.appointment.desk)
        facts.add_widget(Rule())
        if request.total_cents and not request.in_doubt and request.state not in _OVER:
            paid = t("Paid") if request.paid is not None else t("To pay at the desk")
            facts.add_fact(paid, t.money(request.total_cents), amount=True)
        ready = {moment for moment in content.ready if moment is not None}
        if len(ready) == 1 and request.state is not RequestState.READY and request.state not in _OVER:
            label = t.count("Card ready", "Cards ready", len(request.children))
            facts.add_fact(label, words.ready(t, ready.pop()))
        facts.add_fact(t("Code"), request.ticket_code)
        return facts
