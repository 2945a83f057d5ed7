"""The card reader: tells of cards that come and go, reads one when asked, and says in one word what is wrong.

What is refuted never passes here; what the card proved goes with it to the visit, which knows what each service
demands. Only what some service demands is read. The card's data go to the visit and nowhere else; the log gets the type
of card and what reading it cost.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import date

import structlog

from hardware.smartcard import (
    EVERYTHING,
    CardError,
    CardReader,
    CardReading,
    CertificateFolder,
    Checks,
    Holder,
    Identity,
    Inserted,
    NoReader,
    NoService,
    Outcome,
    Parts,
    ReaderEvent,
    Reason,
    Removed,
    StatusChanged,
    Trust,
    ValidityState,
    Why,
    read_card,
)
from hardware.smartcard.piv import Issuers
from kiosk.devices.badge import Badge, read_badge
from kiosk.devices.worker import Worker
from kiosk.domain.card_types import card_type_of_document
from kiosk.domain.fleet.heartbeat import DeviceState
from kiosk.domain.profiles.profile import Profile
from kiosk.domain.proof import Proof
from kiosk.domain.record.entries import Parent
from kiosk.health import Health
from kiosk.visit import events as e
from kiosk.visit.events import CardProblem

log = structlog.get_logger(__name__)

_PROBLEMS: dict[Reason, CardProblem] = {
    Reason.NO_ANSWER: CardProblem.NO_ANSWER,
    Reason.NOT_EID: CardProblem.NOT_EID,
    Reason.BANK_CARD: CardProblem.BANK_CARD,
    Reason.FOREIGN_EID: CardProblem.FOREIGN_CARD,
    Reason.PULLED: CardProblem.PULLED,
    Reason.UNREADABLE: CardProblem.UNREADABLE,
    Reason.BUSY: CardProblem.UNREADABLE,  # another program holds the card: out and in again helps
    Reason.READER_GONE: CardProblem.READER_GONE,
}
# What speaks against the reader's contacts when it comes often; the others are people and their cards.
_READERS_FAULT = frozenset({Reason.NO_ANSWER, Reason.UNREADABLE, Reason.READER_GONE})


@dataclass(frozen=True, slots=True)
class ReadingCost:
    """What the last complete reading took."""

    apdus: int
    bytes_read: int
    milliseconds: float


def parts_demanded(profile: Profile) -> Parts:
    """What to read of a card for the services of this municipality: nothing is shown of it but the name.

    A chip is asked always, where it can answer: a copy is refused whoever demands what.
    """
    demanded = {proof for service in profile.services.values() if service.at_kiosk for proof in service.proof}
    return Parts(address=Proof.ADDRESS in demanded, photo=Proof.PHOTO in demanded, chip=True)


class ParentCardReader:
    """Owns the reader's driver. `parts` is what it reads of a card; `certificates` outlive the kiosk's next start.

    `issuers` are those of staff badges, None where any will do.
    """

    def __init__(
        self,
        reader: CardReader,
        trust: Trust,
        health: Health,
        post: Callable[[e.Event], None],
        today: Callable[[], date],
        crashed: Callable[[], None] = lambda: None,
        parts: Parts = EVERYTHING,
        certificates: CertificateFolder | None = None,
        issuers: Issuers | None = None,
    ):
        self._issuers = issuers
        self._reader = reader
        self._parts = parts
        self._certificates = certificates
        self._trust = trust
        self._health = health
        self._post = post
        self._today = today
        # What comes to light when watching begins (again) was there before: nobody has just put it in.
        self._blind = True
        # Counts cards that came and went. What was read of one that is gone is said of nobody.
        self._movements = 0
        self._moving = threading.Lock()
        self._worker = Worker("card", lambda: None, every=3600.0, crashed=crashed)
        self.last_cost: ReadingCost | None = None

    def start(self) -> None:
        """Begin to watch for cards."""
        if self._certificates is not None:
            try:
                log.info("certificates_kept", count=self._certificates.load_into(self._trust))
            except OSError as problem:  # the first card's own will do, and takes half a second longer
                log.warning("certificates_not_loaded", why=problem.strerror)
        self._worker.start()
        self._reader.watch(self._changed)

    def stop(self) -> None:
        """End and let go of the reader."""
        self._reader.close()
        self._worker.stop()

    def read_card(self) -> None:
        """Read and verify; `CardAccepted` or `CardRefusedByReader` follows."""
        with self._moving:
            movements = self._movements
        self._worker.do(lambda: self._read(movements))

    def read_badge(self, known: Callable[[Badge], None], unread: Callable[[], None]) -> None:
        """Read the card of a member of staff, of whichever kind; `known` hears what it is, on this device's thread.

        `unread` is called where nothing could be read.
        """
        self._worker.do(lambda: self._read_badge(known, unread))

    def read_test_card(self, told: Callable[[bool, str], None]) -> None:
        """Read all of whatever card is in; `told` hears whether that went well, and nothing of whose it is.

        A test card need not lead to a trusted root; that something of it was refuted means that bytes came out wrong.
        """
        self._worker.do(lambda: told(*self._read_test_card()))

    @property
    def there(self) -> bool:
        """Whether there is a reader, by its last word."""
        return not isinstance(self._reader.status, (NoReader, NoService))

    def _read_badge(self, known: Callable[[Badge], None], unread: Callable[[], None]) -> None:
        try:
            with closing(self._reader.connect()) as channel:
                badge = read_badge(channel, self._trust, self._issuers, self._today())
        except CardError as problem:
            log.info("badge_not_read", reason=problem.reason.value, detail=problem.detail)
            unread()
            return
        log.info("badge_read", by=badge.by, detail=badge.detail, refused=badge.refusal or "")
        self._keep_certificates()
        known(badge)

    def _read_test_card(self) -> tuple[bool, str]:
        started = time.perf_counter()
        try:
            with closing(self._reader.connect()) as channel:
                reading = read_card(channel, self._trust, self._today())
        except CardError as problem:
            return False, problem.reason.value
        milliseconds = round((time.perf_counter() - started) * 1000)
        verdict = reading.checks.verdict
        return verdict is not Outcome.REFUTED, f"{verdict.value}, {reading.apdus} APDUs, {milliseconds} ms"

    def _changed(self, event: ReaderEvent) -> None:
        match event:
            case Inserted():
                self._moved(e.CardInserted(at_start=self._blind))
            case Removed():
                self._moved(e.CardRemoved())
            case StatusChanged(status):
                self._blind = isinstance(status, (NoReader, NoService))
                self._health.report(reader=self._blind)
                gone = "no-service" if isinstance(status, NoService) else "no-reader"
                state = DeviceState.TROUBLE if self._blind else DeviceState.READY
                self._health.devices.state("reader", state, gone if self._blind else "")

    def _moved(self, event: e.CardInserted | e.CardRemoved) -> None:
        with self._moving:
            self._movements += 1
            self._post(event)

    def _say(self, movements: int, event: e.Event) -> None:
        """Post what a reading found, unless its card has gone in the meantime: the next one would get its name."""
        with self._moving:
            if self._movements == movements:
                self._post(event)

    def _read(self, movements: int) -> None:
        started = time.perf_counter()
        try:
            with closing(self._reader.connect()) as channel:
                reading = read_card(
                    channel,
                    self._trust,
                    self._today(),
                    parts=self._parts,
                    on_identity=lambda identity: self._greet(movements, identity),
                    on_progress=lambda done, total: self._say(movements, e.CardProgress(done, total)),
                )
        except CardError as problem:
            log.info("card_not_read", reason=problem.reason.value, detail=problem.detail)
            self._health.devices.use("reader", problem.reason not in _READERS_FAULT)
            self._say(movements, e.CardRefusedByReader(_PROBLEMS[problem.reason]))
            return
        self._health.devices.use("reader", True)
        cost = ReadingCost(reading.apdus, reading.bytes_read, (time.perf_counter() - started) * 1000)
        self.last_cost = cost
        log.info(
            "card_read",
            document=reading.document_type.name,
            verdict=reading.checks.verdict.value,
            apdus=cost.apdus,
            milliseconds=round(cost.milliseconds),
        )
        self._say(movements, self._judge(reading))
        self._keep_certificates()

    def _keep_certificates(self) -> None:
        if self._certificates is not None:
            try:
                self._certificates.keep(self._trust)
            except OSError as problem:
                log.warning("certificates_not_kept", why=problem.strerror)
                self._certificates = None

    def _greet(self, movements: int, identity: Identity) -> None:
        if names := identity.first_names.split():
            self._say(movements, e.CardHolderKnown(names[0]))

    def _judge(self, reading: CardReading) -> e.CardAccepted | e.CardRefusedByReader:
        if reading.checks.verdict is Outcome.REFUTED:
            return e.CardRefusedByReader(CardProblem.FORGED)
        match reading.document_type.holder:
            case Holder.BELGIAN:
                return e.CardRefusedByReader(CardProblem.BELGIAN)
            case Holder.BELGIAN_CHILD:
                return e.CardRefusedByReader(CardProblem.KIDS_ID)
            case Holder.FOREIGN_CHILD:
                return e.CardRefusedByReader(CardProblem.CHILD_CARD)
            case Holder.OTHER:
                return e.CardRefusedByReader(CardProblem.NOT_RESIDENCE)
            case Holder.FOREIGNER:
                pass
        number = reading.document_type.number
        card_type = card_type_of_document(number) if number is not None else None
        if card_type is None:  # a foreigner's document, but none that a child's card can follow from
            return e.CardRefusedByReader(CardProblem.NOT_RESIDENCE)
        match reading.validity.state:
            case ValidityState.EXPIRED:
                return e.CardRefusedByReader(CardProblem.EXPIRED, reading.validity.end)
            case ValidityState.NOT_YET:
                return e.CardRefusedByReader(CardProblem.NOT_YET_VALID)
            case ValidityState.UNKNOWN:
                return e.CardRefusedByReader(CardProblem.UNREADABLE)
            case ValidityState.VALID:
                pass
        identity = reading.identity
        return e.CardAccepted(
            parent=_parent(identity, card_type.value),
            card_type=card_type,
            valid_until=reading.validity.end,
            language=identity.language,
            proven=_proven(reading.checks),
        )


def _proven(checks: Checks) -> frozenset[Proof]:
    """What the signatures prove. Each leads to a trusted root, or proves nothing."""
    if checks.identity_verdict is not Outcome.PROVEN:
        return frozenset()
    others = {Proof.ADDRESS: checks.address_signature, Proof.PHOTO: checks.photo_hash, Proof.CHIP: checks.chip}
    proven = {Proof.IDENTITY, *(proof for proof, check in others.items() if check.outcome is Outcome.PROVEN)}
    if checks.rrn_certificate.why is not Why.ROOT_EXPIRED:
        proven.add(Proof.CURRENT_ROOT)
    if Proof.CHIP in proven or checks.chip.why is Why.NOT_ON_THIS_CARD:
        proven.add(Proof.CHIP_WHERE_POSSIBLE)
    return frozenset(proven)


def _parent(identity: Identity, card_type: str) -> Parent:
    return Parent(
        national_number=identity.national_number,
        surname=identity.surname,
        first_names=identity.first_names,
        card_number=identity.card_number,
        card_type=card_type,
    )
