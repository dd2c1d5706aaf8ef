"""How fast a decision and a compilation are."""

import time

import yaml

from bench.figure import Figure, side_by_side
from bench.world import bench_world
from sop_engine.case import commands as cmd
from sop_engine.case.decide import decide as decide_command
from sop_engine.case.refusal import Refusal
from sop_engine.demo.stories import bar_rescue
from sop_engine.services.installation import actor_of
from sop_engine.sop.loading import SHARED, load_text, workflows

TIMES = 2_000


def decide() -> Figure:
    """Decisions a second on one core: a step recorded, with facts and rules. The reference is the goal."""
    with bench_world("sqlite") as world:
        operation = bar_rescue.tip_off(world.play)
        person = bar_rescue.persons(world.play, operation)[0][0]
        world.play.advance(person, "to_safety")
        case = world.play.case(person)
        ground, now = world.play.ground(case), world.clock()
        values = {"birth_date": "1998-04-01", "age_basis": "stated", "sex": "female"}
        actor = actor_of(world.play.cast.worker(case.holder or ""))
        command = cmd.RecordStep(id="bench", actor=actor, step="age", values=values)
        assert not isinstance(decide_command(ground, case, command, now), Refusal)
        begun = time.perf_counter()
        for _ in range(TIMES * 5):
            decide_command(ground, case, command, now)
        rate = TIMES * 5 / (time.perf_counter() - begun)
    return Figure("decide", rate, "decisions a second", 20_000.0, rate / 20_000)


def compile_() -> Figure:
    """Loading, linting and compiling the largest SOP, against parsing its YAML alone with the same parser."""
    largest = max(
        (path for path in workflows().glob("*.yaml") if path.name != SHARED), key=lambda path: path.stat().st_size
    )
    text, beside = largest.read_text(), {SHARED: (workflows() / SHARED).read_text()}
    whole, bare = side_by_side(
        lambda: load_text(text, largest.name, beside),
        lambda: yaml.load(text, Loader=yaml.CBaseLoader),  # noqa: S506
        5,
    )
    return Figure("compile", whole, "seconds", bare, whole / bare, {"sop": largest.stem})
