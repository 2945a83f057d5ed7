"""Ticket codes: read aloud, typed by hand, checked by arithmetic."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from itertools import combinations, product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.tickets.claims import (
    ALPHABET,
    CODE_LENGTH,
    DIGITS,
    BookedTime,
    Claims,
    CodeError,
    CodeProblem,
    Payment,
    PaymentState,
    RequestedCard,
    check,
    check_character,
    new_code,
    normalise,
)
from tests.towns import TOWN

drawn = st.text(ALPHABET, min_size=CODE_LENGTH - 1, max_size=CODE_LENGTH - 1)
codes = drawn.map(lambda characters: characters + check_character(characters))


def test_the_alphabet_has_no_look_alikes_and_a_prime_size():
    assert len(set(ALPHABET)) == len(ALPHABET) == 23
    assert not set(ALPHABET) & set("0O1IL2Z5S8BUV")


@given(codes)
def test_every_single_wrong_character_is_caught(code):
    for position, wrong in product(range(CODE_LENGTH), ALPHABET):
        if wrong != code[position]:
            assert not check(code[:position] + wrong + code[position + 1 :])


@given(codes)
def test_every_swap_of_two_different_characters_is_caught_neighbours_or_not(code):
    for left, right in combinations(range(CODE_LENGTH), 2):
        swapped = list(code)
        swapped[left], swapped[right] = swapped[right], swapped[left]
        assert check("".join(swapped)) == (code[left] == code[right])


def test_the_proof_holds_for_all_codes_because_the_check_is_linear():
    # A wrong character changes the sum by weight × difference, a swap by difference of weights × difference.
    # Neither is 0 modulo 23 for any place and any two characters: this is the whole proof, by exhaustion.
    size = len(ALPHABET)
    weights = range(1, CODE_LENGTH + 1)
    assert all(weight * difference % size for weight in weights for difference in range(1, size))
    assert all((a - b) * difference % size for a, b in combinations(weights, 2) for difference in range(1, size))


@given(st.randoms(use_true_random=False))
def test_a_new_code_is_written_as_on_paper_and_checks(source):
    code = new_code(source)
    assert normalise(code) == code
    assert [len(group) for group in code.split("-")] == [3, 3, 1]


def test_no_group_of_three_can_spell_a_word():
    source = random.Random(7)
    for _ in range(3_000):
        first, second, _check = new_code(source).split("-")
        assert DIGITS & set(first) and DIGITS & set(second)


def test_new_codes_differ():
    source = random.Random(1)
    assert len({new_code(source) for _ in range(3_000)}) >= 2_999


@given(codes, st.data())
def test_case_spaces_and_dashes_do_not_matter(code, data):
    typed = "".join(
        data.draw(st.sampled_from(["", " ", "-", "–", " - ", "\u00a0"]))
        + data.draw(st.sampled_from([character, character.lower()]))
        for character in code
    )
    assert normalise(typed).replace("-", "") == code


@given(st.text())
def test_any_text_is_a_code_or_an_error_with_its_reason(text):
    try:
        assert check(normalise(text))
    except CodeError as error:
        assert error.problem in CodeProblem
        assert not check(text)


@pytest.mark.parametrize(
    ("text", "problem", "position"),
    [
        ("", CodeProblem.WRONG_LENGTH, None),
        ("K7M-3QX", CodeProblem.WRONG_LENGTH, None),
        ("K7M-3QX-99", CodeProblem.WRONG_LENGTH, None),
        ("K7M-3OX-9", CodeProblem.STRANGE_CHARACTER, 4),
        ("AAA-AA3-A", CodeProblem.CHECK_FAILED, None),
    ],
)
def test_an_error_says_what_is_wrong_and_where(text, problem, position):
    with pytest.raises(CodeError) as caught:
        normalise(text)
    assert (caught.value.problem, caught.value.position) == (problem, position)


@pytest.mark.parametrize(
    ("state", "cents"), [(PaymentState.PAID, 0), (PaymentState.NOTHING, 1), (PaymentState.DUE, -5)]
)
def test_a_state_of_payment_that_contradicts_its_amount_cannot_be_said(state, cents):
    with pytest.raises(ValueError):
        Payment(state, cents)


@pytest.mark.parametrize(
    "changed",
    [
        {"code": "k7m-3qx-9"},
        {"code": "AAA-AA3-A"},
        {"issued_at": datetime(2026, 11, 22, 14, 36)},
        {"issued_at": datetime(2026, 11, 22, 14, 36, 0, 5, tzinfo=UTC)},
        {"municipality": ""},
        {"kiosk": "with\nnewline"},
        {"service": "x" * 81},
    ],
)
def test_claims_hold_a_right_code_and_aware_whole_seconds(changed):
    code = new_code(random.Random(3))
    moment = datetime(2026, 11, 22, 14, 36, tzinfo=UTC)
    good = dict(
        ticket_id=UUID(int=1),
        code=code,
        municipality=TOWN,
        kiosk="vb-01",
        issued_at=moment,
        service="application",
        appointment=None,
        payment=Payment(PaymentState.NOTHING, 0),
        requests=(RequestedCard("A", "normal"),),
    )
    assert Claims(**good).code == code
    with pytest.raises(ValueError):
        Claims(**{**good, **changed})


@pytest.mark.parametrize(
    ("start", "minutes", "desk"),
    [
        (datetime(2026, 11, 25, 9, 30), 30, "Loket 3"),
        (datetime(2026, 11, 25, 9, 30, tzinfo=UTC), -1, "Loket 3"),
        (datetime(2026, 11, 25, 9, 30, tzinfo=UTC), 30, ""),
    ],
)
def test_an_appointment_has_an_aware_start_some_minutes_and_a_desk_or_none(start, minutes, desk):
    with pytest.raises(ValueError):
        BookedTime(start, minutes, desk)
