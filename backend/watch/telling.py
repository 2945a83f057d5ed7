"""Who is told what, by mail and by webhook: an outbox of notices, each sent once, tried again while it is of use.

A webhook is a POST of JSON, signed as the Standard Webhooks specification says (`webhook-id`, `webhook-timestamp`,
`webhook-signature: v1,` and HMAC-SHA256 in base64), so that ready libraries check it. Nothing personal is in either.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import secrets
from collections.abc import Callable, Collection, Container
from datetime import datetime, timedelta
from smtplib import SMTPException
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import httpx
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q
from django.utils import translation

from backend.watch import summary, words
from backend.watch.alerts import Changes
from backend.watch.models import Alert, Channel, Notice, Recipient

log = logging.getLogger("backend.watch")

BRUSSELS = ZoneInfo("Europe/Brussels")
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
GIVEN_UP_AFTER = timedelta(hours=24)  # what was wrong a day ago is in the daily summary
SUMMARY_HOUR = 7  # before the counters open
_TIMEOUT = 10.0
_AT_ONCE = 50
_CLAIM = timedelta(minutes=2)  # longer than any single try


class BadTarget(ValueError):
    """An address of mail or of a webhook that cannot be used; the message says why."""


def new_secret() -> str:
    """For a webhook: 24 random bytes, as the specification writes them."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()


def checked_url(text: str) -> str:
    """An https address, or http on this machine itself. Raises BadTarget."""
    parts = urlsplit(text)
    host = parts.hostname or ""
    if parts.scheme == "https" and host:
        return text
    if parts.scheme == "http" and host in ("127.0.0.1", "localhost", "::1"):
        return text
    raise BadTarget("https")


def tell(changed: Changes, now: datetime) -> int:
    """Make the notices that follow from a look. An alert that is snoozed is told of when it wakes."""
    begun = _tell(changed.raised, Notice.Kind.RAISED, now)
    if not changed.cleared:
        return begun
    of_these = Notice.objects.filter(alert__in=changed.cleared)
    of_these.filter(sent_at__isnull=True).update(given_up_at=now, problem="cleared before")
    # Only those who were told that it began.
    told = of_these.filter(kind=Notice.Kind.RAISED, sent_at__isnull=False).values_list("recipient", "alert")
    return begun + _tell(changed.cleared, Notice.Kind.CLEARED, now, set(told))


def _tell(
    rows: Collection[Alert], kind: Notice.Kind, now: datetime, among: Container[tuple[int, int]] | None = None
) -> int:
    """A notice of each alert to each who is told of its part; `among`: to these recipients of these alerts only."""
    recipients: dict[str, list[Recipient]] = {}
    for one in Recipient.objects.filter(municipality__in={alert.municipality_id for alert in rows}).order_by("pk"):
        recipients.setdefault(one.municipality_id, []).append(one)
    notices = [
        Notice(recipient=one, alert=alert, kind=kind, made_at=now, due_at=max(now, alert.snoozed_until or now))
        for alert in rows
        for one in recipients.get(alert.municipality_id, ())
        if one.part in (alert.part, "") and (among is None or (one.pk, alert.pk) in among)
    ]
    Notice.objects.bulk_create(notices, ignore_conflicts=True, batch_size=_AT_ONCE)
    return len(notices)


def remind(now: datetime) -> int:
    """Alerts whose rest is over, and which are still open, are told of once more."""
    awake = list(Alert.objects.filter(snoozed_until__lte=now, cleared_at__isnull=True, raised_at__isnull=False))
    for alert in awake:
        Notice.objects.filter(alert=alert, kind=Notice.Kind.REMINDER).delete()
        if not Notice.objects.filter(alert=alert, sent_at__isnull=True, given_up_at__isnull=True).exists():
            _tell([alert], Notice.Kind.REMINDER, now)
    Alert.objects.filter(pk__in=[alert.pk for alert in awake]).update(snoozed_until=None)
    return len(awake)


