"""Paper that is missing: no payment without paper, and no capture without a ticket or a case."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk.demo.rig import Rig
from kiosk.domain.quote import Service
from kiosk.visit import events as e
from kiosk.visit import view as v
from kiosk.visit.events import Fault
from kiosk.visit.view import Situation

from .walk import Walk, a_rig, captured, words

S = Situation
BEFORE_THE_END = 900  # bytes: the head of the ticket is on paper, its end is not


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with a_rig(tmp_path_factory.mktemp("printing"), backend=False, pcsc=False) as rig:
        yield rig


@pytest.fixture
def begin(rig: Rig, tmp_path: Path) -> Iterator[Callable[..., Walk]]:
    """Starts a kiosk with its own journal; puts the printer right again at the end."""
    started: list[Walk] = []

    def make(situation: Situation = S.WELCOME, **timing: float) -> Walk:
        started.append(Walk(rig, tmp_path, timing={"farewell": 0.1, **timing}))
        started[-1].before = len(started[-1].ledger())
        return started[-1].start(situation)

    yield make
    rig.card.remove()
    rig.printer.do("power", on=True)
    rig.printer.do("cover", open=False)
    rig.printer.do("refill")
    for walk in started:
        walk.stop()


def test_without_paper_the_kiosk_is_out_of_service_until_it_is_refilled(begin: Callable[..., Walk]) -> None:
    walk = begin().printer("paper", state="out")
    walk.until(S.OUT_OF_SERVICE)
    assert walk.content(v.OutOfServiceView).faults == {Fault.PAPER_OUT}
    walk.printer("refill").until(S.WELCOME)


@pytest.mark.parametrize(
    ("break_it", "mend_it"),
    [
        ({"what": "paper", "state": "out"}, {"what": "refill"}),
        ({"what": "cover", "open": True}, {"what": "cover", "open": False}),
        ({"what": "power", "on": False}, {"what": "power", "on": True}),
    ],
    ids=["paper", "cover", "power"],
)
def test_payment_does_not_start_with_a_printer_in_trouble(
    begin: Callable[..., Walk], break_it: dict[str, object], mend_it: dict[str, object]
) -> None:
    walk = begin().begin().card().service().child().to_review()
    walk.printer(**break_it).until(S.REVIEW, holds=lambda view: not view.can_continue)
    walk.touch(e.Continue(), e.Continue()).until_quiet()
    assert walk.view.situation is S.REVIEW and not walk.new_lines()
    walk.printer(**mend_it).until(S.REVIEW, holds=lambda view: view.can_continue)
    walk.ask_to_pay().pay().leave()


def test_paper_that_ends_in_mid_ticket_is_refilled_and_a_copy_comes_out(begin: Callable[..., Walk]) -> None:
    walk = begin().to_pay()
    walk.printer("fault_at", bytes=BEFORE_THE_END, fault="paper-out").at_terminal("approve").until(S.PRINT_TROUBLE)
    trouble = walk.content(v.PrintTroubleView)
    assert (trouble.reason, trouble.paid_cents) == ("paper-out", walk.total_cents)
    walk.printer("refill").until(S.TAKE)
    copy = walk.whole_paper(trouble.ticket_code)
    assert walk.verified(copy).code == trouble.ticket_code
    assert [body.copy_mark for body in walk.bodies("print_started")] == [False, True]
    assert [body.certain for body in walk.bodies("print_failed")] == [False]
    assert len(captured(walk.new_lines())) == 1 and "case_opened" not in walk.kinds()
    walk.leave()


def test_paper_that_ends_while_paying_is_refilled_and_the_ticket_comes_out(begin: Callable[..., Walk]) -> None:
    walk = begin().to_pay().printer("paper", state="out")
    walk.until_fault(Fault.PAPER_OUT).at_terminal("approve").until(S.PRINT_TROUBLE)
    walk.printer("refill").until(S.TAKE)
    assert [body.copy_mark for body in walk.bodies("print_started")] == [False, False]  # surely nothing came out
    walk.leave()


def test_a_cover_opened_in_mid_ticket_is_closed_and_a_copy_comes_out(begin: Callable[..., Walk]) -> None:
    walk = begin().to_pay()
    walk.printer("fault_at", bytes=BEFORE_THE_END, fault="cover-open").at_terminal("approve").until(S.PRINT_TROUBLE)
    assert walk.content(v.PrintTroubleView).reason == "cover-open"
    walk.printer("cover", open=False).until(S.TAKE)
    walk.leave()


def test_a_printer_that_loses_its_power_in_mid_ticket_prints_a_copy_when_it_is_back(begin: Callable[..., Walk]) -> None:
    walk = begin().to_pay()
    walk.printer("fault_at", bytes=BEFORE_THE_END, fault="power").at_terminal("approve").until(S.PRINT_TROUBLE)
    walk.printer("power", on=True).until(S.TAKE)
    assert walk.bodies("print_started")[-1].copy_mark
    walk.leave()


def test_a_ticket_that_never_comes_out_becomes_a_case_and_the_request_stays(begin: Callable[..., Walk]) -> None:
    walk = begin(print_trouble=0.3).to_pay()
    walk.printer("fault_at", bytes=BEFORE_THE_END, fault="paper-out").at_terminal("approve").until(S.GOODBYE)
    assert walk.body("case_opened").about == "ticket"
    assert {"slot_released", "ticket_delivered"}.isdisjoint(walk.kinds())
    walk.take_card().until(S.OUT_OF_SERVICE)
    walk.printer("refill").until(S.WELCOME)
    walk.to_pay().pay().leave()  # a ticket that people look for keeps nobody else from paying


def test_a_free_service_is_printed_without_paying(begin: Callable[..., Walk]) -> None:
    walk = begin().begin("en").card().service(Service.COLLECTION).child(age=5).to_review()
    walk.touch(e.Continue()).until(S.TAKE)
    assert walk.content(v.TakeView).paid_cents == 0
    claims = walk.verified(walk.paper())
    assert (claims.service, claims.payment.cents) == ("collection", 0)
    assert not walk.new_lines()
    walk.leave()


def test_double_touches_print_one_ticket_and_end_one_visit(begin: Callable[..., Walk]) -> None:
    walk = begin().begin().card().service(Service.COLLECTION).child(age=5).to_review()
    walk.touch(e.Continue(), e.Continue(), e.Continue()).until(S.TAKE)
    walk.touch(e.Continue(), e.Continue()).until(S.GOODBYE)
    assert walk.kinds().count("print_started") == walk.kinds().count("visit_closed") == 1
    assert walk.body("request_made").ticket_code in words(walk.paper())
    walk.leave()
