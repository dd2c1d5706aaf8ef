"""Fixtures that all tests share."""

from pathlib import Path

import pytest
from hypothesis import Phase, settings

from tests.support.world import BOTH, World, make_world

# For tests that only ask whether an example fails, and need no smallest one.
settings.register_profile("unshrunk", phases=[Phase.explicit, Phase.generate])


@pytest.fixture(params=BOTH)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    """A fresh installation, once on each database."""
    return make_world(tmp_path, request.param)


@pytest.fixture
def sqlite_world(tmp_path: Path) -> World:
    """A fresh installation on SQLite, where the database makes no difference."""
    return make_world(tmp_path)
