"""What all decisions share: the shape of an answer, who is acting, and when."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sop_engine.case.commands import Actor, Command
from sop_engine.case.events import SYSTEM, Event
from sop_engine.case.ground import Ground
from sop_engine.case.refusal import Refusal, refuse
from sop_engine.case.state import Case

Decision = tuple[Event, ...] | Refusal
# By how much the clock of whoever sends may be ahead of ours.
CLOCKS_APART = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Asked:
    """A command on a case, with everything a decision may look at."""

    ground: Ground
    case: Case
    now: datetime


def happened(command: Command, now: datetime) -> datetime:
    """When it happened: as said, and not after now by our clock."""
    return min(command.happened, now) if command.happened is not None else now


def to_come(command: Command, now: datetime) -> Refusal | None:
    """A refusal where a command says that it happened at a time that is still to come."""
    if command.happened is None or command.happened <= now + CLOCKS_APART:
        return None
    return refuse(
        "to_come",
        "This has not happened yet: write a time that has passed, or leave it empty",
        "यो अझै भएको छैन: बितिसकेको समय लेख्नुहोस् वा खाली छोड्नुहोस्",
    )


def not_holder(asked: Asked, actor: Actor) -> Refusal | None:
    """A refusal unless the actor's agency holds the case."""
    case = asked.case
    if case.status == "closed":
        return refuse("closed", "The case is closed", "विषय बन्द छ")
    if actor.agency == case.holder or actor.agency == SYSTEM:
        return None
    title = asked.ground.directory.title(case.holder or "")
    return refuse(
        "not_holder",
        f"Only the agency that is accountable now can do this: {title.en}",
        f"यो काम अहिले जवाफदेही निकायले मात्र गर्न सक्छ: {title.in_language('ne')}",
    )


def taking_part(case: Case) -> set[str]:
    """The agencies that hold a case, have the person, or play a part in it, and may know of it."""
    parts = [case.instead_of(agency) for agency in case.parts.values()]
    found = {agency for agency in (case.holder, case.with_, *parts) if agency is not None}
    return found - case.conflicts.keys() - set(case.hidden_from)


def kept_out(asked: Asked, agency: str) -> Refusal | None:
    """A refusal where the procedure keeps an agency out of this case."""
    parts = asked.ground.procedure.sop.agencies
    if any(part.kept_out and asked.case.parts.get(str(name)) == agency for name, part in parts.items()):
        return refuse("hidden", "That agency is not to know of this case", "त्यस निकायले यो विषय थाहा पाउनु हुँदैन")
    return None


def not_taking_part(asked: Asked, actor: Actor) -> Refusal | None:
    """A refusal unless the actor's agency takes part in the case, and it is not closed."""
    if actor.agency in taking_part(asked.case) and asked.case.status != "closed":
        return None
    return not_holder(asked, actor) or refuse(
        "no_part", "Your agency takes no part in this case", "तपाईंको निकाय यस विषयमा संलग्न छैन"
    )


def has_conflict(asked: Asked, agency: str | None) -> Refusal | None:
    """A refusal where an agency has a conflict of interest in the case, with the one to which its part falls."""
    if agency is None or agency not in asked.case.conflicts:
        return None
    named, instead = asked.ground.directory.title(agency), asked.case.instead_of(agency)
    en = f"{named.en} has a conflict of interest in this case"
    ne = f"यस विषयमा {named.in_language('ne')} को स्वार्थ बाझिन्छ"
    if instead is not None:
        other = asked.ground.directory.title(instead)
        en, ne = f"{en}: choose {other.en}", f"{ne}: {other.in_language('ne')} छान्नुहोस्"
    return refuse("conflict", en, ne)


def stale(case: Case, command: Command, *seqs: int) -> Refusal | None:
    """A refusal when what the command rests on has changed since its sender looked."""
    if command.seen is None or command.seen >= max(seqs, default=0):
        return None
    return refuse(
        "stale",
        "Somebody changed this while you were looking: see what is new, then decide again",
        "तपाईंले हेर्दाहेर्दै कसैले यो परिवर्तन गर्‍यो: नयाँ अवस्था हेरेर फेरि निर्णय गर्नुहोस्",
    )
