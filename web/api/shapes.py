"""What the API answers, as schemas: they read the values that services give, and are the description of them."""

from typing import Any

from marshmallow import Schema, fields, validate

CODE = validate.Length(max=64)
NUMBER = "NP-7K3F-92QT"


def text(about: str = "", example: str | None = None, **more: Any) -> fields.String:
    return fields.String(metadata=_told(about, example), **more)


def optional(about: str = "", example: str | None = None, **more: Any) -> fields.String:
    return fields.String(allow_none=True, metadata=_told(about, example), **more)


def moment(about: str = "", **more: Any) -> fields.AwareDateTime:
    return fields.AwareDateTime(format="iso", metadata=_told(about, "2026-11-24T04:15:00+00:00"), **more)


def _told(about: str, example: Any = None) -> dict[str, Any]:
    return {name: value for name, value in (("description", about), ("example", example)) if value}


class Words(Schema):
    """The same words in English and Nepali."""

    en = fields.String()
    ne = fields.Function(lambda text: text.in_language("ne"), metadata={"type": "string"})


class Problem(Schema):
    """Why something did not go (RFC 9457). `rule` names what refused it."""

    type = text(example="urn:sop-engine:not_holder")
    title = text(example="Conflict")
    status = fields.Integer(metadata=_told("", 409))
    rule = text(example="not_holder")
    detail = text(example="Only the agency that is accountable now can do this: Anti-Human Trafficking Bureau")
    detail_ne = text()
    unmet = fields.List(fields.Dict(), metadata=_told("each thing that is not so, and the step that would meet it"))
    fields_ = fields.Dict(data_key="fields", metadata=_told("what is wrong, by the name of the field"))
    hits = fields.List(fields.Dict(), metadata=_told("cases that may be about the same person"))
    scope = text("the scope that the token lacks")


class DueTime(Schema):
    at = moment()
    what = text("stage, clock, step, duty, task, referral, stop, offer, signature, hold, heard or awaited", "stage")
    name = text()
    title = fields.Nested(Words)
    agency = optional()
    source = text("the law, guideline or proposal from which the limit comes")


class Strip(Schema):
    """Who is accountable now, for what, until when, and who is next."""

    holder = optional("the agency that is accountable; null once the case is closed", "ahtb")
    holder_for = optional("the agency for which it acts")
    since = moment()
    stage = optional("", "removed")
    stage_title = fields.Nested(Words)
    number = fields.Integer(metadata=_told("which of the stages", 3))
    stages = fields.Integer(metadata=_told("", 11))
    until = fields.Nested(DueTime, allow_none=True)
    also_due = fields.List(fields.Nested(DueTime))
    next_agency = optional()
    next_title = fields.Nested(Words, allow_none=True)
    offered_to = optional()
    with_ = optional("the agency that has the person", data_key="with")
    on_hold = optional("the reason for which the time stands still")


class Unmet(Schema):
    code = text(data_key="rule")
    say = fields.Nested(Words)
    fix = optional("the step that would meet it", data_key="step")
    who = optional("the agency that can", data_key="agency")
    due = moment(allow_none=True)


class StepLine(Schema):
    name = text(example="to_safe_place")
    title = fields.Nested(Words)
    mark = text("not_looked_at, incomplete, done, waived or not_needed", "done")
    doer = optional("the agency that does it")
    optional_ = fields.Boolean(attribute="optional", data_key="optional")
    due = moment(allow_none=True)


class WayLine(Schema):
    """A way out of the stage, and what still stands against it."""

    name = text(example="to_safety")
    title = fields.Nested(Words)
    receiver = optional()
    candidates = fields.List(fields.String(), metadata=_told("the agencies from which one is chosen as `to`"))
    reason = fields.Boolean(metadata=_told("whether it needs a reason"))
    second_person = fields.Boolean()
    by = optional("the agency that takes it, where it is not the holder")
    by_wish = fields.Boolean()
    lapse = fields.Boolean()
    ends = fields.Boolean()
    main = fields.Boolean()
    lacks = fields.List(fields.Nested(Unmet))


class Consent(Schema):
    name = text()
    title = fields.Nested(Words)
    text_ = fields.Nested(Words, attribute="text", data_key="text")
    giver = text("who gives it: self, guardian or another")
    status = text("not_asked, given, refused or withdrawn")
    since = moment(allow_none=True)
    ends = moment(allow_none=True)
    to = fields.List(fields.String())


