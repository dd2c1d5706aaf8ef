"""How each word of the SOP language is read from a file: one kind per value, one record per word.

Adding a word means adding it to `language.py`, here, and to `docs/sop-language.md`; a test fails when one lacks.
"""

import re
from typing import Any

from sop_engine.sop import language as say
from sop_engine.sop.calendar import Duration, read_day
from sop_engine.sop.conditions import CONDITION, condition_schema
from sop_engine.sop.reading import (
    BROKEN,
    ByKey,
    Key,
    Kind,
    Later,
    ListOf,
    MapOf,
    Notes,
    OneWord,
    Record,
    TextKind,
    Word,
    YesNo,
    not_a,
)
from sop_engine.sop.source import Node

FIELD_TYPES = (
    "text", "long_text", "integer", "decimal", "money", "yes_no", "yn", "choice", "several", "date", "datetime",
    "person", "agency", "place", "border_point", "country", "document", "rows",
)  # fmt: skip
CLASSES = ("identity", "contact", "health", "story", "legal", "location", "staff")
FINDS = ("name", "phone", "handle", "birth")
CLOSING_REASONS = (
    "no_concern", "completed", "declined", "lost_contact", "left", "died", "not_a_victim", "som_only", "unfounded",
    "duplicate", "transferred_abroad", "court_custody", "not_national", "referred", "re_trafficked", "rejected",
    "under_investigation", "partly_completed", "not_completed", "escalated", "closed_down",
)  # fmt: skip
FACT_MAKERS = (
    "under_18", "age_band", "district", "is", "is_not", "filled", "count", "time", "grade", "score",
    "findings", "unfixed",
)  # fmt: skip
FORM_NAME = re.compile(r"^F-[A-Z0-9-]+$")
SUBJECTS = ("person", "suspect", "operation", "home", "activity", "proposal")


class TextPair:
    """A sentence, or an `en`/`ne` pair of sentences."""

    def read(self, node: Node, notes: Notes) -> Any:
        if node.text:
            return say.Text(" ".join(node.text.split()))
        if node.entries is None:
            return notes.mistake(node.place, not_a(node, "a sentence, or an en/ne pair"))
        said: dict[str, str] = {}
        for key, (place, child) in node.entries.items():
            if key not in ("en", "ne"):
                return notes.mistake(
                    place,
                    f"'{key}' stands beside en and ne: the sentence was cut at a comma or colon, quote the sentence",
                )
            if not child.text:
                return notes.mistake(child.place, not_a(child, f"the sentence in '{key}'"))
            said[key] = " ".join(child.text.split())
        if "en" not in said:
            return notes.mistake(node.place, "the English sentence is missing: add 'en'")
        return say.Text(said["en"], said.get("ne"))

    def schema(self) -> dict[str, Any]:
        return {"$ref": "#/$defs/text"}


class NeededKind:
    """`always`, `optional`, or `{if: CONDITION}`."""

    def read(self, node: Node, notes: Notes) -> Any:
        if node.text == "always":
            return say.Needed(True)
        if node.text == "optional":
            return say.Needed(False)
        if node.entries is not None and set(node.entries) == {"if"}:
            condition = CONDITION.read(node.entries["if"][1], notes)
            return BROKEN if condition is BROKEN else say.Needed(False, condition)
        return notes.mistake(node.place, "write always, optional or {if: CONDITION}")

    def schema(self) -> dict[str, Any]:
        when = {
            "type": "object",
            "properties": {"if": CONDITION.schema()},
            "required": ["if"],
            "additionalProperties": False,
        }
        return {"anyOf": [{"enum": ["always", "optional"]}, when]}


class SourceKind:
    """`proposed`, `clinical`, `{law: INSTRUMENT/ARTICLE}` or `{guideline: INSTRUMENT}`."""

    def read(self, node: Node, notes: Notes) -> Any:
        if node.text in ("proposed", "clinical"):
            return say.Source(node.text)
        if node.entries is not None and len(node.entries) == 1:
            key, (_, child) = next(iter(node.entries.items()))
            if key in ("law", "guideline") and child.text:
                return say.Source(key, child.text)
        return notes.mistake(
            node.place,
            "say where this comes from: proposed, clinical, {law: INSTRUMENT/ARTICLE} or {guideline: INSTRUMENT}",
        )

    def schema(self) -> dict[str, Any]:
        entry = {
            "type": "object",
            "properties": {"law": {"type": "string"}, "guideline": {"type": "string"}},
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": False,
        }
        return {"anyOf": [{"enum": ["proposed", "clinical"]}, entry]}


