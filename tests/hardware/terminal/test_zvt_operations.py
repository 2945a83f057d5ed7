"""What a terminal is asked for besides payments, and the habits of the field, over a real line."""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime
from typing import Any

import pytest

from hardware.simulators.process import SimulatorProcess
from hardware.simulators.terminal.settings import STAGES
from hardware.terminal import outcome as out
from hardware.terminal.outcome import Goods, Message, PaymentOutcome, Reason
from hardware.terminal.zvt.client import ZvtTerminal
from hardware.terminal.zvt.commands import Receipts
from tests.hardware.terminal.till import CENTS, SHORT, Till, arrange, remembers_one


def is_serial(simulator: SimulatorProcess) -> bool:
    return not simulator.ready["port"].startswith("tcp:")


def kinds(till: Till) -> list[tuple[str, str]]:
    return [(entry["kind"], entry["state"]) for entry in till.ledger()]


# --- Money back ------------------------------------------------------------------------------------------


def test_a_refund_goes_to_the_card_that_is_presented(till: Till) -> None:
    seen: list[Message] = []

    def show(progress: out.Progress) -> None:
        seen.append(progress.message)
        if progress.message is Message.PRESENT_CARD:
            till.simulator.do("tap")

    done = till.terminal.refund(CENTS, on_message=show)
    assert (done.outcome, done.detail, done.result_code) == (out.RefundOutcome.REFUNDED, "refunded", 0)
    assert done.receipt is not None and done.receipt.amount_cents == CENTS
    assert any("TERUGBETALING" in line for line in done.receipt.text)
    assert seen[0] is Message.PRESENT_CARD
    assert kinds(till) == [("refund", "captured")]


def test_a_refund_can_be_stopped_or_refused(till: Till) -> None:
    stopped = till.terminal.refund(CENTS, on_message=lambda _progress: till.terminal.request_abort())
    assert (stopped.outcome, stopped.result_code) == (out.RefundOutcome.NOT_REFUNDED, 0x6C)
    arrange(till.simulator, "mode", automatic="decline")
    assert till.terminal.refund(CENTS).outcome is out.RefundOutcome.NOT_REFUNDED
    assert kinds(till) == [("payment", "declined")]


def test_a_refund_that_is_cut_short_is_unknown(till: Till) -> None:
    result = till.terminal.refund(CENTS, on_message=lambda _progress: till.simulator.do("unplug"))
    assert result.outcome is out.RefundOutcome.UNKNOWN


@pytest.mark.parametrize("cents", [0, -5, 10**12])
def test_impossible_refunds_are_not_asked_for(till: Till, cents: int) -> None:
    with pytest.raises(ValueError, match="cannot be asked for"):
        till.terminal.refund(cents)


# --- The end of day --------------------------------------------------------------------------------------


def test_the_end_of_day_is_told_by_group_of_cards(till: Till) -> None:
    remembers_one(till)
    remembers_one(till)
    closed = till.terminal.end_of_day()
    assert (closed.done, closed.total_cents, closed.count) == (True, 2 * CENTS, 2)
    assert (closed.first_receipt, closed.last_receipt) == (231, 232)
    assert closed.card_totals[-1] == out.CardTotal("other cards", 2, 2 * CENTS)
    assert [part.count for part in closed.card_totals] == [0, 0, 0, 0, 0, 0, 2]


@pytest.mark.parametrize(
    ("omits", "total", "count"), [(["amount"], CENTS, 1), (["totals"], CENTS, None), (["amount", "totals"], None, None)]
)
def test_an_end_of_day_may_tell_less(till: Till, omits: list[str], total: int | None, count: int | None) -> None:
    remembers_one(till)
    arrange(till.simulator, "set", omits=omits)
    closed = till.terminal.end_of_day()
    assert (closed.done, closed.total_cents, closed.count) == (True, total, count)


def test_an_end_of_day_that_is_refused_is_not_done(till: Till) -> None:
    arrange(till.simulator, "set", refuse_end_of_day=0x77)
    closed = till.terminal.end_of_day()
    assert (closed.done, closed.result_code, closed.total_cents) == (False, 0x77, None)
    assert "end of day not possible" in closed.detail


def test_a_terminal_that_updates_after_its_end_of_day_says_so(till: Till) -> None:
    arrange(till.simulator, "set", condition_after_end_of_day=0xE0)
    assert till.terminal.end_of_day().done
    assert till.terminal.status() == out.Maintenance(0xE0)


