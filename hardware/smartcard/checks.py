"""What a check can say: an outcome of three, the reason behind it, and all checks of a card together."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """Refuted never passes. Whether `not possible` passes is a decision of the municipality, not of this library."""

    PROVEN = "proven"
    REFUTED = "refuted"
    NOT_POSSIBLE = "not-possible"


class Why(StrEnum):
    """What stands behind an outcome."""

    MATCHES = "matches"
    DIFFERS = "differs"  # the signature or hash belongs to other bytes
    MISSING = "missing"  # the card, or the caller, has no such file
    NO_KEY = "no-key"  # there is no usable RRN certificate to check with
    MALFORMED = "malformed"  # the signature or certificate cannot be parsed
    UNTRUSTED_ROOT = "untrusted-root"  # the card's own root has a key that is not pinned
    NO_ROOT = "no-root"  # the issuer's certificate is not at hand
    ROOT_EXPIRED = "root-expired"  # proven, up to a root whose own certificate has expired: policy decides
    REFUSED = "refused"  # the chip answered the question with a status word
    NOT_ON_THIS_CARD = "not-on-this-card"  # this generation has no such thing
    NOT_ASKED = "not-asked"  # the caller did not want it, or has only files


@dataclass(frozen=True, slots=True)
class Check:
    """One check. `detail` names the algorithm or the root; it holds no personal data."""

    outcome: Outcome
    why: Why
    detail: str = ""

    def as_json(self) -> dict[str, str]:
        """Three texts."""
        return {"outcome": self.outcome, "why": self.why, "detail": self.detail}


@dataclass(frozen=True, slots=True)
class Checks:
    """All checks of a card. An identity signature says nothing by itself: anyone can sign; see `verdict`."""

    identity_signature: Check
    address_signature: Check
    photo_hash: Check
    rrn_certificate: Check  # from the signing key to a pinned root
    chip: Check = Check(Outcome.NOT_POSSIBLE, Why.NOT_ASKED)  # that the chip is no copy: applet 1.8 alone can tell

    @property
    def all(self) -> dict[str, Check]:
        """By name, in the order of proof."""
        return {
            "rrn_certificate": self.rrn_certificate,
            "identity_signature": self.identity_signature,
            "photo_hash": self.photo_hash,
            "address_signature": self.address_signature,
            "chip": self.chip,
        }

    @property
    def verdict(self) -> Outcome:
        """REFUTED if any check is; PROVEN if all are that this card can have and the caller wanted; else NOT_POSSIBLE.

        That a 1.7 card cannot prove its chip, or that nobody wanted the photo, holds nothing back here; `chip` and
        `photo_hash` say so themselves, to a policy that demands them.
        """
        beside = (Why.NOT_ON_THIS_CARD, Why.NOT_ASKED)
        return _worst(*(check for check in self.all.values() if check.why not in beside))

    @property
    def identity_verdict(self) -> Outcome:
        """The same for the identity file alone: its signature and the certificate behind it."""
        return _worst(self.identity_signature, self.rrn_certificate)

    def as_json(self) -> dict[str, object]:
        """Each check by name, and the verdict."""
        return {**{name: check.as_json() for name, check in self.all.items()}, "verdict": self.verdict}


def _worst(*checks: Check) -> Outcome:
    outcomes = {check.outcome for check in checks}
    for outcome in (Outcome.REFUTED, Outcome.NOT_POSSIBLE):
        if outcome in outcomes:
            return outcome
    return Outcome.PROVEN
