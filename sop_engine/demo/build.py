"""Building the demonstration: an installation, its people and its stories, up to now."""

import json
import random
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, event

from sop_engine.app import OFFERED, SETTINGS_FILE, NotReady, Settings, initialise, installation
from sop_engine.demo import beside, homes, papers
from sop_engine.demo.cast import hire
from sop_engine.demo.clock import SetClock
from sop_engine.demo.crowd import YEARS, plans
from sop_engine.demo.play import Play
from sop_engine.demo.stories import STORIES, bar_rescue
from sop_engine.demo.wander import Wanderings
from sop_engine.services.passing import run_once
from sop_engine.store import schedule
from sop_engine.store.database import looking

MOST_OVERDUE = 100_000
SEED = 2017
DONE = "demo-is-built"
CROWD = 800
PACE = 0.02
SEIZED = ("1  Account book of the bar, red", "2  Nine notebooks of wages", "3  Three mobile telephones", "4  Keys, 7")


@dataclass(frozen=True, slots=True)
class Told:
    """A story that this demonstration holds: the number of the case to look at first, and how many others it has, and
    whether that case is closed.
    """

    number: int
    title: str
    sign_in: str
    case: str
    others: int
    closed: bool


def build_demo(
    settings: Settings, password: str, until: datetime, progress: Callable[[int, int], None], crowd: int = CROWD
) -> bool:
    """Build the demonstration up to a moment; False where it is there already. Raises NotReady over anything else.

    `crowd` is how many cases are opened beside the stories; each opens more as it goes on, about twice as many in all.
    """
    done = settings.home / DONE
    if done.exists():
        return False
    if settings.keys_in_files and Path(settings.keys).exists():
        raise NotReady(
            f"{settings.home} holds an installation that is no finished demonstration: name another folder (--home), "
            "or remove this one if it was a demonstration that broke off"
        )
    initialise(settings)
    (settings.home / SETTINGS_FILE).write_text(f'second_factor = "{OFFERED}"\n')
    clock = SetClock(until - YEARS)
    inst = installation(settings, clock)
    _hasten(inst.engine)
    homes.take_in_homes(inst)
    play = Play(inst, hire(inst, inst.directory_now(), password), clock, random.Random(SEED), pace=PACE, alone=True)
    wander(play, until, crowd, progress)
    homes.live(play, until)
    told = tell_stories(play, until)
    for scene in (_bar_on_the_way, _planned):
        scene(play, until)
    clock.now = until
    beside.ask(play)
    with looking(inst.engine) as connection:
        overdue = schedule.to_check(connection, until, most=MOST_OVERDUE)
    for case_id in overdue:
        play.catch_up(case_id)
    run_once(inst)
    inst.engine.dispose()
    done.write_text(json.dumps([asdict(story) for story in told], indent=1), encoding="utf-8")
    return True


def stories_of(settings: Settings) -> list[Told]:
    """The stories of a demonstration that is built."""
    return [Told(**story) for story in json.loads((settings.home / DONE).read_text(encoding="utf-8"))]


def tell_stories(play: Play, until: datetime) -> list[Told]:
    """Tell every named story up to a moment."""
    told = []
    for story in STORIES:
        first, *others = story.tell(play, until)
        case = play.case(first)
        told.append(Told(story.number, story.title, story.sign_in, case.number, len(others), case.status == "closed"))
    return told


def _hasten(engine: Engine) -> None:
    """Let commits not wait for the disk while this engine lives: what is invented may be lost and invented again."""
    if engine.dialect.name == "sqlite":
        engine.dispose()
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))


def wander(play: Play, until: datetime, crowd: int, progress: Callable[[int, int], None]) -> Wanderings:
    """Let a crowd of cases go their way over two years up to a moment."""
    directory = play.inst.directory_now()

    def acting(kind: str) -> list[str]:
        return [code for code in directory.of_kind((kind,)) if code in play.cast.of]

    planned, people = plans(crowd, until, acting("ngo_booth"), acting("mission"), acting("border_force"), play.chance)
    going = Wanderings(play, people, until)
    for plan in planned:
        going.begin(plan)
    going.run(lambda opened: progress(opened, crowd * 2))
    return going


def _bar_on_the_way(play: Play, until: datetime) -> None:
    """Another place, since this morning: some people in shelter, some offered, some just removed."""
    play.clock.now = until - timedelta(hours=14)
    play.pace = 5
    operation = bar_rescue.tip_off(play)
    for name, format_ in (("IMG_0412.jpg", "JPEG"), ("seizure list.pdf", "PDF")):
        play.attach(operation, "things", "seizure_list", name, papers.sheet("Seizure list", SEIZED, format_))
    people = bar_rescue.persons(play, operation)
    start = play.clock.now
    for number, (person, child) in enumerate(people):
        play.clock.now = start
        if number in (0, 1, 11):
            bar_rescue.to_shelter(play, person, child)
        elif number in (2, 3, 4, 10):
            play.advance(person, "to_safety")
        elif number in (5, 6, 7):
            play.finish(person)
            play.go(person, "to_safety")


def _planned(play: Play, until: datetime) -> None:
    """An operation that waits for approval."""
    play.clock.now = until - timedelta(hours=5)
    play.good = {**bar_rescue.GOOD, **bar_rescue.headcount()}
    operation = play.open("rescue-operation", "intel", "ahtb")
    play.advance(operation, "plan")
    play.finish(operation)
    play.go(operation, "submit")
