"""Looks at this machine: fonts, text, clock, disk, and the rules it is to sell by."""

from __future__ import annotations

import os
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from importlib import metadata
from pathlib import Path

import fontpkg
from PIL import features

from hardware.smartcard import TrustError
from hardware.smartcard.piv import Issuers
from kiosk.doctor.finding import Finding, fault, ok, warning
from kiosk.domain.profiles.faults import ProfileFaults
from kiosk.health import EARLIEST, LATEST, LEAST_FREE_BYTES
from kiosk.profiles import ProfileNotFound, find_profile
from kiosk.staff.roster import RosterFault
from kiosk.staff.roster import read as read_roster

FONTS = ("noto-sans", "noto-sans-arabic", "roboto-mono")

# A year of visits is some 200 MB; below this somebody should look what fills the disk.
COMFORTABLE_FREE_BYTES = 1024**3

_ISSUER_ENDS_SOON = timedelta(days=90)  # an authority's next certificate takes an organisation some weeks


def fonts() -> Finding:
    """Whether the fonts of screen and ticket are installed and readable."""
    missing = []
    for family in FONTS:
        try:
            readable = os.access(fontpkg.path(family), os.R_OK)
        except fontpkg.FontpkgError:
            readable = False
        if not readable:
            missing.append(family)
    if missing:
        return fault(
            "fonts", f"not there: {', '.join(missing)}", "run the set-up again: make setup, or deploy/install.sh"
        )
    return ok("fonts", ", ".join(f"{family} {metadata.version(f'fontpkg-{family}')}" for family in FONTS))


def text_shaping() -> Finding:
    """Whether Pillow can lay out Arabic: its wheel loads the system's FriBidi when it starts, or goes without."""
    if features.check("raqm"):
        return ok("text", f"Raqm {features.version('raqm')}, FriBidi {features.version('fribidi')}")
    return fault(
        "text", "Pillow finds no FriBidi, so Arabic would be unjoined and reversed", "apt-get install libfribidi0"
    )


def clock(now: datetime) -> Finding:
    """Whether this can be the true date at all. The backend's clock is the finer measure."""
    remedy = "set it (timedatectl set-time …), and look whether the board's battery is flat"
    shown = f"{now.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    if now < EARLIEST:
        return fault("clock", f"{shown} is before this program was written", remedy)
    if now > LATEST:
        return fault("clock", f"{shown} is too far ahead to be true", remedy)
    return ok("clock", shown)


def disk(folder: Path) -> Finding:
    """Whether the journal's folder takes a write that survives a power cut, and has room."""
    try:
        free = shutil.disk_usage(folder).free
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".write-check-") as file:
            file.write(b"ok")
            file.flush()
            os.fsync(file.fileno())
    except FileNotFoundError:
        return fault("journal", f"{folder} does not exist", f"install -d -m 0700 -o loket -g loket {folder}")
    except OSError as problem:
        remedy = "free space on this disk, or give the folder to the kiosk's user; then look at the disk itself"
        return fault("journal", f"{folder} takes no write: {problem.strerror}", remedy)
    room = f"{free / 1024**3:.1f} GB free in {folder}"
    if free < LEAST_FREE_BYTES:
        return fault("journal", room, "free space on this disk: no visit can begin")
    if free < COMFORTABLE_FREE_BYTES:
        return warning("journal", room, "find what fills this disk: journalctl --disk-usage, du -xh /var")
    return ok("journal", f"{room}; a write reaches the disk")


def profile(municipality: str) -> Finding:
    """Whether the municipality's rules can be read and hold together."""
    try:
        found = find_profile(municipality)
    except ProfileNotFound as problem:
        return fault("municipality", str(problem), "correct kiosk.municipality")
    except ProfileFaults as problem:
        remedy = f"kiosk municipality check {municipality}"
        return fault("municipality", f"the profile has {len(problem.faults)} faults", remedy)
    return ok("municipality", f"{found.id}, version {found.version}")


def staff(file: Path) -> Finding:
    """Whether anybody can open service mode on this kiosk: without that nobody can put in a new roll."""
    remedy = "kiosk staff add ID --name NAME --card (or --code) --config FILE"
    try:
        members = read_roster(file).member
    except RosterFault as problem:
        return fault("staff", str(problem), remedy)
    if not members:
        return warning("staff", "nobody is on the roster, so nobody can open service mode", remedy)
    ways = {"card": "own card", "badge": "staff badge", "code": "code"}
    counted = [(sum(getattr(member, way) is not None for member in members), words) for way, words in ways.items()]
    by = ", ".join(f"{count} by {words}" for count, words in counted if count)
    return ok("staff", f"{len(members)} on the roster: {by}")


def badge_issuers(folder: Path | None, now: datetime) -> list[Finding]:
    """Whether the authorities behind the town's staff badges can be used; nothing where none are configured."""
    if folder is None:
        return []
    part, remedy = "badges", "put the issuing authority's certificate (.pem, .der) in staff.badge_issuers"
    try:
        issuers = Issuers.from_folder(folder)
    except TrustError as problem:
        return [fault(part, str(problem), remedy)]
    findings = []
    for certificate in issuers.certificates:
        name, ends = certificate.subject.rfc4514_string(), certificate.not_valid_after_utc
        if ends < now:
            findings.append(fault(part, f"{name} has expired on {ends:%Y-%m-%d}: its badges open nothing", remedy))
        elif ends < now + _ISSUER_ENDS_SOON:
            findings.append(warning(part, f"{name} expires on {ends:%Y-%m-%d}", remedy))
        else:
            findings.append(ok(part, f"issued by {name}, until {ends:%Y-%m-%d}"))
    return findings
