"""A whole visit with two children, by real touches: pictures of every screen, the ticket, and what it all took.

The machine's time of a step begins when the finger lets go (or a card is put in, or tapped) and ends when the next
picture that waits for a person has been drawn. The person's own time, and the half second that the screen waits before
it takes a second touch on the same place for meant, are not counted.
"""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from kiosk.demo.finger import DemoFailed, Finger, on_screen
from kiosk.demo.rig import Rig
from kiosk.demo.stage import DemoWindow
from kiosk.text.catalogue import BRUSSELS
from kiosk.ui.widgets.touch import DOUBLE_STRIKE_SECONDS
from kiosk.visit import view as v
from kiosk.visit.events import TerminalMessage
from kiosk.visit.view import Situation, View

S = Situation
PATIENCE_SECONDS = 30.0
YUSUF = ("Yusuf", date(2022, 5, 4))
LINA = ("Lina", date(2019, 3, 2))


@dataclass
class Result:
    """What became of the scripted visit."""

    ticket_code: str = ""
    total_cents: int = 0
    payment: str = ""
    printed: bool = False
    steps_ms: dict[str, float] = field(default_factory=dict)
    situations: list[str] = field(default_factory=list)


class Script:
    """Drives one visit on a running window; `run` is called on a thread of its own."""

    def __init__(self, rig: Rig, out: Path):
        self._rig = rig
        self._out = out
        self._seen = threading.Condition()
        self._view: View | None = None
        self._drawn_at = self._flipped_at = 0.0
        self._acted_at = 0.0
        self._last_touch: tuple[str, float] = ("", 0.0)
        self.result = Result()
        self.window = DemoWindow(rig, drawn=self._drawn)
        self._finger: Finger | None = None

    def run(self) -> None:
        """The visit, from the welcome screen back to it."""
        from kivy.core.window import Window

        self._finger = Finger()
        on_screen(lambda: Window.bind(on_flip=self._flipped))
        try:
            self._until("welcome", S.WELCOME)
            self._visit()
        finally:
            self._finger.close()

    def _visit(self) -> None:
        self._touch("language:nl")
        self._until("insert_card", S.INSERT_CARD)
        self._dock("card:amina")
        self._until("service", S.SERVICE)
        self._touch("service:application")
        self._until("child_name", S.CHILD_NAME)
        self._child(*YUSUF, pictures=True)
        self._touch("add_child")
        self._until("", S.CHILD_NAME)
        self._child(*LINA)
        self._picture("children")
        self._touch("primary")
        self._until("bring", S.BRING)
        self._touch("primary")
        self._until("", S.APPOINTMENT)
        self._choose_time()
        self._touch("primary")
        self._until("review", S.REVIEW)
        review = self._content(v.ReviewView)
        self.result.total_cents = review.total_cents
        self._touch("primary")
        self._until(
            "pay", S.PAY, lambda view: _pay(view).message is TerminalMessage.PRESENT_CARD, step="terminal ready"
        )
        self._dock("terminal:approve")
        self._until("take", S.TAKE, step="pay and print")
        take = self._content(v.TakeView)
        self.result.ticket_code = take.ticket_code
        self.result.payment = "paid" if take.paid_cents == self.result.total_cents else "unexpected"
        self.result.printed = True
        self._dock("card-out")
        self._until("", S.WELCOME, step="")

    def _child(self, name: str, born: date, pictures: bool = False) -> None:
        for letter in name:
            key = f"key:{letter}" if self._target(f"key:{letter}") else f"key:{letter.lower()}"
            self._touch(key if self._target(key) else f"key:{letter.upper()}")
        if pictures:
            self._picture("child_name")
        self._touch("primary")
        self._until("birth_date" if pictures else "", S.BIRTH_DATE)
        self._touch(f"year:{born.year}")
        self._touch(f"month:{born.month}")
        self._touch(f"day:{born.isoformat()}")
        if pictures:
            self._picture("birth_date_chosen")
        self._touch("primary")
        # The demo's town asks one question of every child: on which papers its stay rests.
        self._until("question" if pictures else "", S.QUESTION)
        self._touch("answer:residence")
        self._until("card_type" if pictures else "", S.CARD_TYPE)
        self._touch("primary")
        self._until("procedure" if pictures else "", S.PROCEDURE)
        self._touch("primary")
        self._until("", S.CHILDREN)

    def _choose_time(self) -> None:
        slots = self._content(v.AppointmentView).slots
        if not slots:
            raise DemoFailed("there is no free time")
        # A day that is on the first page, and a time in its morning.
        slot = next((slot for slot in slots if slot.start.date() > slots[0].start.date()), slots[0])
        self._touch(f"day:{slot.start.astimezone(BRUSSELS).date().isoformat()}")
        self._touch(f"slot:{slot.id}")
        self._until("appointment", S.APPOINTMENT, lambda view: view.can_continue)

    # --- acting -------------------------------------------------------------------------------------

    def _touch(self, name: str) -> None:
        """Touch the part of this name on the kiosk's screen, as soon as it is there."""
        place = self._wait_for_target(name, self._target)
        last, at = self._last_touch
        if last == name:  # a person takes longer than this between two touches
            time.sleep(max(0.0, at + DOUBLE_STRIKE_SECONDS + 0.05 - time.monotonic()))
        assert self._finger is not None
        self._finger.touch(*place)
        self._acted_at = time.perf_counter()
        self._last_touch = (name, time.monotonic())

    def _dock(self, name: str) -> None:
        """Press a button of the dock."""
        place = self._wait_for_target(name, lambda wanted: on_screen(lambda: self.window.dock.target(wanted)))
        assert self._finger is not None
        self._finger.touch(*place)
        self._acted_at = time.perf_counter()

    def _target(self, name: str) -> tuple[float, float] | None:
        return on_screen(lambda: self.window.screen.target(name))

    def _wait_for_target(self, name: str, find: Callable[[str], tuple[float, float] | None]) -> tuple[float, float]:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            if (place := find(name)) is not None:
                return place
        raise DemoFailed(f"nothing to touch named {name!r} on the screen {self._where()}")

    def _flipped(self, _window: object) -> None:
        self._flipped_at = time.perf_counter()

    # --- watching -------------------------------------------------------------------------------------

    def _drawn(self, view: View) -> None:
        with self._seen:
            self._view, self._drawn_at = view, self._flipped_at or time.perf_counter()
            if not self.result.situations or self.result.situations[-1] != view.situation.value:
                self.result.situations.append(view.situation.value)
            self._seen.notify_all()

    def _until(
        self,
        picture: str,
        situation: Situation,
        holds: Callable[[View], bool] = lambda view: True,
        step: str | None = None,
    ) -> None:
        """Wait for a situation, note the machine's time, and take a picture where it has a name."""

        def here() -> bool:
            return self._view is not None and self._view.situation is situation and holds(self._view)

        with self._seen:
            if not self._seen.wait_for(here, PATIENCE_SECONDS):
                raise DemoFailed(f"waited for {situation.value}, and the screen shows {self._where()}")
            drawn_at = self._drawn_at
        # What is seen now follows from the last touch: a slow machine has handled that no earlier than this.
        self._last_touch = (self._last_touch[0], time.monotonic())
        name = situation.value if step is None else step
        if self._acted_at and name:
            spent = round((drawn_at - self._acted_at) * 1000, 1)
            self.result.steps_ms[name] = round(self.result.steps_ms.get(name, 0.0) + max(spent, 0.0), 1)
        if picture:
            self._picture(picture)

    def _picture(self, name: str) -> None:
        number = len(list(self._out.glob("screen-*.png"))) + 1
        path = self._out / f"screen-{number:02}-{name}.png"
        on_screen(lambda: self.window.picture(path))

    def _where(self) -> str:
        return self._view.situation.value if self._view else "nothing yet"

    def _content(self, kind: type[Any]) -> Any:
        assert self._view is not None
        if not isinstance(self._view.content, kind):
            raise DemoFailed(f"expected {kind.__name__} on the screen {self._where()}")
        return self._view.content


