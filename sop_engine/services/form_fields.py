"""What a form sends, field by field: names such as `sex`, and `people.3.token` for the cells of a list of rows."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sop_engine.sop.language import Field, Form
from sop_engine.sop.procedure import Procedure

Sent = Mapping[str, Sequence[str]]
_CELL = re.compile(r"^([a-z0-9_]+)\.(\d{1,3})\.([a-z0-9_]+)$")


def raw_of(procedure: Procedure, form: Form | None, sent: Sent) -> dict[str, Any]:
    """Raw answers by field from what was sent: lists for choices of several, rows for lists of rows.

    What the form does not ask for is left out.
    """
    raw: dict[str, Any] = {}
    for field in map(str, form.fields()) if form is not None else ():
        kind = procedure.fields[field].type
        if kind == "several":
            raw[field] = [word for word in sent.get(field, ()) if word]
        elif kind == "rows":
            raw[field] = _rows(sent, field, procedure.fields[field])
        elif sent.get(field):
            raw[field] = sent[field][0].strip()
    return raw


def _rows(sent: Sent, field: str, said: Field) -> list[dict[str, Any]]:
    """The rows of a list, in order; rows in which nothing was typed are left out.

    A row of a rated list carries the code of its criterion, which nobody types.
    """
    rows: dict[int, dict[str, Any]] = {}
    for key, values in sent.items():
        parts = _CELL.match(key)
        words = [value.strip() for value in values if value.strip()]
        if parts and parts[1] == field and words:
            column = said.row.get(parts[3])
            several = column is not None and column.type == "several"
            rows.setdefault(int(parts[2]), {})[parts[3]] = words if several else words[0]
    given = {"code"} if said.standard is not None else set()
    return [rows[number] for number in sorted(rows) if rows[number].keys() - given]