def summarise(now: datetime) -> int:
    """Once a day, each recipient who wants it gets the summary. Returns how many were made."""
    here = now.astimezone(BRUSSELS)
    if here.hour < SUMMARY_HOUR:
        return 0
    wanting = Recipient.objects.filter(daily_summary=True).exclude(notices__day=here.date())
    notices = [
        Notice(recipient=one, kind=Notice.Kind.SUMMARY, day=here.date(), made_at=now, due_at=now) for one in wanting
    ]
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
    return len(notices)


def send_waiting(now: datetime, clock: Callable[[], datetime], client: httpx.Client | None = None) -> tuple[int, int]:
    """Send what is due. Returns how many went, and how many did not. Nothing is held open in the database meanwhile."""
    went = failed = 0
    with client or httpx.Client(timeout=_TIMEOUT, follow_redirects=False, trust_env=False) as http:
        for notice in _claim(now):
            try:
                _send(notice, clock(), http)
            except (SMTPException, OSError, httpx.HTTPError, BadTarget) as problem:
                _failed(notice, problem, clock())
                failed += 1
            else:
                Notice.objects.filter(pk=notice.pk).update(sent_at=clock(), problem="")
                went += 1
    return went, failed


def _claim(now: datetime) -> list[Notice]:
    """Take what is due away from any other watch, for as long as a try may take."""
    with transaction.atomic():
        waiting = Notice.objects.filter(sent_at__isnull=True, given_up_at__isnull=True, due_at__lte=now)
        rows = list(waiting.select_for_update(skip_locked=True, of=("self",)).order_by("due_at")[:_AT_ONCE])
        asleep = Q(alert__snoozed_until__gt=now)
        for notice in Notice.objects.filter(asleep, pk__in=[row.pk for row in rows]).select_related("alert"):
            Notice.objects.filter(pk=notice.pk).update(due_at=notice.alert.snoozed_until)
        Notice.objects.filter(pk__in=[row.pk for row in rows]).exclude(asleep).update(due_at=now + _CLAIM)
    kept = Notice.objects.filter(pk__in=[row.pk for row in rows]).exclude(asleep)
    return list(
        kept.select_related("recipient__municipality", "alert__kiosk", "alert__municipality").order_by("made_at")
    )


def _send(notice: Notice, now: datetime, http: httpx.Client) -> None:
    recipient = notice.recipient
    with translation.override(recipient.language):
        subject, body, data = _content(notice, now)
    if recipient.channel == Channel.MAIL:
        message = EmailMessage(subject, body, settings.DEFAULT_FROM_EMAIL, [recipient.target])
        message.extra_headers["Message-ID"] = f"<{notice.pk}@loket>"  # a second try is the same message
        message.send()
        return
    payload = json.dumps(data, default=str, separators=(",", ":")).encode()
    url = checked_url(recipient.target)
    answer = http.post(url, content=payload, headers=_signed(str(notice.pk), payload, recipient.secret, now))
    answer.raise_for_status()
    if answer.is_redirect:
        raise BadTarget("redirects elsewhere")


def _content(notice: Notice, now: datetime) -> tuple[str, str, dict[str, object]]:
    """Subject and text in the language that is switched on, and the same as data."""
    if notice.alert is None:
        assert notice.day is not None
        return summary.written(notice.recipient.municipality, notice.day, now)
    return words.written(notice.alert, notice.kind)


def _signed(message_id: str, payload: bytes, secret: str, now: datetime) -> dict[str, str]:
    moment = str(int(now.timestamp()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, b".".join((message_id.encode(), moment.encode(), payload)), hashlib.sha256).digest()
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": moment,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def _failed(notice: Notice, problem: Exception, now: datetime) -> None:
    status = problem.response.status_code if isinstance(problem, httpx.HTTPStatusError) else None
    said = f"HTTP {status}" if status else type(problem).__name__
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(notice.tries, 12))
    given_up = now - notice.made_at >= GIVEN_UP_AFTER
    log.warning("notice not sent: %s, %s", notice.recipient.channel, said)
    Notice.objects.filter(pk=notice.pk).update(
        tries=notice.tries + 1, due_at=now + wait, problem=said[:200], given_up_at=now if given_up else None
    )