def _pay(view: View) -> v.PayView:
    assert isinstance(view.content, v.PayView)
    return view.content


def play(rig: Rig, out: Path) -> dict[str, Any]:
    """Run the window and the script to their end; the summary. Raises DemoFailed."""
    script = Script(rig, out)
    failures: list[BaseException] = []

    def drive() -> None:
        from kivy.app import App
        from kivy.clock import Clock

        try:
            script.run()
        except (DemoFailed, AssertionError) as problem:
            failures.append(problem)
        finally:
            Clock.schedule_once(lambda _elapsed: App.get_running_app().stop(), 0)

    driver = threading.Thread(target=drive, name="script")
    script.window.run(started=driver.start)
    driver.join()
    if failures:
        raise DemoFailed(str(failures[0])) from failures[0]
    return _summary(script, rig, out)


def _summary(script: Script, rig: Rig, out: Path) -> dict[str, Any]:
    result, kiosk = script.result, script.window.kiosk
    papers = sorted((rig.folder / "paper").glob("paper-*.png"))
    if not papers:
        raise DemoFailed("no ticket came out")
    shutil.copyfile(papers[0], out / "ticket.png")
    stored = rig.stored()
    summary = {
        "ticket_code": result.ticket_code,
        "total_cents": result.total_cents,
        "payment": result.payment,
        "synced": stored["entries"],
        "dead_letters": stored["dead_letters"],
        "steps_ms": result.steps_ms,
        "machine_ms": round(sum(result.steps_ms.values()), 1),
        "apdus": kiosk.reader.last_cost.apdus if kiosk.reader.last_cost else 0,
        "card_transport": rig.card_transport,
        "situations": result.situations,
        "pictures": sorted(path.name for path in out.glob("screen-*.png")),
    }
    (out / "summary.json").write_text(json.dumps(summary, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return summary
