"""A profile says what is wrong with it: each fault with its place, its value and what would be right."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from kiosk.domain.profiles.profile import Profile, ProfileFaults, parse_profile

GOOD = (Path(__file__).parent / "profiles" / "everywhere.toml").read_text(encoding="utf-8")


UNHURRIED = settings(deadline=None, derandomize=True)  # a busy machine is no fault of the rules


def faults_of(text: str) -> list[str]:
    with pytest.raises(ProfileFaults) as caught:
        parse_profile(text)
    return [str(fault) for fault in caught.value.faults]


# What is changed, into what, and the one line that must come of it.
MISTAKES = [
    ('phone = "02', 'phnoe = "02', 'phnoe: "02 000 00 00"; there is no such key here; perhaps "phone"'),
    ('version = "test"\n', "", "version: this is missing and must be given"),
    ('id = "everywhere"', 'id = "Every where"', 'id: "Every where"; must be lower-case letters'),
    ('languages = ["fr", "nl"]', "languages = []", "languages: a list; must have at least 1 entry"),
    ('["fr", "nl"]', '["fr", "nl", "nl"]', 'languages: "nl"; must be there only once'),
    ("from = 2027-01-01\n", 'from = "soon"\n', 'tariffs[3].from: "soon"; must be a date such as 2027-01-01'),
    (
        "normal = 500 ",
        'normal = "5,00" ',
        'tariffs[2].fees.normal: "5,00"; must be a whole number of cents without quotes: 500',
    ),
    ("normal = 500 ", "normal = -500 ", "tariffs[2].fees.normal: -500; must be 0 or more"),
    (
        "normal = 500 ",
        "normal = 5.0 ",
        "tariffs[2].fees.normal: 5.0; must be a whole number of cents without quotes: 500",
    ),
    (
        "normal = 500 ",
        "normla = 500 ",
        'tariffs[2].fees.normla: "normla"; perhaps "normal"; must be a procedure: "normal"',
    ),
    ('"eu-citizen"', '"eu"', 'tariffs[2].groups[1]: "eu"; must be "third-country", "eu-citizen" or "eu-family"'),
    ('sold = ["EU", "A", "B"]', 'sold = ["EU", "X"]', 'card_types.sold[2]: "X"; must be "A", "B", "K", "L", "H"'),
    ('["EU", "A", "B"]', '["EU", "A", "A"]', 'card_types: "A"; must be there only once'),
    ('"11:00"', '"11h"', 'procedures.urgent.cut_off: "11h"; must be a clock time such as "15:00"'),
    ('"11:00"', '"25:00"', 'procedures.urgent.cut_off: "25:00"; must be a clock time from "00:00" to "23:59"'),
    ('"11:00"', '"18:00"', 'procedures.urgent.cut_off: "18:00"; must be within the opening hours of the desk "main"'),
    ('"09:00-12:00"', '"12:00"', 'desks[1].hours.saturday[1]: "12:00"; must be hours such as "09:00-12:00"'),
    ('"09:00-12:00"', '"12:00-9:00"', 'desks[1].hours.saturday[1]: "12:00-09:00"; must end after its start'),
    ("saturday = ", "zaterdag = ", 'desks[1].hours.zaterdag: "zaterdag"; perhaps "saturday"; must be "monday", "tu'),
    ("until = 2027-01-03", "until = 2026-01-03", "closing_days[1].until: 2026-01-03; must not be before the first day"),
    ("until = 2027-01-03", "until = 2029-01-03", "closing_days[1].until: 2029-01-03; must be within a year"),
    ('desk = "quick"', 'desk = "fast"', 'services.collection.desk: "fast"; must be a desk: "main", "quick"'),
    ('id = "quick"', 'id = "main"', 'desks: "main"; must be there only once'),
    ('nl = "Noodcontact"', 'en = "Contact"', "services.application.checklist[3].text.nl: the words in the official"),
    ('nl = "Bevolking"', 'nl = ""', "desks[1].name.nl: the words in the official language"),
    ('name = { fr = "Population", nl = "Bevolking" }', "name = {}", "desks[1].name.fr: the words in the official"),
    ('code = "photo"', 'code = "foto"', 'services.application.checklist[1].code: "foto"; perhaps "photo"; must be a'),
    ('code = "photo-at-desk"', 'code = "x"', 'services.application.notices[1].code: "x"; must be a code: "fingerprint'),
    ('code = "photo"', 'code = "other"', 'services.application.checklist[1].text: the code "other" needs words'),
    (
        "below_age = 3 }",
        "below_age = 3, from_age = 4 }",
        "services.application.checklist[1].when.below_age: 3; must be",
    ),
    ('procedures = ["super-urgent"]', 'procedures = ["fast"]', 'checklist[2].when.procedures[1]: "fast"; must be a pr'),
    ("slot = { base = 5, per_extra_child = 5 }\n", "", "services.collection.slot: an appointment needs its minutes"),
    ("below_age = 18", "below_age = 12", "services.card-from-12.below_age: 12; must be above from_age, 12"),
    (
        'procedures = ["normal", "in',
        'procedures = ["x", "in',
        'services.card-from-12.procedures[1]: "x"; must be a proced',
    ),
    (
        'procedures = ["normal", "in-two-steps"]',
        "procedures = []",
        "services.card-from-12.procedures: a service that is not free needs",
    ),
    ("working_days = 2,", "working_days = 2, weeks = 1,", "procedures.urgent.delivery: both; give either"),
    ("working_days = 2,", "", "procedures.urgent.delivery: an hour or a promise needs working_days or weeks"),
    ('collect_from = "09:30", ', "", "procedures.urgent.delivery.collect_from: an exact promise needs its hour"),
    ('groups = ["eu-citizen"]', 'card_types = ["K"]', 'tariffs[2].card_types[1]: "K"; must be a type of [card_types]'),
    (
        'groups = ["eu-citizen"]',
        'card_types = ["H"]',
        'tariffs[2].card_types[1]: "H"; has a fee here, so it belongs in',
    ),
    (
        '"application", "card-from-12"',
        '"duplicate"',
        'tariffs[1].services[1]: "duplicate"; must be a service: "applica',
    ),
    ('"application", "card-from-12"', '"application", "collection"', 'tariffs[1].services[2]: "collection"; is a fr'),
    (
        '"application", "card-from-12"',
        '"application"',
        "tariffs: no fee for card-from-12 EU, A, B normal, for a child of",
    ),
    (
        "from_age = 3\nfees",
        "from_age = 2\nfees",
        'tariffs: "2027", "2027-babies"; only one of them may set the fee for',
    ),
    ('id = "2027"', 'id = "2026"', 'tariffs: "2026"; must be there only once'),
    ("max_years = 5", 'max_years = 5\nsource = "web"', 'validity.source: "web"; must be a source: "council"'),
    ("[validity]", "[validity", "line "),
    ('fr = "En deux temps", nl', "nl", "procedures.in-two-steps.name.fr: the words in the official language"),
    (
        'name = { fr = "En deux temps", nl = "In twee stappen" }',
        "",
        "procedures.in-two-steps.name: only normal, urgent",
    ),
    ("weeks_from = 1", "weeks_from = 2", "procedures.in-two-steps.delivery.weeks_from: 2; is the earlier end"),
    ('collect_at = "quick"', 'collect_at = "q"', 'procedures.in-two-steps.collect_at: "q"; must be a desk: "main"'),
    (
        '"card-from-12"], previous',
        '"duplicate"], previous',
        'checklist[1].when.services[1]: "duplicate"; must be a serv',
    ),
    (
        'code = "current-card"',
        'code = "card"',
        'checklist[1].code: "card"; perhaps "old-card"; must be a code: "child"',
    ),
    ('code = "apply-in-time"', 'code = "soon"', 'notices[1].code: "soon"; must be a code: "fingerprints"'),
    (
        "when = { below_age = 18 }",
        'when = { services = ["duplicate"] }',
        'printed[1].when.services[1]: "duplicate"; must be a service of this profile',
    ),
    ('text = { fr = "Mineur", nl = "Minderjarig" }', "", 'printed[1].text: the code "other" needs words of its own'),
    ('nl = "Minderjarig"', 'en = "Minor"', "printed[1].text.nl: the words in the official language"),
    (
        'nationalities = ["third-country"]',
        'nationalities = ["x"]',
        'nationalities[1]: "x"; must be "belgian", "eu" or "th',
    ),
    ("separated = true }", 'separated = "perhaps" }', 'when.separated: "perhaps"; must be true or false'),
    ("from_age = 3 }", "from_age = 12 }", "notices[1].when.from_age: 12; must be below the age at which the service"),
    ("separated = true }", "below_age = 12 }", "checklist[1].when.below_age: 12; must be above the age at which"),
    ('means = ["card", "cash"]', 'means = ["gold"]', 'payment.means[1]: "gold"; must be "bancontact", "card"'),
    (
        "max_years = 10,",
        'max_years = 10, source = "x",',
        'services.card-from-12.validity.source: "x"; must be a source',
    ),
    (
        'code = "apply-in-time"',
        'code = "apply-in-time"\nsource = "web"',
        'notices[1].source: "web"; must be a source: "council"',
    ),
    (
        "[validity]",
        '[[not_eligible]]\nreason = "too-old"\npapers = ["annex-15"]\n[validity]',
        'not_eligible[1].papers: a list; only goes with reason = "papers-not-eligible"',
    ),
    (
        "[validity]",
        '[[not_eligible]]\nreason = "papers-not-eligible"\npapers = ["residence"]\n[validity]',
        'not_eligible[1].papers: "residence"; is what a card is given for',
    ),
    (
        "child_present_from_age = 6\n\n[[services.application.checklist]]\n",
        'applicants = ["parent"]\n[[services.application.checklist]]\nwhen = { roles = ["guardian"] }\ncode = "photo"\n'
        "[[services.application.checklist]]\n",
        'services.application.checklist[1].when.roles[1]: "guardian"; must be one of applicants: "parent"',
    ),
]


@pytest.mark.parametrize(("before", "after", "line"), MISTAKES, ids=[mistake[2][:50] for mistake in MISTAKES])
def test_a_mistake_is_named_with_its_place_its_value_and_what_would_be_right(
    before: str, after: str, line: str
) -> None:
    assert before in GOOD
    assert any(line in fault for fault in faults_of(GOOD.replace(before, after, 1)))


def test_every_mistake_is_named_not_only_the_first() -> None:
    text = GOOD.replace('desk = "quick"', 'desk = "fast"').replace('code = "photo"\n', 'code = "foto"\n')
    assert len(faults_of(text)) == 2


def test_the_good_profile_is_good() -> None:
    profile = parse_profile(GOOD)
    assert profile.desk("quick").name_in("nl") == "Snelbalie"
    assert profile.desk("quick").name_in("de") == "Guichet rapide"
    with pytest.raises(KeyError):
        profile.desk("none")


def test_a_profile_cannot_be_changed() -> None:
    profile = parse_profile(GOOD)
    with pytest.raises(ValidationError, match="frozen"):
        profile.name = "Elsewhere"  # type: ignore[misc]


def test_a_condition_on_card_types_is_a_fault_where_no_card_type_is_asked() -> None:
    extra = '\n[[services.collection.checklist]]\ncode = "photo"\nwhen = { groups = ["eu-citizen"] }\n'
    at_kiosk = GOOD.replace("at_kiosk = false\n", "")
    assert any("does not ask for a card type" in fault for fault in faults_of(at_kiosk + extra))
    assert parse_profile(GOOD + extra), "a collection that is only described is that of a card whose type is known"


@UNHURRIED
@given(st.text())
@example("id = 1")
@example("services = 3")
@example("[[desks]]")
def test_whatever_the_text_there_is_a_profile_or_faults(text: str) -> None:
    try:
        assert isinstance(parse_profile(text), Profile)
    except ProfileFaults as wrong:
        assert wrong.faults


@UNHURRIED
@given(st.data())
def test_a_profile_with_a_line_taken_out_is_a_profile_or_has_faults_with_places(data: st.DataObject) -> None:
    lines = GOOD.splitlines(keepends=True)
    del lines[data.draw(st.integers(0, len(lines) - 1))]
    try:
        assert isinstance(parse_profile("".join(lines)), Profile)
    except ProfileFaults as wrong:
        assert all(fault.place and fault.right for fault in wrong.faults)
