"""From heartbeats to alerts to people: raised once, cleared once, told once; the clock is handed in."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import httpx
import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend import administration
from backend.accounts.models import Staff
from backend.api import calls
from backend.fleet.models import Kiosk, Municipality
from backend.fleet.tokens import Caller
from backend.watch import alerts, rounds, summary, telling
from backend.watch.models import Alert, Notice, Recipient, Sample
from backend.watch.paper import usage_of
from backend.watch.simulation import SimulatedKiosk, Trouble
from tests.backend.kiosks import BOTH

ENGINES = BOTH
START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


class Fleet:
    """Kiosks that beat every half minute, and a watch that looks as often."""

    def __init__(self, town: Municipality, count: int):
        self.town = town
        self.now = START
        self.kiosks: dict[UUID, SimulatedKiosk] = {}
        for number in range(count):
            row = Kiosk.objects.create(
                municipality=town,
                name=f"hall-{number}",
                public_key=uuid4().hex.ljust(43, "A"),
                key_id=uuid4().hex[:11],
                enrolled_at=START,
            )
            self.kiosks[row.pk] = SimulatedKiosk(number)
        self.told: list[tuple[str, str]] = []

    def row(self, number: int = 0) -> Kiosk:
        return Kiosk.objects.get(pk=list(self.kiosks)[number])

    def trouble(self, number: int = 0, **changes: object) -> None:
        kiosk = self.kiosks[list(self.kiosks)[number]]
        kiosk.trouble = replace(kiosk.trouble, **changes) if changes else Trouble()

    def simulated(self, number: int = 0) -> SimulatedKiosk:
        return self.kiosks[list(self.kiosks)[number]]

    def run(self, minutes: float, watch: bool = True) -> list[str]:
        """Time goes by. Returns what was raised (+) and cleared (-) meanwhile, by kiosk and part."""
        seen = []
        for _ in range(int(minutes * 2)):
            self.now += timedelta(seconds=30)
            for key, kiosk in self.kiosks.items():
                beat = kiosk.heartbeat(self.now)
                if beat is not None:
                    calls.heartbeat(Caller(key, self.town.pk), beat, now=self.now)
            if watch:
                rounds.look(self.now)
                for kind, moment in (("+", "raised_at"), ("-", "cleared_at")):
                    for alert in Alert.objects.filter(**{moment: self.now}).select_related("kiosk"):
                        seen.append(f"{kind}{alert.kiosk.name if alert.kiosk else 'town'} {alert.part}")
        return seen


@pytest.fixture
def fleet(town: Municipality) -> Iterator[Fleet]:
    yield Fleet(town, 4)


@pytest.fixture
def owner(town: Municipality) -> Staff:
    administration.staff_account("els", town, "kiosk-staff")
    return Staff.objects.get(username="els")


def recipient(town: Municipality, **changes: object) -> Recipient:
    fields = {"municipality": town, "channel": "mail", "target": "kiosks@town.example", "language": "en"} | changes
    return Recipient.objects.create(**fields)


def test_a_fleet_that_is_well_raises_nothing(fleet: Fleet) -> None:
    assert fleet.run(10) == []
    assert Alert.objects.count() == 0


@pytest.mark.parametrize(
    ("trouble", "part"),
    [
        ({"offline": True}, "line"),
        ({"frozen": True}, "screen"),
        ({"terminal": "silent"}, "terminal"),
        ({"reader_errors": 8}, "reader"),
        ({"open_cases": 1}, "cases"),
        ({"queue_minutes": 11}, "queue"),
        ({"disk_full": True}, "disk"),
        ({"clock_seconds": 40.0}, "clock"),
        ({"hot": True}, "machine"),
        ({"silent_about": ("clock_offset_seconds",)}, "clock"),
    ],
)
def test_each_fault_is_raised_once_and_cleared_once(fleet: Fleet, trouble: dict[str, object], part: str) -> None:
    fleet.run(5)
    fleet.trouble(**trouble)
    assert fleet.run(20) == [f"+hall-0 {part}"]
    fleet.trouble()
    assert fleet.run(10) == [f"-hall-0 {part}"]


def test_paper_below_a_days_need_until_there_is_a_new_roll(fleet: Fleet) -> None:
    fleet.run(5)
    fleet.simulated().left_mm = 11_000
    assert fleet.run(3) == ["+hall-0 paper"]
    fleet.simulated().left_mm = 13_000  # somebody measured anew: no longer bad, and far from well
    assert fleet.run(3) == []
    fleet.simulated().refill()
    assert fleet.run(1) == ["-hall-0 paper"]


def test_a_kiosk_is_offline_after_three_minutes_and_not_before(fleet: Fleet) -> None:
    fleet.run(5)
    fleet.trouble(offline=True)
    assert fleet.run(2.5) == []
    assert fleet.run(1) == ["+hall-0 line"]


def test_a_line_that_comes_and_goes_is_one_alert(fleet: Fleet) -> None:
    fleet.run(5)
    fleet.trouble(offline=True)
    seen = fleet.run(4)
    for _ in range(5):  # one heartbeat now and then, as over a bad line
        fleet.trouble()
        seen += fleet.run(0.5)
        fleet.trouble(offline=True)
        seen += fleet.run(3.5)
    assert seen == ["+hall-0 line"]


def test_a_blip_leaves_no_row(fleet: Fleet) -> None:
    fleet.run(5)
    fleet.trouble(terminal="silent")
    fleet.run(0.5)
    fleet.trouble()
    assert fleet.run(5) == [] and Alert.objects.count() == 0


def test_a_value_around_its_limit_does_not_flap(fleet: Fleet) -> None:
    fleet.run(5)
    seen = []
    for offset in (21.0, 19.0, 22.0, 18.0, 21.0, 6.0, 23.0, 19.5):
        fleet.trouble(clock_seconds=offset)
        seen += fleet.run(2)
    assert seen == ["+hall-0 clock"]


def test_a_value_that_goes_missing_does_not_clear_what_was_bad(fleet: Fleet) -> None:
    fleet.run(5)
    fleet.trouble(disk_full=True)
    assert fleet.run(3) == ["+hall-0 disk"]
    fleet.trouble(silent_about=("disk_free_bytes", "disk_total_bytes"))
    assert fleet.run(20) == []
    assert not Alert.objects.get(part="disk").unknown


def test_an_alert_stays_while_its_kiosk_is_not_heard(fleet: Fleet) -> None:
    fleet.run(5)
    fleet.trouble(terminal="silent")
    assert fleet.run(3) == ["+hall-0 terminal"]
    fleet.trouble(offline=True)
    assert fleet.run(10) == ["+hall-0 line"]
    fleet.trouble()
    assert sorted(fleet.run(5)) == ["-hall-0 line", "-hall-0 terminal"]


def test_a_whole_town_that_falls_silent_is_one_alert(fleet: Fleet) -> None:
    fleet.run(5)
    for number in range(4):
        fleet.trouble(number, offline=True)
    assert fleet.run(10) == ["+town line"]
    for number in range(3):
        fleet.trouble(number)
    assert fleet.run(2) == ["-town line"]
    assert fleet.run(3) == ["+hall-3 line"]  # it has had its own three minutes


def test_a_watch_that_was_away_blames_nobody_for_it(fleet: Fleet) -> None:
    fleet.run(5)
    fleet.now += timedelta(hours=9)
    rounds.look(fleet.now)
    assert fleet.run(5) == []


def test_a_clock_that_is_put_back_raises_nothing(fleet: Fleet) -> None:
    fleet.run(5)
    fleet.now -= timedelta(hours=1)
    assert fleet.run(5) == []


def test_who_is_told_owns_it_until_somebody_takes_it(fleet: Fleet, owner: Staff) -> None:
    recipient(fleet.town, staff=owner)
    administration.staff_account("jan", fleet.town, "kiosk-staff")
    jan = Staff.objects.get(username="jan")
    fleet.run(5)
    fleet.trouble(terminal="silent")
    fleet.run(3)
    alert = Alert.objects.get()
    assert alert.owner == owner and alert.acknowledged_at is None
    assert alerts.acknowledge(alert, jan, fleet.now) and not alerts.acknowledge(alert, owner, fleet.now)
    alert.refresh_from_db()
    assert (alert.owner, alert.acknowledged_by) == (jan, jan)


def sent(fleet: Fleet) -> list[str]:
    mail.outbox.clear()
    telling.send_waiting(fleet.now, lambda: fleet.now)
    return [message.subject for message in mail.outbox]


def test_mail_goes_once_when_it_begins_and_once_when_it_is_over(fleet: Fleet) -> None:
    recipient(fleet.town)
    recipient(fleet.town, part="paper", target="paper@town.example")
    fleet.run(5)
    fleet.trouble(terminal="silent")
    fleet.run(3)
    assert sent(fleet) == ["Payment terminal: does not answer, hall-0"]
    assert sent(fleet) == []
    fleet.trouble()
    fleet.run(5)
    assert sent(fleet) == ["Over: Payment terminal, hall-0"]


def test_what_is_over_before_anybody_was_told_is_not_told(fleet: Fleet) -> None:
    recipient(fleet.town)
    fleet.run(5)
    fleet.trouble(open_cases=1)
    fleet.run(1)
    fleet.trouble()
    fleet.run(2)
    assert sent(fleet) == []


def test_nobody_is_told_of_a_snoozed_alert_until_it_wakes(fleet: Fleet) -> None:
    recipient(fleet.town)
    fleet.run(5)
    fleet.trouble(terminal="silent")
    fleet.run(2)
    assert alerts.snooze(Alert.objects.get(), fleet.now + timedelta(minutes=5))
    assert sent(fleet) == []
    fleet.run(6)
    assert sent(fleet) == ["Payment terminal: does not answer, hall-0"]
    assert alerts.snooze(Alert.objects.get(), fleet.now + timedelta(minutes=5))
    fleet.run(4)
    assert sent(fleet) == []
    fleet.run(2)
    assert sent(fleet) == ["Payment terminal: does not answer, hall-0"]  # still there: said once more


class Hook:
    """A town's own server behind a webhook."""

    def __init__(self, *answers: int):
        self.answers = list(answers)
        self.calls: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.calls.append(request)
        status = self.answers.pop(0) if self.answers else 204
        if status == 0:
            raise httpx.ConnectError("no route")
        return httpx.Response(status, headers={"location": "http://elsewhere"} if status == 302 else {})

    def send(self, now: datetime) -> tuple[int, int]:
        client = httpx.Client(transport=httpx.MockTransport(self))
        return telling.send_waiting(now, lambda: now, client)


