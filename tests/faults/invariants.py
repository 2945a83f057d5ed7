"""What has to hold after every run, whatever happened in it: the terminal's own ledger is the truth about money."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hardware.simulators.terminal.ledger import CAPTURED, PAYMENT, REVERSED
from kiosk.domain.record.entries import CaseClosed, CaseOpened, EntryBody, PaymentApprovedLate, PaymentSent

from .run import Outcome

_CENTS = 1200  # of the one child that the parent asks a card for
_SAYS_PAID = {"printing", "take", "print_trouble", "money_back"}
_SAYS_FAILED = {"not_paid"}


def violations(run: Outcome) -> list[str]:
    """Each in a sentence; none is what a run is for."""
    return [f"{run.behaviour}, died at {run.died_at}: {fault}" for fault in _faults(run)]


def became(run: Outcome) -> str:
    """What the record says of the payment in the end: "paid", "not-paid", "reversed", "case", "none"."""
    kinds = [entry.body.kind for entry in run.entries]
    if any(case.about == "payment" for case in open_cases(run)):
        return "case"
    for kind, word in (("payment_reversed", "reversed"), ("payment_paid", "paid"), ("payment_not_paid", "not-paid")):
        if kind in kinds:
            return word
    return "none"


def open_cases(run: Outcome) -> list[CaseOpened]:
    """What people have to decide."""
    closed = {entry.body.case_id for entry in run.entries if isinstance(entry.body, CaseClosed)}
    cases = [entry.body for entry in run.entries if isinstance(entry.body, CaseOpened)]
    return [case for case in cases if case.case_id not in closed]


def _faults(run: Outcome) -> Iterator[str]:
    yield from _of_the_money(run)
    yield from _of_the_record(run)
    yield from _of_a_late_yes(run)
    yield from _of_the_screen(run)
    yield from _of_the_day(run)
    for line in run.notes("stuck"):
        yield f"the visit came to no end: {line['view']}"


def _of_the_money(run: Outcome) -> Iterator[str]:
    payments = [line for line in run.ledger if line.kind == PAYMENT]
    captured = [line for line in payments if line.state == CAPTURED]
    kinds = [entry.body.kind for entry in run.entries]
    word = became(run)
    if len(captured) > 1:
        yield f"{len(captured)} captures for one visit"
    if sum(line.state in (CAPTURED, REVERSED) for line in payments) > 1:
        yield "the terminal was asked for money twice"
    if kinds.count("payment_sent") > 1:
        yield "two payments were sent"
    if captured and not ("ticket_delivered" in kinds or any(case.about != "day" for case in open_cases(run))):
        yield "captured, and there is neither a ticket nor a case"
    if captured and word in ("not-paid", "reversed", "none"):
        yield f"captured, and the record says {word}"
    if not captured and word == "paid":
        yield "the record says paid, and the terminal has nothing"
    if word == "reversed" and not any(line.state == REVERSED for line in payments):
        yield "the record says reversed, and the terminal does not"
    if any(line.cents != _CENTS for line in payments):
        yield f"the terminal has other amounts: {[line.cents for line in payments]}"
    for entry in run.entries:
        cents = getattr(getattr(entry.body, "receipt", None), "cents", None)
        asked = entry.body.cents if entry.body.kind == "payment_intent" else _CENTS
        if cents not in (None, _CENTS) or asked != _CENTS:
            yield f"{entry.body.kind} has another amount: {cents}, {asked}"


def _of_the_record(run: Outcome) -> Iterator[str]:
    kinds = [entry.body.kind for entry in run.entries]
    if run.left.in_doubt or run.left.interrupted:
        yield f"a start left something undone: {run.left}"
    if [entry.sequence for entry in run.entries] != list(range(1, len(run.entries) + 1)):
        yield "the record has a gap"
    if "ticket_delivered" in kinds and not run.papers:
        yield "a ticket that is out is on no paper"
    booked, released = kinds.count("slot_booked"), kinds.count("slot_released")
    in_case = next((n for n, entry in enumerate(run.entries) if _is_about_money(entry.body)), len(kinds))
    # Before the terminal said that it had taken the money after all, nobody could know.
    away = kinds[in_case:] if "payment_approved_late" in kinds else kinds
    keeps = became(run) in ("paid", "case") or bool(open_cases(run))
    if booked and not keeps and released != booked:
        yield f"nothing is paid, and the appointment stays ({became(run)})"
    if booked and became(run) in ("paid", "case") and "slot_released" in away:
        yield "paid, or perhaps, and the appointment is given away"


def _of_a_late_yes(run: Outcome) -> Iterator[str]:
    """A yes after a no is a case in the same breath, with its evidence, and nothing is sold until people close it."""
    bodies = [entry.body for entry in run.entries]
    cases = set()
    for body, following in zip(bodies, [*bodies[1:], None], strict=True):
        if isinstance(body, CaseOpened) and body.about == "payment":
            cases.add(body.case_id)
        elif isinstance(body, CaseClosed):
            cases.discard(body.case_id)
        elif isinstance(body, PaymentSent) and cases:
            yield "a payment was sent while people were to decide about another"
        elif isinstance(body, PaymentApprovedLate):
            if not (isinstance(following, CaseOpened) and following.payment_id == body.payment_id):
                yield "a late approval, and no case with it"
            elif body.reason not in following.reason:
                yield f"a case that does not say what had been said before: {following.reason}"
            if body.receipt.cents != _CENTS or body.receipt.receipt_number is None:
                yield f"a late approval without its evidence: {body.receipt}"


def _is_about_money(body: EntryBody) -> bool:
    return isinstance(body, CaseOpened) and body.about == "payment"


def _of_the_screen(run: Outcome) -> Iterator[str]:
    """What a parent reads while nobody knows."""
    for log in run.logs:
        unknown = False
        for line in log:
            match line:
                case {"what": "entry", "kind": "payment_unknown" | "payment_approved_late"}:
                    unknown = True
                case {"what": "entry", "kind": "payment_paid" | "payment_not_paid"}:
                    unknown = False
                case {"what": "view", "situation": str(shown)} if unknown and shown in _SAYS_PAID | _SAYS_FAILED:
                    yield f"unknown, and the screen says {shown}"
                case _:
                    pass


def _of_the_day(run: Outcome) -> Iterator[str]:
    days: list[Any] = [entry.body for entry in run.entries if entry.body.kind.startswith("day_")]
    closing = {day.day_id: day for day in days if day.kind == "day_closing"}
    cases = [case for case in open_cases(run) if case.about == "day"]
    for day_id, begun in closing.items():
        ends = [day for day in days if day.kind != "day_closing" and day.day_id == day_id]
        if len(ends) != 1:
            yield f"an end of day with {len(ends)} answers"
            continue
        differs = ends[0].kind == "day_closed" and ends[0].cents not in (None, begun.cents)
        uncertain = ends[0].kind == "day_not_closed" and not ends[0].certain
        if (differs or uncertain) and not cases:
            yield "a day that does not add up, and no case"
        if cases and not (differs or uncertain):
            yield "a day that adds up, and a case"
