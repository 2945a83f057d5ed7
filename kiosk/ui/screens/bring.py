"""What to bring, what to know, and how the card is collected: a pictogram for each thing, one matter at a time."""

from __future__ import annotations

from collections.abc import Sequence

from kiosk.domain.quote import ChecklistItem, Collection, Notice
from kiosk.text import Texts, terms
from kiosk.ui.screens.base import Screen, load_layout, mark
from kiosk.ui.widgets.bones import Frame
from kiosk.ui.widgets.parts import Part
from kiosk.ui.widgets.tiles import Lines, Note, Tile, TileSpec
from kiosk.ui.widgets.touch import Choice
from kiosk.visit import events
from kiosk.visit.view import BringView, View

load_layout(__file__)

BRING, KNOW, COLLECT = "bring", "know", "collect"
_TABS = {BRING: mark("To bring"), KNOW: mark("To know"), COLLECT: mark("Collecting")}

# What has to be done before one comes stands above the list, not behind another touch.
_FIRST = ("report-first", "annex-12-from-police", "by-invitation", "urgent-contact", "identity-at-desk", "age-at-desk")
# What is about the finished card stands with its collection.
_LATER = ("codes-by-post", "puk-and-pin", "old-card-handed-in")
_PICTURES = {
    "fingerprints": "fingerprint",
    "fingerprints-at-collection": "fingerprint",
    "photo-at-desk": "photo",
    "codes-by-post": "letter",
    "puk-and-pin": "letter",
    "old-card-handed-in": "old-card",
    "not-for-travel-alone": "passport",
    "apply-in-time": "passport",
    "sign-base-document": "pen",
    "printed-parents-names": "pen",
    "printed-exempt": "pen",
    "turning-12": "calendar",
    "card-after-12": "calendar",
    "longer-when-busy": "calendar",
    "renew-yourself": "calendar",
    "recovered-stays-dead": "service-duplicate",
    "revoke-recovered": "service-duplicate",
    "paper-stays-valid": "report",
    "paper-exchange": "report",
    "no-paper-choice": "report",
    "lapses-on-move": "expired-card",
    "lapses-on-name": "expired-card",
    "not-beyond-permit": "id-card",
    "shorter-if-temporary": "id-card",
    "identity-certificate-only": "id-card",
}


class BringScreen(Screen):
    """Three matters, each a touch away; the primary button goes on from any of them. All of it is on the ticket too."""

    def __init__(self, *args: object, **kwargs: object):
        super().__init__(*args, **kwargs)
        self._tab = BRING

    def draw(self, view: View, t: Texts) -> Frame:
        """Children are named where an item is for some of them only."""
        content = view.content
        assert isinstance(content, BringView)
        pages = {
            BRING: self._to_bring(content, t),
            KNOW: self._to_know(content, t),
            COLLECT: self._to_collect(content.collection, content, t),
        }
        tabs = [tab for tab in pages if pages[tab]]
        if self._tab not in tabs:
            self._tab = BRING
        self._draw_tabs(tabs, t)
        self.ids.list.show_parts(pages[self._tab])
        title = t("Bring this to your appointment") if content.appointment else t("Bring this to the desk")
        return Frame(
            title={BRING: title, KNOW: t("Good to know"), COLLECT: t("Later: collecting the card")}[self._tab],
            primary=t("Next"),
            primary_event=events.Continue(),
            primary_enabled=view.can_continue,
        )

    def leave(self) -> None:
        """Forget the names."""
        self._tab = BRING
        self.ids.list.show_parts([])
        self.ids.list.restart()

    def _draw_tabs(self, tabs: Sequence[str], t: Texts) -> None:
        row = self.ids.tabs
        row.clear_widgets()
        row.shown = len(tabs) > 1
        for tab in tabs if len(tabs) > 1 else ():
            row.add_widget(
                Choice(
                    name=f"tab:{tab}",
                    text=t(_TABS[tab]),
                    kind="footer",
                    tall=112,
                    grow=1,
                    selected=tab == self._tab,
                    event=lambda tab=tab: self._open(tab),
                )
            )

    def _open(self, tab: str) -> None:
        self._tab = tab
        self.ids.list.restart()
        self.send(events.Touched())
        self.refresh()

    # --- the three matters ----------------------------------------------------------------------------

    def _to_bring(self, content: BringView, t: Texts) -> list[Part]:
        first = [notice for notice in content.notices if notice.code in _FIRST]
        notes: list[Part] = []
        if first:
            said = (_said(notice, content, t) for notice in first)
            notes.append(Note(text="\n".join(said), icon="warning"))
        return [*notes, *_things(content.checklist, content, t)]

    def _to_know(self, content: BringView, t: Texts) -> list[Part]:
        known = [
            (_PICTURES.get(notice.code, "info"), _said(notice, content, t))
            for notice in (*content.notices, *content.printed)
            if notice.code not in _FIRST and (notice.code not in _LATER or content.collection is None)
        ]
        without = [index for index, taken in enumerate(content.fingerprints) if taken is False]
        if without:
            names = [content.children[index].first_name for index in without]
            known.insert(0, ("fingerprint", t("{names}: no fingerprints are taken.", names=t.join(names))))
        return list(Lines.boxes(known))

    def _to_collect(self, collection: Collection | None, content: BringView, t: Texts) -> list[Part]:
        if collection is None:
            return []
        come = t("By appointment") if collection.appointment else t("You do not need an appointment")
        child = t("Your child comes too") if collection.child_present else t("Your child may stay at home")
        place = collection.place
        desk = f"{terms.own_words(t, place.name)}, {place.address}" if place is not None else collection.desk
        where = [("counter", desk), ("calendar", come), ("child", child)]
        for index, other in collection.elsewhere:
            name = content.children[index].first_name
            where.append(("counter", f"{name}: {terms.own_words(t, other.name)}, {other.address}"))
        later = [notice for notice in content.notices if notice.code in _LATER]
        told = {notice.code: notice for notice in (*later, *collection.notices)}
        known = [(_PICTURES.get(notice.code, "info"), _said(notice, content, t)) for notice in told.values()]
        return [*Lines.boxes(where), *_things(collection.checklist, content, t), *Lines.boxes(known)]


def _things(items: Sequence[ChecklistItem], content: BringView, t: Texts) -> list[Part]:
    names = [child.first_name for child in content.children]
    return [
        Tile(
            TileSpec(
                heading=terms.checklist_title(t, item, names, content.desk_language),
                hint=terms.checklist_hint(t, item, names),
                icon=terms.checklist_icon(item.code),
                compact=True,
            )
        )
        for item in items
    ]


def _said(notice: Notice, content: BringView, t: Texts) -> str:
    """A child is named only where there are others."""
    names = [child.first_name for child in content.children] if len(content.children) > 1 else []
    return terms.notice_text(t, notice, names, content.desk_language)
