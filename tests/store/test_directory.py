"""The directory is taken in again and again, also where agencies have people and cases already."""

from dataclasses import replace
from pathlib import Path

import pytest

from sop_engine.app import initialise, installation
from sop_engine.sop.language import Text
from sop_engine.sop.loading import workflows
from sop_engine.store.directory import DirectoryProblem, read_agencies
from tests.support.world import World


def test_an_installation_with_people_and_cases_is_made_ready_again_with_a_changed_directory(
    world: World, tmp_path: Path
) -> None:
    case = world.play.open("rescue-operation", "intel", "ahtb")
    folder = tmp_path / "directory"
    folder.mkdir()
    for file in (workflows() / "directory").iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    listed = folder / "agencies.yaml"
    text = listed.read_text(encoding="utf-8").replace("{en: Anti-Human Trafficking Bureau,", "{en: The Bureau,")
    added = "  new-desk: {title: A new desk, kind: police_women_desk, calendar: always-on}\n"
    listed.write_text(text + added, encoding="utf-8")
    settings = replace(world.settings, directory=folder)
    initialise(settings)
    inst = installation(settings)
    directory = inst.directory_now()
    assert directory.title("ahtb").en == "The Bureau"
    assert directory.title("new-desk") == Text("A new desk")
    assert world.play.case(case).holder == "ahtb"


@pytest.mark.parametrize("code", ["system", "person"])
def test_no_agency_is_called_as_whoever_acts_without_an_account(tmp_path: Path, code: str) -> None:
    listed = tmp_path / "agencies.yaml"
    listed.write_text(f"agencies:\n  {code}: {{title: A desk, kind: police_women_desk, calendar: always-on}}\n")
    with pytest.raises(DirectoryProblem, match=f"may be called '{code}'"):
        read_agencies(listed)
