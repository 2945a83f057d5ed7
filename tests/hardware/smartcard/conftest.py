from __future__ import annotations

import warnings
from collections.abc import Iterator

import pytest

from hardware.simulators.card import Deck, TestPki
from hardware.simulators.pcscd import PcscdUnavailable, PrivatePcscd
from hardware.smartcard import Trust
from tests.hardware.smartcard.rig import TODAY, Rig, in_process, through_pcscd


@pytest.fixture(scope="session")
def pki() -> TestPki:
    return TestPki.generate(TODAY)


@pytest.fixture(scope="session")
def deck(pki: TestPki) -> Deck:
    return Deck(pki, TODAY)


@pytest.fixture
def trust(pki: TestPki) -> Trust:
    return Trust(pki.pins)


@pytest.fixture(scope="session")
def pcscd() -> Iterator[PrivatePcscd | None]:
    """A real pcscd. Where it cannot run, its tests run on the in-process reader, and say so."""
    try:
        daemon = PrivatePcscd()
    except PcscdUnavailable as problem:
        warnings.warn(f"no pcscd, its tests use the in-process reader: {problem}", stacklevel=1)
        yield None
        return
    with daemon:
        daemon.use_here()
        yield daemon


@pytest.fixture(scope="session")
def _pcscd_rig(pcscd: PrivatePcscd | None, deck: Deck) -> Iterator[Rig]:
    rig = through_pcscd(deck, pcscd.vpcd) if pcscd else in_process(deck)
    yield rig
    rig.close()


@pytest.fixture
def near(deck: Deck) -> Iterator[Rig]:
    """The in-process reader."""
    rig = in_process(deck)
    yield rig
    rig.close()


@pytest.fixture(params=["in-process", "pcscd"])
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    """Both ways to a card; one suite for both."""
    if request.param == "in-process":
        yield request.getfixturevalue("near")
        return
    rig: Rig = request.getfixturevalue("_pcscd_rig")
    yield rig
    rig.remove()
