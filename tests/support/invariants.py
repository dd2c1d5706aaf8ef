"""What must hold of every case at every moment, whatever anybody tries, and the trying."""

import itertools
import random

from sqlalchemy import select

from sop_engine.case import events as ev
from sop_engine.case.accountability import Accountability, ExitView, accountability, exit_views, step_views
from sop_engine.case.apply import apply
from sop_engine.case.clock import all_due
from sop_engine.case.ground import Ground
from sop_engine.case.refusal import Refusal
from sop_engine.case.state import Case
from sop_engine.case.verdict import BREACH, CONFORMING, DEPARTURES, FINDINGS, Verdict, verdicts
from sop_engine.services import auditing, upkeep
from sop_engine.services.passing import run_once
from sop_engine.services.sending import Done
from sop_engine.store import journal
from sop_engine.store.database import looking
from sop_engine.store.ledgers import held_of
from sop_engine.store.tables import journal as journal_table
from tests.support.chance import try_something
from tests.support.world import World


def try_by_chance(world: World, cases: list[str], chance: random.Random, tries: int) -> None:
    """Random commands on some cases: what is refused changes nothing, what is accepted is told by an event."""
    for _ in range(tries):
        case_id = chance.choice(cases)
        before = world.play.case(case_id)
        answer = try_something(world.play, case_id, chance, cases)
        after = world.play.case(case_id)
        if answer is None or isinstance(answer, Refusal):
            assert after == before
        else:
            assert isinstance(answer, Done)
            assert after.seq > before.seq
        check_showing(world, case_id)


def check_all(world: World) -> None:
    """Every case that came of it: its ledger, its verdicts, and its rows, also after time has told what it tells."""
    with looking(world.inst.engine) as connection:
        cases = [row.case_id for row in connection.execute(select(journal_table.c.case_id).distinct())]
    for case_id in cases:
        check_ledger(world, case_id)
        check_verdicts(world, case_id)
    check_rows(world)
    run_once(world.inst)
    check_rows(world)


def check_rows(world: World) -> None:
    """What is stored is what the events give, and the events are those that were stored."""
    assert upkeep.rebuild(world.inst, check=True).problems == []
    assert auditing.verify(world.inst).problems == []


def check_showing(world: World, case_id: str) -> None:
    """Every case can be shown at every moment, with a holder while it is not closed."""
    case = world.play.case(case_id)
    ground, now = world.play.ground(case), world.clock()
    found = accountability(ground, case, now)
    step_views(ground, case, now)
    check_next(ground, case, found, exit_views(ground, case, now))
    assert (found.holder is None) == (case.status == "closed")
    if case.holder is not None:
        assert ground.directory.acts_here(case.holder)


def check_next(ground: Ground, case: Case, found: Accountability, ways: list[ExitView]) -> None:
    """Next is whoever is asked to take the case; the main way is the first of the stage that may be for this case."""
    if case.offer is not None:
        assert found.next_agency == case.offer.to
    onward = [way for way in ways if not (way.lapse or way.by_wish or way.name in ground.procedure.sop.anywhere)]
    assert [way.name for way in ways if way.main] == [way.name for way in onward[:1]]


def check_ledger(world: World, case_id: str) -> None:
    """The intervals of holding join without gap or overlap, from the opening to the end or to now."""
    with looking(world.inst.engine) as connection:
        intervals = held_of(connection, case_id)
        envelopes = list(journal.history(connection, case_id))
    case = world.play.case(case_id)
    assert intervals[0].begun == envelopes[0].happened
    reopened = {e.happened for e in envelopes if isinstance(e.event, ev.Reopened | ev.Unmerged)}
    for one, following in itertools.pairwise(intervals):
        assert one.ended is not None
        assert one.begun <= one.ended
        assert one.ended == following.begun or following.begun in reopened
    assert (intervals[-1].ended is None) == (case.status != "closed")


def check_verdicts(world: World, case_id: str) -> None:
    """What the engine accepted is conforming, a lawful departure, or a finding of the few kinds that it allows."""
    with looking(world.inst.engine) as connection:
        envelopes = list(journal.history(connection, case_id))
    ground, before = world.play.ground(world.play.case(case_id)), None
    for envelope in envelopes:
        found = verdicts(ground, before, envelope)
        check_lateness(ground, before, envelope, found)
        for verdict in found:
            assert verdict.verdict != BREACH, (envelope, verdict)
            assert verdict.verdict in (CONFORMING, BREACH) or verdict.kind in (*FINDINGS, *DEPARTURES)
        before = apply(before, envelope)


def check_lateness(ground: Ground, before: Case | None, envelope: ev.Envelope, found: list[Verdict]) -> None:
    """Nobody is late who acted before the first limit of the case, however late it was typed."""
    if before is not None and any(verdict.kind == "late" for verdict in found):
        assert any(due.at < envelope.happened for due in all_due(ground, before, envelope.happened)), envelope
