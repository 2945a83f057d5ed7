"""A parent who walks through a visit on a real kiosk without a window: touches, cards, and waits for views.

Every wait has a condition and a deadline; nothing sleeps. The kiosk, its drivers and the simulators behind their
protocols are the product's own.
"""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hardware.terminal.zvt.timing import Timing as TerminalTiming
from kiosk.app import Kiosk, now_in_brussels
from kiosk.caretaker import Happening
from kiosk.config import KioskConfig
from kiosk.demo.rig import Rig
from kiosk.devices.timing import DeviceTiming
from kiosk.domain.appointments import Slot
from kiosk.domain.quote import Service
from kiosk.domain.record.entries import EntryBody
from kiosk.domain.tickets.claims import Claims
from kiosk.domain.tickets.keys import key_set
from kiosk.domain.tickets.signature import verify
from kiosk.staff.events import Order, Ordered
from kiosk.staff.view import StaffSituation, StaffView
from kiosk.sync.client import Identity
from kiosk.ticket.signature import ticket_key
from kiosk.visit import events as e
from kiosk.visit import view as v
from kiosk.visit.events import TerminalMessage
from kiosk.visit.view import Situation, View

S = Situation
_DESCRIBING = (S.QUESTION, S.CARD_TYPE, S.PROCEDURE, S.CHILDREN, S.CHILD_REFUSED)
C = TypeVar("C")

PATIENCE_SECONDS = 30.0  # for a loaded machine; what is waited for comes within milliseconds
HURRY = 5.0

# What a person would wait minutes for is waited for seconds; what the protocols need in milliseconds has a second.
QUICK_TERMINAL = TerminalTiming(
    acknowledgement=1.0,
    answer=1.0,
    completion=2.5,
    listen=0.02,
    quiet_after_abort=0.1,
    busy_poll=0.1,
    busy_patience=1.0,
    goods_wait=15,  # divided by HURRY at the terminal
)
QUICK_DEVICES = DeviceTiming(
    terminal_look=0.3,
    look_up_for=20.0,
    look_up_every=0.1,
    recovery_ask_again=0.2,
    printer_look=0.1,
    monitor_look=0.2,
    last_upload=0.2,
)


def a_rig(folder: Path, **choices: Any) -> Rig:
    """A rig with a terminal in a hurry."""
    return Rig(folder, hurry=HURRY, terminal_timing=QUICK_TERMINAL, **choices)


def slots_from(now: datetime, count: int = 12, minutes: int = 60) -> list[Slot]:
    """Free times from tomorrow on, for a kiosk that cannot ask its backend."""
    first = (now + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)
    return [Slot(first + timedelta(days=day), f"slot-{uuid4()}", minutes, "Burgerzaken") for day in range(count)]


