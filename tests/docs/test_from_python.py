"""The page about Python runs as it stands, and what it imports is there."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
BLOCKS = re.findall(r"^```python\n(.*?)^```$", (DOCS / "from-python.md").read_text(encoding="utf-8"), re.DOTALL | re.M)


def test_the_page_runs_as_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "missing-child.yaml").write_bytes((DOCS / "examples" / "missing-child.yaml").read_bytes())
    monkeypatch.chdir(tmp_path)
    assert len(BLOCKS) >= 5
    exec("\n".join(BLOCKS), {})  # noqa: S102 - the page is ours
