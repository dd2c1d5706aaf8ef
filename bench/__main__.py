"""`python -m bench [NAME]`: measure one figure and print it as JSON, or all and write docs/figures.md."""

import json
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

from bench.figure import Figure
from bench.figures import FIGURES

TABLE = Path(__file__).parent.parent / "docs" / "figures.md"


def main() -> int:
    wanted = (sys.argv[1] if len(sys.argv) > 1 else os.environ.get("ONLY", "")).strip()
    if wanted and wanted not in FIGURES:
        print(f"no figure is called '{wanted}': {', '.join(FIGURES)}", file=sys.stderr)
        return 2
    found = [(name, goal, measure()) for name, (goal, measure) in FIGURES.items() if not wanted or name == wanted]
    for _, _, figure in found:
        print(json.dumps(figure.shown()))
    if not wanted:
        _write(found)
    return 0


def _write(found: list[tuple[str, str, Figure]]) -> None:
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    day = datetime.now(UTC).date().isoformat()
    lines = [
        "# Figures",
        "",
        "Each is measured by `make bench ONLY=NAME`, as a ratio against a reference in the same run. Timing is noisy.",
        "",
        "| figure | goal | measured | value | reference | machine | date |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, goal, figure in found:
        value, reference = f"{figure.value:.4g} {figure.unit}", f"{figure.reference:.4g} {figure.unit}"
        lines.append(f"| `{name}` | {goal} | {figure.ratio:.2f} | {value} | {reference} | {machine} | {day} |")
    TABLE.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(main())
