"""Statements that are compiled once and then handed to the driver as they are: the hot path of every step.

SQLAlchemy writes the SQL for each database and holds the transaction; sending each statement through it costs more than
running it, so the driver's own cursor runs them.
"""

from collections import namedtuple
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.sql import ClauseElement

Values = Mapping[str, Any]


class Rows:
    """What a statement gave: rows whose columns are attributes, or how many rows it changed."""

    __slots__ = ("_cursor", "_row")

    def __init__(self, cursor: Any, row: Any) -> None:
        self._cursor = cursor
        self._row = row

    def first(self) -> Any:
        """The first row, or None."""
        found = self._cursor.fetchone()
        return self._row(*found) if found is not None else None

    def one(self) -> Any:
        """The row that must be there; raises LookupError."""
        row = self.first()
        if row is None:
            raise LookupError("a row that must be there is missing: run 'sop-engine rebuild'")
        return row

    def __iter__(self) -> Iterator[Any]:
        return (self._row(*values) for values in self._cursor)

    @property
    def rowcount(self) -> int:
        return int(self._cursor.rowcount)


class Prepared:
    """One statement; `run` takes its values by name, a list of them for many rows, inside a transaction.

    Values must be of the driver's own types (text, whole numbers, bytes, None): no type of SQLAlchemy converts them.
    """

    __slots__ = ("_compiled", "_row", "_statement")

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement
        self._compiled: dict[str, tuple[str, list[str] | None, dict[str, Any]]] = {}
        self._row: Any = None

    def run(self, connection: Connection, values: Values | Sequence[Values]) -> Rows:
        assert connection.in_transaction(), "a statement runs in a transaction only"
        sql, order, given = self.compiled(connection)
        cursor: Any = connection.connection.cursor()
        if isinstance(values, Mapping):
            cursor.execute(sql, bound(order, given, values))
        elif len(values) == 1:
            cursor.execute(sql, bound(order, given, values[0]))
        else:
            cursor.executemany(sql, [bound(order, given, row) for row in values])
        if self._row is None and cursor.description is not None:
            self._row = namedtuple("Row", [column[0] for column in cursor.description])  # type: ignore[misc]
        return Rows(cursor, self._row)

    def compiled(self, connection: Connection) -> tuple[str, list[str] | None, dict[str, Any]]:
        """The SQL for the database of a connection, the order of its values (None: by name), and those it fixes."""
        name = connection.dialect.name
        if name not in self._compiled:
            compiled: Any = self._statement.compile(dialect=connection.dialect)
            order = list(compiled.positiontup) if compiled.positional else None
            given = {key: value for key, value in compiled.params.items() if value is not None}
            self._compiled[name] = (str(compiled), order, given)
        return self._compiled[name]


def bound(order: list[str] | None, given: dict[str, Any], values: Values) -> Any:
    """The values of one run as the driver takes them."""
    if order is None:
        return {**given, **values} if given else dict(values)
    return tuple(values[name] if name in values else given[name] for name in order)
