"""No file of the project names a package registry or a path of the machine that it was written on."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]

# Put together from pieces, or this file would be the first to hold them.
REGISTRIES = [
    "pypi" + ".org",
    "python" + "hosted.org",
    "registry." + "npmjs",
    "deb." + "debian.org",
    "security." + "debian.org",
    "--" + "index-url",
    "--" + "extra-index-url",
    "--" + "find-links",
    "--" + "trusted-host",
]
MACHINE_PATHS = [
    "/" + "work/",
    "/" + "farm/",
    "/" + "root/",
    "bash_" + "jobs",
    "/opt/" + "wheels",
    "/opt/" + "pypi",
]
FORBIDDEN = re.compile("|".join(re.escape(trace) for trace in REGISTRIES + MACHINE_PATHS))


def _files() -> list[Path]:
    """Return the files that are tracked or would be with the next `git add`."""
    command = ["git", "-c", f"safe.directory={ROOT}"]  # the checkout may belong to another user
    command += ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def _traces(file: Path) -> list[str]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        return []  # not a text
    numbered = enumerate(lines, 1)
    name = file.relative_to(ROOT)
    return [f"{name}:{number}: {line.strip()[:80]}" for number, line in numbered if FORBIDDEN.search(line)]


def test_no_file_names_a_registry_or_a_path_of_a_machine() -> None:
    found = [trace for file in _files() for trace in _traces(file)]
    assert not found, "Take these out:\n" + "\n".join(found)


def test_the_search_finds_what_it_looks_for() -> None:
    for trace in REGISTRIES + MACHINE_PATHS:
        assert FORBIDDEN.search(f"before {trace} after")
