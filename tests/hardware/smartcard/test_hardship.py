"""What a kiosk's reader meets in the field, through a real pcscd: each ends in a reason, and the next card is read."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from hardware.simulators.card import Deck, VpcdSlot
from hardware.simulators.pcscd import READER_NAME, PcscdUnavailable, PrivatePcscd
from hardware.smartcard import (
    CardError,
    CardPresent,
    Empty,
    Inserted,
    NoReader,
    Outcome,
    PcscChannel,
    Reader,
    Reason,
    Removed,
    StatusChanged,
    Trust,
    read_card,
)
from tests.hardware.smartcard.rig import TODAY, Rig

HELLO = "Windows Hello for Business 1"
SECOND = "Counter reader"


@pytest.fixture(scope="module")
def field(pcscd: PrivatePcscd | None) -> Iterator[PrivatePcscd]:
    """A pcscd of this module's own: a false reader, and two true ones."""
    if pcscd is None:
        pytest.skip("pcscd cannot run here")
    try:
        daemon = PrivatePcscd((HELLO, READER_NAME, SECOND))
    except PcscdUnavailable as problem:
        pytest.skip(str(problem))
    with daemon:
        daemon.use_here()
        yield daemon
    pcscd.use_here()


@pytest.fixture
def rigs(field: PrivatePcscd, deck: Deck) -> Iterator[Callable[..., Rig]]:
    with ExitStack() as ends:

        def make(slot: int, prefer: str = "") -> Rig:
            reader = Reader(prefer)
            rig = Rig(reader, VpcdSlot(*field.slots[slot][0], swap_seconds=0), deck)
            ends.callback(rig.close)
            reader.watch(rig.events.put)
            return rig

        yield make
    # The next test's readers are watched from an empty start.
    while isinstance(Reader().status, CardPresent):
        time.sleep(0.05)


@contextmanager
def another_program(field: PrivatePcscd, reader: str, how: str) -> Iterator[None]:
    """Holds the card in this reader until it is left; `how` is what it does once connected."""
    program = f"""
import sys
from smartcard.scard import *
_, context = SCardEstablishContext(SCARD_SCOPE_SYSTEM)
share = SCARD_SHARE_EXCLUSIVE if {how!r} == "exclusive" else SCARD_SHARE_SHARED
code, card, _ = SCardConnect(context, {reader!r}, share, SCARD_PROTOCOL_T0)
assert code == SCARD_S_SUCCESS, code
if {how!r} == "transaction":
    assert SCardBeginTransaction(card) == SCARD_S_SUCCESS
print("held", flush=True)
sys.stdin.read()
SCardDisconnect(card, SCARD_RESET_CARD)
"""
    holder = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=field.environment
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield
    finally:
        holder.communicate(timeout=10)


def refused(attempt: Callable[[], object]) -> Reason:
    with pytest.raises(CardError) as problem:
        attempt()
    return problem.value.reason


@pytest.mark.parametrize("how", ["exclusive", "transaction"])
def test_a_card_that_another_program_holds_is_busy_and_free_again_afterwards(
    field: PrivatePcscd, rigs: Callable[..., Rig], trust: Trust, how: str
) -> None:
    rig = rigs(1)
    reader = rig.insert("amina").card.reader
    with another_program(field, reader, how):
        began = time.monotonic()
        assert refused(lambda: PcscChannel(reader, connect_timeout=0.3)) is Reason.BUSY
        assert time.monotonic() - began < 3  # PC/SC itself would wait without end
    assert rig.read(trust).checks.verdict is Outcome.PROVEN


def test_while_a_card_is_read_no_other_program_comes_between(
    field: PrivatePcscd, rigs: Callable[..., Rig], trust: Trust
) -> None:
    rig = rigs(1)
    reader = rig.insert("joao").card.reader
    channel = rig.reader.connect()
    assert refused(lambda: PcscChannel(reader, connect_timeout=0.3)) is Reason.BUSY
    assert read_card(channel, trust, TODAY).checks.verdict is Outcome.PROVEN
    channel.close()
    assert rig.read(trust).checks.verdict is Outcome.PROVEN