# --- Upkeep ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("condition", "upkeep"), [(0x51, "initialisation"), (0xC2, "diagnosis"), (0x62, "set-clock")])
def test_what_a_condition_asks_for_makes_the_terminal_ready(till: Till, condition: int, upkeep: str) -> None:
    arrange(till.simulator, "set", condition=condition)
    status = till.terminal.status()
    assert isinstance(status, out.NeedsUpkeep) and status.upkeep == upkeep
    done = till.terminal.upkeep(status.upkeep)
    assert done.done and done.detail == "done"
    assert till.terminal.status() == out.Ready()


def test_the_clock_is_set_to_the_time_in_brussels(till: Till) -> None:
    assert till.terminal.upkeep(out.Upkeep.SET_CLOCK).done
    told = datetime.fromisoformat(till.simulator.wait_for("clock_set")["at"])
    assert abs((told - datetime.now(UTC)).total_seconds()) < 5


def test_an_enquiry_that_lets_the_terminal_work_first_waits_for_it(till: Till) -> None:
    arrange(till.simulator, "set", enquiry_jobs=3)
    assert till.terminal.status() == out.Ready()


def test_a_refused_registration_is_a_value(simulator: SimulatorProcess, terminal: ZvtTerminal) -> None:
    arrange(simulator, "set", refuse_registration=0x7D)
    assert terminal.status() == out.NotRegistered(0x7D)
    result = terminal.pay(CENTS, on_approved=lambda _receipt: True)
    assert (result.outcome, result.reason, result.result_code) == (PaymentOutcome.NOT_PAID, Reason.REFUSED, 0x7D)


# --- Receipts --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("receipts", Receipts)
def test_receipts_come_as_the_kiosk_registered(simulator: SimulatorProcess, receipts: Receipts) -> None:
    arrange(simulator, "mode", automatic="approve")
    terminal = ZvtTerminal.at(simulator.ready["port"], receipts=receipts, timing=SHORT)
    result = terminal.pay(CENTS, on_approved=lambda _receipt: True)
    terminal.close()
    assert result.outcome is PaymentOutcome.PAID and result.receipt is not None
    has_text = receipts is not Receipts.FROM_STATUS
    assert simulator.wait_for("registered")["configuration"] == (0xBE if has_text else 0x3E)
    assert bool(result.receipt.text) == has_text
    assert not has_text or (result.receipt.text[-1], result.receipt.merchant_text[-1]) == (
        "Kopie klant",
        "Kopie handelaar",
    )
    assert (result.receipt.card_name, result.receipt.masked_pan) == ("Bancontact", "670342*******1234")


GREETING = "Crème brûlée für Łukasz ğüş €"


@pytest.mark.parametrize(
    ("charset", "greeting"),
    [
        ("cp437", "Crème brûlée für ½"),
        ("iso8859-1", "Crème brûlée für ½"),
        ("iso8859-15", "Œuf €"),
        ("utf-8", GREETING),
    ],
)
def test_every_charset_that_is_named_is_read(till: Till, charset: str, greeting: str) -> None:
    arrange(till.simulator, "set", charset=charset, greeting=greeting)
    result = till.pay(when_asked=till.does("tap"))
    assert result.receipt is not None
    assert result.receipt.text[-2:] == (greeting, "Kopie klant")


def test_a_charset_that_is_not_named_can_be_configured(simulator: SimulatorProcess) -> None:
    arrange(simulator, "set", charset="iso8859-1", names_charset=False, greeting="Crème brûlée", automatic="approve")
    for receipts in (Receipts.BLOCKS, Receipts.LINES):
        terminal = ZvtTerminal.at(simulator.ready["port"], charset=0x01, receipts=receipts, timing=SHORT)
        result = terminal.pay(CENTS, on_approved=lambda _receipt: True)
        terminal.close()
        assert result.receipt is not None and "Crème brûlée" in result.receipt.text


def test_a_receipt_that_must_be_printed_says_so(till: Till) -> None:
    paid = till.pay(when_asked=till.does("tap"))
    assert paid.receipt is not None and not paid.receipt.must_print
    arrange(till.simulator, "set", must_print=True)
    paid = till.pay(when_asked=till.does("tap"))
    assert paid.receipt is not None and paid.receipt.must_print and not paid.receipt.signature_wanted


