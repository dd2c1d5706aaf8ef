"""What a figure of the ministry's page counts."""

from dataclasses import dataclass
from datetime import datetime

from sop_engine.sop.language import Text


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a figure counts: a case, a stay in a stage, a wait or a finding; `begun` of a finding is when.

    `agency` is who is accountable, during a wait too; `awaited` is then the agency whose answer is awaited.
    """

    number: str
    stage: Text | None
    agency: str | None
    begun: datetime
    ended: datetime | None = None
    due: datetime | None = None
    awaited: str | None = None