class Walk:
    """One kiosk on a rig, and the parent in front of it."""

    def __init__(
        self,
        rig: Rig,
        journal: Path,
        *,
        now: Callable[[], datetime] = now_in_brussels,
        timing: dict[str, float] | None = None,
        devices: DeviceTiming = QUICK_DEVICES,
        slots: int | None = 12,
        kiosk: Callable[..., Kiosk] = Kiosk,
    ):
        """`slots` None: those that the backend leases. A rig without a backend gets an identity of its own."""
        self.rig = rig
        self.journal_folder = journal
        self.now = now
        self.views: list[View] = []
        self.staff_views: list[StaffView] = []
        self.total_cents = 0  # as the last look showed it
        self.before = 0  # lines of the terminal's ledger that are of earlier walks
        self._seen = threading.Condition()
        identity = None
        if slots is not None:
            identity = Identity(uuid4(), rig.config.kiosk.municipality, Ed25519PrivateKey.generate())
        config = _config(rig, journal, timing or {})
        self.kiosk = kiosk(
            config,
            self._show,
            rig.hardware(),
            now=now,
            identity=identity,
            device_timing=devices,
            show_staff=self._show_staff,
        )
        if slots is not None:
            self.kiosk.journal.add_slots(slots_from(now(), slots), now() + timedelta(days=5))
        self._forget_reports()

    def start(self, situation: Situation | None = S.WELCOME) -> Walk:
        """Start the kiosk, and wait for its first screen that lasts."""
        self.kiosk.start()
        if situation is not None:
            self.until(situation)
        return self

    def stop(self) -> None:
        """End the kiosk."""
        self.kiosk.stop()

    def __enter__(self) -> Walk:
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    # --- watching -------------------------------------------------------------------------------------

    def _show(self, view: View) -> None:
        with self._seen:
            self.views.append(view)
            self._seen.notify_all()

    def _show_staff(self, view: StaffView) -> None:
        with self._seen:
            self.staff_views.append(view)
            self._seen.notify_all()

    def staff_until(
        self, situation: StaffSituation, holds: Callable[[StaffView], bool] = lambda view: True
    ) -> StaffView:
        """Wait until the newest view of service mode is of this situation, and the condition holds."""

        def here() -> bool:
            shown = self.staff_views[-1:]
            return bool(shown) and shown[0].situation is situation and holds(shown[0])

        with self._seen:
            arrived = self._seen.wait_for(here, PATIENCE_SECONDS)
            last = self.staff_views[-1] if self.staff_views else None
        assert arrived and last is not None, f"waited for {situation.value}, and there is {last}"
        return last

    def staff_until_resting(self) -> StaffView:
        """Wait until all that was touched so far is shown, and no probe runs."""
        heard = threading.Event()
        self.touch(Ordered(Order.TEST_PRINT, "", lambda _done, _words: heard.set()))  # refused while staff are there
        assert heard.wait(PATIENCE_SECONDS)

        def still() -> bool:
            return not getattr(self.staff_views[-1].content, "running", False)

        with self._seen:
            assert self._seen.wait_for(still, PATIENCE_SECONDS), self.staff_views[-1]
            return self.staff_views[-1]

    @property
    def view(self) -> View:
        """The newest picture."""
        with self._seen:
            return self.views[-1]

    @property
    def situations(self) -> list[Situation]:
        """Each situation so far, once for each arrival."""
        with self._seen:
            each = [view.situation for view in self.views]
        return [here for before, here in zip([None, *each], each, strict=False) if here is not before]

    def until(self, *situations: Situation, holds: Callable[[View], bool] = lambda view: True) -> View:
        """Wait until the newest view is of one of these situations, and the condition holds."""

        def here() -> bool:
            return bool(self.views) and self.views[-1].situation in situations and holds(self.views[-1])

        with self._seen:
            arrived = self._seen.wait_for(here, PATIENCE_SECONDS)
            last = self.views[-1] if self.views else None
        wanted = "/".join(situation.value for situation in situations)
        assert arrived, f"waited for {wanted}, and there is {last}, after {self.situations}"
        return last  # type: ignore[return-value]

    def content(self, kind: type[C]) -> C:
        """What the present screen shows."""
        shown = self.view.content
        assert isinstance(shown, kind), shown
        return shown

    # --- acting ---------------------------------------------------------------------------------------

    def touch(self, *events: Happening) -> Walk:
        """Touches, one after the other, without waiting."""
        for event in events:
            self.kiosk.post(event)
        return self

    def begin(self, language: str = "nl") -> Walk:
        """The first touch."""
        self.touch(e.LanguageChosen(language)).until(S.INSERT_CARD)
        return self

    def card(self, name: str = "amina", pull_at: int | None = None) -> Walk:
        """Put a card in."""
        self.rig.card.insert(name, pull_at=pull_at)
        return self

    def take_card(self) -> Walk:
        """Take it out."""
        self.rig.card.remove()
        return self

    def until_card_is_in(self) -> Walk:
        """Wait until the visit knows of the card, where no screen shows it."""
        with self._seen:
            assert self._seen.wait_for(lambda: self.kiosk.visit.card_in, PATIENCE_SECONDS)
        return self

    def service(self, service: Service = Service.APPLICATION) -> Walk:
        """The card is accepted; choose a service where there are several."""
        if self.until(S.SERVICE, S.CHILD_NAME).situation is S.SERVICE:
            # The terminal may not have said yet that it is well; until then, what is paid is closed.
            self.until(
                S.SERVICE,
                holds=lambda view: isinstance(view.content, v.ServiceView) and service not in view.content.closed,
            )
            self.touch(e.ServiceChosen(service)).until(S.CHILD_NAME)
        return self

    def child(self, name: str = "Yusuf", age: int = 4) -> Walk:
        """Describe a child with what is suggested."""
        if self.view.situation is S.CHILDREN:
            self.touch(e.AddChild()).until(S.CHILD_NAME)
        self.touch(e.NameGiven(name)).until(S.BIRTH_DATE)
        self.touch(e.BirthDateGiven(self.born(age)))
        while self.until(*_DESCRIBING).situation not in (S.CHILDREN, S.CHILD_REFUSED):
            here = self.view.situation
            if here is S.QUESTION:
                self.answer()
            else:
                self.touch(e.Continue()).until(*(set(S) - {here}))
        return self

    def answer(self) -> Walk:
        """Answer the questions that are open with the first, most usual answer of each."""
        while self.view.situation is S.QUESTION:
            asked = self.content(v.QuestionView)
            self.touch(e.QuestionAnswered(asked.question, asked.answers[0]))
            self.until(*S, holds=lambda view, asked=asked: view.content != asked)  # type: ignore[misc]
        return self

    def born(self, age: int) -> date:
        """The birthday of a child who has been this old for half a year."""
        return self.now().date() - timedelta(days=round(365.25 * age) + 180)

    def to_review(self) -> Walk:
        """From the children to the last look, with the second time on offer."""
        self.touch(e.Continue()).until(S.BRING, S.QUESTION)
        self.answer().until(S.BRING)
        self.touch(e.Continue())
        if self.until(S.APPOINTMENT, S.NO_SLOTS, S.REVIEW).situation is S.APPOINTMENT:
            self.touch(e.SlotChosen(self.content(v.AppointmentView).slots[1].id))
            self.until(S.APPOINTMENT, holds=lambda view: view.can_continue)
            self.touch(e.Continue()).until(S.REVIEW)
        elif self.view.situation is S.NO_SLOTS:
            self.touch(e.Continue()).until(S.REVIEW)
        self.total_cents = self.content(v.ReviewView).total_cents
        return self

    def to_pay(self, language: str = "nl", children: Sequence[str] = ("Yusuf",)) -> Walk:
        """From the welcome to the terminal that waits for a card."""
        self.begin(language).card().service()
        for name in children:
            self.child(name)
        return self.to_review().ask_to_pay()

    def ask_to_pay(self) -> Walk:
        """Confirm, and wait until the terminal wants a card."""
        self.touch(e.Continue()).until(S.PAY, holds=wants_card)
        return self

    def at_terminal(self, what: str, **details: Any) -> Walk:
        """Do something at the payment terminal; it is done when this returns."""
        self.rig.terminal.do(what, **details)
        return self

    def unplug(self) -> Walk:
        """Pull the terminal's cable."""
        self.at_terminal("unplug")
        self.rig.terminal.wait_for("unplugged")
        return self

    def plug(self) -> Walk:
        """And put it back."""
        self.at_terminal("plug")
        self.rig.terminal.wait_for("plugged")
        return self

    def until_quiet(self) -> Walk:
        """Wait until the kiosk has worked through all that was touched: what is asked last is shown last."""
        self.touch(e.DisplayChanged(large=True, contrast=True))
        self.until(*S, holds=lambda view: view.contrast)
        return self

    def until_online(self) -> Walk:
        """Wait until the backend has answered, and has leased what it has."""
        assert self.kiosk.sync.drain(PATIENCE_SECONDS)
        return self

    def until_fault(self, fault: e.Fault, holds: bool = True) -> Walk:
        """Wait until the visit knows that a fault holds, or that it is gone."""
        with self._seen:
            assert self._seen.wait_for(lambda: (fault in self.kiosk.visit.faults) is holds, PATIENCE_SECONDS)
        return self

    def printer(self, what: str, **details: Any) -> Walk:
        """Do something to the printer; it is done when this returns."""
        self.rig.printer.do(what, **details)
        self.rig.printer.wait_for("did")
        return self

    def pay(self) -> Walk:
        """Pay, and wait for the ticket."""
        self.at_terminal("approve").until(S.TAKE)
        return self

    def leave(self) -> Walk:
        """Take the card, and wait until the kiosk is ready for the next person."""
        self.take_card().until(S.WELCOME)
        return self

    def stop_visit(self) -> Walk:
        """Stop, and stop really."""
        self.touch(e.Stop(), e.Stop()).until(S.GOODBYE, S.WELCOME)
        return self

    # --- what is left of it ---------------------------------------------------------------------------

    def bodies(self, *kinds: str) -> list[Any]:
        """What the journal recorded, in order."""
        return [entry.body for entry in self.kiosk.journal.entries(kinds=kinds)]

    def kinds(self) -> list[str]:
        return [body.kind for body in self.bodies()]

    def body(self, kind: str) -> Any:
        """The only entry of this kind."""
        (found,) = self.bodies(kind)
        return found

    def until_recorded(self, kind: str) -> EntryBody:
        """Wait for an entry that no view shows: it is written before the next view at the latest."""
        with self._seen:
            assert self._seen.wait_for(lambda: self.bodies(kind), PATIENCE_SECONDS), f"no {kind} in {self.kinds()}"
        return self.bodies(kind)[-1]

    def until_count(self, kind: str, count: int) -> Walk:
        """Wait until there are so many entries of a kind, and they are shown."""
        with self._seen:
            assert self._seen.wait_for(lambda: len(self.bodies(kind)) >= count, PATIENCE_SECONDS), self.kinds()
        return self

    def ledger(self) -> list[dict[str, Any]]:
        """The terminal's own truth about money, all since it was started."""
        self.rig.terminal.do("ledger")
        entries: list[dict[str, Any]] = self.rig.terminal.wait_for("ledger")["entries"]
        return entries

    def new_lines(self) -> list[dict[str, Any]]:
        """What this walk has added to the ledger."""
        return self.ledger()[self.before :]

    def paper(self) -> dict[str, Any]:
        """The next piece of paper that came out of the printer."""
        return self.rig.printer.wait_for("printed")

    def whole_paper(self, code: str) -> dict[str, Any]:
        """The next paper with a ticket on it; the scrap of a broken one comes out before it."""
        while code not in words(paper := self.paper()) or not paper["pictures"]:
            pass
        return paper

    def verified(self, paper: dict[str, Any]) -> Claims:
        """The claims on a ticket as a desk reads them: from its picture, checked with this kiosk's public key."""
        claims = verify(scanned(paper), key_set([ticket_key(self.identity.key, str(self.identity.kiosk_id))]))
        assert isinstance(claims, Claims), claims
        return claims

    @property
    def identity(self) -> Identity:
        return self.kiosk.identity

    def _forget_reports(self) -> None:
        for process in (self.rig.terminal, self.rig.printer):
            while not process.events.empty():
                process.events.get()