def test_a_webhook_is_signed_and_tried_again_until_it_is_taken(fleet: Fleet) -> None:
    secret = telling.new_secret()
    recipient(fleet.town, channel="webhook", target="https://hooks.town.example/loket", secret=secret)
    fleet.run(5)
    fleet.trouble(disk_full=True)
    fleet.run(2)
    hook = Hook(0, 500, 302)
    assert hook.send(fleet.now) == (0, 1)
    assert hook.send(fleet.now + timedelta(seconds=29)) == (0, 0)  # it waits before it tries again
    assert hook.send(fleet.now + timedelta(seconds=31)) == (0, 1)
    assert hook.send(fleet.now + timedelta(seconds=60)) == (0, 0)  # and longer each time
    assert hook.send(fleet.now + timedelta(seconds=95)) == (0, 1)
    assert hook.send(fleet.now + timedelta(minutes=5)) == (1, 0)
    assert hook.send(fleet.now + timedelta(hours=1)) == (0, 0)
    request = hook.calls[-1]
    assert len({call.headers["webhook-id"] for call in hook.calls}) == 1  # the receiver can tell a repetition
    signed = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}.".encode() + request.content
    key = base64.b64decode(secret.removeprefix("whsec_"))
    right = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert request.headers["webhook-signature"] == right
    said = json.loads(request.content)
    assert (said["type"], said["part"], said["why"]) == ("alert.raised", "disk", "full")


