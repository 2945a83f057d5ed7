"""What a card is that has no Belgian applet: a person with a bank card in the reader needs other words than one with
the identity card of another country.

Only whether an application is there is asked, by its standard name; nothing of it is read. Where none of these is
known the card stays a stranger.
"""

from __future__ import annotations

from hardware.smartcard.errors import Reason
from hardware.smartcard.session import CardSession

# The directory of payment applications (EMV Book 1 §12.2), then the registered providers of those that do without
# one: Bancontact, Mastercard and Maestro, Visa. A card selects by the beginning of a name too.
_PAYMENT = (b"1PAY.SYS.DDF01", *(bytes.fromhex(rid) for rid in ("D056000666", "A000000004", "A000000003")))

# Travel documents and identity cards (ICAO 9303-10), the European citizen card of two makers (Portugal, Latvia,
# Estonia among others; as OpenSC has them), and the general application of cards that sign (ISO 7816-15).
_IDENTITY = tuple(
    bytes.fromhex(name)
    for name in (
        "A0000002471001",
        "A00000007701080007 0000FE00000100",
        "A0000000180C000001634200",
        "A000000063504B43532D3135",
    )
)


def what_it_is(session: CardSession) -> Reason:
    """BANK_CARD, FOREIGN_EID or NOT_EID. Raises CardError when the card is gone."""
    for reason, names in ((Reason.BANK_CARD, _PAYMENT), (Reason.FOREIGN_EID, _IDENTITY)):
        if any(session.has_application(name) for name in names):
            return reason
    return Reason.NOT_EID
