"""The printers that are known here, by the few names that a configuration uses.

What a printer can do comes from its python-escpos profile. Three things do not: which of its code pages are known
to be what the profile says, how it tells its status, and whether a Cyrillic page is worth trusting. Western clones
list pages that their firmware fills with something else, so theirs are the two that every one of them has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from hardware.printer.document import PAPER_58_MM, PAPER_80_MM, PaperGeometry


class StatusBy(StrEnum):
    """How a printer tells its status. All but the last answer GS r behind a job."""

    REAL_TIME = "real-time"  # DLE EOT 1 to 4
    AUTOMATIC = "automatic"  # GS a: a block of four bytes at every change
    IN_TURN = "in-turn"  # GS r alone: only the paper sensor, and silence while something is wrong
    NONE = "none"  # a line that only listens


ALL_CHANGES = 0x0E  # GS a: report changes of being online, of errors and of paper

# The numbers of ESC t, as Epson gives them ("ESC/POS Command Reference", ESC t) and its imitators keep them. CP858 has
# é ë ü ß and the euro; CP1252 also Œ – ’; CP1251 is Cyrillic with the Ukrainian letters, which CP866 lacks.
WESTERN: Mapping[str, int] = {"CP858": 19, "CP1252": 16}
WITH_CYRILLIC: Mapping[str, int] = {**WESTERN, "CP1251": 46}


@dataclass(frozen=True, slots=True)
class Model:
    """A printer as the encoder and the driver see it: its python-escpos profile, its paper, its pages, its status."""

    profile: str
    geometry: PaperGeometry
    pages: Mapping[str, int] = field(default_factory=lambda: WESTERN)
    status_by: StatusBy = StatusBy.REAL_TIME


# python-escpos has the TM-T88V at 180 dpi and 512 dots; these are 203 dpi and fit the common printers.
MODELS: Mapping[str, Model] = {
    "epson-80": Model("TM-T20II", PAPER_80_MM),
    "epson-80-cyrillic": Model("TM-T20II", PAPER_80_MM, WITH_CYRILLIC),
    "epson-80-asb": Model("TM-T20II", PAPER_80_MM, status_by=StatusBy.AUTOMATIC),
    "generic-80": Model("RP-F10-80mm", PAPER_80_MM, status_by=StatusBy.IN_TURN),
    "silent-80": Model("RP-F10-80mm", PAPER_80_MM, status_by=StatusBy.NONE),
    "generic-58": Model("NT-5890K", PAPER_58_MM),
    "simple-58": Model("NT-5890K", PAPER_58_MM, status_by=StatusBy.IN_TURN),
    "silent-58": Model("NT-5890K", PAPER_58_MM, status_by=StatusBy.NONE),
}
MODEL_80_MM = MODELS["epson-80"]
MODEL_58_MM = MODELS["generic-58"]
