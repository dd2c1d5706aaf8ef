"""Cases: list them, open one, read one, what has happened, what a way would do."""

from typing import Any

from flask import abort
from marshmallow import RAISE, Schema, fields, validate

from sop_engine.case.accountability import may_take
from sop_engine.case.refusal import Refusal
from sop_engine.services.case_page import CasePage, case_page
from sop_engine.services.day import Filter
from sop_engine.services.finding import Hit
from sop_engine.services.installation import actor_of
from sop_engine.services.listing import STATUSES, listed
from sop_engine.services.looks import looks_at
from sop_engine.services.repeating import sent_before
from sop_engine.services.screening import asks_first, screen
from sop_engine.services.sending import open_case
from sop_engine.services.side_by_side import both
from web import here
from web.api import door
from web.api.acts import answered
from web.api.case_shapes import Acted, Beside, CaseView, Foretold, History
from web.api.cursor import Paged, cursor_of, position_of
from web.api.group import Group
from web.api.list_shapes import Cases
from web.api.plain import plain
from web.api.shapes import optional, says
from web.api.taken import code, flag, head, taking, words

group = Group("cases", "Cases, and opening them.", "/cases")


class Narrowed(Paged):
    """Which cases are listed."""

    status = fields.String(load_default="open", validate=validate.OneOf(STATUSES))
    sop, stage, worker = code(), code(), code()


@group.operation("GET", "", "read", query=Narrowed, gives=Cases, name="list")
def list_cases(asked: dict[str, Any]) -> Any:
    """The cases of the agency, by number."""
    after, most = position_of(asked, str), asked["limit"]
    narrowed = Filter(asked.get("sop"), asked.get("stage"), asked.get("worker"))
    lines = listed(here.installation(), here.account(), narrowed, asked["status"], after or "", most + 1)
    further = cursor_of(lines[most - 1].number) if len(lines) > most else None
    return {"cases": lines[:most], "next": further}


KNOWN = taking("Known", name=words(200), phone=words(200), birth=words(60, "a date, a year or an age"), district=code())
OPENING = taking(
    "OpenRequest",
    sop=code(True, metadata={"example": "rescue-operation"}),
    entry=code(True, metadata={"example": "intel"}),
    parts=fields.Dict(keys=code(), values=code(), validate=validate.Length(max=20)),
    known=fields.Nested(KNOWN, metadata={"description": "what is known of a person; kept sealed in the case"}),
    anyway=flag("open although she may be known already"),
)  # fmt: skip


@group.operation("POST", "", "open", takes=OPENING, gives=Acted, status=201, errors=(409,), tagged=True, name="open")
def open_one(body: dict[str, Any]) -> Any:
    """Open a case. Where the person may be known already, the cases are listed (409), until it is asked `anyway`."""
    inst, account, values = here.installation(), here.account(), {}
    repeated = sent_before(inst, head()["id"])
    if asks_first(inst, body["sop"]) is not None and not repeated:
        found = screen(inst, account, body["sop"], body.get("known", {}), look=not body.get("anyway", False))
        if found.wrong:
            return door.problem(422, fields=dict(found.wrong))
        if found.hits:
            return door.problem(409, "may_be_known", KNOWN_ALREADY, hits=[_hit(one) for one in found.hits])
        values = dict(found.values)
    answer = answered(
        open_case(
            inst,
            actor_of(account),
            body["sop"],
            body["entry"],
            values,
            command_id=head()["id"],
            parts=body.get("parts"),
        )
    )
    return (answer[0], 201, answer[2]) if isinstance(answer, tuple) else answer


KNOWN_ALREADY = (
    "She may be known already: look at these cases, or send it again with anyway",
    "उहाँ पहिल्यै दर्ता हुनुभएको हुन सक्छ: यी विषय हेर्नुहोस्, वा anyway सहित फेरि पठाउनुहोस्",
)


def _hit(one: Hit) -> dict[str, Any]:
    return {"number": one.number, "why": list(one.why), "status": one.status}