def test_a_decline_without_a_receipt_is_a_decline(till: Till) -> None:
    arrange(till.simulator, "set", prints_declines=False)
    result = till.pay(when_asked=till.does("decline"))
    assert (result.outcome, result.reason) == (PaymentOutcome.NOT_PAID, Reason.DECLINED)
    assert result.receipt is not None and result.receipt.text == ()


# --- Slow, strange and late ------------------------------------------------------------------------------


def test_a_slow_pin_is_waited_for_as_long_as_the_terminal_asks(till: Till) -> None:
    # Silences of 0.9 s, under a T4 of 1.2 s; together far more than it.
    result = till.pay(when_asked=till.does("slow_pin", times=3, every_ms=900))
    assert result.outcome is PaymentOutcome.PAID


def test_a_longer_t4_holds_until_the_next_enquiry(till: Till) -> None:
    result = till.pay(when_asked=till.does("slow_pin", times=1, every_ms=2000, minutes=1))
    assert result.outcome is PaymentOutcome.PAID


def test_goods_that_come_late_are_asked_for_again(till: Till) -> None:
    answers = iter([Goods.NOT_YET, Goods.NOT_YET, Goods.ISSUED])
    arrange(till.simulator, "mode", automatic="approve")
    result = till.terminal.pay(CENTS, on_approved=lambda _receipt: next(answers))
    assert result.outcome is PaymentOutcome.PAID
    assert next(answers, None) is None
    assert till.states() == ["captured"]


def test_goods_that_cannot_be_issued_are_not_paid(till: Till) -> None:
    arrange(till.simulator, "mode", automatic="approve")
    result = till.terminal.pay(CENTS, on_approved=lambda _receipt: Goods.NOT_ISSUED)
    assert (result.outcome, till.states()) == (PaymentOutcome.NOT_PAID, ["reversed"])


def test_an_approval_without_an_amount_is_ours(till: Till) -> None:
    arrange(till.simulator, "set", omits=["amount"])
    result = till.pay(when_asked=till.does("tap"))
    assert result.outcome is PaymentOutcome.PAID
    assert result.receipt is not None and result.receipt.amount_cents is None


def test_a_long_trace_number_is_the_trace_number(till: Till) -> None:
    arrange(till.simulator, "set", long_trace=True)
    result = till.pay(when_asked=till.does("tap"))
    assert result.receipt is not None and result.receipt.trace_number == 42


def test_the_same_approval_twice_is_one(till: Till) -> None:
    arrange(till.simulator, "set", second_status="same")
    result = till.pay(when_asked=till.does("tap"))
    assert result.outcome is PaymentOutcome.PAID
    assert len(till.approved) == 1


def test_an_approval_that_is_taken_back_is_unknown_until_it_is_looked_up(till: Till) -> None:
    arrange(till.simulator, "set", second_status="reversal")
    result = till.pay(when_asked=till.does("tap"))
    assert (result.outcome, result.reason) == (PaymentOutcome.UNKNOWN, Reason.CONTRADICTION)
    trace = result.receipt.trace_number if result.receipt else None
    found = till.terminal.look_up(
        CENTS, till.before.terminal_id, None, None, till.started, datetime.now(UTC), own_trace=trace
    )
    assert found.outcome is PaymentOutcome.NOT_PAID


def test_a_card_that_was_quicker_than_our_abort_is_paid(till: Till) -> None:
    arrange(till.simulator, "set", late_after_abort="approval", late_ms=200)
    result = till.pay(when_asked=till.terminal.request_abort)
    assert result.outcome is PaymentOutcome.PAID
    assert till.states() == ["captured"]


def test_late_frames_of_a_cancelled_payment_do_not_end_the_next(till: Till) -> None:
    arrange(till.simulator, "set", late_after_abort="frames", late_ms=0)
    assert till.pay(when_asked=till.terminal.request_abort).outcome is PaymentOutcome.NOT_PAID
    result = till.pay(when_asked=till.does("tap"))
    assert result.outcome is PaymentOutcome.PAID
    assert till.states() == ["captured"]


