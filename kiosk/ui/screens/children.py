"""All children of this visit so far."""

from __future__ import annotations

from kiosk.text import Texts
from kiosk.ui.screens import words
from kiosk.ui.screens.base import Screen, load_layout
from kiosk.ui.widgets.bones import Frame
from kiosk.ui.widgets.child_item import ChildItem
from kiosk.ui.widgets.tiles import Tile, TileSpec
from kiosk.visit import events
from kiosk.visit.view import ChildrenView, View

load_layout(__file__)


class ChildrenScreen(Screen):
    """Change, remove, add another, or go on."""

    def draw(self, view: View, t: Texts) -> Frame:
        """The total stands below the list at all times."""
        content = view.content
        assert isinstance(content, ChildrenView)
        parts: list[ChildItem | Tile] = []
        for index, line in enumerate(content.children):
            item = ChildItem(index)
            item.fill_in(
                heading=words.name_and_age(t, line.child.first_name, line.age),
                hint=words.child_summary(t, line),
                letter=line.card_type.value if line.card_type else "",
                amount=t.money(line.fee_cents) if line.fee_cents is not None else "",
                change=t("Change"),
                remove=t("Remove"),
            )
            parts.append(item)
        if content.can_add:
            parts.append(
                Tile(
                    TileSpec(
                        t("Add another child"),
                        hint=t("One payment, one appointment, one ticket"),
                        name="add_child",
                        event=events.AddChild(),
                        icon="plus",
                        mark="go",
                    )
                )
            )
        self.ids.list.show_parts(parts)
        self.ids.total_label.text = t("Total")
        self.ids.total.text = t.money(content.total_cents)
        title = t.count("Your child", "Your {n} children", len(content.children))
        return Frame(title=title, primary=t("Next"), primary_event=events.Continue(), primary_enabled=view.can_continue)

    def leave(self) -> None:
        """Forget the children."""
        self.ids.list.show_parts([])
        self.ids.list.restart()
        self.ids.total.text = ""
