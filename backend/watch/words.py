"""The watch's words: parts, levels, and a sentence for each thing that can be wrong, in the language of the page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from backend.watch.models import Alert, Notice
from kiosk.domain.fleet.condition import Level, Part
from kiosk.domain.fleet.heartbeat import Restart
from kiosk.domain.fleet.orders import OrderKind

BRUSSELS = ZoneInfo("Europe/Brussels")

# In which order kiosks are listed, by the word in the address.
SORTS: Mapping[str, Promise] = {
    "": _("the most urgent first"),
    "name": _("by name"),
    "paper": _("the least paper first"),
    "heard": _("the longest not heard first"),
}

PARTS: Mapping[Part, Promise] = {
    Part.LINE: _("Line"),
    Part.SCREEN: _("Screen"),
    Part.SERVICE: _("Service"),
    Part.READER: _("Card reader"),
    Part.TERMINAL: _("Payment terminal"),
    Part.PRINTER: _("Printer"),
    Part.PAPER: _("Paper"),
    Part.CASES: _("Open cases"),
    Part.QUEUE: _("Waiting to be sent"),
    Part.LETTERS: _("Rejected entries"),
    Part.CLOCK: _("Clock"),
    Part.DISK: _("Disk"),
    Part.MACHINE: _("Machine"),
    Part.KEYS: _("Certificates and keys"),
    Part.PROGRAM: _("Program"),
}
LEVELS: Mapping[Level, Promise] = {
    Level.GOOD: _("Well"),
    Level.WATCH: _("To be watched"),
    Level.UNKNOWN: _("Not known"),
    Level.BAD: _("Needs somebody"),
}
RESTARTS: Mapping[Restart, Promise] = {
    Restart.FIRST: _("the first start"),
    Restart.POWER: _("the machine was switched on"),
    Restart.ORDERED: _("staff asked for it"),
    Restart.STOPPED: _("ended in good order"),
    Restart.CRASHED: _("ended by a fault"),
}
ORDERS: Mapping[OrderKind, Promise] = {
    OrderKind.OUT_OF_SERVICE: _("Take out of service"),
    OrderKind.BACK_IN_SERVICE: _("Back in service"),
    OrderKind.RESTART: _("Restart"),
    OrderKind.TEST_PRINT: _("Print a test page"),
    OrderKind.READINESS: _("Send a readiness report"),
    OrderKind.NEW_TARIFF: _("Take the new tariff now"),
}
_OUTCOMES: Mapping[str, Promise] = {
    "done": _("done"),
    "refused": _("refused by the kiosk"),
    "failed": _("did not work"),
}
# What a kiosk adds to its answer (`kiosk.remote`, `kiosk.caretaker`); what a device says is among the details below.
_ANSWERS: Mapping[str, Promise] = {
    "after the visit": _("after the visit"),
    "somebody is at the kiosk": _("somebody is at the kiosk"),
    "the disk refused the record": _("its disk takes no write"),
    "the kiosk restarted before it was done": _("it restarted before that was done"),
    "the town hall has published no rules": _("no rules were handed out"),
    "too late": _("it came too late"),
}
_ANSWERS_ABOUT: Mapping[str, Promise] = {"rules ": _("rules %(what)s"), "not fetched: ": _("not fetched: %(what)s")}
_DETAILS: Mapping[str, Promise] = {
    "paper-out": _("out of paper"),
    "cover-open": _("the cover is open"),
    "cutter-error": _("the knife is stuck"),
    "overheated": _("too hot"),
    "disconnected": _("not connected"),
    "silent": _("does not answer"),
    "garbled": _("answers nonsense"),
    "offline": _("offline"),
    "no-reader": _("there is no reader"),
    "no-service": _("the card service does not run"),
    "restarting": _("restarts"),
    "maintenance": _("is being updated by its operator"),
    "needs-end-of-day": _("needs its end of day"),
    "needs-upkeep": _("needs upkeep"),
    "not-registered": _("is not registered"),
    "needs-service": _("needs a technician"),
    "error": _("reports a fault"),
}
_FAULTS: Mapping[str, Promise] = {
    "reader": _("card reader"),
    "printer": _("printer"),
    "paper-out": _("no paper"),
    "paper-short": _("too little paper for a ticket"),
    "paper-unproven": _("new roll without a test page"),
    "terminal": _("payment terminal"),
    "disk": _("disk"),
    "clock": _("clock"),
    "open-case": _("a payment in doubt"),
    "money-unrecorded": _("a payment that could not be written down"),
    "profile": _("the municipality's rules"),
    "staff": _("taken out of service by staff"),
    "closed": _("closed at this hour"),
}


_SITUATIONS: Mapping[str, Promise] = {
    "welcome": _("Welcome"),
    "language": _("Language"),
    "insert_card": _("Insert the card"),
    "reading": _("Reading the card"),
    "card_refused": _("Card refused"),
    "service": _("Which service"),
    "children": _("Which children"),
    "card_type": _("Which card"),
    "birth_date": _("Date of birth"),
    "child_name": _("First name"),
    "procedure": _("Normal or urgent"),
    "question": _("A question"),
    "bring": _("What to bring"),
    "appointment": _("Appointment"),
    "no_slots": _("No time is free"),
    "review": _("Review"),
    "pay": _("Pay"),
    "not_paid": _("Not paid"),
    "outcome_unknown": _("Payment in doubt"),
    "printing": _("Printing"),
    "print_trouble": _("Printer in trouble"),
    "take": _("Take the ticket"),
    "child_refused": _("Child refused"),
    "money_back": _("Money back"),
    "goodbye": _("Goodbye"),
    "my_requests": _("My requests"),
    "my_request": _("One of my requests"),
    "other_time": _("Another time"),
    "cancel_time": _("Cancel the time"),
    "out_of_service": _("Out of service"),
}


def situation_word(name: str) -> str:
    """The name of a screen."""
    return str(_SITUATIONS.get(name, name.replace("_", " ")))


def part_word(part: str) -> str:
    """The name of a part."""
    return str(PARTS[Part(part)]) if part in set(Part) else part


def sentence(part: str, why: str, values: Mapping[str, Any]) -> str:
    """What is the matter, in one line. Of what is well: nothing."""
    known = _SENTENCES.get((part, why)) or _SENTENCES.get(("", why))
    if known is not None:
        return str(known) % _in_words(values)
    if why in _DETAILS:
        return str(_DETAILS[why])
    if not why:
        return ""
    return str(_("a value is missing: %(what)s") % {"what": why})


def fault_words(names: object) -> str:
    """Faults of a kiosk, as a list."""
    listed = names if isinstance(names, (list, tuple)) else []
    return ", ".join(str(_FAULTS.get(str(name), name)) for name in listed)


def outcome_word(outcome: str) -> str:
    """What came of an order."""
    return str(_OUTCOMES.get(outcome, outcome))


def answer_words(detail: str) -> str:
    """What a kiosk said with its answer to an order."""
    for beginning, said in _ANSWERS_ABOUT.items():
        if detail.startswith(beginning):
            return str(said) % {"what": detail.removeprefix(beginning)}
    return str(_ANSWERS.get(detail) or _DETAILS.get(detail, detail))


def about(name: str, matter: str) -> str:
    """A part's name before what is the matter with it, with the language's own colon; the name alone for nothing."""
    return str(_("%(part)s: %(matter)s") % {"part": name, "matter": matter}) if matter else name


def metres(mm: object) -> str:
    """12400 → 12,4 m, with the language's own comma."""
    if not isinstance(mm, (int, float)):
        return "?"
    return f"{decimal(mm / 1000)}\u00a0m"


