"""What can be asked of the payment terminal, and what it said. Nothing here makes a payment."""

from __future__ import annotations

from kiosk.staff import events
from kiosk.staff.events import Totals
from kiosk.staff.view import StaffView, TerminalView
from kiosk.text import Texts
from kiosk.ui.screens.base import mark
from kiosk.ui.staff.base import StaffScreen
from kiosk.ui.widgets.bones import Frame
from kiosk.ui.widgets.tiles import TileSpec

_QUESTIONS: dict[str, tuple[str, str]] = {
    "status": (mark("Status"), mark("How it is now")),
    "registration": (mark("Registration"), mark("Whether it knows this kiosk")),
    "diagnosis": (mark("Diagnosis"), mark("It calls its operator; takes up to a minute")),
    "end-of-day": (mark("End of day"), mark("Its totals are compared with this kiosk's own record")),
}


# What the driver says of a terminal's condition; its own codes and texts stay as they are.
_SAID: dict[str, str] = {
    "Ready": mark("It would take a payment now."),
    "Busy": mark("It is at work."),
    "Restarting": mark("It restarts. Wait some minutes."),
    "Maintenance": mark("Its operator updates it. Wait some minutes."),
    "NeedsEndOfDay": mark("It wants its end of day first."),
    "NeedsUpkeep": mark("It wants a diagnosis or an initialisation first."),
    "NotRegistered": mark("It refuses this kiosk: its password is another one."),
    "NeedsService": mark("It needs its provider: call them with this code."),
    "Disconnected": mark("Its cable is out, or it has no power."),
    "Unknown": mark("It does not answer, or answers nonsense."),
    "somebody is being served": mark("A parent's visit is going on. Try again afterwards."),
}


class TerminalScreen(StaffScreen):
    """One tile a question; its last answer stands on top, in the terminal's own words."""

    def draw(self, view: StaffView, t: Texts) -> Frame:
        """While it is asked, nothing else can be touched: its answer would be seen by nobody."""
        content = view.content
        assert isinstance(content, TerminalView)
        if content.asking is not None:
            asked = t(_QUESTIONS[content.asking][0])
            self.say(view, t, t("{question}: one moment, the terminal is asked …", question=asked))
        elif content.done is not None:
            said = "\n".join((*self._totals(content, t), *(t(_SAID.get(line, line)) for line in content.lines)))
            head = t("The terminal answered:") if content.done else t("That did not work:")
            differs = content.totals is not None and not _agree(content.totals)
            look = ("done", "check") if content.done and not differs else ("alert", "warning")
            self.say(view, t, f"{head}\n{said}".strip(), *look)
        else:
            self.say(view, t, t("Nothing is paid here."))
        self.ids.tiles.show(
            [
                TileSpec(
                    t(heading),
                    hint=t(hint),
                    name=f"ask:{question}",
                    event=events.TerminalAsked(question),
                    icon="pay-terminal",
                    mark="go",
                    enabled=content.asking is None,
                )
                for question, (heading, hint) in _QUESTIONS.items()
                if question in content.possible
            ]
        )
        return Frame(title=t("Payment terminal"))

    @staticmethod
    def _totals(content: TerminalView, t: Texts) -> tuple[str, ...]:
        """The terminal's day and the kiosk's, one below the other."""
        totals = content.totals
        if totals is None:
            return ()
        theirs = t("The terminal tells no total.")
        if totals.terminal_cents is not None:
            amount = t.money(totals.terminal_cents)
            theirs = t("Terminal: {amount}", amount=amount)
            if totals.terminal_count is not None:
                theirs = t("Terminal: {amount} in {n} payments", amount=amount, n=totals.terminal_count)
        ours = t("This kiosk: {amount} in {n} payments", amount=t.money(totals.kiosk_cents), n=totals.kiosk_count)
        if _agree(totals):
            return theirs, ours
        return theirs, ours, t("They differ. A case was opened; the town hall looks at it.")


def _agree(totals: Totals) -> bool:
    return totals.terminal_cents in (None, totals.kiosk_cents)
