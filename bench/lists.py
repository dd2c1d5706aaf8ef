"""How lists grow."""

from typing import Any

from sqlalchemy import insert, select

from bench.figure import Figure, seconds
from bench.world import bench_world
from sop_engine.demo.stories import bar_rescue
from sop_engine.services.day import worklist_of
from sop_engine.store.database import writing
from sop_engine.store.tables import access, standing

FEW, MANY = 1_000, 100_000


def worklist_growth() -> Figure:
    """An agency's worklist at 100 000 open cases, against its time at 1 000."""
    with bench_world("sqlite") as world:
        operation = bar_rescue.tip_off(world.play)
        person = bar_rescue.persons(world.play, operation)[0][0]
        account = world.play.cast.worker("ahtb")
        copies(world, person, 0, FEW)
        few = seconds(lambda: worklist_of(world.inst, account), 10)
        copies(world, person, FEW, MANY)
        many = seconds(lambda: worklist_of(world.inst, account), 10)
    return Figure("worklist.growth", many, "seconds", few, many / few)


def copies(world: Any, person: str, start: int, end: int) -> None:
    """Rows of cases like one that is there: a worklist reads rows only."""
    with writing(world.inst.engine) as connection:
        row = dict(connection.execute(select(standing).where(standing.c.case_id == person)).mappings().one())
        for begin in range(start, end, 5_000):
            numbers = range(begin, min(begin + 5_000, end))
            rows = [
                {**row, "case_id": f"copy{n}", "number": f"CP-{n}", "due": f"{2026 + n % 3}{row['due'][4:]}"}
                for n in numbers
            ]
            connection.execute(insert(standing), rows)
            connection.execute(
                insert(access),
                [{"case_id": f"copy{n}", "agency": "ahtb", "relation": "holder", "until": None} for n in numbers],
            )
    if world.inst.engine.dialect.name == "postgresql":
        # What PostgreSQL does by itself within a minute: know how many rows there are.
        with world.inst.engine.connect() as connection:
            connection.exec_driver_sql("ANALYZE")
            connection.commit()
