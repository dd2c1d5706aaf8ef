"""What a list of homes, and the list of what is not fixed in them, is narrowed to. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sop_engine.case.directory import Directory
from sop_engine.homes.lacks import PRIORITIES, URGENT, Lack
from sop_engine.homes.register import Entry
from sop_engine.sop.language import Text

URGENT_ONES = "urgent"
NOT_VALID, EXPIRED = "without", "expired"
SEVERITIES = tuple(PRIORITIES.values())
Found = tuple[str, Lack]


@dataclass(frozen=True, slots=True)
class HomesWanted:
    """Which homes: a part of the name, a district or province (by its English name), a stage of the licence.

    The stage may also be `without`: homes that have no valid licence, or `expired`: those whose end date has passed.
    `critical` leaves those with a critical finding that is not fixed.
    """

    name: str = ""
    place: str = ""
    state: str = ""
    critical: bool = False

    def narrow(self, entries: Iterable[Entry], directory: Directory) -> list[Entry]:
        """The homes that are wanted, in the order in which they come."""
        return [one for one in entries if self._is_wanted(one, directory)]

    def _is_wanted(self, one: Entry, directory: Directory) -> bool:
        if (self.critical and not one.critical) or not self._is_state(one):
            return False
        if self.place and not directory.is_in(one.home, self.place):
            return False
        title = directory.title(one.home)
        said = f"{title.en} {title.in_language('ne')}".casefold()
        return all(part in said for part in self.name.casefold().split())

    def _is_state(self, one: Entry) -> bool:
        if self.state == NOT_VALID:
            return not one.valid
        return one.expired if self.state == EXPIRED else self.state in ("", one.stage)


@dataclass(frozen=True, slots=True)
class LacksWanted:
    """Which findings: of a home, a district or a province, a severity (`urgent`: danger or critical), an agency.

    `agency` is one that must act, or for which another does; `late` leaves those whose last day is over.
    """

    home: str = ""
    place: str = ""
    severity: str = ""
    agency: str = ""
    late: bool = False

    def is_wanted(self, found: Found, directory: Directory) -> bool:
        """Whether a finding is one of these."""
        home, lack = found
        if (self.late and not lack.days_late) or self.home not in ("", home):
            return False
        if self.severity and lack.severity not in (URGENT if self.severity == URGENT_ONES else (self.severity,)):
            return False
        if self.agency and self.agency not in (lack.acts, lack.acts_for):
            return False
        return not self.place or directory.is_in(home, self.place)


@dataclass(frozen=True, slots=True)
class Lacks:
    """A page of the findings that are wanted, and how many there are: in all, `late`, and of each severity.

    `severities`, `homes` and `agencies` are what all findings, not only these, can be narrowed to; `further` says that
    more follow.
    """

    rows: list[Found]
    count: int
    late: int
    by_severity: dict[str, int]
    severities: dict[str, Text]
    homes: list[str]
    agencies: list[str]
    further: bool


def lacks_page(found: list[Found], directory: Directory, wanted: LacksWanted, skip: int, most: int) -> Lacks:
    """A page, after so many, of the findings that are wanted: late ones first, and of them the most urgent."""
    these = sorted((one for one in found if wanted.is_wanted(one, directory)), key=_burning)
    return Lacks(
        rows=these[skip : skip + most],
        count=len(these),
        late=sum(lack.days_late > 0 for _, lack in these),
        by_severity=dict(Counter(lack.severity for _, lack in these)),
        severities={lack.severity: lack.severity_title for _, lack in sorted(found, key=_urgency)},
        homes=sorted({home for home, _ in found}),
        agencies=sorted({code for _, lack in found for code in (lack.acts, lack.acts_for) if code is not None}),
        further=len(these) > skip + most,
    )


def _burning(found: Found) -> tuple[bool, int, int, date, str, str]:
    home, lack = found
    return not lack.days_late, _urgency(found), -lack.days_late, lack.until or date.max, home, lack.code


def _urgency(found: Found) -> int:
    return SEVERITIES.index(found[1].severity) if found[1].severity in SEVERITIES else len(SEVERITIES)
