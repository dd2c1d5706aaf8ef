"""Statements that are compiled once and then handed to the driver as they are: the hot path of every step.

SQLAlchemy writes the SQL for each database and holds the transaction; sending each statement through it costs more than
running it, so the driver's own cursor runs them.
"""

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.sql import ClauseElement

Values = Mapping[str, Any]
Binder = Callable[[Values], Any]


@contextmanager
def at_once(connection: Connection) -> Iterator[None]:
    """Statements that need no answer of one another: PostgreSQL gets them in one go, and errors come at the end.

    Inside, only statements that write, and those through `Prepared`; how many rows one changed is known after the end.
    """
    pipeline = getattr(connection.connection.driver_connection, "pipeline", None)
    with pipeline() if pipeline is not None else nullcontext():
        yield


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
        self._compiled: dict[str, tuple[str, Binder]] = {}
        self._row: Any = None

    def run(self, connection: Connection, values: Values | Sequence[Values]) -> Rows:
        assert connection.in_transaction(), "a statement runs in a transaction only"
        sql, bound = self.compiled(connection)
        cursor: Any = connection.connection.cursor()
        if isinstance(values, Mapping):
            cursor.execute(sql, bound(values))
        elif len(values) == 1:
            cursor.execute(sql, bound(values[0]))
        else:
            cursor.executemany(sql, [bound(row) for row in values])
        if self._row is None and cursor.description is not None:
            self._row = namedtuple("Row", [column[0] for column in cursor.description])  # type: ignore[misc]
        return Rows(cursor, self._row)

    def compiled(self, connection: Connection) -> tuple[str, Binder]:
        """The SQL for the database of a connection, and what puts the values of one run as its driver takes them."""
        name = connection.dialect.name
        if name not in self._compiled:
            compiled: Any = self._statement.compile(dialect=connection.dialect)
            given = {key: value for key, value in compiled.params.items() if value is not None}
            self._compiled[name] = (
                str(compiled),
                _binder(compiled.positiontup if compiled.positional else None, given),
            )
        return self._compiled[name]


def _binder(order: Sequence[str] | None, given: Values) -> Binder:
    """By name, or in an order; `given` are the values that the statement itself fixes."""
    if order is None:
        return lambda values: {**given, **values}
    if len(order) == 1 or given:
        return lambda values: tuple({**given, **values}[name] for name in order)
    return itemgetter(*order)
