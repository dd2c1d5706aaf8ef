"""Offers: accepting and refusing what is offered to us, withdrawing what we offered."""

from flask import redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from sop_engine.case import commands as cmd
from sop_engine.case.decide.moving import REFUSAL_REASONS
from sop_engine.case.refusal import Refusal
from sop_engine.services.case_page import case_page
from web import here
from web.cases import room
from web.cases.acts import Answer, carry_out, head, send_it, sentence
from web.layout.said import tell


@room.post("/<number>/accept")
def accept(number: str) -> Answer:
    return carry_out(number, cmd.Accept(**head()), done=gettext("Accepted. Your agency is accountable now."))


@room.get("/<number>/refuse")
def refuse_form(number: str) -> str | Response:
    """Why we refuse: a code, and a sentence where one helps."""
    account = here.account()
    found = case_page(here.installation(), account, number, "act")
    if found.case.offer is None or found.case.offer.to != account.agency:
        tell(gettext("This case is not offered to your agency any more."), "refused")
        return redirect(url_for("cases.page", number=number))
    return render_template(
        "refuse.html", page=found, case=found.case, strip=found.strip, directory=found.directory, primary=None,
        offer=found.case.offer, reasons=REFUSAL_REASONS, own_reasons=found.procedure.sop.refusal_reasons,
    )  # fmt: skip


@room.post("/<number>/refuse")
def refuse(number: str) -> Response:
    command = cmd.Refuse(reason=request.form.get("reason_code", ""), **head())
    answer = send_it(number, command, sentence("reason"))
    if isinstance(answer, Refusal):
        return redirect(url_for("cases.page", number=number))
    tell(gettext("Refused. The sender stays accountable."), "done")
    return redirect(url_for("worklist.day"))


@room.post("/<number>/withdraw")
def withdraw(number: str) -> Answer:
    return carry_out(number, cmd.WithdrawOffer(**head()), done=gettext("The offer is withdrawn."))


@room.post("/<number>/offer-first")
def offer_first(number: str) -> Answer:
    return carry_out(number, cmd.OfferFirst(to=request.form.get("to") or None, **head()))
