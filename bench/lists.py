"""How lists grow."""

import os
from typing import Any

from sqlalchemy import insert, select

from bench.figure import Figure, seconds
from bench.world import bench_world
from sop_engine.demo.stories import bar_rescue
from sop_engine.services.day import worklist_of
from sop_engine.store.database import writing
from sop_engine.store.sealing import seal
from sop_engine.store.tables import access, standing, subject_key, vault
from sop_engine.store.vault import Secret, bound

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
    """Rows of cases like one that is there, each with a name of its own in the vault: lists and searches read rows."""
    with writing(world.inst.engine) as connection:
        row = dict(connection.execute(select(standing).where(standing.c.case_id == person)).mappings().one())
        for begin in range(start, end, 5_000):
            numbers = range(begin, min(begin + 5_000, end))
            rows = [
                {
                    **row,
                    "case_id": f"copy{n}",
                    "number": f"CP-{n}",
                    "subject": f"who{n}",
                    "due": f"{2026 + n % 3}{row['due'][4:]}",
                }
                for n in numbers
            ]
            connection.execute(insert(standing), rows)
            connection.execute(
                insert(access),
                [
                    {"case_id": f"copy{n}", "agency": "ahtb", "relation": "holder", "person": "", "until": None}
                    for n in numbers
                ],
            )
            _name(world, connection, numbers)
    if world.inst.engine.dialect.name == "postgresql":
        # What PostgreSQL does by itself within a minute: know how many rows there are.
        with world.inst.engine.connect() as connection:
            connection.exec_driver_sql("ANALYZE")
            connection.commit()


GIVEN = ("Sita", "गीता", "Maya", "Bishnu", "लक्ष्मी", "Sarita", "Kamala", "Dil", "Hari", "सुनिता", "Nirmala", "Pabitra")
SYLLABLES = ("ba", "ki", "lo", "mu", "ne", "pa", "ri", "su", "to", "ya")
FAMILY = ("Tamang", "श्रेष्ठ", "Rai", "Gurung", "बिश्वकर्मा", "Chaudhary", "Thapa", "नेपाली", "Magar", "Lama", "Karki")


def _name(world: Any, connection: Any, numbers: range) -> None:
    """Invented names for the copies, closed as the program closes them."""
    wrapped, sealed = [], []
    for n in numbers:
        subject, case_id, key = f"who{n}", f"copy{n}", os.urandom(32)
        name = f"{GIVEN[n % len(GIVEN)]} {SYLLABLES[n % 97 % len(SYLLABLES)]}{n % 53} {FAMILY[n % len(FAMILY)]}"
        secret, place = Secret.of(name), bound(subject, case_id, 2, "person_name")
        wrapped.append(world.inst.keys.wrapped(connection, subject, key, "ahtb"))
        row = {"case_id": case_id, "seq": 2, "field": "person_name", "subject": subject}
        sealed.append({**row, "sealed": seal(key, secret.salt + secret.value, place)})
    connection.execute(insert(subject_key), wrapped)
    connection.execute(insert(vault), sealed)
