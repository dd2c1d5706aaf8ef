"""What the API takes, as schemas: commands as they are, with the sentences that are sealed."""

from datetime import UTC, datetime
from typing import Any, get_args, get_type_hints

import msgspec
from flask import g
from marshmallow import RAISE, Schema, ValidationError, fields, validate

from sop_engine.case.commands import Command
from sop_engine.services.installation import actor_of
from web import here

LONGEST = 10_000
SENTENCE = "sentence"
MOST_NAMED = 250
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
# The door gives these; the last ones are for services alone.
GIVEN = frozenset({"id", "actor", "seen", "sealed", "classes", "file", "other", "others", "gone_by"})
ABOUT = {
    "happened": "when it happened; now where it is left out",
    "to": "the code of an agency, as the directory has it",
    "confirmed": "the rules of the stage that the person vouches for, by their place",
    "justified": "whether it was",
    "override": "go on although linked cases are still waited for",
    "due": "until when",
    "until": "until when",
}


class Moment(fields.AwareDateTime):
    """A time with its zone, in years that a calendar can hold."""

    def __init__(self, **more: Any) -> None:
        super().__init__(format="iso", **more)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> datetime:
        found: datetime = super()._deserialize(value, attr, data, **more)
        if not EARLIEST.year < found.year < LATEST.year:
            raise ValidationError("write a time between 1971 and 2199")
        return found.astimezone(UTC)


def code(required: bool = False, **more: Any) -> fields.String:
    """A short name: of an agency, a step, a reason."""
    return fields.String(required=required, validate=validate.Length(min=1, max=64), **more)


def words(most: int, about: str = "", **more: Any) -> fields.String:
    """A text of at most so many letters."""
    return fields.String(validate=validate.Length(max=most), metadata={"description": about} if about else {}, **more)


def flag(about: str) -> fields.Boolean:
    """Yes or no, and nothing that might mean it."""
    return fields.Boolean(truthy={True}, falsy={False}, metadata={"description": about})


def taking(called: str, /, **asked: fields.Field[Any]) -> Schema:
    """A schema that takes these fields and no others."""
    made: type[Schema] = type(called, (Schema,), {"Meta": type("Meta", (), {"unknown": RAISE}), **asked})
    return made()


def of_command(command: type[Command], named: frozenset[str], sentence: bool | None) -> Schema:
    """The schema of a command without what the address names; with a `sentence`, needed or not, it takes one."""
    hints = get_type_hints(command)
    asked = {
        one.encode_name: _field(one.encode_name, hints[one.encode_name], one.required)
        for one in msgspec.structs.fields(command)
        if one.encode_name not in GIVEN | named
    }
    if sentence is not None:
        about = {"description": "what a person says of it; kept sealed", "example": "She asked for it herself."}
        asked[SENTENCE] = fields.String(required=sentence, validate=validate.Length(min=1, max=LONGEST), metadata=about)
    return taking(f"{command.__name__}Request", **asked)


def _field(name: str, hint: Any, required: bool) -> fields.Field[Any]:
    kinds = set(get_args(hint)) or {hint}
    about: dict[str, Any] = {"metadata": {"description": ABOUT[name]} if name in ABOUT else {}}
    about |= {"required": required, "allow_none": type(None) in kinds}
    if datetime in kinds:
        return Moment(**about)
    if hint is bool:
        return fields.Boolean(truthy={True}, falsy={False}, **about)
    if hint == list[str]:
        return fields.List(code(), validate=validate.Length(max=MOST_NAMED), **about)
    if hint == list[int]:
        return fields.List(fields.Integer(strict=True, validate=validate.Range(0, 10_000)), **about)
    assert str in kinds, f"no field for {name}"
    return fields.String(validate=validate.Length(min=1, max=64), **about)


def head() -> dict[str, Any]:
    """What every command carries: its id, who sends it, and the state that the sender saw."""
    return {"id": g.command, "actor": actor_of(here.account()), "seen": g.seen}