def _percent(text: str) -> int:
    if text.endswith("%") and text[:-1].isascii() and text[:-1].isdecimal() and 0 < int(text[:-1]) < 100:
        return int(text[:-1])
    raise ValueError(f"'{text}' is no share of the time: write it as 50%")


def _lasts(text: str) -> Duration | None:
    return None if text == "until withdrawn" else Duration.read(text)


def _whole(text: str) -> int:
    if text.isascii() and text.isdecimal() and len(text) < 6:
        return int(text)
    raise ValueError(f"'{text}' is no whole number")


MOST_WAYS = 100
TEXT: Kind = TextPair()
NAME: Kind = TextKind("a name")
NAMES: Kind = ListOf(NAME)
YES_NO: Kind = YesNo()
WHOLE: Kind = TextKind("a whole number", _whole)
DURATION: Kind = TextKind("a duration such as '4 hours'", Duration.read)
SOURCE: Kind = SourceKind()
CEL: Kind = TextKind("a CEL expression")
FREEZABLE: Kind = OneWord(("referral", "family_contact", "travel"))
SECOND_PERSON: Kind = Later(lambda: SIGNATURES, "signatures")


def _asked(node: Node, notes: Notes) -> Any:
    name = NAME.read(node, notes)
    return BROKEN if name is BROKEN else say.Asked(name, place=node.place)


def _row_field(node: Node, notes: Notes) -> Any:
    return notes.mistake(node.place, "a column needs a type and a title: {type: text, title: Name}")


FIELD_KEYS = {
    "type": Key(OneWord(FIELD_TYPES), required=True),
    "title": Key(TEXT, required=True),
    "of": Key(NAMES),
    "labels": Key(MapOf(TEXT)),
    "open": Key(YES_NO),
    "class": Key(OneWord(CLASSES), called="class_"),
    "cooperation": Key(YES_NO),
    "precision": Key(OneWord(("day", "any"))),
    "finds": Key(OneWord(FINDS)),
    "help": Key(TEXT),
}
ROW_FIELD = Record(say.Field, FIELD_KEYS, _row_field)
FIELD = Record(say.Field, {**FIELD_KEYS, "row": Key(MapOf(ROW_FIELD)), "standard": Key(NAME)})

PART = Record(
    say.Part,
    {
        "kind": Key(NAMES, required=True),
        "title": Key(TEXT),
        "from_parent": Key(NAME),
        "found_by": Key(MapOf(NAME)),
        "chosen_in": Key(NAME),
        "acts_through": Key(NAME),
        "if": Key(CONDITION, called="if_"),
        "opens": Key(YES_NO),
        "kept_out": Key(YES_NO),
    },
)
FACT = Record(
    say.Fact,
    {
        "from": Key(NAMES, required=True, called="from_"),
        "as": Key(OneWord(FACT_MAKERS), called="as_"),
        "yes_if": Key(CONDITION),
        "first_of": Key(
            ListOf(
                Record(
                    say.Case,
                    {
                        "is": Key(NAME, required=True, called="is_"),
                        "if": Key(CONDITION, required=True, called="if_"),
                    },
                ),
                single=False,
            )
        ),
        "else": Key(NAME, called="else_"),
        "rule": Key(CEL),
        "value": Key(NAME),
        "on": Key(NAME),
        "plus": Key(DURATION),
        "missing": Key(NAME),
        "class": Key(OneWord(CLASSES), called="class_"),
        "title": Key(TEXT),
    },
)
SECTION = Record(
    say.Section,
    {
        "title": Key(TEXT),
        "fields": Key(
            ListOf(
                Record(
                    say.Asked,
                    {"field": Key(NAME, required=True), "help": Key(TEXT), "optional": Key(YES_NO)},
                    _asked,
                )
            ),
            required=True,
        ),
        "show_if": Key(CONDITION),
    },
)
FORM = Record(
    say.Form,
    {
        "title": Key(TEXT, required=True),
        "sections": Key(ListOf(SECTION), required=True),
        "signatures": Key(NAMES),
    },
)
CONSENT = Record(
    say.Consent,
    {
        "title": Key(TEXT, required=True),
        "text": Key(TEXT, required=True),
        "given_by": Key(MapOf(NAME), required=True),
        "assent": Key(OneWord(("required",))),
        "lasts": Key(TextKind("a duration, or `until withdrawn`", _lasts)),
    },
)
DEADLINE = Record(
    say.Deadline,
    {
        "within": Key(DURATION),
        "until": Key(NAME),
        "each": Key(NAME),
        "at_most": Key(
            Record(say.AtMost, {"by": Key(NAME, required=True), "cases": Key(MapOf(DURATION), required=True)})
        ),
        "fixed_in": Key(NAME),
        "if": Key(CONDITION, called="if_"),
        "source": Key(SOURCE),
        "none": Key(TEXT),
        "extend": Key(Record(say.Extend, {"times": Key(WHOLE, required=True), "second_person": Key(SECOND_PERSON)})),
    },
)
DEADLINES = ListOf(DEADLINE)
ESCALATION = Record(
    say.Escalation,
    {
        "overdue_by": Key(DURATION, required=True),
        "informs": Key(NAMES, required=True),
        "if": Key(CONDITION, called="if_"),
    },
)
ALERT = Record(say.Alert, {"if": Key(CONDITION, required=True, called="if_"), "informs": Key(NAMES, required=True)})
RULE = Record(
    say.Sentence,
    {
        "text": Key(TEXT, required=True),
        "source": Key(SOURCE, required=True),
        "ask": Key(OneWord(("at_exit",))),
    },
)


