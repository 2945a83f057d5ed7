"""The link layer on a scripted port: the only stand-in here, at the very edge, with a clock that the port moves."""

from __future__ import annotations

import itertools

import pytest

from hardware.terminal.zvt import frame
from hardware.terminal.zvt.apdu import ACCEPTED, Apdu
from hardware.terminal.zvt.exchange import After, End, Exchange, Listeners
from hardware.terminal.zvt.link import Sent
from hardware.terminal.zvt.port import PortDown, PortFault
from hardware.terminal.zvt.serial_link import SerialLink
from hardware.terminal.zvt.tcp_link import TcpLink
from hardware.terminal.zvt.timing import STANDARD, T4

ACK, NAK = b"\x06", b"\x15"
STATUS = frame.encode(bytes.fromhex("040f022700"))
PLEASE_WAIT = frame.encode(bytes.fromhex("04ff010e"))
COMPLETION = frame.encode(bytes.fromhex("060f00"))
PAY = Apdu(0x0601, bytes.fromhex("04000000000100"))


class ScriptedPort:
    """Says what the script says, one piece for each read; a float in it is a silence in seconds."""

    def __init__(self, script: object) -> None:
        self.now = 0.0
        self.written: list[bytes] = []
        self.closed = False
        self._script = iter(script)  # type: ignore[call-overload]
        self._silent_until = 0.0

    def read(self, timeout: float) -> bytes:
        if self.now < self._silent_until:
            self.now += timeout
            return b""
        piece = next(self._script, None)
        if isinstance(piece, bytes):
            return piece
        if isinstance(piece, Exception):
            raise piece
        self._silent_until = self.now + piece if isinstance(piece, float) else float("inf")
        self.now += timeout
        return b""

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def close(self) -> None:
        self.closed = True


def linked(*script: object) -> tuple[SerialLink, ScriptedPort]:
    port = ScriptedPort(script)
    link = SerialLink(lambda: port, STANDARD, lambda: port.now)
    link.open()
    return link, port


def test_an_acknowledged_frame_is_sent_once() -> None:
    link, port = linked(ACK)
    assert link.send(ACCEPTED) is Sent.ACKNOWLEDGED
    assert port.written == [frame.encode(b"\x80\x00\x00")]


def test_silence_is_answered_with_three_sends_in_all() -> None:
    link, port = linked()
    assert link.send(ACCEPTED) is Sent.UNANSWERED
    assert len(port.written) == 3
    assert port.now == pytest.approx(3 * STANDARD.acknowledgement, abs=0.5)


def test_what_moves_money_is_not_repeated_after_silence() -> None:
    link, port = linked()
    assert link.send(PAY, repeat_after_silence=False) is Sent.UNANSWERED
    assert len(port.written) == 1


def test_a_nak_says_that_the_frame_was_not_understood_so_it_is_repeated() -> None:
    link, port = linked(NAK, NAK, ACK)
    assert link.send(PAY, repeat_after_silence=False) is Sent.ACKNOWLEDGED
    assert len(port.written) == 3


def test_three_naks_are_a_rejection() -> None:
    link, _port = linked(NAK, NAK, NAK)
    assert link.send(PAY) is Sent.REJECTED


def test_a_frame_in_place_of_the_ack_is_an_ack_and_is_not_lost() -> None:
    link, port = linked(PLEASE_WAIT)
    assert link.send(PAY) is Sent.ACKNOWLEDGED
    assert link.receive(1.0) == Apdu(0x04FF, b"\x0e")
    assert port.written[1:] == [ACK]


def test_a_damaged_frame_is_refused_and_its_repetition_taken() -> None:
    link, port = linked(STATUS[:-1] + b"\x00", STATUS)
    assert link.receive(1.0) == Apdu(0x040F, b"\x27\x00")
    assert port.written == [NAK, ACK]


