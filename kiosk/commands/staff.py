"""Who may open service mode on this kiosk: by a card of theirs, or by a code and an authenticator. See docs/service.md.

What is kept of a card or a code names nobody and opens nothing elsewhere. Run it as the kiosk's user, or as root.
"""

from __future__ import annotations

import argparse
import getpass
import queue
import sys
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import quote

import qrcode
from pydantic import ValidationError

from hardware.smartcard import CardError, CardReader, Inserted, Reader, ReaderEvent, Trust, TrustError
from hardware.smartcard.piv import Issuers
from kiosk.commands import BadInput, print_json
from kiosk.config import ANY_READER, ConfigFault, KioskConfig, load
from kiosk.devices.badge import Badge, Refusal, read_badge
from kiosk.staff import roster as r

_CARD_PATIENCE = 60.0  # seconds to find one's card


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`kiosk staff list|add|remove --config FILE`."""
    words = parser.add_subparsers(dest="word", required=True, metavar="list|add|remove")
    everyone = words.add_parser("list", help="who is on the roster, and how they come in")
    add = words.add_parser("add", help="put somebody on it, or give them another card or code")
    add.add_argument("id", help="what the record calls them: small letters, digits, dashes; no need to be a name")
    add.add_argument("--name", help="what the screen greets them with; needed for somebody new")
    add.add_argument("--role", choices=[role.value for role in r.Role], help="without it: kiosk")
    add.add_argument(
        "--card", action="store_true", help="read a card in this kiosk's reader: their own eID, or their staff badge"
    )
    add.add_argument("--code", action="store_true", help="ask for a code, and set up an authenticator app")
    remove = words.add_parser("remove", help="take somebody off it, or one of their ways in")
    remove.add_argument("id")
    for way in _WAYS:
        remove.add_argument(f"--{way}", action="store_true", help=f"their {way} alone: lost, or not used any more")
    for word in (everyone, add, remove):
        word.add_argument("--config", type=Path, metavar="FILE", required=True, help="the kiosk's configuration")
        word.add_argument("--json", action="store_true", help="one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """0; 1 with a line on stderr for a card or a code that will not do; 2 for bad input."""
    try:
        config = load(arguments.config)
        roster = r.read(config.roster_file)
    except (ConfigFault, r.RosterFault) as problem:
        raise BadInput(str(problem)) from None
    match arguments.word:
        case "list":
            return _list(roster, arguments.json)
        case "add":
            return _add(config, roster, arguments)
        case _:
            return _remove(config.roster_file, roster, arguments)


# As the roster calls them, and what of a member goes with each.
_WAYS = {"card": ("card",), "badge": ("badge",), "code": ("code", "authenticator")}


def _ways(member: r.Member) -> dict[str, bool]:
    return {way: getattr(member, way) is not None for way in _WAYS}


def _list(roster: r.Roster, as_json: bool) -> int:
    if as_json:
        print_json({"members": [_told(member) for member in roster.member]})
        return 0
    if not roster.member:
        print("nobody is on the roster: nobody can open service mode")
    for member in roster.member:
        ways = ", ".join(way for way, has in _ways(member).items() if has)
        print(f"{member.id:<20}  {member.name:<24}  {member.role.value:<8}  {ways}")
    return 0


def _told(member: r.Member) -> dict[str, object]:
    """Without anything that opens a door."""
    return {"id": member.id, "name": member.name, "role": member.role.value, **_ways(member)}


def _add(config: KioskConfig, roster: r.Roster, arguments: argparse.Namespace) -> int:
    known = roster.of_id(arguments.id)
    if known is None and not arguments.name:
        raise BadInput(f"{arguments.id} is new: --name says what the screen greets them with")
    if known is None and not (arguments.card or arguments.code):
        raise BadInput("somebody new comes in by --card, by --code, or by both")
    member = {
        "id": arguments.id,
        "name": arguments.name or (known.name if known else ""),
        "role": arguments.role or (known.role.value if known else r.Role.KIOSK.value),
        "card": known.card if known else None,
        "badge": known.badge if known else None,
        "code": known.code if known else None,
        "authenticator": known.authenticator if known else None,
    }
    try:
        if arguments.card:
            badge = _badge_in_reader(config)
            keep = r.card_print if badge.by == "card" else r.badge_print
            member[badge.by] = keep(roster.key, badge.proven)
        if arguments.code:
            member["code"], member["authenticator"] = _new_code(arguments.id, config.kiosk.name)
    except _WillNotDo as problem:
        print(f"kiosk staff: {problem}", file=sys.stderr)
        return 1
    try:
        added = r.Member.model_validate(member)
    except ValidationError as problem:
        error = problem.errors(include_url=False)[0]
        raise BadInput(f"{error['loc'][0] if error['loc'] else 'member'}: {error['msg']}") from None
    others = tuple(other for other in roster.member if other.id != added.id)
    for way in ("card", "badge"):
        kept = getattr(added, way)
        if kept is not None and any(getattr(other, way) == kept for other in others):
            raise BadInput(f"this {way} belongs to somebody else on the roster")
    _write(config.roster_file, roster.model_copy(update={"member": (*others, added)}))
    if arguments.json:
        print_json(_told(added))
    else:
        ways = ", ".join(way for way, has in _ways(added).items() if has)
        print(f"{added.name} may open service mode, by {ways}")
    return 0


def _remove(file: Path, roster: r.Roster, arguments: argparse.Namespace) -> int:
    member = roster.of_id(arguments.id)
    if member is None:
        raise BadInput(f"{arguments.id} is not on the roster")
    chosen = [way for way in _WAYS if getattr(arguments, way)]
    missing = [way for way in chosen if not _ways(member)[way]]
    if missing:
        raise BadInput(f"{member.id} has no {missing[0]}")
    left = member.model_copy(update={name: None for way in chosen for name in _WAYS[way]})
    kept = (left,) if chosen and any(_ways(left).values()) else ()
    others = tuple(other for other in roster.member if other.id != member.id)
    _write(file, roster.model_copy(update={"member": (*others, *kept)}))
    if arguments.json:
        print_json(_told(left if kept else member))
    elif kept:
        print(f"{member.name} still comes in, by {', '.join(way for way, has in _ways(left).items() if has)}")
    else:
        print(f"{member.name} does not come in any more")
    return 0


def _write(file: Path, roster: r.Roster) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        r.write(file, roster)
    except OSError as problem:
        raise BadInput(f"{file} cannot be written: {problem.strerror}") from None


class _WillNotDo(Exception):
    """A card, a code or a number that cannot be used: why, in one sentence."""


# --- a card ---------------------------------------------------------------------------------------------


def _badge_in_reader(config: KioskConfig) -> Badge:
    folder, issued_by = config.reader.trust_folder, config.staff.badge_issuers
    try:
        trust = Trust.from_folder(folder) if folder else Trust()
        issuers = Issuers.from_folder(issued_by) if issued_by else None
    except TrustError as problem:
        raise BadInput(str(problem)) from None
    reader = Reader("" if config.reader.name == ANY_READER else config.reader.name)
    print("put the card into the reader …", file=sys.stderr)
    return badge_in(reader, trust, issuers, date.today())


_WHY: dict[Refusal, str] = {
    Refusal.OTHER_CARD: "it is neither an eID or residence card nor a PIV card",
    Refusal.UNTRUSTED: "its signatures do not lead to an authority that this kiosk trusts",
    Refusal.COPY: "it is a copy: its chip has not the key that the card shows",
    Refusal.UNPROVEN: "its chip cannot prove that it is no copy: eIDs of before 2020 cannot; use a code",
    Refusal.NOT_VALID: "it is not valid today",
    Refusal.NO_CERTIFICATE: "it has no certificate for card authentication (slot 9E) that can be used",
}


def badge_in(
    reader: CardReader, trust: Trust, issuers: Issuers | None, today: date, patience: float = _CARD_PATIENCE
) -> Badge:
    """What is put in: an eID, a residence card or a staff badge. Raises _WillNotDo for one that opens nothing."""
    arrived: queue.Queue[Inserted] = queue.Queue()

    def changed(event: ReaderEvent) -> None:
        if isinstance(event, Inserted):
            arrived.put(event)

    reader.watch(changed)
    try:
        arrived.get(timeout=patience)
        with closing(reader.connect()) as channel:
            badge = read_badge(channel, trust, issuers, today)
    except queue.Empty:
        raise _WillNotDo("no card came") from None
    except CardError as problem:
        raise _WillNotDo(f"the card cannot be read: {problem.detail or problem.reason.value}") from None
    finally:
        reader.close()
    if badge.refusal is not None:
        raise _WillNotDo(f"this card opens nothing: {_WHY[badge.refusal]} ({badge.detail})")
    return badge


# --- a code ---------------------------------------------------------------------------------------------


def _new_code(member: str, kiosk: str) -> tuple[str, str]:
    """What is kept of a new code, and the secret of an authenticator that has proven that it works."""
    code = _ask("a code of six to twelve digits: ")
    try:
        kept = r.code_print(code)
    except ValueError as problem:
        raise _WillNotDo(str(problem)) from None
    if _ask("the same code again: ") != code:
        raise _WillNotDo("these were two codes")
    secret = r.new_secret()
    address = f"otpauth://totp/{quote(f'Loket:{member}')}?secret={secret}&issuer={quote(kiosk)}"
    if sys.stderr.isatty():
        picture = qrcode.QRCode(border=2)
        picture.add_data(address)
        picture.print_ascii(out=sys.stderr, invert=True)
    print(f"in an authenticator app, scan the code or enter: {address}", file=sys.stderr, flush=True)
    token = _ask("the number that the app shows now: ")
    trial = r.Member(id=member, name=member, card=None, code=kept, authenticator=secret)
    roster = r.Roster(key=r.new_roster().key, member=(trial,))
    if r.of_code(roster, code, token, datetime.now(UTC), frozenset()) is None:
        raise _WillNotDo("the app shows another number: is the clock of this machine, or of the telephone, wrong?")
    return kept, secret


def _ask(what: str) -> str:
    """Unseen at a terminal; a line of stdin where a program answers."""
    if sys.stdin.isatty():
        return getpass.getpass(what)
    line = sys.stdin.readline()
    if not line:
        raise BadInput(f"stdin ended before {what.removesuffix(': ')}")
    return line.strip()
