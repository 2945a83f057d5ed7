"""All devices that can be tested here, each with what its last test came to."""

from __future__ import annotations

from kiosk.staff import events
from kiosk.staff.events import Device, Verdict
from kiosk.staff.view import ChecksView, Result, StaffView
from kiosk.text import Texts, care
from kiosk.ui.staff.base import StaffScreen
from kiosk.ui.staff.steps import step_title
from kiosk.ui.widgets.bones import Frame
from kiosk.ui.widgets.tiles import TileSpec

ICONS: dict[Device, str] = {
    Device.READER: "card-reader",
    Device.TERMINAL: "pay-terminal",
    Device.PRINTER: "printer",
    Device.TOUCH: "touch",
    Device.KEYPAD: "keypad",
    Device.SOUND: "speaker",
    Device.NETWORK: "globe",
    Device.CLOCK: "time",
    Device.DISK: "disk",
    Device.BACKEND: "counter",
}
_TONES = {Verdict.PASSED: "done", Verdict.FAILED: "alert", Verdict.UNKNOWN: "sun"}


class ChecksScreen(StaffScreen):
    """Touching a device begins its test; the report prints what all of them came to."""

    def draw(self, view: StaffView, t: Texts) -> Frame:
        """A device without a result was not tested, and looks like none that works."""
        content = view.content
        assert isinstance(content, ChecksView)
        known = {result.device: result for result in content.results}
        self.ids.tiles.show(
            [
                TileSpec(
                    care.device_name(t, device),
                    hint=self._said(known.get(device), t),
                    name=f"check:{device.value}",
                    event=events.CheckChosen(device),
                    icon=ICONS[device],
                    mark="go",
                    tone=_TONES[known[device].verdict] if device in known else "",
                    compact=True,
                )
                for device in content.devices
            ]
        )
        self.say(view, t)
        return Frame(title=t("Test the devices"), primary=t("Print the report"), primary_event=events.ReportWanted())

    @staticmethod
    def _said(result: Result | None, t: Texts) -> str:
        if result is None:
            return t("Not tested yet")
        verdict = care.verdict_name(t, result.verdict)
        parts = [verdict[:1].upper() + verdict[1:], care.moment(t, result.at)]
        if result.detail:
            parts.append(step_title(t, result.detail))
        return " · ".join(parts)
