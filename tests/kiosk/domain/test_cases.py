"""The written-out cases of `cases/*.toml`: data that a clerk can read, each compared with the answer of the rules."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from kiosk.domain.card_types import CardType
from kiosk.domain.circumstances import Circumstances, Loss, Nationality, Papers, Role
from kiosk.domain.profiles.profile import Profile
from kiosk.domain.quote import BirthKnown, ChecklistItem, Child, Notice, Quote, Ready, Request, Service
from kiosk.domain.rules import appointment_minutes, questions, quote
from kiosk.domain.working_days import BRUSSELS
from kiosk.profiles import find_profile, read_profile

HERE = Path(__file__).parent
FILES = sorted((HERE / "cases").glob("*.toml"))


def _cases() -> list[Any]:
    found = []
    for path in FILES:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        profile = (
            read_profile(HERE / "profiles" / data["profile"])
            if "profile" in data
            else find_profile(data["municipality"])
        )
        for case in data["case"]:
            found.append(pytest.param(profile, {"service": data["service"], **case}, id=f"{path.stem}: {case['name']}"))
    return found


@pytest.mark.parametrize(("profile", "case"), _cases())
def test_the_rules_answer_as_written(profile: Profile, case: dict[str, Any]) -> None:
    service = Service(case["service"])
    requests = [
        Request(
            _child(child["born"]),
            service,
            CardType(child["card"]) if "card" in child else None,
            child.get("procedure", "normal"),
        )
        for child in case["children"]
    ]
    applies_at = _moment(case["applies_at"]) if "applies_at" in case else None
    at, known = _moment(case["at"]), _known(case.get("asked", {}))
    answer = quote(profile, requests, at, applies_at, permit_until=case.get("permit_until"), circumstances=known)
    expect = dict(case["expect"])
    assert answer.eligible is ("reason" not in expect)
    told = _told(profile, service, len(requests), answer)
    told["questions"] = [*questions(profile, requests, applies_at or at, known)]
    notices = told["know"]
    for code in expect.pop("know", []):
        assert code in notices
    for code in expect.pop("know_not", []):
        assert code not in notices
    assert {key: told[key] for key in expect} == expect


def _told(profile: Profile, service: Service, children: int, answer: Quote) -> dict[str, Any]:
    first = answer.procedures[0]
    return {
        "reason": answer.reason,
        "child": answer.child,
        "total": answer.total_cents,
        "fees": [line.cents for line in answer.fees],
        "ready": [_ready(ready) for ready in answer.ready],
        "open": [offer.procedure for offer in first if offer.open],
        "closed": [offer.procedure for offer in first if not offer.open],
        "valid_until": [*answer.valid_until],
        "bring": _codes(answer.checklist),
        "collect": _codes(answer.collection.checklist) if answer.collection else None,
        "know": _codes(answer.notices),
        "appointment": answer.appointment_needed,
        "collection_appointment": answer.collection.appointment if answer.collection else None,
        "ready_from": [ready.not_before.date() if ready and ready.not_before else None for ready in answer.ready],
        "limited_by": [longest.limited_by if longest else "unknown" for longest in answer.validity],
        "not_known": [*answer.validity[0].not_known] if answer.validity[0] else [],
        "printed": _codes(answer.printed),
        "fingerprints": ["unknown" if taken is None else taken for taken in answer.fingerprints],
        "collect_know": _codes(answer.collection.notices) if answer.collection else None,
        "collect_at": answer.collection.desk if answer.collection else None,
        "collect_elsewhere": [
            f"{child}: {next(iter(place.name.values()))}"
            for child, place in (answer.collection.elsewhere if answer.collection else ())
        ],
        "collect_with_child": answer.collection.child_present if answer.collection else None,
        "pay": [*answer.payment.places] if answer.payment else None,
        "pay_by": [*answer.payment.means] if answer.payment else None,
        "laws": len(answer.legal_base),
        "appointment_as": answer.appointment_as,
        "rule": answer.grounds.rule if answer.grounds else None,
        "source": answer.grounds.source if answer.grounds else None,
        "way_on": answer.way_on.get(profile.languages[0], ""),
        "minutes": appointment_minutes(profile, service, children),
    }


def _child(born: date | str) -> Child:
    """A whole date, or "2019" or "2019-05" where no more is known."""
    if isinstance(born, date):
        return Child("Yusuf", born)
    known = BirthKnown.YEAR if len(born) == 4 else BirthKnown.MONTH
    return Child("Yusuf", date.fromisoformat((born + "-01-01")[:10]), known)


def _known(asked: dict[str, Any]) -> Circumstances:
    values = {"role": Role, "loss": Loss, "nationality": Nationality, "papers": Papers}
    return Circumstances(**{key: values[key](value) if key in values else value for key, value in asked.items()})


def _moment(value: datetime) -> datetime:
    return value if value.tzinfo else value.replace(tzinfo=BRUSSELS)


def _ready(ready: Ready | None) -> datetime | date | str:
    if ready is None:
        return "unknown"
    local = ready.at.astimezone(BRUSSELS)
    return local.replace(tzinfo=None) if ready.exact else local.date()


def _codes(things: Sequence[ChecklistItem | Notice]) -> list[str]:
    codes = []
    for thing in things:
        mark = "?" if isinstance(thing, ChecklistItem) and thing.optional else ""
        whom = ":" + ",".join(map(str, thing.children)) if thing.children else ""
        codes.append(f"{thing.code}{mark}{whom}")
    return codes
