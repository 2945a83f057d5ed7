"""What makes a card the badge of a member of staff: a genuine one, valid today, whose chip proves that it is no copy.

It opens a door, so nothing is taken on trust. Cards issued before applet 1.8 (about 2020) cannot prove their chip, and
are no badges; who has one comes in with a code.
"""

from __future__ import annotations

from hardware.smartcard import CardReading, Outcome, Parts, ValidityState

BADGE_PARTS = Parts(address=False, photo=False, chip=True)


def refusal(reading: CardReading) -> str | None:
    """Why this card is no badge, in one sentence; None where it is one."""
    checks = reading.checks
    if checks.identity_verdict is not Outcome.PROVEN:
        return "its signatures do not lead to a root that this kiosk trusts"
    if checks.chip.outcome is not Outcome.PROVEN:
        return "its chip cannot prove that it is no copy: cards of before 2020 cannot; use a code"
    if reading.validity.state is not ValidityState.VALID:
        return "it is not valid today"
    return None
