"""The first touch: what this is for, in every language on offer, and the languages each in their own script."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.text import LANGUAGES, Texts
from kiosk.ui.screens.base import Screen, load_layout
from kiosk.ui.theme import look
from kiosk.ui.widgets.bones import FooterButton, Frame
from kiosk.ui.widgets.touch import Choice
from kiosk.visit import events
from kiosk.visit.view import View

load_layout(__file__)

# With more languages than this, or where a notice needs the room, the tiles stand in two columns.
_ONE_COLUMN = 4


class WelcomeScreen(Screen):
    """Touching a language starts a visit."""

    language_pill = False

    def __init__(self, *args: object, texts_for: Callable[[str], Texts], **kwargs: object):
        super().__init__(*args, **kwargs)
        self._texts_for = texts_for

    def draw(self, view: View, t: Texts) -> Frame:
        """The municipality's language is the title; the others stand beneath."""
        self.ids.notice.show(view)
        grid = self.ids.languages
        beside_notice = self.ids.notice.shown and (look.theme.large or look.theme.landscape)
        grid.columns = 2 if beside_notice or len(view.languages) > _ONE_COLUMN else 1
        grid.cell = 176 if grid.columns == 1 else 148
        while len(grid.children) < len(view.languages):
            grid.add_widget(Choice(kind="button", weight=700))
        while len(grid.children) > len(view.languages):
            grid.remove_widget(grid.children[0])
        for tile, language in zip(grid.parts, view.languages, strict=True):
            own = self._texts_for(language)
            tile.name, tile.event, tile.language = f"language:{language}", events.LanguageChosen(language), language
            tile.text = LANGUAGES.get(language, language)
            tile.below = own("Touch here to begin") if grid.columns == 1 else ""
        others = [language for language in view.languages if language != t.language]
        titles = [self._texts_for(language)("Residence card for your child") for language in others[:3]]
        return Frame(title=t("Residence card for your child"), lead="\n".join(titles))

    def footer(self, view: View, t: Texts) -> tuple[FooterButton, ...]:
        """Both switches are here, before anything has to be read."""
        larger = events.DisplayChanged(large=not view.large, contrast=view.contrast)
        contrast = events.DisplayChanged(large=view.large, contrast=not view.contrast)
        return (
            FooterButton("large", t("Normal text") if view.large else t("Larger text"), "letters", larger),
            FooterButton(
                "contrast", t("Normal colours") if view.contrast else t("More contrast"), "contrast", contrast
            ),
        )
