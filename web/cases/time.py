"""The time of a case: holding it up, letting it run again, more of it; and giving the case to another agency."""

from flask import request
from flask_babel import gettext

from sop_engine.case import commands as cmd
from web import here
from web.cases import room
from web.cases.acts import Answer, ask_again, carry_out, head, sentence
from web.layout.times import typed


@room.post("/<number>/hold")
def hold(number: str) -> Answer:
    return carry_out(number, cmd.Hold(reason=request.form.get("reason_code", ""), **head()), sentence("reason"))


@room.post("/<number>/resume")
def resume(number: str) -> Answer:
    return carry_out(number, cmd.Resume(**head()), done=gettext("The time runs again."))


@room.post("/<number>/extend")
def extend(number: str) -> Answer:
    until = typed(request.form.get("until", ""), here.installation().clock())
    if until is None:
        return ask_again(number, gettext("Say until when: a day and a time."), "until")
    return carry_out(number, cmd.Extend(until=until, **head()), sentence("reason"), gettext("More time is asked for."))


@room.post("/<number>/reassign")
def reassign(number: str) -> Answer:
    """An oversight body gives the case to another agency; a second person of it signs."""
    command = cmd.Reassign(
        to=request.form.get("to", ""), hide_from_former=request.form.get("hide_from_former") == "yes", **head()
    )
    return carry_out(number, command, sentence("reason"), gettext("A second person is asked to sign."))
