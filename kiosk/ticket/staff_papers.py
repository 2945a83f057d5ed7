"""Papers for those who look after a kiosk: the test page, the readiness report, the log for the help line.

They name nobody but the member of staff, and prove nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from kiosk.staff.events import Device, Verdict
from kiosk.text import Texts
from kiosk.text.care import device_name, verdict_name
from kiosk.ticket.office import Office
from kiosk.ticket.paper import Account, Box, Closing, Code, Paper, Passage, Phrase, Row, Tick
from kiosk.ticket.words import Words, moment

PRINT_CHECKS = ("The paper comes out straight.", "The text is dark, without white lines.")


def compose_test_page(number: int, kiosk: str, at: datetime, office: Office, texts: Texts) -> Paper:
    """A page with a number that only who looks at it knows."""
    words = Words(office, texts, texts)
    return words.paper(
        words.masthead(),
        Box(words.say("Test page"), Phrase(kiosk), (Phrase(moment(at, texts)),)),
        Code(words.say("Touch this number on the screen"), str(number)),
        Passage(words.say("Check"), ticks=tuple(Tick(words.say(check), Phrase("")) for check in PRINT_CHECKS)),
    )


def compose_report(
    results: Sequence[tuple[Device, Verdict]], member: str, kiosk: str, at: datetime, office: Office, texts: Texts
) -> Paper:
    """What the tests of all devices came to. What was not tested is said so, and never ready."""
    words = Words(office, texts, texts)
    rows = [Row(texts("Time"), moment(at, texts))]
    if member:
        rows.append(Row(texts("By"), member))
    rows += [Row(device_name(texts, device), verdict_name(texts, verdict)) for device, verdict in results]
    ready = all(verdict is Verdict.PASSED for _, verdict in results)
    said = "Everything here works." if ready else "Not everything here works, or was tested."
    return words.paper(
        words.masthead(),
        Box(words.say("Readiness report"), Phrase(kiosk)),
        Account(title=Phrase(""), rows=tuple(rows)),
        Closing((words.say(said),)),
    )


def compose_log(lines: Sequence[str], kiosk: str, at: datetime, office: Office, texts: Texts) -> Paper:
    """The last events as the help line wants to hear them; the newest last."""
    words = Words(office, texts, texts)
    return words.paper(
        words.masthead(),
        Box(words.say("For the help line"), Phrase(kiosk), (Phrase(moment(at, texts)),)),
        Passage(words.say("What happened"), tuple(Phrase(line) for line in lines if line.strip()), small=True),
    )
