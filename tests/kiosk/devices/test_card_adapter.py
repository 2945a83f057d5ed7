"""The reader's adapter: whose card a reading was, and what counts as just put in."""

from __future__ import annotations

import queue
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest

from hardware.simulators.card import Deck, TestPki, VirtualChip, VirtualReader
from hardware.smartcard import (
    EVERYTHING,
    CardPresent,
    CardReader,
    CertificateFolder,
    Empty,
    Inserted,
    NoService,
    Parts,
    ReaderEvent,
    Removed,
    StatusChanged,
    Trust,
)
from hardware.smartcard.reader import ReaderStatus
from hardware.smartcard.transport import CardChannel
from kiosk.devices.reader import ParentCardReader, parts_demanded
from kiosk.domain.profiles.profile import Profile
from kiosk.domain.proof import Proof
from kiosk.domain.quote import Service
from kiosk.health import Health
from kiosk.profiles import DEMO_PROFILE, find_profile
from kiosk.text.catalogue import BRUSSELS
from kiosk.visit import events as e
from kiosk.visit.answers import Answers

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 10, tzinfo=BRUSSELS)
PATIENCE = 20.0


@pytest.fixture(scope="module")
def pki() -> TestPki:
    return TestPki.generate(TODAY)


class ToldReader:
    """A reader that says what the test says, with real cards behind it."""

    def __init__(self) -> None:
        self.status: ReaderStatus = Empty("reader")
        self.tell: Callable[[ReaderEvent], None] = lambda event: None
        self.cards = VirtualReader()

    def watch(self, callback: Callable[[ReaderEvent], None]) -> None:
        self.tell = callback

    def connect(self) -> CardChannel:
        return self.cards.connect()

    def close(self) -> None:
        pass


def an_adapter(
    reader: CardReader,
    pki: TestPki,
    parts: Parts = EVERYTHING,
    certificates: CertificateFolder | None = None,
    today: date = TODAY,
) -> tuple[ParentCardReader, queue.Queue[e.Event]]:
    posted: queue.Queue[e.Event] = queue.Queue()
    adapter = ParentCardReader(
        reader,
        Trust(pki.pins),
        Health(lambda changed: None),
        posted.put,
        lambda: today,
        parts=parts,
        certificates=certificates,
    )
    adapter.start()
    return adapter, posted


def test_what_was_read_of_a_card_that_is_gone_is_not_said_of_the_next(pki: TestPki) -> None:
    reader = ToldReader()
    adapter, posted = an_adapter(reader, pki)
    amina, joao = Deck(pki, TODAY).card("amina"), Deck(pki, TODAY).card("joao")
    answer, moved = amina.answer, []

    def swapped_while_it_answers(command: bytes) -> bytes | None:
        """The reading goes on to a good end, and the reader tells late that the card was swapped meanwhile."""
        if not moved:
            moved.append(True)
            reader.tell(Removed("reader"))
            reader.tell(Inserted(CardPresent("reader", b"")))
        return answer(command)

    amina.answer = swapped_while_it_answers  # type: ignore[method-assign]
    reader.cards.insert(amina)
    reader.tell(Inserted(CardPresent("reader", b"")))
    adapter.read_card()
    assert [type(posted.get(timeout=PATIENCE)) for _ in range(3)] == [e.CardInserted, e.CardRemoved, e.CardInserted]
    reader.cards.insert(joao)
    adapter.read_card()
    while not isinstance(said := posted.get(timeout=PATIENCE), e.CardAccepted):
        assert said in (e.CardHolderKnown("João"),) or isinstance(said, e.CardProgress)
    assert isinstance(said, e.CardAccepted) and said.parent.first_names == "João Sebastião Inácio"
    adapter.stop()


def test_a_card_that_comes_to_light_when_the_service_is_back_was_not_just_put_in(pki: TestPki) -> None:
    reader = ToldReader()
    adapter, posted = an_adapter(reader, pki)
    card = CardPresent("reader", b"")
    for event in (Inserted(card), StatusChanged(card), Removed("reader"), StatusChanged(NoService("down"))):
        reader.tell(event)
    for event in (Inserted(card), StatusChanged(card), Removed("reader"), StatusChanged(Empty("reader"))):
        reader.tell(event)
    reader.tell(Inserted(card))
    adapter.stop()
    inserted = [event.at_start for event in posted.queue if isinstance(event, e.CardInserted)]
    assert inserted == [True, True, False]


@pytest.mark.parametrize(
    ("card", "card_type", "proven"),
    [
        ("fatou", "B", {"identity", "address", "photo", "chip-where-possible", "current-root"}),  # applet 1.1
        ("amina", "A", {"identity", "address", "photo", "chip-where-possible", "current-root"}),  # applet 1.7
        ("ioana", "F", {"identity", "address", "photo", "chip-where-possible", "current-root"}),  # re-keyed
        ("leila", "A", {"identity", "address", "photo", "chip", "chip-where-possible", "current-root"}),  # applet 1.8
        ("grace", "F+", {"identity", "address", "photo", "chip", "chip-where-possible", "current-root"}),
    ],
)
def test_what_a_card_of_each_generation_proved_goes_with_it(
    pki: TestPki, card: str, card_type: str, proven: set[str]
) -> None:
    said = judged(pki, card)
    assert isinstance(said, e.CardAccepted)
    assert said.card_type.value == card_type
    assert {proof.value for proof in said.proven} == proven


