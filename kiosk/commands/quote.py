"""What the rules answer: who may ask, what it costs, when it is ready, what to bring.

Several children are given by repeating --birth-date; the card type, the procedure and each answer then count for all
of them when given once, or for each in turn. Of a birth date only the year, or the year and the month, may be known.
A time without a zone is Belgian time.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from kiosk.commands import BadInput, print_json
from kiosk.commands.quote_answer import Asked, as_json
from kiosk.commands.quote_lines import as_lines
from kiosk.domain.card_types import CardType
from kiosk.domain.circumstances import Circumstances, Loss, Nationality, Papers, Role
from kiosk.domain.profiles.profile import Profile, ProfileFaults
from kiosk.domain.profiles.values import FIRST_YEAR, LAST_YEAR
from kiosk.domain.quote import BirthKnown, Child, Request, Service
from kiosk.domain.rules import questions, quote
from kiosk.domain.working_days import BRUSSELS
from kiosk.profiles import DEMO_PROFILE, ProfileNotFound, find_profile
from kiosk.text import LANGUAGES, texts

_YES_NO = {"yes": True, "no": False}
# What a parent can be asked: the question, and its answers. The name of each is a field of `Circumstances`.
_CHOICES: dict[str, tuple[str, Mapping[str, object]]] = {
    "role": ("who asks for the child", {value.value: value for value in Role}),
    "separated": ("the parents live apart", _YES_NO),
    "custody": ("the one who asks holds the custody", _YES_NO),
    "previous_card": ("the child has a card, or a paper proof of identity", _YES_NO),
    "loss": ("what became of the child's card", {value.value: value for value in Loss}),
    "recovered": ("a card that was reported lost or stolen was found again", _YES_NO),
    "nationality": ("the child's nationality", {value.value: value for value in Nationality}),
    "papers": ("what the child's stay rests on", {value.value: value for value in Papers}),
    "registered": ("the child is in the registers of the municipality", _YES_NO),
}
_EXAMPLES = """\
examples:
  kiosk quote --card-type A --birth-date 2020-03-01
  kiosk quote --municipality my-town.toml --card-type EU --birth-date 2020 --procedure urgent --at 2026-11-25T14:59
  kiosk quote --card-type A --birth-date 2020-03-01 --birth-date 2024-07-09 --role guardian --language nl

