"""The backend's commands: `python -m backend COMMAND`. Answers are JSON on stdout; bad input is one line and exit 2."""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pydantic

from kiosk.profiles import DEMO_PROFILE

if TYPE_CHECKING:  # these need a started Django
    from backend.fleet.models import Municipality
    from kiosk.domain.profiles.profile import Profile


class BadInput(Exception):
    """What was given cannot be used; the message is one clear line."""


class OneLineParser(argparse.ArgumentParser):
    """A parser whose complaint is one clear line."""

    def error(self, message: str) -> NoReturn:
        """Complain and exit with 2."""
        self.exit(2, f"{self.prog}: {message}\n")


def main(argv: list[str] | None = None) -> int:
    """Run one command. Returns 0, 1 (a "no") or 2 (bad input)."""
    arguments = _parser().parse_args(argv)
    if arguments.data is not None:
        os.environ["LOKET_DATA"] = str(arguments.data)
    os.environ["DJANGO_SETTINGS_MODULE"] = "backend.settings"
    try:
        _start_django()
        if arguments.run not in (_migrate, _demo):
            _need_migrated()
        run: Callable[[argparse.Namespace], int] = arguments.run
        return run(arguments)
    except BadInput as problem:
        print(f"backend: {problem}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _start_django() -> None:
    import django

    from backend.environment import Environment
    from backend.preparation import compile_texts

    try:
        compile_texts(Environment().data)
        django.setup()
    except pydantic.ValidationError as problem:
        faults = "; ".join(f"LOKET_{error['loc'][0]}".upper() + f": {error['msg']}" for error in problem.errors())
        raise BadInput(faults) from None
    except OSError as problem:
        raise BadInput(f"{problem.filename}: {problem.strerror}") from None


def _need_migrated() -> None:
    from backend import administration

    if not administration.is_migrated():
        raise BadInput("the database is not made or not up to date: `python -m backend migrate` first")


def _parser() -> OneLineParser:
    parser = OneLineParser(prog="backend", description=__doc__)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--data", type=Path, help="the backend's folder (LOKET_DATA; else build/backend)")
    words = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=OneLineParser)

    word = words.add_parser("migrate", parents=[common], help="make or bring up to date the database")
    word.set_defaults(run=_migrate)

    word = words.add_parser("demo-data", parents=[common], help="a municipality with its desks and opening hours")
    _add_municipality(word)
    word.set_defaults(run=_demo_data)

    word = words.add_parser("enrolment-code", parents=[common], help="a one-time code for a new kiosk")
    word.add_argument("--municipality", help="its id; not needed where there is only one")
    word.add_argument("--minutes", type=_minutes, default=30, help="how long it lives (default 30, at most 1440)")
    word.set_defaults(run=_enrolment_code)

    word = words.add_parser("staff", parents=[common], help="an account, with a password that is shown once")
    word.add_argument("name")
    word.add_argument("--municipality", help="its id; not needed where there is only one")
    word.add_argument("--role", default="desk", help="desk (default), kiosk-staff, finance, manager or platform")
    word.set_defaults(run=_staff)

    word = words.add_parser("revoke", parents=[common], help="a kiosk's key is not trusted any more")
    word.add_argument("kiosk", help="its id")
    word.set_defaults(run=_revoke)

    word = words.add_parser("publish-profile", parents=[common], help="hand out a municipality's rules to its kiosks")
    word.add_argument("file", type=Path)
    word.set_defaults(run=_publish_profile)

    word = words.add_parser("calendars", parents=[common], help="other calendars: `check` their set-up, or `give-back`")
    word.add_argument("what", choices=["check", "give-back"])
    word.set_defaults(run=_calendars)

    word = words.add_parser("retention", parents=[common], help="erase the personal data whose time is over")
    word.add_argument("--audit-log", action="store_true", help="also end old lines of the audit log (the owner's role)")
    word.set_defaults(run=_retention)

    word = words.add_parser("stored", parents=[common], help="how many entries, requests and dead letters are held")
    word.set_defaults(run=_stored)

    word = words.add_parser("watch", parents=[common], help="look after the kiosks: alerts, mail, webhooks, paper")
    word.add_argument("--once", action="store_true", help="one look, and what it came to")
    word.add_argument("--until-stdin-ends", action="store_true", help="end when the program that started it does")
    word.set_defaults(run=_watch)

    word = words.add_parser("simulate-fleet", parents=[common], help="simulated kiosks that beat, serve and break")
    word.add_argument("--municipality", help="its id; not needed where there is only one")
    _add_fleet(word)
    word.add_argument("--until-stdin-ends", action="store_true", help="end when the program that started it does")
    word.set_defaults(run=_simulate_fleet)

    word = words.add_parser("serve", parents=[common], help="the web server")
    _add_server(word, port=8000)
    word.set_defaults(run=_serve)

    word = words.add_parser("demo", parents=[common], help="all of it: database, demo data, an account, the server")
    _add_municipality(word)
    _add_server(word, port=8000)
    word.add_argument("--json", action="store_true", help="say what there is as one JSON line")
    examples = "invented requests to look at (default: yes, but not with --json)"
    word.add_argument("--examples", action=argparse.BooleanOptionalAction, default=None, help=examples)
    word.add_argument(
        "--fleet", type=int, choices=range(201), metavar="0..200", help="simulated kiosks (12, but 0 with --json)"
    )
    word.set_defaults(run=_demo)
    return parser


