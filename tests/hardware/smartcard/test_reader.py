from __future__ import annotations

import threading
import time

import pytest

from hardware.simulators.card import Deck, VirtualChip
from hardware.simulators.pcscd import PrivatePcscd
from hardware.smartcard import (
    CardError,
    CardPresent,
    Empty,
    NoService,
    Outcome,
    PcscChannel,
    Reason,
    Removed,
    StatusChanged,
    Trust,
    read_card,
)
from hardware.smartcard.reader import Reader
from tests.hardware.smartcard.rig import TODAY, Rig, through_pcscd


def wait_for_status(rig: Rig, kind: type) -> None:
    while not isinstance(rig.wait_for(StatusChanged).status, kind):
        pass


def test_watching_begins_with_how_things_stand(rig: Rig) -> None:
    rig.remove()
    assert isinstance(rig.reader.status, Empty | CardPresent)


def test_insertion_and_removal_are_told_once_each(rig: Rig) -> None:
    rig.remove()
    while not rig.events.empty():
        rig.events.get()
    present = rig.insert("amina").card
    assert isinstance(rig.wait_for(StatusChanged).status, CardPresent)
    rig.take_out()
    assert present.atr.hex() == "3b9813400aa503010101ad1311"
    assert isinstance(rig.events.get(timeout=10), Removed)
    assert isinstance(rig.events.get(timeout=10), StatusChanged)
    assert rig.events.empty()


def test_a_swapped_card_is_a_removal_and_an_insertion(rig: Rig, trust: Trust) -> None:
    rig.insert("amina")
    rig.insert("oksana")  # waits for the one and the other
    assert rig.read(trust).identity.first_names == "Oksana"


def test_a_pcscd_that_is_killed_and_restarted_is_found_again(
    deck: Deck, trust: Trust, pcscd: PrivatePcscd | None
) -> None:
    if pcscd is None:
        pytest.skip("pcscd cannot run here")
    with PrivatePcscd() as own_pcscd:
        own_pcscd.use_here()
        rig = through_pcscd(deck, own_pcscd.vpcd)
        try:
            rig.insert("amina")
            channel = rig.reader.connect()
            own_pcscd.kill()
            rig.wait_for(Removed)
            wait_for_status(rig, NoService)
            with pytest.raises(CardError) as problem:
                channel.transmit(bytes.fromhex("80E400001C"))
            assert problem.value.reason is Reason.PULLED
            channel.close()
            with pytest.raises(CardError) as problem:
                rig.reader.connect()
            assert problem.value.reason is Reason.READER_GONE
            rig.remove()
            own_pcscd.start()
            wait_for_status(rig, Empty)
            rig.insert("joao")
            assert rig.read(trust).checks.verdict is Outcome.PROVEN
        finally:
            rig.close()
            pcscd.use_here()


def test_a_pcscd_that_hangs_is_no_service_until_it_answers_again(
    deck: Deck, trust: Trust, pcscd: PrivatePcscd | None
) -> None:
    if pcscd is None:
        pytest.skip("pcscd cannot run here")
    with PrivatePcscd() as own_pcscd:
        own_pcscd.use_here()
        rig = through_pcscd(deck, own_pcscd.vpcd, patience=0.3)
        try:
            rig.insert("amina")
            own_pcscd.hang()
            rig.wait_for(Removed)
            wait_for_status(rig, NoService)
            assert isinstance(Reader(patience=0.2).status, NoService)  # nor does one who only asks wait for ever
            with pytest.raises(CardError) as problem:
                rig.reader.connect()
            assert problem.value.reason is Reason.READER_GONE
            with pytest.raises(CardError) as problem:
                PcscChannel("any", connect_timeout=0.2)
            assert problem.value.reason is Reason.BUSY
            own_pcscd.go_on()
            wait_for_status(rig, CardPresent)
            assert rig.read(trust).checks.verdict is Outcome.PROVEN
        finally:
            rig.close()
            pcscd.use_here()


class SilentChip(VirtualChip):
    """Falls silent in its second command, and holds the line until it is let go."""

    let_go = threading.Event()

    def answer(self, command: bytes) -> bytes | None:
        if self.commands:
            self.let_go.wait(10)
            return None
        return super().answer(command)


def test_a_card_that_falls_silent_is_given_up_and_the_reader_serves_the_next(
    deck: Deck, trust: Trust, pcscd: PrivatePcscd | None
) -> None:
    if pcscd is None:
        pytest.skip("pcscd cannot run here")
    with PrivatePcscd() as own_pcscd:
        own_pcscd.use_here()
        rig = through_pcscd(deck, own_pcscd.vpcd)
        try:
            silent = SilentChip({"3F00DF014031": b"x"})
            channel = PcscChannel(rig.insert(silent).card.reader, transmit_timeout=0.2)
            with pytest.raises(CardError) as problem:
                read_card(channel, trust, TODAY)
            assert problem.value.reason is Reason.NO_ANSWER
            silent.let_go.set()
            rig.insert("amina")
            assert rig.read(trust).checks.verdict is Outcome.PROVEN
        finally:
            rig.close()
            pcscd.use_here()


def test_closing_a_reader_ends_its_thread_soon(pcscd: PrivatePcscd | None) -> None:
    reader = Reader()
    reader.watch(lambda event: None)
    began = time.monotonic()
    reader.close()
    assert time.monotonic() - began < 3


def test_a_reader_can_be_asked_without_being_watched(pcscd: PrivatePcscd | None) -> None:
    assert isinstance(Reader().status, Empty | CardPresent | NoService)
