"""Answers to a form: one marshmallow schema made from the SOP, for the web, the command line and Python alike.

A field must be answered for the step to be complete, except free texts, lists of rows and choices of several, which may
be empty; `optional` on a field where it is asked says otherwise.
"""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from babel import Locale
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from sop_engine.case.directory import Directory
from sop_engine.services.dates import read_date, read_moment
from sop_engine.sop import score
from sop_engine.sop.calendar import Calendar
from sop_engine.sop.guards import Missing
from sop_engine.sop.language import CHOICES, MAY_BE_EMPTY, Field, Form
from sop_engine.sop.procedure import Procedure

MOST_LETTERS = {"text": 500, "long_text": 10_000, "person": 200, "document": 300}
MOST_ROWS = 250
MOST_WHOLE = 10_000_000_000


class Answers:
    """Checked answers (`values`) and what is wrong or lacking, by field, each a sentence."""

    __slots__ = ("lacking", "values", "wrong")

    def __init__(self, values: dict[str, Any], wrong: dict[str, Any], lacking: dict[str, str]) -> None:
        self.values = values
        self.wrong = wrong
        self.lacking = lacking

    @property
    def complete(self) -> bool:
        return not self.wrong and not self.lacking


def check(
    procedure: Procedure,
    form: Form,
    raw: Mapping[str, Any],
    directory: Directory,
    calendar: Calendar,
    today: date,
    bs: bool = False,
) -> Answers:
    """Check raw answers against a form. Fields of sections that are not shown are left out.

    `bs` says that who answers reads Bikram Sambat first.
    """
    schema = schema_of(procedure, form, directory, calendar, today, bs)
    given = {name: value for name, value in raw.items() if value not in (None, "", [])}
    unknown = sorted(set(given) - set(schema.fields))
    wrong: dict[str, Any] = dict.fromkeys(unknown, "this form does not ask for this")
    try:
        values: dict[str, Any] = dict(schema.load(given, unknown=EXCLUDE))
    except ValidationError as error:
        wrong |= error.messages if isinstance(error.messages, dict) else {}
        values = dict(error.valid_data) if isinstance(error.valid_data, dict) else {}
    wrong = _misrated(procedure, values) | wrong
    shown = shown_fields(procedure, form, values)
    values = {name: value for name, value in values.items() if name in shown}
    lacking = {
        name: "an answer is missing"
        for name, needed in shown.items()
        if needed and name not in values and name not in wrong
    }
    lacking |= _unrated(procedure, {name: values.get(name, []) for name in shown if name not in wrong})
    return Answers(values, wrong, lacking)


def _misrated(procedure: Procedure, values: Mapping[str, Any]) -> dict[str, list[str]]:
    """What is wrong with ratings by a standard, beyond what each column takes."""
    found: dict[str, list[str]] = {}
    for name, rows in values.items():
        standard = procedure.standard_of(name)
        if standard is None:
            continue
        codes = [row["code"] for row in rows if "code" in row]
        nameless = ["a rating without its criterion"] if len(codes) < len(rows) else []
        twice = [f"{code} is rated twice" for code in dict.fromkeys(codes) if codes.count(code) > 1]
        faults = [fault.en for fault in score.faults(standard, score.ratings_of(rows))]
        if nameless or twice or faults:
            found[name] = [*nameless, *twice, *faults]
    return found


def _unrated(procedure: Procedure, values: Mapping[str, Any]) -> dict[str, str]:
    """How many criteria of a standard have no rating yet: what was not seen is said so."""
    found = {}
    for name, rows in values.items():
        standard = procedure.standard_of(name)
        left = len(standard.criteria()) - len(score.ratings_of(rows)) if standard is not None else 0
        if left > 0:
            found[name] = f"{left} criteria are not rated yet"
    return found


def shown_fields(procedure: Procedure, form: Form, values: Mapping[str, Any]) -> dict[str, bool]:
    """The fields of the sections that are shown for these answers, and whether each must be answered."""
    shown: dict[str, bool] = {}
    for section in form.sections:
        if section.show_if is not None:
            answer = procedure.holds(section.show_if, values)
            if isinstance(answer, Missing) or not answer:
                continue
        for asked in section.fields:
            said = procedure.fields[str(asked.field)]
            shown[str(asked.field)] = not asked.optional and said.type not in MAY_BE_EMPTY
    return shown


_schemas: dict[tuple[str, int, int, str, bool], tuple[date | None, Schema]] = {}
MOST_SCHEMAS = 500