def _add_municipality(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--municipality", default=DEMO_PROFILE, help=f"a profile's id or file (default {DEMO_PROFILE})")


def _add_server(parser: argparse.ArgumentParser, port: int) -> None:
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=_port, default=port, help=f"0: any free one (default {port})")
    parser.add_argument("--workers", type=int, default=1, choices=range(1, 33), metavar="1..32")
    parser.add_argument("--until-stdin-ends", action="store_true", help="end when the program that started it does")


def _add_fleet(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--kiosks", type=int, default=12, choices=range(1, 1001), metavar="1..1000")
    parser.add_argument("--days", type=int, default=28, choices=range(62), metavar="0..61", help="behind them (28)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--once", action="store_true", help="one heartbeat of each, and what was heard")


def _minutes(text: str) -> int:
    minutes = int(text)
    if not 1 <= minutes <= 1440:
        raise argparse.ArgumentTypeError("from 1 to 1440 minutes")
    return minutes


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError("from 0 to 65535")
    return port


# --- The commands ------------------------------------------------------------------------------------


def _migrate(_: argparse.Namespace) -> int:
    from backend import administration

    administration.migrate()
    return _say(migrated=True)


def _demo_data(arguments: argparse.Namespace) -> int:
    from backend import administration

    profile = _profile(arguments.municipality)
    municipality = administration.load_municipality(profile)
    return _say(municipality=municipality.pk, name=municipality.name, desks=municipality.desks.count())


def _enrolment_code(arguments: argparse.Namespace) -> int:
    from backend import administration

    code, expires = administration.enrolment_code(_municipality(arguments.municipality), arguments.minutes)
    return _say(code=code, expires_at=expires.isoformat())


def _staff(arguments: argparse.Namespace) -> int:
    from backend import administration
    from backend.accounts.roles import Role

    if arguments.role not in Role.values:
        raise BadInput(f"there is no role {arguments.role!r}; there are {', '.join(Role.values)}")
    role = Role(arguments.role)
    municipality = None if role is Role.PLATFORM else _municipality(arguments.municipality)
    password = administration.staff_account(arguments.name, municipality, role)
    return _say(name=arguments.name, role=role.value, password=password)


def _revoke(arguments: argparse.Namespace) -> int:
    from backend import administration

    try:
        administration.revoke(arguments.kiosk)
    except administration.NoSuchKiosk:
        raise BadInput(f"there is no kiosk {arguments.kiosk!r}") from None
    return _say(revoked=arguments.kiosk)


def _publish_profile(arguments: argparse.Namespace) -> int:
    from backend import administration

    try:
        municipality, digest = administration.publish_profile(arguments.file)
    except (administration.ProfileUnusable, administration.NoSuchMunicipality) as problem:
        raise BadInput(str(problem)) from None
    return _say(municipality=municipality.pk, digest=digest)


def _calendars(arguments: argparse.Namespace) -> int:
    from backend import administration
    from backend.appointments.outside.contract import ConfigWrong

    try:
        if arguments.what == "give-back":
            return _say(given_back=administration.give_back_unused())
        found = administration.check_calendars()
    except ConfigWrong as problem:
        raise BadInput(str(problem)) from None
    for municipality, (fine, text) in found.items():
        _say(municipality=municipality, usable=fine, says=text)
    return 0 if all(fine for fine, _ in found.values()) else 1


def _retention(arguments: argparse.Namespace) -> int:
    from django.utils import timezone

    from backend.fleet.models import Municipality
    from backend.privacy import erasure

    now, towns, stop = timezone.now(), list(Municipality.objects.order_by("pk")), _stop_wanted(with_stdin=False)
    swept = [erasure.sweep(town, now, stop=stop.is_set) for town in towns]
    lines = sum(erasure.forget_audit(town, now, stop.is_set) for town in towns) if arguments.audit_log else 0
    requests, letters = sum(one.requests for one in swept), sum(one.letters for one in swept)
    return _say(requests=requests, letters=letters, audit_entries=lines, whole=not stop.is_set())


def _stored(_: argparse.Namespace) -> int:
    from backend import administration

    return _say(**administration.stored())


def _simulate_fleet(arguments: argparse.Namespace) -> int:
    from django.utils import timezone

    from backend.watch import living

    municipality = _municipality(arguments.municipality)
    fleet = living.fill(municipality, arguments.kiosks, arguments.days, arguments.seed, timezone.now())
    if arguments.once:
        return _say(kiosks=len(fleet.kiosks), heard=fleet.beat(timezone.now()))
    fleet.run(timezone.now, _stop_wanted(arguments.until_stdin_ends))
    return 0


def _stop_wanted(with_stdin: bool) -> threading.Event:
    """Set when somebody ends this program, or the one that started it ends."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    if with_stdin:
        threading.Thread(target=lambda: (sys.stdin.buffer.read(), stop.set()), daemon=True).start()
    return stop


def _watch(arguments: argparse.Namespace) -> int:
    from django.utils import timezone

    from backend.watch import worker

    if arguments.once:
        return _say(**worker.once(timezone.now))
    worker.run(timezone.now, _stop_wanted(arguments.until_stdin_ends))
    return 0


def _serve(arguments: argparse.Namespace) -> int:
    from backend.preparation import collect_static_files

    collect_static_files()
    return _serve_there(arguments, lambda url: _say(event="ready", url=url))


def _demo(arguments: argparse.Namespace) -> int:
    from django.utils import timezone

    from backend import administration, demonstration
    from backend.accounts.roles import Role
    from backend.preparation import collect_static_files

    profile = _profile(arguments.municipality)
    administration.migrate()
    municipality = administration.load_municipality(profile)
    accounts = {role.value: administration.staff_account(role.value, municipality, role) for role in Role}
    code, _ = administration.enrolment_code(municipality, minutes=1440)
    if arguments.examples if arguments.examples is not None else not arguments.json:
        demonstration.fill(municipality, profile, timezone.now())
    collect_static_files()

    fleet = arguments.fleet if arguments.fleet is not None else 0 if arguments.json else 12
    others = ExitStack()

    def ready(url: str) -> None:  # the address is ours by now: before that, nothing is begun beside it
        if fleet:
            of_town = ("--municipality", municipality.pk)
            others.callback(_end, _begin("simulate-fleet", "--kiosks", str(fleet), *of_town))
        if fleet or not arguments.json:
            others.callback(_end, _begin("watch"))
        if arguments.json:
            desk = accounts[Role.DESK.value]
            _say(event="ready", url=url, staff="desk", password=desk, enrolment_code=code, accounts=accounts)
            return
        print(f"The desk and the console of {municipality.name}: {url}/")
        print("Names and passwords, new at every start (manager and platform set up a second factor first):")
        for name, password in accounts.items():
            print(f"  {name:12} {password}")
        print(f"A kiosk enrols with {code} within a day. Ctrl+C ends it.", flush=True)

    with others:
        return _serve_there(arguments, ready)


def _begin(*words: str) -> subprocess.Popen[bytes]:
    """Another command of ours beside this one, on the same data; it ends when this one does, however that is."""
    command = [sys.executable, "-m", "backend", *words, "--until-stdin-ends"]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)


def _end(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    process.wait(10)


def _serve_there(arguments: argparse.Namespace, ready: Callable[[str], object]) -> int:
    from backend.server import AddressUnusable, Options, serve

    options = Options(arguments.host, arguments.port, arguments.workers, arguments.until_stdin_ends)
    try:
        serve(options, ready)
    except AddressUnusable as problem:
        raise BadInput(str(problem)) from None
    return 0


def _profile(id_or_file: str) -> Profile:
    from backend import administration

    try:
        return administration.find_profile(id_or_file)
    except administration.ProfileUnusable as problem:
        raise BadInput(str(problem)) from None


def _municipality(municipality_id: str | None) -> Municipality:
    from backend import administration

    try:
        return administration.municipality(municipality_id)
    except administration.NoSuchMunicipality as problem:
        raise BadInput(str(problem)) from None


def _say(**facts: object) -> int:
    print(json.dumps(facts, default=str), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
