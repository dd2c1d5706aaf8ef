"""The page of a case: who is accountable now, for what, until when, who is next, with whom she is."""

from dataclasses import dataclass

from flask import render_template, url_for
from flask_babel import gettext

from sop_engine.case.access import answers_for
from sop_engine.case.accountability import ExitView, StepView, may_take
from sop_engine.case.decide.answer import taking_part
from sop_engine.case.decide.conflicts import AT_WORK
from sop_engine.case.decide.oversight import reasons_to_reopen
from sop_engine.case.decide.referrals import DECLINE_REASONS, SERVICES
from sop_engine.case.directory import OVERSIGHT_KINDS
from sop_engine.case.items import CONFLICT, EMERGENCY, STOP
from sop_engine.case.state import Case
from sop_engine.services.accounts import Account
from sop_engine.services.answers import shown_fields
from sop_engine.services.case_page import CasePage, case_page
from web import here
from web.cases import drawn, room, saying
from web.cases.returned import NOTHING, Returned
from web.layout import language, words

LEFT = ("not_looked_at", "incomplete")
FINISHED = ("done", "waived")


@dataclass(frozen=True, slots=True)
class Primary:
    """The one thing to do next on this page: a link, or a button that posts."""

    label: str
    address: str
    posts: bool = False


@dataclass(frozen=True, slots=True)
class Mine:
    """What this person may do here."""

    ways: list[ExitView]
    quiet: list[ExitView]
    sign: bool
    take_part: bool
    note: bool
    hold: bool
    extend: bool
    reassign: bool
    declare: bool
    oversee: bool
    confirm: set[str]
    release: bool
    review: set[str]
    erase: bool


@room.get("/<number>")
def page(number: str) -> str:
    return shown(number, NOTHING)


def shown(number: str, returned: Returned) -> str:
    """The page of a case; a form that was `returned` stands open in it."""
    account = here.account()
    found = case_page(here.installation(), account, number, "know" if returned is NOTHING else "act")
    mine = what_is_mine(found, account)
    first = primary(found, mine, account)
    tasks = found.steps if found.case.status != "closed" else []
    return render_template(
        "case.html", page=found, case=found.case, strip=found.strip, directory=found.directory, mine=mine,
        primary=first, why_none=why_none(found, mine) if first is None else "",
        needed=[view for view in tasks if not spare(view)],
        spare=[view for view in tasks if spare(view)], history=drawn.folded(found.history, found.corrected),
        shares=drawn.shares(found) if found.ledger else [], verb=saying.verb, acts_for=saying.acts_for,
        refused=saying.refused, proposed=saying.proposed,
        settled=sum(found.case.children[line.case_id].status == "settled" for line, _ in found.children),
        role=saying.role, reopen_reasons=reasons_to_reopen, finished=FINISHED, services=SERVICES,
        decline_reasons=DECLINE_REASONS, hold_words=saying.hold, stopped_at=stopped_at(found),
        notes=[told for told in found.history if told.note], takers=sorted(taking_part(found.case)),
        readers=sorted(taking_part(found.case) - {account.agency}), returned=returned,
        stands_at=url_for("cases.page", number=number), answers=answers_for(found.case) == account.agency,
        own_reason=_why_own_view(found),
    )  # fmt: skip


def _why_own_view(found: CasePage) -> str:
    """Why the person's own view was limited or refused, for those who read it."""
    seq = found.case.own_view.seq if found.case.own_view is not None else None
    return next((told.said for told in found.history if told.seq == seq), "")


def stopped_at(found: CasePage) -> int | None:
    """The number of the event by which the red stop that is on was pressed."""
    return next((told.seq for told in found.history if told.kind == "stopped"), None) if found.case.stop else None


