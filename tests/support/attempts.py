"""What random people try on a case: mostly what might be accepted by somebody who has to do with it."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sop_engine.case import commands as cmd
from sop_engine.demo.answers import fill
from sop_engine.demo.cast import Cast
from sop_engine.demo.clock import SetClock
from sop_engine.demo.stories.bar_rescue import GOOD
from sop_engine.services import answers
from sop_engine.services.installation import actor_of, new_id
from sop_engine.sop.procedure import Procedure
from sop_engine.store.people import Account
from tests.support.oracle import Oracle, Picture

STRANGERS = ("ahtb", "wcsc-kathmandu", "cwo-kathmandu", "himal-aashraya", "police-cid", "nccht", "wcsc-jhapa", "utis")
WISHED: dict[str, list[Any]] = {
    **{name: [value] for name, value in GOOD.items()},
    "people": [[{"token": "B-1", "looks_like": "woman"}, {"token": "B-2", "looks_like": "girl"}]],
    "women_counted": ["1"], "men_counted": ["0"], "children_counted": ["1"], "other_sex_counted": ["0"],
    "place_found": ["NP0327", "NP0557", "NP0104"], "birth_date": ["1996", "2012", "2008", "2008-03-20"],
    "operation_kind": ["in_nepal", "in_nepal", "abroad", "home_monitoring"],
    "share_what": [["identity", "health"], ["location"]],
    "approval_path": ["planned", "emergency"], "contact_by": ["women_desk", "ngo", "booth"],
    "part_played": ["presumed_victim", "child", "bystander", "suspect_exit"],
    "international_finding": ["tip", "som", "neither"], "wish_to_report": ["yes", "no"],
    "panel_agencies": [["women_desk", "women_child_officer", "ngo"]], "needs_met": ["yes"], "private_room": ["yes"],
    "interpreter_vetted": ["vetted"], "guardian_here": ["guardian"], "urgent_medical": ["yes", "no"],
    "medical_answer": ["accepted", "refused"], "ref_services": [["legal_help"], ["return_home"]],
    "medical_before_police": ["given"], "review_result": ["upheld_result", "overturned_result"],
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Attempt:
    """One command as it will be sent: the command that the oracle judges, and what the engine is given.

    `fits` says whether the answers of a record fit its form.
    """

    account: Account
    command: cmd.Command
    reason: bool
    raw: dict[str, Any] | None = None
    fits: bool = True

    def __str__(self) -> str:
        said = {name: getattr(self.command, name) for name in self.command.__struct_fields__}
        for name in ("id", "actor", "happened", "seen", "sealed", "known"):
            said.pop(name, None)
        told = " ".join(f"{name}={value}" for name, value in said.items() if value)
        return f"{self.account.sign_in}: {type(self.command).__name__} {told}{' with a reason' if self.reason else ''}"


@dataclass(frozen=True, slots=True)
class Attempts:
    """Draws attempts on the cases that an oracle follows; `chance` decides everything."""

    cast: Cast
    clock: SetClock
    oracle: Oracle
    chance: random.Random

    def draw(self, case_id: str) -> Attempt:
        picture = self.oracle.cases[case_id]
        account = self._somebody(picture)
        reason = self.chance.random() < 0.85
        if picture.status == "open" and self.chance.random() < (0.7 if picture.offer else 0.5):
            return self._step(picture, account)
        return Attempt(account, self._command(picture, account), reason)

    def onward(self, picture: Picture) -> Iterator[Attempt]:
        """What would bring a case on, by everybody who might do it."""
        procedure, of = self.oracle.procedures[picture.sop], self.cast.of
        agencies = {picture.holder, *picture.parts.values(), picture.offer["to"] if picture.offer else None}
        here = procedure.sop.stages[picture.stage] if picture.stage else None
        for account in [account for agency in sorted(filter(None, agencies)) for account in of.get(agency, ())]:
            head: dict[str, Any] = {"id": new_id(), "actor": actor_of(account)}
            yield Attempt(account, cmd.Accept(**head), True)
            yield Attempt(account, cmd.Sign(**head), True)
            if here is not None and picture.offer is None and picture.proposal is None:
                yield Attempt(account, cmd.Go(exit=str(next(iter(here.go))), **head), True)
                for name in map(str, here.steps):
                    if picture.steps.get(name, {}).get("status") != "done":
                        yield self._record(picture, name, account, 1.0, True)

    def tempting(self, picture: Picture) -> Iterator[Attempt]:
        """What may be tried at any time: each way on, an answer to an offer, the yes of a second person, more time."""
        yield from self._ways(picture)
        yield from self._holds(picture)
        yield from self._earlier(picture)
        of, until = self.cast.of, self.clock() + timedelta(days=400)
        for account in of.get(picture.holder or "", ()):
            yield Attempt(account, cmd.Extend(id=new_id(), actor=actor_of(account), until=until), True)
        procedure = self.oracle.procedures[picture.sop]
        owners = [str(track.owner) for track in procedure.sop.tracks.values()]
        for account in [of[one][0] for part in owners for one in self.oracle.candidates(picture, part) if one in of][
            :1
        ]:
            yield Attempt(account, self._track(procedure, {"id": new_id(), "actor": actor_of(account)}), True)
        for account in of.get(picture.holder or "", ())[:1] if picture.offer else ():
            yield Attempt(account, cmd.WithdrawOffer(id=new_id(), actor=actor_of(account)), True)
        for account in of.get(picture.offer["to"], ()) if picture.offer else ():
            yield Attempt(account, cmd.Accept(id=new_id(), actor=actor_of(account)), True)
            yield Attempt(account, cmd.Refuse(id=new_id(), actor=actor_of(account), reason="no_capacity"), True)
        for account in of.get(picture.proposal["of"], ()) if picture.proposal else ():
            yield Attempt(account, cmd.Sign(id=new_id(), actor=actor_of(account)), True)
        for account in of.get(picture.proposal["agency"], ()) if picture.proposal else ():
            yield Attempt(account, cmd.RefuseToSign(id=new_id(), actor=actor_of(account)), True)
        for account in of.get(picture.holder or "", ())[:1] if picture.stage else ():
            yield Attempt(account, self._waive(picture, {"id": new_id(), "actor": actor_of(account)}), True)
        for account in self._one_of_each(picture.opener, *picture.former) if picture.status == "closed" else ():
            yield Attempt(account, self._reopen(procedure, {"id": new_id(), "actor": actor_of(account)}), True)

    def _holds(self, picture: Picture) -> Iterator[Attempt]:
        """Time stops or runs on, by whoever decides it and by the holder."""
        holds = self.oracle.procedures[picture.sop].sop.holds
        if picture.status != "open" or not holds:
            return
        name = picture.hold["reason"] if picture.hold else self.chance.choice(sorted(holds))
        others = self.oracle.candidates(picture, str(holds[name].by).partition(".")[0])
        for account in self._one_of_each(picture.holder, *others[:1]):
            head: dict[str, Any] = {"id": new_id(), "actor": actor_of(account)}
            yield Attempt(account, cmd.Resume(**head) if picture.hold else cmd.Hold(reason=str(name), **head), True)

    def _earlier(self, picture: Picture) -> Iterator[Attempt]:
        """A step of a stage that was left, recorded again or corrected by the holder and by whoever recorded it."""
        steps = self.oracle.procedures[picture.sop].steps
        left = [name for name in sorted(picture.steps) if steps[name][0] not in (None, picture.stage)]
        if left and self.chance.random() < 0.3:
            name = self.chance.choice(left)
            for account in self._one_of_each(picture.holder, picture.steps[name]["agency"]):
                yield self._record(picture, name, account, 1.0, True, self.chance.random() < 0.5)

    def _one_of_each(self, *agencies: str | None) -> list[Account]:
        """A person of each of these agencies."""
        known = [agency for agency in dict.fromkeys(agencies) if agency in self.cast.of]
        return [self.chance.choice(self.cast.of[agency]) for agency in known]  # type: ignore[index]

    def _waive(self, picture: Picture, head: dict[str, Any]) -> cmd.WaiveStep:
        """A step of this stage, or one in which an agency is chosen, is waived."""
        sop = self.oracle.procedures[picture.sop].sop
        here = [str(name) for name in sop.stages[picture.stage].steps] if picture.stage else []
        choosing = [str(part.chosen_in) for part in sop.agencies.values() if part.chosen_in not in (None, "opening")]
        return cmd.WaiveStep(step=self.chance.choice([*here, *choosing] or ["nothing"]), **head)

    def _reopen(self, procedure: Procedure, head: dict[str, Any]) -> cmd.Reopen:
        said = procedure.sop.reopen
        words = [*said.reasons, *said.new_episode] if said is not None else []
        return cmd.Reopen(reason=self.chance.choice(["new_information", "error", "nothing", *map(str, words)]), **head)

    def _ways(self, picture: Picture) -> Iterator[Attempt]:
        """Every exit, by the holder and by whoever else may take it."""
        exits = self.oracle.procedures[picture.sop].sop.exits(str(picture.stage)) if picture.status == "open" else {}
        for name, said in exits.items():
            others = self.oracle.candidates(picture, str(said.by)) if said.by is not None else []
            for agency in dict.fromkeys([picture.holder, *others]):
                for account in self.cast.of.get(agency or "", ())[:1]:
                    head: dict[str, Any] = {"id": new_id(), "actor": actor_of(account)}
                    yield Attempt(account, cmd.Go(exit=str(name), confirmed=self._confirmed(picture), **head), True)

    def _confirmed(self, picture: Picture) -> list[int]:
        """Some of the rules of the stage that a page asks about."""
        rules = self.oracle.procedures[picture.sop].sop.stages[picture.stage or ""].rules
        return [number for number, rule in enumerate(rules) if rule.ask and self.chance.random() < 0.7]

    def _somebody(self, picture: Picture) -> Account:
        near = [picture.holder, picture.holder, picture.opener, *picture.parts.values(), *picture.former[-1:]]
        near += [duty["agency"] for duty in picture.duties]
        near += [picture.offer["to"]] if picture.offer else []
        near += [picture.proposal["of"]] * 3 if picture.proposal else []
        procedure = self.oracle.procedures[picture.sop]
        near += [
            agency
            for part in procedure.sop.agencies
            for agency in self.oracle.candidates(picture, str(part))
            if self.chance.random() < 0.3
        ]
        known = [agency for agency in near if agency in self.cast.of]
        agency = self.chance.choice(known) if known and self.chance.random() < 0.92 else self.chance.choice(STRANGERS)
        return self.chance.choice(self.cast.of[agency])

    def _step(self, picture: Picture, account: Account) -> Attempt:
        procedure, chance = self.oracle.procedures[picture.sop], self.chance
        here = list(map(str, procedure.sop.stages[picture.stage].steps)) if picture.stage else []
        undone = here if picture.offer else [name for name in here if name not in picture.steps]
        asked = self._asked(picture, procedure, ("done", "fresh", "count", "last"))
        owed = [duty["step"] for duty in picture.duties]
        weighed = [(undone, 6), (here, 2), (asked, 3), (owed, 4), (sorted(procedure.steps), 2)]
        lists, weights = zip(*((names, weight) for names, weight in weighed if names), strict=True)
        name = str(chance.choice(chance.choices(lists, weights)[0]))
        step = procedure.step_of(name)
        if step.documents and chance.random() < 0.4:
            document = str(chance.choice(sorted(step.documents)))
            return Attempt(
                account, cmd.Attach(id=new_id(), actor=actor_of(account), step=name, document=document), True
            )
        corrects = chance.random() < (0.3 if name in picture.steps else 0.02)
        return self._record(picture, name, account, chance.choice([1.0, 1.0, 0.6]), chance.random() > 0.08, corrects)

    def _record(
        self, picture: Picture, name: str, account: Account, share: float, complete: bool, corrects: bool = False
    ) -> Attempt:
        """A record of a step; `share` of its answers are those that let a case get on."""
        procedure, chance = self.oracle.procedures[picture.sop], self.chance
        form = procedure.form_of(procedure.step_of(name))
        given = {field: chance.choice(values) for field, values in WISHED.items() if chance.random() < share}
        given |= {field: self._lately() for field in ("left_at", "came_at")}
        raw = fill(procedure, form, given, self.oracle.directory, self.clock(), chance) if form else {}
        parts = {}
        for part, said in procedure.sop.agencies.items():
            if said.chosen_in == name and chance.random() < 0.9:
                kinds = tuple(map(str, said.kind))
                fitting = [a for a in self.oracle.directory.of_kind(kinds) if self.oracle.directory.acts_here(a)]
                parts[str(part)] = chance.choice(fitting) if chance.random() < 0.95 else "ahtb"
        values, fits = {}, True
        if form is not None:
            calendar = self.oracle.directory.calendar_of(account.agency)
            directory, today = self.oracle.directory, self.clock().date()
            checked = answers.check(procedure, form, raw, directory, calendar, today)
            values, fits = checked.values, not checked.wrong and not (checked.lacking and complete)
        asked = map(str, form.fields()) if form is not None and corrects and complete else ()
        emptied = [field for field in asked if field not in values]
        named = {*values, *emptied}
        wanted = procedure.inputs_of(procedure.touched_facts(named)) - named
        known = {field: picture.raw[field] for field in wanted if field in picture.raw}
        command = cmd.RecordStep(
            id=new_id(), actor=actor_of(account), step=name, values=values, known=known, parts=parts,
            complete=complete, corrects=corrects, emptied=emptied,
        )  # fmt: skip
        return Attempt(account, command, False, raw, fits)

    def _lately(self) -> str:
        return (self.clock() - timedelta(minutes=self.chance.choice([1, 50, 300, 1000, 2000]))).isoformat()

    def _command(self, picture: Picture, account: Account) -> cmd.Command:
        procedure, chance = self.oracle.procedures[picture.sop], self.chance
        head: dict[str, Any] = {"id": new_id(), "actor": actor_of(account)}
        consents = sorted(map(str, procedure.sop.consents)) or ["nothing"]
        giver = chance.choice(["person", "person", "guardian"])
        to = [chance.choice([*picture.parts.values(), *STRANGERS])] if chance.random() < 0.4 else []
        if picture.status == "opening" and chance.random() < 0.4:
            return cmd.OfferFirst(to=chance.choice([None, *self._fitting(procedure, picture.entry)]), **head)
        if picture.offer and chance.random() < 0.3:
            return cmd.Accept(**head)
        if picture.proposal and chance.random() < 0.5:
            return cmd.Sign(**head)
        asked = self._asked(picture, procedure, ("consent",))
        if asked and chance.random() < 0.2:
            name = chance.choice(asked)
            return cmd.GiveConsent(consent=name, given_by=giver, to=to, assent=giver == "guardian", **head)
        if picture.status == "open" and chance.random() < 0.2:
            return self._beside(picture, procedure, head)
        if picture.status == "open" and chance.random() < 0.65:
            own = procedure.sop.stages[picture.stage].go  # type: ignore[index]
            onward = [name for name, said in own.items() if said.goes_to is not None or said.spawn is not None]
            every = sorted(procedure.sop.exits(str(picture.stage)))
            ways = chance.choices([onward[:1], onward, list(own), every], [3, 4, 2, 1])[0] or every
            name, receiver = str(chance.choice(ways)), None
            target = procedure.sop.exits(str(picture.stage))[name].goes_to if every else None
            if target is not None and chance.random() < 0.25:
                to = self._fitting(procedure, str(target))
                receiver = chance.choice([*picture.parts.values(), *STRANGERS, *to * 2])
            return cmd.Go(exit=name, to=receiver, override=chance.random() < 0.1, **head)
        return chance.choice(
            [
                cmd.Accept(**head),
                cmd.Sign(**head),
                cmd.Refuse(reason=chance.choice(["no_capacity", "because"]), **head),
                cmd.WithdrawOffer(**head),
                cmd.RefuseToSign(**head),
                *(
                    cmd.GiveConsent(consent=chance.choice(consents), given_by=giver, to=to, assent=assent, **head)
                    for assent in (chance.random() < 0.6, giver == "guardian")
                ),
                cmd.WithdrawConsent(consent=chance.choice(consents), **head),
                cmd.RefuseConsent(consent=chance.choice(consents), **head),
                cmd.HandOver(to=chance.choice(STRANGERS), **head),
                cmd.WaiveStep(step=chance.choice(sorted(procedure.steps)), **head),
                cmd.Note(**head),
                cmd.Assign(worker=account.id, **head),
                self._reopen(procedure, head),
                cmd.OfferFirst(to=chance.choice([None, *STRANGERS]), **head),
                cmd.Contest(**head),
                self._beside(picture, procedure, head),
            ]
        )

    def _asked(self, picture: Picture, procedure: Procedure, kinds: tuple[str, ...]) -> list[str]:
        """The steps or consents that the exits from here ask for by requirements of these kinds."""
        exits = procedure.sop.exits(picture.stage).values() if picture.stage and picture.status == "open" else ()
        requirements = [said for way in exits for said in way.requires if said.kind in kinds]
        return [str(name).split(".")[-1] for said in requirements for name in said.names]

    def _beside(self, picture: Picture, procedure: Procedure, head: dict[str, Any]) -> cmd.Command:
        """What leaves a case where it is: its time, its holds, its tracks."""
        holds = sorted(map(str, procedure.sop.holds)) or ["none"]
        stop = cmd.Resume(**head) if picture.hold else cmd.Hold(reason=self.chance.choice(holds), **head)
        until = self.clock() + timedelta(days=self.chance.choice([1, 5, 60]))
        return self.chance.choice([stop, stop, cmd.Extend(until=until, **head), self._track(procedure, head)])

    def _fitting(self, procedure: Procedure, stage: str) -> list[str]:
        """The agencies of the kinds that may be accountable for a stage, in any district; none for an end."""
        if stage not in procedure.sop.stages:
            return []
        said = procedure.sop.stages[stage].accountable
        parts = [said.part, *said.cases.values(), *(exception.use for exception in said.except_)]
        kinds = [kind for part in parts if part is not None for kind in procedure.sop.agencies[part].kind]
        return list(self.oracle.directory.of_kind(tuple(map(str, kinds))))

    def _track(self, procedure: Procedure, head: dict[str, Any]) -> cmd.MoveTrack:
        tracks = {str(name): [str(state) for state in track.states] for name, track in procedure.sop.tracks.items()}
        name = self.chance.choice(sorted(tracks) or ["nothing"])
        return cmd.MoveTrack(track=name, state=self.chance.choice(tracks.get(name, ["nowhere"])), **head)
