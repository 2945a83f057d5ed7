"""verify: check the text of a ticket's QR code against a key set, without a line"""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from kiosk.commands import BadInput, print_json
from kiosk.domain.tickets.claims import Claims
from kiosk.domain.tickets.keys import KeySet, KeySetError, parse_key_set
from kiosk.domain.tickets.signature import Refusal, RefusalReason, verify
from kiosk.text import texts

LONGEST_INPUT = 10_000  # characters read from stdin: far more than any barcode

EXPLANATIONS = {
    RefusalReason.NOT_A_TICKET: "this is no ticket of a kiosk",
    RefusalReason.UNKNOWN_VERSION: "this ticket has a format that this version does not know",
    RefusalReason.DAMAGED: "this ticket cannot be read to its end; scan it again",
    RefusalReason.UNKNOWN_KEY: "no kiosk in the key set signs with the key it names",
    RefusalReason.BAD_SIGNATURE: "the signature does not fit: changed or forged",
    RefusalReason.REVOKED_KEY: "its key was revoked; find the request by its code",
    RefusalReason.MALFORMED_CLAIMS: "the signature is good, but this is not what a ticket says",
    RefusalReason.WRONG_KIOSK: "it names another kiosk than the one that signed it",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`verify TEXT --keys FILE [--json]`."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="verify")
    action = actions.add_parser("verify", help="0: valid; 1: refused, with the reason; 2: bad input")
    action.add_argument("text", metavar="TEXT", help="the scanned text; - reads it from stdin")
    action.add_argument("--keys", type=Path, required=True, metavar="FILE", help="the kiosks' public keys (JSON)")
    action.add_argument("--json", action="store_true", help="one JSON object on stdout")


def run(arguments: argparse.Namespace) -> int:
    """0 for a valid ticket, 1 for a refused one."""
    keys = _read_keys(arguments.keys)
    answer = verify(_read_text(arguments.text), keys)
    if arguments.json:
        print_json(_as_json(answer))
    elif isinstance(answer, Refusal):
        named = f" (key {answer.key_id})" if answer.key_id is not None else ""
        print(f"refused: {answer.reason.value}: {EXPLANATIONS[answer.reason]}{named}")
    else:
        print("\n".join(_lines(answer)))
    return 1 if isinstance(answer, Refusal) else 0


def _read_keys(path: Path) -> KeySet:
    try:
        return parse_key_set(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"cannot read the keys file {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise BadInput(f"the keys file {path} is not UTF-8 text") from None
    except KeySetError as error:
        raise BadInput(f"the keys file {path} cannot be used: {error}") from None


def _read_text(argument: str) -> str:
    if argument != "-":
        return argument
    data = sys.stdin.buffer.read(LONGEST_INPUT + 1)
    if len(data) > LONGEST_INPUT:
        raise BadInput(f"stdin holds more than {LONGEST_INPUT} bytes, which is no scanned text")
    return data.decode("utf-8", errors="replace")


def _as_json(answer: Claims | Refusal) -> dict[str, Any]:
    if isinstance(answer, Refusal):
        return {"valid": False, "reason": answer.reason.value, "key_id": answer.key_id}
    return {"valid": True, "claims": _moments_as_text(asdict(answer))}


def _moments_as_text(value: Any) -> Any:
    """The claims with moments in ISO 8601 and the rest as it is."""
    if isinstance(value, dict):
        return {key: _moments_as_text(member) for key, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [_moments_as_text(member) for member in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


def _lines(claims: Claims) -> list[str]:
    english = texts("en")
    lines = [
        f"valid ticket {claims.code}",
        f"  id            {claims.ticket_id}",
        f"  issued        {english.day_short(claims.issued_at)} {english.time(claims.issued_at)}"
        f" by kiosk {claims.kiosk} of {claims.municipality}",
        f"  service       {claims.service}",
    ]
    lines += [
        f"  request       {request.card_type or 'no card type'}, {request.procedure or 'no procedure'}"
        for request in claims.requests
    ]
    lines.append(f"  payment       {claims.payment.state.value}, {english.money(claims.payment.cents)}")
    booked = claims.appointment
    if booked is None:
        lines.append("  appointment   none")
    else:
        when = f"{english.day_short(booked.start)} {english.time(booked.start)}"
        desk = f", {booked.desk}" if booked.desk is not None else ""
        lines.append(f"  appointment   {when}, {booked.minutes} minutes{desk}")
    return lines
