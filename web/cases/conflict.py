"""A conflict of interest: saying that an agency has one, signing it, and asking that it be lifted."""

from flask import redirect, request, url_for
from flask_babel import gettext

from sop_engine.case import commands as cmd
from sop_engine.case.refusal import Refusal
from web import here
from web.cases import room
from web.cases.acts import Answer, carry_out, head, send_it, sentence
from web.layout.said import tell


@room.post("/<number>/conflicts")
def declare_conflict(number: str) -> Answer:
    """The case is not there any more for the agency; where it is one's own, one is led away from it."""
    agency = request.form.get("agency", "")
    command = cmd.DeclareConflict(agency=agency, **head())
    done = gettext("The agency sees nothing of this case any more. A second person is asked to sign.")
    if agency != here.account().agency:
        return carry_out(number, command, sentence("reason"), done)
    if not isinstance(send_it(number, command, sentence("reason")), Refusal):
        tell(done, "done")
        return redirect(url_for("worklist.day"))
    return redirect(url_for("cases.page", number=number))


@room.post("/<number>/conflicts/<key>/confirm")
def confirm_conflict(number: str, key: str) -> Answer:
    return carry_out(number, cmd.ConfirmConflict(agency=key, **head()), done=gettext("Signed."))


@room.post("/<number>/conflicts/<key>/lift")
def lift_conflict(number: str, key: str) -> Answer:
    command = cmd.LiftConflict(agency=key, **head())
    return carry_out(number, command, sentence("reason"), gettext("A second person is asked to sign."))
