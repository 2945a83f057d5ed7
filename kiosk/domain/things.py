"""The shared catalogue of things to bring and things to know, by code.

A profile names codes; `kiosk.text.terms` has the words for each in every language, and the screens and the ticket
draw the icon named here. A municipality that needs a thing of its own uses the code "other" with its own words, so
that no code change is needed for it. `docs/profiles.md` lists the codes for those who write profiles.
"""

from __future__ import annotations

from dataclasses import dataclass

OTHER = "other"
CHILD = "child"


@dataclass(frozen=True, slots=True)
class Thing:
    """Something to bring. `icon` is a picture's name; `per_child`: each child it counts for needs its own."""

    icon: str
    per_child: bool


THINGS: dict[str, Thing] = {
    CHILD: Thing("child", per_child=True),
    "parent-card": Thing("id-card", per_child=False),
    "adult-passport-or-id": Thing("passport", per_child=False),
    "adult-id": Thing("id-card", per_child=False),
    "passport-or-id": Thing("passport", per_child=True),
    "passport-or-proof": Thing("passport", per_child=True),
    "photo": Thing("photo", per_child=True),
    "photo-white": Thing("photo", per_child=True),
    "photo-icao": Thing("photo", per_child=True),
    "old-card": Thing("old-card", per_child=True),
    "current-card": Thing("id-card", per_child=True),
    "codes-letter": Thing("letter", per_child=True),
    "invitation": Thing("letter", per_child=True),
    "police-report": Thing("report", per_child=True),
    "annex-12": Thing("report", per_child=True),
    "custody-judgment": Thing("judgment", per_child=False),
    "custody-consent": Thing("judgment", per_child=False),
    "guardian-decision": Thing("judgment", per_child=False),
    "parent-permit": Thing("id-card", per_child=False),
    "pin-or-puk": Thing("letter", per_child=True),
    "money": Thing("list", per_child=False),
    "placement-ruling": Thing("judgment", per_child=False),
    OTHER: Thing("list", per_child=False),
}

# Things the parent should know. The value says whether a notice is about particular children.
NOTICES: dict[str, bool] = {
    "fingerprints": True,
    "photo-at-desk": True,
    "turning-12": True,
    "codes-by-post": False,
    "puk-and-pin": False,
    "old-card-handed-in": False,
    "not-for-travel-alone": False,
    "not-compulsory": False,
    "paper-stays-valid": False,
    "not-beyond-permit": False,
    "shorter-if-temporary": False,
    "lapses-on-move": False,
    "lapses-on-name": False,
    "sign-base-document": False,
    "identity-at-desk": False,
    "report-first": False,
    "recovered-stays-dead": False,
    "urgent-contact": False,
    "longer-when-busy": False,
    "by-invitation": False,
    "recommended": False,
    "no-paper-choice": False,
    "paper-exchange": False,
    "apply-in-time": False,
    "renew-yourself": False,
    "card-after-12": True,
    "age-at-desk": True,
    "fingerprints-at-collection": True,
    "identity-certificate-only": True,
    "revoke-recovered": False,
    "annex-12-from-police": False,
    OTHER: False,
}

# The notices that say that fingerprints are taken, now or later.
FINGERPRINTS = frozenset(("fingerprints", "fingerprints-at-collection"))

# What stands on a card in place of the child's signature.
PRINTED: frozenset[str] = frozenset(("printed-parents-names", "printed-exempt", OTHER))
