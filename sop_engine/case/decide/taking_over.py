"""How one agency takes over from another: by offer, by law, on signature, or because it is the same agency."""

from dataclasses import dataclass
from datetime import datetime

from sop_engine.case import events as ev
from sop_engine.case.clock import answer_within, limit, values_now
from sop_engine.case.decide.answer import Asked, has_conflict
from sop_engine.case.refusal import Refusal, Unmet, refuse
from sop_engine.case.requirements import asked_for, mark, not_known, telling
from sop_engine.case.stamp import last_cut
from sop_engine.sop.language import Stage, Text


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who will hold a stage: the agency with users here, for whom it acts, and the part that is bound by it."""

    holder: str
    for_agency: str | None
    parts: dict[str, str]


def choose(asked: Asked, stage: str, to: str | None) -> Receiver | Refusal:
    """The agency that will be accountable for a stage; `to` decides where several fit."""
    ground, case = asked.ground, asked.case
    part = ground.stage_part(stage, values_now(ground, case, asked.now))
    title = _title(asked, stage)
    if part is None:
        return refuse(
            "no_receiver",
            f"It is not known yet who will be accountable for '{title.en}'",
            f"'{title.in_language('ne')}' का लागि को जवाफदेही हुने अझै थाहा छैन",
            not_known(ground, case, str(stage_of(asked, stage).accountable.depends_on)),
        )
    candidates = ground.candidates(case, part)
    named_alone = ground.named(case, part)[0] if not candidates and ground.named(case, part) else None
    refusal = has_conflict(asked, to or named_alone)
    if refusal is not None:
        return refusal
    if to is not None and to not in candidates:
        named = ground.directory.title(to)
        return refuse(
            "wrong_receiver",
            f"{named.en} cannot be accountable for '{title.en}'",
            f"{named.in_language('ne')} '{title.in_language('ne')}' का लागि जवाफदेही हुन सक्दैन",
        )
    if not candidates:
        return refuse(
            "no_receiver",
            f"It is not known yet who will be accountable for '{title.en}'",
            f"'{title.in_language('ne')}' का लागि को जवाफदेही हुने अझै थाहा छैन",
            *_how_to_know(asked, part),
        )
    if to is None and len(candidates) > 1:
        names = ", ".join(ground.directory.title(code).en for code in candidates[:6])
        return refuse(
            "choose_receiver",
            f"Choose who will be accountable for '{title.en}': {names}",
            f"'{title.in_language('ne')}' का लागि जवाफदेही निकाय छान्नुहोस्: {names}",
        )
    agency = to or candidates[0]
    holder, for_agency = ground.acting(case, part, agency)
    if holder is None:
        named = ground.directory.title(agency)
        return refuse(
            "nobody_acts",
            f"{named.en} has no users here and nobody acts for it",
            f"{named.in_language('ne')} का प्रयोगकर्ता यहाँ छैनन् र उसका लागि कोही पनि छैन",
        )
    return Receiver(holder, for_agency, {part: agency})


def _how_to_know(asked: Asked, part_name: str) -> list[Unmet]:
    part = asked.ground.part(part_name)
    if part is None:
        return []
    step = str(part.chosen_in) if part.chosen_in else None
    if part.found_by:
        step = next((telling(asked.ground, str(fact)) for fact in part.found_by.values()), None)
    if step is None:
        return []
    said = asked.ground.procedure.step_of(step)
    who = asked.ground.doers(asked.case, said)[0][0]
    return [
        Unmet(
            "step_not_done",
            Text(f"{said.title.en} is not finished", f"{said.title.in_language('ne')} पूरा भएको छैन"),
            step,
            who,
        )
    ]


def _title(asked: Asked, stage: str) -> Text:
    return stage_of(asked, stage).title


def stage_of(asked: Asked, stage: str) -> Stage:
    return asked.ground.procedure.sop.stages[stage]


def take(
    asked: Asked, stage: str, receiver: Receiver, exit_name: str | None, how: str, since: datetime, offered: datetime,
    signed_by: str | None = None, signature_due: datetime | None = None,
) -> ev.Entered:  # fmt: skip
    """Enter a stage. In a protection stage the deadline counts from the offer."""
    start = max(since, last_cut(asked.case))
    protects = stage_of(asked, stage).protection
    return ev.Entered(
        stage=stage,
        exit=exit_name,
        how=how,
        holder=receiver.holder,
        for_agency=receiver.for_agency,
        since=start,
        counts_from=min(offered, start) if protects else start,
        parts=receiver.parts,
        signed_by=signed_by,
        signature_due=signature_due,
        duties=duties_left(asked, start),
    )


def duties_left(asked: Asked, left: datetime) -> list[ev.Owed]:
    """The steps of the stage that may follow after it (`owed`), are needed, and are not done."""
    case, ground = asked.case, asked.ground
    if case.stage is None or case.status != "open" or case.holder is None:
        return []
    values = values_now(ground, case, asked.now)
    return [
        ev.Owed(
            step=str(name),
            agency=ground.doers(case, step)[0][0] or case.holder,
            due=limit(ground, case.holder, left, step.owed.within),
        )
        for name, step in stage_of(asked, case.stage).steps.items()
        if step.owed is not None
        and step.owed.within is not None
        and asked_for(ground, step, values) is True
        and mark(ground, case, str(name), values, asked.now) not in ("done", "waived")
    ]


def offer(
    asked: Asked,
    exit_name: str | None,
    stage: str,
    receiver: Receiver,
    signed_by: str | None = None,
    override: bool = False,
    signature_due: datetime | None = None,
) -> ev.Offered:
    """Offer a stage to its receiver; the case stays where it is."""
    return ev.Offered(
        exit=exit_name,
        stage=stage,
        to=receiver.holder,
        for_agency=receiver.for_agency,
        answer_by=answer_within(asked.ground, stage, receiver.holder, asked.now),
        parts=receiver.parts,
        signed_by=signed_by,
        signature_due=signature_due,
        override=override,
    )
