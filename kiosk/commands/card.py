"""Read the residence card in the reader, or decode files that were dumped from one; read a staff badge (PIV).

`read` exits with 0 when nothing is refuted, and with 1 when something is or when there is no card to read.
`decode` does the same with files; what is not given cannot be checked, and is said so. `badge` exits with 0 when the
chip proves that it is no copy, the certificate is valid today and, where issuers are given, one of them issued it.
"""

from __future__ import annotations

import argparse
import queue
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TypeVar

from hardware.smartcard import (
    CardChannel,
    CardError,
    CardReading,
    Inserted,
    Material,
    Outcome,
    Reader,
    ReaderEvent,
    Reason,
    Trust,
    TrustError,
    ValidityState,
    read_card,
)
from hardware.smartcard.card import assemble
from hardware.smartcard.piv import Issuers, PivError, PivReading, PivReason, read_piv
from kiosk.commands import BadInput, print_json

T = TypeVar("T")

_LARGEST_FILE = 0x8000  # no file on a card is longer: READ BINARY has 15 bits of offset


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`kiosk card read`, `kiosk card decode` and `kiosk card badge`."""
    words = parser.add_subparsers(dest="word", required=True, metavar="read|decode|badge")
    read = words.add_parser("read", help="read and verify the card in the reader")
    badge = words.add_parser("badge", help="read and verify the staff badge in the reader: a PIV card")
    for word in (read, badge):
        word.add_argument("--reader", default="", metavar="NAME", help="prefer the reader whose name contains this")
        word.add_argument("--wait", type=_seconds, default=0.0, metavar="SECONDS", help="wait so long for a card")
    badge.add_argument("--issuers", type=Path, metavar="DIR", help="by whom it must be issued: certificates")
    decode = words.add_parser("decode", help="decode and verify dumped files")
    decode.add_argument("--identity", type=Path, required=True, metavar="FILE")
    for name in (
        "identity-signature",
        "address",
        "address-signature",
        "photo",
        "rrn-certificate",
        "root-certificate",
        "basic-key",
        "card-data",
    ):
        decode.add_argument(f"--{name}", type=Path, metavar="FILE")
    for word in (read, decode):
        word.add_argument("--trust", type=Path, metavar="DIR", help="trust the root certificates here, by key")
    for word in (read, decode, badge):
        word.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Print the reading. 0, or 1 when something is refuted or no card could be read."""
    if arguments.word == "badge":
        return _badge(arguments)
    trust = _trust(arguments.trust)
    try:
        reading = _read(arguments, trust) if arguments.word == "read" else _decode(arguments, trust)
    except CardError as problem:
        return _failed(problem, _SENTENCES[problem.reason], arguments.json)
    if arguments.json:
        print_json(reading.as_json())
    else:
        print(describe(reading))
    return 1 if reading.checks.verdict is Outcome.REFUTED else 0


def describe(reading: CardReading) -> str:
    """The reading for a person at a terminal."""
    identity, address = reading.identity, reading.address
    document = reading.document_type
    kind = f"{document.name} (code {document.code})" if document.known else f"unknown, code {document.code!r}"
    validity = reading.validity
    rows: list[tuple[str, object]] = [
        ("card", f"{kind}, number {identity.card_number}"),
        ("valid", f"{validity.begin or '?'} to {validity.end or '?'}: {validity.state.value}"),
        ("name", " ".join(filter(None, (identity.first_names, identity.third_name_initial, identity.surname)))),
        ("born", " in ".join(filter(None, (identity.birth_date_text, identity.birth_place)))),
        ("nationality", identity.nationality),
        ("national number", identity.national_number),
    ]
    if address:
        rows.append(("address", f"{address.street_and_number}, {address.postcode} {address.municipality}"))
    rows.append(("", ""))
    for name, check in reading.checks.all.items():
        rows.append((name.replace("_", " "), _said(check.outcome, check.why, check.detail)))
    rows.append(("verdict", reading.checks.verdict.value.replace("-", " ")))
    rows += [("note", warning.replace("-", " ")) for warning in sorted(identity.warnings)]
    if reading.apdus:
        applet = f", applet {reading.applet_version}" if reading.applet_version else ""
        rows.append(("read with", f"{reading.apdus} commands, {reading.bytes_read} bytes{applet}"))
    return _table(rows)


def _table(rows: list[tuple[str, object]]) -> str:
    width = max(len(label) for label, _ in rows)
    return "\n".join(f"{label:<{width}}  {value}".rstrip() for label, value in rows)


