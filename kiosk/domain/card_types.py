"""The electronic residence cards of Belgium, and their kin.

Source of the letters: municipal pages on cards for children under 12; source of the document codes
of the chip (tag 0F of the identity file): "ID_ADRESSE_File applet 1.8" version 5.
"""

from __future__ import annotations

from enum import StrEnum


class CardType(StrEnum):
    """The letter printed on a residence card."""

    A = "A"  # limited stay
    B = "B"  # unlimited stay
    K = "K"  # established
    L = "L"  # EU long-term resident
    H = "H"  # EU blue card
    M = "M"  # beneficiary of the withdrawal agreement (Brexit)
    EU = "EU"  # EU citizen
    EU_PLUS = "EU+"  # EU citizen, permanent stay
    F = "F"  # family of an EU citizen or of a Belgian
    F_PLUS = "F+"  # the same, permanent stay


class Group(StrEnum):
    """Kinship of card types: the law, the fee and the fingerprints often follow it."""

    THIRD_COUNTRY = "third-country"
    EU_CITIZEN = "eu-citizen"
    EU_FAMILY = "eu-family"


GROUPS: dict[CardType, Group] = {
    CardType.A: Group.THIRD_COUNTRY,
    CardType.B: Group.THIRD_COUNTRY,
    CardType.K: Group.THIRD_COUNTRY,
    CardType.L: Group.THIRD_COUNTRY,
    CardType.H: Group.THIRD_COUNTRY,
    CardType.M: Group.THIRD_COUNTRY,
    CardType.EU: Group.EU_CITIZEN,
    CardType.EU_PLUS: Group.EU_CITIZEN,
    CardType.F: Group.EU_FAMILY,
    CardType.F_PLUS: Group.EU_FAMILY,
}

# Document codes of adults' cards and of children's own cards (61 to 69), by printed letter.
_BY_DOCUMENT_CODE: dict[int, CardType] = {
    11: CardType.A,
    33: CardType.A,
    63: CardType.A,
    12: CardType.B,
    34: CardType.B,
    64: CardType.B,
    13: CardType.K,  # the former C card is the K card of today
    27: CardType.K,
    65: CardType.K,
    14: CardType.L,  # the former D card is the L card of today
    28: CardType.L,
    66: CardType.L,
    15: CardType.EU,  # the former E card
    31: CardType.EU,
    61: CardType.EU,
    16: CardType.EU_PLUS,  # the former E+ card
    32: CardType.EU_PLUS,
    62: CardType.EU_PLUS,
    17: CardType.F,
    35: CardType.F,
    67: CardType.F,
    18: CardType.F_PLUS,
    36: CardType.F_PLUS,
    68: CardType.F_PLUS,
    19: CardType.H,
    22: CardType.M,
    69: CardType.M,
}


def card_type_of_document(code: int) -> CardType | None:
    """The residence card that a chip's document code stands for; None for any other document."""
    return _BY_DOCUMENT_CODE.get(code)