def what_is_mine(found: CasePage, account: Account) -> Mine:
    case, agency = found.case, account.agency
    mine = [view for view in found.exits if may_take(view, case, agency)]
    aside = [view for view in mine if view.by_wish or (quiet(view, found) and not view.main)]
    stage = found.procedure.sop.stages.get(case.stage or "")
    holds = case.holder == agency and case.status == "open"
    overseen = found.directory.agencies[agency].kind in OVERSIGHT_KINDS
    return Mine(
        ways=[view for view in mine if view not in aside],
        quiet=aside,
        sign=any(item.kind == "signature" for item in found.items),
        take_part=case.status != "closed" and agency in taking_part(case),
        note=case.status != "closed" and bool(found.relations & {"holder", "with", "part"}),
        hold=holds,
        extend=holds and stage is not None and any(said.extend is not None for said in stage.deadline),
        reassign=overseen and case.status != "closed" and case.proposal is None,
        declare=bool(found.relations & AT_WORK) or overseen,
        oversee=overseen,
        confirm={item.key.removeprefix(CONFLICT) for item in found.items if item.key.startswith(CONFLICT)},
        release=any(item.key == STOP for item in found.items),
        review={item.key.removeprefix(EMERGENCY) for item in found.items if item.key.startswith(EMERGENCY)},
        erase=may_erase(case, agency),
    )


def may_erase(case: Case, agency: str) -> bool:
    """Whether an agency may ask that what was said in a case be erased."""
    held = case.proposal is not None or case.legal_holds or case.merged is not None
    return case.status == "closed" and not held and answers_for(case) == agency


def quiet(view: ExitView, found: CasePage) -> bool:
    """Exits from anywhere stand apart from those of the stage."""
    return view.name in found.procedure.sop.anywhere


def spare(view: StepView) -> bool:
    """A step that nothing waits for and nobody has begun."""
    return view.optional and view.mark == "not_needed"


def primary(found: CasePage, mine: Mine, account: Account) -> Primary | None:
    """Accept what is offered, sign what waits, do the next step, or take the main way."""
    case, here = found.case, language()
    if case.offer is not None and case.offer.to == account.agency:
        return Primary(gettext("Accept"), url_for("cases.accept", number=case.number), posts=True)
    if mine.sign:
        return Primary(gettext("Read and sign"), "#sign")
    open_ways = (view for view in mine.ways if not view.lacks and saying.refused(view, found) is None)
    main = next((view for view in open_ways if view.main), None)
    if main is not None and case.offer is None and case.ending is None and case.proposal is None:
        label = words.in_words(main.title, here) if saying.stays(main, found) else saying.verb(main, found)
        return Primary(label, url_for("cases.way", number=case.number, name=main.name))
    for view in found.steps:
        if view.mark in LEFT and view.doer == account.agency and found.content:
            place = _lacking_in(found, view)
            address = url_for("cases.step", number=case.number, name=view.name, _anchor=place)
            return Primary(words.in_words(view.title, here), address)
    return None


def _lacking_in(found: CasePage, view: StepView) -> str | None:
    """Where on the page of a step that was begun something is missing; None for its top."""
    form, state = found.procedure.form_of(found.procedure.step_of(view.name)), found.case.steps.get(view.name)
    if view.mark != "incomplete" or state is None:
        return None
    known, asked = {*found.case.values, *state.closed}, {}
    if form is not None:
        asked = shown_fields(found.procedure, form, found.case.values)
    lacking = next((name for name, needed in asked.items() if needed and name not in known), None)
    if lacking is None:
        return "papers" if found.papers.get(view.name) else None
    return f"f-{lacking}"


def why_none(found: CasePage, mine: Mine) -> str:
    """Why nothing is to be pressed first in an open case that its reader holds; empty for everybody else."""
    case = found.case
    if not mine.hold:
        return ""
    if case.proposal is not None:
        return str(gettext("A second person must sign first."))
    if case.offer is not None:
        return str(gettext("An offer is open: wait for the answer or withdraw it."))
    main = next((view for view in mine.ways if view.main), None)
    if main is not None:
        refused = saying.refused(main, found)
        lacking = [one.say for one in main.lacks] or ([refused.say] if refused is not None else [])
        return "; ".join(words.in_words(say, language()) for say in lacking[:1])
    shut = next((one for one in found.shut if one.main), None)
    if shut is None:
        return ""
    condition = words.only_if(shut.only_if, found.procedure, language())
    return str(gettext("%(w)s: only if %(c)s", w=words.in_words(shut.title, language()), c=condition))
