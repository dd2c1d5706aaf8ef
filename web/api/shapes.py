"""What all answers of the API are made of: words in two languages, times, problems, and examples of a schema."""

from typing import Any

from marshmallow import Schema, fields, validate

CODE = validate.Length(max=64)
NUMBER = "NP-7K3F-92QT"


def text(about: str = "", example: str | None = None, **more: Any) -> fields.String:
    return fields.String(metadata=says(about, example), **more)


def optional(about: str = "", example: str | None = None, **more: Any) -> fields.String:
    return fields.String(allow_none=True, metadata=says(about, example), **more)


def moment(about: str = "", **more: Any) -> fields.AwareDateTime:
    return fields.AwareDateTime(format="iso", metadata=says(about, "2026-11-24T04:15:00+00:00"), **more)


def says(about: str, example: Any = None) -> dict[str, Any]:
    return {name: value for name, value in (("description", about), ("example", example)) if value}


class Words(Schema):
    """The same words in English and Nepali."""

    en = fields.String()
    ne = fields.Function(lambda text: text.in_language("ne"), metadata={"type": "string"})


class Problem(Schema):
    """Why something did not go (RFC 9457). `rule` names what refused it."""

    type = text(example="urn:sop-engine:not_holder")
    title = text(example="Conflict")
    status = fields.Integer(metadata=says("", 409))
    rule = text(example="not_holder")
    detail = text(example="Only the agency that is accountable now can do this: Anti-Human Trafficking Bureau")
    detail_ne = text()
    unmet = fields.List(fields.Dict(), metadata=says("each thing that is not so, and the step that would meet it"))
    fields_ = fields.Dict(data_key="fields", metadata=says("what is wrong, by the name of the field"))
    hits = fields.List(fields.Dict(), metadata=says("cases that may be about the same person"))
    scope = text("the scope that the token lacks")


def example_of(shape: Any) -> Any:
    """An example of a schema, made of the examples of its fields."""
    schema = shape() if isinstance(shape, type) else shape
    found = {}
    for name, one in schema.fields.items():
        value = _example(one)
        if value is not None:
            found[one.data_key or name] = value
    return [found] if schema.many else found


def _example(one: Any) -> Any:
    if one.metadata.get("example") is not None:
        return one.metadata["example"]
    if isinstance(one, fields.Nested):
        inner = example_of(one.schema)
        return inner or None
    if isinstance(one, fields.List):
        inner = _example(one.inner)
        return [inner] if inner is not None else []
    return {fields.Boolean: False, fields.Dict: {}}.get(type(one))
