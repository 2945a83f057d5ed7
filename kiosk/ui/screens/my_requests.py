"""Earlier requests of the parent whose card is in the reader."""

from __future__ import annotations

from kiosk.domain.follow_up import FoundRequest, FoundTime
from kiosk.domain.quote import Service
from kiosk.domain.request_states import RequestState
from kiosk.text import Texts, terms
from kiosk.text.catalogue import BRUSSELS
from kiosk.ui.screens import words
from kiosk.ui.screens.base import Screen, load_layout, mark
from kiosk.ui.widgets.bones import Frame
from kiosk.ui.widgets.tiles import TileSpec
from kiosk.visit import events
from kiosk.visit.events import LookUpProblem
from kiosk.visit.view import MyRequestsView, View

load_layout(__file__)

_STATES = {
    RequestState.REQUESTED: mark("Asked for at the kiosk"),
    RequestState.ARRIVED: mark("You were at the desk"),
    RequestState.SUBMITTED: mark("The desk has sent the application"),
    RequestState.IN_PRODUCTION: mark("The card is being made"),
    RequestState.CODES_SENT: mark("The codes have been sent by post"),
    RequestState.READY: mark("Ready to collect"),
    RequestState.COLLECTED: mark("Collected"),
    RequestState.CANCELLED: mark("Cancelled"),
    RequestState.REFUNDED: mark("The money was given back"),
}


def state_of(t: Texts, request: FoundRequest) -> str:
    """How far a request is, in one line; what only the kiosk remembers is said to be no more than that."""
    if request.in_doubt:
        return t("Our staff still check the payment")
    if request.here and request.state is RequestState.REQUESTED:
        return t("Asked for at this kiosk")
    if request.state is None:
        return t("Ask at the desk how far it is")
    return t(_STATES[request.state])


def names_of(t: Texts, request: FoundRequest) -> str:
    """Yusuf and Lina"""
    return t.join([child.first_name for child in request.children])


def service_of(t: Texts, request: FoundRequest) -> str:
    """The service by its name; empty for one that this kiosk does not know."""
    return terms.service_name(t, Service(request.service)) if request.service in set(Service) else ""


def when(t: Texts, time: FoundTime) -> str:
    """Tuesday 24 November, 9.30"""
    start = time.start.astimezone(BRUSSELS)
    return t("{day}, {time}", day=t.day(start), time=t.time(start))


class MyRequestsScreen(Screen):
    """One tile for each; touching it shows more."""

    def draw(self, view: View, t: Texts) -> Frame:
        """While the backend is asked, that; without a line, what this kiosk remembers, and that it is no more."""
        content = view.content
        assert isinstance(content, MyRequestsView)
        if content.looking:
            self.ids.tiles.show([TileSpec(t("We look for your requests"), hint=t("One moment"), icon="list")])
            return Frame(title=t("My requests"))
        tiles = [self._tile(request, t) for request in content.requests]
        if content.problem is not None:
            tiles.insert(0, _no_line(content, view.phone, t))
        elif not tiles:
            tiles.append(
                TileSpec(
                    t("We found no request of yours"),
                    hint=t("What you asked for at a counter or on the internet is not shown here."),
                    icon="info",
                )
            )
        self.ids.tiles.show(tiles)
        return Frame(
            title=t("My requests"),
            lead=t("Touch a request to print its ticket or to change the appointment.") if content.requests else "",
            primary=t("Look again") if content.problem is not None else "",
            primary_event=events.Continue(),
            primary_enabled=view.can_continue,
        )

    def leave(self) -> None:
        """Forget the children."""
        self.ids.tiles.show([])
        self.ids.tiles.restart()

    def _tile(self, request: FoundRequest, t: Texts) -> TileSpec:
        lines = [" · ".join(filter(None, (service_of(t, request), state_of(t, request))))]
        if request.appointment is not None:
            lines.append(when(t, request.appointment))
        return TileSpec(
            heading=names_of(t, request),
            hint="\n".join(lines),
            name=f"request:{request.ticket_code}",
            event=events.RequestChosen(request.ticket_id),
            icon="check" if request.state is RequestState.READY else "ticket",
            mark="go",
            tone="done" if request.state is RequestState.READY else "",
        )


def _no_line(content: MyRequestsView, phone: str, t: Texts) -> TileSpec:
    if content.problem is LookUpProblem.TOO_MANY:
        heading = t("This kiosk has looked up many requests just now")
        hint = t("Try again in a few minutes, or ask at the counter.")
    else:
        heading = t("No connection with the town hall at the moment")
        hint = t("You see only what this kiosk itself remembers. How far a request is, it cannot say now.")
        if not content.requests:
            hint = t("Your requests are safe, but we cannot show them now. Ask at the counter.")
            if phone:
                hint = t(
                    "Your requests are safe, but we cannot show them now. Ask at the counter or call {phone}.",
                    phone=words.unbroken(phone),
                )
    return TileSpec(heading, hint=hint, icon="warning", tone="sun")
