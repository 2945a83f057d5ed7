"""Why an entry of a journal cannot be applied."""

from __future__ import annotations

from kiosk.domain.wire import RejectReason


class CannotApply(Exception):
    """The entry is kept among the dead letters, with this reason; the entries after it go on."""

    def __init__(self, reason: RejectReason):
        super().__init__(reason.value)
        self.reason = reason
