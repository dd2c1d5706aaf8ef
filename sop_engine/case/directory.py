"""Agencies as a frozen value: who exists, of which kind, where, by which calendar, and who has users here."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sop_engine.sop.calendar import Calendar
from sop_engine.sop.language import Text


@dataclass(frozen=True, slots=True)
class Agency:
    """One agency. `serves` is None where it serves every district; `acts_here` says whether it has users here.

    `offers` are its services where they are not those of its kind.
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


@dataclass(frozen=True, slots=True)
class Directory:
    """Every agency and calendar that this installation knows, at one moment; `provinces` go by their districts."""

    agencies: Mapping[str, Agency]
    calendars: Mapping[str, Calendar]
    kinds: Mapping[str, Text]
    districts: Mapping[str, Text]
    border_points: Mapping[str, Text]
    border_districts: Mapping[str, str]
    offers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    provinces: Mapping[str, Text] = field(default_factory=dict)
    _found: dict[tuple[tuple[str, ...], str | None], tuple[str, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def of_kind(self, kinds: tuple[str, ...], district: str | None = None) -> tuple[str, ...]:
        """The agencies of these kinds that fit best: those that name the district before those that serve all."""
        if (kinds, district) not in self._found:
            self._found[kinds, district] = self._of_kind(kinds, district)
        return self._found[kinds, district]

    def _of_kind(self, kinds: tuple[str, ...], district: str | None) -> tuple[str, ...]:
        fitting = [agency for agency in self.agencies.values() if agency.kind in kinds]
        if district is not None:
            named = [agency.code for agency in fitting if agency.serves is not None and district in agency.serves]
            if named:
                return tuple(named)
            fitting = [agency for agency in fitting if agency.serves is None]
        return tuple(agency.code for agency in fitting)

    def is_in(self, code: str, place: str) -> bool:
        """Whether an agency sits in a district, or in a province by its English name."""
        district = self.agencies[code].district if code in self.agencies else None
        province = self.provinces.get(district or "")
        return place == district or (province is not None and place == province.en)

    def in_country(self, kinds: tuple[str, ...], country: str) -> tuple[str, ...]:
        """The agencies of these kinds for a country abroad."""
        return tuple(a.code for a in self.agencies.values() if a.kind in kinds and a.country == country)

    def calendar_of(self, code: str) -> Calendar:
        return self.calendars[self.agencies[code].calendar]

    def acts_here(self, code: str) -> bool:
        return code in self.agencies and self.agencies[code].acts_here

    def services_of(self, code: str) -> tuple[str, ...]:
        """The services that an agency offers: its own, where its entry says them, else those of its kind."""
        agency = self.agencies[code]
        return agency.offers if agency.offers is not None else self.offers.get(agency.kind, ())

    def title(self, code: str) -> Text:
        agency = self.agencies.get(code)
        return agency.title if agency else Text(code)