def test_a_webhook_that_never_answers_is_given_up_after_a_day(fleet: Fleet) -> None:
    recipient(fleet.town, channel="webhook", target="https://hooks.town.example/", secret=telling.new_secret())
    fleet.run(5)
    fleet.trouble(disk_full=True)
    fleet.run(2)
    hook, now = Hook(*[0] * 100), fleet.now
    while now < fleet.now + timedelta(hours=27):
        hook.send(now)
        now += timedelta(minutes=10)
    notice = Notice.objects.get()
    assert notice.given_up_at is not None and notice.problem == "ConnectError"
    assert len(hook.calls) < 40


@pytest.mark.parametrize("target", ["http://town.example/", "ftp://x/", "https://", "javascript:1", ""])
def test_a_webhook_goes_over_https_or_nowhere(target: str) -> None:
    with pytest.raises(telling.BadTarget):
        telling.checked_url(target)


def test_the_summary_comes_once_a_day_before_the_counters_open(fleet: Fleet) -> None:
    recipient(fleet.town, daily_summary=True)
    fleet.now = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
    fleet.run(5)
    fleet.trouble(disk_full=True)
    fleet.run(3)
    sent(fleet)
    fleet.now = datetime(2026, 11, 25, 5, 58, tzinfo=UTC)
    fleet.run(1)
    assert sent(fleet) == []
    fleet.run(3)
    assert sent(fleet) == [f"Kiosks of {fleet.town.name}, 25/11/2026: 1 open"]
    fleet.run(10)
    assert sent(fleet) == []


