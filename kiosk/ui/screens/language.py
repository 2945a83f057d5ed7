"""Another language in mid-visit, each by its own name."""

from __future__ import annotations

from kiosk.text import LANGUAGES, Texts
from kiosk.ui.screens.base import Screen, load_layout
from kiosk.ui.widgets.bones import Frame
from kiosk.ui.widgets.touch import Choice
from kiosk.visit import events
from kiosk.visit.view import View

load_layout(__file__)


class LanguageScreen(Screen):
    """The words change at once; nothing else does. Text size and contrast can be changed here too."""

    def draw(self, view: View, t: Texts) -> Frame:
        """The present language is marked."""
        self.ids.title.text = t("Language")
        grid = self.ids.languages
        grid.clear_widgets()
        for language in view.languages:
            grid.add_widget(
                Choice(
                    name=f"language:{language}",
                    text=LANGUAGES.get(language, language),
                    language=language,
                    selected=language == view.language,
                    event=events.LanguageChosen(language),
                )
            )
        large, contrast = self.ids.large, self.ids.contrast
        large.text = t("Normal text") if view.large else t("Larger text")
        large.event = events.DisplayChanged(large=not view.large, contrast=view.contrast)
        contrast.text = t("Normal colours") if view.contrast else t("More contrast")
        contrast.event = events.DisplayChanged(large=view.large, contrast=not view.contrast)
        self.ids.close.text, self.ids.close.event = t("Close"), events.Back()
        return Frame(title="")
