"""The axis of time as text: one line an event, one column a track, quiet stretches told by their length."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from kiosk.text.catalogue import BRUSSELS
from kiosk.timeline.events import Moment, Track

QUIET = timedelta(seconds=10)  # a longer stretch without events is shown as such

_STAFF = frozenset({"member", "by"})
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_RECORDED, _LOGGED, _ALARMING, _EMPTY = "●", "○", "▲", "·"
_HEADS = {
    Track.VISIT: "V",
    Track.CARD: "C",
    Track.PAYMENT: "€",
    Track.PRINT: "P",
    Track.SERVICE: "S",
    Track.LINE: "L",
}
_KEY = "V visit · C card · € payment · P print · S service · L line   ● on the record · ○ in the log · ▲ alarming"


def draw(moments: Sequence[Moment]) -> str:
    """The picture, with a heading for each day (Europe/Brussels). Empty for no moments."""
    return "\n".join(_drawn(moments))


def draw_short(moments: Sequence[Moment]) -> tuple[str, ...]:
    """One line an event for a narrow screen, a strip of paper, or a code to scan; "!" before what is alarming.

    It goes to people outside the town hall, so it leaves out which member of staff it was.
    """
    return tuple(
        f"{moment.at.astimezone(BRUSSELS):%H:%M:%S} {'! ' if moment.alarming else ''}{_what(moment)}"
        f" {_details(moment, without=_STAFF)}".rstrip()
        for moment in moments
    )


def _drawn(moments: Sequence[Moment]) -> Iterator[str]:
    if not moments:
        return
    width = max(len(_what(moment)) for moment in moments)
    heads = " ".join(_HEADS[track] for track in Track)
    day, before = None, None
    yield _KEY
    for moment in moments:
        at = moment.at.astimezone(BRUSSELS)
        if at.date() != day:
            day = at.date()
            yield ""
            yield f"{at:%a %d %B %Y}".ljust(24) + heads
        elif before is not None and moment.at - before > QUIET:
            yield f"{'':14}{_length(moment.at - before)} quiet"
        before = moment.at
        clock = f"{at:%H:%M:%S}.{at.microsecond // 1000:03d} {at:%z}"
        yield f"{clock:<24}{_lanes(moment)}  {_what(moment):<{width}}  {_details(moment)}".rstrip()


def _lanes(moment: Moment) -> str:
    mark = _ALARMING if moment.alarming else _RECORDED if moment.recorded else _LOGGED
    return " ".join(mark if track is moment.track else _EMPTY for track in Track)


def _what(moment: Moment) -> str:
    return moment.what.replace("_", " ")


def _details(moment: Moment, without: frozenset[str] = frozenset()) -> str:
    return "  ".join(
        f"{name}={_short(value)}"
        for name, value in moment.details.items()
        if name not in without and value not in (None, "", {})
    )


def _short(value: object) -> str:
    if isinstance(value, Mapping):
        return ",".join(f"{name}:{each}" for name, each in value.items())
    if isinstance(value, (list, tuple)):
        return ",".join(map(str, value))
    text = str(value)
    if _UUID.fullmatch(text):
        return text[:8]  # enough to tell them apart in one picture; JSON has the whole
    return text if len(text) <= 60 else text[:57] + "…"


def _length(stretch: timedelta) -> str:
    seconds = int(stretch.total_seconds())
    if seconds < 120:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h {seconds % 3600 // 60} min"