def test_a_card_that_another_program_has_just_reset_is_read(
    field: PrivatePcscd, rigs: Callable[..., Rig], trust: Trust
) -> None:
    rig = rigs(1)
    reader = rig.insert("oksana").card.reader
    for _ in range(2):
        with another_program(field, reader, "shared"):
            pass  # leaves with a reset
        assert rig.read(trust).checks.verdict is Outcome.PROVEN


def test_a_reader_that_is_none_is_ignored(rigs: Callable[..., Rig], trust: Trust) -> None:
    false, true = rigs(0), rigs(1)
    false.put_in("amina")
    assert "Hello" not in true.insert("joao").card.reader
    assert true.read(trust).identity.first_names.startswith("João")


def test_a_card_in_the_second_reader_is_read(rigs: Callable[..., Rig], trust: Trust) -> None:
    rig = rigs(2)
    assert SECOND in rig.insert("yusuf").card.reader
    assert rig.read(trust).checks.verdict is Outcome.PROVEN


def test_of_two_readers_with_cards_the_preferred_one_is_read(rigs: Callable[..., Rig], trust: Trust) -> None:
    first = rigs(1, prefer=READER_NAME)
    first.insert("amina")
    other = rigs(2, prefer=SECOND)
    assert READER_NAME in other.wait_for(Inserted).card.reader  # the only card so far
    other.put_in("oksana")
    while SECOND not in other.wait_for(Inserted).card.reader:
        pass
    assert other.read(trust).identity.first_names == "Oksana"
    assert first.read(trust).identity.first_names.startswith("Amina")
    other.take_out()  # what was in the first all the time is nobody's
    other.wait_until_empty()
    assert isinstance(other.reader.status, Empty)
    first.remove()


def test_a_card_left_in_one_reader_does_not_hide_the_one_put_into_the_other(
    rigs: Callable[..., Rig], trust: Trust
) -> None:
    left = rigs(1)
    left.insert("amina")
    watching = rigs(2)
    assert READER_NAME in watching.wait_for(Inserted).card.reader
    watching.put_in("oksana")
    assert READER_NAME in watching.wait_for(Removed).reader
    assert SECOND in watching.wait_for(Inserted).card.reader
    assert watching.read(trust).identity.first_names == "Oksana"
    watching.take_out()  # and the next person is not greeted by the name on the card that was left
    watching.wait_until_empty()
    assert isinstance(watching.reader.status, Empty)
    with pytest.raises(CardError):
        watching.reader.connect()
    left.take_out()
    left.wait_until_empty()
    left.put_in("yusuf")
    assert READER_NAME in watching.wait_for(Inserted).card.reader
    assert watching.read(trust).identity.first_names == "Yusuf"


@pytest.mark.parametrize("at", [1, 9, 31])
def test_a_card_pulled_in_the_middle_leaves_a_working_reader(rigs: Callable[..., Rig], trust: Trust, at: int) -> None:
    rig = rigs(1)
    chip = rig.deck.card("leila")
    chip.pull_at = at
    rig.insert(chip)
    assert refused(lambda: rig.read(trust)) is Reason.PULLED
    rig.wait_for(Removed)
    rig.wait_until_empty()
    rig.insert("leila")
    assert rig.read(trust).checks.verdict is Outcome.PROVEN


def test_a_reader_that_is_unplugged_and_comes_back_is_found_again(
    field: PrivatePcscd, rigs: Callable[..., Rig], trust: Trust
) -> None:
    rig = rigs(1)
    rig.insert("amina")
    channel = rig.reader.connect()
    field.kill()
    field.start(plugged=False)
    rig.wait_for(Removed)
    assert refused(lambda: channel.transmit(bytes.fromhex("80E400001C"))) is Reason.PULLED
    channel.close()
    while not isinstance(rig.wait_for(StatusChanged).status, NoReader):
        pass
    assert refused(rig.reader.connect) is Reason.READER_GONE
    rig.take_out()
    field.kill()
    field.start()
    while not isinstance(rig.wait_for(StatusChanged).status, Empty):
        pass
    rig.insert("joao")
    assert rig.read(trust).checks.verdict is Outcome.PROVEN
