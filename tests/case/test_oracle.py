"""The engine against a second reading of the language: random people send random commands, and both must agree."""

import random
from pathlib import Path

import pytest

from sop_engine.case.ground import Ground
from sop_engine.sop.loading import load_text, standard_library
from sop_engine.store.database import writing
from sop_engine.store.procedures import publish
from tests.support.generated import random_sop
from tests.support.imagined import opened
from tests.support.invariants import check_verdicts
from tests.support.match import Match
from tests.support.oracle import Oracle
from tests.support.world import World, make_world

SEEDS = [*range(8), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(8, 40))]
TRIES = 70
SOPS, ACTS = 12, 40
OPENERS = ("wcsc-kathmandu", "wcsc-banke")
OPENINGS = (
    ("rescue-operation", "intel", ("ahtb", "wcsc-kathmandu", "utis", "ncrc")),
    ("identification", "report", ("wcsc-kathmandu", "utis", "ahtb", "local-nepalgunj")),
    ("identification", "interception", ("booth-jamunaha", "booth-kakarbhitta")),
)


def check(match: Match) -> None:
    """Both agreed on every command, and the engine calls nothing a breach that it accepted."""
    assert match.wrong == [], "\n\n".join(match.wrong)
    for case_id in filter(None, match.told):
        check_verdicts(match.world, case_id)


def play_real(home: Path, seed: int, tries: int) -> Match:
    """Random commands on cases of the SOPs that come with the program."""
    world = make_world(home, seed=seed)
    match = Match(world, Oracle(world.inst.directory_now(), standard_library().procedures), random.Random(seed))
    for sop, entry, agencies in OPENINGS:
        match.open(sop, entry, match.chance.choice(agencies))
    match.open("identification", "screening", "utis")
    match.open("rescue-operation", "intel", "police-cid")
    match.open("rescue-operation", "intel", "ahtb")
    if match.cases and match.oracle.cases[match.cases[-1]].holder == "ahtb":
        match.lead(match.cases[-1], "persons")
    for number in range(tries):
        match.try_one()
        if len(match.cases) < 3 or number % 60 == 59:
            sop, entry, agencies = match.chance.choice(OPENINGS)
            match.open(sop, entry, match.chance.choice(agencies))
    return match


def play_generated(home: Path, seed: int, tries: int) -> Match:
    """Random commands on cases of random SOPs."""
    world = make_world(home, seed=seed)
    chance = random.Random(seed)
    procedures = {}
    for number in range(3):
        text = random_sop(chance, f"sop-{seed}-{number}")
        procedure, _ = load_text(text, f"sop-{seed}-{number}.yaml")
        procedures[procedure.name] = procedure
        with writing(world.inst.engine) as connection:
            publish(connection, procedure, world.clock())
    match = Match(world, Oracle(world.inst.directory_now(), procedures), chance)
    for number in range(tries):
        if len(match.cases) < 4 or number % 40 == 39:
            name = chance.choice(sorted(procedures))
            entry = chance.choice(sorted(map(str, procedures[name].sop.opens_at)))
            values = {"place_met": "NP0327"} if chance.random() < 0.6 else {}
            match.open(name, entry, chance.choice(["wcsc-kathmandu", "wcsc-banke", "ahtb"]), values)
        match.try_one()
    return match


@pytest.mark.parametrize("seed", SEEDS)
def test_engine_and_oracle_agree_on_the_real_sops(seed: int, tmp_path: Path) -> None:
    check(play_real(tmp_path, seed, TRIES))


@pytest.mark.parametrize("seed", SEEDS)
def test_engine_and_oracle_agree_on_random_sops(seed: int, tmp_path: Path) -> None:
    check(play_generated(tmp_path, 1000 + seed, TRIES))


def imagine_generated(world: World, seed: int, sops: int, tries: int) -> None:
    """Cases of many random SOPs, played in memory alone."""
    chance, directory = random.Random(seed), world.inst.directory_now()
    for number in range(sops):
        procedure, _ = load_text(random_sop(chance, f"sop-{number}"), f"sop-{number}.yaml")
        oracle, agency = Oracle(directory, {procedure.name: procedure}), chance.choice(OPENERS)
        values = {"place_met": "NP0327"} if chance.random() < 0.6 else {}
        imagined = opened(Ground(procedure, directory), oracle, world.play.cast, chance, world.clock(), agency, values)
        if imagined is not None:
            imagined.play(tries)
            assert not imagined.wrong, f"seed {seed}, SOP {number}\n{imagined.wrong}"


@pytest.fixture(scope="module")
def one_world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """An installation of which only people and agencies are used."""
    return make_world(tmp_path_factory.mktemp("world"))


@pytest.mark.parametrize("seed", [*range(6), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(6, 80))])
def test_engine_and_oracle_agree_on_many_random_sops(seed: int, one_world: World) -> None:
    imagine_generated(one_world, seed, SOPS, ACTS)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 140))
def test_engine_and_oracle_agree_for_long(seed: int, tmp_path: Path) -> None:
    check(play_real(tmp_path / "real", seed, 500))
    check(play_generated(tmp_path / "random", seed, 500))