def schema_of(
    procedure: Procedure, form: Form, directory: Directory, calendar: Calendar, today: date, bs: bool = False
) -> Schema:
    """The marshmallow schema of a form, made once for each version and directory (once a day if it asks for dates)."""
    key = (procedure.version, id(form), id(directory), calendar.name, bs)
    day, schema = _schemas.get(key, (date.min, None))
    if schema is None or day not in (None, today):
        if len(_schemas) >= MOST_SCHEMAS:
            _schemas.clear()
        schema = _make_schema(procedure, form, directory, calendar, today, bs)
        dated = any(_dated(procedure.fields[str(name)]) for name in form.fields())
        _schemas[key] = (today if dated else None, schema)
    return schema


def _dated(said: Field) -> bool:
    return any(one.type in ("date", "datetime") for one in (said, *said.row.values()))


def births_of(procedure: Procedure) -> set[str]:
    """The fields that hold a day of birth, which is not after today."""
    return {str(fact.from_[0]) for fact in procedure.sop.facts.values() if fact.as_ in ("under_18", "age_band")}


def _make_schema(
    procedure: Procedure, form: Form, directory: Directory, calendar: Calendar, today: date, bs: bool
) -> Schema:
    births = births_of(procedure)
    made = {
        str(name): field_of(procedure.fields[str(name)], directory, calendar, today, str(name) in births, bs)
        for name in form.fields()
    }
    return Schema.from_dict(made)()


def field_of(
    said: Field, directory: Directory, calendar: Calendar, today: date, past: bool = False, bs: bool = False
) -> fields.Field[Any]:
    """The marshmallow field of one entry of the data dictionary; a date that is `past` is not after today."""
    kind = str(said.type)
    if kind in CHOICES or kind in ("choice", "several"):
        words = CHOICES.get(kind) or tuple(str(word) for word in said.of)
        one = fields.String(validate=validate.OneOf(words, error="choose one of the answers given"))
        return fields.List(one, validate=validate.Length(max=len(words))) if kind == "several" else one
    if kind in MOST_LETTERS:
        most = MOST_LETTERS[kind]
        return fields.String(
            validate=[validate.Length(max=most, error=f"longer than {most} letters: shorten it"), _no_nul]
        )
    if kind in ("integer", "money"):
        return fields.Integer(
            validate=validate.Range(0, MOST_WHOLE, error="write a whole number, 0 or more"),
            error_messages={"invalid": "write a whole number"},
        )
    if kind == "decimal":
        return fields.Decimal(as_string=True, error_messages={"invalid": "write a number"})
    if kind == "date":
        return _Checked(lambda text: read_date(text, said.precision == "any", today, past, bs))
    if kind == "datetime":
        return _Checked(lambda text: read_moment(text, calendar.zone, bs, today=today))
    if kind == "rows":
        inner = {str(name): field_of(column, directory, calendar, today, bs=bs) for name, column in said.row.items()}
        return fields.List(
            fields.Nested(Schema.from_dict(inner)),
            validate=validate.Length(max=MOST_ROWS, error=f"more than {MOST_ROWS} rows"),
        )
    known = {
        "agency": directory.agencies,
        "place": directory.districts,
        "border_point": directory.border_points,
        "country": countries("en"),
    }[kind]
    return fields.String(validate=validate.OneOf(list(known), error="choose one of the list"))


@cache
def countries(language: str) -> dict[str, str]:
    """Country codes and names in a language (from Unicode's data, by Babel)."""
    english, here = (Locale.parse(one).territories for one in ("en", language))
    names = {code: here.get(code, name) for code, name in english.items() if len(code) == 2 and code.isalpha()}
    return dict(sorted(names.items(), key=lambda pair: pair[1]))


class _Checked(fields.Field[Any]):
    """A text converted by a function that raises ValueError with the sentence to show."""

    def __init__(self, convert: Any) -> None:
        super().__init__()
        self.convert = convert

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        try:
            return self.convert(str(value).strip())
        except ValueError as error:
            raise ValidationError(str(error)) from error


def _no_nul(text: str) -> None:
    if "\0" in text:
        raise ValidationError("holds a character that is no text: type it again")


def merge(opened: Mapping[str, Any], closed: Mapping[str, Any]) -> dict[str, Any]:
    """Open answers with their closed ones put back, columns of rows into their rows."""
    merged: dict[str, Any] = {
        name: [dict(row) for row in value] if _rows(value) else value for name, value in opened.items()
    }
    for name, value in closed.items():
        field, _, rest = name.partition(".")
        number, _, column = rest.partition(".")
        if column and isinstance(merged.get(field), list) and int(number) < len(merged[field]):
            merged[field][int(number)][column] = value
        elif not rest:
            merged[name] = value
    return merged


def _rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)
