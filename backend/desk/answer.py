"""What the page shows of a finding: words, the steps before the next deed, and what may be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from backend.desk.finding import Finding, Result
from backend.desk.handover import WHO, Step, steps_for
from backend.desk.words import DEEDS, HANDED_OVER, WORDS, Words
from backend.requests.progress import DESK_MEANS, UNDO_WITHIN, can_be_undone, may_become
from backend.requests.standing import Standing, standing_of
from kiosk.domain.request_states import NEEDS_MONEY, RequestState


@dataclass(frozen=True)
class Answer:
    """A finding, and what was asked to be done with it. Made by `answer_of`."""

    found: Finding
    now: datetime
    wanted: RequestState | None = None  # to be confirmed
    ticked: Sequence[str] = ()
    paying: str = ""  # the means of a payment that is to be confirmed
    done: bool = False

    @property
    def words(self) -> Words:
        """Title, advice and tone; whoever has just handed something over is not told that it was used."""
        return HANDED_OVER if self.done and self.found.result is Result.USED else WORDS[self.found.result]

    @cached_property
    def _standing(self) -> Standing | None:
        return standing_of(self.found.request) if self.found.request is not None else None

    @cached_property
    def _next(self) -> tuple[RequestState, ...]:
        row = self.found.request
        if row is None or row.erased_at is not None:
            return ()
        settled = self._standing is not None and self._standing.settled
        return tuple(state for state in may_become(row) if settled or state not in NEEDS_MONEY)

    @cached_property
    def main(self) -> RequestState | None:
        """The deed that the steps below lead to: sending the application, or the handover."""
        return next((state for state in self._next if state in NEEDS_MONEY), None)

    @property
    def main_words(self) -> object:
        """What its button says."""
        return DEEDS[self.main] if self.main is not None else ""

    @property
    def others(self) -> list[tuple[str, object]]:
        """The other deeds, with their words; those that end a request last."""
        return [(state.value, DEEDS[state]) for state in self._next if state is not self.main]

    @property
    def wanted_words(self) -> object:
        """What is to be confirmed."""
        return DEEDS[self.wanted] if self.wanted is not None else ""

    def steps(self, to: RequestState) -> tuple[Step, ...]:
        """The boxes to tick before a request is moved to a state."""
        return steps_for(self.found.request, to, self.now) if self.found.request is not None else ()

    @cached_property
    def main_steps(self) -> tuple[Step, ...]:
        """The boxes of the main deed."""
        return self.steps(self.main) if self.main is not None else ()

    @property
    def who(self) -> list[tuple[str, object]]:
        """Who may stand at the desk: asked before the main deed."""
        return list(WHO.items())

    @property
    def not_ticked(self) -> list[Step]:
        """Of the deed that is to be confirmed: what is missing."""
        steps = self.steps(self.wanted) if self.wanted is not None else ()
        return [step for step in steps if not step.optional and step.code not in self.ticked]

    @property
    def due(self) -> bool:
        """Whether the desk may take the payment."""
        row = self.found.request
        over = (RequestState.CANCELLED, RequestState.REFUNDED)
        return row is not None and row.state not in over and self._standing in (Standing.NOT_PAID, Standing.GIVEN_BACK)

    @property
    def means(self) -> tuple[str, ...]:
        """How a payment at the desk can be made."""
        return DESK_MEANS

    @property
    def undo_until(self) -> datetime | None:
        """Until when the last step can be undone; None where it cannot."""
        change = self.found.last_change
        return change.at + UNDO_WITHIN if change is not None and can_be_undone(change, self.now) else None

    @property
    def payment_undo_until(self) -> datetime | None:
        """The same, of a payment at the desk on which nothing rests yet."""
        paid = self.found.paid_at_desk
        if paid is None or self.now - paid.at > UNDO_WITHIN or any(one.at > paid.at for one in self.found.changes):
            return None
        return paid.at + UNDO_WITHIN


def answer_of(found: Finding, now: datetime, **said: object) -> Answer:
    """The answer about a finding; `said` are fields of `Answer`, others are passed over."""
    known = {name: value for name, value in said.items() if name in Answer.__dataclass_fields__}
    return Answer(found, now, **known)  # type: ignore[arg-type]
