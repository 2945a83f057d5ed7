"""`kiosk quote` and `kiosk municipality check`: 0 a yes, 1 a no, 2 one clear line about bad input."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from kiosk.__main__ import main
from kiosk.profiles import DEMO_PROFILE, PROFILE_FOLDER

EVERYWHERE = str(Path(__file__).parent / "domain" / "profiles" / "everywhere.toml")
YUSUF = ("--birth-date", "2022-05-04")
MONDAY = ("--at", "2026-11-23T08:00")


def kiosk(capsys: pytest.CaptureFixture[str], *line: str) -> tuple[int, str, str]:
    try:
        code = main([*line])
    except SystemExit as end:  # argparse leaves this way
        code = int(end.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


def quote_json(capsys: pytest.CaptureFixture[str], *line: str) -> tuple[int, dict[str, Any]]:
    code, out, err = kiosk(capsys, "quote", "--municipality", EVERYWHERE, "--json", *line)
    assert err == ""
    return code, json.loads(out)


def test_a_quote_names_fee_hour_validity_and_what_to_bring(capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = quote_json(capsys, *YUSUF, "--card-type", "A", "--procedure", "urgent", *MONDAY)
    assert code == 0
    assert answer["eligible"] is True
    assert answer["reason"] is None
    assert answer["fees"] == [{"child": 0, "cents": 10000, "at_most": False, "rule": "2026", "source": "council"}]
    assert answer["total_cents"] == 10000
    assert answer["ready_at"] == "2026-11-25T09:30:00+01:00"
    assert answer["valid_until"] == "2031-11-23"
    assert [offer["procedure"] for offer in answer["procedures"]] == ["normal", "urgent", "super-urgent"]
    assert [item["code"] for item in answer["checklist"]] == ["other"]
    assert answer["collection"]["appointment"] is True
    assert {warning["code"] for warning in answer["warnings"]} == {"photo-at-desk", "other"}
    assert (answer["profile"], answer["profile_version"]) == ("everywhere", "test")


def test_a_no_has_its_reason_and_a_way_on(capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = quote_json(capsys, "--birth-date", "2010-05-04", "--card-type", "A", *MONDAY)
    assert code == 1
    assert (answer["eligible"], answer["reason"], answer["child"]) == (False, "too-old", 0)
    assert answer["way_on"].endswith("Phone: 02 000 00 00")
    assert answer["total_cents"] == 0


def test_several_children_share_a_card_type_or_have_one_each(capsys: pytest.CaptureFixture[str]) -> None:
    lina = ("--birth-date", "2024-05-04")
    _, shared = quote_json(capsys, *YUSUF, *lina, "--card-type", "A", *MONDAY)
    _, each = quote_json(capsys, *YUSUF, *lina, "--card-type", "A", "--card-type", "EU", *MONDAY)
    assert [child["fee_cents"] for child in shared["children"]] == [1070, 1070]
    assert [child["fee_cents"] for child in each["children"]] == [1070, 500]


def test_an_estimate_is_a_day_and_what_is_not_known_is_null(capsys: pytest.CaptureFixture[str]) -> None:
    demo = ("quote", "--json", *YUSUF, "--card-type", "A", *MONDAY)
    assert json.loads(kiosk(capsys, *demo)[1])["ready_at"] == "2026-12-14"
    assert json.loads(kiosk(capsys, *demo, "--procedure", "urgent")[1])["ready_at"] is None


def test_the_appointment_decides_the_ready_date(capsys: pytest.CaptureFixture[str]) -> None:
    line = (*YUSUF, "--card-type", "A", "--procedure", "urgent", *MONDAY, "--applies-at", "2026-11-27T10:00")
    assert quote_json(capsys, *line)[1]["ready_at"] == "2026-12-01T09:30:00+01:00"


def test_a_permit_may_end_the_card(capsys: pytest.CaptureFixture[str]) -> None:
    demo = ("quote", "--json", *YUSUF, "--card-type", "A", *MONDAY, "--permit-until", "2027-01-01")
    assert json.loads(kiosk(capsys, *demo)[1])["valid_until"] == "2029-11-23"  # this town has no such rule


@pytest.mark.parametrize(
    ("local", "real"),
    [
        ("2026-03-29T02:30", "2026-03-29T03:30:00+02:00"),  # an hour that the clock skips
        ("2026-10-25T02:30", "2026-10-25T02:30:00+02:00"),  # an hour that comes twice: the first
        ("2026-11-23T12:00+00:00", "2026-11-23T13:00:00+01:00"),
    ],
)
def test_a_time_without_a_zone_is_belgian(capsys: pytest.CaptureFixture[str], local: str, real: str) -> None:
    assert quote_json(capsys, *YUSUF, "--card-type", "A", "--at", local)[1]["at"] == real


def test_people_read_lines_in_their_language(capsys: pytest.CaptureFixture[str]) -> None:
    line = ("quote", "--municipality", EVERYWHERE, *YUSUF, "--birth-date", "2025-01-01", "--card-type", "A", *MONDAY)
    code, out, _ = kiosk(capsys, *line, "--language", "nl")
    assert code == 0
    assert "Noodcontact" in out
    assert "1 pasfoto, hoogstens 6 maanden oud (kind 2)" in out
    assert "21,40" in out
    code, out, _ = kiosk(capsys, *line, "--birth-date", "2030-01-01")
    assert code == 1
    assert "No: child 3: This birth date is in the future." in out


ENGLISH = re.compile(r"\b(the|child|ready|until|bring|know|pay|appointment|rule|valid|may|or|by)\b", re.I)


@pytest.mark.parametrize("language", ["nl", "fr", "de"])
@pytest.mark.parametrize(
    "more",
    [
        (),
        ("--birth-date", "2025-12-04", "--procedure", "urgent"),
        ("--role", "guardian", "--papers", "annex-15"),
        ("--birth-date", "2010-01-01"),
        ("--birth-date", "2019", "--permit-until", "2027-01-01", "--without-card"),
    ],
)
def test_no_line_for_people_is_in_another_language(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, language: str, more: tuple[str, ...]
) -> None:
    town = tmp_path / "town.toml"
    text = (PROFILE_FOLDER / f"{DEMO_PROFILE}.toml").read_text(encoding="utf-8")
    text = text.replace("Municipal page on the electronic residence card, with a table of card types", "Page")
    town.write_text(text.replace("[validity]", "[validity]\nnot_beyond_permit = true"), encoding="utf-8")
    _, out, err = kiosk(
        capsys, "quote", "--municipality", str(town), *YUSUF, "--card-type", "A", *MONDAY, *more, "--language", language
    )
    assert err == ""
    words = re.sub(r"Page|(services|not_eligible)[.\w\[\]]+", "", out)
    assert ENGLISH.findall(words) == []


def test_german_is_spoken_too(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = kiosk(capsys, "quote", *YUSUF, "--card-type", "A", *MONDAY, "--language", "de")
    assert code == 0
    assert "Kind 1, 4 Jahre, A-Karte, Normal: 12,00\xa0€, fertig etwa am Montag, 14. Dezember" in out
    assert "Das Kind persönlich" in out


def test_a_promise_of_at_most_so_many_weeks_is_said_as_one(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    town = tmp_path / "town.toml"
    text = (PROFILE_FOLDER / f"{DEMO_PROFILE}.toml").read_text(encoding="utf-8")
    town.write_text(text.replace("weeks = 3", "weeks = 3, at_most = true"))
    line = ("quote", "--municipality", str(town), *YUSUF, "--card-type", "A", *MONDAY)
    assert "ready on Monday 14 December at the latest" in kiosk(capsys, *line)[1]
    answer = json.loads(kiosk(capsys, *line, "--json")[1])
    assert (answer["ready_at"], answer["ready_exact"], answer["ready_at_most"]) == ("2026-12-14", False, True)


def test_what_was_not_asked_is_named_and_what_was_asked_decides(capsys: pytest.CaptureFixture[str]) -> None:
    line = ("--birth-date", "2012-05-04", "--service", "card-from-12", "--card-type", "A", *MONDAY)
    _, answer = quote_json(capsys, *line)
    assert [question["question"] for question in answer["questions"]] == ["separated", "loss", "previous_card"]
    assert answer["questions"][0]["text"] == "Do both parents live with the child?"
    consent = next(item for item in answer["checklist"] if item["code"] == "custody-consent")
    assert consent["only_if"] == {"separated": [True]}
    assert consent["text"] == "Signed consent, if the parents are separated"
    _, answer = quote_json(capsys, *line, "--separated", "no", "--loss", "lost", "--recovered", "yes")
    assert answer["questions"] == []
    assert [item["code"] for item in answer["checklist"]] == ["child"]
    assert "revoke-recovered" in {warning["code"] for warning in answer["warnings"]}


def test_each_child_may_have_answers_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    line = (*YUSUF, *YUSUF, "--card-type", "A", *MONDAY, "--registered", "yes", "--registered", "no")
    code, answer = quote_json(capsys, *line)
    assert (code, answer["reason"], answer["child"]) == (1, "not-in-registers", 1)


def test_every_part_of_the_answer_names_its_rule_and_its_source(capsys: pytest.CaptureFixture[str]) -> None:
    _, answer = quote_json(capsys, *YUSUF, "--card-type", "A", *MONDAY)
    parts = [*answer["fees"], *answer["procedures"], *answer["checklist"], *answer["warnings"], answer["payment"]]
    assert all(part["rule"] and part["source"] in answer["sources"] for part in [answer, answer["collection"], *parts])
    assert answer["sources"]["council"]["read_on"] == "2026-12-01"
    assert answer["children"][0]["validity"]["not_known"] == ["stay"]
    _, out, _ = kiosk(capsys, "quote", "--municipality", EVERYWHERE, *YUSUF, "--card-type", "A", *MONDAY)
    assert "Rule: services.application. Source: Decision of the council, read on 1 December 2026." in out


@pytest.mark.parametrize("born", ["2015", "2015-00", "2015-00-00", "2015-12", "2015-12-00"])
def test_a_birth_date_may_be_known_in_part(capsys: pytest.CaptureFixture[str], born: str) -> None:
    _, answer = quote_json(capsys, "--birth-date", born, "--card-type", "A", *MONDAY)
    assert answer["children"][0]["age"] == 10
    assert "age-at-desk" in {warning["code"] for warning in answer["warnings"]}


def test_two_to_three_weeks_have_two_ends(capsys: pytest.CaptureFixture[str]) -> None:
    line = ("--birth-date", "2012-05-04", "--service", "card-from-12", "--card-type", "A", *MONDAY)
    _, answer = quote_json(capsys, *line, "--procedure", "in-two-steps")
    assert (answer["ready_from"], answer["ready_at"]) == ("2026-11-30", "2026-12-07")
    code, out, _ = kiosk(capsys, "quote", "--municipality", EVERYWHERE, *line, "--procedure", "in-two-steps")
    assert code == 0
    assert "ready between Monday 30 November and Monday 7 December" in out
    assert "Collect it: Guichet rapide, Place 2. By appointment." in out


def test_the_schema_for_editors_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = kiosk(capsys, "municipality", "schema")
    assert code == 0
    assert json.loads(out)["title"] == "A municipality's profile"


BAD = [
    (("--birth-date", "20220504"), "--birth-date 20220504: there is no such day; write it as 2022-05-04"),
    (("--birth-date", "2022-W01-1"), "--birth-date 2022-W01-1: there is no such day"),
    (("--at", "20261123T1000"), "--at 20261123T1000: there is no such time; write it as 2026-11-23T14:30"),
    (("--at", "-1"), "--at -1: there is no such time"),
    (("--procedure", "super-urgent"), "--procedure super-urgent: for application Voorbeeldstad has normal, urgent"),
    (("--procedure", "turbo"), "--procedure turbo: for application Voorbeeldstad has normal, urgent"),
    (("--stay-until", "2020-01-01"), "--stay-until 2020-01-01: it has ended by the day of the request"),
    (("--permit-until", "2026-11-22"), "--permit-until 2026-11-22: it has ended by the day of the request"),
    (("--role", "aunt"), "--role aunt: must be one of parent, foster-parent, guardian, institution"),
    (("--separated", "perhaps"), "--separated perhaps: must be one of yes, no"),
    (("--stay-until", "soon"), "--stay-until soon: there is no such day"),
    (("--birth-date", "2022-13"), "--birth-date 2022-13-01: there is no such day"),
    (("--municipality", "nowhere"), "there is no municipality 'nowhere'; there are "),
    (("--municipality", "no/such.toml"), "cannot read no/such.toml: no such file or directory"),
    (("--birth-date", "2022-02-30"), "--birth-date 2022-02-30: there is no such day; write it as 2022-05-04"),
    (("--birth-date", "0001-01-01"), "the year must be from 1900 to 2199"),
    (("--card-type", "Z"), "there is no card type 'Z'; "),
    (("--card-type", "A", "--card-type", "B", "--card-type", "K"), "--card-type is given 3 times for 1 birth dates"),
    (("--service", "passport"), "there is no service 'passport'; there are application, duplicate"),
    (("--at", "2026-11-23"), "the clock time is missing; write it as 2026-11-23T14:30"),
    (("--at", "yesterday"), "--at yesterday: there is no such time"),
    (("--at", "9999-12-31T23:59"), "the year must be from 1900 to 2199"),
    (("--applies-at", "2026-11-20T10:00"), "is before --at"),
    (("--permit-until", "soon"), "--permit-until soon: there is no such day"),
    (("--birth-date", "2022-05-04\n\x1b[31m"), "--birth-date 2022-05-04  [31m: there is no such day"),
    (("--language", "xx"), "argument --language: invalid choice: 'xx'"),
]


@pytest.mark.parametrize(("options", "complaint"), BAD, ids=[complaint for _, complaint in BAD])
def test_bad_input_is_one_clear_line(
    capsys: pytest.CaptureFixture[str], options: tuple[str, ...], complaint: str
) -> None:
    needed = [*YUSUF] if "--birth-date" not in options else []
    needed += ["--card-type", "A"] if "--card-type" not in options else []
    needed += [*MONDAY] if "--at" not in options else []
    code, out, err = kiosk(capsys, "quote", *needed, *options)
    assert (code, out) == (2, "")
    assert complaint in err
    assert err.count("\n") == 1


def test_a_missing_card_type_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = kiosk(capsys, "quote", "--municipality", EVERYWHERE, *YUSUF)
    assert (code, err) == (2, "kiosk quote: --card-type is missing: EU, A, B\n")


def test_a_wrong_profile_cannot_be_quoted_from(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "town.toml"
    path.write_text('id = "town"', encoding="utf-8")
    code, _, err = kiosk(capsys, "quote", "--municipality", str(path), *YUSUF)
    assert code == 2
    assert f"`kiosk municipality check {path}` names them" in err