The answer is a yes (exit 0) or a no with the reason and the way on (exit 1). What cannot be understood is said in one
line (exit 2)."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The request, as the options of one line."""
    parser.formatter_class, parser.epilog = argparse.RawDescriptionHelpFormatter, _EXAMPLES
    add = parser.add_argument_group("the town and the moment").add_argument
    add("--municipality", default=DEMO_PROFILE, metavar="TOWN", help="a profile's id or .toml file; else %(default)s")
    add("--at", metavar="YYYY-MM-DDTHH:MM", help="when the parent asks and pays; else now")
    add("--applies-at", metavar="YYYY-MM-DDTHH:MM", help="the appointment at the desk; else the same as --at")
    add = parser.add_argument_group("the request").add_argument
    add("--service", default=Service.APPLICATION.value, help=f"{', '.join(Service)}; else %(default)s")
    add("--birth-date", action="append", required=True, metavar="YYYY[-MM[-DD]]", help="once for each child")
    add("--card-type", action="append", default=[], metavar="LETTER", help=", ".join(CardType))
    add("--procedure", action="append", default=[], metavar="NAME", help="normal, urgent, …; else the usual one")
    add("--without-card", action="store_true", help="the parent has no residence card to show")
    add("--permit-until", metavar="YYYY-MM-DD", help="the end of the legal representative's own permit")
    add = parser.add_argument_group("what the parent answered (else: not asked)").add_argument
    for name, (what, answers) in _CHOICES.items():
        add(_option(name), action="append", default=[], metavar="ANSWER", help=f"{what}: {', '.join(answers)}")
    end = "the end of the child's own right of residence"
    add("--stay-until", action="append", default=[], metavar="YYYY-MM-DD", help=end)
    add = parser.add_argument_group("the words").add_argument
    add("--language", default="en", choices=tuple(LANGUAGES), help="else %(default)s; the keys of --json stay the same")
    add("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """0 eligible, 1 not; BadInput for what cannot be understood."""
    profile = _profile(arguments.municipality)
    requests = _requests(profile, arguments)
    at = _moment("--at", arguments.at) if arguments.at else datetime.now(BRUSSELS)
    applies_at = _moment("--applies-at", arguments.applies_at) if arguments.applies_at else at
    if applies_at < at:
        raise BadInput(f"--applies-at {arguments.applies_at} is before --at: a request is made at the desk afterwards")
    permit_until = _day("--permit-until", arguments.permit_until) if arguments.permit_until else None
    known = _circumstances(arguments, len(requests))
    _still_counts("--permit-until", permit_until, applies_at)
    for one in known:
        _still_counts("--stay-until", one.stay_until, applies_at)
    answer = quote(
        profile,
        requests,
        at,
        applies_at,
        permit_until=permit_until,
        without_card=arguments.without_card,
        circumstances=known,
    )
    still_open = questions(profile, requests, applies_at, known) if answer.eligible else ()
    asked = Asked(profile, requests, answer, still_open, at, applies_at, texts(arguments.language))
    if arguments.json:
        print_json(as_json(asked))
    else:
        print("\n".join(as_lines(asked)))
    return 0 if answer.eligible else 1


# --- Reading the line --------------------------------------------------------------------------------


def _profile(name: str) -> Profile:
    try:
        return find_profile(name)
    except ProfileNotFound as problem:
        raise BadInput(str(problem)) from None
    except ProfileFaults as wrong:
        raise BadInput(
            f"the profile {name} has {len(wrong.faults)} fault(s); `kiosk municipality check {name}` names them"
        ) from None


def _requests(profile: Profile, arguments: argparse.Namespace) -> list[Request]:
    days = [_birth_date(text) for text in arguments.birth_date]
    try:
        service = Service(arguments.service)
    except ValueError:
        raise BadInput(f"there is no service {arguments.service!r}; there are {', '.join(Service)}") from None
    rules = profile.services.get(service)
    card_types = [_card_type(profile, text) for text in _for_each("--card-type", arguments.card_type, len(days))]
    if rules is not None and rules.card_type and not arguments.card_type:
        raise BadInput(f"--card-type is missing: {', '.join(profile.card_types.sold)}")
    first = rules.procedures[0] if rules is not None and rules.procedures else None
    procedures = _for_each("--procedure", arguments.procedure, len(days))
    for name in procedures:
        if name is not None and rules is not None and name not in rules.procedures:
            known = ", ".join(rules.procedures) or "none"
            raise BadInput(f"--procedure {name}: for {service} {profile.name} has {known}")
    return [
        Request(Child(f"{number}", day, known), service, card_type, procedure or first)
        for number, ((day, known), card_type, procedure) in enumerate(zip(days, card_types, procedures, strict=True), 1)
    ]


def _circumstances(arguments: argparse.Namespace, children: int) -> list[Circumstances]:
    """What the parent answered, for each child."""
    fields: dict[str, list[Any]] = {
        name: _answers(arguments, name, children, lambda text, answers=answers: answers[text])
        for name, (_, answers) in _CHOICES.items()
    }
    fields["stay_until"] = _answers(arguments, "stay_until", children, lambda text: _day("--stay-until", text))
    return [Circumstances(**{name: values[index] for name, values in fields.items()}) for index in range(children)]


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")


def _answers(arguments: argparse.Namespace, name: str, children: int, read: Callable[[str], Any]) -> list[Any]:
    given = _for_each(_option(name), getattr(arguments, name), children)
    try:
        return [read(text) if text is not None else None for text in given]
    except KeyError as unknown:
        raise BadInput(f"{_option(name)} {unknown.args[0]}: must be one of {', '.join(_CHOICES[name][1])}") from None


def _birth_date(text: str) -> tuple[date, BirthKnown]:
    """A whole birth date, or only its year, or its year and month; zeros stand for what is not known."""
    partly = re.fullmatch(r"(\d{4})(?:-(\d{2}))?(?:-00)?", text, re.ASCII)
    if partly is None:
        return _day("--birth-date", text), BirthKnown.DAY
    year, month = partly.groups()
    if month in (None, "00"):
        return _day("--birth-date", f"{year}-01-01"), BirthKnown.YEAR
    return _day("--birth-date", f"{year}-{month}-01"), BirthKnown.MONTH


def _for_each(option: str, values: Sequence[str], children: int) -> list[str | None]:
    if not values:
        return [None] * children
    if len(values) not in (1, children):
        raise BadInput(
            f"{option} is given {len(values)} times for {children} birth dates; give it once, or once for each"
        )
    return [*values] if len(values) == children else [values[0]] * children


def _card_type(profile: Profile, text: str | None) -> CardType | None:
    if text is None:
        return None
    try:
        return CardType(text.upper())
    except ValueError:
        known = ", ".join((*profile.card_types.sold, *profile.card_types.desk_only))
        raise BadInput(f"there is no card type {text!r}; {profile.name} knows {known}") from None


def _day(option: str, text: str) -> date:
    try:
        day = date.fromisoformat(text if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII) else "")
    except ValueError:
        raise BadInput(f"{option} {text}: there is no such day; write it as 2022-05-04") from None
    return _in_our_years(option, text, day)


def _moment(option: str, text: str) -> datetime:
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        raise BadInput(f"{option} {text}: the clock time is missing; write it as {text}T14:30")
    try:
        moment = datetime.fromisoformat(text if re.match(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}", text, re.ASCII) else "")
    except ValueError:
        raise BadInput(f"{option} {text}: there is no such time; write it as 2026-11-23T14:30") from None
    _in_our_years(option, text, moment.date())
    # By way of UTC, a time in the hour that the clock skips in March becomes the one that it shows instead.
    local = moment if moment.tzinfo is not None else moment.replace(tzinfo=BRUSSELS)
    return local.astimezone(UTC).astimezone(BRUSSELS)


def _in_our_years(option: str, text: str, day: date) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise BadInput(f"{option} {text}: the year must be from {FIRST_YEAR} to {LAST_YEAR}")
    return day


def _still_counts(option: str, until: date | None, applies_at: datetime) -> None:
    if until is not None and until < applies_at.date():
        raise BadInput(f"{option} {until}: it has ended by the day of the request at the desk, {applies_at.date()}")
