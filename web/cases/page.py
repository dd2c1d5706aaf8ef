"""The page of a case: who is accountable now, for what, until when, who is next, with whom she is."""

from dataclasses import dataclass

from flask import render_template, url_for
from flask_babel import gettext

from sop_engine.case.accountability import ExitView
from sop_engine.case.decide.moving import REFUSAL_REASONS
from sop_engine.case.decide.oversight import REOPEN_REASONS
from sop_engine.services import reading
from sop_engine.services.accounts import Account
from sop_engine.services.installation import new_id
from sop_engine.services.reading import CasePage
from web import guard
from web.cases import room
from web.layout import language


@dataclass(frozen=True, slots=True)
class Primary:
    """The one thing to do next on this page: a link, or a button that posts."""

    label: str
    address: str
    posts: bool = False


@room.get("/<number>")
def page(number: str) -> str:
    account = guard.account()
    found = reading.case_page(guard.installation(), account, number)
    mine = [view for view in found.exits if may_take(view, found, account)]
    return render_template(
        "case.html",
        page=found,
        case=found.case,
        strip=found.strip,
        directory=found.directory,
        primary=primary(found, mine, account),
        ways=[view for view in mine if not view.by_wish and (view.main or not quiet(view, found))],
        quiet=[view for view in mine if view.by_wish or (quiet(view, found) and not view.main)],
        refusal_reasons=REFUSAL_REASONS,
        reopen_reasons=REOPEN_REASONS,
        command=new_id(),
        may_sign=may_sign(found, account),
        shares=shares(found),
    )


def may_take(view: ExitView, found: CasePage, account: Account) -> bool:
    """Whether an exit is this agency's to take."""
    if view.lapse:
        return view.by == account.agency
    return account.agency in (found.case.holder, view.by)


def quiet(view: ExitView, found: CasePage) -> bool:
    """Exits from anywhere stand apart from those of the stage."""
    return view.name in found.procedure.sop.anywhere


def may_sign(found: CasePage, account: Account) -> bool:
    """Whether this person can be the second one."""
    proposal, owed = found.case.proposal, found.case.owed_signature
    if proposal is not None:
        return account.agency == proposal.of and account.id != proposal.by and proposal.role in account.roles
    return owed is not None and account.id != owed.by and account.agency == found.case.holder


def primary(found: CasePage, mine: list[ExitView], account: Account) -> Primary | None:
    """Accept what is offered, sign what waits, do the next step, or take the main way."""
    case, here = found.case, language()
    if case.offer is not None and case.offer.to == account.agency:
        return Primary(gettext("Accept"), url_for("cases.accept", number=case.number), posts=True)
    if may_sign(found, account):
        return Primary(gettext("Read and sign"), "#sign")
    for view in found.steps:
        if view.mark in ("not_looked_at", "incomplete") and view.doer == account.agency:
            return Primary(view.title.in_language(here), url_for("cases.step", number=case.number, name=view.name))
    main = next((view for view in mine if view.main and not view.lacks), None)
    if main is not None and case.offer is None:
        return Primary(main.title.in_language(here), url_for("cases.way", number=case.number, name=main.name))
    return None


@dataclass(frozen=True, slots=True)
class Share:
    """One interval of the bar: where it begins and how wide it is, in thousandths."""

    start: float
    width: float
    tone: int


def shares(found: CasePage) -> list[Share]:
    """The bar of who held the case and how long."""
    spans = [((one.ended or found.now) - one.begun).total_seconds() for one in found.ledger]
    whole = sum(spans) or 1.0
    tones = {agency: number % 5 for number, agency in enumerate(dict.fromkeys(one.holder for one in found.ledger))}
    drawn, start = [], 0.0
    for one, span in zip(found.ledger, spans, strict=True):
        drawn.append(Share(start, span / whole * 1000, tones[one.holder]))
        start += span / whole * 1000
    return drawn
