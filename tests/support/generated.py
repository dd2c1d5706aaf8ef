"""Random small SOPs, valid by the linter: what no author would write, so that both readings of the language are tried.

A generated SOP is a nest of plain dicts, written out as the YAML that an author would write.
"""

import random
from copy import deepcopy
from typing import Any

import yaml

COLOURS = ["red", "green", "blue"]
MARKS = ["spot", "stripe", "star"]
SIMPLE_PARTS = ["desk", "bureau", "lawyer", "officer", "clinic", "committee", "haven"]
TONES = ["warm", "cold", "plain"]
FACTS = ["is_child", "flagged", "crowd", "tone"]
ROLES = ["supervisor", "head"]


def random_sop(chance: random.Random, name: str) -> str:
    """The text of a random SOP."""
    return yaml.safe_dump(_Author(chance, name).sop(), sort_keys=False, allow_unicode=True)


class _Author:
    """Draws one SOP; `chance` decides everything."""

    def __init__(self, chance: random.Random, name: str) -> None:
        self.chance, self.name = chance, name
        self.stages = [f"stage_{number}" for number in range(chance.randint(3, 5))]
        self.opens_others = chance.random() < 0.5
        self.spawned: dict[str, dict[str, Any]] = {}
        self.steps = {stage: [f"{stage}_step_{n}" for n in range(chance.randint(1, 3))] for stage in self.stages}

    def sop(self) -> dict[str, Any]:
        chance = self.chance
        found: dict[str, Any] = {
            "sop": self.name,
            "title": "Random",
            "about": chance.choice(["person", "person", "operation"]),
            "standing": "model draft",
            "issued_by": "mowcsc",
            "in_force": "2026-01-01",
            "agencies": self._agencies(),
            "roles": {role: role for role in ROLES},
            "fields": self._fields(),
            "facts": self._facts(),
            "consents": {name: self._consent() for name in ("consent_a", "consent_b")},
            "forms": self._forms(),
            "opens_at": {self.stages[0]: {"by": "desk"}},
            "steps": {
                "attempt": {"title": "Attempt", "form": "F-A", "needed": "optional"},
                "goodbye": {"title": "Goodbye", "needed": "optional"},
            },
            "stages": {stage: self._stage(number, stage) for number, stage in enumerate(self.stages)},
            "outcomes": {
                name: {"title": name, "closes_as": "completed", "settled": "yes", "erase": {"identity": "2 years"}}
                for name in ("ended", "wished")
            },
            "anywhere": {"by_her_wish": self._wish()},
            "holds": self._holds(),
        }
        if chance.random() < 0.8:
            found["periods"] = {
                "rest": {
                    "title": "Rest", "holder": "person", "starts": {"entered": self.stages[1]},
                    "lasts": chance.choice(["2 days", "20 hours"]), "source": "proposed",
                    "ends_early": {"done": chance.choice([self.steps[self.stages[1]][0], "attempt"])},
                }
            }  # fmt: skip
            if chance.random() < 0.7:
                found["stages"][self.stages[1]]["go"]["rested"] = {
                    "title": "Rested", "goes_to": self.stages[2], "only_if": {"period_over": "rest"},
                    "asks_steps": "no",
                }  # fmt: skip
        if chance.random() < 0.7:
            found["clocks"] = {"journey": self._clock()}
        if chance.random() < (0.6 if self.opens_others else 0.2):
            again = {"every": chance.choice(["30 hours", "3 days"]), "while": chance.choice(self.stages)}
            found["every"] = [{**again, "spawn": self._spawn()}]
        if chance.random() < 0.6:
            found["tracks"] = {"court": self._track()}
        if chance.random() < 0.8:
            found["reopen"] = self._reopen()
        return found

    # Words without a place in the flow

    def _some(self, key: str, value: Any, share: float = 0.5) -> dict[str, Any]:
        return {key: value} if self.chance.random() < share else {}

    def _agencies(self) -> dict[str, Any]:
        chance = self.chance
        first = self.steps[self.stages[0]][0]
        return {
            "desk": {"kind": "police_women_desk", "opens": "yes"},
            "bureau": {"kind": "anti_trafficking_police"},
            "lawyer": {"kind": "legal_aid"},
            "officer": {"kind": "child_welfare", "found_by": {"district": "district_met"}},
            "clinic": {"kind": "hospital", "found_by": {"district": "district_met"}, "acts_through": "desk"},
            "committee": {"kind": "nccht"},
            "haven": {
                "kind": "shelter",
                "chosen_in": first,
                **self._some("if", "flagged", 0.3),
            },
            "helper": {"kind": chance.choice(["ngo", ["ngo", "ngo_booth"]])},
        }

    def _fields(self) -> dict[str, Any]:
        return {
            "place_met": {"type": "place", "class": "location", "title": "Place"},
            "born": {"type": "date", "precision": "any", "class": "identity", "title": "Born"},
            "colour": {"type": "choice", "of": COLOURS, "open": "yes", "title": "Colour"},
            "flag": {"type": "yes_no", "open": "yes", "title": "Flag"},
            "pieces": {"type": "integer", "open": "yes", "title": "Pieces"},
            "signs": {"type": "several", "of": MARKS, "open": "yes", "title": "Signs"},
            "secret": {"type": "yn", "class": "story", "title": "Secret"},
            "left_at": {"type": "datetime", "class": "location", "title": "Left"},
            "came_at": {"type": "datetime", "class": "location", "title": "Came"},
        }

    def _facts(self) -> dict[str, Any]:
        return {
            "is_child": {"from": "born", "as": "under_18", "missing": "doubt"},
            "district_met": {"from": "place_met", "as": "district"},
            "flagged": {"from": "secret", "as": "is", "value": "yes", **self._some("missing", "yes")},
            "journey_begun": {"from": "left_at", "as": "time"},
            "journey_ended": {"from": "came_at", "as": "time", **self._some("plus", "5 hours")},
            "crowd": {"from": "pieces", "rule": "pieces > 1", **self._some("missing", "no")},
            "tone": {
                "from": ["colour", "flagged"],
                "first_of": [
                    {"is": "warm", "if": {"colour": "red"}},
                    {"is": "cold", "if": [{"colour": "blue"}, "flagged"]},
                ],
                "else": "plain",
                "missing": "plain",
            },
        }

    def _consent(self) -> dict[str, Any]:
        said = {"title": "Consent", "text": "I agree.", "given_by": {"adult": "person", "child": "guardian"}}
        lasts = self.chance.choice(["20 hours", "2 days", "3 weeks", "until withdrawn"])
        return {**said, **self._some("assent", "required"), **self._some("lasts", lasts)}

    def _holds(self) -> dict[str, Any]:
        """Why time stops: one reason that the holder decides, and one that is for another part or a role."""
        by = self.chance.choice([*SIMPLE_PARTS[:5], "holder.supervisor", "desk.supervisor"])
        first, *_, last = self.stages
        return {
            "pause": {"review_within": "14 days", "by": "holder", **self._some("not_in", [first])},
            "asked": {
                "review_within": "14 days",
                "by": by,
                **self._some("not_in", [self.chance.choice([first, last])]),
            },
        }

    def _clock(self) -> dict[str, Any]:
        chance = self.chance
        return {
            "title": "Journey",
            "starts": chance.choice([{"entered": chance.choice(self.stages)}, {"done": "attempt"}]),
            "stops": chance.choice([{"done": self.steps[self.stages[1]][0]}, {"left": self.stages[-1]}]),
            "within": chance.choice(["6 hours", "30 hours", "2 days"]),
            **self._some("excluding", {"from": "journey_begun", "to": "journey_ended"}, 0.8),
            **self._some("if", self._condition(), 0.2),
            "charged_to": chance.choice(SIMPLE_PARTS[:5]),
            "source": "proposed",
        }

    def _forms(self) -> dict[str, Any]:
        return {
            "F-A": {"title": "A", "sections": [{"fields": ["place_met", "born", "colour", "left_at", "came_at"]}]},
            "F-B": {"title": "B", "sections": [{"fields": ["flag", "pieces"]}]},
            "F-C": {"title": "C", "sections": [{"fields": ["signs", "secret", "colour"]}]},
            "F-D": {"title": "D", "sections": [{"fields": [{"field": "born", "optional": "yes"}, "pieces"]}]},
            "F-E": {"title": "E", "sections": [{"fields": ["left_at", "came_at", "flag"]}]},
        }

    def _reopen(self) -> dict[str, Any]:
        chance = self.chance
        signature = {"role": chance.choice(ROLES), "sign": "before"}
        return {
            **self._some("reasons", ["new_information", "error"], 0.3),
            **self._some("new_episode", {chance.choice(["re_trafficked", "error"]): self._spawn("episode")}, 0.4),
            **self._some("of_right", {"for": "3 days", "from": ["ended"], "goes_to": self.stages[0]}),
            "else": {"goes_to": chance.choice(self.stages[:2]), **self._some("second_person", signature, 0.7)},
        }

    def _track(self) -> dict[str, Any]:
        chance = self.chance
        return {
            "title": "Court",
            "owner": chance.choice(SIMPLE_PARTS),
            "states": ["nothing", "charge", "trial", "verdict"],
            **self._some("begins", self._condition(), 0.3),
            **self._some(
                "moves", {"trial": {"from": ["charge", "verdict"], "done_by": chance.choice(SIMPLE_PARTS)}}, 0.4
            ),
            **self._some("open_at_end", {"role": chance.choice(ROLES), "sign": "before"}),
        }

    # Stages, steps and exits

    def _stage(self, number: int, name: str) -> dict[str, Any]:
        chance = self.chance
        protection = chance.random() < 0.4
        following = self.stages[number + 1] if number + 1 < len(self.stages) else None
        ways = {f"{name}_on": self._exit(following)}
        if number == 0 and self.opens_others:
            ways[f"{name}_on"]["spawn"] = self._spawn()
        for extra in range(chance.randint(0, 2)):
            target = chance.choice([*self.stages, None])
            ways[f"{name}_way_{extra}"] = self._exit(target)
        if following is None:
            ways[f"{name}_end"] = {"title": "End", "ends": "ended", "asks_steps": chance.choice(["yes", "no"])}
        if protection or chance.random() < 0.3:
            ways[f"{name}_lapse"] = {
                "title": "Lapse", "lapse": "yes", "goes_to": chance.choice(self.stages),
                "by": chance.choice(SIMPLE_PARTS[:5]), "not_before": "deadline", "reason": "required",
                "asks_steps": "no", **self._some("requires", [self._requirement()], 0.3),
            }  # fmt: skip
        return {
            "title": name,
            "accountable": "desk" if number == 0 and chance.random() < 0.6 else self._accountable(),
            "service": "no",
            "protection": "yes" if protection else "no",
            "deadline": self._deadline(protection),
            **self._some("taking_over", {"by_law": "children-act-2075/61"}, 0.25),
            **self._some("with", chance.choice(SIMPLE_PARTS[:5]), 0.25),
            **self._some("remind_at", chance.choice(["30%", ["50%", "80%", "99%"]]), 0.4),
            **self._some("informs", {"part": chance.choice(SIMPLE_PARTS[:5]), "carries": ["colour", "flagged"]}, 0.2),
            **self._some("rules", [self._rule(), {**self._rule(), "ask": "at_exit"}], 0.3),
            **self._some("escalate", self._ladder(), 0.4),
            "steps": {step: self._step(step) for step in self.steps[name]},
            **({"wait_for": self._wait()} if number and self.opens_others and chance.random() < 0.5 else {}),
            "go": ways,
        }

    def _accountable(self) -> Any:
        chance = self.chance
        if chance.random() < 0.2:
            parts = ["bureau", "lawyer", "officer"]
            return {"depends_on": "tone", "cases": {tone: chance.choice(parts) for tone in TONES}}
        if chance.random() < 0.4:
            hidden = self._some("hide_from", chance.choice(["bureau", "bureau", *SIMPLE_PARTS[:5]]), 0.7)
            return {"part": "bureau", "except": [{"if": {"colour": "blue"}, "use": "committee", **hidden}]}
        return chance.choice([*SIMPLE_PARTS, "helper", "clinic", "clinic"])

    def _deadline(self, protection: bool) -> Any:
        chance = self.chance
        lengths = ["4 hours", "30 hours", "2 days"] + ([] if protection else ["3 working days", "2 weeks", "1 months"])
        source = chance.choice(["proposed", "proposed", {"law": "children-act-2075/61"}])
        signed = self._some("second_person", {"role": "head", "sign": "before"}, 0.3)
        extend = self._some("extend", {"times": chance.choice(["1", "2"]), **signed}, 0.4)
        first = {"within": chance.choice(lengths), "source": source, **extend}
        if chance.random() < 0.3:
            return [first, {"within": "2 hours", "if": self._condition(), "source": "proposed"}]
        return first

    def _ladder(self) -> list[dict[str, Any]]:
        row = {"overdue_by": "2 hours", "informs": ["committee", "officer"], **self._some("if", self._condition())}
        return [{"overdue_by": "0 hours", "informs": "holder.supervisor"}, row]

    def _step(self, name: str) -> dict[str, Any]:
        chance = self.chance
        return {
            "title": name,
            "done_by": self._doers(),
            **self._some("form", chance.choice(["F-A", "F-B", "F-C", "F-D", "F-E"]), 0.8),
            **self._some("needed", chance.choice(["optional", {"if": self._condition()}]), 0.4),
            **self._some("only_if", self._condition(), 0.2),
            **self._some("requires", [self._requirement()], 0.25),
            **self._some("with", chance.choice(["holder", *SIMPLE_PARTS[:5]]), 0.2),
            **self._some(
                "documents", {"sheet": {"needed": chance.choice(["always", "optional"]), "class": "legal"}}, 0.15
            ),
            **self._some("owed", {"within": "12 hours", "source": "proposed"}, 0.25),
        }

    def _doers(self) -> Any:
        chance = self.chance
        if chance.random() < 0.5:
            return "holder"
        if chance.random() < 0.3:
            return {"any_of": ["holder", chance.choice(SIMPLE_PARTS)]}
        return chance.choice([*SIMPLE_PARTS[:5], "holder.supervisor", "desk.supervisor"])

    def _exit(self, target: str | None) -> dict[str, Any]:
        chance = self.chance
        return {
            "title": "Go",
            **({"goes_to": target} if target is not None else {"ends": "ended"}),
            **self._some("only_if", self._condition(), 0.25),
            **self._some("requires", [self._requirement() for _ in range(chance.randint(1, 2))], 0.5),
            **self._some("second_person", self._second_person(), 0.25),
            **self._some("reason", "required", 0.3),
            **self._some("asks_steps", "no", 0.25),
            **self._some("by", chance.choice(SIMPLE_PARTS[:5]), 0.1),
            **self._some("at_most", "1", 0.1),
            **({"spawn": self._spawn()} if self.opens_others and chance.random() < (0.4 if target else 0.5) else {}),
            **self._some("not_before", chance.choice(["3 hours", "1 days"]), 0.1),
            **self._some("leaves", {"step": "goodbye", "within": "1 day"}, 0.0 if target else 0.3),
        }

    def _rule(self) -> dict[str, Any]:
        return {"text": "Nobody hurries.", "source": "proposed"}

    def _spawn(self, name: str = "others") -> dict[str, Any]:
        """What is opened under a name, everywhere the same: the engine takes the first spawn of a name for all."""
        if name not in self.spawned:
            under = {"consent": self.chance.choice(["consent_a", "consent_b"]), "always": ["colour"]}
            carried = {"carry": ["born", "colour", "flag"], **self._some("under", under, 0.7)}
            said = {"name": name, "sop": self.name, "at": self.stages[0], **self._some("same_person", "yes", 0.3)}
            self.spawned[name] = {**said, **(carried if self.chance.random() < 0.4 else {})}
        return deepcopy(self.spawned[name])

    def _wait(self) -> dict[str, Any]:
        override = {"reason": "required", "second_person": {"role": "head", "sign": "before"}}
        said = {"children": "others", self.chance.choice(["all", "any"]): "settled"}
        return {**said, **self._some("joins_later", "no"), **self._some("override", override)}

    def _wish(self) -> dict[str, Any]:
        said = {"title": "Wish", "ends": "wished", "by_wish": "person", "asks_steps": "no"}
        return {**said, **self._some("not_in", self.stages[:1]), **self._some("only_if", {"none_of": ["is_child"]})}

    def _second_person(self) -> Any:
        chance = self.chance
        plain = {"role": chance.choice(ROLES), "sign": chance.choice(["before", "before", {"after": "24 hours"}])}
        plain |= self._some("of", chance.choice(["desk", "bureau"]), 0.3)
        if chance.random() < 0.3:
            return [{"if": "is_child", "role": "head", "sign": "before"}, plain]
        return plain

    def _condition(self) -> Any:
        chance = self.chance
        one = chance.choice(
            [
                "is_child", "flagged", "crowd", {"none_of": ["is_child"]}, {"surely": "flagged"},
                {"colour": chance.choice(COLOURS)}, {"colour": COLOURS[:2]}, {"flag": "yes"},
                {"signs": {"has_any": chance.sample(MARKS, 2)}}, {"tone": ["warm", "plain"]},
                {"none_of": [{"flag": "no"}]},
            ]
        )  # fmt: skip
        if chance.random() < 0.2:
            return {"any_of": [one, {"colour": chance.choice(COLOURS)}]}
        return one

    def _requirement(self) -> dict[str, Any]:
        chance = self.chance
        step = chance.choice([name for names in self.steps.values() for name in names])
        made: dict[str, Any] = chance.choice(
            [
                {"done": step},
                {"consent": "consent_a"},
                {"consent": "consent_b"},
                {"where": self._condition()},
                {"rule": "pieces >= 1", "say": "Too few."},
                {"step": step, "not_older_than": chance.choice(["1 days", "20 hours"])},
                {"count": "attempt", "at_least": "2", **self._some("on_different", "days")},
                {"last": "attempt", "are": "1", "where": {"colour": COLOURS[:2]}},
                {"last": "attempt", "are": "1", "where": {"colour": chance.choice(COLOURS)}},
                {"any_of": [{"done": step}, {"where": self._condition()}]},
            ]
        )
        return {**self._some("if", self._condition(), 0.25), **made}
