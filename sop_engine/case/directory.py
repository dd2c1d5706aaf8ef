"""Agencies as a frozen value: who exists, of which kind, where, by which calendar, and who has users here."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sop_engine.sop.calendar import Calendar
from sop_engine.sop.language import SUSPECT, Text

# Kinds of agency that reassign a case where its holder is gone, refuses for ever or is itself suspect.
OVERSIGHT_KINDS = ("dccht", "nccht", "ministry_women", "ncrc", "police_superior", "oversight", "attorney_general")


@dataclass(frozen=True, slots=True)
class Agency:
    """One agency. `serves` is None where it serves every district; `acts_here` says whether it has users here.

    `offers` are its services where they are not those of its kind. One that is not `active` is known by its name alone:
    nobody signs in for it, and nothing new comes to it.
    """

    code: str
    title: Text
    short: Text
    kind: str
    calendar: str
    district: str | None = None
    serves: frozenset[str] | None = None
    acts_here: bool = True
    country: str = "NP"
    beds: int | None = None
    offers: tuple[str, ...] | None = None
    active: bool = True


@dataclass(frozen=True, slots=True)
class Classes:
    """The classes of closed fields that a kind of agency reads: in every case that it may read, and in one it holds."""

    always: frozenset[str]
    holding: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Directory:
    """Every agency and calendar that this installation knows, at one moment; `provinces` go by their districts.

    `falls_to` are the kinds that take the place of an agency of a kind that has a conflict of interest, in order.
    `reads` are the classes that each kind reads; one that is not there reads none. `on_suspects` are the kinds that
    work on cases about suspects, and on no other.
    """

    agencies: Mapping[str, Agency]
    calendars: Mapping[str, Calendar]
    kinds: Mapping[str, Text]
    districts: Mapping[str, Text]
    border_points: Mapping[str, Text]
    border_districts: Mapping[str, str]
    offers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    provinces: Mapping[str, Text] = field(default_factory=dict)
    falls_to: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    reads: Mapping[str, Classes] = field(default_factory=dict)
    on_suspects: frozenset[str] = frozenset()
    _found: dict[tuple[tuple[str, ...], str | None], tuple[str, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def of_kind(self, kinds: tuple[str, ...], district: str | None = None) -> tuple[str, ...]:
        """The agencies of these kinds that fit best: those that name the district before those that serve all."""
        if (kinds, district) not in self._found:
            self._found[kinds, district] = self._of_kind(kinds, district)
        return self._found[kinds, district]

    def _of_kind(self, kinds: tuple[str, ...], district: str | None) -> tuple[str, ...]:
        fitting = [agency for agency in self.agencies.values() if agency.kind in kinds and agency.active]
        if district is not None:
            named = [agency.code for agency in fitting if agency.serves is not None and district in agency.serves]
            if named:
                return tuple(named)
            fitting = [agency for agency in fitting if agency.serves is None]
        return tuple(agency.code for agency in fitting)

    def works_on(self, code: str, about: str) -> bool:
        """Whether an agency works on cases about a subject: on those about suspects, or on all others, never on both.

        One of which nothing is known works on what it is named for.
        """
        return code not in self.agencies or (self.agencies[code].kind in self.on_suspects) == (about == SUSPECT)

    def working_on(self, about: str) -> "Directory":
        """The directory as cases about a subject use it: who does not work on such cases is known by name alone."""
        others = {
            code: replace(one, active=False) for code, one in self.agencies.items() if not self.works_on(code, about)
        }
        return replace(self, agencies={**self.agencies, **others}) if others else self

    def is_in(self, code: str, place: str) -> bool:
        """Whether an agency sits in a district, or in a province by its English name."""
        district = self.agencies[code].district if code in self.agencies else None
        province = self.provinces.get(district or "")
        return place == district or (province is not None and place == province.en)

    def in_country(self, kinds: tuple[str, ...], country: str) -> tuple[str, ...]:
        """The agencies of these kinds for a country abroad."""
        fitting = (one for one in self.agencies.values() if one.kind in kinds and one.country == country)
        return tuple(one.code for one in fitting if one.active)

    def calendar_of(self, code: str) -> Calendar:
        return self.calendars[self.agencies[code].calendar]

    def takes(self, code: str) -> bool:
        """Whether anything new may come to an agency: it is in the directory, and active."""
        return code in self.agencies and self.agencies[code].active

    def in_use(self) -> dict[str, Agency]:
        """The agencies to which something new may come, by their codes."""
        return {code: one for code, one in self.agencies.items() if one.active}

    def acts_here(self, code: str) -> bool:
        return self.takes(code) and self.agencies[code].acts_here

    def services_of(self, code: str) -> tuple[str, ...]:
        """The services that an agency offers: its own, where its entry says them, else those of its kind."""
        agency = self.agencies[code]
        return agency.offers if agency.offers is not None else self.offers.get(agency.kind, ())

    def title(self, code: str) -> Text:
        agency = self.agencies.get(code)
        return agency.title if agency else Text(code)
