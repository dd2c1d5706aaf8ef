"""Acts on a case that need one form at most: sign, consents, where she is, notes, who works on it, papers."""

from typing import Any

from flask import redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from sop_engine.case import commands as cmd
from sop_engine.case.refusal import Refusal
from sop_engine.services.installation import actor_of
from sop_engine.services.rights import case_id_of
from sop_engine.services.sending import Done, send
from sop_engine.services.staff import not_colleague
from web import here
from web.cases import room
from web.cases.page import shown
from web.cases.returned import field_of, returned
from web.layout import language
from web.layout.reader import in_digits
from web.layout.said import tell
from web.once import command_of_form

Answer = Response | tuple[str, int]


def head() -> dict[str, Any]:
    """What every command of a form carries: its id, so that a double click acts once, and what the sender saw."""
    seen = request.form.get("seen", "")
    return {
        "id": command_of_form(),
        "actor": actor_of(here.account()),
        "seen": int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else None,
    }


def sentence(name: str) -> dict[str, str] | None:
    """A free text of the form, as a closed value of that name."""
    text = request.form.get(name, "").strip()
    return {name: text} if text else None


def send_it(number: str, command: cmd.Command, secrets: dict[str, str] | None = None) -> Done | Refusal:
    """Send a command to a case; a refusal is told on the next page."""
    answer = _send(number, command, secrets)
    if isinstance(answer, Refusal):
        tell(answer.sentence(language()), "refused")
    return answer


def _send(number: str, command: cmd.Command, secrets: dict[str, str] | None) -> Done | Refusal:
    inst = here.installation()
    return send(inst, case_id_of(inst, here.account(), number), command, secrets)


def carry_out(number: str, command: cmd.Command, secrets: dict[str, str] | None = None, done: str = "") -> Answer:
    """Send the command of a form of the case page, and go back to it with a sentence of what came of it.

    Refused, the page comes with that form open and what was typed in it.
    """
    answer = _send(number, command, secrets)
    if isinstance(answer, Refusal):
        return ask_again(number, answer.sentence(language()), field_of(answer))
    if done:
        tell(done, "done")
    return redirect(url_for("cases.page", number=number))


def ask_again(number: str, sentence: str, field: str = "") -> tuple[str, int]:
    """The page of a case with the form that was sent, and at which field something is wrong with it."""
    return shown(number, returned(in_digits(sentence), field)), 422


@room.post("/<number>/sign")
def sign(number: str) -> Answer:
    return carry_out(number, cmd.Sign(**head()), done=gettext("Signed."))


@room.post("/<number>/refuse-to-sign")
def refuse_to_sign(number: str) -> Answer:
    return carry_out(number, cmd.RefuseToSign(**head()), sentence("reason"), gettext("Not signed."))


@room.post("/<number>/consent/<name>")
def consent(number: str, name: str) -> Answer:
    command = _of_consent(name, request.form.get("what", ""))
    if command is None:
        return ask_again(number, gettext("Say whether it was agreed, refused or taken back."))
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
def hand_over(number: str) -> Answer:
    command = cmd.HandOver(to=request.form.get("to", ""), **head())
    return carry_out(number, command, done=gettext("The handover is noted."))


@room.post("/<number>/note")
def note(number: str) -> Answer:
    command = cmd.Note(to=[code for code in request.form.getlist("to") if code], **head())
    return carry_out(number, command, sentence("note"), gettext("The note is kept."))


@room.post("/<number>/assign")
def assign(number: str) -> Answer:
    worker = request.form.get("worker") or None
    return with_colleague(number, worker) or carry_out(
        number, cmd.Assign(worker=worker, **head()), done=gettext("Assigned.")
    )


def with_colleague(number: str, worker: str | None) -> tuple[str, int] | None:
    """The form again, with the reason, where a worker is named who is not of the agency."""
    refusal = not_colleague(here.installation(), here.account(), worker)
    return ask_again(number, refusal.sentence(language()), field_of(refusal)) if refusal is not None else None


@room.post("/<number>/answered/<key>")
def answered(number: str, key: str) -> Answer:
    return carry_out(number, cmd.Answer(key=key, **head()), done=gettext("The answer is noted."))


@room.post("/<number>/track/<name>")
def track(number: str, name: str) -> Answer:
    return carry_out(number, cmd.MoveTrack(track=name, state=request.form.get("state", ""), **head()))


@room.post("/<number>/contest")
def contest(number: str) -> Answer:
    return carry_out(number, cmd.Contest(**head()), sentence("reason"), gettext("The sheet is contested."))


@room.post("/<number>/reopen")
def reopen(number: str) -> Answer:
    command = cmd.Reopen(reason=request.form.get("reason_code", ""), **head())
    return carry_out(number, command, sentence("reason"), gettext("Asked to open the case again."))
