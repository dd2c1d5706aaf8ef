"""Of 40 faults in the rules of a case the oracle and the properties catch at least 36."""

import pytest

from tests.mutants.running import ROOT, Mutant, is_noticed, mutants, tried

LEAST = 36


@pytest.mark.parametrize("mutant", mutants(), ids=lambda one: one.name)
def test_a_mutant_changes_one_place_and_compiles(mutant: Mutant) -> None:
    compile(mutant.written(ROOT), mutant.file, "exec")


def test_there_are_forty_different_mutants() -> None:
    assert len({(one.file, one.text) for one in mutants()}) == 40


@pytest.mark.slow
def test_without_a_fault_nothing_is_noticed() -> None:
    noticed, said = is_noticed(None)
    assert not noticed, said


@pytest.mark.slow
def test_the_oracle_and_the_properties_catch_most_faults() -> None:
    survivors = [found.mutant for found in tried(mutants()) if not found.caught]
    assert len(mutants()) - len(survivors) >= LEAST, "\n".join(f"survived: {one.file}: {one.name}" for one in survivors)
