"""What the commands do. Needs a started Django; speaks in values, and prints nothing."""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from backend.accounts.models import Staff
from backend.accounts.roles import Role
from backend.appointments import leases
from backend.appointments.models import ClosingDay, Desk, OpeningHours
from backend.appointments.outside import holding
from backend.appointments.outside import setup as calendars
from backend.appointments.outside.contract import ConfigWrong
from backend.editions import publishing
from backend.fleet import enrolment
from backend.fleet.models import Kiosk, Municipality
from backend.requests.models import DeadLetter, Request, StoredEntry
from kiosk.domain.profiles.profile import Profile, ProfileFaults, Weekday, parse_profile

PROFILES = Path(__file__).resolve().parents[1] / "assets" / "municipalities"
_LONGEST_CLOSING = timedelta(days=366)


class ProfileUnusable(Exception):
    """There is no such profile, or it has faults; the message says which."""


class NoSuchMunicipality(Exception):
    """No municipality is named, or there is none; the message says what there is."""


class NoSuchKiosk(Exception):
    """No kiosk has this id."""


def migrate() -> None:
    """Make the database, or bring it up to date.

    A change of a large table takes the time it takes; the limits of the web server's statements are not for it. To
    wait for somebody else's lock has its limit here too.
    """
    limits = ("statement_timeout", "idle_in_transaction_session_timeout") if connection.vendor == "postgresql" else ()
    with connection.cursor() as cursor:
        for limit in limits:
            cursor.execute(f"SET {limit} = 0")
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        for limit in limits:
            cursor.execute(f"RESET {limit}")


def is_migrated() -> bool:
    """Whether the database is there and up to date."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def find_profile(id_or_file: str) -> Profile:
    """A profile by its id, or by the path of its file. Raises ProfileUnusable."""
    path = Path(id_or_file) if id_or_file.endswith(".toml") else PROFILES / f"{id_or_file}.toml"
    try:
        return parse_profile(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise ProfileUnusable(f"{path}: {problem.strerror}") from None
    except (ProfileFaults, UnicodeDecodeError) as problem:
        raise ProfileUnusable(f"{path}: {problem}") from None


@transaction.atomic
def load_municipality(profile: Profile) -> Municipality:
    """The municipality of a profile, its desks with their opening hours, and its closing days.

    A slot is as long as an application for two children takes; for more children, slots that follow each other
    are booked together. Hours that are there already are left alone.
    """
    municipality, _ = Municipality.objects.update_or_create(id=profile.id, defaults={"name": profile.name})
    for wanted in profile.desks:
        name = wanted.name.get(profile.languages[0], wanted.id)
        desk, is_new = Desk.objects.get_or_create(municipality=municipality, name=name)
        minutes = _slot_minutes(profile, wanted.id)
        if is_new and minutes is not None:
            OpeningHours.objects.bulk_create(
                OpeningHours(
                    desk=desk,
                    weekday=list(Weekday).index(weekday),
                    opens=hours.start,
                    closes=hours.end,
                    slot_minutes=minutes,
                )
                for weekday, lines in wanted.hours.items()
                for hours in lines
            )
    days = {day for closing in profile.closing_days for day in _days(closing.first, closing.until or closing.first)}
    ClosingDay.objects.bulk_create(
        (ClosingDay(municipality=municipality, day=day) for day in sorted(days)), ignore_conflicts=True
    )
    return municipality


def _slot_minutes(profile: Profile, desk_id: str) -> int | None:
    """None where nothing at this desk needs an appointment."""
    slots = [rules.slot for rules in profile.services.values() if rules.desk == desk_id and rules.appointment]
    return max((slot.base + slot.per_extra_child for slot in slots if slot is not None), default=None)


def _days(first: date, last: date) -> list[date]:
    count = min(last - first, _LONGEST_CLOSING).days + 1
    return [first + timedelta(days=offset) for offset in range(count)]


def municipality(municipality_id: str | None) -> Municipality:
    """By its id, or the only one there is. Raises NoSuchMunicipality."""
    known = list(Municipality.objects.order_by("id"))
    found = [one for one in known if municipality_id in (None, one.pk)]
    if len(found) == 1:
        return found[0]
    names = ", ".join(one.pk for one in known) or "none yet: `python -m backend demo-data` makes one"
    raise NoSuchMunicipality(f"which municipality? There is {names}")


def publish_profile(path: Path) -> tuple[Municipality, str]:
    """Hand out a profile to the kiosks of its municipality. Raises ProfileUnusable, NoSuchMunicipality."""
    try:
        text = path.read_text(encoding="utf-8-sig")  # some editors put a mark in front
        owner = municipality(parse_profile(text).id)
        edition = publishing.publish_profile(owner, text, by=None, now=timezone.now())
    except OSError as problem:
        raise ProfileUnusable(f"{path}: {problem.strerror}") from None
    except (ProfileFaults, UnicodeDecodeError, publishing.EditionUnusable) as problem:
        raise ProfileUnusable(f"{path}: {problem}") from None
    return owner, edition.digest


def enrolment_code(municipality: Municipality, minutes: int) -> tuple[str, datetime]:
    """A fresh one-time code, and until when it is good."""
    code, row = enrolment.new_code(municipality, now=timezone.now(), minutes=minutes)
    return code, row.expires_at


def staff_account(name: str, municipality: Municipality | None, role: Role = Role.DESK) -> str:
    """An account of this name, new or known, with a fresh password, which is returned and kept nowhere."""
    password = "-".join(secrets.token_hex(3) for _ in range(3))
    staff, _ = Staff.objects.get_or_create(username=name)
    staff.municipality = None if role is Role.PLATFORM else municipality
    staff.role = role
    staff.set_password(password)
    staff.save()
    return password


def revoke(kiosk_id: str) -> None:
    """From now on nothing that this kiosk signs is accepted, and its free slots return. Raises NoSuchKiosk."""
    try:
        kiosk = Kiosk.objects.get(pk=UUID(kiosk_id))
    except (ValueError, Kiosk.DoesNotExist):
        raise NoSuchKiosk(kiosk_id) from None
    with transaction.atomic():
        kiosk.revoked_at = timezone.now()
        kiosk.save(update_fields=["revoked_at"])
        leases.take_back_all(kiosk)


def check_calendars() -> dict[str, tuple[bool, str]]:
    """Of each municipality with another calendar: whether it can be used, and what it said. Raises ConfigWrong."""
    found = {}
    for municipality_id, setup in calendars.read(settings.ENVIRONMENT.calendars_file).items():
        try:
            found[municipality_id] = True, setup.calendar().check_config()
        except (ConfigWrong, OSError) as problem:
            found[municipality_id] = False, str(problem)
    return found


def give_back_unused() -> int:
    """Cancel in other calendars what no kiosk and no parent needs any more. Returns how many. Raises ConfigWrong."""
    return holding.give_back_unused(timezone.now())


def stored() -> dict[str, int]:
    """What is held, of all kiosks together."""
    return {
        "kiosks": Kiosk.objects.count(),
        "entries": StoredEntry.objects.count(),
        "requests": Request.objects.count(),
        "dead_letters": DeadLetter.objects.filter(resolved_at__isnull=True).count(),
    }