def test_a_kiosk_of_which_the_paper_is_not_known_is_on_the_round_as_such(fleet: Fleet) -> None:
    fleet.trouble(1, silent_about=("paper_left_mm",))
    fleet.run(5)
    kiosks = list(Kiosk.objects.select_related("paper").order_by("name"))
    # Five minutes are no history: of none of them a need is known yet.
    assert summary.refill_round(kiosks, fleet.now).unknown == tuple(kiosks)


def test_two_towns_see_and_hear_nothing_of_each_other(fleet: Fleet, other_town: Municipality) -> None:
    recipient(other_town, target="others@town.example")
    fleet.run(5)
    fleet.trouble(disk_full=True)
    fleet.run(3)
    assert Alert.objects.get().municipality == fleet.town and sent(fleet) == []


def test_a_forecast_needs_only_the_samples_that_say_something_else(fleet: Fleet) -> None:
    kiosk, now = fleet.row(), START
    said = [(now - timedelta(minutes=10 * back), left) for back, left in enumerate(_paper_back_in_time())]
    Sample.objects.bulk_create(Sample(kiosk=kiosk, at=at, paper_left_mm=left) for at, left in said)
    short, days = rounds.samples_of(kiosk, now), rounds.days_seen(kiosk, now)
    assert len(short) < len(said) / 2
    assert usage_of(short, days) == usage_of(sorted(said, key=lambda one: one[0]))


def _paper_back_in_time() -> Iterator[int | None]:
    """A week: nights without a ticket, a day without one, hours in which it is not known, and a new roll."""
    left = 10_000
    for number in range(7 * 144):
        night = not 40 < number % 144 < 90
        if number == 500:
            left = 2_000
        left += 0 if night or 288 < number < 432 else (number % 5) * 30
        yield None if 600 < number < 620 else left


def test_a_look_at_troubles_that_stay_as_they_are_writes_none_of_them_again(fleet: Fleet) -> None:
    for number in range(4):
        fleet.trouble(number, disk_full=True)
    assert len(fleet.run(3)) == 4
    with CaptureQueriesContext(connection) as asked:
        assert fleet.run(1) == []
    changes = [one["sql"] for one in asked if one["sql"].startswith(("UPDATE", "INSERT", "DELETE"))]
    assert changes and not [sql for sql in changes if '"watch_alert"' in sql]