def test_a_frame_that_stops_in_the_middle_is_refused_after_t1() -> None:
    link, port = linked(STATUS[:5], 0.3, STATUS)
    assert link.receive(1.0) == Apdu(0x040F, b"\x27\x00")
    assert port.written == [NAK, ACK]


def test_a_slow_line_within_t1_is_no_silence() -> None:
    pieces = itertools.chain.from_iterable((STATUS[at : at + 1], 0.1) for at in range(len(STATUS)))
    link, port = linked(*pieces)
    assert link.receive(5.0) == Apdu(0x040F, b"\x27\x00")
    assert port.written == [ACK]


def test_several_frames_in_one_read_come_one_by_one() -> None:
    link, _port = linked(PLEASE_WAIT + STATUS)
    assert link.receive(1.0) == Apdu(0x04FF, b"\x0e")
    assert link.receive(1.0) == Apdu(0x040F, b"\x27\x00")
    assert link.receive(1.0) is None


def test_endless_noise_holds_up_nothing() -> None:
    class Noise(ScriptedPort):
        def read(self, timeout: float) -> bytes:
            self.now += 0.01
            return b"\x10\x02\x10\x41"  # a frame that breaks at once, for ever

    port = Noise(())
    link = SerialLink(lambda: port, STANDARD, lambda: port.now)
    link.open()
    assert link.receive(2.0) is None
    assert link.send(ACCEPTED) is Sent.UNANSWERED


def test_a_lost_port_is_let_go_of() -> None:
    link, port = linked(PortDown(PortFault.LOST, "/dev/x"))
    with pytest.raises(PortDown):
        link.receive(1.0)
    assert port.closed and not link.is_open


@pytest.mark.parametrize("tcp", [False, True])
def test_a_port_that_went_with_a_commands_last_answer_is_down_for_the_next_command(tcp: bool) -> None:
    class Going(ScriptedPort):
        def write(self, data: bytes) -> None:
            if ACCEPTED.encode() in data:  # our answer to the completion
                raise PortDown(PortFault.LOST, "/dev/x")

    pieces = ["800000", "060f00"]
    script = map(bytes.fromhex, pieces) if tcp else (ACK, *(frame.encode(bytes.fromhex(piece)) for piece in pieces))
    port = Going(script)
    kind = TcpLink if tcp else SerialLink
    link = kind(lambda: port, STANDARD, lambda: port.now)
    link.open()
    ends = [Exchange(link, STANDARD, lambda: port.now, Listeners(), T4(STANDARD)).run(PAY).end for _ in range(2)]
    assert ends == [End.COMPLETED, End.LOST]


# --- One command to its end ------------------------------------------------------------------------------


def run(*script: object, listeners: Listeners | None = None, moves_money: bool = True) -> tuple[End, ScriptedPort]:
    link, port = linked(*script)
    exchange = Exchange(link, STANDARD, lambda: port.now, listeners or Listeners(), T4(STANDARD))
    return exchange.run(PAY, moves_money=moves_money).end, port


ACCEPT = frame.encode(b"\x80\x00\x00")


def test_an_intermediate_status_starts_t4_anew() -> None:
    waits = [piece for _ in range(4) for piece in (170.0, PLEASE_WAIT, ACK)]
    end, port = run(ACK, ACCEPT, *waits, 170.0, COMPLETION, ACK)
    assert end is End.COMPLETED
    assert port.now > 4 * 170


def test_an_intermediate_status_may_ask_for_a_longer_t4() -> None:
    five_minutes = frame.encode(bytes.fromhex("04ff020a05"))
    assert run(ACK, ACCEPT, five_minutes, ACK, 290.0, COMPLETION, ACK)[0] is End.COMPLETED
    assert run(ACK, ACCEPT, five_minutes, ACK, 310.0, COMPLETION, ACK)[0] is End.SILENT


def test_silence_longer_than_t4_is_the_end() -> None:
    end, port = run(ACK, ACCEPT)
    assert end is End.SILENT
    assert port.now == pytest.approx(STANDARD.completion, abs=1)