def _badge(arguments: argparse.Namespace) -> int:
    try:
        issuers = Issuers.from_folder(arguments.issuers) if arguments.issuers else None
    except TrustError as problem:
        raise BadInput(str(problem)) from problem
    try:
        reading = _in_reader(arguments, lambda channel: read_piv(channel, date.today(), issuers))
    except CardError as problem:
        return _failed(problem, _SENTENCES[problem.reason], arguments.json)
    except PivError as problem:
        return _failed(problem, _BADGE_SENTENCES[problem.reason], arguments.json)
    if reading is None:
        problem = CardError(Reason.NOT_EID, "no PIV application")
        return _failed(problem, "this is no staff badge", arguments.json)
    if arguments.json:
        print_json(reading.as_json())
    else:
        print(describe_badge(reading))
    passes = reading.chip.outcome is Outcome.PROVEN and reading.issuer.outcome is not Outcome.REFUTED
    return 0 if passes and reading.validity.state is ValidityState.VALID else 1


def describe_badge(reading: PivReading) -> str:
    """The reading for a person at a terminal."""
    certificate, validity = reading.certificate, reading.validity
    checks = {"chip": reading.chip, "issuer": reading.issuer}
    return _table(
        [
            ("badge", certificate.subject.rfc4514_string() or "without a name"),
            ("issued by", certificate.issuer.rfc4514_string()),
            ("valid", f"{validity.begin} to {validity.end}: {validity.state.value}"),
            ("fingerprint", reading.fingerprint),
            *((name, _said(check.outcome, check.why, check.detail)) for name, check in checks.items()),
            ("read with", f"{reading.apdus} commands, {reading.bytes_read} bytes"),
        ]
    )


def _failed(problem: CardError | PivError, sentence: str, as_json: bool) -> int:
    if as_json:
        print_json({"error": problem.reason, "detail": problem.detail})
    print(f"kiosk card: {sentence} ({problem.detail or problem.reason})", file=sys.stderr)
    return 1


_BADGE_SENTENCES: dict[PivReason, str] = {
    PivReason.NO_CERTIFICATE: "this badge has no certificate for card authentication (slot 9E)",
    PivReason.MALFORMED: "the certificate on this badge cannot be understood",
    PivReason.UNSUPPORTED_KEY: "this badge has a key of a kind that PIV does not have",
}

_SENTENCES: dict[Reason, str] = {
    Reason.NO_ANSWER: "the card does not answer; is it the right way up?",
    Reason.NOT_EID: "this is no Belgian eID or residence card",
    Reason.BANK_CARD: "this is a bank card",
    Reason.FOREIGN_EID: "this is an identity card, and not a Belgian one",
    Reason.PULLED: "there is no card in the reader",
    Reason.UNREADABLE: "the card cannot be read",
    Reason.BUSY: "another program holds the card",
    Reason.READER_GONE: "there is no card reader",
}


def _said(outcome: Outcome, why: str, detail: str) -> str:
    because = ", ".join(filter(None, ("" if outcome is Outcome.PROVEN else why.replace("-", " "), detail)))
    words = outcome.value.replace("-", " ")
    return f"{words} ({because})" if because else words


def _read(arguments: argparse.Namespace, trust: Trust) -> CardReading:
    return _in_reader(arguments, lambda channel: read_card(channel, trust, date.today()))


def _in_reader(arguments: argparse.Namespace, read: Callable[[CardChannel], T]) -> T:
    reader = Reader(prefer=arguments.reader)
    try:
        if arguments.wait:
            _await_card(reader.watch, arguments.wait)
        channel = reader.connect()
        try:
            return read(channel)
        finally:
            channel.close()
    finally:
        reader.close()


def _await_card(watch: Callable[[Callable[[ReaderEvent], None]], None], seconds: float) -> None:
    inserted: queue.SimpleQueue[bool] = queue.SimpleQueue()
    watch(lambda event: inserted.put(True) if isinstance(event, Inserted) else None)
    try:
        inserted.get(timeout=seconds)
    except queue.Empty:
        raise CardError(Reason.PULLED, f"none came within {seconds:g} s") from None


def _decode(arguments: argparse.Namespace, trust: Trust) -> CardReading:
    material = Material(
        identity=_file(arguments.identity),
        identity_signature=_file(arguments.identity_signature),
        address=_file(arguments.address),
        address_signature=_file(arguments.address_signature),
        photo=_file(arguments.photo),
        rrn_certificate=_file(arguments.rrn_certificate),
        root_certificate=_file(arguments.root_certificate),
        basic_key=_file(arguments.basic_key),
    )
    try:
        return assemble(material, trust, date.today(), card_data=_file(arguments.card_data))
    except CardError as problem:
        raise BadInput(f"these are no files of a Belgian card: {problem.detail}") from problem


def _file(path: Path | None) -> bytes:
    if path is None:
        return b""
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST_FILE + 1)
    except OSError as problem:
        raise BadInput(f"{path}: {problem.strerror}") from problem
    if len(data) > _LARGEST_FILE:
        raise BadInput(f"{path} is longer than any file on a card ({_LARGEST_FILE} bytes)")
    return data


def _trust(folder: Path | None) -> Trust:
    if folder is None:
        return Trust()
    try:
        return Trust.from_folder(folder)
    except TrustError as problem:
        raise BadInput(str(problem)) from problem


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 3600:
        raise argparse.ArgumentTypeError("0 to 3600 seconds")
    return value
