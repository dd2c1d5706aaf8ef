"""Every package that the project asks for has its reason in docs/dependencies.md, and no other has a row."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def _name(requirement: str) -> str:
    """Return the package's name as an index spells it: `psycopg[binary]>=3` is `psycopg`."""
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert match, f"pyproject.toml asks for a package without a name: {requirement!r}"
    return re.sub(r"[-_.]+", "-", match.group()).lower()


def _asked_for() -> set[str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project = settings["project"]
    groups = [project["dependencies"], settings["build-system"]["requires"]]
    groups += project["optional-dependencies"].values()
    return {_name(requirement) for group in groups for requirement in group}


def _reasons() -> dict[str, str]:
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([^`]+)` *\|(.*)\|$", text, flags=re.MULTILINE)
    return {_name(package): reason.strip() for package, reason in rows}


def test_every_dependency_has_a_reason() -> None:
    reasons = _reasons()
    missing = sorted(name for name in _asked_for() if not reasons.get(name))
    assert not missing, f"Write a row with the reason into docs/dependencies.md for: {', '.join(missing)}"


def test_no_reason_is_left_of_a_dependency_that_went() -> None:
    left = sorted(_reasons().keys() - _asked_for())
    assert not left, f"pyproject.toml no longer asks for: {', '.join(left)}. Take out their rows."
