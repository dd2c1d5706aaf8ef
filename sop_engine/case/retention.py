"""How long what was said in a case is kept: as the SOP says of each end, unless the law holds it. Pure."""

from datetime import datetime, timedelta

from sop_engine.case.access import answers_for
from sop_engine.case.clock import limit
from sop_engine.case.ground import Ground
from sop_engine.case.state import Case
from sop_engine.sop.language import PEOPLE, Outcome

# A birth in doubt never tells when somebody comes of age: counted as if born on the day on which the case ended.
UNTIL_MAJORITY = timedelta(days=18 * 365 + 5)


def over_at(ground: Ground, case: Case) -> datetime | None:
    """When the time is over for which a closed case is kept; None where it does not run, or is over by another case.

    What is said of several classes is erased together, after the longest time. Where the SOP counts from majority, it
    counts for a child from the month in which she was found to be of age.
    """
    outcome = _outcome(ground, case)
    if case.closed is None or outcome is None or not outcome.erase:
        return None
    begun = case.closed
    if outcome.erase_from == "majority":
        if ground.is_child(case):
            begun += UNTIL_MAJORITY
        elif case.of_age is not None:
            begun = max(begun, case.of_age)
    agency = answers_for(case)
    return max(limit(ground, agency, begun, length) for length in outcome.erase.values())


def waits_for_majority(ground: Ground, case: Case) -> bool:
    """Whether how long a closed case is kept hangs on when a child comes of age."""
    outcome = _outcome(ground, case)
    return outcome is not None and outcome.erase_from == "majority" and ground.is_child(case)


def _outcome(ground: Ground, case: Case) -> Outcome | None:
    """The end of a case about a person whose words are still there and are its own to erase."""
    if case.status != "closed" or case.about not in PEOPLE or case.merged is not None or case.erased is not None:
        return None
    return ground.procedure.sop.outcomes.get(case.outcome or "")
