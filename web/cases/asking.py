"""What is asked beside the steps: tasks, services of other agencies, and the red stop."""

from datetime import datetime

from flask import redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from sop_engine.case import commands as cmd
from sop_engine.case.refusal import Refusal
from sop_engine.services import links
from web import here
from web.cases import room
from web.cases.acts import Answer, ask_again, carry_out, head, sentence, with_colleague
from web.layout import language
from web.layout.said import tell
from web.layout.times import typed


@room.post("/<number>/stop")
def stop(number: str) -> Answer:
    return carry_out(
        number, cmd.RedStop(**head()), sentence("reason"), gettext("Stopped. A supervisor is asked to look.")
    )


@room.post("/<number>/release")
def release(number: str) -> Answer:
    return carry_out(number, cmd.Release(**head()), sentence("reason"), gettext("The red stop is released."))


@room.post("/<number>/emergencies/<key>")
def review_emergency(number: str, key: str) -> Answer:
    justified = {"yes": True, "no": False}.get(request.form.get("justified", ""))
    if justified is None:
        return ask_again(number, gettext("Say whether it was justified."), "justified")
    command = cmd.ReviewEmergency(emergency=key, justified=justified, **head())
    return carry_out(number, command, sentence("reason"), gettext("The review is kept."))


@room.post("/<number>/tasks")
def add_task(number: str) -> Answer:
    due = _due()
    if due is None:
        return ask_again(number, gettext("Say until when: a day and a time."), "due")
    worker = request.form.get("worker") or None
    agency = request.form.get("agency", "")
    command = cmd.AddTask(agency=agency, due=due, worker=worker if agency == here.account().agency else None, **head())
    return with_colleague(number, worker) or carry_out(number, command, sentence("task"), gettext("The task is added."))


@room.post("/<number>/tasks/<task>")
def end_task(number: str, task: str) -> Answer:
    command = cmd.EndTask(task=task, how=request.form.get("how", ""), **head())
    return carry_out(number, command, sentence("answer"), gettext("Noted."))


@room.post("/<number>/referrals")
def refer(number: str) -> Answer:
    due = _due()
    if due is None:
        return ask_again(number, gettext("Say until when: a day and a time."), "due")
    command = cmd.Refer(
        to=request.form.get("to", ""), service=request.form.get("service", ""), due=due,
        consent=request.form.get("consent") or None, **head(),
    )  # fmt: skip
    return carry_out(number, command, sentence("asked"), gettext("The service is asked for."))


@room.post("/<number>/referrals/<referral>")
def answer_referral(number: str, referral: str) -> Answer:
    """The answer to a service that was asked for, or taking it back."""
    answer = request.form.get("answer", "")
    if answer == "withdrawn":
        return carry_out(number, cmd.WithdrawReferral(referral=referral, **head()), done=gettext("Taken back."))
    command = cmd.AnswerReferral(
        referral=referral, answer=answer, reason=request.form.get("reason_code") or None, **head()
    )
    done = {"accepted": gettext("Noted: we do it."), "declined": gettext("Noted: we cannot.")}
    return carry_out(number, command, done=done.get(answer, gettext("Noted: it was given.")))


@room.post("/<number>/referrals/<referral>/link")
def make_link(number: str, referral: str) -> Response | str:
    """A link for a receiver without users here; shown once."""
    made = links.make_link(here.installation(), here.account(), number, referral)
    if isinstance(made, Refusal):
        tell(made.sentence(language()), "refused")
        return redirect(url_for("cases.page", number=number))
    return render_template("link.html", number=number, address=here.address("links.ask", token=made))


def _due() -> datetime | None:
    """The day and time by which something is asked; a day alone is meant until five in the afternoon."""
    return typed(request.form.get("due", ""), here.installation().clock(), hour="17:00")
