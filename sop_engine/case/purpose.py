"""Who says first why she opens answers or papers: whoever reads in a case on which somebody else works. Pure."""

from collections.abc import Mapping

from sop_engine.case.ground import Ground
from sop_engine.case.items import REVIEWER, is_for, items
from sop_engine.case.reading import does
from sop_engine.case.state import Case
from sop_engine.sop.language import Text

OTHER = "other"
# What answers may be opened for, in the order in which a page shows them; OTHER goes with a sentence.
PURPOSES: Mapping[str, Text] = {
    "stand_in": Text("I stand in for a colleague", "म सहकर्मीको सट्टामा काम गर्दै छु"),
    "advice": Text("I was asked for advice", "मसँग सल्लाह मागिएको छ"),
    "quality": Text("Review of how the work is done", "कामको गुणस्तर हेर्न"),
    "she_asked": Text("The person or her guardian asked", "व्यक्ति वा अभिभावकले भन्नुभएको हो"),
    OTHER: Text("Something else", "अन्य"),
}


def asks_why(ground: Ground, case: Case, agency: str, person: str, roles: frozenset[str]) -> bool:
    """Whether somebody has to say why before she opens answers or papers of a case.

    Never of a case on which nobody or she herself works, nor a supervisor of its holder, nor whoever is asked for
    something in it; of another agency none that has a step to do or a way to take now.
    """
    if case.status != "open" or case.worker in (None, person):
        return False
    if agency == case.holder and REVIEWER in roles:
        return False
    if any(is_for(one, agency, person, roles) and one.worker in (None, person) for one in items(ground, case)):
        return False
    return agency == case.holder or not _has_work(ground, case, agency)


def _has_work(ground: Ground, case: Case, agency: str) -> bool:
    """Whether an agency has a step to do or a way to take in the stage."""
    procedure = ground.procedure
    here = (name for name, (stage, _) in procedure.steps.items() if stage in (None, case.stage))
    ways = {str(way.by) for way in ground.exits(case).values() if way.by is not None}
    return any(does(ground, case, name, agency) for name in here) or agency in {
        ground.agency(case, part) for part in ways
    }
