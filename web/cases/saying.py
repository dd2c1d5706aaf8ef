"""What the buttons and boxes of a case say: verbs of exits, how the receiver takes over, what waits for a signature."""

from collections.abc import Iterator
from datetime import datetime

from flask_babel import gettext

from sop_engine.case import events as ev
from sop_engine.case.accountability import ExitView
from sop_engine.case.refusal import Refusal
from sop_engine.case.state import Proposal
from sop_engine.services.case_page import CasePage
from sop_engine.sop.language import Stage, Text
from sop_engine.sop.procedure import Procedure
from web.layout import language, times, words
from web.layout.reader import in_digits


def target(view: ExitView, found: CasePage) -> Stage | None:
    """The stage to which an exit leads; None for one that ends the case or leads back."""
    sop = found.procedure.sop
    said = sop.exits(found.case.stage or "")[view.name]
    return sop.stages.get(said.goes_to) if said.goes_to is not None else None


def stays(view: ExitView, found: CasePage) -> bool:
    """Whether the case stays with the agency that holds it: as its own, or because it acts for the one that comes."""
    if view.receiver is None:
        return not view.candidates
    return found.foretold[view.name].acting[view.receiver] == found.case.holder


def refused(view: ExitView, found: CasePage) -> Refusal | None:
    """Why a way that lacks nothing still cannot be taken: an offer is open, or nobody is known who would hold it.

    Where the receiver is to be chosen, what stands against one need not stand against another.
    """
    waits = found.case.ending is not None or found.case.offer is not None
    return found.foretold[view.name].refused if not view.lacks and (waits or not view.candidates) else None


def acts_for(view: ExitView, found: CasePage) -> str | None:
    """The agency that acts for the one that receives the case, where that has no users here."""
    acting = found.foretold[view.name].acting.get(view.receiver or "")
    return acting if acting != view.receiver else None


def verb(view: ExitView, found: CasePage) -> str:
    """What the button of an exit says: what it does, or its own title where another does the same."""
    does = _does(view, found)
    others = (one for one in found.exits if one.name != view.name and one.name not in found.procedure.sop.anywhere)
    return words.in_words(view.title, language()) if does in {_does(one, found) for one in others} else does


def _does(view: ExitView, found: CasePage) -> str:
    if view.ends and found.procedure.sop.exits(found.case.stage or "")[view.name].spawn is not None:
        return words.in_words(view.title, language())
    if view.ends:
        return str(gettext("Close the case"))
    if view.candidates:
        return str(gettext("Choose and offer") if _asked(view, found) else gettext("Choose and hand over"))
    if view.receiver is None or stays(view, found):
        return str(gettext("Go on"))
    name = _short(found, found.foretold[view.name].acting[view.receiver] or view.receiver)
    return str(gettext("Offer to %(a)s", a=name) if _asked(view, found) else gettext("Hand to %(a)s", a=name))


def _asked(view: ExitView, found: CasePage) -> bool:
    """Whether the receiver is asked; while something still stands against the way, as the next stage says."""
    events = found.foretold[view.name].events
    if events:
        return any(isinstance(event, ev.Offered) for event in events)
    stage = target(view, found)
    return stage is None or (stage.taking_over.by_law is None and stage.taking_over.on_signature is None)


def consequences(view: ExitView, found: CasePage) -> list[str]:
    """What will happen when an exit is taken, sentence by sentence, as the engine itself would decide it."""
    told = found.foretold[view.name]
    sentences = []
    if told.first is not None:
        who = role(told.first.role, found.procedure), _title(found, told.first.of)
        sentences.append(gettext("A second person must sign before it counts: %(r)s of %(a)s.", r=who[0], a=who[1]))
    if told.refused is not None:
        if view.candidates:
            return [_chosen_is_asked(), _until_then(found)]
        return [in_digits(told.refused.sentence(language()))]
    for event in told.events:
        sentences += [str(sentence) for sentence in _happens(event, view, found)]
    opened = any(isinstance(event, ev.Spawned) and event.children for event in told.events)
    if told.opens is not None and told.events and not opened:
        sentences.append(gettext("No other case is opened by it."))
    return sentences


def _happens(event: ev.Event, view: ExitView, found: CasePage) -> Iterator[str]:
    """What one event means to those who read it."""
    if isinstance(event, ev.Entered):
        yield from _acts_for(event.holder, event.for_agency, view, found)
        yield _taken(event, view, found)
    elif isinstance(event, ev.Offered):
        yield from _acts_for(event.to, event.for_agency, view, found)
        yield gettext("%(a)s is asked.", a=_title(found, event.to)) if not view.candidates else _chosen_is_asked()
        if found.foretold[view.name].first is not None:
            yield gettext("Its time to answer begins when the second person has signed.")
        else:
            yield gettext("It must answer by %(d)s.", d=times.when(event.answer_by, language()))
        yield _until_then(found)
    elif isinstance(event, ev.OfferWithdrawn):
        yield gettext("The offer that is open is withdrawn.")
    elif isinstance(event, ev.Ending):
        yield gettext("This case closes when the next agency accepts the case that follows.")
    elif isinstance(event, ev.Closed):
        yield gettext("The case is closed. Nobody holds it any more.")
    elif isinstance(event, ev.Spawned) and event.children:
        yield _opened(len(event.children), found.foretold[view.name].opens)
    yield from _left(event, found)


