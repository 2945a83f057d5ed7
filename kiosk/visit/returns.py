"""A parent who comes back: earlier requests, the ticket once more, another time, or none."""

from __future__ import annotations

from kiosk.domain.follow_up import FoundTime
from kiosk.domain.record.entries import PrintStarted
from kiosk.domain.record.times import AppointmentCancelled, AppointmentChosen
from kiosk.visit import coming_back
from kiosk.visit import events as e
from kiosk.visit.coming_back import Returning
from kiosk.visit.effects import FindRequests, PrintTicket
from kiosk.visit.till import Till
from kiosk.visit.view import Situation

S = Situation

_TIME = {e.Action.MOVE: None, e.Action.BOOK: False, e.Action.COLLECT: True}


class Returns(Till):
    """The part of a visit that asks for nothing new."""

    def on_enter_service(self) -> None:
        """Earlier requests are looked up when they are wanted, each time anew."""
        self.returning = None

    def on_enter_my_requests(self) -> None:
        """Ask, or show again what was found."""
        if self.returning is None:
            self._look_up()

    def on_enter_other_time(self) -> None:
        """The times that are free now."""
        assert self.returning is not None and self.returning.chosen is not None
        free = self._around.free_slots(self.now())
        chosen = self.returning.chosen
        self.slots = coming_back.times(self.profile, chosen, self.returning.collection, free)
        self.returning.slot = None

    def on_enter_printing(self) -> None:
        """The ticket of this visit, or of an earlier one."""
        if self.returning is not None:
            self._print_again(self.returning)
        else:
            super().on_enter_printing()

    # --- touches --------------------------------------------------------------------------------------

    def _take_return_touch(self, event: e.Event) -> bool:
        """Whether this touch was one of these."""
        here, returning = self.situation, self.returning
        match event:
            case e.RequestsWanted() if here is S.SERVICE and self.answers.parent is not None:
                self.flow.send("requests_wanted")
            case e.Continue() if here is S.MY_REQUESTS and returning is not None and not returning.looking:
                self._look_up()
            case e.RequestChosen() if here is S.MY_REQUESTS and returning is not None:
                returning.ticket_id = event.ticket_id
                if returning.chosen is not None:
                    self.flow.send("request_chosen")
            case e.ActionChosen() if here is S.MY_REQUEST and event.action in self.return_actions:
                self._act(event.action)
            case e.SlotChosen() if here is S.OTHER_TIME and returning is not None:
                returning.slot = next((slot for slot in self.slots if slot.id == event.slot_id), returning.slot)
            case e.Continue() if here is S.OTHER_TIME:
                self._take_time()
            case e.Continue() if here is S.CANCEL_TIME:
                self._cancel_time()
            case _:
                return False
        return True

    def _act(self, action: e.Action) -> None:
        returning = self.returning
        assert returning is not None and returning.chosen is not None
        if action is e.Action.PRINT:
            self.flow.send("print_wanted")
        elif action is e.Action.CANCEL:
            self.flow.send("cancel_wanted")
        else:
            time = returning.chosen.appointment
            collection = _TIME[action]
            returning.collection = time is not None and time.collection if collection is None else collection
            self.flow.send("time_wanted")

    def _look_up(self) -> None:
        assert self.answers.parent is not None
        self.returning = Returning(self._around.new_id())
        self._effects.append(FindRequests(self.returning.ask_id, self.answers.parent.national_number))

    def _take_found(self, event: e.RequestsFound) -> None:
        returning = self.returning
        if returning is not None and returning.looking and event.ask_id == returning.ask_id:
            returning.looking, returning.problem, returning.requests = False, event.problem, event.requests

    # --- times ----------------------------------------------------------------------------------------

    def _take_time(self) -> None:
        """The time is this parent's from the moment it is recorded; the ticket with it comes at once."""
        returning = self.returning
        if returning is None or returning.slot is None or not self.printing_possible:
            return
        slot = returning.slot
        returning.before = returning.chosen.appointment if returning.chosen is not None else None
        returning.changed = True
        returning.note(
            FoundTime(start=slot.start, minutes=slot.minutes, desk=slot.desk, collection=returning.collection)
        )
        self.flow.send("time_chosen")

    def _time_gone(self) -> None:
        """Its lease ended while the parent was choosing: nothing has changed."""
        returning = self.returning
        assert returning is not None
        self._recorded.discard("slot")
        returning.note(returning.before)
        returning.changed = False
        self.flow.send("slot_gone")

    def _cancel_time(self) -> None:
        returning = self.returning
        if returning is None or returning.chosen is None or returning.chosen.appointment is None:
            return
        collection = returning.chosen.appointment.collection
        self._record(AppointmentCancelled(ticket_id=returning.chosen.ticket_id, collection=collection))
        returning.note(None)
        returning.cancelled = True
        self.flow.send("time_cancelled")

    # --- paper ----------------------------------------------------------------------------------------

    def _print_again(self, returning: Returning) -> None:
        request, slot = returning.chosen, returning.slot
        assert request is not None
        self.answers.ticket_id, self.answers.ticket_code = request.ticket_id, request.ticket_code
        if returning.changed and slot is not None and "slot" not in self._recorded:
            self._recorded.add("slot")
            self._record(
                AppointmentChosen(
                    ticket_id=request.ticket_id,
                    slot_id=slot.id,
                    start=slot.start,
                    minutes=slot.minutes,
                    desk=slot.desk,
                    more_slots=slot.more,
                    collection=returning.collection,
                )
            )
        collecting = returning.changed and returning.collection
        # A first ticket to collect the card is no copy of the ticket for the request.
        copy = self.may_be_out or (request.printed and not (collecting and returning.before is None))
        self.prints += 1
        self._record(PrintStarted(ticket_id=request.ticket_id, document="ticket", copy_mark=copy), required=False)
        self._timer("print", self._around.timing.print)
        self.print_id = self._around.new_id()
        ticket = coming_back.ticket_of(
            self.profile, request, self.language, self.now(), changed=returning.changed, copy=copy
        )
        new_time = returning.changed and not returning.collection
        contents = coming_back.contents_with(request, ticket.ready) if new_time else None
        self._effects.append(PrintTicket(ticket, self.print_id, contents))
