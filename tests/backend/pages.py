"""Every address that staff can open, how to get there, and a town with something of everything to show.

A new address has to be put here, as a page or as no page: `test_pages.py` compares this list with Django's own table.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from playwright.sync_api import Page

from backend import administration, demonstration
from backend.accounts.models import Staff
from backend.accounts.roles import AREAS, Role
from backend.appointments.models import Appointment
from backend.desk.models import DeskScan
from backend.editions import publishing
from backend.fleet.models import EnrolmentCode, Kiosk, Municipality
from backend.requests.models import OpenCase, Request
from backend.tariffs.profiles import profile_of
from backend.watch import living, orders, rounds
from backend.watch.models import Alert, Channel, Recipient
from backend.watch.simulation import TROUBLES, SimulatedKiosk, with_trouble
from kiosk.domain.fleet.orders import OrderKind
from kiosk.domain.tickets.keys import key_id_of
from kiosk.domain.wire import Notice, encode_public_key
from tests.towns import TOWN

Act = Callable[[Page, "Scene"], None]


def _press(*buttons: str, then: str = "main") -> Act:
    """Press what is found first, one after the other, each on the page that the last one led to."""

    def act(page: Page, scene: Scene) -> None:
        for button in buttons:
            page.locator(button).first.click()
        page.wait_for_selector(then)

    return act


def _type(field_name: str, text: str, then: str) -> Act:
    def act(page: Page, scene: Scene) -> None:
        page.locator(f"#{field_name}").fill(scene.fill_in(text))
        page.keyboard.press("Enter")
        page.wait_for_selector(then)

    return act


@dataclass(frozen=True, slots=True)
class Look:
    """One page: its address (with places for the town's things), and what to do there before it is looked at."""

    name: str
    address: str
    variant: str = ""
    act: Act | None = None
    roles: frozenset[Role] | None = None  # None: all whose areas hold it

    @property
    def id(self) -> str:
        return f"{self.name} {self.variant}".strip()


_MANAGER = frozenset({Role.MANAGER})
_IN_TOWN = frozenset({Role.KIOSK_STAFF, Role.MANAGER})

LOOKS: tuple[Look, ...] = (
    Look("desk:look-up", "/desk/"),
    Look("desk:look-up", "/desk/", "green", _type("ticket", "{ready}", ".answer.go")),
    Look("desk:look-up", "/desk/", "yellow", _type("ticket", "{doubtful}", ".answer.wait")),
    Look("desk:look-up", "/desk/", "red", _type("ticket", "{collected}", ".answer.stop")),
    Look("desk:look-up", "/desk/", "nothing", _type("ticket", "K7M-3QX-Q", ".answer.nothing")),
    Look("desk:search", "/desk/", "", _type("question", "el amrani", ".list")),
    Look("requests:requests", "/console/requests/"),
    Look("requests:requests", "/console/requests/", "searched", _type("question", "Haddad", "tbody td")),
    Look("requests:one", "/console/requests/{request}/"),
    Look("requests:cases", "/console/cases/"),
    Look("requests:case", "/console/cases/{case}/"),
    Look("appointments:week", "/console/appointments/?week={week}"),
    Look("appointments:book", "/console/appointments/book/"),
    Look("appointments:desks", "/console/appointments/desks/"),
    Look("appointments:move", "/console/appointments/{appointment}/move/"),
    Look("tariffs:tariffs", "/console/tariffs/?town={town}"),
    Look("tariffs:edit", "/console/tariffs/edit/?town={town}"),
    Look(
        "tariffs:edit", "/console/tariffs/edit/?town={town}", "checked", _press("main form .primary, main form .second")
    ),
    Look("tariffs:tariffs", "/console/tariffs/", "towns", roles=frozenset({Role.PLATFORM})),
    Look("money:money", "/console/money/"),
    Look("money:day", "/console/money/day/{paid_day}/"),
    Look("privacy:privacy", "/console/privacy/"),
    Look("privacy:person", "/console/privacy/", "", _type("number", "{number}", "main table")),
    Look("accounts:staff", "/console/accounts/"),
    Look("accounts:new", "/console/accounts/new/"),
    Look("accounts:change", "/console/accounts/{staff}/"),
    Look("accounts:audit", "/console/accounts/audit/"),
    Look("watch:fleet", "/console/kiosks/"),
    Look("watch:fleet", "/console/kiosks/?level=unknown", "one level"),
    Look("watch:fleet", "/console/kiosks/?view=tiles&sort=name", "tiles"),
    Look("watch:alerts", "/console/kiosks/alerts/"),
    Look("watch:paper", "/console/kiosks/paper/"),
    Look("watch:compare", "/console/kiosks/compare/"),
    Look("watch:compare", "/console/kiosks/compare/?kiosk={kiosk}&kiosk={other_kiosk}&days=28", "two"),
    Look("watch:recipients", "/console/kiosks/told/"),
    Look("watch:notices", "/console/kiosks/notices/", roles=_IN_TOWN),
    Look("watch:join", "/console/kiosks/join/", roles=_MANAGER),
    Look("watch:join", "/console/kiosks/join/", "code", _press("main form .primary", then=".code"), _MANAGER),
    Look("watch:revoke", "/console/kiosks/{kiosk}/revoke/", roles=_MANAGER),
    Look("watch:kiosk", "/console/kiosks/{sick_kiosk}/", "in trouble"),
    Look("watch:kiosk", "/console/kiosks/{kiosk}/"),
    Look("watch:kiosk", "/console/kiosks/{new_kiosk}/", "never heard"),
    Look("watch:timeline", "/console/kiosks/{demo_kiosk}/timeline/?at={moment}"),
    Look("account_change_password", "/account/password/", roles=frozenset({Role.DESK})),
    Look("account_reauthenticate", "/account/reauthenticate/", roles=frozenset({Role.DESK})),
    Look("account_logout", "/account/logout/", roles=frozenset({Role.DESK})),
    Look("mfa_index", "/account/second-factor/", roles=frozenset({Role.DESK, Role.MANAGER})),
    Look("mfa_activate_totp", "/account/second-factor/app/", roles=frozenset({Role.DESK})),
    Look("mfa_deactivate_totp", "/account/second-factor/app/remove/", roles=_MANAGER),
    Look("mfa_reauthenticate", "/account/second-factor/reauthenticate/", roles=_MANAGER),
    Look("mfa_view_recovery_codes", "/account/second-factor/codes/", roles=_MANAGER),
    Look("mfa_generate_recovery_codes", "/account/second-factor/codes/new/", roles=_MANAGER),
)

# Seen without a login, or on the way in.
DOORS = {
    "account_login": "/account/login/",
    "account_inactive": "/account/inactive/",
    "socialaccount_login_cancelled": "/account/own-login/broken-off/",
    "socialaccount_login_error": "/account/own-login/failed/",
    "mfa_authenticate": "/account/second-factor/authenticate/",
}

# Addresses with nothing of their own to look at, and why.
NO_PAGES = {
    "home": "leads on to the first page of a role",
    "metrics": "text for monitoring",
    "alive": "text for monitoring",
    "ready": "text for monitoring",
    "set_language": "leads back",
    "mfa_download_recovery_codes": "a file",
    "openid_connect_login": "leads to the town's own login",
    "openid_connect_callback": "leads on",
    "desk:privacy": "leads back",
    "desk:keys": "JSON",
    "desk:scans": "JSON",
    "desk:picture": "JSON",
    "desk:worker": "a script",
    "desk:open": "the desk's page with an answer",
    "desk:move": "the desk's page with an answer",
    "desk:undo": "the desk's page with an answer",
    "desk:pay": "the desk's page with an answer",
    "appointments:change": "leads back",
    "money:csv": "a file",
    "money:camt": "a file",
    "privacy:sweep": "leads back",
    "privacy:export": "a file",
    "privacy:erase": "leads back",
    "watch:alert-act": "leads back",
    "watch:recipient-add": "leads back",
    "watch:recipient-remove": "leads back",
    "watch:notice-withdraw": "leads back",
    "watch:code-withdraw": "leads back",
    "watch:order": "leads back",
}


def addresses(urls: list[Any] | None = None, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    """The name of each address of staff's, with its namespace; the kiosks' API is not theirs."""
    for one in get_resolver().url_patterns if urls is None else urls:
        if isinstance(one, URLPattern):
            yield f"{space}{one.name}", one
        elif isinstance(one, URLResolver) and not str(one.pattern).startswith("api/"):
            yield from addresses(one.url_patterns, f"{one.namespace}:" if one.namespace else space)


def roles_of(look: Look) -> list[Role]:
    """Who is to see it."""
    if look.roles is not None:
        return sorted(look.roles)
    area = dict(addresses())[look.name].callback.area
    return sorted(role for role in Role if area in AREAS[role])


# --- A town with something of everything ---------------------------------------------------------------


@dataclass
class Scene:
    """The town, a server for its pages, and the things that stand in addresses."""

    town: Municipality
    things: dict[str, str]
    url: str = ""
    sessions: dict[Role, str] = field(default_factory=dict)
    passwords: dict[Role, str] = field(default_factory=dict)

    def fill_in(self, text: str) -> str:
        """An address or a text with its places filled."""
        return re.sub(r"{(\w+)}", lambda place: self.things[place[1]], text)

    def session(self, role: Role) -> str:
        """The session of somebody with this role, who has just given the password."""
        if role not in self.sessions:
            staff = Staff.objects.get(username=role.value)
            client = Client()
            client.force_login(staff, backend=settings.AUTHENTICATION_BACKENDS[0])
            session = client.session
            session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
            session["account_authentication_methods_user"] = str(staff.pk)
            session["desk-privacy"] = False
            session.save()
            self.sessions[role] = session.session_key or ""
        return self.sessions[role]


def fill(kiosks: int = 12, now: datetime | None = None) -> Scene:
    """Rows of everything that a page can show."""
    now = now or datetime.now(UTC)
    town = administration.load_municipality(administration.find_profile(TOWN))
    passwords = {}
    for role in Role:
        passwords[role] = administration.staff_account(role.value, None if role is Role.PLATFORM else town, role)
        staff = Staff.objects.get(username=role.value)
        if staff.needs_second_factor:
            TOTP.activate(staff, generate_totp_secret())
            RecoveryCodes.activate(staff)
    profile = profile_of(town)
    assert profile is not None
    demonstration.fill(town, profile, now)
    sick = _fleet(town, kiosks, now)
    administration.enrolment_code(town, 30)
    manager = Staff.objects.get(username="manager")
    mail, hook = "kiosken@voorbeeldstad.example", "https://helpdesk.voorbeeldstad.example/hook/kiosken"
    Recipient.objects.create(municipality=town, channel=Channel.MAIL, target=mail, daily_summary=True, staff=manager)
    Recipient.objects.create(municipality=town, channel=Channel.WEBHOOK, target=hook, part="paper")
    texts = {"nl": "Op vrijdag 4 december is het loket gesloten.", "fr": "Le guichet est fermé le vendredi 4 décembre."}
    publishing.add_notice(town, Notice(texts=texts, first=now, until=now + timedelta(days=6)), by=None, now=now)
    request = Request.objects.filter(state="ready").order_by("pk").first()
    case = OpenCase.objects.filter(payment__isnull=False).first()
    appointment = Appointment.objects.order_by("start").first()
    assert request and case and appointment
    DeskScan.objects.create(
        id=uuid4(),
        municipality=town,
        ticket_id=request.pk,
        request=request,
        action="collected",
        at=now,
        received_at=now,
        who="desk",
        outcome="double",
    )
    collected = Request.objects.filter(state="collected").first()
    doubtful = case.payment.request
    fleet = [row for row in Kiosk.objects.filter(municipality=town) if row.name != "Demonstratie"]
    assert collected and EnrolmentCode.objects.exists()
    well = [row for row in fleet if row.pk != sick]
    demo = Kiosk.objects.get(name="Demonstratie")
    things = {
        "town": town.pk,
        "request": str(request.pk),
        "case": str(case.pk),
        "appointment": str(appointment.pk),
        "week": f"{appointment.start.astimezone():%Y-%m-%d}",
        "staff": str(Staff.objects.get(username="desk").pk),
        "ready": request.ticket_code,
        "collected": collected.ticket_code,
        "doubtful": doubtful.ticket_code,
        "number": request.national_number,
        "paid_day": f"{request.made_at:%Y-%m-%d}",
        "kiosk": str(well[0].pk),
        "other_kiosk": str(well[1].pk),
        "sick_kiosk": str(sick),
        "new_kiosk": str(_never_heard(town, now)),
        "demo_kiosk": str(demo.pk),
        "moment": f"{request.made_at:%Y-%m-%dT%H:%M:%S}%2B00:00",
    }
    return Scene(town, things, passwords=passwords)


def _fleet(town: Municipality, count: int, now: datetime) -> Any:
    """Kiosks with their days behind them, each third with a trouble of its own; the id of one with several."""
    fleet = living.fill(town, count, 28, 3, now - timedelta(minutes=30))
    kiosks: list[tuple[Any, SimulatedKiosk]] = list(fleet.kiosks.items())
    for number, (_, simulated) in enumerate(kiosks):
        simulated.trouble = type(simulated.trouble)()
        simulated.left_mm = max(simulated.left_mm, 9_000)
        if number % 3 == 0:
            simulated.trouble = TROUBLES[number // 3 % len(TROUBLES)][1]
    sick, simulated = kiosks[1]
    with_trouble(simulated, terminal="silent", queue_minutes=25, disk_full=True)
    simulated.left_mm = 1_400
    for minutes in (30, 29, 20, 10, 5, 0):
        fleet.beat(now - timedelta(minutes=minutes))
        rounds.look(now - timedelta(minutes=minutes))
    alert = Alert.objects.filter(kiosk_id=sick, raised_at__isnull=False).first()
    if alert is not None:
        colleague = Staff.objects.get(username="kiosk-staff")
        Alert.objects.filter(pk=alert.pk).update(acknowledged_at=now, acknowledged_by=colleague, owner=colleague)
    row = Kiosk.objects.get(pk=sick)
    orders.give(row, OrderKind.TEST_PRINT, "kiosk-staff", now)
    return sick


def _never_heard(town: Municipality, now: datetime) -> Any:
    """The id of a kiosk that joined and was not switched on since."""
    raw = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    name = "Nieuw in het magazijn"
    return Kiosk.objects.create(
        municipality=town, name=name, public_key=encode_public_key(raw), key_id=key_id_of(raw), enrolled_at=now
    ).pk


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: what was asked for is the test's own."""


@contextmanager
def served(scene: Scene) -> Iterator[Scene]:
    """The pages behind a free port of this machine."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), _Quiet)
    server.daemon_threads = True
    server.set_app(get_wsgi_application())
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    scene.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield scene
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
