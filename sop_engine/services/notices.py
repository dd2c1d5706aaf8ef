"""What is new for a person, for a page: read page by page, and marked read one by one or all at once."""

from dataclasses import dataclass
from datetime import datetime

from sop_engine.services.installation import Installation
from sop_engine.services.rights import id_of
from sop_engine.store import notices
from sop_engine.store.database import looking, writing
from sop_engine.store.notices import KINDS, MOST_COUNTED, Line
from sop_engine.store.people import Account

__all__ = ["KINDS", "MOST_COUNTED", "Line", "Page", "news_of", "read_all", "read_one"]
A_PAGE = 25
MOST_PAGES = 10_000


@dataclass(frozen=True, slots=True)
class Page:
    """Some of what is new, newest first; `further` says whether there is another page after it."""

    lines: list[Line]
    page: int
    further: bool
    now: datetime


def news_of(inst: Installation, account: Account, page: int) -> Page:
    """A page, counted from 1, of what is new for somebody."""
    page, now = max(1, min(page, MOST_PAGES)), inst.clock()
    with looking(inst.engine) as connection:
        found = notices.of_person(connection, account.id, now, A_PAGE + 1, (page - 1) * A_PAGE)
    return Page(found[:A_PAGE], page, len(found) > A_PAGE, now)


def read_one(inst: Installation, account: Account, number: str, kind: str, seq: int) -> None:
    """One notice of somebody is read; what is not hers, or not there, changes nothing and is told alike."""
    with writing(inst.engine) as connection:
        case_id = id_of(connection, number)
        if case_id is not None:
            notices.mark_one_read(connection, account.id, case_id, kind, seq, inst.clock())


def read_all(inst: Installation, account: Account, until: datetime) -> None:
    """All that was new for somebody until a moment is read; what came after it stays new."""
    with writing(inst.engine) as connection:
        notices.mark_read(connection, account.id, min(until, inst.clock()))