def test_without_80_00_a_payment_is_waited_for_until_t4_and_anything_else_until_t3() -> None:
    assert run(ACK)[1].now == pytest.approx(STANDARD.completion, abs=1)
    assert run(ACK, moves_money=False)[1].now == pytest.approx(STANDARD.answer, abs=1)


def test_a_terminal_that_asks_for_patience_for_ever_gets_none() -> None:
    end, port = run(ACK, ACCEPT, *(piece for _ in range(100) for piece in (60.0, PLEASE_WAIT, ACK)))
    assert end is End.SILENT
    assert port.now == pytest.approx(STANDARD.whole_command, abs=61)


def test_a_late_completion_of_an_earlier_command_does_not_end_a_payment() -> None:
    line = frame.encode(bytes.fromhex("06d1020041"))
    end, port = run(ACK, line, ACK, COMPLETION, ACK, ACCEPT, 1.0, frame.encode(bytes.fromhex("061e016c")), ACK)
    assert end is End.ABORTED
    assert port.written.count(ACCEPT) == 3  # all were answered


def test_a_late_approval_of_an_earlier_payment_is_not_acknowledged() -> None:
    heard: list[Apdu] = []

    def approve(apdu: Apdu) -> Apdu:
        heard.append(apdu)
        return ACCEPTED

    end, port = run(ACK, STATUS, ACK, ACCEPT, COMPLETION, ACK, listeners=Listeners(status=approve))
    assert end is End.COMPLETED and heard == []
    assert frame.encode(b"\x84\x66\x00") in port.written


def test_a_late_abort_does_not_end_an_enquiry_and_a_look_up_confirms_no_late_approval() -> None:
    # Met after an answer that the terminal had missed: its 06 1E came first, and was taken for the enquiry's own.
    heard: list[Apdu] = []

    def keep(apdu: Apdu) -> Apdu:
        heard.append(apdu)
        return ACCEPTED

    stopped = frame.encode(bytes.fromhex("061e016c"))
    script = (ACK, STATUS, ACK, stopped, ACK, ACCEPT, COMPLETION, ACK)
    end, port = run(*script, listeners=Listeners(status=keep), moves_money=False)
    assert end is End.COMPLETED and heard == []
    assert frame.encode(b"\x84\x66\x00") in port.written


ENQUIRY, REPEAT = Apdu(0x0501, bytes(3)), Apdu(0x0620, bytes(3))


@pytest.mark.parametrize("question", [ENQUIRY, REPEAT], ids=["enquiry", "repeat receipt"])
def test_a_question_does_not_confirm_the_approval_of_a_payment_that_the_terminal_is_still_in(question: Apdu) -> None:
    """Seen: 04 FF of a payment that was over for the kiosk was taken for the 80 00 of its enquiry, and the approval
    behind it was acknowledged. The terminal kept money that was on record as not paid."""
    heard: list[Apdu] = []
    late: list[Apdu] = []
    script = (ACK, PLEASE_WAIT, ACK, STATUS, ACK, COMPLETION, ACK, ACCEPT, COMPLETION, ACK)
    link, port = linked(*script)
    listeners = Listeners(status=lambda apdu: heard.append(apdu) or ACCEPTED) if question is REPEAT else Listeners()
    exchange = Exchange(link, STANDARD, lambda: port.now, listeners, T4(STANDARD), heard_late=late.append)
    assert exchange.run(question).end is End.COMPLETED
    assert heard == [] and late == [Apdu(0x040F, b"\x27\x00")]
    assert frame.encode(b"\x84\x66\x00") in port.written


def test_a_command_that_has_no_status_of_its_own_confirms_none() -> None:
    late: list[Apdu] = []
    link, port = linked(ACK, ACCEPT, STATUS, ACK, COMPLETION, ACK)
    exchange = Exchange(link, STANDARD, lambda: port.now, Listeners(), T4(STANDARD), heard_late=late.append)
    assert exchange.run(ENQUIRY).end is End.COMPLETED
    assert len(late) == 1 and frame.encode(b"\x84\x66\x00") in port.written


