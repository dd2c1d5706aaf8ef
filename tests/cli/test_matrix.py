"""Every command that acts as somebody, as each relation to a case: who may not is told what is told of nothing.

Commands without `--as` are for whoever has the key file and stands before the machine: they are limited by nothing but
that, by design (so does `--as`: it asks for no password), and stand here by name, so that a new one is placed by hand.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from sop_engine.cli import commands
from tests.cli.program import Program, Said
from tests.support.every_page import furnish
from tests.support.matrix import ABSENT, ALONE, Written, numbers_of, related, things_of
from tests.support.rights_by_hand import RELATIONS, extent
from tests.support.world import World, make_world

# What an operator does, who has the machine, the database and the keys; none of it acts as somebody.
OF_THE_OPERATOR = {
    "agencies", "audit begin-anew", "audit export", "audit key", "audit proof", "audit request", "audit take-in",
    "audit verify", "backup", "demo", "doctor", "init", "keys kept", "keys random", "keys renew", "keys status",
    "keys turn", "people administrator", "people end", "people password", "people unlock-factor", "people vouch",
    "person-add",
    "rebuild", "restore", "serve", "sop check", "sop diagram", "sop dictionary", "sop publish", "sop schema",
    "sop show", "witness make-key", "witness sign",
}  # fmt: skip
# Commands that name no case: one opens a case of one's own, one lists one's own.
OF_NO_CASE = {"case open", "case worklist"}
# What each command on a case asks, by the words of the requirement.
# Who knows of a case and may not read it is told that of no step there is anything to read.
ASKS = {"case show": "know", "case asks": "know", "case history": "know", "case do": "act", "case do step": "record"}
WAYS = {
    "step": "STEP", "go": "EXIT", "accept": "", "refuse": "no_capacity", "withdraw": "", "sign": "",
    "consent": "data_sharing", "hand-over": "sisau", "hold": "HOLD", "resume": "", "note": "", "join": "JOINS",
    "part": "",
}  # fmt: skip


def leaves(group: click.Group, before: str = "") -> Iterator[tuple[str, click.Command]]:
    for name, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            yield from leaves(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


def test_every_command_stands_in_one_section() -> None:
    there = dict(leaves(commands))
    acting = {name for name, one in there.items() if any("--as" in param.opts for param in one.params)}
    walked = {"case show", "case asks", "case history", "case do"}
    unlisted = (acting ^ (walked | OF_NO_CASE)) | ((there.keys() - acting) ^ OF_THE_OPERATOR)
    print(f"commands: {len(there)}, unlisted commands: {len(unlisted)}")
    assert unlisted == set()
    said = re.search(r"WHAT is one of: (.*?)\.\n", there["case do"].help or "", re.DOTALL)
    assert said is not None
    words = re.sub(r"\s+|\([^)]*\)", " ", said[1]).split(", ")
    assert {one.split()[0] for one in words} == WAYS.keys()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("cli-matrix"))


@pytest.fixture(scope="module")
def rich(world: World) -> tuple[str, str]:
    """The case of a person, and the number of one to which another was joined."""
    opened = {one.name: one.address.rpartition("/")[2] for one in furnish(world)}
    return numbers_of(world)[opened["case of a person"]], opened["case with another joined to it"]


def asked(world: World, case_id: str, joins: str) -> list[tuple[str, list[str]]]:
    """Every command on a case, with what it takes; NUMBER stands for the case."""
    things = things_of(world, case_id, world.play.case(case_id).holder or "")
    known = {"STEP": things["step"], "EXIT": things["exit"], "HOLD": things["hold"], "JOINS": joins}
    acts = [
        (
            "case do step" if what == "step" else "case do",
            ["do", "NUMBER", what, *([known.get(word, word)] if word else [])],
        )
        for what, word in WAYS.items()
    ]
    looks = [("case show", ["show", "NUMBER"]), ("case history", ["history", "NUMBER"])]
    asks = [("case asks", ["asks", "NUMBER", things["step"]])]
    return [(name, [*words, *more]) for name, words in (*looks, *asks, *acts) for more in ([], ["--json"])]


def but_for(said: Said, number: str) -> tuple[str, str, int]:
    return said.out.replace(number, "NUMBER"), said.err.replace(number, "NUMBER"), said.code


def test_each_command_as_each_relation(world: World, rich: tuple[str, str], sop_engine: Program) -> None:
    case_id, joins = rich
    home: Path = world.settings.home
    written, cells, leaks = Written(world.inst), 0, []
    # The names of the steps of this stage, but for the one that is typed.
    case = world.play.case(case_id)
    here = world.play.ground(case).procedure.sop.stages[case.stage or ""].steps
    names = {str(name) for name in here} - {things_of(world, case_id, case.holder or "")["step"]}

    def run(words: list[str], number: str) -> Said:
        filled = [number if word == "NUMBER" else word for word in words]
        return (
            sop_engine("case", *filled, "--reason", "As discussed.", "--as", ALONE, "--home", home)
            if (words[0] == "do")
            else sop_engine("case", *filled, "--as", ALONE, "--home", home)
        )

    for relation in (*RELATIONS, None):
        with related(world, case_id, relation) as played:
            written.keep()
            for name, words in asked(world, case_id, joins):
                cells += 1
                foreign = run(words, played.number)
                wrote = written.since() and written.beside_looks()
                nothing = f"there is no case {played.number} for you" in foreign.err
                if relation is None or extent(ASKS[name], relation) is None:
                    absent = run(words, ABSENT)
                    if but_for(foreign, played.number) != but_for(absent, ABSENT) or foreign.code != 1 or wrote:
                        leaks.append((relation, words, foreign, absent))
                else:
                    told = set(re.findall(r"\w+", foreign.out + foreign.err))
                    reads = name != "case asks" or (foreign.code == 0) == (extent("read", relation) == "all")
                    lists = extent("list", relation) is not None or not told & names
                    if (nothing and extent(ASKS[name], relation) == "all") or not reads or not lists:
                        leaks.append((relation, words, foreign))
                if wrote:
                    written.put_back()
    print(f"commands: cells: {cells}, leaks: {len(leaks)}")
    assert leaks == []
    assert cells == 2 * 16 * 12


def test_whoever_has_no_account_and_what_is_no_number_is_told_alike(
    world: World, rich: tuple[str, str], sop_engine: Program
) -> None:
    number = world.play.case(rich[0]).number
    for name, words in asked(world, rich[0], rich[1]):
        filled = [number if word == "NUMBER" else word for word in words]
        said = sop_engine("case", *filled, "--as", "nobody-here", "--home", world.settings.home)
        assert (said.out, said.err, said.code) == ("", "sop-engine: nobody signs in as 'nobody-here'\n", 2), name


def test_the_list_of_somebody_holds_no_case_of_others(world: World, rich: tuple[str, str], sop_engine: Program) -> None:
    def listed(name: str, *more: str) -> str:
        return sop_engine("case", "worklist", *more, "--as", name, "--home", world.settings.home, "--json").out

    assert world.play.case(rich[0]).number in listed("ahtb", "--list", "late")
    for name in (ALONE, "wcsc-jhapa", "mowcsc"):
        assert not set(re.findall(r"NP-[0-9A-Z]{4}-[0-9A-Z]{4}", listed(name)))
