"""A second, naive reading of the SOP language: what must become of a command, worked out from the reference alone.

It shares nothing with the engine but the SOP as values, its conditions and facts, and the calendar. It is slow and
plain on purpose: where it and the engine differ, one of them misreads the language, and a person can follow this one
line by line.
"""

import pickle
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sop_engine.case import commands as cmd
from sop_engine.case.directory import Directory
from sop_engine.sop.calendar import Duration
from sop_engine.sop.guards import Missing
from sop_engine.sop.language import Accountable, Deadline, Exit, Requirement, Signature, Spawn, Stage, Step
from sop_engine.sop.procedure import PREVIOUS, Procedure

MOST_RECORDS = 12
REASONS = ("no_capacity",)
REOPENS = ("new_information", "person_returned", "re_trafficked", "error")
SIGHT = timedelta(days=90)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


class Refused(Exception):
    """The reference lets nobody do this; the message says which of its sentences."""


@dataclass(slots=True)
class Picture:
    """What the oracle knows of one case. `raw` holds every answer, `values` only what rules may read."""

    sop: str
    opener: str
    opened: datetime
    entry: str
    status: str = "opening"
    stage: str | None = None
    previous: str | None = None
    since: datetime | None = None
    counts_from: datetime | None = None
    holder: str | None = None
    holder_for: str | None = None
    former: list[str] = field(default_factory=list)
    held_until: dict[str, datetime] = field(default_factory=dict)
    offer: dict[str, Any] | None = None
    proposal: dict[str, Any] | None = None
    owed_signature: dict[str, Any] | None = None
    perhaps_owed: dict[str, Any] | None = None
    with_: str | None = None
    parts: dict[str, str] = field(default_factory=dict)
    raw: dict[str, Any] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    steps: dict[str, dict[str, Any]] = field(default_factory=dict)
    consents: dict[str, dict[str, Any]] = field(default_factory=dict)
    children: dict[str, dict[str, Any]] = field(default_factory=dict)
    parent: str | None = None
    parent_name: str | None = None
    entered: dict[str, datetime] = field(default_factory=dict)
    left: dict[str, datetime] = field(default_factory=dict)
    taken: dict[str, int] = field(default_factory=dict)
    ending: dict[str, Any] | None = None
    hold: dict[str, Any] | None = None
    holds: list[tuple[datetime, datetime]] = field(default_factory=list)
    extended: int = 0
    extended_until: datetime | None = None
    tracks: dict[str, str] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    entries: int = 0
    opened_here: set[tuple[str, datetime, int | None]] = field(default_factory=set)
    again: dict[str, datetime] = field(default_factory=dict)
    begun_anew: set[tuple[str, datetime | None]] = field(default_factory=set)
    told: set[str] = field(default_factory=set)
    duties: list[dict[str, Any]] = field(default_factory=list)
    consulted: list[str] = field(default_factory=list)
    informed: list[str] = field(default_factory=list)
    ticked: bool = False
    outcome: str | None = None
    closed: datetime | None = None


def _copy(picture: Picture) -> Picture:
    """A deep copy; pickle makes it many times faster than `copy` does."""
    copied: Picture = pickle.loads(pickle.dumps(picture, pickle.HIGHEST_PROTOCOL))  # noqa: S301
    return copied


@dataclass(slots=True)
class Expected:
    """What must come of a command: `accepted`, why, the case after it, and the spawns that it sets off.

    `accepted` is None where the reference does not say.
    """

    accepted: bool | None
    why: str
    after: Picture
    spawns: list[tuple[Spawn, int | None]] = field(default_factory=list)
    by: str = ""


