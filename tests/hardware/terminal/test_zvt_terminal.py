"""Every outcome of a payment, over a real pseudo-terminal and over TCP, against a simulated terminal in its process."""

from __future__ import annotations

import json
import logging

import pytest

from hardware.simulators.process import SimulatorProcess
from hardware.simulators.terminal import messages
from hardware.terminal import outcome as out
from hardware.terminal.outcome import Message, PaymentOutcome, Reason
from hardware.terminal.zvt.client import ZvtTerminal
from tests.hardware.terminal.till import CENTS, SHORT, Till, arrange, remembers_one

# --- It goes well ----------------------------------------------------------------------------------------


def test_an_approved_payment_is_paid_and_brings_its_receipt(till: Till) -> None:
    result = till.pay(when_asked=till.does("tap"))
    assert (result.outcome, result.reason, result.result_code) == (PaymentOutcome.PAID, Reason.APPROVED, 0)
    receipt = result.receipt
    assert receipt is not None
    assert (receipt.amount_cents, receipt.receipt_number, receipt.trace_number) == (CENTS, 231, 42)
    assert (receipt.terminal_id, receipt.card_name) == (messages.TERMINAL_ID, "Bancontact")
    assert receipt.masked_pan == "670342*******1234"
    assert receipt.time is not None and abs(receipt.time - till.started).total_seconds() < 60
    assert receipt.text[0] == "Gemeentehuis" and receipt.text[-1] == "Kopie klant"
    assert receipt.merchant_text[-1] == "Kopie handelaar"
    assert "BETALING    EUR    45,50" in receipt.text
    assert till.messages == [Message.CONNECTING, Message.PRESENT_CARD, Message.ENTER_PIN, Message.WAIT]
    assert till.sent == 1 and len(till.approved) == 1
    assert till.states() == ["captured"]


def test_a_wrong_pin_may_be_followed_by_the_right_one(till: Till) -> None:
    result = till.pay(when_asked=till.does("wrong_pin_then_right"))
    assert result.outcome is PaymentOutcome.PAID
    assert Message.WRONG_PIN in till.messages
    assert len(till.approved) == 1


def test_the_terminal_remembers_the_payment(till: Till) -> None:
    assert till.before == out.Preparation(out.Ready(), messages.TERMINAL_ID, None)
    remembers_one(till)
    assert (till.before.last_receipt, till.before.last_trace) == (231, 42)
    assert till.terminal.last() == till.before.last


def test_a_lost_acknowledgement_changes_nothing(till: Till) -> None:
    arrange(till.simulator, "lost_ack", count=2)
    result = till.pay(when_asked=till.does("tap"))
    assert result.outcome is PaymentOutcome.PAID
    assert till.states() == ["captured"]


def test_damaged_frames_are_repeated(till: Till) -> None:
    arrange(till.simulator, "damage", count=2)
    assert till.pay(when_asked=till.does("tap")).outcome is PaymentOutcome.PAID


def test_a_terminal_without_receipts_can_be_paid_at(till: Till) -> None:
    arrange(till.simulator, "set", prints=False)
    result = till.pay(when_asked=till.does("tap"))
    assert result.outcome is PaymentOutcome.PAID
    assert result.receipt is not None and result.receipt.text == ()


# --- It is not paid --------------------------------------------------------------------------------------


def test_a_declined_card_is_not_paid(till: Till) -> None:
    result = till.pay(when_asked=till.does("decline", code=0x33))
    assert (result.outcome, result.reason, result.result_code) == (PaymentOutcome.NOT_PAID, Reason.DECLINED, 0x33)
    assert till.states() == ["declined"]


def test_a_customer_who_presses_stop_has_not_paid(till: Till) -> None:
    result = till.pay(when_asked=till.does("abort"))
    assert (result.outcome, result.reason, result.result_code) == (PaymentOutcome.NOT_PAID, Reason.ABORTED, 0x6C)
    assert till.states() == []


def test_a_customer_who_never_comes_has_not_paid(till: Till) -> None:
    arrange(till.simulator, "set", card_wait=0.2)
    result = till.pay(when_asked=lambda: None)
    assert (result.outcome, result.reason, result.result_code) == (PaymentOutcome.NOT_PAID, Reason.ABORTED, 0x6C)


def test_our_abort_is_honoured_while_no_card_is_there(till: Till) -> None:
    result = till.pay(when_asked=till.terminal.request_abort)
    assert (result.outcome, result.reason) == (PaymentOutcome.NOT_PAID, Reason.ABORTED)
    assert till.states() == []


def test_our_abort_is_never_taken_for_the_result(till: Till) -> None:
    def show(progress: out.Progress) -> None:
        if progress.message is Message.PRESENT_CARD:
            till.simulator.do("tap")
        if progress.message is Message.WAIT:  # the card was quicker
            assert till.terminal.request_abort()

    result = till.terminal.pay(CENTS, on_approved=lambda _receipt: True, on_message=show)
    assert result.outcome is PaymentOutcome.PAID
    assert till.states() == ["captured"]


