"""What the desk's page has with it, so that it works on through a network cut: keys, words, and the page itself."""

from __future__ import annotations

import hashlib
import json

from django.contrib.staticfiles.storage import staticfiles_storage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from backend.accounts.models import Staff
from backend.console.templatetags.words import clock, day
from backend.desk.finding import Result
from backend.desk.handover import WHO, anywhere
from backend.desk.models import DeskScan
from backend.desk.words import WITHOUT_LINE, WORDS
from backend.fleet.keys import keys_of_municipality
from backend.fleet.models import Municipality
from kiosk.domain.tickets.keys import write_key_set

SCRIPTS = ("desk.js", "answer.js", "base45.js", "camera.js", "cbor.js", "scans.js", "sound.js", "ticket.js")
_STYLES = ("loket/app.css", "loket/desk.css", "loket/icons.svg", "loket/crest.svg")

# What a page can find out by itself.
_BY_ITSELF = (
    Result.MISTYPED,
    Result.WRONG_MUNICIPALITY,
    Result.BAD_SIGNATURE,
    Result.REVOKED_KIOSK,
    Result.DAMAGED,
    Result.NOT_A_TICKET,
)


def keys_of(municipality: Municipality) -> str:
    """The key set of a municipality's kiosks, as `kiosk.domain.tickets.keys` writes it; revoked ones are marked."""
    return write_key_set(keys_of_municipality(municipality))


def keys_tag(municipality: Municipality) -> str:
    """Changes when a kiosk joins, changes its key, or is revoked."""
    return f'"{hashlib.sha256(keys_of(municipality).encode()).hexdigest()[:20]}"'


def worker_script() -> str:
    """The service worker's text: it changes when any file that it keeps does."""
    files = [staticfiles_storage.url(f"loket/desk/{name}") for name in SCRIPTS]
    files += [staticfiles_storage.url(name) for name in _STYLES]
    version = hashlib.sha256("\n".join(files).encode()).hexdigest()[:12]
    facts = {"version": version, "page": reverse("desk:look-up"), "files": files}
    return render_to_string("desk/worker.js", {"facts": json.dumps(facts)})


def answer_of_scan(row: DeskScan) -> dict[str, str]:
    """What the page is told of a scan that it sent."""
    told = {"id": str(row.pk), "outcome": row.outcome, "problem": row.problem}
    if row.outcome == DeskScan.Outcome.DOUBLE and row.request is not None:
        first = row.request.changes.filter(undone_at__isnull=True).order_by("at").last()
        if first is not None:
            told["before"] = _("%(day)s %(time)s, by %(who)s") % {
                "day": day(first.at),
                "time": clock(first.at),
                "who": first.who,
            }
    return told


def words(staff: Staff, municipality: Municipality) -> dict[str, object]:
    """All that the page says by itself, in the language of the page; no personal data but the name of the account."""
    return {
        "staff": str(staff.pk),
        "municipality": municipality.pk,
        "urls": {name: reverse(f"desk:{name}") for name in ("keys", "scans", "worker", "privacy", "picture")},
        "results": {
            name: {"tone": said.tone.value, "title": str(said.title), "advice": str(said.advice)}
            for name, said in (*((result.value, WORDS[result]) for result in _BY_ITSELF), *WITHOUT_LINE.items())
        },
        "steps": [{"code": step.code, "label": step.label} for step in anywhere()],
        "who": [{"code": code, "label": str(label)} for code, label in WHO.items()],
        "payments": {
            "paid": _("paid at the kiosk"),
            "due": _("to be paid here"),
            "nothing": _("nothing to pay"),
        },
        "outcomes": {
            "kept": _("kept"),
            "noted": _("sent"),
            "taken": _("sent and noted"),
            "waiting": _("sent; the kiosk's request has not arrived yet"),
            "double": _("DOUBLE: had been handed over before"),
            "refused": _("refused"),
        },
        "actions": {"seen": _("scanned"), "arrived": _("arrived"), "collected": _("handed over")},
        "camera": {
            "asking": _("The browser asks whether this page may use the camera: allow it."),
            "looking": _("Hold the QR code of the ticket in the square."),
            "nothing": _("Still no code. Hold it closer, flat and in the light; or use the scanner, or type the code."),
            "unread": _("The pictures are not being read. Use the scanner, or type the code."),
            "offline": _("No line: the camera waits. Use the scanner, or type the code."),
            "refused": _("The browser does not allow the camera here. Use the scanner, or type the code."),
            "none": _("No camera was found. Use the scanner, or type the code."),
            "busy": _("The camera is in use elsewhere, or does not start. Close the other program, and try again."),
            "gone": _("The camera was taken away. Connect it and switch it on again, or use the scanner."),
            "rest": _("No code for two minutes: the camera is off. F2 switches it on again."),
        },
        "say": {
            "online": _("Connected"),
            "offline": _("No line: the page checks tickets by itself"),
            "login": _("Log in again: the scans are kept"),
            "kept": _("Scans kept here"),
            "others": _("A colleague's scans are kept here until that colleague logs in: %(n)s"),
            "no-ed25519": _("This browser cannot check signatures by itself. Use a newer one."),
            "issued": _("Issued"),
            "payment": _("Payment"),
            "appointment": _("Appointment"),
            "none": _("none"),
            "handover": _("Hand over, and send it later"),
            "arrived": _("The parent is here"),
            "sure": _("Press again to confirm"),
            "undo": _("Undo"),
            "before": _("before: %(when)s"),
            "failed": _("That did not work. Nothing was changed; try again."),
        },
    }
