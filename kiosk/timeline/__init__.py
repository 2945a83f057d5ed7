"""What happened at a kiosk, on one axis of time: record, devices, visit, payment and print side by side.

`sources` reads the journal and the log file without changing either, so that it can be asked while the kiosk runs, of
a copy, or of what a dead disk still gives. `events` says what an entry or a line means and to which track it belongs;
`drawing` sets it out for people. Nothing personal is read: of an entry that names a person only its kind is used.
"""

from kiosk.timeline.drawing import draw
from kiosk.timeline.events import Moment, Track
from kiosk.timeline.sources import (
    NoSuchTicket,
    Selection,
    Unreadable,
    find_ticket,
    timeline,
)

__all__ = ["Moment", "NoSuchTicket", "Selection", "Track", "Unreadable", "draw", "find_ticket", "timeline"]