def until(holds: Callable[[], object], what: str) -> None:
    """Wait for what no view tells of."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"waited for: {what}"
        time.sleep(0.02)


def wants_card(view: View) -> bool:
    """The terminal waits for the customer."""
    return isinstance(view.content, v.PayView) and view.content.message is TerminalMessage.PRESENT_CARD


def captured(ledger: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What customers have paid and not got back."""
    return [line for line in ledger if line["state"] == "captured" and line["reverses_trace"] is None]


def scanned(paper: dict[str, Any]) -> str:
    """What zbar reads in the picture of a paper."""
    command = ["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", paper["path"]]
    return subprocess.run(command, capture_output=True, check=True, timeout=30, text=True).stdout.rstrip("\n")


def words(paper: dict[str, Any]) -> str:
    """The text lines on a paper, those that were drawn left out."""
    return "\n".join(line["text"].strip() for line in paper["lines"])


def _config(rig: Rig, journal: Path, timing: dict[str, float]) -> KioskConfig:
    config = rig.config
    return config.model_copy(
        update={
            "journal": config.journal.model_copy(update={"folder": journal, "key_file": journal / "journal.key"}),
            "timing": config.timing.model_copy(update=timing),
        }
    )


def as_json(value: Any) -> str:
    return json.dumps(value, default=str, ensure_ascii=False)


def the_ticket_id(walk: Walk) -> UUID:
    return walk.bodies("request_made")[-1].ticket_id
