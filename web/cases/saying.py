"""What the buttons and boxes of a case say: verbs of exits, how the receiver takes over, what waits for a signature."""

from datetime import datetime

from flask_babel import gettext

from sop_engine.case.accountability import ExitView
from sop_engine.case.state import Proposal
from sop_engine.services.case_page import CasePage
from sop_engine.sop.language import Stage
from sop_engine.sop.procedure import Procedure
from web.layout import language, times, words


def target(view: ExitView, found: CasePage) -> Stage | None:
    """The stage to which an exit leads; None for one that ends the case or leads back."""
    sop = found.procedure.sop
    said = sop.exits(found.case.stage or "")[view.name]
    return sop.stages.get(said.goes_to) if said.goes_to is not None else None


def verb(view: ExitView, found: CasePage) -> str:
    """What the button of an exit does."""
    if view.ends and found.procedure.sop.exits(found.case.stage or "")[view.name].spawn is not None:
        return view.title.in_language(language())
    if view.ends:
        return str(gettext("Close the case"))
    if view.candidates:
        return str(gettext("Choose and offer"))
    if view.receiver is None or view.receiver == found.case.holder:
        return str(gettext("Go on"))
    name = _short(found, view.receiver)
    stage = target(view, found)
    asked = stage is None or (stage.taking_over.by_law is None and stage.taking_over.on_signature is None)
    return str(gettext("Offer to %(a)s", a=name) if asked else gettext("Hand to %(a)s", a=name))


def consequences(view: ExitView, found: CasePage) -> list[str]:
    """What will happen when an exit is taken, sentence by sentence."""
    said = found.procedure.sop.exits(found.case.stage or "")[view.name]
    sentences = []
    if view.second_person or view.override:
        sentences.append(gettext("A second person must sign before it counts."))
    if view.ends and said.spawn is not None:
        sentences.append(gettext("A case that follows is opened. This one closes when the next agency accepts."))
    elif view.ends:
        sentences.append(gettext("The case is closed. Nobody holds it any more."))
    else:
        sentences += _moving(view, found)
    return sentences


def _moving(view: ExitView, found: CasePage) -> list[str]:
    if view.receiver is not None and view.receiver == found.case.holder:
        return [gettext("The case moves on at once and stays with your agency.")]
    stage = target(view, found)
    name = found.directory.title(view.receiver).in_language(language()) if view.receiver else None
    taking = stage.taking_over if stage is not None else None
    if name and taking is not None and taking.by_law is not None:
        return [gettext("%(a)s is accountable at once, by law; it cannot refuse.", a=name)]
    if name and taking is not None and taking.on_signature is not None:
        return [gettext("%(a)s takes over on the signed sheet; without one it is asked.", a=name)]
    asked = gettext("%(a)s is asked.", a=name) if name else gettext("The agency that you choose is asked.")
    sentences = [asked, gettext("Until it accepts you stay accountable.")]
    if taking is not None and taking.accept_within is not None:
        within = taking.accept_within.in_language(language())
        sentences.insert(1, gettext("It must answer within %(d)s.", d=within))
    return sentences


def proposed(proposal: Proposal, found: CasePage) -> str:
    """What somebody asks a second person to sign."""
    sop, here, what = found.procedure.sop, language(), proposal.target
    if proposal.act == "waive" and what in found.procedure.steps:
        return str(gettext("to go on without: %(s)s", s=found.procedure.step_of(what).title.in_language(here)))
    if proposal.act == "reassign":
        return str(gettext("to give the case to %(a)s", a=found.directory.title(what).in_language(here)))
    if proposal.act == "extend":
        return str(gettext("more time, until %(d)s", d=times.when(datetime.fromisoformat(what), here)))
    if proposal.act == "reopen":
        return str(gettext("to open the case again: %(r)s", r=words.word(what)))
    said = sop.exits(found.case.stage or "").get(what)
    return said.title.in_language(here) if said is not None else words.word(what)


def role(name: str, procedure: Procedure) -> str:
    """The title of a role, also of one that a paper is signed in."""
    title = procedure.sop.roles.get(name.partition(".")[2] or name)
    return title.in_language(language()) if title is not None else words.word(name).lower()


def _short(found: CasePage, code: str) -> str:
    agency = found.directory.agencies.get(code)
    return agency.short.in_language(language()) if agency is not None else code