def test_an_abort_without_a_payment_does_nothing(terminal: ZvtTerminal) -> None:
    assert not terminal.request_abort()


def test_a_refused_payment_never_began(till: Till) -> None:
    arrange(till.simulator, "set", refuse=0x83)
    result = till.pay(when_asked=till.does("tap"))
    assert (result.outcome, result.reason, result.result_code) == (PaymentOutcome.NOT_PAID, Reason.REFUSED, 0x83)
    assert till.messages == [Message.CONNECTING]


def test_an_approval_that_cannot_be_recorded_is_taken_back(till: Till) -> None:
    result = till.pay(when_asked=till.does("tap"), confirm=False)
    assert (result.outcome, result.reason) == (PaymentOutcome.NOT_PAID, Reason.ABORTED)
    assert till.states() == ["reversed"]


def test_an_unplugged_terminal_is_unreachable_and_nothing_was_sent(till: Till) -> None:
    till.simulator.do("unplug")
    till.simulator.wait_for("unplugged")
    assert isinstance(till.terminal.status(), out.Disconnected)
    result = till.pay(when_asked=till.does("tap"))
    assert (result.outcome, result.reason) == (PaymentOutcome.NOT_PAID, Reason.UNREACHABLE)
    assert till.sent == 0


def test_a_terminal_that_forgot_us_is_registered_again(till: Till) -> None:
    till.simulator.do("reboot", ms=10)
    till.simulator.wait_for("rebooted")
    till.before = till.terminal.prepare()
    assert isinstance(till.before.status, out.Ready)
    assert till.pay(when_asked=till.does("tap")).outcome is PaymentOutcome.PAID


# --- Nobody can say --------------------------------------------------------------------------------------


def test_silence_from_the_start_is_unknown_and_a_look_up_proves_that_nothing_happened(till: Till) -> None:
    remembers_one(till)
    arrange(till.simulator, "silence")
    result = till.pay(when_asked=till.does("tap"))
    assert (result.outcome, result.reason) == (PaymentOutcome.UNKNOWN, Reason.NO_ANSWER)
    assert till.look_up().outcome is PaymentOutcome.UNKNOWN  # it is silent still
    arrange(till.simulator, "speak")
    assert till.look_up().outcome is PaymentOutcome.NOT_PAID


def test_silence_in_mid_payment_is_unknown(till: Till) -> None:
    result = till.pay(when_asked=lambda: arrange(till.simulator, "silence"))
    assert (result.outcome, result.reason) == (PaymentOutcome.UNKNOWN, Reason.NO_ANSWER)


def test_silence_after_the_approval_is_unknown_and_a_look_up_proves_the_payment(till: Till) -> None:
    remembers_one(till)
    arrange(till.simulator, "silence_after_approval")
    result = till.pay(when_asked=till.does("tap"))
    assert (result.outcome, result.reason) == (PaymentOutcome.UNKNOWN, Reason.NO_ANSWER)
    assert result.receipt is not None and result.receipt.receipt_number == 232
    found = till.look_up()
    assert (found.outcome, found.reason) == (PaymentOutcome.PAID, Reason.LOOKED_UP)
    assert found.receipt is not None and found.receipt.receipt_number == 232
    assert till.states() == ["captured", "captured"]


def test_a_lost_completion_is_unknown_although_receipts_came(till: Till) -> None:
    arrange(till.simulator, "set", loses_completion=True)
    result = till.pay(when_asked=till.does("tap"))
    assert result.outcome is PaymentOutcome.UNKNOWN
    assert till.look_up().outcome is PaymentOutcome.PAID


def test_a_cable_pulled_in_mid_payment_is_unknown_and_the_port_is_found_again(till: Till) -> None:
    remembers_one(till)
    result = till.pay(when_asked=till.does("unplug"))
    assert (result.outcome, result.reason) == (PaymentOutcome.UNKNOWN, Reason.LINK_LOST)
    assert till.look_up().outcome is PaymentOutcome.UNKNOWN
    till.simulator.do("plug")
    till.simulator.wait_for("plugged")
    assert till.look_up().outcome is PaymentOutcome.NOT_PAID


@pytest.mark.parametrize(("reverses", "truth"), [(True, PaymentOutcome.NOT_PAID), (False, PaymentOutcome.PAID)])
def test_a_cable_pulled_at_the_approval_is_asked_after(till: Till, reverses: bool, truth: PaymentOutcome) -> None:
    remembers_one(till)
    arrange(till.simulator, "set", reverses_by_itself=reverses)

    def pull(_receipt: out.TransactionReceipt) -> bool:
        till.simulator.do("unplug")
        till.simulator.wait_for("unplugged")
        return True

    def show(progress: out.Progress) -> None:
        if progress.message is Message.PRESENT_CARD:
            till.simulator.do("tap")

    result = till.terminal.pay(CENTS, on_approved=pull, on_message=show)
    assert (result.outcome, result.reason) == (PaymentOutcome.UNKNOWN, Reason.LINK_LOST)
    till.simulator.do("plug")
    till.simulator.wait_for("plugged")
    assert till.look_up().outcome is truth


