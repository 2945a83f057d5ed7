"""What the municipality hands out to this kiosk, kept in files: its rules, and notices.

An edition comes over the line, and is taken only when it can be used: rules that do not parse, or that are another
municipality's, are refused with their first fault, and the kiosk goes on with those that it has. A file appears whole
or not at all. A kiosk that never got one uses the rules that it came with.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import structlog
from pydantic import ValidationError

from kiosk.domain.profiles.profile import Profile, ProfileFaults, parse_profile
from kiosk.domain.wire import EditionAnswer, EditionKind, Notice, NoticeList, digest_of

log = structlog.get_logger(__name__)

_FILES = {EditionKind.PROFILE: "profile.toml", EditionKind.NOTICES: "notices.json"}
_LONGEST_PROBLEM = 300  # characters, as a heartbeat can say


class EditionRefused(Exception):
    """It cannot be used, and was not kept; the message says why in one line."""


@dataclass(frozen=True, slots=True)
class Edition:
    """An edition on this kiosk's disk."""

    text: str
    digest: str


class EditionStore:
    """The editions of one kiosk of one municipality."""

    def __init__(self, folder: Path, municipality: str):
        self._folder = folder
        self._municipality = municipality

    def held(self, kind: EditionKind) -> Edition | None:
        """What is kept here; None where there is none, or the file cannot be read."""
        try:
            text = (self._folder / _FILES[kind]).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as problem:
            log.warning("edition not read", kind=kind.value, problem=type(problem).__name__)
            return None
        return Edition(text, digest_of(text))

    def profile(self) -> Profile | None:
        """The rules that were handed out; None where there are none that this version of the program can use."""
        held = self.held(EditionKind.PROFILE)
        try:
            return self._profile(held.text) if held is not None else None
        except EditionRefused as refused:
            log.error("profile on disk refused", problem=str(refused))
            return None

    def notices(self, kiosk: UUID) -> tuple[Notice, ...]:
        """What this kiosk is to show, now or later."""
        held = self.held(EditionKind.NOTICES)
        try:
            every = _notices(held.text) if held is not None else ()
        except EditionRefused:
            return ()
        return tuple(notice for notice in every if not notice.kiosks or kiosk in notice.kiosks)

    def take(self, answer: EditionAnswer) -> None:
        """Keep an edition that came over the line. Raises EditionRefused, or OSError where the disk refuses."""
        if digest_of(answer.text) != answer.digest:
            raise EditionRefused("the text is not the one that was handed out")
        if answer.kind is EditionKind.PROFILE:
            self._profile(answer.text)
        else:
            _notices(answer.text)
        self._write(self._folder / _FILES[answer.kind], answer.text)

    def _profile(self, text: str) -> Profile:
        try:
            profile = parse_profile(text)
        except ProfileFaults as faults:
            more = f" (and {len(faults.faults) - 1} more)" if len(faults.faults) > 1 else ""
            raise EditionRefused(f"{faults.faults[0]}{more}"[:_LONGEST_PROBLEM]) from None
        if profile.id != self._municipality:
            raise EditionRefused(
                f"it is the profile of {profile.id!r}, not of {self._municipality!r}"[:_LONGEST_PROBLEM]
            )
        return profile

    def _write(self, path: Path, text: str) -> None:
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            with fresh.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
        finally:
            fresh.unlink(missing_ok=True)


def _notices(text: str) -> tuple[Notice, ...]:
    try:
        return NoticeList.model_validate_json(text).notices
    except ValidationError as problem:
        raise EditionRefused(f"notices: {problem.errors(include_input=False)[0]['msg']}"[:_LONGEST_PROBLEM]) from None
