"""The kiosk's durable record: an entry is on disk before its effect happens.

    journal = Journal(folder / "journal.sqlite3", now=clock)
    journal.append(PaymentSent(payment_id=...), visit_id)   # on disk when this returns

`Journal` also holds the outbox (entries the backend has not acknowledged), the slots this kiosk has on
lease, and erases personal data once they are no longer needed here. `recovery` tells what a crash left
undone.
"""

from kiosk.journal.journal import Journal, JournalError, JournalProblem, SlotGone
from kiosk.journal.recovery import InDoubt, Interrupted, Unfinished, releases, ticket_case, unfinished

__all__ = [
    "InDoubt",
    "Interrupted",
    "Journal",
    "JournalError",
    "JournalProblem",
    "SlotGone",
    "Unfinished",
    "releases",
    "ticket_case",
    "unfinished",
]
