"""What a ticket said beside the request itself, kept so that a copy can say it again.

The rules answered at the moment of the request, from birth dates and answers that nobody needs again for a copy. What
they answered is kept instead, as plain JSON in the record.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import TypeAdapter, ValidationError

from kiosk.domain.quote import ChecklistItem, Collection, Law, Longest, Notice, PaymentAnswer, Ready


@dataclass(frozen=True, slots=True)
class Contents:
    """See `kiosk.visit.effects.Ticket` for the fields that it has too.

    `same_until`: with an appointment up to the end of this day, all of it still holds; None: nobody looked.
    """

    by_phone: bool = False
    checklist: tuple[ChecklistItem, ...] = ()
    notices: tuple[Notice, ...] = ()
    collection: Collection | None = None
    ready: tuple[Ready | None, ...] = ()
    validity: tuple[Longest | None, ...] = ()
    printed: tuple[Notice, ...] = ()
    fingerprints: tuple[bool | None, ...] = ()
    payment: PaymentAnswer | None = None
    legal_base: tuple[Law, ...] = ()
    appointment_as: str = ""
    same_until: date | None = None


_ADAPTER = TypeAdapter(Contents)


def write_contents(contents: Contents) -> dict[str, Any]:
    """As JSON; what is empty is left out."""
    written: dict[str, Any] = _ADAPTER.dump_python(contents, mode="json", exclude_defaults=True)
    return written


def read_contents(data: dict[str, Any]) -> Contents | None:
    """What `write_contents` made, perhaps of another version. None: it cannot be read, and a copy says less."""
    try:
        return _ADAPTER.validate_python(data)
    except ValidationError:
        return None
