"""What the doctor says of readers, on a pcscd of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hardware.simulators.card import Deck, TestPki
from hardware.simulators.pcscd import READER_NAME, PcscdUnavailable, PrivatePcscd
from kiosk.config import ANY_READER
from kiosk.doctor.devices import smart_cards
from tests.hardware.smartcard.rig import TODAY, through_pcscd


@pytest.fixture(scope="module")
def pcscd() -> Iterator[PrivatePcscd]:
    try:
        daemon = PrivatePcscd()
    except PcscdUnavailable as problem:
        pytest.skip(str(problem))
    with daemon:
        daemon.use_here()
        yield daemon


def test_the_readers_of_a_machine_are_told_from_well_to_gone(pcscd: PrivatePcscd) -> None:
    """One story, for starting pcscd is most of what it costs."""
    well = smart_cards(ANY_READER)
    assert (well.verdict, READER_NAME in well.what) == ("ok", True)
    assert smart_cards(READER_NAME).verdict == "ok"
    other = smart_cards("Cherry")
    assert other.verdict == "warning"
    assert "reader.name" in other.remedy

    rig = through_pcscd(Deck(TestPki.generate(TODAY), TODAY), pcscd.vpcd)
    rig.insert("mute")
    mute = smart_cards(ANY_READER)
    assert mute.verdict == "warning"
    assert "does not answer" in mute.what
    rig.close()

    pcscd.kill()
    gone = smart_cards(ANY_READER)
    assert gone.verdict == "fault"
    assert "systemctl restart pcscd" in gone.remedy
    pcscd.start(plugged=False)
    none = smart_cards(ANY_READER)
    assert none.verdict == "fault"
    assert "plug it in" in none.remedy