class SignKind:
    """`before`, or `{after: DURATION}`: read into None or the duration."""

    def read(self, node: Node, notes: Notes) -> Any:
        if node.text == "before":
            return None
        if node.entries is not None and set(node.entries) == {"after"}:
            return DURATION.read(node.entries["after"][1], notes)
        return notes.mistake(node.place, "write before, or {after: 24 hours}")

    def schema(self) -> dict[str, Any]:
        after = {
            "type": "object",
            "properties": {"after": DURATION.schema()},
            "required": ["after"],
            "additionalProperties": False,
        }
        return {"anyOf": [{"const": "before"}, after]}


SIGNATURE = Record(
    say.Signature,
    {
        "role": Key(NAME, required=True),
        "of": Key(NAME),
        "sign": Key(SignKind(), required=True, called="after"),
        "if": Key(CONDITION, called="if_"),
    },
)
SIGNATURES: Kind = ListOf(SIGNATURE)


_WITH_EACH = {"say": Key(TEXT), "fix": Key(NAME), "if": Key(CONDITION, called="if_")}
_COUNTED = {
    "at_least": Key(WHOLE, required=True),
    "on_different": Key(OneWord(("days",))),
    "where": Key(CONDITION),
}


def _required(kind: str, **keys: Key) -> Record:
    return Record(say.Requirement, {**keys, **_WITH_EACH}, fixed={"kind": kind})


REQUIREMENT: ByKey = ByKey(
    {
        "done": _required("done", done=Key(NAMES, required=True, called="names")),
        "consent": _required("consent", consent=Key(NAMES, required=True, called="names")),
        "step": _required(
            "fresh",
            step=Key(NAMES, required=True, called="names"),
            not_older_than=Key(DURATION, required=True),
        ),
        "count": _required("count", count=Key(NAMES, required=True, called="names"), in_a_row=Key(YES_NO), **_COUNTED),
        "last": _required(
            "last",
            last=Key(NAMES, required=True, called="names"),
            are=Key(WHOLE, required=True, called="at_least"),
            where=Key(CONDITION, required=True),
        ),
        "consulted": _required("consulted", consulted=Key(NAMES, required=True, called="names")),
        "any_of": _required(
            "any_of",
            any_of=Key(ListOf(Later(lambda: REQUIREMENT, "requirement"), single=False), required=True, called="parts"),
        ),
        "rule": _required("rule", rule=Key(CEL, required=True)),
        "where": _required("where", where=Key(CONDITION, required=True)),
    }
)
REQUIREMENTS = ListOf(REQUIREMENT)
UNDER = Record(
    say.Under,
    {
        "consent": Key(NAME),
        "limited_by": Key(NAME),
        "always": Key(NAMES),
        "source": Key(SOURCE),
    },
)
SPAWN = Record(
    say.Spawn,
    {
        "name": Key(NAME, required=True),
        "sop": Key(NAME, required=True),
        "at": Key(NAME, required=True),
        "for_each": Key(NAME),
        "same_person": Key(YES_NO),
        "bind": Key(MapOf(NAME)),
        "carry": Key(NAMES),
        "under": Key(UNDER),
    },
)
REPEAT = Record(
    say.Repeat,
    {
        "every": Key(DURATION),
        "at": Key(ListOf(DURATION)),
        "until": Key(DURATION),
        "since": Key(OneWord(("stage",))),
    },
)


