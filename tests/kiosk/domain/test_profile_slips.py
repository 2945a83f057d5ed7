"""Slips of the pen in profiles that look right at first sight: each is named with its place, value, and remedy."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kiosk.domain.profiles.profile import ProfileFaults, parse_profile

TOWNS = {path.stem: path.read_text(encoding="utf-8") for path in (Path(__file__).parent / "profiles").glob("*.toml")}
BRUSSELS, FRENCH, GERMAN, ALL_SERVICES = "saint-quelque-part", "quelqueville", "irgendwo", "ergensdam"
ROLES = 'when = { roles = ["foster-parent", "institution"] }'
BRING = "services.application.checklist[3].when"

# The town, what is changed, into what, and a fault that must come of it.
SLIPS = [
    # what never counts
    (GERMAN, ROLES, 'when = { nationalities = ["belgian"] }', f'{BRING}.nationalities: "belgian"; must be "eu" or'),
    (GERMAN, ROLES, 'when = { card_types = ["M"] }', f'{BRING}.card_types[1]: "M"; must be a type of card_types.sold'),
    (
        GERMAN,
        ROLES,
        'when = { groups = ["eu-citizen"], card_types = ["A"] }',
        f"{BRING}.card_types: a list; must have a card type that is in one of groups too",
    ),
    (
        GERMAN,
        ROLES,
        'when = { groups = ["eu-citizen"], nationalities = ["third-country"] }',
        f"{BRING}.nationalities: a list; no holder of these cards has this",
    ),
    (
        GERMAN,
        'reason = "not-in-registers"',
        'reason = "too-old"',
        'not_eligible[2].reason: "too-old"; the same is said above',
    ),
    (
        BRUSSELS,
        'sold = ["A", "B", "K", "L", "M", "EU", "EU+", "F", "F+"]',
        'sold = ["A", "B", "K", "L", "M", "F"]',
        'tariffs[2].groups[1]: "eu-citizen"; no type of this group is in card_types.sold',
    ),
    (
        ALL_SERVICES,
        "when = { recovered = true }",
        'when = { recovered = true, loss = ["no"] }',
        'services.duplicate.notices[1].when.loss: "no"; must be "lost" or "stolen"',
    ),
    (
        ALL_SERVICES,
        '[[services.duplicate.checklist]]\ncode = "police-report"',
        '[[services.duplicate.checklist]]\ncode = "police-report"\nwhen = { previous_card = true }',
        "services.duplicate.checklist[1].when.previous_card: true; a card that was lost or stolen is not there",
    ),
    (
        ALL_SERVICES,
        "fees = { normal = 1950, urgent = 12500 }",
        "fees = { normal = 1950, urgent = 12500 }\nfrom_age = 12\nbelow_age = 12",
        "tariffs[5].below_age: 12; must be above from_age, 12",
    ),
    (
        FRENCH,
        'procedures = ["normal", "urgent"]',
        'procedures = ["normal"]',
        "tariffs[1].fees.urgent: 13000; none of its services has this procedure",
    ),
    # what is missing, or there twice
    (
        BRUSSELS,
        'groups = ["third-country"]\nfees = { normal = 1070',
        'card_types = ["A", "B", "K"]\nfees = { normal = 1070',
        "tariffs: no fee for application L, M normal, for a child of 0, from 2026-01-01 until 2027-01-01",
    ),
    (
        BRUSSELS,
        'id = "third-country-2027"\nfrom = 2027-01-01',
        'id = "third-country-2027"\nfrom = 2026-01-01',
        'tariffs: "third-country-2026", "third-country-2027"; only one of them may set the fee for application A, B,',
    ),
    (FRENCH, 'places = ["desk"]', 'places = ["desk", "desk"]', 'payment.places: "desk"; must be there only once'),
    (FRENCH, 'languages = ["fr"]', 'languages = ["fr", "de"]', "desks[1].name.de: the words in the official language"),
    (FRENCH, 'languages = ["fr"]', 'languages = ["en"]', 'languages[1]: "en"; must be an official language: "nl",'),
    # hours
    (
        FRENCH,
        '"13:00-16:00"',
        '"11:00-16:00"',
        'desks[1].hours.wednesday[2]: "11:00-16:00"; must begin after the hours before it end, 12:00',
    ),
    (
        BRUSSELS,
        'cut_off = "12:00"',
        'cut_off = "20:00"',
        'procedures.urgent.cut_off: "20:00"; must be within the opening hours of the desk "etrangers" on some day',
    ),
    (
        BRUSSELS,
        'collect_from = "15:30"',
        'collect_from = "09:30"',
        'procedures.super-urgent.cut_off: "10:00"; must not be after the hour at which the card is ready, "09:30"',
    ),
    (
        BRUSSELS,
        'cut_off = "10:00"\n',
        "",
        "procedures.super-urgent.cut_off: a card of the same day needs a cut-off before its hour",
    ),
    # values of another kind
    (BRUSSELS, 'cut_off = "12:00"', "cut_off = 12", 'procedures.urgent.cut_off: 12; must be a clock time such as "15'),
    (BRUSSELS, "from = 2027-05-07", "from = 0001-01-01", "closing_days[2].from: 0001-01-01; must be a day from 1900"),
    (BRUSSELS, "from = 2027-05-07", "from = 2027", "closing_days[2].from: 2027; must be a date such as 2027-01-01"),
    (
        BRUSSELS,
        "from = 2027-05-07",
        'from = "2027-02-30"',
        'closing_days[2].from: "2027-02-30"; must be a day that the',
    ),
    (BRUSSELS, "from = 2027-05-07", "from = 2027-05-07T10:00:00", "must be a date such as 2027-01-01"),
    (
        BRUSSELS,
        "normal = 1070",
        "normal = 10.70",
        "tariffs[1].fees.normal: 10.7; must be a whole number of cents without ",
    ),
    (BRUSSELS, "normal = 1070", 'normal = "€ 10,70"', 'tariffs[1].fees.normal: "€ 10,70"; must be a whole number of'),
    (BRUSSELS, "normal = 1070", 'normal = "free"', "must be a whole number of cents without quotes, such as 1070 for"),
    (BRUSSELS, "normal = 1070", "normal = true", "tariffs[1].fees.normal: true; must be a whole number of cents"),
    (BRUSSELS, "normal = 1070", "normal = 107000000", "tariffs[1].fees.normal: 107000000; must be 1000000 or less"),
    (BRUSSELS, "max_years = 3", "max_years = 3.0", "validity.max_years: 3.0; must be a whole number"),
    (BRUSSELS, "not_beyond_permit = true", 'not_beyond_permit = "yes"', 'permit: "yes"; must be true or false'),
    (BRUSSELS, "not_beyond_permit = true", "not_beyond_permit = 1", "not_beyond_permit: 1; must be true or false"),
    (
        FRENCH,
        'name = { fr = "Population" }',
        'name = "Population"',
        'desks[1].name: "Population"; must be words by lang',
    ),
    (FRENCH, 'name = { fr = "Population" }', "name = { fr = 1 }", "desks[1].name.fr: 1; must be text in quotes"),
    (
        FRENCH,
        'monday = ["09:00-12:00"]',
        'monday = "09:00-12:00"',
        'hours.monday: "09:00-12:00"; must be a list in squ',
    ),
    (FRENCH, "[validity]\nmax_years = 2", "", "validity: this is missing and must be given: a block [validity]"),
    (FRENCH, 'version = "2026-12-01"', "version = 2026-12-01", "version: 2026-12-01; must be text in quotes"),
    (FRENCH, 'version = "2026-12-01"', f'version = "{"x" * 41}"', "must have at most 40 characters"),
    # names that are nearly right
    (FRENCH, 'services = ["application"]', 'services = ["aplication"]', '"aplication"; perhaps "application"; must be'),
    (FRENCH, "[services.application]", "[services.aplication]", 'services.aplication: "aplication"; perhaps "applica'),
    (
        BRUSSELS,
        "[procedures.super-urgent]",
        '[procedures."super urgent"]',
        'procedures.super urgent: "super urgent"; m',
    ),
    (BRUSSELS, '"end", "move"]', '"end", "moving"]', 'validity.lapses_on[2]: "moving"; perhaps "move"; must be "end"'),
    (BRUSSELS, 'collect_at = "central"', 'collect_at = "centre"', 'collect_at: "centre"; perhaps "central"; must be a'),
    (BRUSSELS, "weeks_from = 2", "weeks_form = 2", 'delivery.weeks_form: 2; there is no such key here; perhaps "weeks'),
    # no TOML at all
    (
        FRENCH,
        "from = 2025-01-01",
        "from = 2025-13-01",
        "from = 2025-13-01; this is not TOML: after a value nothing more",
    ),
    (FRENCH, 'name = "Quelqueville"', "name = Quelqueville", "line 4, column 8: name = Quelqueville; this is not TOML"),
    (
        FRENCH,
        'name = "Quelqueville"',
        'name = "Quelqueville',
        "this is not TOML: the closing quotation mark is missing",
    ),
    (
        FRENCH,
        "max_years = 2",
        "max_years = 2\nmax_years = 3",
        "max_years = 3; this is not TOML: this key is there twice",
    ),
    (FRENCH, "[validity]", "[validity]\n[validity]", "[validity]; this is not TOML: this block is there twice"),
    (FRENCH, "max_years = 2", "max_years 2", "max_years 2; this is not TOML: a line must be key = value, or a [block]"),
]


def faults_of(text: str) -> list[str]:
    with pytest.raises(ProfileFaults) as caught:
        parse_profile(text)
    return [str(fault) for fault in caught.value.faults]


@pytest.mark.parametrize("town", TOWNS)
def test_the_towns_themselves_are_without_a_fault(town: str) -> None:
    assert parse_profile(TOWNS[town]).id == town


@pytest.mark.parametrize(
    ("town", "before", "after", "line"), SLIPS, ids=[f"{slip[0]}: {slip[2][:40]}" for slip in SLIPS]
)
def test_a_slip_is_named_with_its_place_its_value_and_the_remedy(town: str, before: str, after: str, line: str) -> None:
    assert before in TOWNS[town]
    faults = faults_of(TOWNS[town].replace(before, after, 1))
    assert any(line in fault for fault in faults), faults


def test_a_kiosk_has_to_have_something_to_offer() -> None:
    text = TOWNS[FRENCH].replace("card_type =", "at_kiosk = false\ncard_type =")
    assert any("services: at least one must have at_kiosk = true" in fault for fault in faults_of(text))


def test_an_empty_file_is_told_what_a_profile_needs() -> None:
    faults = faults_of("")
    assert "version: this is missing and must be given: text in quotes" in faults
    assert "desks: this is missing and must be given: a list in square brackets" not in faults, "desks are [[desks]]"
    assert "desks: this is missing and must be given: a block [[desks]]" in faults
    assert "payment: this is missing and must be given: a block [payment]" in faults


def test_a_list_with_a_fault_in_it_is_not_called_empty() -> None:
    assert len(faults_of(TOWNS[FRENCH].replace('places = ["desk"]', 'places = ["loket"]'))) == 1


def test_what_can_hold_in_one_of_its_services_is_no_fault() -> None:
    shared = '\n[[checklist]]\ncode = "old-card"\nwhen = { previous_card = true }\n'
    assert parse_profile(TOWNS[ALL_SERVICES] + shared)


def test_no_fault_shows_a_character_that_a_terminal_would_obey() -> None:
    assert all(re.fullmatch(r"[^\x00-\x1f\x7f]*", fault) for fault in faults_of("id = \x1b[31m\n"))