def decimal(value: float) -> str:
    """0.25 → 0,3, with the language's own comma."""
    from django.utils.formats import number_format

    return str(number_format(round(value, 1), decimal_pos=1))


def stretch(seconds: object) -> str:
    """A length of time, in its largest unit."""
    if not isinstance(seconds, (int, float)):
        return "?"
    for unit, size in ((_("%(n)s days"), 86_400), (_("%(n)s h"), 3600), (_("%(n)s min"), 60)):
        if seconds >= 2 * size:
            return str(unit) % {"n": int(seconds // size)}
    return str(_("%(n)s s") % {"n": int(seconds)})


def _in_words(values: Mapping[str, Any]) -> dict[str, str]:
    words = {name: str(value) for name, value in values.items()}
    words["stretch"] = stretch(values.get("seconds"))
    words["left"], words["need"] = metres(values.get("left_mm")), metres(values.get("need_mm"))
    words["faults"] = fault_words(values.get("faults")) or str(_("no reason given"))
    for name in ("seconds", "percent", "count", "days", "depth", "name", "hot", "memory", "version", "problem"):
        words.setdefault(name, "?")
    return words


_SENTENCES: Mapping[tuple[str, str], Promise] = {
    ("line", "silent"): _("not heard for %(stretch)s"),
    ("line", "never-heard"): _("enrolled, and never heard"),
    ("line", "all-silent"): _("no kiosk of the municipality is heard: look at the line, or at the backend itself"),
    ("screen", "frozen"): _("no picture was drawn for %(stretch)s"),
    ("screen", "no-frame"): _("no picture was drawn since it started"),
    ("service", "out-of-service"): _("out of service: %(faults)s"),
    ("service", "faults"): _("in service, but: %(faults)s"),
    ("", "errors"): _("%(percent)s %% of the tries of the last hour failed"),
    ("paper", "low"): _("%(left)s left; a busy day takes %(need)s"),
    ("paper", "lowish"): _("%(left)s left, for little more than a day"),
    ("cases", "open"): _("%(count)s to be decided"),
    ("queue", "old"): _("%(depth)s entries wait, the oldest for %(stretch)s"),
    ("letters", "rejected"): _("%(count)s entries were refused by the backend"),
    ("clock", "wrong"): _("%(seconds)s s beside the backend's clock"),
    ("disk", "no-write"): _("takes no write"),
    ("disk", "full"): _("%(percent)s %% free"),
    ("machine", "undervoltage"): _("the power supply is too weak"),
    ("machine", "hot"): _("%(hot)s °C"),
    ("machine", "memory"): _("%(memory)s %% of the memory is in use"),
    ("keys", "expiring"): _("%(name)s ends in %(days)s days"),
    ("program", "rules"): _("does not take the latest rules: %(problem)s"),
    ("program", "update"): _("version %(version)s counts from the next start"),
    ("", "not-heard"): _("not known while the kiosk is not heard"),
    ("", "missing"): _("the kiosk does not say"),
    ("", "error-ratio"): _("the kiosk does not say how often it fails"),
    ("", "trouble"): _("reports a fault"),
}


def written(alert: Alert, kind: str) -> tuple[str, str, dict[str, object]]:
    """A notice of an alert: subject, text, and the same as data (which stays in English words)."""
    where = alert.kiosk.name if alert.kiosk else alert.municipality.name
    what = part_word(alert.part)
    said = sentence(alert.part, alert.why, alert.values)
    if kind == Notice.Kind.CLEARED:
        subject = str(_("Over: %(what)s, %(where)s") % {"what": what, "where": where})
    else:
        subject = str(_("%(what)s: %(said)s, %(where)s") % {"what": what, "said": said, "where": where})
    lines = [f"{alert.municipality.name} · {where}", f"{what}: {said}", "", _since(alert)]
    if alert.owner is not None:
        lines.append(str(_("Looked after by %(who)s.") % {"who": alert.owner.get_username()}))
    with override("en"):
        data: dict[str, object] = {
            "type": f"alert.{kind}",
            "alert": alert.pk,
            "municipality": alert.municipality_id,
            "kiosk": str(alert.kiosk_id) if alert.kiosk_id else None,
            "kiosk_name": alert.kiosk.name if alert.kiosk else None,
            "part": alert.part,
            "why": alert.why,
            "unknown": alert.unknown,
            "values": alert.values,
            "text": sentence(alert.part, alert.why, alert.values),
            "began_at": alert.began_at.isoformat(),
            "raised_at": _iso(alert.raised_at),
            "cleared_at": _iso(alert.cleared_at),
            "owner": alert.owner.get_username() if alert.owner else None,
        }
    return " ".join(subject.split()), "\n".join(lines) + "\n", data


def _since(alert: Alert) -> str:
    began = alert.began_at.astimezone(BRUSSELS)
    if alert.cleared_at is None:
        return str(_("Since %(when)s.") % {"when": f"{began:%d/%m/%Y %H:%M}"})
    over = alert.cleared_at.astimezone(BRUSSELS)
    return str(
        _("From %(from)s to %(until)s.")
        % {
            "from": f"{began:%d/%m/%Y %H:%M}",
            "until": f"{over:%d/%m/%Y %H:%M}",
        }
    )


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