def test_a_copy_of_a_card_on_another_chip_is_refused(pki: TestPki) -> None:
    assert judged(pki, "clone") == e.CardRefusedByReader(e.CardProblem.FORGED)


def test_a_chip_that_should_answer_and_refuses_has_not_proven_that_it_is_no_copy(pki: TestPki) -> None:
    chip = Deck(pki, TODAY).card("leila")
    chip.authentications_left = 0
    said = judged(pki, chip)
    assert isinstance(said, e.CardAccepted)
    assert said.proven == {Proof.IDENTITY, Proof.ADDRESS, Proof.PHOTO, Proof.CURRENT_ROOT}


def services(*proofs: Proof) -> Profile:
    profile = find_profile(DEMO_PROFILE)
    rules = {service: rule.model_copy(update={"proof": proofs}) for service, rule in profile.services.items()}
    return profile.model_copy(update={"services": rules})


@pytest.mark.parametrize(
    ("demanded", "refused"),
    [
        ((Proof.IDENTITY,), set()),
        ((Proof.IDENTITY, Proof.CHIP_WHERE_POSSIBLE), {"worn"}),
        ((Proof.IDENTITY, Proof.CHIP), {"worn", "fatou", "amina", "ioana"}),
    ],
)
def test_a_demand_for_the_chip_is_met_by_its_proof_alone(
    pki: TestPki, demanded: tuple[Proof, ...], refused: set[str]
) -> None:
    rules = services(*demanded)
    for name in ("fatou", "amina", "ioana", "leila", "worn"):
        chip = Deck(pki, TODAY).card("leila" if name == "worn" else name)
        chip.authentications_left = 0 if name == "worn" else 5000
        said = judged(pki, chip)
        assert isinstance(said, e.CardAccepted)
        enough = Answers(rules, NOW, Service.APPLICATION, proven=said.proven).may_ask_for(
            rules.services[Service.APPLICATION]
        )
        assert enough == (name not in refused), name
    # And what is refuted never passes, whatever is demanded.
    assert judged(pki, "clone") == e.CardRefusedByReader(e.CardProblem.FORGED)


@pytest.mark.parametrize(
    ("demanded", "passes"),
    [((Proof.IDENTITY,), True), ((Proof.IDENTITY, Proof.CURRENT_ROOT), False)],
)
def test_whether_a_card_under_an_expired_root_will_do_is_for_the_municipality_to_say(
    pki: TestPki, demanded: tuple[Proof, ...], passes: bool
) -> None:
    later = TODAY.replace(year=TODAY.year + 40)
    rules = services(*demanded)
    now = judged(pki, "amina")
    said = judged(pki, Deck(pki, later).card("amina"), today=later)
    for card, expected in ((now, True), (said, passes)):
        assert isinstance(card, e.CardAccepted)
        enough = Answers(rules, NOW, Service.APPLICATION, proven=card.proven).may_ask_for(
            rules.services[Service.APPLICATION]
        )
        assert enough == expected


@pytest.mark.parametrize(
    ("demanded", "files"),
    [
        ((Proof.IDENTITY,), {"4031", "4032", "4040"}),
        ((Proof.IDENTITY, Proof.ADDRESS), {"4031", "4032", "4033", "4034", "4040"}),
        ((Proof.IDENTITY, Proof.PHOTO), {"4031", "4032", "4035", "4040"}),
    ],
)
def test_only_what_some_service_demands_is_read_of_a_card(
    pki: TestPki, demanded: tuple[Proof, ...], files: set[str]
) -> None:
    chip = Deck(pki, TODAY).card("leila")
    said = judged(pki, chip, parts_demanded(services(*demanded)))
    assert isinstance(said, e.CardAccepted)
    assert said.proven.issuperset(demanded)
    selected = {command[-2:].hex() for command in chip.commands if command[1] == 0xA4 and command[2] != 0x04}
    assert selected - {"503b", "503c"} == files


def test_what_a_card_of_a_known_register_costs_after_a_new_start(pki: TestPki, tmp_path: Path) -> None:
    folder = tmp_path / "certificates"
    first = judged_commands(pki, CertificateFolder(folder))
    assert judged_commands(pki, CertificateFolder(folder)) < first - 8  # neither the register's nor the root's is read


def test_a_folder_that_cannot_be_written_is_a_line_in_the_log_and_no_more(pki: TestPki, tmp_path: Path) -> None:
    in_the_way = tmp_path / "certificates"
    in_the_way.write_text("a file")
    assert judged_commands(pki, CertificateFolder(in_the_way)) > 20


def judged_commands(pki: TestPki, certificates: CertificateFolder) -> int:
    chip = Deck(pki, TODAY).card("amina")
    assert isinstance(judged(pki, chip, certificates=certificates), e.CardAccepted)
    return len(chip.commands)


def judged(
    pki: TestPki,
    card: str | VirtualChip,
    parts: Parts = EVERYTHING,
    certificates: CertificateFolder | None = None,
    today: date = TODAY,
) -> e.CardAccepted | e.CardRefusedByReader:
    reader = VirtualReader()
    adapter, posted = an_adapter(reader, pki, parts, certificates, today)
    reader.insert(Deck(pki, TODAY).card(card) if isinstance(card, str) else card)
    assert isinstance(posted.get(timeout=PATIENCE), e.CardInserted)
    adapter.read_card()
    while not isinstance(said := posted.get(timeout=PATIENCE), e.CardAccepted | e.CardRefusedByReader):
        pass
    adapter.stop()
    return said
