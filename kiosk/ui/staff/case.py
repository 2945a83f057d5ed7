"""One open case: what was recorded, and the few decisions that can be taken here."""

from __future__ import annotations

from typing import Any

from kiosk.staff import events
from kiosk.staff.view import CaseView, Evidence, StaffView
from kiosk.text import Texts
from kiosk.ui.screens.base import mark
from kiosk.ui.staff.base import StaffScreen
from kiosk.ui.staff.cases import ABOUT, case_hint
from kiosk.ui.widgets.bones import Frame
from kiosk.ui.widgets.parts import Column, Row, Words
from kiosk.ui.widgets.tiles import Tile, TileSpec

_EVIDENCE: dict[str, str] = {
    "payment_intent": mark("The kiosk was about to ask for money"),
    "payment_sent": mark("The amount went to the terminal"),
    "payment_approved": mark("The terminal said yes"),
    "payment_paid": mark("Paid"),
    "payment_not_paid": mark("Not paid"),
    "payment_unknown": mark("The terminal's answer was lost"),
    "payment_approved_late": mark("The terminal said yes after a no"),
    "payment_reversing": mark("The money was asked back"),
    "payment_reversed": mark("The money went back"),
    "payment_not_reversed": mark("The money did not go back"),
    "payment_due": mark("To be paid at the desk"),
    "ticket_issued": mark("The ticket was signed"),
    "print_started": mark("The print began"),
    "print_failed": mark("The print failed"),
    "ticket_delivered": mark("The ticket came out"),
}
_OUTCOMES: dict[str | None, tuple[str, str]] = {
    "paid": (mark("The money was taken"), mark("I see this payment in the terminal's own list, or on the bank's.")),
    "not-paid": (mark("No money was taken"), mark("This payment is missing from the terminal's list and the bank's.")),
    None: (mark("The parent has the ticket"), mark("Printed at the desk, or found in the printer.")),
}


class CaseScreen(StaffScreen):
    """A decision is chosen first and confirmed then: it is on the record, with a name, and cannot be taken back."""

    def __init__(self, *arguments: Any, **kwargs: Any):
        super().__init__(*arguments, **kwargs)
        self._chosen: tuple[object, str | None] | None = None  # the case, and the outcome that was touched

    def draw(self, view: StaffView, t: Texts) -> Frame:
        """Evidence in order of time, then the decisions."""
        content = view.content
        assert isinstance(content, CaseView)
        case = content.case
        if self._chosen is not None and self._chosen[0] != case.case_id:
            self._chosen = None
        tiles: list[Any] = [self._evidence(case.evidence, t)] if case.evidence else []
        for outcome in content.outcomes:
            heading, hint = _OUTCOMES[outcome]
            chosen = self._chosen is not None and self._chosen[1] == outcome
            spec = TileSpec(
                t(heading),
                hint=t(hint),
                name=f"outcome:{outcome}",
                event=lambda outcome=outcome: self._choose(case.case_id, outcome),
                icon="judgment",
                selected=chosen,
            )
            tiles.append(Tile(spec))
        self.ids.tiles.show_parts(tiles)
        if not content.outcomes:
            self.say(view, t, t("This is decided in the town hall's system, by somebody who may."))
        elif content.too_early:
            words = t("Not yet: the terminal may still take this payment. Press stop on it, or wait, and try again.")
            self.say(view, t, words, "alert")
        else:
            self.say(view, t, t("Decide only what you have seen yourself. Your name is recorded with it."), "sun")
        decided = self._chosen
        return Frame(
            title=t(ABOUT[case.about]),
            lead=case_hint(t, case),
            primary=t("Confirm") if content.outcomes else "",
            primary_event=events.CaseDecided(case.case_id, decided[1]) if decided else None,
            primary_enabled=decided is not None,
        )

    def leave(self) -> None:
        """Forget what was chosen."""
        self._chosen = None
        self.ids.tiles.show_parts([])
        self.ids.tiles.restart()

    def _choose(self, case_id: object, outcome: str | None) -> None:
        self._chosen = (case_id, outcome)
        self.refresh()

    def _evidence(self, all_of_it: tuple[Evidence, ...], t: Texts) -> Column:
        box = Column(fill="card", line="faint", padding=[40, 22, 40, 22], gap=10)
        for evidence in all_of_it:
            row = Row(gap=28)
            row.add_widget(Words(text=t.time(evidence.at), kind="hint", tone="muted", plain=True))
            row.add_widget(Words(text=self._said(evidence, t), kind="hint", grow=1))
            box.add_widget(row)
        return box

    @staticmethod
    def _said(evidence: Evidence, t: Texts) -> str:
        said = t(_EVIDENCE[evidence.kind]) if evidence.kind in _EVIDENCE else evidence.kind
        return f"{said} ({evidence.detail})" if evidence.detail else said
