"""The payment terminal, by hand: decode what it says, ask for its condition, pay, give back, look after it."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Callable
from typing import Any

from hardware.terminal import outcome as out
from hardware.terminal.zvt import apdu, describe, frame
from hardware.terminal.zvt.client import ZvtTerminal
from kiosk.commands import BadInput, print_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`decode HEX [--serial]`, and with `--port` each thing that a terminal can be asked (`_ACTIONS`)."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")

    decode = actions.add_parser("decode", help="one ZVT APDU (or serial frame) as JSON")
    decode.add_argument("hex", nargs="+", metavar="HEX", help="its bytes; spaces and colons do not matter")
    decode.add_argument("--serial", action="store_true", help="the bytes are a frame: 10 02 … 10 03 CRC CRC")
    decode.add_argument("--json", action="store_true", help="accepted for uniformity: the answer is always JSON")

    _add_action(actions, "status", "its condition; exit 1 unless it is ready")
    pay = _add_action(actions, "pay", "ask for an amount; exit 0 only if it is paid")
    pay.add_argument("cents", type=int, help="the amount in cents")
    _add_action(actions, "last", "the last transaction it remembers; exit 1 if it tells of none")
    reverse = _add_action(actions, "reverse", "take the last transaction back; exit 0 only if it is reversed")
    reverse.add_argument("receipt_number", type=int, help="its receipt number")
    reverse.add_argument("--cents", type=int, required=True, help="its amount, which has to agree")
    refund = _add_action(actions, "refund", "give an amount to the card that is presented; exit 0 only if it is given")
    refund.add_argument("cents", type=int, help="the amount in cents")
    refund.add_argument("--yes", action="store_true", help="do not ask again: money leaves the account of the town")
    _add_action(actions, "end-of-day", "close the day; exit 0 only if it is closed")
    _add_action(actions, "diagnosis", "have it check itself and its line to the host; exit 0 only if it did")
    _add_action(actions, "clock", "give it this machine's time; exit 0 only if it took it")
    _add_action(actions, "log-off", "give it back its own menus; exit 0 only if it agreed")


def run(arguments: argparse.Namespace) -> int:
    """Returns 0 for a yes, 1 for a no. Raises BadInput."""
    if arguments.action == "decode":
        return _decode("".join(arguments.hex), serial=arguments.serial)
    try:
        terminal = ZvtTerminal.at(
            arguments.port, baud=arguments.baud, stop_bits=arguments.stop_bits, password=arguments.password
        )
    except ValueError as problem:
        raise BadInput(str(problem)) from problem
    try:
        return _ACTIONS[arguments.action](terminal, arguments)
    finally:
        terminal.close()


def _add_action(actions: Any, name: str, help_text: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(name, help=help_text)
    parser.add_argument("--port", required=True, help="the serial port, by a path that stays (/dev/serial/by-id/…)")
    parser.add_argument("--baud", type=int, default=9600, choices=(9600, 19200, 38400, 57600, 115200))
    parser.add_argument("--stop-bits", type=int, default=2, choices=(1, 2))
    parser.add_argument("--password", default="000000", help="the terminal's till password, six digits")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    return parser


# --- decode ----------------------------------------------------------------------------------------------


def _decode(text: str, *, serial: bool) -> int:
    try:
        raw = bytes.fromhex(text.replace(":", ""))
    except ValueError:
        raise BadInput("that is not hexadecimal: two characters 0-9 or a-f for each byte") from None
    if not serial and raw.startswith(b"\x10\x02"):
        raise BadInput("that begins like a serial frame (10 02): add --serial")
    try:
        whole = _unframe(raw) if serial else raw
        command = apdu.parse(whole)
        declared = apdu.declared_length(whole)
    except apdu.BadApdu as problem:
        raise BadInput(f"that is {problem}") from None
    decoded = describe.decode(command)
    if declared != len(command.data):
        # A frame's CRC vouches for its end, and the specification itself miscounts some answers. Bare bytes are
        # more likely to be copied in part.
        if not serial and command.answer_code is None:
            raise BadInput(f"its length byte says {declared}, but {len(command.data)} bytes of data follow")
        decoded["declared_length"] = declared
    print_json(decoded)
    return 0


def _unframe(raw: bytes) -> bytes:
    decoder = frame.Decoder()
    received = list(decoder.feed(raw))
    frames = [each for each in received if isinstance(each, frame.Frame)]
    if frames:
        return frames[0].apdu
    damaged = next((each for each in received if isinstance(each, frame.Damaged)), None) or decoder.give_up()
    if damaged is None:
        raise BadInput("there is no frame in it: one begins with 10 02")
    why = {
        frame.Damage.CRC: "its CRC is wrong",
        frame.Damage.ESCAPE: "it has a lone 10 inside",
        frame.Damage.CUT_OFF: "it is cut off before 10 03 and the CRC",
        frame.Damage.TOO_LONG: "it is longer than any APDU",
    }
    raise BadInput(f"the frame cannot be used: {why[damaged.why]}")


# --- a terminal ------------------------------------------------------------------------------------------


def _status(terminal: ZvtTerminal, arguments: argparse.Namespace) -> int:
    status = terminal.status()
    _tell(arguments, _plain(status), _status_words(status))
    return 0 if isinstance(status, out.Ready) else 1


def _pay(terminal: ZvtTerminal, arguments: argparse.Namespace) -> int:
    try:
        # There is no journal here: the person at the shell is the record, so an approval is confirmed at once.
        result = terminal.pay(arguments.cents, on_approved=lambda _receipt: True, on_message=_shown(arguments))
    except ValueError as problem:
        raise BadInput(str(problem)) from problem
    _tell(arguments, _plain(result), f"{result.outcome} ({result.reason})", result.receipt)
    return 0 if result.outcome is out.PaymentOutcome.PAID else 1


def _shown(arguments: argparse.Namespace) -> Callable[[out.Progress], None]:
    def show(progress: out.Progress) -> None:
        if not arguments.json:
            print(f"… {progress.message}", flush=True)

    return show


def _last(terminal: ZvtTerminal, arguments: argparse.Namespace) -> int:
    last = terminal.last()
    _tell(arguments, {"last": _plain(last)}, "" if last else "it tells of none", last)
    return 0 if last else 1


def _reverse(terminal: ZvtTerminal, arguments: argparse.Namespace) -> int:
    try:
        result = terminal.reverse(arguments.receipt_number, cents=arguments.cents)
    except ValueError as problem:
        raise BadInput(str(problem)) from problem
    _tell(arguments, _plain(result), f"{result.outcome}: {result.detail}", result.receipt)
    return 0 if result.outcome is out.ReversalOutcome.REVERSED else 1


def _end_of_day(terminal: ZvtTerminal, arguments: argparse.Namespace) -> int:
    result = terminal.end_of_day()
    total = "" if result.total_cents is None else f", {_euros(result.total_cents)}"
    _tell(arguments, _plain(result), "\n".join((f"{result.detail}{total}", *result.text)))
    return 0 if result.done else 1


def _refund(terminal: ZvtTerminal, arguments: argparse.Namespace) -> int:
    if not arguments.yes and not _confirmed(arguments.cents):
        raise BadInput("nothing was asked of the terminal: say --yes, or answer yes")
    try:
        result = terminal.refund(arguments.cents, on_message=_shown(arguments))
    except ValueError as problem:
        raise BadInput(str(problem)) from problem
    _tell(arguments, _plain(result), f"{result.outcome}: {result.detail}", result.receipt)
    return 0 if result.outcome is out.RefundOutcome.REFUNDED else 1


def _confirmed(cents: int) -> bool:
    """Asked on stderr: with --json, stdout holds the one object."""
    if not sys.stdin.isatty():
        return False
    print(f"give {_euros(cents)} to the card that is presented? [yes/no] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _diagnosis(terminal: ZvtTerminal, arguments: argparse.Namespace) -> int:
    return _upkeep(terminal, arguments, out.Upkeep.DIAGNOSIS)


def _clock(terminal: ZvtTerminal, arguments: argparse.Namespace) -> int:
    return _upkeep(terminal, arguments, out.Upkeep.SET_CLOCK)


def _upkeep(terminal: ZvtTerminal, arguments: argparse.Namespace, what: out.Upkeep) -> int:
    result = terminal.upkeep(what)
    _tell(arguments, _plain(result), "\n".join((result.detail, *result.text)))
    return 0 if result.done else 1


def _log_off(terminal: ZvtTerminal, arguments: argparse.Namespace) -> int:
    done = terminal.log_off()
    _tell(arguments, {"done": done}, "logged off" if done else "it did not agree, or is not there")
    return 0 if done else 1


_ACTIONS = {
    "status": _status,
    "pay": _pay,
    "last": _last,
    "reverse": _reverse,
    "refund": _refund,
    "end-of-day": _end_of_day,
    "diagnosis": _diagnosis,
    "clock": _clock,
    "log-off": _log_off,
}


def _tell(arguments: argparse.Namespace, data: Any, words: str, receipt: out.TransactionReceipt | None = None) -> None:
    if arguments.json:
        print_json(data)
        return
    if words:
        print(words)
    if receipt is not None:
        told = {
            "amount": None if receipt.amount_cents is None else _euros(receipt.amount_cents),
            "receipt": receipt.receipt_number,
            "trace": receipt.trace_number,
            "terminal": receipt.terminal_id,
            "card": " ".join(filter(None, (receipt.card_name, receipt.masked_pan))) or None,
            "time": receipt.time and receipt.time.isoformat(),
        }
        print("\n".join(f"{name:<9}{value}" for name, value in told.items() if value is not None))
        print("\n".join(receipt.text), end="\n" if receipt.text else "")


def _euros(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d} EUR"


def _status_words(status: out.TerminalStatus) -> str:
    details = ", ".join(str(value) for value in dataclasses.asdict(status).values() if value is not None)
    return _status_name(status) + (f" ({details})" if details else "")


def _status_name(status: out.TerminalStatus) -> str:
    return "".join(f"-{c.lower()}" if c.isupper() else c for c in type(status).__name__).lstrip("-")


def _plain(value: Any) -> Any:
    """A result as JSON values; a status is told by its name."""
    if value is None:
        return None
    plain = dataclasses.asdict(value)
    return {"status": _status_name(value)} | plain if isinstance(value, out.TerminalStatus) else plain
