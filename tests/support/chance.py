"""Random commands by random people on real cases: what anybody might try, sensible or not."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sop_engine.case import commands as cmd
from sop_engine.case.access import answers_for
from sop_engine.case.ground import Ground
from sop_engine.case.state import Case
from sop_engine.demo.answers import fill
from sop_engine.demo.play import Play
from sop_engine.services.emergency import open_in_emergency
from sop_engine.services.installation import actor_of, new_id
from sop_engine.services.recording import WrongAnswers, record_step
from sop_engine.services.sending import Done, NotFound, send
from sop_engine.store.people import Account

SOMEBODY = ("ahtb", "wcsc-kathmandu", "cwo-kathmandu", "himal-aashraya", "police-cid", "nccht", "wcsc-jhapa")


def somebody(play: Play, case: Case, chance: random.Random) -> Account:
    """Mostly somebody of the case, at times anybody."""
    near = [case.holder, case.offer.to if case.offer else None, *case.parts.values()]
    known = [agency for agency in near if agency in play.cast.of]
    agency = chance.choice(known) if known and chance.random() < 0.85 else chance.choice(SOMEBODY)
    return chance.choice(play.cast.of[agency])


def try_something(play: Play, case_id: str, chance: random.Random, known: Sequence[str]) -> Any:
    """Send one random command; gives what came of it, None for a case that is not theirs.

    `known` are the ids of cases to which this one may be said to belong.
    """
    play.clock.wait(minutes=chance.choice([1, 7, 60, 600, 3000]))
    case = play.case(case_id)
    ground = play.ground(case)
    account = somebody(play, case, chance)
    happened = play.clock() - timedelta(minutes=chance.choice([0, 0, 0, 60, 3000]))
    try:
        if chance.random() < 0.45:
            return _step(play, ground, case, account, chance, happened)
        if chance.random() < 0.25:
            return _apart(play, case, account, chance)
        number = play.case(chance.choice(known)).number
        command = _command(ground, case, account, chance, happened, number)
        return send(play.inst, case_id, command, {"reason": "By chance.", "note": "By chance."})
    except NotFound:
        return None


def _apart(play: Play, case: Case, account: Account, chance: random.Random) -> Any:
    """Emergencies and conflicts of interest, mostly by those who may say, review, sign, lift and reassign."""
    stranger = chance.choice(play.cast.of[chance.choice(SOMEBODY)])
    if chance.random() < 0.4:
        return _emergency(play, case, stranger)
    tried: list[tuple[Account, type[cmd.Command], dict[str, Any]]] = [
        (account, cmd.DeclareConflict, {"agency": chance.choice(SOMEBODY)})
    ]
    for key, opened in case.emergencies.items():
        if opened.justified is None:
            lead = play.cast.lead(answers_for(case))
            tried.append((lead, cmd.ReviewEmergency, {"emergency": key, "justified": chance.random() < 0.5}))
    for agency, one in case.conflicts.items():
        above = play.cast.of[one.said.oversight or "nccht"]
        tried.append((play.cast.lead(one.confirms or "nccht"), cmd.ConfirmConflict, {"agency": agency}))
        tried.append((above[0], cmd.LiftConflict, {"agency": agency}))
        tried.append((above[0], cmd.Reassign, {"to": chance.choice(SOMEBODY)}))
        tried.append((above[1], cmd.Sign, {}))
    who, command, more = chance.choice(tried)
    made = command(id=new_id(), actor=actor_of(who), **more)
    return send(play.inst, case.id, made, {"reason": "By chance."})


def _emergency(play: Play, case: Case, account: Account) -> Any:
    """Read the case in an emergency; None where nothing came of it."""
    refused = open_in_emergency(play.inst, account, case.number, "By chance, and in a sentence.", new_id())
    after = play.case(case.id)
    return refused or (Done(after, (), 0) if after.seq > case.seq else None)


def _step(play: Play, ground: Ground, case: Case, account: Account, chance: random.Random, happened: datetime) -> Any:
    here = list(ground.procedure.sop.stages[case.stage].steps) if case.stage and chance.random() < 0.9 else []
    name = str(chance.choice(here or sorted(ground.procedure.steps)))
    form = ground.procedure.form_of(ground.procedure.step_of(name))
    raw = fill(ground.procedure, form, play.good, ground.directory, play.clock(), chance) if form else {}
    if raw and chance.random() < 0.15:
        raw.pop(chance.choice(sorted(raw)))
    part_only = chance.random() < 0.1
    kinds = ground.procedure.sop.agencies
    parts = {
        str(part): chance.choice(ground.directory.of_kind(tuple(map(str, said.kind))) or ("nobody",))
        for part, said in kinds.items()
        if said.chosen_in == name
    }
    answer = record_step(play.inst, account, case.number, name, raw, parts, part_only=part_only, happened=happened)
    return None if isinstance(answer, WrongAnswers) else answer


def _command(
    ground: Ground, case: Case, account: Account, chance: random.Random, happened: datetime, number: str
) -> cmd.Command:
    head: dict[str, Any] = {"id": new_id(), "actor": actor_of(account), "happened": happened}
    here = ground.procedure.sop.stages.get(case.stage or "")
    own = sorted(here.go) if here is not None and chance.random() < 0.9 else []
    exits = own or sorted(ground.exits(case)) or ["nowhere"]
    consents = sorted(ground.procedure.sop.consents) or ["nothing"]
    if chance.random() < 0.5:
        return chance.choice([cmd.Accept(**head), cmd.Go(exit=chance.choice(exits), **head), cmd.Sign(**head)])
    return chance.choice(
        [
            cmd.Refuse(reason="no_capacity", **head),
            cmd.WithdrawOffer(**head),
            cmd.RefuseToSign(**head),
            cmd.GiveConsent(consent=chance.choice(consents), given_by=chance.choice(["person", "guardian"]), **head),
            cmd.WithdrawConsent(consent=chance.choice(consents), **head),
            cmd.RefuseConsent(consent=chance.choice(consents), **head),
            cmd.HandOver(to=chance.choice(SOMEBODY), **head),
            cmd.Hold(reason=chance.choice(sorted(ground.procedure.sop.holds) or ["none"]), **head),
            cmd.Resume(**head),
            cmd.WaiveStep(step=chance.choice(sorted(ground.procedure.steps)), **head),
            cmd.Note(**head),
            cmd.Assign(worker=account.id, **head),
            cmd.Reopen(reason="new_information", **head),
            cmd.Reassign(to=chance.choice(SOMEBODY), **head),
            cmd.OfferFirst(to=chance.choice([None, *SOMEBODY]), **head),
            cmd.Contest(**head),
            cmd.Merge(number=number, **head),
            cmd.Unmerge(**head),
            cmd.Tick(id=new_id(), actor=cmd.Actor("system", "system")),
        ]
    )
