"""What the rules answer: who may ask, what it costs, when it is ready, what to bring.

Several children are given by repeating --birth-date; --card-type and --procedure then count for all children when
given once, or for each in turn; so do the answers to the questions, from --role on. What is left out was not asked.
Of a birth date only the year, or the year and the month, may be known. A time without a zone is Belgian time.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from kiosk.commands import BadInput, print_json
from kiosk.commands.quote_answer import Asked, as_json, as_lines
from kiosk.domain.card_types import CardType
from kiosk.domain.circumstances import Circumstances, Loss, Nationality, Papers, Role
from kiosk.domain.profile import Profile, ProfileFaults
from kiosk.domain.quote import BirthKnown, Child, Request, Service
from kiosk.domain.rules import questions, quote
from kiosk.domain.working_days import BRUSSELS
from kiosk.profiles import DEMO_PROFILE, ProfileNotFound, find_profile
from kiosk.text import LANGUAGES, texts

# Outside these years a date is a slip of the pen, and the calendar of holidays says nothing of use.
FIRST_YEAR, LAST_YEAR = 1900, 2199

_YES_NO = {"yes": True, "no": False}
# The questions, with the answers that there are; the name of each is a field of `Circumstances`.
_CHOICES: dict[str, Mapping[str, object]] = {
    "role": {value.value: value for value in Role},
    "separated": _YES_NO,
    "custody": _YES_NO,
    "previous_card": _YES_NO,
    "loss": {value.value: value for value in Loss},
    "recovered": _YES_NO,
    "nationality": {value.value: value for value in Nationality},
    "papers": {value.value: value for value in Papers},
    "registered": _YES_NO,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The request, as the options of one line."""
    add = parser.add_argument
    add("--municipality", default=DEMO_PROFILE, metavar="ID_OR_FILE", help="default: %(default)s")
    add("--service", default=Service.APPLICATION.value, help=f"{', '.join(Service)}; default: %(default)s")
    add("--birth-date", action="append", required=True, metavar="YYYY[-MM[-DD]]", help="one for each child")
    add("--card-type", action="append", default=[], metavar="LETTER", help=", ".join(CardType))
    add("--procedure", action="append", default=[], help="normal, urgent, …; default: the service's first")
    add("--at", metavar="YYYY-MM-DDTHH:MM", help="when the parent asks and pays; default: now")
    add("--applies-at", metavar="YYYY-MM-DDTHH:MM", help="when the request is made at the desk; default: --at")
    add("--permit-until", metavar="YYYY-MM-DD", help="the end of the legal representative's own permit")
    for name, answers in _CHOICES.items():
        add(_option(name), action="append", default=[], metavar="ANSWER", help=", ".join(answers))
    add(
        "--stay-until",
        action="append",
        default=[],
        metavar="YYYY-MM-DD",
        help="the end of the child's right of residence",
    )
    add("--without-card", action="store_true", help="the parent has no residence card to show")
    add("--language", default="en", choices=list(LANGUAGES), help="of the words; default: %(default)s")
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
    return [
        Request(Child(f"{number}", day, known), service, card_type, procedure or first)
        for number, ((day, known), card_type, procedure) in enumerate(zip(days, card_types, procedures, strict=True), 1)
    ]


def _circumstances(arguments: argparse.Namespace, children: int) -> list[Circumstances]:
    """What the parent answered, for each child."""
    fields: dict[str, list[Any]] = {
        name: _answers(arguments, name, children, lambda text, answers=answers: answers[text])
        for name, answers in _CHOICES.items()
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
        raise BadInput(f"{_option(name)} {unknown.args[0]}: must be one of {', '.join(_CHOICES[name])}") from None


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
        day = date.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{option} {text}: there is no such day; write it as 2022-05-04") from None
    return _in_our_years(option, text, day)


def _moment(option: str, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{option} {text}: there is no such time; write it as 2026-11-23T14:30") from None
    if len(text) <= len("2026-11-23"):
        raise BadInput(f"{option} {text}: the clock time is missing; write it as {text}T14:30")
    _in_our_years(option, text, moment.date())
    # By way of UTC, a time in the hour that the clock skips in March becomes the one that it shows instead.
    local = moment if moment.tzinfo is not None else moment.replace(tzinfo=BRUSSELS)
    return local.astimezone(UTC).astimezone(BRUSSELS)


def _in_our_years(option: str, text: str, day: date) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise BadInput(f"{option} {text}: the year must be from {FIRST_YEAR} to {LAST_YEAR}")
    return day