class Asked(Schema):
    """A task or a service that was asked for."""

    key = text()
    of = text("the agency that is asked")
    by = text()
    words = text()
    since = moment()
    due = moment()
    worker = optional()
    service = text()
    status = text()
    reason = optional()
    opened = moment(allow_none=True)


class WorkItem(Schema):
    """Something that somebody is asked for: signature, review, task, duty or referral."""

    kind = text(example="signature")
    key = text()
    since = moment()
    due = moment(allow_none=True)


class Child(Schema):
    number = text(example=NUMBER)
    strip = fields.Nested(Strip)


class CaseView(Schema):
    """A case as the person for whom the token acts may see it. `content` is false for those who see progress only."""

    number = text(example=NUMBER)
    sop = text(example="rescue-person")
    title = fields.Nested(Words)
    version = text("the version of the procedure that the case follows")
    about = text("person, home or case", "person")
    status = text("opening, open or closed", "open")
    outcome = optional()
    seq = fields.Integer(metadata=_told("the number of the last event", 14))
    worker = optional("the person to whom it is assigned")
    relations = fields.List(fields.String(), metadata=_told("how the agency is related to the case"))
    content = fields.Boolean()
    strip = fields.Nested(Strip)
    steps = fields.List(fields.Nested(StepLine))
    ways = fields.List(fields.Nested(WayLine))
    consents = fields.List(fields.Nested(Consent))
    tasks = fields.List(fields.Nested(Asked))
    referrals = fields.List(fields.Nested(Asked))
    items = fields.List(fields.Nested(WorkItem), metadata=_told("what this person may be asked for here"))
    told = fields.Dict(metadata=_told("what the stage lets an agency see that only follows it"))
    carried = fields.Dict(metadata=_told("the answers with which the case was opened"))
    parent = optional("the number of the case that opened it")
    children = fields.List(fields.Nested(Child))
    resembling = fields.List(fields.Dict(), metadata=_told("cases that may be about the same person, for the holder"))


class HistoryLine(Schema):
    seq = fields.Integer()
    words = fields.Nested(Words)
    kind = text()
    by = text()
    agency = text()
    happened = moment()
    recorded = moment()
    said = text("what was written beside it, for those who may read it")
    signer = text()
    sheet = text()


class Holding(Schema):
    holder = text()
    for_agency = optional()
    stage = fields.Nested(Words)
    begun = moment()
    ended = moment(allow_none=True)
    awaited = fields.List(fields.Raw(), metadata=_told("whose answer was awaited, from when to when"))
    paused = fields.List(fields.Raw(), metadata=_told("for what reason the deadline stood still, from when to when"))


class History(Schema):
    """What has happened, newest first, and who held the case when."""

    lines = fields.List(fields.Nested(HistoryLine))
    next = optional("the cursor of the lines after these; null at the end")
    ledger = fields.List(fields.Nested(Holding))


class Acted(Schema):
    """What an act came to. Sent before with the same key, it gives no new events."""

    number = text(example=NUMBER)
    seq = fields.Integer(metadata=_told("the number of the last event", 15))
    status = text(example="open")
    stage = optional("", "removed")
    holder = optional("", "ahtb")
    offered_to = optional("", "wcsc-kathmandu")
    events = fields.List(fields.String(), metadata=_told("the kinds of the new events", ["offered"]))


class SideView(Schema):
    number = text(example=NUMBER)
    agency = text("who answers for it")
    closed = fields.Boolean()
    sop = fields.Nested(Words, allow_none=True)
    opened = moment(allow_none=True)


class Beside(Schema):
    """Two cases beside each other, with what identifies the person in either, for those who read both."""

    mine = fields.Nested(SideView)
    other = fields.Nested(SideView)
    said = fields.Dict()


class RuleLine(Schema):
    place = fields.Integer(metadata=_told("what `confirmed` names", 0))
    text_ = fields.Nested(Words, data_key="text")


class Foretold(Schema):
    """What a way would do if it was taken now."""

    way = fields.Nested(WayLine)
    rules = fields.List(
        fields.Nested(RuleLine), metadata=_told("rules to confirm by name: their places in `confirmed`")
    )
    first = optional("what a second person is asked to sign before")
    events = fields.List(fields.String())
    acting = fields.Dict(metadata=_told("for each agency that may receive the case, the one that would hold it"))
    opens = fields.Nested(Words, allow_none=True)
    refused = optional("the rule that stands against it now")


class FileLine(Schema):
    id = fields.String(attribute="file.id")
    document = text()
    title = fields.Nested(Words)
    media = fields.String(attribute="file.media")
    size = fields.Integer(attribute="file.size", metadata=_told("bytes"))
    at = moment()
    by = text()
    agency = text()
    name = text("what its sender called it")


