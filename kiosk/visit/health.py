"""Which fault stops what. A fault that is not listed as harmless stops: unknown is never health."""

from __future__ import annotations

from kiosk.visit.events import Fault

# People said so, or the hour: nobody new is served, and who is being served is served to the end.
STOPS_BEGINNING = frozenset({Fault.STAFF, Fault.CLOSED})

# Without these nothing can be done here: no identity, no certain record, no true date, no rules, no ticket.
STOPS_EVERYTHING = frozenset(
    {
        Fault.READER,
        Fault.PRINTER,
        Fault.PAPER_OUT,
        Fault.PAPER_UNPROVEN,
        Fault.DISK,
        Fault.MONEY_UNRECORDED,
        Fault.CLOCK,
        Fault.PROFILE,
    }
)

# Without these no money may move; what is free goes on.
STOPS_PAYMENT = STOPS_EVERYTHING - {Fault.READER} | {Fault.TERMINAL, Fault.OPEN_CASE, Fault.PAPER_SHORT}

STOPS_PRINTING = frozenset({Fault.PRINTER, Fault.PAPER_OUT, Fault.PAPER_UNPROVEN})


def visits_possible(faults: frozenset[Fault]) -> bool:
    """Whether a new visit may begin."""
    return not faults & (STOPS_EVERYTHING | STOPS_BEGINNING)


def payment_possible(faults: frozenset[Fault]) -> bool:
    """Whether money may move now."""
    return not faults & STOPS_PAYMENT


def printing_possible(faults: frozenset[Fault]) -> bool:
    """Whether a ticket may be printed now."""
    return not faults & STOPS_PRINTING
