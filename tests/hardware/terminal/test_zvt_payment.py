"""Whatever a terminal says, in whatever order: the three outcomes keep their meaning."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.terminal import outcome as out
from hardware.terminal.outcome import PaymentOutcome
from hardware.terminal.zvt import frame
from hardware.terminal.zvt.client import ZvtTerminal
from hardware.terminal.zvt.serial_link import SerialLink
from hardware.terminal.zvt.timing import STANDARD

CENTS = 1234
ACK = b"\x06"
ACCEPT, TAKE_BACK = b"\x80\x00\x00", b"\x84\x66\x00"
REGISTRATION, PAY = b"\x06\x00", b"\x06\x01"

APPROVE = "040f 0e 2700 04 000000001234 87 0231 0b 000042".replace(" ", "")
SAYINGS = {
    "accept": "800000",
    "refuse": "848300",
    "wait": "04ff010e",
    "approve": APPROVE,
    "approve another": "040f 0e 2700 04 000000001234 87 0232 0b 000043".replace(" ", ""),
    "approve too much": "040f 09 2700 04 000000001235".replace(" ", ""),
    "approve without amount": "040f022700",
    "decline": "040f022705",
    "wrong pin": "040f022737",
    "status without result": "040f0787 0231 04 000000001234".replace(" ", ""),
    "take back": "040f 0a 2700 04 000000001234 37 000042".replace(" ", ""),
    "print": "06d1020041",
    "complete": "060f00",
    "abort": "061e016c",
    "abort without code": "061e00",
    "abort with zero": "061e0100",
    "unknown command": "06d800",
    "nonsense": "0f",
}


@dataclass
class TalkingTerminal:
    """Acknowledges all it gets, registers politely, and after an authorisation says what it was told to say."""

    sayings: list[bytes]
    now: float = 0.0
    heard: list[bytes] = field(default_factory=list)
    _out: bytes = b""
    _paying: bool = False
    _decoder: frame.Decoder = field(default_factory=frame.Decoder)

    def read(self, timeout: float) -> bytes:
        if not self._out and self._paying and self.sayings:
            self._out = frame.encode(self.sayings.pop(0))
        if not self._out:
            self.now += max(timeout, 0.001)
        said, self._out = self._out, b""
        return said

    def write(self, data: bytes) -> None:
        for received in self._decoder.feed(data):
            if isinstance(received, frame.Frame):
                self.heard.append(received.apdu)
                self._out += ACK
                if received.apdu[:2] == REGISTRATION:
                    self._out += frame.encode(ACCEPT) + frame.encode(b"\x06\x0f\x00")
                self._paying |= received.apdu[:2] == PAY

    def close(self) -> None:
        pass


def pay(sayings: list[str], *, confirm: bool = True) -> tuple[out.PaymentResult, TalkingTerminal, int]:
    port = TalkingTerminal([bytes.fromhex(SAYINGS[saying]) for saying in sayings])
    terminal = ZvtTerminal(lambda timing, clock: SerialLink(lambda: port, timing, clock), clock=lambda: port.now)
    confirmed = 0

    def approve(_receipt: out.TransactionReceipt) -> bool:
        nonlocal confirmed
        confirmed += confirm
        return confirm

    return terminal.pay(CENTS, on_approved=approve), port, confirmed


@given(st.lists(st.sampled_from(sorted(SAYINGS)), max_size=12), st.booleans())
@settings(max_examples=200, deadline=None)
def test_paid_and_not_paid_are_always_proved(sayings: list[str], confirm: bool) -> None:
    result, port, confirmed = pay(sayings, confirm=confirm)
    approvals_made = confirmed > 0
    said = [SAYINGS[each] for each in sayings[: len(sayings) - len(port.sayings)]]
    if result.outcome is PaymentOutcome.PAID:
        assert approvals_made and said[-1] == SAYINGS["complete"]
    if result.outcome is PaymentOutcome.NOT_PAID:
        assert not approvals_made
        assert said[-1] in (SAYINGS["refuse"], SAYINGS["abort"])
    if approvals_made:
        assert result.outcome is not PaymentOutcome.NOT_PAID
    assert confirmed <= 1
    assert [apdu[:2] for apdu in port.heard].count(PAY) == 1
    assert port.now <= STANDARD.whole_command + 60


@pytest.mark.parametrize(
    ("sayings", "outcome", "reason"),
    [
        (["accept", "approve", "complete"], PaymentOutcome.PAID, out.Reason.APPROVED),
        (["accept", "approve", "approve", "complete"], PaymentOutcome.PAID, out.Reason.APPROVED),
        (["accept", "approve without amount", "complete"], PaymentOutcome.PAID, out.Reason.APPROVED),
        (["wait", "approve", "complete"], PaymentOutcome.PAID, out.Reason.APPROVED),
        (["accept", "decline", "approve", "complete"], PaymentOutcome.PAID, out.Reason.APPROVED),
        (["accept", "approve", "abort"], PaymentOutcome.UNKNOWN, out.Reason.CONTRADICTION),
        (["accept", "approve", "decline", "complete"], PaymentOutcome.UNKNOWN, out.Reason.CONTRADICTION),
        (["accept", "approve", "take back", "complete"], PaymentOutcome.UNKNOWN, out.Reason.CONTRADICTION),
        (["accept", "approve", "approve another", "complete"], PaymentOutcome.UNKNOWN, out.Reason.CONTRADICTION),
        (["accept", "complete"], PaymentOutcome.UNKNOWN, out.Reason.CONTRADICTION),
        (["accept", "decline", "complete"], PaymentOutcome.UNKNOWN, out.Reason.CONTRADICTION),
        (["accept", "status without result", "complete"], PaymentOutcome.UNKNOWN, out.Reason.CONTRADICTION),
        (["accept", "abort without code"], PaymentOutcome.UNKNOWN, out.Reason.CONTRADICTION),
        (["accept", "abort with zero"], PaymentOutcome.UNKNOWN, out.Reason.CONTRADICTION),
        (["accept", "approve"], PaymentOutcome.UNKNOWN, out.Reason.NO_ANSWER),
        (["accept"], PaymentOutcome.UNKNOWN, out.Reason.NO_ANSWER),
        ([], PaymentOutcome.UNKNOWN, out.Reason.NO_ANSWER),
        (["accept", "refuse", "abort"], PaymentOutcome.NOT_PAID, out.Reason.ABORTED),
        (["refuse"], PaymentOutcome.NOT_PAID, out.Reason.REFUSED),
        (["accept", "approve too much", "abort"], PaymentOutcome.NOT_PAID, out.Reason.ABORTED),
    ],
)
def test_each_conversation_has_its_outcome(sayings: list[str], outcome: PaymentOutcome, reason: out.Reason) -> None:
    result, _port, _confirmed = pay(sayings)
    assert (result.outcome, result.reason) == (outcome, reason)


def test_an_approval_of_another_amount_is_taken_back() -> None:
    _result, port, confirmed = pay(["accept", "approve too much", "abort"])
    assert confirmed == 0
    assert TAKE_BACK in port.heard


def test_a_repeated_approval_gets_the_same_answer_and_is_recorded_once() -> None:
    _result, port, confirmed = pay(["accept", "approve", "approve", "complete"])
    assert confirmed == 1
    assert TAKE_BACK not in port.heard


def test_an_unrecorded_approval_is_turned_down_as_often_as_it_is_offered() -> None:
    result, port, _confirmed = pay(["accept", "approve", "approve", "decline", "abort"], confirm=False)
    assert port.heard.count(TAKE_BACK) == 2
    assert (result.outcome, result.reason) == (PaymentOutcome.NOT_PAID, out.Reason.ABORTED)
