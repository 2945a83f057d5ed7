"""Every way a payment can go, held against the simulated terminal's own ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

import pytest

from hardware.terminal.zvt.apdu import Apdu
from kiosk.demo.rig import Rig
from kiosk.domain.quote import Service
from kiosk.domain.record.entries import CardRefused, CaseClosed
from kiosk.domain.wire import CaseDecision
from kiosk.journal import JournalError
from kiosk.visit import events as e
from kiosk.visit import view as v
from kiosk.visit.events import Fault, NotPaidReason
from kiosk.visit.view import Situation

from .walk import PATIENCE_SECONDS, QUICK_DEVICES, Walk, a_rig, captured, words

S = Situation


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with a_rig(tmp_path_factory.mktemp("payments"), backend=False, pcsc=False) as rig:
        yield rig


@pytest.fixture
def begin(rig: Rig, tmp_path: Path) -> Iterator[Callable[..., Walk]]:
    """Starts a kiosk with its own journal; puts the terminal right again at the end."""
    started: list[Walk] = []

    def make(**choices: object) -> Walk:
        timing = {"farewell": 0.1}
        started.append(Walk(rig, tmp_path, timing=timing, **choices))  # type: ignore[arg-type]
        started[-1].before = len(started[-1].ledger())
        return started[-1].start()

    yield make
    rig.card.remove()
    rig.terminal.do("plug")
    rig.terminal.do("speak")
    rig.terminal.do("set", approves_late=False, late_ms=500, heeds_refusal=True)
    for walk in started:
        walk.stop()


def test_a_declined_payment_is_tried_again_and_paid(begin: Callable[..., Walk]) -> None:
    walk = begin().to_pay()
    walk.at_terminal("decline").until(S.NOT_PAID, holds=lambda view: view.can_continue)
    assert walk.content(v.NotPaidView).reason == NotPaidReason.DECLINED.value
    walk.ask_to_pay().pay().leave()
    assert [line["state"] for line in walk.new_lines()] == ["declined", "captured"]
    assert walk.body("payment_not_paid").result_code == 5
    assert walk.kinds().count("request_made") == walk.kinds().count("slot_booked") == 1


def test_a_customer_who_aborts_at_the_terminal_pays_nothing_and_may_stop(begin: Callable[..., Walk]) -> None:
    walk = begin().to_pay()
    free = len(walk.kiosk.journal.free_slots(walk.now()))
    walk.at_terminal("abort").until(S.NOT_PAID)
    assert walk.content(v.NotPaidView).reason == NotPaidReason.ABORTED.value
    walk.stop_visit().leave()
    assert not walk.new_lines()
    assert len(walk.kiosk.journal.free_slots(walk.now())) == free + 1


def test_a_parent_who_cancels_on_the_screen_pays_nothing(begin: Callable[..., Walk]) -> None:
    walk = begin().to_pay()
    walk.touch(e.CancelPayment(), e.CancelPayment()).until(S.NOT_PAID)
    assert walk.content(v.NotPaidView).reason == NotPaidReason.ABORTED.value
    assert not walk.new_lines()
    walk.stop_visit().leave()


def test_a_wrong_pin_is_shown_and_the_right_one_pays(begin: Callable[..., Walk]) -> None:
    walk = begin().to_pay()
    walk.at_terminal("wrong_pin_then_right").until(S.TAKE)
    shown = [view.content.message for view in walk.views if isinstance(view.content, v.PayView)]
    assert e.TerminalMessage.WRONG_PIN in shown
    assert [line["cents"] for line in captured(walk.new_lines())] == [walk.total_cents]
    walk.leave()


def test_silence_in_mid_payment_is_unknown_looked_up_and_paid(begin: Callable[..., Walk]) -> None:
    walk = begin().to_pay()
    walk.at_terminal("silence_after_approval").at_terminal("approve").until(S.OUTCOME_UNKNOWN)
    walk.until(S.TAKE)
    assert [line["cents"] for line in captured(walk.new_lines())] == [walk.total_cents]
    paid = walk.body("payment_paid")
    assert paid.found_afterwards and paid.receipt.cents == walk.total_cents
    assert "case_opened" not in walk.kinds() and walk.kinds().count("payment_sent") == 1
    walk.leave()


def test_a_completion_that_is_lost_is_looked_up_and_paid(begin: Callable[..., Walk]) -> None:
    walk = begin().to_pay()
    walk.at_terminal("set", loses_completion=True).at_terminal("approve").until(S.TAKE)
    assert walk.body("payment_paid").found_afterwards
    assert [line["cents"] for line in captured(walk.new_lines())] == [walk.total_cents]
    walk.leave()


def test_silence_for_good_becomes_a_case_with_a_slip_and_nobody_pays_until_it_is_decided(
    begin: Callable[..., Walk],
) -> None:
    walk = begin(devices=replace(QUICK_DEVICES, look_up_for=0.5)).to_pay()
    walk.at_terminal("silence").until(S.OUTCOME_UNKNOWN)
    assert walk.content(v.OutcomeUnknownView).looking and not walk.view.can_continue
    walk.until(
        S.OUTCOME_UNKNOWN, holds=lambda view: isinstance(view.content, v.OutcomeUnknownView) and view.content.slip_out
    )
    code = walk.content(v.OutcomeUnknownView).ticket_code
    assert code in words(walk.paper())
    case = walk.body("case_opened")
    assert (case.about, case.payment_id) == ("payment", walk.body("payment_sent").payment_id)
    walk.at_terminal("speak")
    walk.touch(e.Continue()).until(S.GOODBYE)
    walk.leave()
    # The next parent is served, but not for money.
    walk.until_fault(Fault.OPEN_CASE)
    walk.begin().card().until(S.SERVICE)
    assert walk.content(v.ServiceView).closed == {Service.APPLICATION}
    walk.touch(e.ServiceChosen(Service.APPLICATION), e.ServiceChosen(Service.COLLECTION)).until(S.CHILD_NAME)
    assert walk.kiosk.visit.answers.service is Service.COLLECTION
    walk.stop_visit().leave()
    assert "slot_released" not in walk.kinds()


def test_a_cable_pulled_before_paying_charges_nothing_and_can_be_tried_again(begin: Callable[..., Walk]) -> None:
    walk = begin(devices=replace(QUICK_DEVICES, terminal_look=60.0)).begin().card().service().child().to_review()
    walk.unplug().touch(e.Continue()).until(S.NOT_PAID)
    assert walk.content(v.NotPaidView).reason == NotPaidReason.UNREACHABLE.value
    assert not walk.content(v.NotPaidView).can_retry
    assert "payment_intent" not in walk.kinds()
    walk.stop_visit().leave()


def test_without_a_terminal_only_what_is_free_is_served_until_it_is_back(begin: Callable[..., Walk]) -> None:
    walk = begin()
    walk.unplug().until_fault(Fault.TERMINAL)
    walk.begin().card().until(S.SERVICE)
    assert walk.content(v.ServiceView).closed == {Service.APPLICATION}
    walk.touch(e.ServiceChosen(Service.APPLICATION), e.ServiceChosen(Service.COLLECTION)).until(S.CHILD_NAME)
    assert walk.kiosk.visit.answers.service is Service.COLLECTION
    walk.stop_visit().leave()
    walk.plug().until_fault(Fault.TERMINAL, holds=False)
    walk.to_pay().pay().leave()


def test_a_cable_pulled_in_mid_payment_is_unknown_and_resolved_when_it_is_back(begin: Callable[..., Walk]) -> None:
    walk = begin().to_pay()
    walk.unplug().until(S.OUTCOME_UNKNOWN)
    walk.touch(e.Continue(), e.Back(), e.Stop(), e.Stop(), e.CancelPayment())  # nothing of it decides anything
    walk.plug().until(S.NOT_PAID, holds=lambda view: view.can_continue)
    assert walk.body("payment_not_paid").found_afterwards
    walk.ask_to_pay().pay().leave()
    assert [line["cents"] for line in captured(walk.new_lines())] == [walk.total_cents]


def test_a_terminal_that_refuses_to_begin_charges_nothing(begin: Callable[..., Walk]) -> None:
    walk = begin().begin().card().service().child().to_review()
    walk.at_terminal("set", refuse=0x83).touch(e.Continue()).until(S.NOT_PAID)
    assert walk.content(v.NotPaidView).reason == NotPaidReason.REFUSED.value
    assert not walk.new_lines()
    walk.stop_visit().leave()


def test_touches_and_cards_in_mid_payment_change_nothing(begin: Callable[..., Walk]) -> None:
    walk = begin().to_pay()
    walk.touch(e.Continue(), e.Continue(), e.Back(), e.Stop(), e.Stop(), e.LanguageChosen("en"), e.HelpWanted())
    walk.take_card().card("joao")
    walk.touch(e.Continue()).pay()
    assert [line["cents"] for line in captured(walk.new_lines())] == [walk.total_cents]
    assert walk.kinds().count("payment_sent") == walk.kinds().count("ticket_delivered") == 1
    assert walk.view.overlay is None and walk.view.language == "en"
    walk.leave()


def test_an_open_card_number_from_the_terminal_goes_nowhere(
    begin: Callable[..., Walk], rig: Rig, tmp_path: Path
) -> None:
    walk = begin().at_terminal("set", leaky=True).to_pay().pay()
    paper = words(walk.paper())
    walk.at_terminal("set", leaky=False).leave()
    journal = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert walk.body("payment_paid").receipt.masked_pan == "670342*******1234"
    for number in ("67034200000001234", "6703 4200 0000 0123 4"):
        assert number not in paper and number.encode() not in journal


@pytest.mark.parametrize(("heeds", "state"), [(True, "reversed"), (False, "captured")])
def test_an_approval_after_the_terminals_own_no_is_a_case_with_a_slip_and_nobody_pays_until_it_is_closed(
    begin: Callable[..., Walk], heeds: bool, state: str
) -> None:
    walk = begin().at_terminal("set", approves_late=True, late_ms=60_000, heeds_refusal=heeds).to_pay()
    walk.at_terminal("decline").until(S.NOT_PAID)
    assert walk.content(v.NotPaidView).reason == NotPaidReason.DECLINED.value
    walk.at_terminal("set", late_ms=0)  # now the host says yes
    walk.until(
        S.OUTCOME_UNKNOWN, holds=lambda view: isinstance(view.content, v.OutcomeUnknownView) and view.content.slip_out
    )
    assert walk.rig.terminal.wait_for("approved_late")["answer"] == 0x66  # refused: it is not ours to keep
    paper = words(walk.paper())
    assert walk.content(v.OutcomeUnknownView).ticket_code in paper
    assert [line["state"] for line in walk.new_lines()[:2]] == ["declined", state]
    late, case = walk.body("payment_approved_late"), walk.body("case_opened")
    assert walk.kinds().index("case_opened") == walk.kinds().index("payment_approved_late") + 1
    assert late.receipt.cents == walk.total_cents
    assert (
        f"receipt {late.receipt.receipt_number}" in case.reason and 'it had said "declined" (result 5)' in case.reason
    )
    walk.touch(e.Continue()).until(S.GOODBYE)
    walk.leave()
    assert "slot_released" not in walk.kinds()
    walk.until_fault(Fault.OPEN_CASE).until_fault(Fault.TERMINAL, holds=False)
    walk.begin().card().until(S.SERVICE)
    assert walk.content(v.ServiceView).closed == {Service.APPLICATION}
    walk.stop_visit().leave()
    wait_until(lambda: not walk.kiosk.late.too_early(case.case_id))
    outcome = "not-paid" if heeds else "paid"
    walk.kiosk._case_decided(CaseDecision(case_id=case.case_id, decision="asked the bank", outcome=outcome, by="an"))
    walk.until_fault(Fault.OPEN_CASE, holds=False)
    walk.to_pay().pay().leave()


def test_an_approval_after_a_look_up_said_not_paid_is_a_case(begin: Callable[..., Walk]) -> None:
    walk = begin().at_terminal("set", approves_late=True, late_ms=60_000).to_pay()
    walk.unplug().until(S.OUTCOME_UNKNOWN)
    walk.plug().until(S.NOT_PAID, holds=lambda view: view.can_continue)
    assert walk.body("payment_not_paid").found_afterwards
    walk.at_terminal("set", late_ms=0).until(S.OUTCOME_UNKNOWN, holds=lambda view: view.can_continue)
    late, case = walk.body("payment_approved_late"), walk.body("case_opened")
    assert late.payment_id == case.payment_id == walk.body("payment_sent").payment_id
    assert "a look-up had shown it as not paid" in case.reason
    walk.touch(e.Continue()).until(S.GOODBYE)
    walk.leave()
    assert "slot_released" not in walk.kinds()


def test_a_late_approval_that_the_disk_does_not_take_is_out_of_service_and_in_the_heartbeat(
    begin: Callable[..., Walk],
) -> None:
    walk = begin().at_terminal("set", approves_late=True, late_ms=60_000).to_pay()
    walk.at_terminal("decline").until(S.NOT_PAID)
    walk.stop_visit().leave()
    record = walk.kiosk.journal._connection
    record.execute("PRAGMA max_page_count=1")  # no page more; what is written fills those that there are
    for size in (3000, 300, 30, 1):
        with suppress(JournalError):
            while True:
                walk.kiosk.journal.append(CardRefused(reason="x" * size))
    walk.at_terminal("set", late_ms=0).until(S.OUT_OF_SERVICE)
    assert walk.content(v.OutOfServiceView).faults == {Fault.MONEY_UNRECORDED}
    beat = walk.kiosk._status()
    assert not beat.in_service and beat.report.faults == ("money-unrecorded",)
    record.execute("PRAGMA max_page_count=1000000")
    walk.until(S.WELCOME)
    walk.until_fault(Fault.OPEN_CASE)
    assert walk.body("case_opened").payment_id == walk.body("payment_sent").payment_id
    assert walk.kiosk._status().report.faults == ("open-case",)


def test_a_parent_who_goes_as_the_approval_comes_has_the_appointment_or_gave_it_back_before(
    begin: Callable[..., Walk],
) -> None:
    """Seen: the case was written while the visit ended, and the appointment of what was perhaps paid given away."""
    walk = begin().to_pay()
    walk.at_terminal("decline").until(S.NOT_PAID, holds=lambda view: view.can_continue)
    core = walk.kiosk.core
    shown, told = core._show, list[Thread]()
    heard = walk.kiosk.terminal._terminal._session.heard_late  # as the driver calls it, on a thread of its own
    late = Apdu(0x040F, bytes.fromhex(f"2700 04 {walk.total_cents:012d} 87 0999"))

    def show(view: v.View) -> None:
        if view.overlay is v.Overlay.STOP and not told:  # between the two touches of a parent who goes
            told.append(Thread(target=lambda: heard(late)))
            told[0].start()
            told[0].join(timeout=0.3)
        shown(view)

    core._show = show
    walk.touch(e.Stop(), e.Stop()).until(S.GOODBYE, S.WELCOME)
    told[0].join()
    assert walk.kinds().index("slot_released") < walk.kinds().index("payment_approved_late")
    assert walk.kiosk.journal.open_cases("payment") == 1


def test_a_second_try_that_finds_the_first_one_approved_is_never_sent(begin: Callable[..., Walk]) -> None:
    """The kiosk looks at its terminal now and then only: the yes lies on the line until it is asked again."""
    devices = replace(QUICK_DEVICES, terminal_look=60.0)
    walk = begin(devices=devices).at_terminal("set", approves_late=True, late_ms=0, heeds_refusal=False).to_pay()
    walk.at_terminal("decline").until(S.NOT_PAID, holds=lambda view: view.can_continue)
    walk.touch(e.Continue()).until(S.OUTCOME_UNKNOWN, holds=lambda view: view.can_continue)
    assert walk.kinds().count("payment_sent") == 1
    assert walk.body("case_opened").payment_id == walk.body("payment_sent").payment_id
    walk.rig.terminal.wait_for("approved_late")
    assert len(captured(walk.new_lines())) == 1  # by the first, which this terminal keeps
    walk.touch(e.Continue()).until(S.GOODBYE)
    walk.leave()


def test_nobody_closes_a_payment_as_not_paid_while_the_terminal_waits_for_its_card(begin: Callable[..., Walk]) -> None:
    walk = left_in_doubt(begin)
    case = walk.body("case_opened").case_id
    not_paid = CaseDecision(case_id=case, decision="missing in the list", outcome="not-paid", by="an")
    walk.kiosk._case_decided(not_paid)  # as the upload hands it in
    assert walk.kiosk.late.too_early(case) and "case_closed" not in walk.kinds()
    walk.at_terminal("speak").at_terminal("abort")  # the customer presses stop, and nobody hears it
    walk.until_fault(Fault.TERMINAL, holds=False)
    wait_until(lambda: not walk.kiosk.late.too_early(case))  # it says that it is ready: at the next look
    walk.kiosk._case_decided(not_paid)
    assert walk.body("case_closed").outcome == "not-paid"
    assert not captured(walk.new_lines())


def test_an_approval_after_the_payment_was_closed_as_not_paid_is_a_new_case(begin: Callable[..., Walk]) -> None:
    walk = left_in_doubt(begin)
    first = walk.body("case_opened")
    closed = CaseClosed(case_id=first.case_id, decision="a quarter of an hour had gone", outcome="not-paid", by="an")
    assert walk.kiosk.journal.close_case(closed) and not walk.kiosk.journal.open_cases("payment")
    walk.at_terminal("speak").at_terminal("approve")
    wait_until(lambda: walk.kiosk.journal.open_cases("payment") == 1)
    again = walk.bodies("case_opened")[-1]
    assert again.case_id != first.case_id
    assert (again.payment_id, again.ticket_id) == (first.payment_id, first.ticket_id)
    assert "after it had been closed as not paid" in again.reason
    walk.until_fault(Fault.OPEN_CASE)  # nobody pays by card until people have looked
    assert not captured(walk.new_lines())  # this terminal takes it back, as it was told; another may not


# --- helpers --------------------------------------------------------------------------------------------


def left_in_doubt(begin: Callable[..., Walk]) -> Walk:
    """The parent has gone with a slip, and the terminal, of which nothing is heard, still waits for the card."""
    walk = begin(devices=replace(QUICK_DEVICES, look_up_for=0.5)).to_pay()
    walk.at_terminal("set", card_wait=600.0).at_terminal("silence").until(S.OUTCOME_UNKNOWN)
    walk.until_recorded("case_opened")
    walk.until(S.OUTCOME_UNKNOWN, holds=lambda view: view.can_continue)
    walk.touch(e.Continue()).until(S.GOODBYE)
    return walk.leave()


def wait_until(condition: Callable[[], bool]) -> None:
    until = monotonic() + PATIENCE_SECONDS
    while not condition():
        assert monotonic() < until
        sleep(0.02)