class Oracle:
    """Keeps a picture of every case of an installation, and says of a command what must come of it."""

    def __init__(self, directory: Directory, procedures: Mapping[str, Procedure]) -> None:
        self.directory = directory
        self.procedures = dict(procedures)
        self.cases: dict[str, Picture] = {}
        self._spawns: list[tuple[Spawn, int | None]] = []
        self._why, self._unsure = "allowed", False
        self._now_is = datetime.min.replace(tzinfo=UTC)

    # What is asked from outside

    def expect_opening(self, sop: str, entry: str, agency: str, values: Mapping[str, Any], now: datetime) -> Expected:
        """A person opens a case of her own accord."""
        picture = Picture(sop, agency, now, entry, holder=agency)
        self._spawns, self._why, self._now_is = [], "opens_at: the opener becomes the part that is of its kind", now
        try:
            said = self._sop(picture).sop.opens_at.get(entry)
            if said is None:
                raise Refused("the SOP does not open there")
            if said.only == "spawned":
                raise Refused("it opens there only by another case")
            if said.by is not None:
                part = self._sop(picture).sop.agencies[said.by]
                if self.directory.agencies[agency].kind not in part.kind:
                    raise Refused(f"opens_at: only {said.by} opens there")
                picture.parts[str(said.by)] = agency
            for name, part in self._sop(picture).sop.agencies.items():
                if part.opens and self.directory.agencies[agency].kind in part.kind:
                    picture.parts[str(name)] = agency
            self._open(picture, values, now)
        except Refused as why:
            return Expected(False, str(why), picture)
        return Expected(True, self._why, picture, self._spawns, agency)

    def expect(self, case_id: str, command: cmd.Command, reason: bool, now: datetime) -> Expected:
        """What must come of a command on a case; `reason` says whether a sentence was given."""
        before = self.cases[case_id]
        picture = _copy(before)
        self._spawns, self._why, self._now_is, self._unsure = [], "allowed", now, False
        act = getattr(self, f"_do_{type(command).__name__.lower()}")
        try:
            known = command.actor.agency in (self._related(before) | self._consulted(before)) - before.hidden | {
                "system"
            }
            if not known and not self._perhaps_told(before, command.actor.agency):
                raise Refused("a stranger to the case")
            act(picture, command, reason, now)
            self._divert(picture, now)
        except Refused as why:
            return Expected(False, str(why), before)
        sure = None if self._unsure or self._faded(before, command.actor.agency, now) else True
        return Expected(sure, self._why, picture, self._spawns, command.actor.agency)

    def _perhaps_told(self, picture: Picture, agency: str) -> bool:
        """Whether an agency may see the case by an alert, an escalation or a signature that it is asked for.

        None of these is worked out here, so that nothing is said of what comes of its command.
        """
        above = self.directory.agencies[agency].kind in ("dccht", "nccht")
        if agency in picture.informed:
            self._unsure = True
        if (above or agency in picture.parts.values()) and (picture.ticked or self._sop(picture).sop.alert):
            self._unsure = True
        if agency in {asked["of"] for asked in (picture.proposal, picture.owed_signature) if asked is not None}:
            self._unsure = True
        return self._unsure

    def _faded(self, picture: Picture, agency: str, now: datetime) -> bool:
        """Whether a former holder is about to lose sight of the case; to the hour is not looked at."""
        until = picture.held_until.get(agency)
        return until is not None and picture.holder != agency and abs(now - until - SIGHT) < DAY

    def due(self, case_id: str, now: datetime) -> datetime | None:
        """By when the case is to be moved on."""
        picture = self.cases[case_id]
        return self._due(picture, now) if picture.status == "open" else None

    def late(self, case_id: str, happened: datetime, recorded: datetime) -> bool | None:
        """Whether a move is late: lateness is judged by when it happened, however late it was recorded.

        None where a clock is over too: the reference does not say whose moves are late by it.
        """
        due, clocks = self.due(case_id, recorded), list(self._clock_dues(self.cases[case_id], recorded))
        if any(over <= recorded for _, over in clocks):
            return None
        return due is not None and happened > due

    def keep(self, case_id: str, expected: Expected, new: Iterable[tuple[str, str, int | None]], now: datetime) -> None:
        """Take over what was expected. `new` names the cases that it opened: id, name of the spawn, row."""
        self.cases[case_id] = expected.after
        spawns = {(str(spawn.name), row): spawn for spawn, row in expected.spawns}
        if expected.after.ending is not None and expected.by != "system":
            expected.after.ending["opened"] |= {child_id for child_id, _, _ in new}
        for child_id, name, row in new:
            expected.after.children[child_id] = {"name": name, "status": "opening", "milestones": [], "born": now}
            # Time takes no exit: what comes again and again is opened for the holder.
            by = expected.after.holder if expected.by == "system" else expected.by
            self._open_child(case_id, child_id, spawns[(name, row)], row, by or expected.by, now)
        self._tell_parent(case_id, now)

    def adopt_parts(self, case_id: str, parts: Mapping[str, str]) -> None:
        """Go on with the engine's binding of parts, where a known disagreement would hide everything behind it."""
        self.cases[case_id].parts = dict(parts)

    def shown(self, case_id: str, now: datetime) -> dict[str, Any]:
        """What is compared with the engine after every command."""
        return self.shown_of(self.cases[case_id], now)

    def shown_of(self, picture: Picture, now: datetime) -> dict[str, Any]:
        """The same of a case that is only thought of."""
        self._now_is = now
        facts = self._sop(picture).sop.facts
        return {
            "status": picture.status,
            "stage": picture.stage,
            "holder": picture.holder,
            "holder_for": picture.holder_for,
            "offered_to": picture.offer["to"] if picture.offer else None,
            "offered_stage": picture.offer["stage"] if picture.offer else None,
            "with": picture.with_,
            "outcome": picture.outcome,
            "proposed": picture.proposal["act"] if picture.proposal else None,
            "ending": picture.ending["exit"] if picture.ending else None,
            "hold": picture.hold["reason"] if picture.hold else None,
            "parts": dict(sorted(picture.parts.items())),
            "done": sorted(name for name in picture.steps if self._done(picture, name)),
            "consents": {name: said["status"] for name, said in sorted(picture.consents.items())},
            "facts": {str(name): picture.values[str(name)] for name in facts if str(name) in picture.values},
            "answers": {k: v for k, v in picture.values.items() if k not in facts and not isinstance(v, list)},
            "children": {child: said["status"] for child, said in sorted(picture.children.items())},
            "until": self._due(picture, now) if picture.status == "open" else None,
            "answer_by": self.answer_by(picture) if picture.offer else None,
            "records": {name: said["count"] for name, said in sorted(picture.steps.items()) if said["count"]},
            "tracks": dict(sorted(picture.tracks.items())),
            "periods": {str(name): self._now(picture, now)[str(name)] for name in self._sop(picture).sop.periods},
            "told": sorted(told.partition(" ")[0] for told in picture.told),
            "duties": sorted(duty["step"] for duty in picture.duties),
            "here": sorted(agency for agency in self._here(picture) if self.directory.acts_here(agency)),
        }

    # Opening

    def _sop(self, picture: Picture) -> Procedure:
        return self.procedures[picture.sop]

    def _open(self, picture: Picture, values: Mapping[str, Any], now: datetime) -> None:
        picture.values |= self._sop(picture).first_facts()
        self._answer(picture, values, now)
        said = self._sop(picture).sop.opens_at[picture.entry]
        if said.with_ is not None and picture.with_ is None:
            picture.with_ = self._agency(picture, str(said.with_))
        self._offer(picture, picture.entry, None, None, picture.opener, now, opening=True)

    def _open_child(self, parent_id: str, child_id: str, spawn: Spawn, row: int | None, by: str, now: datetime) -> None:
        parent = self.cases[parent_id]
        procedure = self.procedures[str(spawn.sop)]
        child = Picture(str(spawn.sop), by, now, str(spawn.at), holder=by, parent=parent_id)
        child.parent_name = str(spawn.name)
        for name, part in procedure.sop.agencies.items():
            ours = spawn.bind.get(name) or part.from_parent
            agency = self._agency(parent, str(ours)) if ours is not None else None
            if agency is not None:
                child.parts[str(name)] = agency
        if spawn.same_person:
            child.with_ = parent.with_
        self.cases[child_id] = child
        self._spawns = []
        self._open(child, self._carried(parent, procedure, spawn, row), now)
        self._tell_parent(child_id, now)

    def _carried(self, parent: Picture, child: Procedure, spawn: Spawn, row: int | None) -> dict[str, Any]:
        """What travels: under a consent only while it is valid, and only in the classes she allowed."""
        cells: dict[str, Any] = {}
        if row is not None and spawn.for_each is not None:
            cells = parent.raw[str(spawn.for_each).partition(".")[2]][row]
        found = {}
        for name in map(str, spawn.carry):
            if name not in child.fields:
                continue
            value = cells.get(name, parent.raw.get(name))
            if value in (None, "", []):
                continue
            under = spawn.under
            if under is not None and under.consent is not None and name not in under.always:
                if not self._consented(parent, str(under.consent), None, self._now_is):
                    continue
                class_ = child.fields[name].class_
                allowed = parent.values.get(str(under.limited_by), [])
                if under.limited_by is not None and class_ is not None and str(class_) not in allowed:
                    continue
            found[name] = value
        return found

    def _tell_parent(self, case_id: str, now: datetime) -> None:
        """An end that opens a case is reached when that case is accepted."""
        child = self.cases[case_id]
        if child.parent is None:
            return
        parent = self.cases[child.parent]
        told = parent.children[case_id]
        settled = child.status == "closed" and self._sop(child).sop.outcomes[child.outcome].settled  # type: ignore[index]
        told["status"] = "settled" if settled else child.status
        told["milestones"] = [
            str(name)
            for name, moment in self._sop(child).sop.milestones.items()
            if self._moment(child, moment) is not None
        ]
        if self._ends_by(parent, case_id):
            self._close(parent, parent.ending["exit"], now)  # type: ignore[index]
            self._tell_parent(child.parent, now)

    def _ends_by(self, parent: Picture, child_id: str) -> bool:
        """Whether an end is reached now by one of the cases that it opened; none that was opened before does that."""
        told, ending = parent.children[child_id], parent.ending
        if ending is None or told["name"] != ending["spawn"] or told["status"] == "opening":
            return False
        return child_id in ending["opened"]

    # Who

    def candidates(self, picture: Picture, part: str) -> list[str]:
        """The agencies that may play a part: the one that is bound, else those that the directory finds."""
        if part == "holder":
            return [picture.holder] if picture.holder else []
        if part in picture.parts:
            return [picture.parts[part]]
        said = self._sop(picture).sop.agencies[part]
        kinds = tuple(str(kind) for kind in said.kind)
        if said.chosen_in is not None:
            return list(self.directory.of_kind(kinds))
        for by, name in (said.found_by or {}).items():
            value = picture.values.get(str(name))
            if value is None:
                return []
            if by == "country":
                return list(self.directory.in_country(kinds, str(value)))
            district = self.directory.border_districts[str(value)] if by == "border_point" else str(value)
            return list(self.directory.of_kind(kinds, district))
        return list(self.directory.of_kind(kinds))

    def _agency(self, picture: Picture, part: str) -> str | None:
        found = self.candidates(picture, part)
        return found[0] if len(found) == 1 else None

    def _acting(self, picture: Picture, part: str, agency: str) -> str | None:
        """Who types for an agency: itself, or the one through which it acts where it has no users here."""
        if self.directory.acts_here(agency):
            return agency
        through = None if part == "holder" else self._sop(picture).sop.agencies[part].acts_through
        return self._agency(picture, str(through)) if through is not None else None

    def _holder_of(self, picture: Picture, name: str) -> str | None:
        """Who counts as the holder for a step: of a stage that was left, whoever recorded it there."""
        place, state = self._sop(picture).steps[name][0], picture.steps.get(name)
        left = place is not None and (place != picture.stage or picture.status != "open")
        if not left or state is None:
            return picture.holder
        return state["agency"] or picture.holder

    def _doer(
        self, picture: Picture, step: Step, actor: cmd.Actor, any_role: bool = False, holder: str | None = None
    ) -> bool:
        for word in step.done_by or ("holder",):
            part, _, role = str(word).partition(".")
            if role and role not in actor.roles and not any_role:
                continue
            if part == "holder":
                if (holder or picture.holder) == actor.agency:
                    return True
                continue
            agency = self._agency(picture, part)
            if agency is not None and actor.agency == (self._acting(picture, part, agency) or picture.holder):
                return True
        return False

    def _accountable_part(self, picture: Picture, said: Accountable) -> str:
        for exception in said.except_:
            if self._holds(picture, exception.if_, picture.opened) is True:
                return str(exception.use)
        if said.part is not None:
            return str(said.part)
        value = picture.values.get(str(said.depends_on))
        if value is None:
            raise Refused(f"depends_on: {said.depends_on} is not known")
        return str({str(word): part for word, part in said.cases.items()}[str(value)])

    def _related(self, picture: Picture) -> set[str]:
        """The agencies for which the case is there at all."""
        near = self._working(picture) | self._signers(picture)
        if picture.offer is not None:
            near.add(picture.offer["to"])
        if picture.status == "closed" and self._sop(picture).sop.reopen is not None:
            near |= {picture.opener, *picture.former}
        if picture.stage is not None and picture.status == "open":
            told = (self._agency(picture, str(told.part)) for told in self._stage(picture).informs)
            near |= {agency for agency in told if agency is not None}
        return near

    def _working(self, picture: Picture) -> set[str]:
        """The agencies that do something in the case now, or did, or have the person."""
        back = max((given["withdrawn"] for given in picture.consents.values() if "withdrawn" in given), default=None)
        former = {
            agency
            for agency, until in picture.held_until.items()
            if self._now_is < until + SIGHT and (back is None or back <= until)
        }
        with_her = picture.with_ if picture.status != "closed" else None
        near = {picture.holder, picture.holder_for, with_her, *former}
        near |= {duty["agency"] for duty in picture.duties}
        if picture.stage is not None and picture.status == "open":
            words = [word for step in self._stage(picture).steps.values() for word in step.done_by]
            exits = self._sop(picture).sop.exits(picture.stage).values()
            words += [said.by for said in exits if said.by is not None]
            words += [
                word
                for said in exits
                for name in self._steps_named(said.requires)
                for word in self._sop(picture).step_of(name).done_by
            ]
            words += [said.by for said in self._sop(picture).sop.holds.values() if picture.stage not in said.not_in]
            words += self._movers(picture)
            for word in words:
                part = str(word).partition(".")[0]
                agency = self._agency(picture, part)
                near |= {agency, self._acting(picture, part, agency) if agency is not None else None}
        return {agency for agency in near if agency is not None} - picture.hidden

    def _movers(self, picture: Picture) -> list[str]:
        """The parts that move a track which was moved, or may be by open fields and facts alone."""
        found = []
        for name, track in self._sop(picture).sop.tracks.items():
            if str(name) in picture.tracks or self._sop(picture).holds(track.begins, picture.values) is True:
                found += [track.owner, *(move.done_by for move in track.moves.values() if move.done_by is not None)]
        return list(map(str, found))

    def _steps_named(self, requirements: Iterable[Requirement]) -> Iterator[str]:
        """The steps that requirements ask for, whichever stage they are of."""
        for said in requirements:
            if said.kind in ("done", "fresh", "count", "last"):
                yield from (str(name).split(".")[-1] for name in said.names)
            yield from self._steps_named(said.parts)

    def _here(self, picture: Picture) -> set[str]:
        """The agencies that may open the case, beside those that only follow it or are offered it."""
        if picture.stage is None or picture.status != "open":
            return self._working(picture)
        return (self._working(picture) | self._consulted(picture) | self._signers(picture)) - picture.hidden

    def _signers(self, picture: Picture) -> set[str]:
        """The agencies whose people may be asked to sign in this stage."""
        if picture.stage is None or picture.status != "open":
            return set()
        exits = self._sop(picture).sop.exits(picture.stage).values()
        parts = {str(row.of).partition(".")[0] for said in exits for row in said.second_person} - {"holder"}
        found = {self._acting(picture, part, agency) for part in parts if (agency := self._agency(picture, part))}
        return {agency for agency in found if agency is not None}

    def _consulted(self, picture: Picture) -> set[str]:
        """The agencies that are asked for an opinion in this stage."""
        if picture.stage is None or picture.status != "open":
            return set()
        found = (self._agency(picture, str(part)) for part in self._stage(picture).consults)
        return {agency for agency in found if agency is not None}

    def _takes_part(self, picture: Picture, actor: cmd.Actor, opinion: bool = False) -> None:
        """Notes and consents are by who holds, has the person or plays a part; opinions by who is consulted."""
        if picture.status == "closed":
            raise Refused("the case is closed")
        part = {picture.holder, picture.with_, *picture.parts.values()}
        if actor.agency in part and (
            actor.agency in self._related(picture) or self._perhaps_told(picture, actor.agency)
        ):
            return
        if not opinion or actor.agency not in self._consulted(picture):
            raise Refused("no part in the case")

    # Conditions and times

    def _stage(self, picture: Picture) -> Stage:
        return self._sop(picture).sop.stages[picture.stage]  # type: ignore[index]

    def _now(self, picture: Picture, now: datetime) -> dict[str, Any]:
        """All that a rule may read at a moment: open answers, facts, STEP.FIELD, periods."""
        values = dict(picture.values)
        for name, step in picture.steps.items():
            if step["records"]:
                values |= {f"{name}.{key}": value for key, value in step["records"][-1][1].items()}
        for name, period in self._sop(picture).sop.periods.items():
            begun = self._moment(picture, period.starts)
            state = "not_begun"
            if begun is not None:
                over = self._after(picture, begun, period.lasts) <= now
                early = self._moment(picture, period.ends_early) if period.ends_early else None
                state = "over" if over or (early is not None and early >= begun) else "running"
            values[str(name)] = state
        for name in self._sop(picture).sop.tracks:
            values[f"track.{name}"] = self._track(picture, str(name))
        return values

    def _track(self, picture: Picture, name: str) -> str:
        return picture.tracks.get(name, str(self._sop(picture).sop.tracks[name].states[0]))

    def _holds(self, picture: Picture, condition: Any, now: datetime) -> bool | None:
        """True, False, or None where it is not known."""
        answer = self._sop(picture).holds(condition, self._now(picture, now))
        return None if isinstance(answer, Missing) else bool(answer)

    def _moment(self, picture: Picture, moment: Any) -> datetime | None:
        if moment.entered is not None:
            if str(moment.entered) == picture.outcome:
                return picture.closed
            return picture.entered.get(str(moment.entered))
        if moment.left is not None:
            return picture.left.get(str(moment.left))
        step = picture.steps.get(str(moment.done).split(".")[-1])
        return step["records"][-1][0] if step and step["records"] else None

    def _after(self, picture: Picture, start: datetime, length: Any) -> datetime:
        agency = picture.holder or picture.opener
        by = str(self._sop(picture).sop.calendar)
        return self.directory.calendar_of(agency).after(start, length, by)

    def _due(self, picture: Picture, now: datetime) -> datetime | None:
        """When the time of the stage is over: the earliest of its limits that no hold stops."""
        found = [at for limit in self._limits(picture, now) if (at := self._moved(picture, *limit)) is not None]
        return min(found, default=None)

    def _limits(self, picture: Picture, now: datetime) -> Iterator[tuple[datetime, Deadline | None]]:
        """The limits of the stage; an extension stands in the place of all of them."""
        if picture.extended_until is not None:
            yield picture.extended_until, None
            return
        for limit in self._stage(picture).deadline:
            if self._holds(picture, limit.if_, now) is False:
                continue
            if limit.within is not None:
                yield self._after(picture, picture.counts_from or now, limit.within), limit
            elif limit.until is not None and picture.values.get(str(limit.until)) is not None:
                yield datetime.fromisoformat(str(picture.values[str(limit.until)]).replace("Z", "+00:00")), limit

    def _moved(self, picture: Picture, at: datetime, limit: Deadline | None) -> datetime | None:
        """A limit with the time of the holds that stopped it; None while one stops it."""
        if not self._stops(self._stage(picture), limit):
            return at
        for begun, ended in picture.holds if limit is not None else ():
            at += ended - begun if at > begun else timedelta(0)
        return None if picture.hold is not None and at > picture.hold["since"] else at

    def _stops(self, stage: Stage, limit: Deadline | None) -> bool:
        """A hold stops no clock whose source is law, and none of a protection stage with a deadline under a day."""
        if limit is not None and limit.source is not None and limit.source.kind == "law":
            return False
        short = any(one.within is not None and one.within.roughly() < DAY for one in stage.deadline)
        return not (stage.protection and short)

    # Requirements

    def _done(self, picture: Picture, step: str) -> bool:
        state = picture.steps.get(step)
        return state is not None and (state["count"] > 0 or state["waived"])

    def _consented(self, picture: Picture, name: str, receiver: str | None, now: datetime) -> bool:
        """A consent is there while its last word is given, its time is not over, and it names the receiver if any."""
        said = picture.consents.get(name)
        if said is None or said["status"] != "given":
            return False
        lasts = self._sop(picture).sop.consents[name].lasts
        if lasts is not None and self._after(picture, said["since"], lasts) <= now:
            return False
        return not said["to"] or receiver is None or receiver in said["to"]

    def _narrow(self, picture: Picture, name: str) -> bool:
        """Whether a consent is for some agencies only."""
        return bool(picture.consents.get(name, {"to": []})["to"])

    def _met(self, picture: Picture, said: Requirement, receiver: str | None, now: datetime) -> bool:
        asked = self._holds(picture, said.if_, now)
        if asked is False:
            return True
        met = self._met_if_asked(picture, said, receiver, now)
        if asked is None and met:
            self._why = "a missing value on which nothing hangs"
        return met

    def _met_if_asked(self, picture: Picture, said: Requirement, receiver: str | None, now: datetime) -> bool:
        names = [str(name).split(".")[-1] for name in said.names]
        if said.kind == "done":
            return all(self._done(picture, name) for name in names)
        if said.kind == "consent":
            return all(self._consented(picture, name, receiver, now) for name in names)
        if said.kind == "where":
            return self._holds(picture, said.where, now) is True
        if said.kind == "rule":
            return self._sop(picture).rules[str(said.rule)].answer(self._now(picture, now)) is True
        if said.kind == "any_of":
            return any(self._met(picture, part, receiver, now) for part in said.parts)
        if said.kind == "consulted":
            return all(str(name) in picture.consulted for name in said.names)
        records = [r for name in names for r in picture.steps.get(name, {"records": []})["records"]]
        if any(picture.steps.get(name, {}).get("before") for name in names):
            self._why = "records stay when a step is waived after them"
        if said.kind == "fresh":
            return all(self._is_fresh(picture, name, said.not_older_than, now) for name in names)
        fits = [
            self._sop(picture).holds(said.where, {**self._now(picture, now), **values}) is True for _, values in records
        ]
        if said.kind == "last":
            return len(fits) >= said.at_least and all(fits[-said.at_least :])
        if said.in_a_row:
            return len(fits) >= said.at_least and all(fits[-said.at_least :])
        counted = [at for (at, _), fit in zip(records, fits, strict=True) if fit]
        if said.on_different == "days":
            zone = self.directory.calendar_of(picture.holder or picture.opener).zone
            return len({at.astimezone(zone).date() for at in counted}) >= said.at_least
        return len(counted) >= said.at_least

    def _is_fresh(self, picture: Picture, name: str, length: Any, now: datetime) -> bool:
        step = picture.steps.get(name)
        if step is None or not self._done(picture, name):
            return False
        if not step["records"]:
            # What was waived is done, the last time when it was waived.
            return self._after(picture, step["touched"], length) >= now
        return self._after(picture, step["records"][-1][0], length) >= now

    def _needed(self, picture: Picture, step: Step, now: datetime) -> bool | None:
        """Whether an exit waits for a step: not where it is not offered; None where that is not known."""
        offered = self._holds(picture, step.only_if, now)
        asked: bool | None = step.needed.always
        if step.needed.if_ is not None:
            asked = self._holds(picture, step.needed.if_, now)
        if offered is False or asked is False:
            return False
        return None if offered is None or asked is None else True

    def _lacks_steps(self, picture: Picture, now: datetime) -> str | None:
        for name, step in self._stage(picture).steps.items():
            if step.owed is not None or self._needed(picture, step, now) is False:
                continue
            state = picture.steps.get(str(name))
            if state is None or state["status"] not in ("done", "waived"):
                if self._holds(picture, step.only_if, now) is None:
                    return f"asks_steps: whether {name} is offered is not known"
                return f"asks_steps: {name} is not done"
            if not self._finished(picture, str(name), step, now):
                return f"a paper of {name} is missing"
        return None

    def _finished(self, picture: Picture, name: str, step: Step, now: datetime) -> bool:
        """Whether a step is waived, or done with every paper that it needs."""
        state = picture.steps.get(name, {"status": ""})
        if state["status"] != "done":
            return bool(state["status"] == "waived")
        for paper, document in step.documents.items():
            wanted = document.needed.always
            if document.needed.if_ is not None:
                wanted = self._holds(picture, document.needed.if_, now) is not False
            if wanted and str(paper) not in state["documents"]:
                return False
        return True

    def _waits(self, picture: Picture) -> str | None:
        """Cases that are waited for and have not come far enough; later ones not where they join no more."""
        said = self._stage(picture).wait_for
        if said is None:
            return None
        word = str(said.all_ or said.any_)
        reached = [
            child["status"] == "settled" if word == "settled" else word in child["milestones"]
            for child in picture.children.values()
            if child["name"] == said.children and (said.joins_later or child["born"] <= self._entered_now(picture))
        ]
        fine = all(reached) if said.all_ is not None else any(reached)
        return None if fine else f"wait_for: {said.children}"

    def _entered_now(self, picture: Picture) -> datetime:
        """When the stage was entered in which the case is."""
        return picture.entered[str(picture.stage)]

    def _check_exit(
        self, picture: Picture, name: str, said: Exit, receiver: str | None, override: bool, now: datetime
    ) -> None:
        """Everything that must be so of the case for an exit; who asks is looked at elsewhere."""
        if self._holds(picture, said.only_if, now) is not True:
            raise Refused("only_if does not hold or is not known")
        self._not_blocked(picture, said.freezable)
        if said.asks_steps:
            lacks = self._lacks_steps(picture, now)
            if lacks:
                raise Refused(lacks)
            waits = self._waits(picture)
            if waits and not override:
                raise Refused(waits)
        for requirement in said.requires:
            if said.ends is not None and said.spawn is not None and requirement.kind == "consent":
                # The reference does not say who the receiver is of an end that opens a case.
                self._unsure |= any(self._narrow(picture, str(name)) for name in requirement.names)
            if not self._met(picture, requirement, receiver, now):
                raise Refused(f"requires: {requirement.kind} {requirement.names} {requirement.fix or ''}")
        for limit in said.not_before:
            if limit.until is not None:
                due = self._due(picture, now)
                if due is None or now < due:
                    raise Refused("not_before: the time of this stage is not over")
                if picture.hold is not None:
                    self._why = "a hold stops no clock that is over, of the law, or under a day in protection"
            elif limit.within is not None and now < self._after(picture, picture.since or now, limit.within):
                raise Refused(f"not_before: {limit.within}")
        if said.at_most is not None and picture.taken.get(name, 0) >= said.at_most:
            raise Refused("at_most")

    def _signature(self, picture: Picture, said: tuple[Signature, ...], now: datetime) -> Signature | None:
        return next((row for row in said if self._holds(picture, row.if_, now) is not False), None)

    def _open_tracks(self, picture: Picture, said: Exit) -> list[Signature]:
        """Who signs an end that asks for steps while tracks have begun and are not at their last state."""
        if said.ends is None or not said.asks_steps:
            return []
        tracks = self._sop(picture).sop.tracks.items()
        going = [
            track
            for name, track in tracks
            if self._track(picture, str(name)) not in (track.states[0], track.states[-1])
        ]
        return [signature for track in going for signature in track.open_at_end]

    # Commands

    def _is_holder(self, picture: Picture, actor: cmd.Actor) -> None:
        if picture.holder != actor.agency:
            raise Refused("only the holder does this")

    def _is_open(self, picture: Picture) -> None:
        if picture.status != "open":
            raise Refused(f"the case is {picture.status}")

    def _state_of(self, picture: Picture, step: str, status: str = "") -> dict[str, Any]:
        """What is known of a step; nothing yet where it was never recorded."""
        nothing = {"count": 0, "waived": False, "records": [], "documents": [], "status": status, "agency": None}
        return picture.steps.setdefault(step, nothing)

    def _do_recordstep(self, picture: Picture, command: cmd.RecordStep, reason: bool, now: datetime) -> None:
        sop = self._sop(picture)
        if command.step not in sop.steps:
            raise Refused("no such step")
        near = self._here(picture)
        if command.actor.agency not in near and not self._perhaps_told(picture, command.actor.agency):
            raise Refused("a stranger to the case")
        place, step = sop.steps[command.step]
        duty = next((duty for duty in picture.duties if duty["step"] == command.step), None)
        if command.corrects and not picture.steps.get(command.step, {}).get("count"):
            raise Refused("there is no record to correct")
        owes = duty is not None and duty["agency"] == command.actor.agency
        if not owes and not command.corrects:
            self._is_open(picture)
            if place is not None and place != picture.stage and place not in picture.entered:
                raise Refused("the step belongs to another stage")
        if not owes and not self._doer(picture, step, command.actor, holder=self._holder_of(picture, command.step)):
            raise Refused("done_by: another agency or role does this")
        if self._holds(picture, step.only_if, now) is not True:
            raise Refused("only_if does not hold or is not known")
        self._not_blocked(picture, step.freezable)
        for requirement in step.requires:
            if not self._met(picture, requirement, None, now):
                part = "" if command.complete else "before the act, also before a part of it: "
                raise Refused(f"requires: {part}{requirement.kind} {requirement.names}")
        state = self._state_of(picture, command.step)
        chosen = {}
        for part, agency in command.parts.items():
            said = sop.sop.agencies[part]
            if said.chosen_in != command.step:
                raise Refused(f"{part} is not chosen in this step")
            if agency not in self.directory.of_kind(tuple(map(str, said.kind))):
                raise Refused(f"{part}: of another kind")
            chosen[part] = agency
        known = {**self._now(picture, now), **command.values}
        for name, said in sop.sop.agencies.items():
            asked = said.chosen_in == command.step and command.complete and name not in {*chosen, *picture.parts}
            if asked and sop.holds(said.if_, known) is True:
                raise Refused(f"{name} must be chosen")
        if command.complete:
            form = sop.form_of(step)
            asked_here = map(str, form.fields()) if form is not None and command.corrects else ()
            emptied = [name for name in asked_here if name not in command.values]
            self._answer(picture, command.values, now, emptied)
        picture.parts |= chosen
        opened = {k: v for k, v in command.values.items() if sop.fields[k].open}
        if state.get("before"):
            self._why = "records stay when a step is waived after them"
        state["touched"], state["agency"] = now, command.actor.agency
        state["status"], state["waived"] = "done" if command.complete else "incomplete", False
        if command.complete and command.corrects:
            state["records"][-1] = (state["records"][-1][0], opened)
        elif command.complete:
            state["count"] += 1
            state["records"] = [*state["records"], (now, opened)][-MOST_RECORDS:]
        if command.complete:
            picture.duties = [owed for owed in picture.duties if owed["step"] != command.step]
            if step.with_ is not None and not command.corrects:
                picture.with_ = self._agency(picture, str(step.with_)) or picture.with_
            if duty is None and not command.corrects:
                self._set_off(picture, command.step, step)

    def _set_off(self, picture: Picture, name: str, step: Step) -> None:
        """What standing rules want done again after a step; one that was owed, or a correction, sets off nothing."""
        for rule in self._sop(picture).sop.always:
            after = rule.after
            if name in map(str, after.done) or (after.marked is not None and after.marked == step.mark):
                for again in rule.redo:
                    self._add_duty(picture, str(again), picture.holder, rule.blocks)

    def _not_blocked(self, picture: Picture, freezable: object) -> None:
        if freezable is not None and any(str(freezable) in duty["blocks"] for duty in picture.duties):
            raise Refused(f"a standing rule blocks {freezable} until a step is done again")

    def _answer(self, picture: Picture, values: Mapping[str, Any], now: datetime, emptied: Iterable[str] = ()) -> None:
        """Answers are kept, and the facts that hang on them worked out again; a correction may take answers away."""
        sop = self._sop(picture)
        for name in emptied:
            picture.raw.pop(name, None)
            picture.values.pop(name, None)
        picture.raw |= values
        picture.values |= {name: value for name, value in values.items() if sop.fields[name].open}
        touched = sop.touched_facts([*values, *emptied])
        facts = {str(name): picture.values[str(name)] for name in sop.sop.facts if str(name) in picture.values}
        given = {**facts, **picture.raw}
        for name in touched:
            given.pop(name, None)
        for name, result in sop.work_out(touched, given, now.date()).items():
            if result is None:
                picture.values.pop(name, None)
            else:
                picture.values[name] = result

    def _do_attach(self, picture: Picture, command: cmd.Attach, reason: bool, now: datetime) -> None:
        sop = self._sop(picture)
        if command.step not in sop.steps or command.document not in sop.step_of(command.step).documents:
            raise Refused("no such paper")
        owes = any((duty["step"], duty["agency"]) == (command.step, command.actor.agency) for duty in picture.duties)
        if owes:
            self._why = "who owes a step owes its papers"
        else:
            self._is_open(picture)
            doer = self._doer(picture, sop.step_of(command.step), command.actor, any_role=True)
            reaches = picture.holder == command.actor.agency and self._within_reach(picture, command.step)
            if not doer and not reaches:
                raise Refused("done_by: another agency does this")
        state = self._state_of(picture, command.step, "incomplete")
        state["documents"].append(command.document)
        if state["count"] and self._finished(picture, command.step, sop.step_of(command.step), now):
            picture.duties = [owed for owed in picture.duties if owed["step"] != command.step]

    def _do_go(self, picture: Picture, command: cmd.Go, reason: bool, now: datetime) -> None:
        self._is_open(picture)
        exits = self._sop(picture).sop.exits(str(picture.stage))
        said = exits.get(command.exit)
        if said is None:
            raise Refused("no such exit here")
        if said.by_wish is None and picture.offer is not None:
            raise Refused("one open offer at a time")
        if said.by_wish is None and picture.ending is not None:
            raise Refused("the case is ending")
        if said.by is not None:
            agency = self._agency(picture, str(said.by))
            acting = self._acting(picture, str(said.by), agency) if agency is not None else None
            if command.actor.agency not in {acting, None if said.lapse else picture.holder}:
                raise Refused(f"by: only {said.by} takes this exit")
        else:
            self._is_holder(picture, command.actor)
        if said.reason and not reason:
            raise Refused("reason: required")
        open_tracks = self._open_tracks(picture, said)
        signature = self._signature(picture, (*said.second_person, *open_tracks), now)
        override = False
        wait = self._stage(picture).wait_for
        asked = wait.override if wait is not None and command.override else None
        if asked is not None and said.asks_steps and asked.reason and not reason:
            # Who asks to go on says why, also where the last case has come far enough in the meantime.
            raise Refused("override: its reason is required")
        if said.asks_steps and self._waits(picture) and command.override:
            rule = self._stage(picture).wait_for.override  # type: ignore[union-attr]
            if rule is None:
                raise Refused("nothing lets one go on while cases are waited for")
            override, signature = True, self._signature(picture, (*rule.second_person, *open_tracks), now)
        before = signature is not None and signature.after is None
        try:
            receiver = self._receiver(picture, said, command.to, now)
        except Refused:
            if not before:
                raise
            receiver = command.to
        self._check_exit(picture, command.exit, said, receiver, override, now)
        of = self._agency(picture, str(signature.of)) if signature is not None else None
        if signature is not None and signature.after is None:
            if of is None:
                raise Refused("nobody can sign")
            picture.proposal = {
                "act": "go", "target": command.exit, "role": str(signature.role), "of": of,
                "by": command.actor.person, "agency": command.actor.agency, "to": command.to, "override": override,
            }  # fmt: skip
            return
        self._take(picture, command.exit, said, command.to, command.actor.agency, override, now)
        if signature is not None:
            self._owe_signature(picture, signature, of, command)

    def _owe_signature(self, picture: Picture, signature: Signature, of: str | None, command: cmd.Go) -> None:
        owed = {"role": str(signature.role), "of": of, "by": command.actor.person}
        if picture.offer is not None:
            picture.offer["owes"] = picture.perhaps_owed = owed
        elif picture.ending is not None:
            # Known: the engine forgets a signature that is owed for an end that waits for another case.
            picture.perhaps_owed = owed
        else:
            picture.owed_signature = owed

    def _receiver(self, picture: Picture, said: Exit, to: str | None, now: datetime) -> str | None:
        """The agency that an exit leads to; None where it ends the case."""
        if said.goes_to is None:
            return None
        stage = picture.previous if said.goes_to == PREVIOUS else str(said.goes_to)
        part = self._accountable_part(picture, self._sop(picture).sop.stages[stage].accountable)  # type: ignore[index]
        return self._choose(picture, part, to)

    def _choose(self, picture: Picture, part: str, to: str | None) -> str:
        found = self.candidates(picture, part)
        if to is not None:
            if to not in found:
                raise Refused(f"{to} cannot be {part}")
            return to
        if len(found) != 1:
            raise Refused(f"{part}: {len(found)} agencies fit")
        return found[0]

    def _take(
        self, picture: Picture, name: str, said: Exit, to: str | None, by: str, override: bool, now: datetime
    ) -> None:
        if said.goes_to is not None:
            stage = str(picture.previous if said.goes_to == PREVIOUS else said.goes_to)
            if said.spawn is not None:
                self._spawn(picture, name, said.spawn)
            self._offer(picture, stage, name, to, by, now, override=override)
            return
        if said.spawn is not None:
            self._spawn(picture, name, said.spawn)
            picture.ending = {"exit": name, "spawn": str(said.spawn.name), "opened": set()}
            picture.proposal = None
            return
        self._close(picture, name, now)

    def _spawn(self, picture: Picture, name: str, spawn: Spawn) -> None:
        """Taken again because its offer was refused, an exit opens no case twice."""
        rows = self._rows_of(picture, spawn)
        opened = (name, picture.entered[str(picture.stage)])
        self._spawns += [(spawn, row) for row in rows if (*opened, row) not in picture.opened_here]
        picture.opened_here |= {(*opened, row) for row in rows}

    def _rows_of(self, picture: Picture, spawn: Spawn) -> list[int | None]:
        """For which rows a case is opened; one without a row where the spawn names none."""
        if spawn.for_each is None:
            return [None]
        return list(range(len(picture.raw.get(str(spawn.for_each).partition(".")[2], []))))

    def _offer(
        self, picture: Picture, stage: str, name: str | None, to: str | None, by: str, now: datetime,
        opening: bool = False, override: bool = False,
    ) -> None:  # fmt: skip
        """Lead into a stage: at once where its agency is the holder or a law says so, else by an offer."""
        said = self._sop(picture).sop.stages[stage]
        try:
            part = self._accountable_part(picture, said.accountable)
            agency = self._choose(picture, part, to)
            holder = self._acting(picture, part, agency)
            if holder is None:
                raise Refused(f"{agency} has no users here and nobody holds for it")
        except Refused:
            if opening:
                return
            raise
        offer = {
            "stage": stage, "exit": name, "to": holder, "for": agency if agency != holder else None, "part": part,
            "agency": agency, "made": now, "by": by, "override": override, "owes": None,
        }  # fmt: skip
        if picture.status == "opening" and said.taking_over.by_law is not None and holder != picture.holder:
            self._why = "by_law: no refusal, starts on notice, also as the first stage"
        if holder == picture.holder or said.taking_over.by_law is not None:
            self._enter(picture, offer, now, now)
        else:
            picture.offer, picture.proposal = offer, None

    def _enter(self, picture: Picture, offer: dict[str, Any], counts_from: datetime, now: datetime) -> None:
        if picture.stage is not None and picture.status == "open":
            picture.left[picture.stage] = now
            self._owe(picture, self._stage(picture), now)
            picture.previous = picture.stage
        if picture.holder != offer["to"]:
            self._leaves(picture, now)
        if offer["exit"] is not None:
            picture.taken[offer["exit"]] = picture.taken.get(offer["exit"], 0) + 1
        picture.status, picture.stage, picture.since, picture.counts_from = "open", offer["stage"], now, counts_from
        picture.holder, picture.holder_for, picture.offer = offer["to"], offer["for"], None
        picture.parts[offer["part"]] = offer["agency"]
        picture.entered[offer["stage"]] = now
        picture.hold, picture.holds, picture.extended, picture.extended_until = None, [], 0, None
        picture.entries += 1
        picture.outcome = picture.proposal = None
        if offer["owes"]:
            picture.owed_signature = offer["owes"]
        with_ = self._stage(picture).with_
        if with_ is not None and now > picture.opened:
            # At the opening the entry says it; an acceptance or a reopening later is no opening.
            picture.with_ = self._agency(picture, str(with_)) or picture.with_

    def _exit_of(self, picture: Picture, offer: dict[str, Any]) -> Exit | None:
        if offer["exit"] is None or picture.stage is None:
            return None
        return self._sop(picture).sop.exits(picture.stage)[offer["exit"]]

    def _owe(self, picture: Picture, stage: Stage, now: datetime) -> None:
        for name, step in stage.steps.items():
            finished = self._finished(picture, str(name), step, now)
            if step.owed is not None and not finished and self._needed(picture, step, now) is True:
                part = str(step.done_by[0]).partition(".")[0] if step.done_by else "holder"
                agency = self._agency(picture, part)
                owes = (self._acting(picture, part, agency) if agency is not None else None) or picture.holder
                self._add_duty(picture, str(name), owes)

    def _add_duty(self, picture: Picture, step: str, agency: str | None, blocks: Iterable[str] = ()) -> None:
        """A step is owed once: the latest time that it was left counts."""
        picture.duties = [duty for duty in picture.duties if duty["step"] != step]
        picture.duties.append({"step": step, "agency": agency, "blocks": [str(word) for word in blocks]})

    def _close(self, picture: Picture, name: str, now: datetime) -> None:
        said = self._sop(picture).sop.exits(str(picture.stage))[name]
        self._owe(picture, self._stage(picture), now)
        if said.leaves is not None:
            self._add_duty(picture, str(said.leaves.step), picture.holder)
        picture.taken[name] = picture.taken.get(name, 0) + 1
        picture.left[str(picture.stage)] = now
        picture.status, picture.outcome, picture.closed = "closed", str(said.ends), now
        self._leaves(picture, now)
        picture.holder = picture.holder_for = picture.offer = picture.ending = picture.hold = None
        picture.proposal = None

    def _do_offerfirst(self, picture: Picture, command: cmd.OfferFirst, reason: bool, now: datetime) -> None:
        if picture.status != "opening":
            raise Refused("the case is not opening")
        if picture.offer is not None:
            raise Refused("one open offer at a time")
        self._is_holder(picture, command.actor)
        self._offer(picture, picture.entry, None, command.to, command.actor.agency, now)

    def _do_accept(self, picture: Picture, command: cmd.Accept, reason: bool, now: datetime) -> None:
        offer = picture.offer
        if offer is None:
            raise Refused("nothing is offered")
        if offer["to"] != command.actor.agency:
            raise Refused("only the receiver accepts")
        exit_ = self._exit_of(picture, offer)
        if exit_ is not None:
            self._check_exit(picture, offer["exit"], exit_, offer["agency"], offer["override"], now)
        said = self._sop(picture).sop.stages[offer["stage"]].accountable
        part = self._accountable_part(picture, said)
        if part != offer["part"]:
            raise Refused(f"who is accountable is read on entry: now {part} is accountable, not {offer['part']}")
        protects = self._sop(picture).sop.stages[offer["stage"]].protection
        self._enter(picture, offer, offer["made"] if protects else now, now)

    def _do_refuse(self, picture: Picture, command: cmd.Refuse, reason: bool, now: datetime) -> None:
        if picture.offer is None:
            raise Refused("nothing is offered")
        if picture.offer["to"] != command.actor.agency:
            raise Refused("only the receiver refuses")
        known = {*REASONS, *map(str, self._sop(picture).sop.refusal_reasons)}
        if command.reason not in known:
            raise Refused("a coded reason is asked")
        picture.offer = None

    def _do_withdrawoffer(self, picture: Picture, command: cmd.WithdrawOffer, reason: bool, now: datetime) -> None:
        if picture.offer is None:
            raise Refused("nothing is offered")
        if command.actor.agency not in (picture.holder, picture.offer["by"]):
            raise Refused("only the sender withdraws")
        if command.actor.agency != picture.holder:
            self._why = "the sender withdraws, also the one that took a lapse"
        picture.offer = None

    def _do_sign(self, picture: Picture, command: cmd.Sign, reason: bool, now: datetime) -> None:
        proposal = picture.proposal
        if proposal is None:
            self._sign_owed(picture, command)
            return
        self._may_sign(proposal, command.actor)
        picture.proposal = None
        if proposal["act"] == "go":
            said = self._sop(picture).sop.exits(str(picture.stage))[proposal["target"]]
            receiver = self._receiver(picture, said, proposal["to"], now)
            self._check_exit(picture, proposal["target"], said, receiver, proposal["override"], now)
            self._take(
                picture, proposal["target"], said, proposal["to"], command.actor.agency, proposal["override"], now
            )
        elif proposal["act"] == "waive":
            self._chooses_nobody(picture, proposal["target"], now)
            state = self._state_of(picture, proposal["target"])
            state["waived"], state["status"], state["touched"] = True, "waived", now
            state["before"] = state["count"] > 0
        elif proposal["act"] == "extend":
            picture.extended, picture.extended_until = picture.extended + 1, datetime.fromisoformat(proposal["target"])
        elif proposal["act"] == "reopen":
            self._reopen(picture, str(self._sop(picture).sop.reopen.otherwise.goes_to), proposal["agency"], now)  # type: ignore[union-attr]
        else:
            self._reassigned(picture, proposal["target"], now)

    def _may_sign(self, proposal: dict[str, Any], actor: cmd.Actor) -> None:
        if proposal["of"] != actor.agency or proposal["role"] not in actor.roles:
            raise Refused("another agency or role signs")
        if proposal["by"] == actor.person:
            raise Refused("never the proposer")

    def _sign_owed(self, picture: Picture, command: cmd.Sign) -> None:
        if picture.owed_signature is None and picture.perhaps_owed is not None:
            # The reference does not say whether an act that is only offered is signed, nor one whose offer ended.
            self._may_sign(picture.perhaps_owed, command.actor)
            self._unsure = True
            return
        if picture.owed_signature is None:
            raise Refused("nothing is to be signed")
        self._may_sign(picture.owed_signature, command.actor)
        picture.owed_signature = None

    def _do_refusetosign(self, picture: Picture, command: cmd.RefuseToSign, reason: bool, now: datetime) -> None:
        if picture.proposal is None:
            raise Refused("nothing is proposed")
        if picture.proposal["by"] != command.actor.person:
            self._may_sign(picture.proposal, command.actor)
        picture.proposal = None

    def _do_giveconsent(self, picture: Picture, command: cmd.GiveConsent, reason: bool, now: datetime) -> None:
        said = self._consent(picture, command.consent, command.actor)
        child = picture.values.get("is_child", "no") != "no"
        giver = said.given_by.get("child") if child else said.given_by.get("adult")
        if giver is not None and command.given_by != giver:
            raise Refused("given_by: somebody else gives this consent")
        if child and said.assent == "required" and not command.assent:
            raise Refused("assent: required")
        picture.consents[command.consent] = {"status": "given", "to": list(command.to), "since": now}

    def _consent(self, picture: Picture, name: str, actor: cmd.Actor) -> Any:
        self._takes_part(picture, actor)
        said = self._sop(picture).sop.consents.get(name)
        if said is None:
            raise Refused("no such consent")
        return said

    def _do_refuseconsent(self, picture: Picture, command: cmd.RefuseConsent, reason: bool, now: datetime) -> None:
        self._consent(picture, command.consent, command.actor)
        picture.consents[command.consent] = {"status": "refused", "to": []}

    def _do_withdrawconsent(self, picture: Picture, command: cmd.WithdrawConsent, reason: bool, now: datetime) -> None:
        self._consent(picture, command.consent, command.actor)
        given = picture.consents.get(command.consent)
        if given is None or given["status"] != "given":
            raise Refused("it was not given")
        rested = picture.offer is not None and not self._lacks_consent(picture)
        given["status"], given["withdrawn"] = "withdrawn", now
        if rested and self._lacks_consent(picture):
            picture.offer = None

    def _lacks_consent(self, picture: Picture) -> bool:
        """Whether the open offer lacks a consent; one that did already is not withdrawn by the reference's words."""
        offer: dict[str, Any] = picture.offer or {}
        exit_ = self._exit_of(picture, offer)
        asked = [said for said in exit_.requires if said.kind == "consent"] if exit_ is not None else []
        return not all(self._met(picture, said, offer["agency"], offer["made"]) for said in asked)

    def _do_handover(self, picture: Picture, command: cmd.HandOver, reason: bool, now: datetime) -> None:
        self._takes_part(picture, command.actor)
        if self._sop(picture).sop.about != "person":
            raise Refused("with: only a person is with somebody")
        if command.to not in self.directory.agencies:
            raise Refused("no such agency")
        if command.to == picture.with_:
            raise Refused("she is there already")
        picture.with_ = command.to

    def _do_assign(self, picture: Picture, command: cmd.Assign, reason: bool, now: datetime) -> None:
        if picture.status == "closed":
            raise Refused("the case is closed")
        self._is_holder(picture, command.actor)

    def _do_note(self, picture: Picture, command: cmd.Note, reason: bool, now: datetime) -> None:
        heard = self._stage(picture).consults if picture.status == "closed" and picture.stage is not None else ()
        if command.actor.agency in {self._agency(picture, str(part)) for part in heard}:
            # The reference does not say whether an opinion may still be written when the case has ended.
            self._unsure = True
            return
        self._takes_part(picture, command.actor, opinion=True)
        if picture.stage is not None and picture.status == "open":
            for part in self._stage(picture).consults:
                if self._agency(picture, str(part)) == command.actor.agency:
                    picture.consulted.append(str(part))
                    if command.actor.agency not in {picture.holder, picture.with_, *picture.parts.values()} or (
                        command.actor.agency not in self._related(picture)
                    ):
                        self._why = f"consults: an opinion of {part}"

    def _do_hold(self, picture: Picture, command: cmd.Hold, reason: bool, now: datetime) -> None:
        self._is_open(picture)
        said = self._sop(picture).sop.holds.get(command.reason)
        if said is None:
            raise Refused("no such hold")
        if picture.hold is not None:
            raise Refused("on hold already")
        if picture.stage in said.not_in:
            raise Refused("not_in this stage")
        self._decides_hold(picture, command.reason, command.actor)
        picture.hold = {"reason": command.reason, "since": now}

    def _decides_hold(self, picture: Picture, reason: str, actor: cmd.Actor) -> None:
        """Whom `by` names puts the case on hold for this reason and takes it off."""
        part, _, role = str(self._sop(picture).sop.holds[reason].by).partition(".")
        agency = self._agency(picture, part)
        typing = self._acting(picture, part, agency) if agency is not None else None
        if typing != actor.agency or (role and role not in actor.roles):
            raise Refused("by: somebody else puts it on hold and takes it off")

    def _do_resume(self, picture: Picture, command: cmd.Resume, reason: bool, now: datetime) -> None:
        if picture.hold is None:
            raise Refused("no hold")
        self._decides_hold(picture, picture.hold["reason"], command.actor)
        begun = picture.hold["since"]
        picture.holds.append((begun, now))
        until = picture.extended_until
        if until is not None and until > begun and self._stops(self._stage(picture), None):
            picture.extended_until = until + (now - begun)
        picture.hold = None

    def _within_reach(self, picture: Picture, name: str) -> bool:
        """What a holder may waive and note papers of: a step that has come and is not kept from it."""
        place, step = self._sop(picture).steps[name]
        if any(self._agency(picture, str(part)) == picture.holder for part in step.kept_from):
            return False
        return place is None or place == picture.stage or place in picture.entered

    def _chooses_nobody(self, picture: Picture, step: str, now: datetime) -> None:
        """A step in which an agency is chosen that is not known yet and may be needed cannot be waived."""
        for name, part in self._sop(picture).sop.agencies.items():
            asked = part.chosen_in == step and self._holds(picture, part.if_, now) is not False
            if asked and self._agency(picture, str(name)) is None:
                raise Refused(f"{name} is chosen in it and not known")

    def _do_waivestep(self, picture: Picture, command: cmd.WaiveStep, reason: bool, now: datetime) -> None:
        if picture.status == "closed":
            raise Refused("the case is closed")
        self._is_holder(picture, command.actor)
        if not reason:
            raise Refused("a reason is asked")
        if command.step not in self._sop(picture).steps:
            raise Refused("no such step")
        if not self._within_reach(picture, command.step):
            raise Refused("the step has not come, or is kept from the holder")
        self._chooses_nobody(picture, command.step, now)
        picture.proposal = {
            "act": "waive", "target": command.step, "role": "supervisor", "of": picture.holder,
            "by": command.actor.person, "agency": command.actor.agency,
        }  # fmt: skip

    def _do_reopen(self, picture: Picture, command: cmd.Reopen, reason: bool, now: datetime) -> None:
        if picture.status != "closed":
            raise Refused("the case is not closed")
        said = self._sop(picture).sop.reopen
        if said is None:
            raise Refused("reopen: never")
        if command.reason not in (*(said.reasons or REOPENS), *said.new_episode):
            raise Refused("another reason")
        if command.actor.agency not in {picture.opener, *picture.former}:
            raise Refused("a stranger to the case")
        if command.reason in said.new_episode:
            self._begin_anew(picture, command.reason, said.new_episode[command.reason])
            return
        right = said.of_right
        if (
            right is not None
            and (not right.from_ or picture.outcome in right.from_)
            and (right.for_ is None or now <= self._closed_after(picture, right.for_))
        ):
            if right.for_ is not None and picture.closed is not None and now > picture.closed + right.for_.roughly():
                self._why = "of_right: a day ends at 24:00 of the agency"
            self._reopen(picture, str(right.goes_to), command.actor.agency, now)
            return
        signature = self._signature(picture, said.otherwise.second_person, now)
        if signature is None:
            if right is not None and right.goes_to != said.otherwise.goes_to:
                self._why = "reopen: else has its own goes_to"
            self._reopen(picture, str(said.otherwise.goes_to), command.actor.agency, now)
            return
        of = command.actor.agency if signature.of == "holder" else self._agency(picture, str(signature.of))
        picture.proposal = {
            "act": "reopen", "target": command.reason, "role": str(signature.role), "of": of,
            "by": command.actor.person, "agency": command.actor.agency,
        }  # fmt: skip

    def _begin_anew(self, picture: Picture, reason: str, spawn: Spawn) -> None:
        """A new episode is a case of its own, once for each end and reason; this one stays ended."""
        if (reason, picture.closed) in picture.begun_anew:
            raise Refused("new_episode: it was opened already")
        picture.begun_anew.add((reason, picture.closed))
        self._spawns += [(spawn, row) for row in self._rows_of(picture, spawn)]

    def _closed_after(self, picture: Picture, length: Any) -> datetime:
        by = str(self._sop(picture).sop.calendar)
        return self.directory.calendar_of(picture.former[-1]).after(picture.closed or picture.opened, length, by)

    def _reopen(self, picture: Picture, stage: str, agency: str, now: datetime) -> None:
        picture.status, picture.entry, picture.holder = "opening", stage, agency
        picture.stage, picture.closed = None, None
        self._offer(picture, stage, None, None, agency, now, opening=True)

    def _leaves(self, picture: Picture, now: datetime) -> None:
        if picture.holder is not None:
            picture.former.append(picture.holder)
            picture.held_until[picture.holder] = now

    def _reassigned(self, picture: Picture, to: str, now: datetime) -> None:
        if picture.holder != to:
            self._leaves(picture, now)
        picture.holder, picture.holder_for, picture.offer, picture.proposal = to, None, None, None

    def _do_contest(self, picture: Picture, command: cmd.Contest, reason: bool, now: datetime) -> None:
        raise Refused("nothing was taken over on a signature")

    def _do_report(self, picture: Picture, command: cmd.Report, reason: bool, now: datetime) -> None:
        """A case that this one opened tells how it stands; an end that waits for it is reached past its opening."""
        told = picture.children[command.child.id]
        told["status"] = command.status
        if self._ends_by(picture, command.child.id):
            self._close(picture, picture.ending["exit"], now)  # type: ignore[index]

    def _do_tick(self, picture: Picture, command: cmd.Tick, reason: bool, now: datetime) -> None:
        """Time moves nothing. Of what it tells the ladders of stages, offers and clocks and the reminders are known."""
        again = self._again(picture, now)
        new = (self._ladders(picture, now) | self._reminders(picture, now)) - picture.told
        self._spawns += again
        self._unsure = not (new or again)
        picture.ticked = True
        parts = map(str, self._sop(picture).sop.agencies)
        picture.informed += [agency for part in parts if (agency := self._agency(picture, part)) is not None]
        picture.told |= new

    def _again(self, picture: Picture, now: datetime) -> list[tuple[Spawn, int | None]]:
        """Cases that are opened again and again: first from the entry of the stage, then from the last such case."""
        found: list[tuple[Spawn, int | None]] = []
        for said in self._sop(picture).sop.every:
            if picture.status != "open" or picture.stage != said.while_:
                continue
            last = picture.again.get(str(said.spawn.name), picture.entered[str(said.while_)])
            if self._after(picture, last, said.every) <= now:
                picture.again[str(said.spawn.name)] = now
                found += [(said.spawn, row) for row in self._rows_of(picture, said.spawn)]
        return found

    def _reminders(self, picture: Picture, now: datetime) -> set[str]:
        """The last share of the time of the stage that has come, while its limit has not."""
        due = self._due(picture, now) if picture.status == "open" else None
        if due is None or due <= now or picture.counts_from is None:
            return set()
        start = picture.counts_from
        come = [share for share in self._stage(picture).remind_at if start + (due - start) * share / 100 <= now]
        return {f"reminder {picture.entries} {max(come)}"} if come else set()

    def _clocks(self, picture: Picture, now: datetime) -> set[str]:
        """The rows that are reached of every clock that runs, each once for each entry of the stage."""
        found = set()
        for name, due in self._clock_dues(picture, now):
            late = self._agency(picture, str(self._sop(picture).sop.clocks[name].charged_to))
            for number, after in enumerate(self._usual_rows(picture)):
                # Where nobody is late yet there is no supervisor of the late agency; those above are told.
                if due + after <= now and (number or late is not None):
                    found.add(f"clock {name} {picture.entries} {number}")
        return found

    def _clock_dues(self, picture: Picture, now: datetime) -> Iterator[tuple[str, datetime]]:
        """By when the clocks that run are to be met, by the calendar of whoever is late, else by the first one."""
        for name, clock in self._sop(picture).sop.clocks.items():
            begun, met = self._moment(picture, clock.starts), self._moment(picture, clock.stops)
            runs = begun is not None and (met is None or met < begun)
            if begun is None or not runs or self._holds(picture, clock.if_, now) is False:
                continue
            late = self._agency(picture, str(clock.charged_to))
            first = next(iter(self.directory.calendars.values()))
            calendar = self.directory.calendar_of(late) if late is not None else first
            due = calendar.after(begun, clock.within, str(self._sop(picture).sop.calendar))
            yield str(name), due + self._left_out(picture, clock.excluding, begun)

    def _left_out(self, picture: Picture, excluding: Any, begun: datetime) -> timedelta:
        """The time after the beginning of a clock that does not count."""
        ends = [picture.values.get(str(name)) for name in (excluding.from_, excluding.to)] if excluding else []
        if not ends or None in ends:
            return timedelta(0)
        first, last = (datetime.fromisoformat(str(at).replace("Z", "+00:00")) for at in ends)
        return max(last - max(first, begun), timedelta(0))

    def _ladders(self, picture: Picture, now: datetime) -> set[str]:
        """The rows that are reached, each once for each entry of the stage and for each offer."""
        offer, found = picture.offer, self._clocks(picture, now)
        due = self._due(picture, now) if picture.status == "open" else None
        if due is not None:
            rows = enumerate(self._rows(picture, now))
            found |= {f"stage {picture.entries} {number}" for number, after in rows if due + after <= now}
        if offer is not None:
            rows = enumerate(self._usual_rows(picture))
            by = self.answer_by(picture)
            found |= {f"offer {offer['made']} {number}" for number, after in rows if by + after <= now}
        return found

    def _rows(self, picture: Picture, now: datetime) -> list[timedelta]:
        """How long after the deadline somebody is told: by the stage's own rows that tell anybody, or as usual."""
        rows = self._stage(picture).escalate
        if not rows:
            return self._usual_rows(picture)
        asked = [row for row in rows if self._holds(picture, row.if_, now) is not False]
        parts = [(row, [str(to).partition(".")[0] for to in row.informs]) for row in asked]
        return [row.overdue_by.roughly() for row, told in parts if any(self._reached(picture, to) for to in told)]

    def _reached(self, picture: Picture, part: str) -> bool:
        named = {str(name) for name in self._sop(picture).sop.agencies}
        if part in named or part == "holder":
            return self._agency(picture, part) is not None
        district = next((str(v) for name, v in picture.values.items() if name.startswith("district_")), None)
        return bool(self.directory.of_kind((part,), district))

    def _usual_rows(self, picture: Picture) -> list[timedelta]:
        protects = picture.stage is not None and self._stage(picture).protection
        above = [("dccht", DAY if protects else 3 * DAY), ("nccht", 7 * DAY)]
        return [timedelta(0), *(after for kind, after in above if self._reached(picture, kind))]

    def answer_by(self, picture: Picture) -> datetime:
        """By when an offer is to be answered: never later than a quarter of the first limit of its stage."""
        offer: dict[str, Any] = picture.offer or {}
        said, made = self._sop(picture).sop.stages[offer["stage"]], offer["made"]
        wait = said.taking_over.accept_within or (
            Duration(1, "hours") if said.protection else Duration(1, "working days")
        )
        calendar, by = self.directory.calendar_of(offer["to"]), str(self._sop(picture).sop.calendar)
        first = next((limit.within for limit in said.deadline if limit.within is not None), None)
        answer = calendar.after(made, wait, by)
        return answer if first is None else min(answer, made + (calendar.after(made, first, by) - made) / 4)

    def _do_extend(self, picture: Picture, command: cmd.Extend, reason: bool, now: datetime) -> None:
        self._is_open(picture)
        self._is_holder(picture, command.actor)
        said = next((one.extend for one in self._stage(picture).deadline if one.extend is not None), None)
        due = self._due(picture, now)
        if said is None or due is None or command.until <= due or picture.extended >= said.times or not reason:
            raise Refused("extend: with a reason, to a later moment, so many times")
        row = said.second_person[0] if said.second_person else None
        if row is None and not picture.extended:
            picture.extended, picture.extended_until = 1, command.until
            return
        of = self._agency(picture, str(row.of)) if row is not None else None
        picture.proposal = {
            "act": "extend", "target": command.until.isoformat(), "role": str(row.role) if row else "supervisor",
            "of": of or picture.holder, "by": command.actor.person, "agency": command.actor.agency,
        }  # fmt: skip

    def _do_movetrack(self, picture: Picture, command: cmd.MoveTrack, reason: bool, now: datetime) -> None:
        self._is_open(picture)
        track = self._sop(picture).sop.tracks.get(command.track)
        if track is None or command.state not in track.states:
            raise Refused("there is no such track or state")
        said = track.moves.get(command.state)
        mover = said.done_by if said is not None and said.done_by is not None else track.owner
        if command.actor.agency != (self._agency(picture, str(mover)) or picture.holder):
            raise Refused("owner: another agency moves this track")
        if command.track not in picture.tracks and self._holds(picture, track.begins, now) is not True:
            raise Refused("begins: this surely holds")
        here, order = self._track(picture, command.track), [str(state) for state in track.states]
        if here not in (said.from_ if said is not None else order[: order.index(command.state)]):
            raise Refused("states: any later one, or as moves say")
        picture.tracks[command.track] = command.state

    def _divert(self, picture: Picture, now: datetime) -> None:
        """`except` is read at every event: when it begins to hold the case goes at once to `use`."""
        if picture.status != "open" or picture.stage is None:
            return
        for exception in self._stage(picture).accountable.except_:
            if self._holds(picture, exception.if_, now) is True:
                agency = self._agency(picture, str(exception.use))
                hidden = {found for part in exception.hide_from if (found := self._agency(picture, str(part)))}
                if agency is not None and (agency != picture.holder or not hidden <= picture.hidden):
                    self._reassigned(picture, agency, now)
                    picture.parts[str(exception.use)] = agency
                    picture.hidden |= hidden
                return