def test_a_terminal_that_remembers_nothing_leaves_it_unknown(till: Till) -> None:
    arrange(till.simulator, "silence_after_approval")
    till.simulator.do("set", remembers="nothing")
    till.pay(when_asked=till.does("tap"))
    found = till.look_up()
    assert (found.outcome, found.reason) == (PaymentOutcome.UNKNOWN, Reason.NO_PROOF)


# --- Conditions, reversal, end of day --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (0x00, out.Ready()),
        (0xDC, out.Ready(card_inserted=True)),
        (0x9C, out.Busy(0x9C)),
        (0xF0, out.NeedsEndOfDay(0xF0)),
        (0x51, out.NeedsUpkeep(0x51, "initialisation needed", out.Upkeep.INITIALISATION)),
        (0x62, out.NeedsUpkeep(0x62, "date wrong", out.Upkeep.SET_CLOCK)),
        (0xC2, out.NeedsUpkeep(0xC2, "diagnosis needed", out.Upkeep.DIAGNOSIS)),
        (0xE0, out.Maintenance(0xE0)),
        (0xFC, out.Restarting(0xFC)),
        (0xE3, out.NeedsService(0xE3, "shutter")),
        (0x6B, out.NotRegistered(0x6B)),
        (0x44, out.Unknown("a status nobody knows", 0x44)),
    ],
)
def test_every_condition_is_a_value(
    terminal: ZvtTerminal, simulator: SimulatorProcess, code: int, expected: out.TerminalStatus
) -> None:
    arrange(simulator, "set", condition=code)
    assert terminal.status() == expected


def test_a_silent_terminal_is_unknown_and_not_healthy(terminal: ZvtTerminal, simulator: SimulatorProcess) -> None:
    arrange(simulator, "silence")
    assert isinstance(terminal.status(), out.Unknown)


def test_the_port_is_ours_alone(till: Till, simulator: SimulatorProcess) -> None:
    other = ZvtTerminal.at(simulator.ready["port"], timing=SHORT)
    status = other.status()
    if simulator.ready["port"].startswith("tcp:"):  # the newcomer takes the connection, and we take it back
        assert status == till.terminal.status() == out.Ready()
    else:
        assert isinstance(status, out.Disconnected) and status.reason.endswith("in-use")
    other.close()


def test_one_operation_at_a_time(till: Till) -> None:
    seen: list[object] = []

    def meanwhile() -> None:
        seen.append(till.terminal.status())
        seen.append(till.terminal.pay(1, on_approved=lambda _receipt: True).reason)
        seen.append(till.look_up().outcome)
        till.simulator.do("tap")

    assert till.pay(when_asked=meanwhile).outcome is PaymentOutcome.PAID
    assert seen == [out.Busy(), Reason.REFUSED, PaymentOutcome.UNKNOWN]
    assert till.states() == ["captured"]


def test_only_the_last_payment_with_this_number_and_amount_is_taken_back(till: Till) -> None:
    remembers_one(till)
    for receipt, cents, terminal_id in ((230, CENTS, None), (231, CENTS + 1, None), (231, CENTS, "52000018")):
        refused = till.terminal.reverse(receipt, cents=cents, terminal_id=terminal_id)
        assert refused.outcome is out.ReversalOutcome.NOT_REVERSED
    assert till.states() == ["captured"]
    done = till.terminal.reverse(231, cents=CENTS, terminal_id=messages.TERMINAL_ID)
    assert done.outcome is out.ReversalOutcome.REVERSED
    assert done.receipt is not None and done.receipt.reversal_of_trace == 42
    assert till.states() == ["reversed"]
    # Asked once more, because the answer was lost: it is known by its trace, and nothing is sent again.
    again = till.terminal.reverse(231, cents=CENTS, trace_number=42)
    assert (again.outcome, again.detail) == (out.ReversalOutcome.REVERSED, "already reversed")
    assert len(till.ledger()) == 2


def test_the_end_of_day_tells_its_total(till: Till) -> None:
    remembers_one(till)
    closed = till.terminal.end_of_day()
    assert (closed.done, closed.total_cents) == (True, CENTS)
    assert "DAGAFSLUITING" in closed.text
    assert till.ledger() == []


def test_after_a_log_off_the_next_payment_registers_again(till: Till) -> None:
    assert till.terminal.log_off()
    assert till.pay(when_asked=till.does("tap")).outcome is PaymentOutcome.PAID


# --- Card numbers ----------------------------------------------------------------------------------------


def test_a_leaking_terminal_leaks_no_further(till: Till, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    arrange(till.simulator, "set", leaky=True)
    paid = till.pay(when_asked=till.does("tap"))
    declined = till.pay(when_asked=till.does("decline"))
    everything = repr((paid, declined, till.approved, till.terminal.last(), till.look_up(), till.ledger()))
    said = (
        everything + caplog.text + json.dumps([record.__dict__ for record in caplog.records], default=repr)
    ).replace(" ", "")
    assert paid.receipt is not None and paid.receipt.masked_pan == "670342*******1234"
    assert "6703420000000" not in said and "0000000123" not in said
