"""What a parent who comes back does with the time at the desk: entries of the journal, like those in `entries`."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from kiosk.domain.record.body import Body


class AppointmentChosen(Body):
    """Another time out of this kiosk's lease, in place of the one that the ticket had, if it had one.

    `collection`: the time to collect the card, beside that of the request itself. `more_slots` follow `slot_id`
    directly; `minutes` is the whole.
    """

    kind: Literal["appointment_chosen"] = "appointment_chosen"
    ticket_id: UUID
    slot_id: str
    start: datetime
    minutes: int = Field(ge=0)
    desk: str
    more_slots: tuple[str, ...] = ()
    collection: bool = False


class AppointmentCancelled(Body):
    """The parent does not come: the time is free for everybody."""

    kind: Literal["appointment_cancelled"] = "appointment_cancelled"
    ticket_id: UUID
    collection: bool = False