class StepView(Schema):
    """A step: its form as JSON Schema, the answers that are there, its files and the reader's own draft."""

    number = text(example=NUMBER)
    name = text(example="to_safe_place")
    title = fields.Nested(Words)
    mark = text(example="incomplete")
    may_record = fields.Boolean()
    only_read = optional("why the reader may not record it: closed, other_role or other_agency")
    form = fields.Dict(allow_none=True, metadata=_told("JSON Schema of `answers`; null where the step has no form"))
    answers = fields.Dict()
    chooses = fields.Dict(metadata=_told("the parts that this step fills, and the agencies that may"))
    documents = fields.Dict(metadata=_told("the papers of the step, by code"))
    draft = fields.Dict(allow_none=True)
    files = fields.List(fields.Nested(FileLine))


class CaseLine(Schema):
    number = text(example=NUMBER)
    sop = text(example="rescue-person")
    status = text(example="open")
    stage = optional()
    holder = optional()
    offered_to = optional()
    worker = optional()
    due = moment(allow_none=True)
    opened = moment()
    outcome = optional()


class Cases(Schema):
    cases = fields.List(fields.Nested(CaseLine))
    next = optional("the cursor of the cases after these; null at the end")


class ShelfRow(Schema):
    number = text(example=NUMBER)
    sop = fields.Nested(Words)
    strip = fields.Nested(Strip)
    item = fields.Nested(WorkItem, metadata=_told("what is asked, in an inbox"))
    title = fields.Nested(Words, metadata=_told("what is asked, in words, in an inbox"))


class Day(Schema):
    counts = fields.Dict(metadata=_told("how much stands on each shelf and in each inbox"))


class Shelf(Schema):
    name = text(example="late")
    count = fields.Integer()
    over = fields.Boolean(metadata=_told("whether there may be more than were counted"))
    rows = fields.List(fields.Nested(ShelfRow))
    next = optional("the cursor of the rows after these; null at the end")


class Me(Schema):
    """For whom the token acts, what it may be used for, and where that person may open cases."""

    id = text()
    shown_as = text()
    agency = text(example="ahtb")
    roles = fields.List(fields.String())
    scopes = fields.List(fields.String())
    openings = fields.List(fields.Dict())
    colleagues = fields.List(fields.Dict(), metadata=_told("the people of the agency, with the load of each"))


class Hit(Schema):
    number = text(example=NUMBER)
    sop = fields.Nested(Words)
    status = text()
    why = fields.List(fields.String(), metadata=_told("what agrees: handle, phone, name, sounds, part or birth"))
    strip = fields.Nested(Strip)


class Found(Schema):
    hits = fields.List(fields.Nested(Hit))
    more = fields.Boolean()


class ManyLine(Schema):
    number = text(example=NUMBER)
    done = fields.Boolean()
    rule = optional("the rule that refused it")
    detail = optional()


class Many(Schema):
    """What became of each case, in the order in which they were sent."""

    done = fields.Integer(metadata=_told("how many went", 178))
    each = fields.List(fields.Nested(ManyLine))


class ManyWay(Schema):
    key = text(example="rescue-person/removed/to_safety")
    title = fields.Nested(Words)
    ready = fields.List(fields.String())
    lacking = fields.List(fields.Dict())
    to = fields.List(fields.String())
    rules = fields.List(fields.Nested(RuleLine))
    reason = fields.Boolean()


class Chosen(Schema):
    """What can be done with cases together, and who is ready for it."""

    chosen = fields.List(fields.String())
    missing = fields.List(fields.String())
    ways = fields.List(fields.Nested(ManyWay))
    offered = fields.List(fields.String())
    with_us = fields.List(fields.String())


class Listed(Schema):
    """A list; `next` is the cursor of what follows, where it comes in pages."""

    items = fields.List(fields.Dict())
    next = optional()


class Link(Schema):
    address = text("opens once, until its time is over; shown only now")


class Version(Schema):
    """A procedure as JSON: the same words as its YAML."""

    name = text()
    version = text()
    title = fields.Nested(Words)
    about = text()
    standing = text()
    stages = fields.List(fields.Dict())
    steps = fields.List(fields.Dict())


class Sheet(Schema):
    """A sheet of paper with a code, and the step that it is of."""

    code = text(example="S-7K3F-92QT")
    sop = text()
    step = text()
    number = optional("the case for which it was printed, or into which it was typed")
    used = fields.Boolean()
    older = fields.Boolean()


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
