"""The ground on which each procedure stands, with the agencies of the reference directory."""

import pytest

from sop_engine.case.ground import Ground
from sop_engine.sop.loading import standard_library
from tests.support.world import make_world


@pytest.fixture(scope="session")
def grounds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ground]:
    directory = make_world(tmp_path_factory.mktemp("directory")).inst.directory_now()
    return {name: Ground(said, directory) for name, said in standard_library().procedures.items()}
