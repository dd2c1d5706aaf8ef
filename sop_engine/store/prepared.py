"""Statements that are compiled once and then handed to the driver as they are: the hot path of every step.

SQLAlchemy writes the SQL for each database; building and processing it anew with every step costs more than running it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, CursorResult
from sqlalchemy.sql import ClauseElement

Values = Mapping[str, Any]


class Prepared:
    """One statement; `run` takes its values by name, a list of them for many rows.

    Values must be of the driver's own types (text, whole numbers, bytes, None): no type of SQLAlchemy converts them.
    """

    __slots__ = ("_compiled", "_statement")

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement
        self._compiled: dict[str, tuple[str, list[str] | None, dict[str, Any]]] = {}

    def run(self, connection: Connection, values: Values | Sequence[Values]) -> CursorResult[Any]:
        sql, order, given = self._for(connection)
        if isinstance(values, Mapping):
            return connection.exec_driver_sql(sql, _bound(order, given, values))
        rows: Any = [_bound(order, given, row) for row in values]
        return connection.exec_driver_sql(sql, rows)

    def _for(self, connection: Connection) -> tuple[str, list[str] | None, dict[str, Any]]:
        name = connection.dialect.name
        if name not in self._compiled:
            compiled: Any = self._statement.compile(dialect=connection.dialect)
            order = list(compiled.positiontup) if compiled.positional else None
            given = {key: value for key, value in compiled.params.items() if value is not None}
            self._compiled[name] = (str(compiled), order, given)
        return self._compiled[name]


def _bound(order: list[str] | None, given: dict[str, Any], values: Values) -> Any:
    if order is None:
        return {**given, **values} if given else dict(values)
    return tuple(values[name] if name in values else given[name] for name in order)