@pytest.mark.parametrize("reverses", [True, False])
def test_an_answer_that_the_terminal_missed_is_asked_after(till: Till, reverses: bool) -> None:
    remembers_one(till)
    arrange(till.simulator, "set", loses_answer=True, reverses_by_itself=reverses)
    result = till.pay(when_asked=till.does("tap"))
    truth = PaymentOutcome.NOT_PAID if reverses else PaymentOutcome.PAID
    assert result.outcome in (PaymentOutcome.UNKNOWN, truth)
    till.simulator.wait_for("missed_answer")
    if result.outcome is PaymentOutcome.UNKNOWN:
        assert till.look_up().outcome is truth


@pytest.mark.parametrize(
    ("stage", "reverses"),
    [
        *((stage, True) for stage in STAGES if stage != "completed"),
        ("approved", False),
        ("answered", False),
    ],
)
def test_a_restart_at_any_step_is_looked_up_right(till: Till, stage: str, reverses: bool) -> None:
    remembers_one(till)
    arrange(till.simulator, "set", reverses_by_itself=reverses)
    arrange(till.simulator, "at", stage=stage, fault="reboot", ms=50)
    result = till.pay(when_asked=till.does("tap"))
    assert result.outcome is PaymentOutcome.UNKNOWN
    found = till.look_up()
    captured = till.states()[1:] == ["captured"]
    assert found.outcome is (PaymentOutcome.PAID if captured else PaymentOutcome.NOT_PAID)


# --- The line --------------------------------------------------------------------------------------------


def test_bytes_one_by_one_and_frames_twice_change_nothing(till: Till) -> None:
    arrange(till.simulator, "byte_by_byte")
    arrange(till.simulator, "duplicate", count=20 if is_serial(till.simulator) else 0)
    result = till.pay(when_asked=till.does("tap"))
    assert result.outcome is PaymentOutcome.PAID and result.receipt is not None
    assert result.receipt.text.count("Kopie klant") == 1
    assert len(till.approved) == 1 and till.states() == ["captured"]


def test_frames_twice_print_no_line_twice(simulator: SimulatorProcess) -> None:
    arrange(simulator, "mode", automatic="approve")
    arrange(simulator, "duplicate", count=100 if is_serial(simulator) else 0)
    terminal = ZvtTerminal.at(simulator.ready["port"], receipts=Receipts.LINES, timing=SHORT)
    result = terminal.pay(CENTS, on_approved=lambda _receipt: True)
    terminal.close()
    assert result.receipt is not None and len(result.receipt.text) == len(set(result.receipt.text)) == 9


@pytest.mark.parametrize("seed", range(4))
def test_noise_never_turns_one_outcome_into_another(seed: int) -> None:
    start = ("--hurry", "10", "--seed", str(seed), "--noise", "0.0008", "--automatic", "approve")
    with SimulatorProcess("hardware.simulators.terminal", *start) as simulator:
        terminal = ZvtTerminal.at(simulator.ready["port"], timing=SHORT)
        outcomes = [terminal.pay(CENTS, on_approved=lambda _receipt: True).outcome for _ in range(4)]
        terminal.close()
        simulator.do("noise", rate=0.0)
        simulator.do("history")
        entries: list[dict[str, Any]] = simulator.wait_for("history")["entries"]
    captured = sum(entry["kind"] == "payment" and entry["state"] == "captured" for entry in entries)
    assert outcomes.count(PaymentOutcome.PAID) <= captured
    assert captured <= len(outcomes) - outcomes.count(PaymentOutcome.NOT_PAID)


def test_a_line_that_comes_and_goes_over_night_is_found_back_and_logged_once(
    till: Till, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for _night in range(2):
        till.simulator.do("unplug")
        till.simulator.wait_for("unplugged")
        for _enquiry in range(3):
            assert isinstance(till.terminal.status(), out.Disconnected)
        till.simulator.do("plug")
        till.simulator.wait_for("plugged")
        assert till.terminal.status() == out.Ready()
    said = [record.getMessage() for record in caplog.records]
    assert len([line for line in said if "port is gone" in line]) == 2
    assert said.count("the terminal's port is back") == 2


def test_an_abort_from_another_thread_is_heard_while_the_line_is_silent(till: Till) -> None:
    stopper = threading.Timer(0.2, till.terminal.request_abort)
    result = till.pay(when_asked=stopper.start)
    stopper.join()
    assert (result.outcome, result.reason) == (PaymentOutcome.NOT_PAID, Reason.ABORTED)
