"""Whose case this is, and in what way: the relations from which all rights follow. Pure."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from sop_engine.case.events import PERSON
from sop_engine.case.ground import Ground
from sop_engine.case.state import Case, MergedState, ReferralState, TaskState
from sop_engine.sop.language import PEOPLE

FORMER_READS = timedelta(days=90)


class Relation(msgspec.Struct, frozen=True, order=True):
    """One agency's relation to a case; `until` ends it by itself. With a `person` it is hers alone."""

    agency: str
    relation: str
    person: str = ""
    until: datetime | None = None


def relations(ground: Ground, case: Case) -> list[Relation]:
    """Every relation of every agency to the case now.

    A part counts once its agency is clear; a part that is only informed reads progress without content, which the
    relation `informed` says. Whoever was asked for a service knows what was asked, while the consent holds under which
    it was asked. A former holder goes on to see how the case fares, for ninety days or until the person takes a
    consent back; who held a case when it was closed keeps its file as long. Whoever may open a closed case again goes
    on to know of it, and so does who answers for what a person said in it. Who reads the case to which this one was
    joined reads this one as a part of it. Whoever is asked for a signature and has nothing else to do with the case
    knows how it stands. Who reads it in an emergency does so alone, for an hour. The body that watches over a conflict
    of interest knows of the case; who has one does not. Nobody works both on cases about suspects and on others.
    """
    found: set[Relation] = set()
    if case.holder is not None:
        found.add(Relation(case.holder, "holder"))
    if case.holder_for is not None:
        found.add(Relation(case.holder_for, "acted_for"))
    if case.offer is not None:
        found.add(Relation(case.offer.to, "offered"))
    if case.with_ is not None and case.status != "closed":
        found.add(Relation(case.with_, "with"))
    if case.status == "opening":
        found.add(Relation(case.opener, "opener"))
    for part in (*ground.parts_at_work(case), *_keeping_tracks(ground, case)) if case.status == "open" else ():
        agency = ground.agency(case, part)
        if agency is not None:
            acting, _ = ground.acting(case, part, agency)
            found.add(Relation(acting or agency, "part"))
    stage = ground.procedure.sop.stages.get(case.stage or "")
    for told in stage.informs if stage is not None else ():
        agency_told = ground.agency(case, str(told.part))
        if agency_told is not None:
            found.add(Relation(agency_told, "informed"))
    found.update(Relation(agency, "informed") for agency in case.informed)
    for referral in case.referrals.values():
        if referral.running and is_agreed(case, referral):
            found.add(Relation(referral.to, "support"))
    for agency, left in case.former.items():
        if not _taken_back_since(case, left):
            kind = "keeper" if agency == last_holder(case) and case.merged is None else "former"
            found.add(Relation(agency, kind, until=left + FORMER_READS))
    if case.status == "closed" and case.about in PEOPLE and case.merged is None:
        found.add(Relation(answers_for(case), "informed"))
    if case.status == "closed" and ground.procedure.sop.reopen is not None:
        found.update(Relation(agency, "informed") for agency in (case.opener, *case.former))
    found.update(Relation(duty.agency, "part") for duty in case.duties)
    found.update(Relation(asked_agency(case, task), "part") for task in case.tasks.values())
    if case.merged is not None:
        found.add(Relation(case.merged.left, "informed"))
        found.update(_reading_along(ground, case, case.merged))
    found.update(_in_emergencies(case))
    if case.proposal is not None and case.proposal.of not in {one.agency for one in found if not one.person}:
        found.add(Relation(case.proposal.of, "informed"))
    for conflict in case.conflicts.values():
        if conflict.said.oversight is not None:
            found.add(Relation(conflict.said.oversight, "informed"))
    works_on = ground.directory.works_on
    return sorted(one for one in found if works_on(one.agency, case.about) and not case.is_shut_to(one.agency))


def _in_emergencies(case: Case) -> Iterator[Relation]:
    """Each person who reads the case in an emergency, until the last of her times is over."""
    until: dict[tuple[str, str], datetime] = {}
    for one in case.emergencies.values():
        whose = (one.agency, one.by)
        until[whose] = max(one.until, until.get(whose, one.until))
    for (agency, person), end in until.items():
        yield Relation(agency, "emergency", person, end)


def _reading_along(ground: Ground, case: Case, merged: MergedState) -> Iterator[Relation]:
    """The readers of the case to which this one was joined; none from which this one keeps something."""
    for agency, until in merged.readers.items():
        if not is_hidden_from(ground, case, agency):
            yield Relation(agency, "part" if until is None else "keeper", until=until)


def readers(ground: Ground, case: Case) -> dict[str, datetime | None]:
    """The agencies that read what was said in a case, each with the end of its sight where it has one."""
    found: dict[str, datetime | None] = {}
    for one in relations(ground, case):
        if one.relation in ("holder", "with", "part"):
            found[one.agency] = None
        elif one.relation == "keeper":
            found.setdefault(one.agency, one.until)
    return dict(sorted(found.items()))


def answers_for(case: Case) -> str:
    """The agency that answers for a case: who holds it or the case to which it was joined, else who held it last.

    For a holder with a conflict of interest the oversight body does, until it has given the case to another agency.
    """
    if case.holder is not None:
        watching = case.conflicts[case.holder].said.oversight if case.holder in case.conflicts else None
        return watching or case.holder
    return case.merged.holder if case.merged is not None else last_holder(case) or case.opener


def asked_agency(case: Case, task: TaskState) -> str:
    """The agency that is asked for a task: what the person herself asked goes on with the case."""
    return answers_for(case) if task.asked_by == PERSON else task.agency


def last_holder(case: Case) -> str | None:
    """Who held a closed case last; None for one that is not closed."""
    return max(case.former, key=lambda agency: case.former[agency], default=None) if case.status == "closed" else None


def _taken_back_since(case: Case, moment: datetime) -> bool:
    """Whether the person took a consent back after a moment."""
    return any(state.status == "withdrawn" and state.since > moment for state in case.consents.values())


def is_agreed(case: Case, referral: ReferralState) -> bool:
    """Whether the consent under which a service was asked for still holds, or it was asked without one."""
    state = case.consents.get(referral.consent) if referral.consent is not None else None
    return referral.consent is None or (state is not None and state.status == "given")


def _keeping_tracks(ground: Ground, case: Case) -> Iterator[str]:
    """The parts that move a track which has begun."""
    for name, track in ground.procedure.sop.tracks.items():
        if name in case.tracks or ground.procedure.surely(track.begins, case.values):  # type: ignore[arg-type]
            yield str(track.owner)
            yield from (str(move.done_by) for move in track.moves.values() if move.done_by is not None)


def is_kept_from(ground: Ground, case: Case, step_name: str, agency: str) -> bool:
    """Whether the SOP keeps a step from an agency, as what was complained of is kept from a home."""
    return agency in {ground.agency(case, str(part)) for part in ground.procedure.step_of(step_name).kept_from}


def is_hidden_from(ground: Ground, case: Case, agency: str) -> bool:
    """Whether an agency is not to know of a case: it works on others, or is shut out, or something is kept from it."""
    works_on = ground.directory.works_on(agency, case.about)
    return not works_on or case.is_shut_to(agency) or keeps_something_from(ground, case, agency)


def keeps_something_from(ground: Ground, case: Case, agency: str) -> bool:
    return any(is_kept_from(ground, case, step, agency) for step in ground.procedure.steps)
