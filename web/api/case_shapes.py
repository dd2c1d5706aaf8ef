"""What the API answers about a case, as schemas that read what services give and describe it at once."""

from marshmallow import Schema, fields

from web.api.plain import plain
from web.api.shapes import NUMBER, Words, moment, optional, says, text


class DueTime(Schema):
    at = moment()
    what = text("stage, clock, step, duty, task, referral, stop, offer, signature, hold, heard or awaited", "stage")
    name = fields.Function(lambda due: "" if due.what == "stop" else due.name, metadata={"type": "string"})
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
    number = fields.Integer(metadata=says("which of the stages", 3))
    stages = fields.Integer(metadata=says("", 11))
    until = fields.Nested(DueTime, allow_none=True)
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
    candidates = fields.List(fields.String(), metadata=says("the agencies from which one is chosen as `to`"))
    reason = fields.Boolean(metadata=says("whether it needs a reason"))
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
    seq = fields.Integer(metadata=says("the number of the last event", 14))
    worker = optional("the person to whom it is assigned")
    relations = fields.List(fields.String(), metadata=says("how the agency is related to the case"))
    content = fields.Boolean()
    strip = fields.Nested(Strip)
    also_due = fields.List(fields.Nested(DueTime))
    stopped = fields.Boolean(
        allow_none=True, metadata=says("whether a red stop is on; null for those who see progress only")
    )
    merged_into = optional("the number of the case to which this one was joined")
    joined = fields.List(fields.String(), metadata=says("the numbers of cases that were joined to this one"))
    steps = fields.List(fields.Nested(StepLine))
    ways = fields.List(fields.Nested(WayLine))
    consents = fields.List(fields.Nested(Consent))
    tasks = fields.List(fields.Nested(Asked))
    referrals = fields.List(fields.Nested(Asked))
    items = fields.List(fields.Nested(WorkItem), metadata=says("what this person may be asked for here"))
    told = fields.Dict(metadata=says("what the stage lets an agency see that only follows it"))
    carried = fields.Dict(metadata=says("the answers with which the case was opened"))
    parent = optional("the number of the case that opened it")
    children = fields.List(fields.Nested(Child))
    resembling = fields.List(fields.Dict(), metadata=says("cases that may be about the same person, for the holder"))


class HistoryLine(Schema):
    seq = fields.Integer()
    words = fields.Nested(Words)
    kind = text()
    by = text()
    agency = text()
    happened = moment()
    recorded = moment()
    said = text("what was written beside it, for those who may read it")
    signer = text("the second person by whose signature it was done")
    asked = text("who asked for it, where a second person signed it")
    sheet = text()


class Holding(Schema):
    holder = text()
    for_agency = optional()
    stage = fields.Nested(Words)
    begun = moment()
    ended = moment(allow_none=True)
    awaited = fields.Function(
        lambda one: plain(one.awaited), metadata={"type": "array"} | says("whose answer was awaited, from when to when")
    )
    paused = fields.Function(
        lambda one: plain(one.paused),
        metadata={"type": "array"} | says("for what reason the deadline stood still, from when to when"),
    )


class History(Schema):
    """What has happened, newest first, and who held the case when."""

    lines = fields.List(fields.Nested(HistoryLine))
    next = optional("the cursor of the lines after these; null at the end")
    ledger = fields.List(fields.Nested(Holding))


class Acted(Schema):
    """What an act came to. Sent before with the same key, it gives no new events."""

    number = text(example=NUMBER)
    seq = fields.Integer(metadata=says("the number of the last event", 15))
    status = text(example="open")
    stage = optional("", "removed")
    holder = optional("", "ahtb")
    offered_to = optional("", "wcsc-kathmandu")
    events = fields.List(fields.String(), metadata=says("the kinds of the new events", ["offered"]))


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
    refused = optional("the rule that stands against joining them now")


class RuleLine(Schema):
    place = fields.Integer(metadata=says("what `confirmed` names", 0))
    text_ = fields.Nested(Words, data_key="text")


class Foretold(Schema):
    """What a way would do if it was taken now."""

    way = fields.Nested(WayLine)
    rules = fields.List(fields.Nested(RuleLine), metadata=says("rules to confirm by name: their places in `confirmed`"))
    first = optional("what a second person is asked to sign before")
    events = fields.List(fields.String())
    acting = fields.Dict(metadata=says("for each agency that may receive the case, the one that would hold it"))
    opens = fields.Nested(Words, allow_none=True)
    refused = optional("the rule that stands against it now")


class FileLine(Schema):
    id = fields.String(attribute="file.id")
    document = text()
    title = fields.Nested(Words)
    media = fields.String(attribute="file.media")
    size = fields.Integer(attribute="file.size", metadata=says("bytes"))
    at = moment()
    by = text()
    agency = text()
    name = text("what its sender called it")
    withheld = text("the class for which it is not for the reader's agency; empty where it is")


class StepView(Schema):
    """A step: its form as JSON Schema, the answers that are there, its files and the reader's own draft."""

    number = text(example=NUMBER)
    name = text(example="to_safe_place")
    title = fields.Nested(Words)
    mark = text(example="incomplete")
    may_record = fields.Boolean()
    only_read = optional("why the reader may not record it: closed, other_role or other_agency")
    form = fields.Dict(allow_none=True, metadata=says("JSON Schema of `answers`; null where the step has no form"))
    answers = fields.Dict(metadata=says('by field; `{"withheld": CLASS}` for one that is not for the reader'))
    chooses = fields.Dict(metadata=says("the parts that this step fills, and the agencies that may"))
    documents = fields.Dict(metadata=says("the papers of the step, by code"))
    draft = fields.Dict(allow_none=True)
    files = fields.List(fields.Nested(FileLine))