def test_a_refusal_after_04_ff_says_that_it_was_of_the_payment_before() -> None:
    heard: list[Apdu] = []
    listeners = Listeners(status=lambda apdu: heard.append(apdu) or ACCEPTED)
    end, _ = run(ACK, PLEASE_WAIT, ACK, frame.encode(b"\x84\x83\x00"), listeners=listeners)
    assert end is End.REFUSED and heard == []


def test_a_frame_that_is_repeated_while_it_is_answered_is_answered_once() -> None:
    link, port = linked(STATUS, STATUS, ACK)
    assert link.receive(1.0) == Apdu(0x040F, b"\x27\x00")
    assert link.send(ACCEPTED) is Sent.ACKNOWLEDGED
    assert port.written == [ACK, ACCEPT, ACK]
    assert link.receive(1.0) is None


def test_the_same_frame_after_our_answer_was_heard_is_a_new_one() -> None:
    link, _port = linked(STATUS, ACK, STATUS)
    assert link.receive(1.0) is not None
    assert link.send(ACCEPTED) is Sent.ACKNOWLEDGED
    assert link.receive(1.0) == Apdu(0x040F, b"\x27\x00")


def test_a_t4_of_the_terminals_own_holds_for_what_follows() -> None:
    five_minutes = frame.encode(bytes.fromhex("04ff020a05"))
    assert run(ACK, ACCEPT, five_minutes, ACK, PLEASE_WAIT, ACK, 290.0, COMPLETION, ACK)[0] is End.COMPLETED


def test_a_command_that_may_complete_is_done_when_nothing_follows() -> None:
    link, port = linked(ACK, ACCEPT)
    exchange = Exchange(link, STANDARD, lambda: port.now, Listeners(), T4(STANDARD))
    assert exchange.run(PAY, after=After.MAY_COMPLETE).end is End.ACCEPTED
    assert port.now == pytest.approx(STANDARD.answer, abs=0.5)


def test_our_abort_waits_for_80_00() -> None:
    wishes = iter([True])
    listeners = Listeners(abort_wanted=lambda: next(wishes, False))
    stopped = frame.encode(bytes.fromhex("061e016c"))
    end, port = run(ACK, 1.0, ACCEPT, 1.0, ACK, ACCEPT, stopped, ACK, listeners=listeners)
    assert end is End.ABORTED
    assert port.written[:3] == [frame.encode(PAY.encode()), ACK, frame.encode(b"\x06\xb0\x00")]


def test_a_refusal_of_our_abort_is_no_refusal_of_the_payment() -> None:
    wishes = iter([True])
    listeners = Listeners(abort_wanted=lambda: next(wishes, False))
    not_possible = frame.encode(b"\x84\x83\x00")
    end, _port = run(ACK, ACCEPT, 1.0, ACK, not_possible, COMPLETION, ACK, listeners=listeners)
    assert end is End.COMPLETED


def test_a_command_we_do_not_do_is_refused() -> None:
    _end, port = run(ACK, ACCEPT, frame.encode(bytes.fromhex("06d800")), ACK, COMPLETION, ACK)
    assert frame.encode(b"\x84\x83\x00") in port.written


def test_a_listener_that_fails_leaves_the_approval_unconfirmed() -> None:
    def fails(_apdu: Apdu) -> Apdu:
        raise OSError("disk full")

    link, port = linked(ACK, ACCEPT, STATUS, ACK)
    with pytest.raises(OSError, match="disk full"):
        Exchange(link, STANDARD, lambda: port.now, Listeners(status=fails), T4(STANDARD)).run(PAY, moves_money=True)
    assert port.written[-1] == frame.encode(b"\x84\x66\x00")
