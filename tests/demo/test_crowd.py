"""The crowd of invented cases: every procedure runs, nothing breaks its rules, and what is stored proves itself."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from sop_engine.app import NotReady, installation, load_settings
from sop_engine.demo.build import CROWD, build_demo
from sop_engine.services import upkeep
from sop_engine.services.installation import Installation
from sop_engine.store import tables
from sop_engine.store.database import looking

UNTIL = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)


def build(home: Path, crowd: int) -> Installation:
    settings = load_settings(home, {})
    assert build_demo(settings, "a long password here", UNTIL, lambda done, of: None, crowd=crowd)
    return installation(settings)


def cases_by_sop(inst: Installation) -> dict[str, int]:
    standing = tables.standing
    with looking(inst.engine) as connection:
        rows = connection.execute(select(standing.c.sop, func.count()).group_by(standing.c.sop))
        return {row[0]: row[1] for row in rows}


def breaches(inst: Installation) -> list[tuple[str, str]]:
    finding = tables.finding
    with looking(inst.engine) as connection:
        rows = connection.execute(select(finding.c.kind, finding.c.stage).where(finding.c.verdict == "breach"))
        return [(row[0], row[1]) for row in rows]


def test_a_small_crowd_keeps_the_rules_and_proves_itself(tmp_path: Path) -> None:
    inst = build(tmp_path / "demo", crowd=12)
    assert sum(cases_by_sop(inst).values()) >= 12 + 26
    assert breaches(inst) == []
    assert upkeep.verify(inst).problems == []
    assert upkeep.rebuild(inst, check=True).problems == []


@pytest.mark.slow
def test_the_whole_crowd_is_there_in_every_procedure(tmp_path: Path) -> None:
    inst = build(tmp_path / "demo", crowd=CROWD)
    counted = cases_by_sop(inst)
    assert sum(counted.values()) >= 1500
    assert min(counted.values()) >= 10
    assert len(counted) == 6
    assert breaches(inst) == []


def test_it_is_never_built_over_an_installation(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, {})
    settings.key_file.write_bytes(b"of a real installation")
    with pytest.raises(NotReady, match="no finished demonstration"):
        build_demo(settings, "a long password here", UNTIL, lambda done, of: None, crowd=1)
    assert settings.key_file.read_bytes() == b"of a real installation"
