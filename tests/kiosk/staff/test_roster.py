"""Who may come in: a card of their own, or a code together with an authenticator, and nothing else."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from kiosk.staff import roster as r

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SECRET = r.new_secret()
NUMBER = "85073003328"


def token(at: datetime, secret: str = SECRET) -> str:
    return TOTP(base64.b32decode(secret), 6, SHA1(), 30).generate(int(at.timestamp())).decode()


@pytest.fixture(scope="module")
def roster() -> r.Roster:
    nobody = r.new_roster()
    els = r.Member(
        id="el", name="Els", role=r.Role.MANAGER, code=r.code_print("482915"), authenticator=SECRET, card=None
    )
    jan = r.Member(id="ja", name='Jan "J" \\', card=r.card_print(nobody.key, NUMBER))
    return r.Roster(key=nobody.key, member=(els, jan))


def test_a_code_opens_only_with_its_authenticator_and_once(roster: r.Roster):
    found = r.of_code(roster, "482915", token(NOON), NOON, frozenset())
    assert found is not None and found[0].id == "el"
    assert r.of_code(roster, "482915", token(NOON), NOON, frozenset({found[1]})) is None
    assert r.of_code(roster, "482916", token(NOON), NOON, frozenset()) is None
    assert r.of_code(roster, "482915", token(NOON, r.new_secret()), NOON, frozenset()) is None


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "１２３４５６"])
def test_what_is_no_token_opens_nothing(roster: r.Roster, typed: str):
    assert r.of_code(roster, "482915", typed, NOON, frozenset()) is None


@pytest.mark.parametrize(("late", "opens"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_clock_may_be_out_by_one_period(roster: r.Roster, late: int, opens: bool):
    found = r.of_code(roster, "482915", token(NOON + timedelta(seconds=late)), NOON, frozenset())
    assert (found is not None) is opens


def test_a_card_is_known_without_its_number_being_kept(roster: r.Roster):
    found = roster.of_card(NUMBER)
    assert found is not None and found.id == "ja"
    assert roster.of_card("85073003427") is None
    assert NUMBER not in r.written(roster)


def test_a_badge_is_known_by_its_certificate_and_is_no_card(roster: r.Roster):
    badge = "5f" * 32
    nora = r.Member(id="no", name="Nora", badge=r.badge_print(roster.key, badge))
    with_badge = r.Roster(key=roster.key, member=(*roster.member, nora))
    assert with_badge.of_badge(badge) == nora and with_badge.of_card(badge) is None
    assert with_badge.of_badge("60" * 32) is None and with_badge.of_badge(NUMBER) is None
    assert badge not in r.written(with_badge)
    same_print = r.Member(id="no", name="Nora", badge=r.card_print(roster.key, badge))
    assert r.Roster(key=roster.key, member=(same_print,)).of_badge(badge) is None


def test_what_is_written_is_read_back(roster: r.Roster, tmp_path: Path):
    file = tmp_path / "staff.toml"
    file.write_text(r.written(roster))
    file.chmod(0o600)
    assert r.read(file) == roster


def test_a_missing_file_is_a_roster_of_nobody(tmp_path: Path):
    assert r.read(tmp_path / "none.toml").member == ()


@pytest.mark.parametrize("code", ["", "12345", "1234567890123", "abcdef", "111111", "121212", "123456", "987654"])
def test_a_code_that_anybody_would_try_is_refused(code: str):
    with pytest.raises(ValueError):
        r.code_print(code)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("not toml", "is not TOML"),
        ('key = "zz"', "key"),
        ('key = "{key}"\n[[member]]\nid = "a"\nname = "A"', "member.1: should have a card"),
        ('key = "{key}"\n[[member]]\nid = "a"\nname = "A"\ncode = "x"', "should have code and authenticator"),
        ('key = "{key}"\n[[member]]\nid = "a"\nname = "A"\ncard = "{key}"\nrole = "boss"', "member.1.role"),
        ('key = "{key}"' + '\n[[member]]\nid = "a"\nname = "A"\ncard = "{key}"' * 2, "each id once"),
        ('key = "{key}"\n[[member]]\nid = "a"\nname = "A"\ncode = "x"\nauthenticator = "1"', "base 32"),
    ],
)
def test_a_file_that_cannot_be_used_says_where(text: str, said: str, tmp_path: Path):
    file = tmp_path / "staff.toml"
    file.write_text(text.replace("{key}", "a" * 64))
    file.chmod(0o600)
    with pytest.raises(r.RosterFault, match=said) as caught:
        r.read(file)
    assert "\n" not in str(caught.value)


def test_a_file_that_others_can_read_is_refused(roster: r.Roster, tmp_path: Path):
    file = tmp_path / "staff.toml"
    file.write_text(r.written(roster))
    file.chmod(0o644)
    with pytest.raises(r.RosterFault, match="chmod 600"):
        r.read(file)
