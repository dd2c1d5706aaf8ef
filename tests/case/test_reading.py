"""Which closed values are for whom: for each kind of agency and class, its own record and another's, typed by hand."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sop_engine.case.ground import Ground
from sop_engine.case.reading import Withheld, class_of, classes_for, may_open, may_read, seen
from sop_engine.case.state import Case, changed
from sop_engine.sop.grammar import CLASSES
from sop_engine.sop.loading import load_file, load_text, standard_library, workflows
from sop_engine.store.database import writing
from sop_engine.store.directory import DirectoryProblem, read_classes, read_kinds
from sop_engine.store.procedures import publish
from tests.support.world import World

TEXT = (Path(__file__).parent / "classes.yaml").read_text(encoding="utf-8")
# From the table of who may see what, as it is proposed for kinds of agency; in the order of the classes:
# i identity, c contact, h health, s story, l legal, p places, w people at work.
LETTERS = dict(zip("ichslpw", CLASSES, strict=True))
READS = {
    "anti_trafficking_police": "ic slpw", "police_women_desk": "ic slpw", "police_superior": "lpw",
    "border_force": "ic slpw", "immigration": "ic slpw", "hospital": "ich", "child_welfare": "ichslpw",
    "local_level": "icp", "shelter": "ichslpw", "transit_home": "ichslpw", "ngo": "ichslpw", "ngo_booth": "ichslpw",
    "legal_aid": "icslw", "dccht": "", "nccht": "", "ministry_women": "", "ministry_home": "", "ministry_foreign": "",
    "ministry_labour": "", "foreign_employment_department": "icl", "foreign_employment_board": "icl",
    "mission": "iclpw", "ncrc": "ipw", "provincial_child_rights": "", "local_child_rights": "icslpw",
    "government_attorney": "islw", "district_court": "il", "district_administration": "iclpw",
    "childrens_home": "ichslpw", "rehabilitation_centre": "ichslpw", "oversight": "",
    "child_welfare_committee_india": "ichslpw", "foreign_authority": "i", "un_agency": "ic", "un_refugee": "icslp",
    "suspect_investigation": "ichslpw", "prosecution": "ichslpw", "attorney_general": "lw",
}  # fmt: skip
# What it reads besides while the case is with it.
HOLDING = {
    "police_superior": "i", "local_level": "ichslpw", "local_child_rights": "ichslpw", "dccht": "i", "nccht": "i",
    "ministry_women": "i", "ministry_home": "i", "ministry_foreign": "i", "ministry_labour": "i",
    "provincial_child_rights": "i", "ncrc": "csl", "oversight": "icslpw", "attorney_general": "ichslpw"
}  # fmt: skip


def classes(letters: str) -> set[str]:
    return {LETTERS[letter] for letter in letters.replace(" ", "")}


@pytest.fixture
def world(sqlite_world: World) -> World:
    procedure, _ = load_text(TEXT, "classes.yaml")
    with writing(sqlite_world.inst.engine) as connection:
        publish(connection, procedure, sqlite_world.clock())
    return sqlite_world


def told(world: World, agency: str) -> str:
    """A case in which the desk recorded one of each class and an agency another, which is then heard in it."""
    case_id = world.play.open("classes", "met", a_desk(world))
    play = world.play
    play.record(case_id, "tell", **{f"{one}_one": f"Canary one {one}" for one in CLASSES})
    play.record(case_id, "choose", reader=agency)
    play.record(case_id, "tell_too", **{f"{one}_two": f"Canary two {one}" for one in CLASSES})
    play.go(case_id, "on")
    return case_id


def a_desk(world: World) -> str:
    """The first organisation that opens such cases."""
    agencies = world.inst.directory_now().agencies
    return next(code for code in world.play.cast.of if agencies[code].kind == "ngo")


def readers(world: World) -> Iterator[tuple[str, str]]:
    """A kind and an agency of it that has people here and works on such cases; another than the desk."""
    directory, found = world.inst.directory_now(), set()
    for code in world.play.cast.of:
        kind = directory.agencies[code].kind
        if kind not in found and directory.works_on(code, "person") and code != a_desk(world):
            found.add(kind)
            yield kind, code


def grounded(world: World, case_id: str) -> tuple[Ground, Case]:
    case = world.play.case(case_id)
    return world.play.ground(case), case


def test_the_table_is_what_the_file_says_for_every_kind() -> None:
    path = workflows() / "directory" / "kinds.yaml"
    found = read_classes(path)
    assert found.keys() == read_kinds(path).keys() == READS.keys()
    for kind, letters in READS.items():
        assert found[kind].always == classes(letters), kind
        assert found[kind].holding == classes(HOLDING.get(kind, "")), kind


def test_each_kind_reads_its_classes_and_all_that_it_wrote(world: World) -> None:
    ground, case = grounded(world, told(world, "utis"))
    others = {code: one.kind for code, one in ground.directory.agencies.items() if code not in ("utis", case.holder)}
    for kind, letters in READS.items():
        agency = next(code for code, theirs in others.items() if theirs == kind)
        for one in CLASSES:
            assert may_read(ground, case, agency, f"{one}_one", case.holder) == (one in classes(letters)), (kind, one)
            assert may_read(ground, case, agency, f"{one}_one", agency), (kind, one)
            held = changed(case, holder=agency)
            wanted = classes(letters) | classes(HOLDING.get(kind, ""))
            assert classes_for(ground, held, agency) == wanted, kind


def test_what_a_step_asks_for_that_she_does_now_is_for_her_and_only_then(world: World) -> None:
    police = next(code for kind, code in readers(world) if kind == "border_force")
    case_id = told(world, police)
    ground, case = grounded(world, case_id)
    assert seen(ground, case, police, "health_one", "Weak", case.holder) == Withheld("health")
    assert not may_open(ground, case, police, "tell", "certificate", str(case.holder))
    assert may_open(ground, case, police, "tell", "certificate", police)
    world.play.go(case_id, "to_care")
    ground, case = grounded(world, case_id)
    assert seen(ground, case, police, "health_one", "Weak", case.holder) == "Weak"
    world.play.record(case_id, "treat", health_one="Better")
    world.play.go(case_id, "over")
    ground, case = grounded(world, case_id)
    assert not may_read(ground, case, police, "health_one", "somebody")


def test_an_agency_that_nobody_knows_and_a_field_without_a_class_are_for_nobody(world: World) -> None:
    ground, case = grounded(world, told(world, "ahtb"))
    assert not may_read(ground, case, "nobody", "identity_one", case.holder)
    assert not may_read(ground, case, "sisau", "no_such_field", case.holder)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("a: {title: A}", "does not say what it 'reads'"),
        ("a: {title: A, reads: [helth]}", "'helth' is no class"),
        ("a: {title: A, reads: most}", "is no list of classes"),
        ("a: {title: A, reads: [], reads_as_holder: [x]}", "'x' is no class"),
    ],
)
def test_a_directory_that_leaves_open_who_reads_what_is_refused(tmp_path: Path, said: str, sentence: str) -> None:
    path = tmp_path / "kinds.yaml"
    path.write_text(f"kinds:\n  {said}\n", encoding="utf-8")
    with pytest.raises(DirectoryProblem, match=sentence):
        read_classes(path)


def test_a_column_that_says_no_class_is_of_the_class_of_its_list() -> None:
    forms = load_file(workflows() / "rescue-person.yaml")[0]
    assert class_of(forms, "safety_measures.0.measure") == "story"
    assert class_of(forms, "safety_measures.12.by_whom") == "story"
    assert class_of(forms, "safety_measures.0.no_such_column") == ""


def test_each_closed_field_and_column_of_each_procedure_has_a_class() -> None:
    for procedure in standard_library().procedures.values():
        for name, said in procedure.fields.items():
            closed = [f"{name}.0.{column}" for column, inner in said.row.items() if not inner.open]
            closed += [] if said.open or said.type == "rows" else [str(name)]
            assert [one for one in closed if class_of(procedure, one) not in CLASSES] == []
