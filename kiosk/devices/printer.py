"""The ticket printer: prints on its own thread, and is asked for its status while it rests."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import structlog

from hardware.printer.document import Document
from hardware.printer.printer import Outcome, Printer
from hardware.printer.status import PaperOut, Ready, Status, Unknown
from kiosk.devices.timing import STANDARD, DeviceTiming
from kiosk.devices.worker import Worker
from kiosk.domain.fleet.heartbeat import DeviceState
from kiosk.health import Health
from kiosk.visit.events import PrintEnded, PrintOutcome

log = structlog.get_logger(__name__)

# The longest ticket: six children and all that can be said of them, in Ukrainian on 58 mm, takes 498 mm.
WHOLE_TICKET_MM = 520

_OUTCOMES = {
    Outcome.OUT: PrintOutcome.OUT,
    Outcome.NOT_OUT: PrintOutcome.NOT_OUT,
    Outcome.UNKNOWN: PrintOutcome.UNKNOWN,
}


class TicketPrinter:
    """Owns the printer's driver."""

    def __init__(
        self,
        printer: Printer,
        health: Health,
        post: Callable[[PrintEnded], None],
        timing: DeviceTiming = STANDARD,
        crashed: Callable[[], None] = lambda: None,
        used: Callable[[float], None] = lambda _millimetres: None,
        left: Callable[[], int | None] = lambda: None,
    ):
        """`used` hears how much paper a print took off the roll; `left` tells how much there is. Millimetres."""
        self._printer = printer
        self._used, self._left = used, left
        self._health = health
        self._post = post
        self._worker = Worker("printer", self._look, timing.printer_look, crashed)

    def start(self) -> None:
        """Begin to look and to print."""
        self._worker.start()

    def stop(self) -> None:
        """End and close the port."""
        self._worker.stop()
        self._printer.close()

    def print_document(self, document: Document, print_id: UUID | None) -> None:
        """Print; `PrintEnded` with this `print_id` says what became of it."""
        self._worker.do(lambda: self._print(document, print_id))

    def print_for_staff(self, document: Document, ended: Callable[[PrintOutcome, str], None]) -> None:
        """Print something that is no visit's; `ended` hears what became of it and why, on this device's thread."""
        self._worker.do(lambda: self._print_and_tell(document, ended))

    def ask_status(self, answered: Callable[[Status], None]) -> None:
        """Ask how it is now; `answered` is called on this device's thread."""
        self._worker.do(lambda: answered(self._look()))

    def _print(self, document: Document, print_id: UUID | None) -> None:
        self._print_and_tell(document, lambda outcome, reason: self._post(PrintEnded(outcome, reason, print_id)))

    def _print_and_tell(self, document: Document, ended: Callable[[PrintOutcome, str], None]) -> None:
        result = self._printer.print(document)
        reason = result.reason.value if result.reason else ""
        log.info("print_ended", outcome=result.outcome.value, reason=reason)
        self._health.devices.use("printer", result.outcome is Outcome.OUT)
        if result.millimetres:
            self._used(result.millimetres)
        ended(_OUTCOMES[result.outcome], reason)
        if result.outcome is Outcome.OUT:
            return
        # The screen should know that the printer is in trouble before it hears that the trouble is over.
        self._report(self._printer.status(), in_trouble=True)

    def _look(self) -> Status:
        status = self._printer.status()
        self._report(status)
        return status

    def _report(self, status: Status, in_trouble: bool = False) -> None:
        paper_out = isinstance(status, PaperOut)
        state = DeviceState.UNKNOWN if isinstance(status, Unknown) else DeviceState.TROUBLE
        trouble = status.trouble.value if status.trouble is not None else ""
        self._health.devices.state("printer", state if trouble else DeviceState.READY, trouble)
        self._health.report(
            printer=in_trouble or not isinstance(status, (Ready, PaperOut)),
            paper_out=paper_out,
            paper_short=isinstance(status, Ready) and self._too_short(status),
        )

    def _too_short(self, status: Ready) -> bool:
        """Whether the roll may end in a ticket. A printer that sees the end coming is believed before the count.

        Somebody may have changed the roll without telling the kiosk.
        """
        left = self._left()
        counted_out = left is not None and left < WHOLE_TICKET_MM
        return counted_out and (status.paper_low or not self._printer.sees_end_coming)
