"""Statements of the uploads, made once from the models' own columns.

Django makes each statement anew out of a query, which for the rows of a visit costs several times what the database
does with them. These few are the ones that every visit needs. They are the same on PostgreSQL and SQLite, go through
Django's connection (so its transactions and its errors hold), and know a model's columns from the model, so that none
can be forgotten. Whatever is not on that way is a query of Django's, as everywhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import cache
from typing import Any, Generic, TypeAlias, TypeVar

from django.db import connection, models

M = TypeVar("M", bound=models.Model)

_Field: TypeAlias = "models.Field[Any, Any]"
_Convert = Callable[[Any], Any]
# What psycopg takes as it is. Whole numbers are not among them: their column's size has to be said.
_TAKEN_AS_IS = (models.UUIDField, models.DateTimeField, models.DateField, models.BooleanField)


class Table(Generic[M]):
    """The table of a model. Raises as Django's queries do: IntegrityError, DataError, ValueError, OverflowError."""

    def __init__(self, model: type[M]):
        self._model = model
        meta = model._meta
        self._fields = list(meta.local_concrete_fields)
        self._key = meta.pk
        self._written = [field for field in self._fields if not isinstance(field, models.AutoField)]
        self._name = meta.db_table
        self._into = f"INSERT INTO {self._name} ({_columns(self._written)}) VALUES "
        self._line = f"({', '.join(['%s'] * len(self._written))})"
        self._named = {field.attname: field for field in self._fields}

    def insert(self, rows: Sequence[M], *, unless_known: bool = False) -> int:
        """Write new rows, whose keys the database does not tell. Returns how many were written.

        `unless_known`: one that breaks a rule of the table is left out instead of raising.
        """
        if not rows:
            return 0
        vendor, alias = connection.vendor, connection.alias
        writers = [(field.attname, _writer(field, vendor)) for field in self._written]
        values = [write(getattr(row, name)) for row in rows for name, write in writers]
        statement = self._into + ", ".join([self._line] * len(rows))
        with connection.cursor() as cursor:
            cursor.execute(statement + " ON CONFLICT DO NOTHING" if unless_known else statement, values)
            written = int(cursor.rowcount)
        for row in rows:
            row._state.adding, row._state.db = False, alias  # as Django notes it of a saved row
        return written

    def update(self, row: M, names: Collection[str]) -> None:
        """Write fields of a row that was read before."""
        fields = [field for field in self._fields if field.name in names]
        changes = ", ".join(f"{field.column} = %s" for field in fields)
        vendor = connection.vendor
        values = [_writer(field, vendor)(getattr(row, field.attname)) for field in (*fields, self._key)]
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE {self._name} SET {changes} WHERE {self._key.column} = %s", values)
            if cursor.rowcount != 1:
                raise self._model.DoesNotExist(f"{self._name}: no row to write to")

    def get(self, **values: Any) -> M | None:
        """The row with these values, which a rule of the table says is one at most."""
        where = " AND ".join(f"{self._named[name].column} = %s" for name in values)
        found = self._rows(where, list(values.items()))
        return found[0] if found else None

    def locked(self, keys: Collection[Any]) -> list[M]:
        """The rows with these keys, in their order, which nobody else may change meanwhile."""
        where = f"{self._key.column} IN ({', '.join(['%s'] * len(keys))}) ORDER BY {self._key.column}"
        lock = " FOR UPDATE" if connection.vendor == "postgresql" else ""  # SQLite has one writer
        return self._rows(where + lock, [(self._key.attname, key) for key in keys])

    def values(self, names: Sequence[str], where: str, parameters: Sequence[tuple[str, Any]]) -> list[tuple[Any, ...]]:
        """Some fields of the rows for which `where` holds; each of its parameters comes with its field's name."""
        return self._read([self._named[name] for name in names], where, parameters)

    def _rows(self, where: str, parameters: Sequence[tuple[str, Any]]) -> list[M]:
        alias, names = connection.alias, [field.attname for field in self._fields]
        return [self._model.from_db(alias, names, values) for values in self._read(self._fields, where, parameters)]

    def _read(
        self, fields: Sequence[_Field], where: str, parameters: Sequence[tuple[str, Any]]
    ) -> list[tuple[Any, ...]]:
        vendor = connection.vendor
        values = [_writer(self._named[name], vendor)(value) for name, value in parameters]
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {_columns(fields)} FROM {self._name} WHERE {where}", values)
            found = cursor.fetchall()
        readers = [_reader(field, vendor) for field in fields]
        return [
            tuple(value if read is None else read(value) for read, value in zip(readers, row, strict=True))
            for row in found
        ]


@cache
def table(model: type[M]) -> Table[M]:
    """The statements of a model's table."""
    return Table(model)


def _columns(fields: Sequence[_Field]) -> str:
    return ", ".join(field.column for field in fields)


@cache
def _writer(field: _Field, vendor: str) -> _Convert:
    """How a value becomes a parameter."""
    kind = getattr(field, "target_field", field)  # a foreign key is what it points at
    if vendor == "postgresql" and isinstance(kind, _TAKEN_AS_IS):
        return _same
    if vendor == "postgresql" and isinstance(kind, models.CharField | models.TextField):
        return _text
    return lambda value: field.get_db_prep_save(value, connection)


@cache
def _reader(field: _Field, vendor: str) -> _Convert | None:
    """How a column's value becomes a field's; None where it is that already."""
    column = field.get_col(field.model._meta.db_table)
    steps = [*connection.ops.get_db_converters(column), *column.get_db_converters(connection)]
    if not steps:
        return None

    def read(value: Any) -> Any:
        for step in steps:
            value = step(value, column, connection)
        return value

    return read


def _same(value: Any) -> Any:
    return value


def _text(value: Any) -> str | None:
    return value if value is None or type(value) is str else str(value)  # a choice is its text
