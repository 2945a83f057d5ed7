"""Another time for an earlier request, or one to collect the card."""

from __future__ import annotations

from kiosk.text import Texts
from kiosk.ui.screens import words
from kiosk.ui.screens.appointment import AppointmentScreen
from kiosk.ui.screens.my_requests import when
from kiosk.ui.widgets.bones import Frame
from kiosk.ui.widgets.tiles import Note
from kiosk.visit import events
from kiosk.visit.view import OtherTimeView, View


class OtherTimeScreen(AppointmentScreen):
    """The days and times of `AppointmentScreen`; the one that holds until then is named."""

    def draw(self, view: View, t: Texts) -> Frame:
        """Where none is free, or no ticket could be printed, that is said instead."""
        content = view.content
        assert isinstance(content, OtherTimeView)
        self.show_times(content.slots, content.selected, t)
        lead = ""
        if content.before is not None:
            lead = t("Until now: {when}", when=when(t, content.before))
        if not content.slots:
            call = t("No free time at this kiosk. Ask at the counter.")
            if content.phone:
                call = t("No free time at this kiosk. Call {phone}.", phone=words.unbroken(content.phone))
            self.ids.times.show_parts([Note(text=call, icon="phone")])
        elif not content.printing:
            note = t("The kiosk cannot print just now, and a new time needs a new ticket. Your appointment stays.")
            self.ids.times.show_parts([Note(text=note, tone="alert", icon="warning")])
        return Frame(
            title=t("When will you collect it?") if content.collection else t("When will you come?"),
            lead=lead,
            primary=t("Take this time") if content.slots else "",
            primary_event=events.Continue(),
            primary_enabled=view.can_continue,
        )
