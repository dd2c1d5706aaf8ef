"""A case worked from the command line: what is asked, what is lacking, by when; refusals in sentences."""

import json
import re
from pathlib import Path

import pytest

from sop_engine.app import initialise, installation, load_settings
from sop_engine.services.publishing import publish_file
from sop_engine.services.staff import add_account
from tests.cli.program import Program

DOCS = Path(__file__).parents[2] / "docs"
CHILD = DOCS / "examples" / "missing-child.yaml"
PASSWORD = "a-password-for-tests"
NEPAL = r"\d{4}-\d\d-\d\dT\d\d:\d\d\+05:45"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with the procedure of the tutorial, a police desk and a child welfare officer."""
    folder = tmp_path_factory.mktemp("installation")
    settings = load_settings(folder, {})
    initialise(settings)
    inst = installation(settings)
    publish_file(inst, CHILD, inst.clock())
    people = (("desk", "wcsc-kathmandu"), ("officer", "cwo-kathmandu"), ("other", "himal-aashraya"), ("police", "ahtb"))
    for name, agency in people:
        assert add_account(inst, name, agency, name, frozenset(), PASSWORD) is None
    assert add_account(inst, "lead", "wcsc-kathmandu", "lead", frozenset({"supervisor"}), PASSWORD) is None
    return folder


@pytest.fixture
def number(home: Path, sop_engine: Program) -> str:
    said = sop_engine("case", "open", "missing-child", "reported", "--as", "desk", "--home", home)
    assert said.code == 0, said.err
    return said.out.split(":")[0]


def report(sop_engine: Program, home: Path, number: str) -> None:
    answers = {"birth_date": "9 years", "place_seen": "NP0327", "last_seen": "school", "told": "Not home by dusk."}
    words = ("case", "do", number, "step", "take_report", "--answers", json.dumps(answers))
    assert sop_engine(*words, "--as", "desk", "--home", home).code == 0


def test_a_case_is_shown_with_words_beside_codes_and_what_each_way_lacks(
    home: Path, number: str, sop_engine: Program
) -> None:
    said = sop_engine("case", "show", number, "--as", "desk", "--home", home).out
    assert "Take down the report (take_report): not looked at" in said
    assert "holder: Women, Children and Senior Citizen Service Centre Kathmandu (wcsc-kathmandu)" in said
    assert "Begin the search (begin_search)" in said
    assert "    - Take down the report is not finished (step take_report, Women" in said
    assert re.search(f"^until: {NEPAL}$", said, re.MULTILINE)
    as_json = json.loads(sop_engine("case", "show", number, "--as", "desk", "--home", home, "--json").out)
    way = next(one for one in as_json["exits"] if one["name"] == "begin_search")
    assert way["lacks"][0]["step"] == "take_report"


def test_a_step_tells_what_it_asks_with_type_answers_and_need(home: Path, number: str, sop_engine: Program) -> None:
    said = sop_engine("case", "asks", number, "take_report", "--as", "desk", "--home", home).out
    assert "  birth_date: Date of birth (date, needed)" in said
    assert "      school: School" in said
    assert "one of 77 codes, such as NP0101 (Taplejung)" in said
    assert "  told: What happened (long_text, may be left out)" in said
    fields = json.loads(sop_engine("case", "asks", number, "take_report", "--as", "desk", "--home", home, "--json").out)
    asked = {one["name"]: one for one in fields["fields"]}
    assert asked["last_seen"]["choices"] == {"home": "Home", "school": "School", "road": "On the way"}
    assert (asked["birth_date"]["needed"], asked["told"]["needed"]) == (True, False)
    assert len(asked["place_seen"]["choices"]) == 77


def test_a_step_that_asks_nothing_and_one_that_is_not_there_say_so(
    home: Path, number: str, sop_engine: Program
) -> None:
    said = sop_engine("case", "asks", number, "tell_council", "--as", "desk", "--home", home)
    assert "It asks nothing" in said.out
    wrong = sop_engine("case", "asks", number, "take_raport", "--as", "desk", "--home", home)
    assert (wrong.err, wrong.code) == ("sop-engine: 'take_raport' is no step that you can read now: take_report\n", 1)
    hidden = sop_engine("case", "asks", number, "take_report", "--as", "other", "--home", home)
    assert hidden.err == f"sop-engine: there is no case {number} for you\n"


def test_wrong_answers_are_refused_in_sentences_with_the_possible_answers(
    home: Path, number: str, sop_engine: Program
) -> None:
    answers = json.dumps({"birth_date": "soon", "place_seen": "Kathmandu", "last_seen": "moon", "extra": "1"})
    words = ("case", "do", number, "step", "take_report", "--answers", answers, "--as", "desk", "--home", home)
    said = sop_engine(*words)
    assert said.code == 1
    assert "Last seen at (last_seen): choose one of the answers given: home (Home), school (School), road" in said.err
    assert "District where last seen (place_seen): choose one of the list: NP0101 (Taplejung), " in said.err
    assert "Date of birth (birth_date): 'soon' is no date: write 2008-05-17" in said.err
    assert "extra: this form does not ask for this" in said.err
    assert f"What it asks: sop-engine case asks {number} take_report" in said.err
    assert not set("[]{}") & set(said.err)
    assert "moon" not in sop_engine("case", "history", number, "--as", "desk", "--home", home).out


def test_a_list_of_rows_names_the_row_and_the_column_that_is_wrong(home: Path, sop_engine: Program) -> None:
    number = sop_engine("case", "open", "rescue-operation", "intel", "--as", "police", "--home", home).out.split(":")[0]
    rows = json.dumps({"people": [{"token": "1", "looks_like": "girl"}, {"token": "2", "looks_like": "tall"}]})
    said = sop_engine("case", "do", number, "step", "headcount", "--answers", rows, "--as", "police", "--home", home)
    assert "One row for each person (people): row 2: Seen as (looks_like): choose one of the answers" in said.err
    assert "given: woman (Woman), man (Man), girl (Girl), boy (Boy), other_sex (Other)" in said.err
    assert "row 1" not in said.err
    asked = sop_engine("case", "asks", number, "headcount", "--as", "police", "--home", home).out
    assert "      looks_like: Seen as (choice)\n          woman: Woman" in asked


def test_answers_that_are_no_json_or_no_map_are_refused(home: Path, number: str, sop_engine: Program) -> None:
    for typed, sentence in (("{", "--answers is no JSON"), ("[1]", "--answers is a map from fields to answers")):
        words = ("case", "do", number, "step", "take_report", "--answers", typed, "--as", "desk", "--home", home)
        said = sop_engine(*words)
        assert (said.code, sentence in said.err) == (2, True)


def test_an_offer_tells_by_when_it_must_be_answered(home: Path, number: str, sop_engine: Program) -> None:
    report(sop_engine, home, number)
    for way in ("begin_search", "found_alive"):
        said = sop_engine("case", "do", number, "go", way, "--as", "desk", "--home", home)
        assert said.code == 0, said.err
    said = sop_engine("case", "show", number, "--as", "officer", "--home", home).out
    assert "offered_to: Child Welfare Officer of Kathmandu Metropolitan City (cwo-kathmandu)" in said
    assert re.search(f"^answer_by: {NEPAL}$", said, re.MULTILINE)
    listed = sop_engine("case", "worklist", "--as", "officer", "--home", home).out
    assert re.search(f"{number}  A missing child: Search  .*answer by {NEPAL}", listed)
    refused = sop_engine("case", "do", number, "refuse", "busy", "--as", "officer", "--home", home)
    assert refused.code == 1
    assert "no_capacity" in refused.err


def test_a_list_that_is_longer_than_is_shown_says_so_and_is_read_to_its_end(home: Path, sop_engine: Program) -> None:
    def listed(*more: str) -> tuple[str, set[str]]:
        said = sop_engine("case", "worklist", *more, "--as", "desk", "--home", home).out
        return said, set(re.findall(r"^  (NP-\S+)", said, re.MULTILINE))

    for _ in range(27):
        assert sop_engine("case", "open", "missing-child", "reported", "--as", "desk", "--home", home).code == 0
    first, shown = listed()
    found = re.search(r"^(\w+): (\d+)\n(?:  NP-.*\n)+  the rest: --list (\w+)$", first, re.MULTILINE)
    assert found is not None
    assert found[1] == found[3]
    (page, on_first), (last, on_second) = (listed("--list", found[3], *more) for more in ([], ["--page", "2"]))
    assert (len(on_first), len(on_first | on_second), len(shown) < 27) == (25, int(found[2]), True)
    assert ("  the rest: --list" in page, "the rest" in last) == (True, False)
    wrong = sop_engine("case", "worklist", "--list", "lost", "--as", "desk", "--home", home)
    assert (wrong.code, "there is no list 'lost'" in wrong.err) == (2, True)


def test_agencies_are_listed_by_kind_with_their_codes(home: Path, sop_engine: Program) -> None:
    said = sop_engine("agencies", "--kind", "shelter", "--home", home).out.splitlines()
    assert any(line.startswith("himal-aashraya ") for line in said)
    assert all(" shelter " in line for line in said)
    wrong = sop_engine("agencies", "--kind", "shelters", "--home", home)
    assert (wrong.code, "no kind is called 'shelters'" in wrong.err) == (2, True)
    assert any(one["code"] == "ahtb" for one in json.loads(sop_engine("agencies", "--json", "--home", home).out))


def test_two_cases_of_one_person_are_joined_and_parted(home: Path, number: str, sop_engine: Program) -> None:
    kept = sop_engine("case", "open", "missing-child", "reported", "--as", "desk", "--home", home).out.split(":")[0]

    def do(*words: str, by: str) -> None:
        said = sop_engine("case", "do", number, *words, "--as", by, "--home", home)
        assert said.code == 0, said.err

    def shown(one: str) -> str:
        return sop_engine("case", "show", one, "--as", "desk", "--home", home).out

    do("join", kept, "--reason", "The same boy.", by="desk")
    do("sign", by="lead")
    assert f"joined_to: {kept}" in shown(number)
    assert f"also_recorded_in: {number}" in shown(kept)
    told = sop_engine("case", "history", number, "--as", "desk", "--home", home).out
    assert "The case ended: it was joined to another case of the same person" in told
    do("part", "--reason", "Not the same boy.", by="desk")
    do("sign", by="lead")
    assert "joined_to" not in shown(number)
    refused = sop_engine("case", "do", number, "join", "NP-2222-2222", "--as", "desk", "--home", home)
    assert refused.code != 0
