"""A municipality never sees, and never changes, another one's rows: every page and every call of the API is tried.

The walk goes over Django's own table of addresses, so that a page that is added is tried without being named here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from backend import administration, demonstration
from backend.accounts.models import AuditEntry, Staff
from backend.accounts.roles import AREAS, Area, Role
from backend.api.urls import api as ninja
from backend.appointments.models import Appointment, Desk, OpeningHours, Slot
from backend.desk.models import DeskScan
from backend.fleet.models import EnrolmentCode, Kiosk, Municipality
from backend.requests.models import DeskPayment, OpenCase, Payment, Request, StateChange
from backend.tariffs.profiles import profile_of
from kiosk.domain import wire
from kiosk.domain.record import entries
from tests.backend.conftest import Login
from tests.backend.kiosks import Api, Story, TestKiosk, outcomes

# Addresses for everybody, or for everybody with a login: they show no rows. Monitoring has its own proof of who asks.
OPEN = re.compile(r"^(account/|api/|metrics$|health/|$)")
ELSEWHERE = sorted(role for role in Role if role is not Role.PLATFORM)


@pytest.fixture
def filled(town: Municipality, login: Login) -> Municipality:
    """A municipality with something of everything."""
    login(Role.DESK, name="desk-of-the-filled-town")
    profile = profile_of(town)
    assert profile is not None
    demonstration.fill(town, profile, datetime.now(UTC))
    administration.enrolment_code(town, 30)
    request = Request.objects.filter(state="ready").first()
    assert request is not None
    DeskScan.objects.create(
        id=uuid4(),
        municipality=town,
        ticket_id=request.pk,
        request=request,
        action="seen",
        at=datetime.now(UTC),
        received_at=datetime.now(UTC),
        who="desk-of-the-filled-town",
        outcome="noted",
    )
    return town


def _patterns(urls: list[Any], before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for one in urls:
        route = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _patterns(one.url_patterns, route)
        else:
            yield route, one


PAGES = [(route, one) for route, one in _patterns(get_resolver().url_patterns) if not OPEN.match(route)]


def _addresses(route: str, town: Municipality) -> list[str]:
    """An address with each thing of the municipality that could stand in it."""
    candidates = {
        "uuid": [
            Request.objects.filter(state="ready").values_list("pk", flat=True)[0],
            OpenCase.objects.filter(payment__isnull=False).values_list("pk", flat=True)[0],
            Appointment.objects.values_list("pk", flat=True)[0],
            Kiosk.objects.filter(municipality=town).values_list("pk", flat=True)[0],
            Payment.objects.values_list("pk", flat=True)[0],
        ],
        "int": [
            Staff.objects.get(username="desk-of-the-filled-town").pk,
            *Desk.objects.values_list("pk", flat=True)[:1],
            EnrolmentCode.objects.get(municipality=town, used_by=None).pk,
        ],
        "slug": [town.pk, "2026-11-25"],
        "str": [town.pk, "2026-11-25"],
    }
    places = re.findall(r"<(\w+):\w+>", route)
    parts = re.split(r"<\w+:\w+>", route)
    return [
        "/" + "".join(f"{part}{value}" for part, value in zip(parts, (*chosen, ""), strict=True))
        for chosen in product(*(candidates[place] for place in places))
    ]


def _secrets(town: Municipality) -> list[str]:
    """Words that stand in the rows of this municipality and nowhere else."""
    found = {"desk-of-the-filled-town"}
    for request in Request.objects.filter(municipality=town):
        found |= {request.ticket_code, request.national_number, request.card_number, str(request.pk)}
        found |= {request.surname} - {""}
    found |= {
        str(pk) for model in (OpenCase, Appointment, Payment) for pk in model.objects.values_list("pk", flat=True)
    }
    found |= {str(kiosk.pk) for kiosk in Kiosk.objects.filter(municipality=town)}
    found |= {kiosk.public_key for kiosk in Kiosk.objects.filter(municipality=town)}
    return sorted(found)


def _state(town: Municipality) -> str:
    """All rows of the municipality, as a text to compare."""
    models = (Request, OpenCase, Appointment, Payment, StateChange, DeskPayment, DeskScan)
    rows: dict[str, Any] = {model.__name__: list(model.objects.order_by("pk").values()) for model in models}
    rows["slots"] = list(Slot.objects.filter(desk__municipality=town).order_by("pk").values())
    rows["hours"] = list(OpeningHours.objects.filter(desk__municipality=town).order_by("pk").values())
    rows["kiosks"] = list(Kiosk.objects.filter(municipality=town).values("pk", "name", "revoked_at", "public_key"))
    rows["codes"] = list(EnrolmentCode.objects.filter(municipality=town).order_by("pk").values("pk", "tries_left"))
    rows["staff"] = list(Staff.objects.filter(municipality=town).values("pk", "role", "password", "is_active"))
    rows["audit"] = AuditEntry.objects.filter(municipality=town).count()
    return json.dumps(rows, default=str, sort_keys=True)


def _forms(town: Municipality) -> list[dict[str, Any]]:
    """What somebody might send to get at the rows of the municipality."""
    request = Request.objects.filter(state="ready").first()
    assert request is not None
    line = OpeningHours.objects.filter(desk__municipality=town).first()
    assert line is not None
    common = {
        "sure": "yes",
        "decision": "looked",
        "outcome": "paid",
        "means": "cash",
        "to": "collected",
        "town": town.pk,
    }
    return [
        common | {"ticket": request.ticket_code, "question": request.surname, "number": request.national_number},
        common | {"do": "cancel", "question": request.national_number, "line": line.pk, "desk": line.desk_id},
        common | {"do": "remove-hours", "line": line.pk, "question": request.ticket_code, "ticket": str(request.pk)},
        common
        | {
            "do": "password",
            "time": ",".join(map(str, Slot.objects.filter(desk=line.desk).values_list("pk", flat=True)[:1])),
        },
    ]


def _told(answer: HttpResponse, secrets: list[str]) -> list[str]:
    text = b"".join(answer.streaming_content) if answer.streaming else answer.content
    text = text.decode(errors="replace") + str(answer.headers)
    return [secret for secret in secrets if secret in text]


def test_every_page_belongs_to_an_area() -> None:
    assert len(PAGES) > 25
    assert [route for route, one in PAGES if getattr(one.callback, "area", None) not in set(Area)] == []


@pytest.mark.parametrize("role", ELSEWHERE)
def test_no_page_shows_or_changes_another_municipalitys_rows(
    filled: Municipality, other_town: Municipality, login: Login, role: Role
) -> None:
    browser = login(role, other_town)
    secrets, before, forms = _secrets(filled), _state(filled), _forms(filled)
    typed = {word for form in forms for value in form.values() for word in str(value).split(",")}
    # Addresses of single things first: later, a number may be that of something the walk itself has made here.
    for route, _ in sorted(PAGES, key=lambda page: "<" not in page[0]):
        for address in _addresses(route, filled):
            for query in ("", f"?town={filled.pk}", "?state=ready", "?first=2020-01-01&last=2027-12-31"):
                if query and "<" in route:
                    continue
                answer = browser.get(address + query)
                # A page may name its own address again.
                said = [word for word in _told(answer, secrets) if word not in address]
                assert answer.status_code != 500 and said == [], address
                if "<uuid:" in route or "<int:" in route:
                    assert answer.status_code in (403, 404, 405), address
            for form in forms:
                answer = browser.post(address, form)
                # What was typed may stand in a field again; what belongs to it may not.
                said = [word for word in _told(answer, secrets) if word not in typed and word not in address]
                assert said == [], address
                if "<uuid:" in route or "<int:" in route:
                    assert answer.status_code in (403, 404, 405), address
    assert _state(filled) == before


def test_the_platforms_people_see_machines_and_accounts_and_nobodys_data(filled: Municipality, login: Login) -> None:
    browser = login(Role.PLATFORM, name="platform-1")
    people = [
        word
        for request in Request.objects.all()
        for word in (request.surname, request.national_number, request.card_number, request.ticket_code)
    ]
    for route, _ in PAGES:
        for address in _addresses(route, filled):
            assert _told(browser.get(address), people) == [], address
    assert b"desk-of-the-filled-town" in browser.get("/console/accounts/").content


@pytest.mark.parametrize("role", list(Role))
def test_a_role_opens_its_areas_and_no_others(filled: Municipality, login: Login, role: Role) -> None:
    browser = login(role, name=f"{role.value}-1")
    for route, one in PAGES:
        if "<" in route:
            continue
        answer = browser.get(f"/{route}")
        allowed = one.callback.area in AREAS[role]
        assert answer.status_code in ((200, 302, 304, 403, 405) if allowed else (403,)), route
    home = browser.get("/")
    assert home.status_code == 302 and browser.get(home["Location"]).status_code == 200


def test_nobody_comes_in_without_a_login(filled: Municipality) -> None:
    for route, _ in PAGES:
        for address in _addresses(route, filled):
            for answer in (Client().get(address), Client().post(address, {})):
                assert answer.status_code == 302 and answer["Location"].startswith("/account/login/"), address


# --- The kiosks' API -----------------------------------------------------------------------------------


def _calls() -> list[tuple[str, str]]:
    paths = ninja.get_openapi_schema()["paths"]
    return [(method, path.removeprefix(wire.API_PREFIX)) for path, methods in paths.items() for method in methods]


def _bodies(request: Request, slots: list[Slot]) -> list[dict[str, Any]]:
    now = datetime.now(UTC).isoformat()
    ids = [str(slot.pk) for slot in slots]
    return [
        {},
        {"slot_ids": ids},
        {"wanted": 200, "earliest": now, "days": 60},
        {"ticket_id": str(request.pk), "ticket_code": request.ticket_code, "slot_ids": ids, "slot_id": ids[0]},
        {"national_number": request.national_number, "parent": request.parent_digest, "digest": request.parent_digest},
        {"sent_at": now, "version": "1", "queue_depth": 0},
    ]


def test_no_call_of_a_kiosk_tells_of_another_municipality(
    filled: Municipality, other_town: Municipality, api: Api
) -> None:
    stranger = TestKiosk.enrolled(other_town, api, "elsewhere-1")
    request = Request.objects.filter(state="ready").select_related("kiosk").first()
    assert request is not None
    held = list(Slot.objects.filter(desk__municipality=filled, leased_to__isnull=False)[:3])
    secrets, before = [*_secrets(filled), *(str(slot.pk) for slot in held)], _state(filled)
    calls = _calls()
    assert len(calls) >= 8
    for method, path in calls:
        path = path.replace("{", "").replace("}", "")
        for body in _bodies(request, held):
            answer = stranger.get(path) if method == "get" else stranger.post(path, body)
            assert answer.status_code != 500, path
            said = [word for word in _told(answer, secrets) if word not in json.dumps(body)]
            assert said == [], path
    assert _state(filled) == before


def test_no_entry_of_a_kiosk_reaches_another_municipalitys_rows(
    filled: Municipality, other_town: Municipality, api: Api
) -> None:
    stranger = TestKiosk.enrolled(other_town, api, "elsewhere-1")
    request = Request.objects.filter(state="ready").first()
    case = OpenCase.objects.filter(payment__isnull=False).first()
    slot = Slot.objects.filter(desk__municipality=filled, appointment__isnull=False).first()
    assert request is not None and case is not None and case.payment_id is not None and slot is not None
    ticket, before = request.pk, _state(filled)
    story = Story(stranger, ticket=ticket)
    bodies: list[Any] = [
        entries.PaymentIntent(payment_id=uuid4(), ticket_id=ticket, cents=900),
        entries.PaymentPaid(payment_id=case.payment_id, receipt=entries.Receipt()),
        entries.PaymentReversed(payment_id=case.payment_id),
        entries.TicketDelivered(ticket_id=ticket),
        entries.CaseClosed(case_id=case.pk, decision="mine", outcome="paid"),
        entries.SlotReleased(slot_id=str(slot.pk), ticket_id=ticket),
        entries.SlotBooked(
            slot_id=str(slot.pk), start=slot.start, minutes=slot.minutes, desk=slot.desk.name, ticket_id=uuid4()
        ),
    ]
    told = outcomes(stranger.upload([*story.asks()[1:], *(stranger.entry(body) for body in bodies)]))
    assert "accepted" not in told and "duplicate" not in told
    assert _state(filled) == before


def test_a_session_ends_for_whoever_loses_the_role(filled: Municipality, login: Login) -> None:
    manager, browser = login(Role.MANAGER), login(Role.DESK, name="leaver")
    key = Staff.objects.get(username="leaver").pk
    assert browser.get("/desk/").status_code == 200
    assert manager.post(f"/console/accounts/{key}/", {"do": "close"}).status_code == 200
    assert browser.get("/desk/").status_code == 302
    assert AuditEntry.objects.filter(act="staff-changed", about_id=str(key)).exists()


def test_nobody_makes_themselves_or_others_more_than_they_may(filled: Municipality, login: Login) -> None:
    manager = login(Role.MANAGER, name="boss")
    own = Staff.objects.get(username="boss").pk
    assert manager.post(f"/console/accounts/{own}/", {"role": "platform"}).status_code == 403
    made = manager.post("/console/accounts/new/", {"username": "helper", "role": "platform", "municipality": ""})
    assert made.status_code == 200 and not Staff.objects.filter(username="helper").exists()
    manager.post("/console/accounts/new/", {"username": "helper", "role": "finance", "municipality": "anderstad"})
    helper = Staff.objects.get(username="helper")
    assert (helper.role, helper.municipality_id) == ("finance", filled.pk)
