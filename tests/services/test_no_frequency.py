"""A list of names and how common each is leads to nobody: no column holds a name's tag, and no length tells it."""

import random
from collections import Counter
from collections.abc import Hashable, Mapping
from typing import Any

import pytest
from sqlalchemy import select

from sop_engine.case.refusal import Refusal
from sop_engine.services.installation import actor_of
from sop_engine.services.passing import run_once
from sop_engine.services.sending import open_case
from sop_engine.store.database import looking
from sop_engine.store.tables import metadata, vault
from sop_engine.store.vault import STEP_BYTES
from tests.support.world import World, make_world

GIVEN = [
    "सीता",
    "गीता",
    "माया",
    "सुनिता",
    "अनिता",
    "कमला",
    "विमला",
    "फूलमाया",
    "चमेली",
    "लक्ष्मी",
    "राधा",
    "पार्वती",
    "सरस्वती",
    "दिलमाया",
    "शान्ति",
]
FAMILY = ["तामाङ", "गुरुङ", "कनारी", "थापा", "मगर", "लामा", "नेपाली", "चौधरी", "परियार", "बिश्वकर्मा", "श्रेष्ठ", "राई"]
PEOPLE, COMMONEST = 300, 10


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, dict[str, str]]:
    """An installation with a few hundred people whose names are as common as names are; the name of each case."""
    world, chance = make_world(tmp_path_factory.mktemp("names")), random.Random(7)
    names = [f"{given} {family}" for given in GIVEN for family in FAMILY]
    chance.shuffle(names)
    actor, found = actor_of(world.play.cast.worker("wcsc-kathmandu")), {}
    for name in chance.choices(names, [1 / rank for rank in range(1, len(names) + 1)], k=PEOPLE):
        world.clock.wait(minutes=chance.randint(1, 90))
        answer = open_case(world.inst, actor, "identification", "report", {"person_name": name})
        assert not isinstance(answer, Refusal)
        found[answer.case.id] = name
    while run_once(world.inst):
        pass
    return world, found


def matched(seen: Mapping[str, Hashable], names: Mapping[str, str]) -> tuple[float, int]:
    """What whoever puts the commonest value beside the commonest name gets: the share of cases, and of the ten."""
    # Of what is equally common nobody knows the order.
    chance = random.Random(3)
    by_rank = _by_rank([*seen.values()], chance)
    list_of_names = _by_rank([*names.values()], chance)
    guess = dict(zip(by_rank, list_of_names, strict=False))
    right = [case for case, value in seen.items() if guess.get(value) == names[case]]
    return len(right) / len(names), len({names[case] for case in right} & set(list_of_names[:COMMONEST]))


def _by_rank(values: list[Any], chance: random.Random) -> list[Any]:
    counted = [*Counter(values).items()]
    chance.shuffle(counted)
    return [value for value, _ in sorted(counted, key=lambda pair: -pair[1])]


def by_length(names: Mapping[str, str]) -> float:
    """The share that whoever knows each length gets by saying the commonest name of it."""
    of_length: dict[int, Counter[str]] = {}
    for name in names.values():
        of_length.setdefault(len(name.encode()), Counter())[name] += 1
    return sum(counted.most_common(1)[0][1] for counted in of_length.values()) / len(names)


def by_chance(names: Mapping[str, str]) -> float:
    """The best that somebody does who sees nothing: to say the commonest name of everybody."""
    return Counter(names.values()).most_common(1)[0][1] / len(names)


def test_the_attack_finds_names_where_a_tag_of_them_is_kept(known: tuple[World, dict[str, str]]) -> None:
    """The attack itself is tried first: with a tag, or the length in letters, it does better than chance."""
    _, names = known
    share, ten = matched({case: hash(name) for case, name in names.items()}, names)
    print(f"a tag: {share:.0%} of records, {ten} of ten; lengths to the byte: {by_length(names):.0%}")
    assert by_length(names) > 1.5 * by_chance(names)
    assert share > 2 * by_chance(names)
    assert ten >= 5


def test_no_column_of_any_table_leads_to_names(known: tuple[World, dict[str, str]]) -> None:
    world, names = known
    worst: list[tuple[float, int, str]] = []
    columns = 0
    with looking(world.inst.engine) as connection:
        for table in metadata.tables.values():
            if "case_id" not in table.c:
                continue
            for column in (one for one in table.c if one.name != "case_id"):
                seen: dict[str, list[Hashable]] = {}
                for row in connection.execute(select(table.c.case_id, column).order_by(table.c.case_id)):
                    if row[0] in names:
                        seen.setdefault(row[0], []).append(row[1])
                if not seen:
                    continue
                sized = {case: tuple(len(one) for one in some if isinstance(one, bytes)) for case, some in seen.items()}
                for what, values in (
                    (column.name, {case: tuple(map(repr, some)) for case, some in seen.items()}),
                    (f"length of {column.name}", sized),
                ):
                    columns += 1
                    worst.append((*matched(values, names), f"{table.name}.{what}"))
    worst.sort(reverse=True)
    print(f"{columns} columns and lengths; chance {by_chance(names):.1%}; best {worst[:3]}")
    assert all(share <= by_chance(names) for share, _, _ in worst), worst[:5]
    assert all(ten <= 3 for _, ten, _ in worst)


def test_a_sealed_name_is_as_long_as_any_other(known: tuple[World, dict[str, str]]) -> None:
    world, _ = known
    with looking(world.inst.engine) as connection:
        rows = connection.execute(select(vault.c.sealed).where(vault.c.field == "person_name"))
        lengths = {len(row.sealed) for row in rows}
    assert len(lengths) == 1
    assert (lengths.pop() - 12 - 16 - 16) % STEP_BYTES == 0
