"""docs/security.md names the tests and files that keep its claims: they are there."""

import re

from tests.test_repository import TREE

TEXT = (TREE / "docs" / "security.md").read_text(encoding="utf-8")
DEFINED = {
    name
    for file in (TREE / "tests").rglob("test_*.py")
    for name in re.findall(r"^def (test_\w+)", file.read_text(encoding="utf-8"), re.MULTILINE)
}


def test_every_test_that_the_threat_model_names_is_there():
    named = set(re.findall(r"`(test_\w+)`", TEXT))
    assert len(named) > 30
    assert named - DEFINED == set()


def test_every_file_that_the_threat_model_names_is_there():
    named = set(re.findall(r"`((?:kiosk|backend|deploy|tests)/[\w./-]+)`", TEXT))
    named |= {f"docs/{name}" for name in re.findall(r"\]\((\w+\.md)\)", TEXT)}
    assert [name for name in sorted(named) if not (TREE / name).exists()] == []