class DoerKind:
    """Who does a step: a part, PART.ROLE, `holder`, or `{any_of: [PART, …]}`."""

    def read(self, node: Node, notes: Notes) -> Any:
        if node.entries is not None and set(node.entries) == {"any_of"}:
            return NAMES.read(node.entries["any_of"][1], notes)
        return NAMES.read(node, notes)

    def schema(self) -> dict[str, Any]:
        several = {
            "type": "object",
            "properties": {"any_of": NAMES.schema()},
            "required": ["any_of"],
            "additionalProperties": False,
        }
        return {"anyOf": [NAMES.schema(), several]}


DOCUMENT = Record(
    say.Document,
    {
        "title": Key(TEXT),
        "needed": Key(NeededKind()),
        "class": Key(OneWord(CLASSES), required=True, called="class_"),
    },
)


def _informed(node: Node, notes: Notes) -> Any:
    part = NAME.read(node, notes)
    return BROKEN if part is BROKEN else say.Informed(part)


AWAITS = Record(
    say.Awaits,
    {"answer_of": Key(NAME, required=True), "within": Key(DURATION), "chase_every": Key(DURATION)},
)
INFORMED = Record(say.Informed, {"part": Key(NAME, required=True), "carries": Key(NAMES)}, _informed)
STEP = Record(
    say.Step,
    {
        "title": Key(TEXT, required=True),
        "done_by": Key(DoerKind()),
        "form": Key(NAME),
        "needed": Key(NeededKind()),
        "only_if": Key(CONDITION),
        "requires": Key(REQUIREMENTS),
        "documents": Key(MapOf(DOCUMENT)),
        "deadline": Key(DEADLINES),
        "owed": Key(Record(say.Deadline, {"within": Key(DURATION, required=True), "source": Key(SOURCE)})),
        "repeat": Key(REPEAT),
        "asks_consent": Key(NAME),
        "awaits": Key(AWAITS),
        "with": Key(NAME, called="with_"),
        "mark": Key(NAME),
        "different_people": Key(WHOLE),
        "settles": Key(NAME),
        "kept_from": Key(NAMES),
        "spawn": Key(SPAWN),
        "statement": Key(YES_NO),
        "freezable": Key(FREEZABLE),
        "source": Key(SOURCE),
        "help": Key(TEXT),
    },
)
LEAVES = Record(say.Leaves, {"step": Key(NAME, required=True), "within": Key(DURATION, required=True)})


class ReasonKind:
    """`required`: a sentence must be given."""

    def read(self, node: Node, notes: Notes) -> Any:
        if node.text == "required":
            return True
        return notes.mistake(node.place, "write 'required', or leave the key out")

    def schema(self) -> dict[str, Any]:
        return {"const": "required"}


class NotBeforeKind:
    """When an exit opens: `deadline` (of the stage), or a duration since the stage was entered."""

    def read(self, node: Node, notes: Notes) -> Any:
        if node.text == "deadline":
            return say.Deadline(until=Word("deadline", node.place), place=node.place)
        within = DURATION.read(node, notes)
        return BROKEN if within is BROKEN else say.Deadline(within=within, place=node.place)

    def schema(self) -> dict[str, Any]:
        return {"type": "string"}


TELL = Record(say.Tell, {"sop": Key(NAME, required=True), "event": Key(NAME, required=True), "carries": Key(NAMES)})
EXIT = Record(
    say.Exit,
    {
        "title": Key(TEXT, required=True),
        "goes_to": Key(NAME),
        "ends": Key(NAME),
        "only_if": Key(CONDITION),
        "requires": Key(REQUIREMENTS),
        "by": Key(NAME),
        "by_wish": Key(OneWord(("person",))),
        "second_person": Key(SIGNATURES),
        "reason": Key(ReasonKind()),
        "asks_steps": Key(YES_NO),
        "lapse": Key(YES_NO),
        "not_before": Key(ListOf(NotBeforeKind())),
        "at_most": Key(WHOLE),
        "not_in": Key(NAMES),
        "leaves": Key(LEAVES),
        "spawn": Key(SPAWN),
        "tell": Key(TELL),
        "freezable": Key(FREEZABLE),
    },
)


