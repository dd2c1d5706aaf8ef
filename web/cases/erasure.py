"""How long what was said is kept: legal holds, its erasure, and the certificate of that."""

from flask import abort, render_template, request
from flask_babel import gettext

from sop_engine.case import commands as cmd
from sop_engine.services.certificate import certificate
from web import here
from web.cases import room
from web.cases.acts import Answer, carry_out, head, sentence


@room.post("/<number>/hold-for-law")
def hold_for_law(number: str) -> Answer:
    return carry_out(number, cmd.HoldForLaw(**head()), sentence("reason"), gettext("It is held: nothing is erased."))


@room.post("/<number>/let-go")
def let_go(number: str) -> Answer:
    command = cmd.LetGo(of=request.form.get("of", ""), **head())
    return carry_out(number, command, sentence("reason"), gettext("The hold is ended."))


@room.post("/<number>/erase")
def erase(number: str) -> Answer:
    command = cmd.Erase(because=request.form.get("because", ""), **head())
    return carry_out(number, command, sentence("reason"), gettext("A second person is asked to sign."))


@room.get("/<number>/erasure")
def erasure(number: str) -> str:
    inst = here.installation()
    found = certificate(inst, here.account(), number)
    if found is None:
        abort(404)
    return render_template("erasure.html", found=found, directory=inst.directory_now())
