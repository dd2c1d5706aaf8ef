"""What the API answers in lists and about many cases, as schemas that read what services give."""

from marshmallow import Schema, fields

from web.api.case_shapes import RuleLine, Strip, WorkItem
from web.api.shapes import NUMBER, Words, moment, optional, says, text


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
    item = fields.Nested(WorkItem, metadata=says("what is asked, in an inbox"))
    title = fields.Nested(Words, metadata=says("what is asked, in words, in an inbox"))
    said = text("the words of a task, for who may read them")


class Day(Schema):
    counts = fields.Dict(metadata=says("how much stands on each shelf and in each inbox"))


class Shelf(Schema):
    name = text(example="late")
    count = fields.Integer()
    over = fields.Boolean(metadata=says("whether there may be more than were counted"))
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
    colleagues = fields.List(fields.Dict(), metadata=says("the people of the agency, with the load of each"))


class Hit(Schema):
    number = text(example=NUMBER)
    sop = fields.Nested(Words)
    status = text()
    why = fields.List(fields.String(), metadata=says("what agrees: handle, phone, name, sounds, part or birth"))
    exact = fields.Boolean(metadata=says("whether a token, a phone number or a whole name agrees as it was written"))
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

    done = fields.Integer(metadata=says("how many went", 178))
    each = fields.List(fields.Nested(ManyLine))


class ManyWay(Schema):
    key = text(example="rescue-person/removed/to_safety")
    title = fields.Nested(Words)
    ready = fields.List(fields.String())
    lacking = fields.List(fields.Dict())
    to = fields.List(fields.String())
    rules = fields.List(fields.Nested(RuleLine))
    reason = fields.Boolean()


class ManySigned(Schema):
    way = text("what is sent as `way` to sign it")
    title = fields.Nested(Words)
    numbers = fields.List(fields.String())


class Chosen(Schema):
    """What can be done with cases together, and who is ready for it."""

    chosen = fields.List(fields.String())
    missing = fields.List(fields.String())
    ways = fields.List(fields.Nested(ManyWay))
    offered = fields.List(fields.String())
    with_us = fields.List(fields.String())
    stopped = fields.List(fields.String(), metadata=says("of a person with a red stop: each is handed over by itself"))
    to_sign = fields.List(fields.Nested(ManySigned))


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
