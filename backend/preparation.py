"""What is made from the tree at start-up: compiled texts and collected static files, in the data folder.

The tree holds no compiled catalogue. Django reads only `.mo`, so Babel writes them from our `.po` before the
server forks; it takes some milliseconds and can never be stale.
"""

from __future__ import annotations

import os
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.core.management import call_command

SOURCES = Path(__file__).resolve().parent / "locale"


def compile_texts(data: Path) -> None:
    """Write `DATA/locale/LANGUAGE/LC_MESSAGES/django.mo` from every `.po` of the backend. Raises OSError.

    A language has a catalogue for each room (`desk.po`, `console.po`, …); a message stands in one of them.
    Call it before `django.setup()`: Django reads the default language's catalogue early, and once.
    """
    data.mkdir(mode=0o700, parents=True, exist_ok=True)  # the database will lie here: nobody else's business
    for source in sorted(SOURCES.glob("*/LC_MESSAGES")):
        language = source.parent.name
        whole = Catalog(locale=language)
        for room in sorted(source.glob("*.po")):
            with room.open("rb") as file:
                for message in read_po(file, locale=language):
                    if message.id:
                        whole[message.id] = message
        folder = data / "locale" / language / "LC_MESSAGES"
        folder.mkdir(parents=True, exist_ok=True)
        fresh = folder / f"django.mo.{os.getpid()}"
        with fresh.open("wb") as target:
            write_mo(target, whole)
        fresh.replace(folder / "django.mo")


def collect_static_files() -> None:
    """Gather style sheets and pictures under names that hold a digest of their content."""
    call_command("collectstatic", interactive=False, verbosity=0)
