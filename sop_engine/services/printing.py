"""A case on paper: what its page shows without anything that people said, or, on purpose, with their answers."""

from dataclasses import replace

from sop_engine.services.case_page import CasePage, case_page
from sop_engine.services.installation import Installation
from sop_engine.services.step_page import Recorded, recorded_everywhere
from sop_engine.store.people import Account


def printed(inst: Installation, account: Account, number: str) -> CasePage:
    """A case as it is printed: no answer and no words that somebody wrote. Raises NotFound."""
    found = case_page(inst, account, number, "print")
    history = [replace(told, said="") for told in found.history]
    return replace(found, history=history, carried={}, apart={}, told={})


def printed_with_answers(
    inst: Installation, account: Account, number: str, purpose: str
) -> tuple[CasePage, list[Recorded]]:
    """A case with its recorded steps as this person reads them, and what was written; raises NotFound.

    What it is for is written down before anything is shown.
    """
    recorded = recorded_everywhere(inst, account, number, purpose)
    return case_page(inst, account, number, "print"), recorded