@group.operation("GET", "/<number>", "read", gives=CaseView, tagged=True, name="one")
def one_case(number: str) -> Any:
    """A case: who is accountable, what is to be done, and the ways on. The look is written down."""
    found = case_page(here.installation(), here.account(), number)
    return _shown(found), 200, {"ETag": f'"{found.case.seq}"'}


def _shown(found: CasePage) -> dict[str, Any]:
    case = found.case
    return {
        "number": case.number, "sop": case.sop, "title": found.procedure.sop.title, "version": case.version,
        "about": case.about, "status": case.status, "outcome": case.outcome, "seq": case.seq, "worker": case.worker,
        "relations": sorted(found.relations), "content": found.content, "strip": found.strip, "steps": found.steps,
        "ways": [view for view in found.exits if may_take(view, case, here.account().agency)],
        "also_due": found.strip.also_due if found.content else [],
        "stopped": case.stop is not None if found.content else None,
        "merged_into": found.merged.number if found.merged is not None else None,
        "joined": found.joined,
        "consents": found.consents, "tasks": found.tasks, "referrals": found.referrals, "items": found.items,
        "told": found.told, "carried": plain(dict(found.carried)),
        "parent": found.parent.number if found.parent is not None else None,
        "children": [{"number": line.number, "strip": strip} for line, strip in found.children],
        "resembling": [{"number": one.number, "agency": one.agency, "closed": one.closed} for one in found.resembling],
    }  # fmt: skip


@group.operation("GET", "/<number>/history", "read", query=Paged, gives=History)
def history(asked: dict[str, Any], number: str) -> Any:
    """What has happened in a case, newest first, and who held it when."""
    found = case_page(here.installation(), here.account(), number)
    before, most = position_of(asked, int), asked["limit"]
    left = [line for line in found.history if before is None or line.seq < before]
    further = cursor_of(left[most - 1].seq) if len(left) > most else None
    return {"lines": left[:most], "next": further, "ledger": found.ledger if before is None else []}


class Looked(Schema):
    items = fields.List(fields.Dict(), metadata=says("who looked, of which agency, when, at what and what for"))
    next = optional("the cursor of the looks before these; null at the end")


class Onward(Schema):
    class Meta:
        unknown = RAISE

    cursor = fields.String(validate=validate.Length(max=200), metadata=says("`next` of the answer before"))


@group.operation("GET", "/<number>/looks", "read", query=Onward, gives=Looked)
def looks(asked: dict[str, Any], number: str) -> Any:
    """Who looked at a case, newest first, 50 at once: for the agency that is accountable for it."""
    page = position_of(asked, int) or 1
    found = looks_at(here.installation(), here.account(), number, page)
    lines = [{**plain(look), "person": found.names.get(look.person)} for look in found.lines]
    return {"items": lines, "next": cursor_of(page + 1) if found.further else None}


@group.operation("GET", "/<number>/beside/<other>", "read", gives=Beside)
def beside(number: str, other: str) -> Any:
    """A case beside one of which its holder was told, or that it holds too: before they are joined."""
    found = both(here.installation(), here.account(), number, other)
    if found.other is None:
        abort(404)
    return {"mine": found.mine, "other": found.other, "said": plain(dict(found.said)), "refused": _rule(found.refused)}


@group.operation("GET", "/<number>/ways/<exit>", "read", gives=Foretold)
def way(number: str, exit: str) -> Any:
    """What a way would do if it was taken now, and the rules that are confirmed by name."""
    found, account = case_page(here.installation(), here.account(), number), here.account()
    view = next((one for one in found.exits if one.name == exit and may_take(one, found.case, account.agency)), None)
    stage = found.procedure.sop.stages.get(found.case.stage or "")
    if view is None or stage is None:
        abort(404)
    told = found.foretold[exit]
    asked = [] if view.by_wish else [(place, rule) for place, rule in enumerate(stage.rules) if rule.ask]
    return {
        "way": view, "rules": [{"place": place, "text_": rule.text} for place, rule in asked],
        "first": told.first.act if told.first is not None else None,
        "events": [event.__struct_config__.tag for event in told.events], "acting": told.acting, "opens": told.opens,
        "refused": _rule(told.refused),
    }  # fmt: skip


def _rule(refused: Refusal | None) -> str | None:
    return refused.code if refused is not None else None
