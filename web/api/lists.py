"""Lists: the day of a person, search, many cases at once, services, procedures, figures and homes."""

from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from sop_engine.case.refusal import Refusal
from sop_engine.services import sops
from sop_engine.services.caseload import assign_all, loads_of
from sop_engine.services.day import Filter, counts_of, shelf_of
from sop_engine.services.finding import MOST_LETTERS, Filters, asked_by, search
from sop_engine.services.links import make_link
from sop_engine.services.listing import STATUSES
from sop_engine.services.together import MOST, Act, accept_all, act_together, together
from web import here
from web.api import door
from web.api.cursor import cursor_of, position_of
from web.api.group import Group
from web.api.list_shapes import Chosen, Day, Found, Link, Many, Me, Shelf
from web.api.plain import plain
from web.api.taken import LONGEST, Moment, code, head, taking, words

group = Group("lists", "What is to be done, what there is, and how it goes.")


@group.operation("GET", "/me", "read", gives=Me)
def me() -> Any:
    """For whom the token acts."""
    inst, account = here.installation(), here.account()
    return {
        "id": account.id, "shown_as": account.shown_as, "agency": account.agency, "roles": sorted(account.roles),
        "scopes": sorted(door.scopes()), "openings": [plain(one) for one in sops.openings(inst, account)],
        "colleagues": [
            {"id": load.worker.id, "shown_as": load.worker.shown_as, "cases": load.cases, "late": load.late}
            for load in loads_of(inst, account)
        ],
    }  # fmt: skip


@group.operation("GET", "/day", "read", gives=Day)
def day() -> Any:
    """How much stands on each shelf and in each inbox of this person, each counted up to 500."""
    return {"counts": counts_of(here.installation(), here.account())}


class Narrowed(Schema):
    class Meta:
        unknown = RAISE

    cursor = fields.String(validate=validate.Length(max=200))
    sop, stage, worker = code(), code(), code()


@group.operation("GET", "/day/<shelf>", "read", query=Narrowed, gives=Shelf)
def shelf(asked: dict[str, Any], shelf: str) -> Any:
    """One shelf or inbox of the day, 25 rows at once, those due first."""
    page = position_of(asked, int) or 1
    narrowed = Filter(asked.get("sop"), asked.get("stage"), asked.get("worker"))
    found = shelf_of(here.installation(), here.account(), shelf, page, narrowed)
    return {
        "name": found.shelf.name, "count": found.shelf.count, "over": found.shelf.over, "rows": found.shelf.rows,
        "next": cursor_of(page + 1) if found.further else None,
    }  # fmt: skip


ASKED = taking(
    "SearchRequest", typed=words(MOST_LETTERS, "a name, a phone number or a token", required=True),
    status=fields.String(validate=validate.OneOf(STATUSES)), sop=code(), district=code(),
)  # fmt: skip


@group.operation("POST", "/search", "find", takes=ASKED, gives=Found)
def find(body: dict[str, Any]) -> Any:
    """Find cases by a name, a phone number or a token. Each case that is listed is written down as looked at."""
    asked = asked_by(body["typed"])
    if not asked:
        return door.problem(422, "nothing_asked", NOTHING_ASKED)
    filters = Filters(body.get("status", ""), body.get("sop", ""), body.get("district", ""))
    return search(here.installation(), here.account(), asked, filters)


NOTHING_ASKED = ("Write a name, a phone number or a token", "नाम, फोन नम्बर वा टोकन लेख्नुहोस्")
NUMBERS = fields.List(
    fields.String(validate=validate.Length(max=20)), required=True, validate=validate.Length(min=1, max=MOST),
    metadata={"example": ["NP-7K3F-92QT"]},
)  # fmt: skip
CHOOSING = taking("ChooseRequest", numbers=NUMBERS)


@group.operation("POST", "/together", "read", takes=CHOOSING, gives=Chosen)
def choose(body: dict[str, Any]) -> Any:
    """What can be done with some cases together, and who is ready for it. Changes nothing."""
    found = together(here.installation(), here.account(), body["numbers"])
    return {
        "chosen": [one.case.number for one in found.chosen], "missing": found.missing, "offered": found.offered,
        "with_us": found.with_us,
        "stopped": found.stopped,
        "to_sign": [{"way": title.en, "title": title, "numbers": numbers} for title, numbers in found.to_sign],
        "ways": [
            {
                "key": way.key, "title": way.title, "ready": way.ready, "to": way.to, "reason": way.reason,
                "lacking": [{"number": number, "rules": [one.code for one in lacks]} for number, lacks in way.lacking],
                "rules": [{"place": place, "text_": rule.text} for place, rule in way.rules],
            }
            for way in found.ways
        ],
    }  # fmt: skip


DOING = taking(
    "TogetherRequest", numbers=NUMBERS, counted=fields.Integer(strict=True, validate=validate.Range(0, MOST)),
    what=fields.String(required=True, validate=validate.OneOf(["go", "accept", "sign", "hand_over"])),
    way=fields.String(load_default="", validate=validate.Length(max=200)), to=code(),
    reason=fields.String(load_default="", validate=validate.Length(max=LONGEST)),
    confirmed=fields.List(fields.Integer(strict=True, validate=validate.Range(0, 10_000)), load_default=list),
    happened=Moment(),
)  # fmt: skip


@group.operation("POST", "/together/acts", "act", takes=DOING, gives=Many, errors=(409,))
def act_on_many(body: dict[str, Any]) -> Any:
    """Do one thing with each of these cases. People who move are counted: the count must match."""
    inst, account, numbers = here.installation(), here.account(), body["numbers"]
    if body["what"] in ("go", "hand_over") and body.get("counted") != len(set(numbers)):
        return door.problem(409, "counted", COUNTED)
    act = Act(body["what"], body["way"], body.get("to"), tuple(body["confirmed"]), body["reason"], body.get("happened"))
    return _many(act_together(inst, account, head()["id"], act, numbers))


COUNTED = (
    "Count the people and send the number as counted: find out who is missing before anybody moves",
    "व्यक्तिहरू गनेर counted मा पठाउनुहोस्: कोही सर्नुअघि को छुटेको छ पत्ता लगाउनुहोस्",
)


def _many(done: list[tuple[str, Refusal | None]]) -> dict[str, Any]:
    each = [
        {
            "number": number, "done": no is None, "rule": no.code if no is not None else None,
            "detail": no.sentence("en") if no is not None else None,
        }
        for number, no in done
    ]  # fmt: skip
    return {"done": sum(one["done"] for one in each), "each": each}


@group.operation("POST", "/offers/<number>/accept-all", "act", gives=Many)
def accept_many(number: str) -> Any:
    """Accept everything that one operation offers to the agency."""
    return _many(accept_all(here.installation(), here.account(), number, head()["id"]))


GIVING = taking(
    "AssignManyRequest",
    numbers=NUMBERS,
    worker=fields.String(required=True, allow_none=True, validate=validate.Length(max=32)),
)


@group.operation("POST", "/assignments", "act", takes=GIVING, gives=Many)
def assign_many(body: dict[str, Any]) -> Any:
    """Give some cases to one worker of the agency, or to nobody."""
    return _many(assign_all(here.installation(), here.account(), head()["id"], body["numbers"], body["worker"]))


@group.operation("POST", "/cases/<number>/referrals/<referral>/link", "act", gives=Link, errors=(409,))
def link(number: str, referral: str) -> Any:
    """A link for a receiver without users here: it opens once."""
    made = make_link(here.installation(), here.account(), number, referral)
    return made if isinstance(made, Refusal) else {"address": here.address("links.ask", token=made)}