WAIT_FOR = Record(
    say.WaitFor,
    {
        "children": Key(NAME, required=True),
        "all": Key(NAME, called="all_"),
        "any": Key(NAME, called="any_"),
        "joins_later": Key(YES_NO),
        "override": Key(
            Record(say.Override, {"second_person": Key(SIGNATURES, required=True), "reason": Key(ReasonKind())})
        ),
    },
)
TAKING_OVER = Record(
    say.TakingOver,
    {"on_signature": Key(NAME), "by_law": Key(NAME), "accept_within": Key(DURATION)},
)
EXCEPTION = Record(
    say.Exception_,
    {
        "if": Key(CONDITION, required=True, called="if_"),
        "use": Key(NAME, required=True),
        "hide_from": Key(NAMES),
    },
)


def _one_part(node: Node, notes: Notes) -> Any:
    part = NAME.read(node, notes)
    return BROKEN if part is BROKEN else say.Accountable(part=part, place=node.place)


ACCOUNTABLE = Record(
    say.Accountable,
    {
        "depends_on": Key(NAME),
        "cases": Key(MapOf(NAME)),
        "part": Key(NAME),
        "except": Key(ListOf(EXCEPTION), called="except_"),
    },
    _one_part,
)
STAGE = Record(
    say.Stage,
    {
        "title": Key(TEXT, required=True),
        "accountable": Key(ACCOUNTABLE, required=True),
        "service": Key(YES_NO, required=True),
        "protection": Key(YES_NO),
        "decided_by": Key(ACCOUNTABLE),
        "deadline": Key(DEADLINES, required=True),
        "taking_over": Key(TAKING_OVER),
        "remind_at": Key(ListOf(TextKind("a share such as 50%", _percent))),
        "escalate": Key(ListOf(ESCALATION)),
        "alert": Key(ListOf(ALERT)),
        "informs": Key(ListOf(INFORMED)),
        "consults": Key(NAMES),
        "rules": Key(ListOf(RULE)),
        "steps": Key(MapOf(STEP)),
        "wait_for": Key(WAIT_FOR),
        "go": Key(MapOf(EXIT, most=MOST_WAYS)),
        "with": Key(NAME, called="with_"),
    },
)
ENTRY = Record(
    say.Entry,
    {
        "by": Key(NAME),
        "only": Key(OneWord(("spawned",))),
        "with": Key(NAME, called="with_"),
        "title": Key(TEXT),
    },
)
OUTCOME = Record(
    say.Outcome,
    {
        "title": Key(TEXT, required=True),
        "closes_as": Key(OneWord(CLOSING_REASONS), required=True),
        "settled": Key(YES_NO),
        "erase": Key(MapOf(DURATION)),
        "erase_from": Key(OneWord(("end", "majority"))),
    },
)
MOMENT = Record(say.Moment, {"entered": Key(NAME), "left": Key(NAME), "done": Key(NAME), "reaches": Key(NAME)})
TRACK = Record(
    say.Track,
    {
        "title": Key(TEXT, required=True),
        "owner": Key(NAME, required=True),
        "states": Key(ListOf(NAME, single=False, least=2), required=True),
        "labels": Key(MapOf(TEXT)),
        "begins": Key(CONDITION),
        "moves": Key(
            MapOf(Record(say.Move, {"from": Key(NAMES, required=True, called="from_"), "done_by": Key(NAME)}))
        ),
        "deadline": Key(
            ListOf(
                Record(
                    say.TrackDeadline,
                    {
                        "reaches": Key(NAME, required=True),
                        "within": Key(DURATION, required=True),
                        "since": Key(NAME, required=True),
                        "source": Key(SOURCE, required=True),
                    },
                )
            )
        ),
        "open_at_end": Key(SIGNATURES),
    },
)
STANDING = Record(
    say.Standing,
    {
        "after": Key(
            Record(
                say.After,
                {
                    "marked": Key(NAME),
                    "done": Key(NAMES),
                    "entered": Key(NAME),
                    "received": Key(OneWord(("handover",))),
                },
            ),
            required=True,
        ),
        "redo": Key(NAMES, required=True),
        "within": Key(DURATION, required=True),
        "blocks": Key(ListOf(FREEZABLE)),
        "source": Key(SOURCE, required=True),
    },
)
CLOCK = Record(
    say.Clock,
    {
        "title": Key(TEXT, required=True),
        "if": Key(CONDITION, called="if_"),
        "starts": Key(MOMENT, required=True),
        "stops": Key(MOMENT, required=True),
        "within": Key(DURATION, required=True),
        "excluding": Key(
            Record(
                say.Excluding,
                {"from": Key(NAME, required=True, called="from_"), "to": Key(NAME, required=True)},
            )
        ),
        "charged_to": Key(NAME, required=True),
        "source": Key(SOURCE, required=True),
    },
)
PERIOD = Record(
    say.Period,
    {
        "title": Key(TEXT, required=True),
        "holder": Key(NAME, required=True),
        "starts": Key(MOMENT, required=True),
        "lasts": Key(DURATION, required=True),
        "ends_early": Key(MOMENT),
        "source": Key(SOURCE, required=True),
    },
)
EVERY = Record(
    say.Every,
    {
        "every": Key(DURATION, required=True),
        "while": Key(NAME, required=True, called="while_"),
        "spawn": Key(SPAWN, required=True),
    },
)
HEARS = Record(
    say.Hears,
    {
        "from": Key(NAME, required=True, called="from_"),
        "sets": Key(MapOf(NAME)),
        "offers": Key(NAME),
        "within": Key(DURATION),
    },
)
HOLD = Record(
    say.Hold,
    {
        "title": Key(TEXT),
        "review_within": Key(DURATION, required=True),
        "by": Key(NAME, required=True),
        "not_in": Key(NAMES),
    },
)
REOPEN_RULE = Record(
    say.ReopenRule,
    {
        "goes_to": Key(NAME, required=True),
        "for": Key(DURATION, called="for_"),
        "from": Key(NAMES, called="from_"),
        "second_person": Key(SIGNATURES),
    },
)
REOPEN = Record(
    say.Reopen,
    {
        "reasons": Key(NAMES),
        "new_episode": Key(MapOf(SPAWN)),
        "of_right": Key(REOPEN_RULE),
        "else": Key(REOPEN_RULE, required=True, called="otherwise"),
    },
)
DAY: Kind = TextKind("a day such as 2026-01-01 or BS 2082-09-17", read_day)
SOP = Record(
    say.Sop,
    {
        "sop": Key(NAME, required=True),
        "title": Key(TEXT, required=True),
        "summary": Key(TEXT),
        "about": Key(OneWord(SUBJECTS), required=True),
        "standing": Key(OneWord(("model draft", "official")), required=True),
        "issued_by": Key(NAME, required=True),
        "in_force": Key(DAY, required=True),
        "calendar": Key(OneWord(("gregorian", "bikram sambat"))),
        "uses_forms": Key(NAMES),
        "agencies": Key(MapOf(PART), required=True),
        "roles": Key(MapOf(TEXT)),
        "fields": Key(MapOf(FIELD)),
        "facts": Key(MapOf(FACT)),
        "forms": Key(MapOf(FORM, name=FORM_NAME)),
        "consents": Key(MapOf(CONSENT)),
        "opens_at": Key(MapOf(ENTRY), required=True),
        "clocks": Key(MapOf(CLOCK)),
        "periods": Key(MapOf(PERIOD)),
        "steps": Key(MapOf(STEP)),
        "stages": Key(MapOf(STAGE, most=MOST_WAYS), required=True),
        "outcomes": Key(MapOf(OUTCOME), required=True),
        "anywhere": Key(MapOf(EXIT, most=MOST_WAYS)),
        "milestones": Key(MapOf(MOMENT)),
        "tracks": Key(MapOf(TRACK)),
        "always": Key(ListOf(STANDING)),
        "every": Key(ListOf(EVERY)),
        "hears": Key(MapOf(HEARS)),
        "holds": Key(MapOf(HOLD)),
        "alert": Key(ListOf(ALERT)),
        "reopen": Key(REOPEN),
        "refusal_reasons": Key(MapOf(TEXT)),
    },
)
SHARED_FORMS = Record(
    say.SharedForms,
    {"fields": Key(MapOf(FIELD), required=True), "forms": Key(SOP.keys["forms"].of, required=True)},
)


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of an SOP file, for editors that complete and check while one writes."""
    pair = {
        "type": "object",
        "properties": {"en": {"type": "string"}, "ne": {"type": "string"}},
        "required": ["en"],
        "additionalProperties": False,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "SOP",
        **SOP.schema(),
        "$defs": {
            "text": {"anyOf": [{"type": "string"}, pair]},
            "condition": condition_schema(),
            "requirement": {"anyOf": [kind.schema() for kind in REQUIREMENT.shapes.values()]},
            "signatures": SIGNATURES.schema(),
        },
    }
