"""What goes between the log and the agencies that witness it."""

from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from sop_engine.case.refusal import Refusal
from sop_engine.services import witnessing
from web import here
from web.api.group import Group
from web.api.shapes import says, text
from web.api.taken import taking, words

group = Group("log", "The log of all events, for the agencies that witness it.", "/log")
MOST_NOTE = 20_000


class Since(Schema):
    class Meta:
        unknown = RAISE

    since = fields.Integer(
        load_default=0, validate=validate.Range(0, 2**53),
        metadata=says("how many entries the witness signed last; 0 where it never did"),
    )  # fmt: skip


class Request(Schema):
    request = text("what the witness is asked to sign, as docs/audit-format.md tells it")


class Signed(Schema):
    witnesses = fields.List(fields.String(), metadata=says("whose signatures count", ["ncrc.gov.np"]))


@group.operation("GET", "/request", "read", query=Since, gives=Request, errors=(409,))
def request(asked: dict[str, Any]) -> Any:
    """What a witness is asked to sign."""
    found = witnessing.request_since(here.installation(), asked["since"])
    return found if isinstance(found, Refusal) else {"request": str(found)}


NOTE = taking(
    "SignedCheckpoint", checkpoint=words(MOST_NOTE, "the checkpoint with the line of the witness", required=True)
)


@group.operation("POST", "/checkpoint", "read", takes=NOTE, gives=Signed, errors=(409,))
def checkpoint(body: dict[str, Any]) -> Any:
    """Take in a checkpoint that a witness signed; its signature is what counts, not who sends it."""
    names = witnessing.take_in(here.installation(), body["checkpoint"])
    return names if isinstance(names, Refusal) else {"witnesses": names}
