"""Decisions of open cases that were taken here: kept, and told to the kiosk until its own record has them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from backend.requests.models import OpenCase
from kiosk.domain.record.entries import CaseOutcome
from kiosk.domain.wire import MAX_DECISIONS, CaseDecision


def decide(case: OpenCase, decision: str, outcome: CaseOutcome | None, by: str, now: datetime) -> bool:
    """Close a case in the name of a member of staff. False: it was closed already, and stays as it was.

    The payment itself changes when the kiosk has recorded the decision: a projection follows from entries alone.
    """
    changed = OpenCase.objects.filter(pk=case.pk, closed_at__isnull=True).update(
        closed_at=now, decision=decision, outcome=outcome or "", decided_by=by
    )
    return changed == 1


def decisions_for(kiosk_id: UUID) -> tuple[CaseDecision, ...]:
    """What was decided here and is not yet in the kiosk's record, the oldest first."""
    waiting = OpenCase.objects.filter(kiosk=kiosk_id, closed_at__isnull=False, kiosk_closed_at__isnull=True)
    return tuple(
        CaseDecision(case_id=case.pk, decision=case.decision, outcome=case.outcome or None, by=case.decided_by)
        for case in waiting.order_by("closed_at")[:MAX_DECISIONS]
    )