def _taken(event: ev.Entered, view: ExitView, found: CasePage) -> str:
    """How the next stage is entered without anybody being asked."""
    name = _title(found, event.holder)
    if event.holder == found.case.holder:
        if "holder" in found.relations:
            return str(gettext("The case moves on at once and stays with your agency."))
        return str(gettext("The case moves on at once and stays with %(a)s.", a=name))
    if view.candidates:
        return str(gettext("The agency that you choose is accountable at once; it is not asked."))
    if event.how == "by_law":
        return str(gettext("%(a)s is accountable at once, by law; it cannot refuse.", a=name))
    return str(gettext("%(a)s is accountable at once, on the signed sheet.", a=name))


def _acts_for(acting: str, agency: str | None, view: ExitView, found: CasePage) -> Iterator[str]:
    """That an agency has no users here, and who acts for it; of those to choose from, that there are such."""
    if view.candidates:
        if any(holder != code for code, holder in found.foretold[view.name].acting.items()):
            yield gettext("For an agency without users here the one that acts for it is accountable, as the list says.")
    elif agency is not None and acting == found.case.holder and "holder" in found.relations:
        yield gettext("%(a)s has no users here: your agency acts for it.", a=_title(found, agency))
    elif agency is not None:
        names = _title(found, agency), _title(found, acting)
        yield gettext("%(a)s has no users here: %(b)s acts for it.", a=names[0], b=names[1])


def _chosen_is_asked() -> str:
    return str(gettext("The agency that you choose is asked."))


def _until_then(found: CasePage) -> str:
    if "holder" in found.relations:
        return str(gettext("Until it accepts you stay accountable."))
    return str(gettext("Until it accepts %(a)s stays accountable.", a=_title(found, found.case.holder or "")))


def _opened(count: int, sop: Text | None) -> str:
    name = words.in_words(sop, language()) if sop is not None else ""
    if count == 1:
        return str(gettext("A case is opened: %(s)s.", s=name))
    return str(gettext("%(n)s cases are opened: %(s)s.", n=count, s=name))


def _left(event: ev.Event, found: CasePage) -> Iterator[str]:
    """What stays to be done afterwards: a signature, and steps that are owed."""
    due = event.signature_due if isinstance(event, ev.Entered | ev.Offered | ev.Closed) else None
    if due is not None:
        yield gettext("A second person must still sign by %(d)s.", d=times.when(due, language()))
    for duty in event.duties if isinstance(event, ev.Entered | ev.Closed) else ():
        title = words.in_words(found.procedure.step_of(duty.step).title, language())
        until = times.when(duty.due, language())
        yield gettext("%(a)s still owes: %(s)s, by %(d)s.", a=_title(found, duty.agency), s=title, d=until)


def proposed(proposal: Proposal, found: CasePage) -> str:
    """What somebody asks a second person to sign."""
    sop, here, what = found.procedure.sop, language(), proposal.target
    if proposal.act == "waive" and what in found.procedure.steps:
        return str(gettext("to go on without: %(s)s", s=words.in_words(found.procedure.step_of(what).title, here)))
    if proposal.act == "reassign":
        return str(gettext("to give the case to %(a)s", a=words.in_words(found.directory.title(what), here)))
    if proposal.act == "extend":
        return str(gettext("more time, until %(d)s", d=times.when(datetime.fromisoformat(what), here)))
    if proposal.act == "reopen":
        return str(gettext("to open the case again: %(r)s", r=words.word(what)))
    if proposal.act == "merge":
        told = "holder" in found.relations or any(item.kind == "signature" for item in found.items)
        if told:
            return str(gettext("to join this case to %(n)s, of the same person", n=what))
        return str(gettext("to join this case to another of the same person"))
    if proposal.act == "lift_conflict":
        name = words.in_words(found.directory.title(what), here)
        return str(gettext("to say that %(a)s has no conflict of interest after all", a=name))
    if proposal.act == "unmerge":
        return str(gettext("to undo the joining, so that this case goes on by itself"))
    if proposal.act == "erase":
        return str(gettext("to erase what the person said: %(r)s", r=words.word(what)))
    said = sop.exits(found.case.stage or "").get(what)
    return words.in_words(said.title, here) if said is not None else words.word(what)


def hold(reason: str, procedure: Procedure) -> str:
    """The title of a reason for a hold."""
    said = procedure.sop.holds.get(reason)
    return words.in_words(said.title, language()) if said is not None and said.title is not None else words.word(reason)


def role(name: str, procedure: Procedure) -> str:
    """The title of a role, also of one that a paper is signed in."""
    title = procedure.sop.roles.get(name.partition(".")[2] or name)
    return words.in_words(title, language()) if title is not None else words.word(name).lower()


def _title(found: CasePage, code: str) -> str:
    return words.in_words(found.directory.title(code), language())


def _short(found: CasePage, code: str) -> str:
    agency = found.directory.agencies.get(code)
    return words.in_words(agency.short, language()) if agency is not None else code
