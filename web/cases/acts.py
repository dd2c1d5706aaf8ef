"""Acts on a case that need one form at most: sign, consents, where she is, notes, who works on it, papers."""

from typing import Any

from flask import redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from sop_engine.case import commands as cmd
from sop_engine.case.refusal import Refusal
from sop_engine.services.installation import actor_of, new_id
from sop_engine.services.rights import case_id_of
from sop_engine.services.sending import Done, send
from sop_engine.services.staff import not_colleague
from web import here
from web.cases import room
from web.layout import language
from web.layout.said import tell

LONGEST = 10_000


def head() -> dict[str, Any]:
    """What every command of a form carries: its id, so that a double click acts once, and what the sender saw."""
    identity, seen = request.form.get("command", ""), request.form.get("seen", "")
    return {
        "id": identity if len(identity) == 32 and identity.isalnum() else new_id(),
        "actor": actor_of(here.account()),
        "seen": int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else None,
    }


def sentence(name: str) -> dict[str, str] | None:
    """A free text of the form, as a closed value of that name."""
    text = request.form.get(name, "").strip()[:LONGEST]
    return {name: text} if text else None


def send_it(number: str, command: cmd.Command, secrets: dict[str, str] | None = None) -> Done | Refusal:
    """Send a command to a case; a refusal is told on the next page."""
    inst = here.installation()
    answer = send(inst, case_id_of(inst, here.account(), number), command, secrets)
    if isinstance(answer, Refusal):
        tell(answer.sentence(language()), "refused")
    return answer


def carry_out(number: str, command: cmd.Command, secrets: dict[str, str] | None = None, done: str = "") -> Response:
    """Send a command and go back to the case, with a sentence of what came of it."""
    answer = send_it(number, command, secrets)
    if done and not isinstance(answer, Refusal):
        tell(done, "done")
    return redirect(url_for("cases.page", number=number))


@room.post("/<number>/sign")
def sign(number: str) -> Response:
    return carry_out(number, cmd.Sign(**head()), done=gettext("Signed."))


@room.post("/<number>/refuse-to-sign")
def refuse_to_sign(number: str) -> Response:
    return carry_out(number, cmd.RefuseToSign(**head()), sentence("reason"), gettext("Not signed."))


@room.post("/<number>/consent/<name>")
def consent(number: str, name: str) -> Response:
    command = _of_consent(name, request.form.get("what", ""))
    if command is None:
        tell(gettext("Say whether it was agreed, refused or taken back."), "refused")
        return redirect(url_for("cases.page", number=number))
    return carry_out(number, command, done=gettext("The consent is noted."))


def _of_consent(name: str, what: str) -> cmd.Command | None:
    """The command for one of the three buttons of a consent; nothing is guessed."""
    if what == "give":
        return cmd.GiveConsent(
            consent=name, given_by=request.form.get("given_by", ""),
            to=[code for code in request.form.getlist("to") if code],
            signed=request.form.get("signed", "signature"), assent=request.form.get("assent") == "yes", **head(),
        )  # fmt: skip
    if what == "refuse":
        return cmd.RefuseConsent(consent=name, **head())
    return cmd.WithdrawConsent(consent=name, **head()) if what == "withdraw" else None


@room.post("/<number>/hand-over")
def hand_over(number: str) -> Response:
    command = cmd.HandOver(to=request.form.get("to", ""), **head())
    return carry_out(number, command, done=gettext("The handover is noted."))


@room.post("/<number>/note")
def note(number: str) -> Response:
    command = cmd.Note(to=[code for code in request.form.getlist("to") if code], **head())
    return carry_out(number, command, sentence("note"), gettext("The note is kept."))


@room.post("/<number>/assign")
def assign(number: str) -> Response:
    worker = request.form.get("worker") or None
    return with_colleague(number, worker) or carry_out(
        number, cmd.Assign(worker=worker, **head()), done=gettext("Assigned.")
    )


def with_colleague(number: str, worker: str | None) -> Response | None:
    """Back to the case, with the reason, where a worker is named who is not of the agency."""
    refusal = not_colleague(here.installation(), here.account(), worker)
    if refusal is None:
        return None
    tell(refusal.sentence(language()), "refused")
    return redirect(url_for("cases.page", number=number))


@room.post("/<number>/waive/<name>")
def waive(number: str, name: str) -> Response:
    command = cmd.WaiveStep(step=name, **head())
    return carry_out(number, command, sentence("reason"), gettext("A supervisor is asked to sign the waiver."))


@room.post("/<number>/answered/<key>")
def answered(number: str, key: str) -> Response:
    return carry_out(number, cmd.Answer(key=key, **head()), done=gettext("The answer is noted."))


@room.post("/<number>/track/<name>")
def track(number: str, name: str) -> Response:
    return carry_out(number, cmd.MoveTrack(track=name, state=request.form.get("state", ""), **head()))


@room.post("/<number>/contest")
def contest(number: str) -> Response:
    return carry_out(number, cmd.Contest(**head()), sentence("reason"), gettext("The sheet is contested."))


@room.post("/<number>/reopen")
def reopen(number: str) -> Response:
    command = cmd.Reopen(reason=request.form.get("reason_code", ""), **head())
    return carry_out(number, command, sentence("reason"), gettext("Asked to open the case again."))
