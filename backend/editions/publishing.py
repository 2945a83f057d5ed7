"""Publishing, and what is published. Nothing that a kiosk could not use gets out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from pydantic import ValidationError

from backend.editions.models import Edition
from backend.fleet.models import Municipality
from kiosk.domain.profiles.profile import Profile, ProfileFaults, parse_profile
from kiosk.domain.wire import MAX_EDITION_CHARACTERS, EditionKind, Notice, NoticeList, digest_of

if TYPE_CHECKING:
    from backend.accounts.models import Staff

MOST_AT_ONCE = 2  # notices on one kiosk: they take turns, each in every language


class EditionUnusable(Exception):
    """It was not published; the message says why, each fault in a line of its own."""


class TooManyAtOnce(Exception):
    """Who stands before a kiosk would wait too long for each notice's turn; nothing was published."""


def latest(municipality_id: str, kind: EditionKind) -> Edition | None:
    """What kiosks of this municipality are to have; None: what they came with."""
    return Edition.objects.filter(municipality=municipality_id, kind=kind.value).order_by("-id").first()


def profile_of(municipality_id: str) -> Profile | None:
    """The profile that was published last; None where none was, or it does not fit this version of the rules."""
    edition = latest(municipality_id, EditionKind.PROFILE)
    try:
        return parse_profile(edition.text) if edition is not None else None
    except ProfileFaults:
        return None


def version_of(municipality_id: str, digest: str) -> str:
    """The version of a profile that was published; empty where no such one was, or it cannot be read any more."""
    edition = Edition.objects.filter(
        municipality=municipality_id, kind=EditionKind.PROFILE.value, digest=digest
    ).first()
    try:
        return parse_profile(edition.text).version if edition is not None else ""
    except ProfileFaults:
        return ""


def publish_profile(municipality: Municipality, text: str, *, by: Staff | None, now: datetime) -> Edition:
    """Hand out a profile. One that is in force already is not published twice. Raises EditionUnusable.

    Each request keeps the version of the rules it was quoted under, so a version stands for one set of rules only.
    """
    if len(text) > MAX_EDITION_CHARACTERS:
        raise EditionUnusable(f"a profile has at most {MAX_EDITION_CHARACTERS} characters")
    try:
        profile = parse_profile(text)
    except ProfileFaults as faults:
        raise EditionUnusable(str(faults)) from None
    if profile.id != municipality.pk:
        raise EditionUnusable(f"id: is {profile.id!r}; these rules are another municipality's than {municipality.pk!r}")
    if any(other.version == profile.version and other != profile for other in _published(municipality)):
        raise EditionUnusable(f'version: "{profile.version}" was published with other rules; give these a new one')
    return _publish(municipality, EditionKind.PROFILE, text, by, now)


def _published(municipality: Municipality) -> Iterator[Profile]:
    """Every profile that was ever published and can still be read."""
    editions = Edition.objects.filter(municipality=municipality, kind=EditionKind.PROFILE.value)
    for text in editions.values_list("text", flat=True):
        with suppress(ProfileFaults):
            yield parse_profile(text)


def publish_notices(
    municipality: Municipality, notices: Sequence[Notice], *, by: Staff | None, now: datetime
) -> Edition:
    """Hand out all notices that kiosks are to show, now or later. Raises EditionUnusable."""
    try:
        text = NoticeList(notices=tuple(notices)).model_dump_json()
    except ValidationError as problem:
        raise EditionUnusable("; ".join(error["msg"] for error in problem.errors(include_input=False))) from None
    return _publish(municipality, EditionKind.NOTICES, text, by, now)


def notices_of(municipality_id: str, now: datetime) -> tuple[Notice, ...]:
    """Those that kiosks have, without those whose time is over."""
    edition = latest(municipality_id, EditionKind.NOTICES)
    every = NoticeList.model_validate_json(edition.text).notices if edition is not None else ()
    return tuple(notice for notice in every if notice.until > now)


def key_of(notice: Notice) -> str:
    """The name of a notice, of its contents: 16 hexadecimal digits."""
    return digest_of(notice.model_dump_json())[:16]


@transaction.atomic
def add_notice(municipality: Municipality, notice: Notice, *, by: Staff | None, now: datetime) -> Edition:
    """Hand out one more. Raises EditionUnusable, TooManyAtOnce."""
    _in_turn(municipality)
    present = notices_of(municipality.pk, now)
    if sum(_meet(notice, other) for other in present if other != notice) >= MOST_AT_ONCE:
        raise TooManyAtOnce
    return publish_notices(municipality, [*(o for o in present if o != notice), notice], by=by, now=now)


@transaction.atomic
def withdraw_notice(municipality: Municipality, key: str, *, by: Staff | None, now: datetime) -> bool:
    """Have kiosks show it no more. Whether there was such a one."""
    _in_turn(municipality)
    present = notices_of(municipality.pk, now)
    kept = [notice for notice in present if key_of(notice) != key]
    if len(kept) == len(present):
        return False
    publish_notices(municipality, kept, by=by, now=now)
    return True


def _meet(one: Notice, other: Notice) -> bool:
    """Whether some kiosk would show both at the same time."""
    together = not one.kiosks or not other.kiosks or bool(set(one.kiosks) & set(other.kiosks))
    return together and one.first < other.until and other.first < one.until


def _in_turn(municipality: Municipality) -> None:
    Municipality.objects.select_for_update().get(pk=municipality.pk)  # two who publish at once come one after the other


@transaction.atomic
def _publish(municipality: Municipality, kind: EditionKind, text: str, by: Staff | None, now: datetime) -> Edition:
    _in_turn(municipality)
    last = latest(municipality.pk, kind)
    if last is not None and last.text == text:
        return last
    return Edition.objects.create(
        municipality=municipality, kind=kind.value, text=text, digest=digest_of(text), published_at=now, by=by
    )
