"""Staff cards after the open standard PIV (NIST SP 800-73-4), as YubiKeys and most corporate smart cards have it.

Of all that such a card can do one thing is used: its key for card authentication (slot 9E) needs no PIN, and by
signing fresh random bytes it proves that the chip is the one that the certificate beside it was made for. Whose card
it is, and what it opens, is for the caller: by the certificate's fingerprint, and by who issued it.

`ber` and `certificate` are pure, `keys` knows how each kind of key answers, `commands` what is sent; `issuers` are the
authorities of an organisation; `card` puts a reading together.

    reading = read_piv(channel, date.today(), issuers)   # None: no such card; raises CardError and PivError
    reading.chip.outcome                                 # proven: no copy
    reading.fingerprint                                  # SHA-256 of its certificate
    reading.issuer                                       # by whom issued, where issuers were given
    reading.validity.state
"""

from hardware.smartcard.piv.card import PivReading, read_piv
from hardware.smartcard.piv.errors import PivError, PivReason
from hardware.smartcard.piv.issuers import Issuers

__all__ = ["Issuers", "PivError", "PivReading", "PivReason", "read_piv"]
