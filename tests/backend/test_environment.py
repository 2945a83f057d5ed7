"""What the backend is told from outside."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from backend.environment import Environment


def test_without_an_address_the_database_is_a_file_in_the_data_folder(tmp_path: Path) -> None:
    database = Environment(data=tmp_path).django_database()
    assert (database["ENGINE"], database["NAME"]) == ("django.db.backends.sqlite3", tmp_path / "backend.sqlite3")


def test_an_address_names_a_postgresql_and_a_file_its_password(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("sesame\n")
    address = "postgresql://loket_app@db.example.be:5433/loket?sslmode=verify-full"
    database = Environment(database=address, database_password_file=tmp_path / "password").django_database()
    assert [database[key] for key in ("NAME", "USER", "HOST", "PORT", "PASSWORD")] == [
        "loket",
        "loket_app",
        "db.example.be",
        "5433",
        "sesame",
    ]
    assert database["OPTIONS"]["sslmode"] == "verify-full" and "statement_timeout" in database["OPTIONS"]["options"]


@pytest.mark.parametrize("address", ["mysql://secret@host/name", "secret", "postgresql://secret@host"])
def test_an_address_that_is_none_is_refused_without_repeating_it(address: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Environment(database=address)
    assert "secret" not in str(caught.value.errors(include_input=False))


def test_a_password_that_cannot_be_read_is_no_empty_password(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Environment(database="postgresql:///x", database_password_file=tmp_path / "none").django_database()
