"""Asks the advisory service whether a locked package has a known vulnerability. It knows no other check.

pip-audit alone cannot be trusted to say so: where the service does not answer, it ends with the same status
as for a vulnerability, and where the service knows none of the packages, it ends as if all were well.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

SECONDS = 120
UNREACHABLE = "pip-audit: advisory service not reachable here, skipped"


def main(requirements: str) -> int:
    """Return 0 when nothing is known or nobody could be asked, 1 on a vulnerability or a broken list."""
    report, said = _ask(requirements)
    if report is None:
        if _is_unreachable(said):
            print(UNREACHABLE)
            return 0
        print(f"pip-audit could not read {requirements}:\n{said}", file=sys.stderr)
        return 1
    skipped = [found["name"] for found in report if "skip_reason" in found]
    if len(skipped) == len(report):
        print(UNREACHABLE)
        return 0
    vulnerable = [found for found in report if found.get("vulns")]
    for found in vulnerable:
        for flaw in found["vulns"]:
            mended = ", ".join(flaw["fix_versions"]) or "no release yet"
            print(f"{found['name']} {found['version']}: {flaw['id']}, mended in {mended}", file=sys.stderr)
    if skipped:
        print(f"pip-audit: not known to the advisory service: {', '.join(skipped)}")
    print(f"pip-audit: {len(report) - len(skipped)} packages asked about, {len(vulnerable)} vulnerable")
    return 1 if vulnerable else 0


def _ask(requirements: str) -> tuple[list[dict[str, Any]] | None, str]:
    """Return what pip-audit found for each package, or None with what it said instead."""
    command = [str(Path(sys.executable).with_name("pip-audit")), "--requirement", requirements]
    command += ["--disable-pip", "--no-deps", "--format", "json", "--progress-spinner", "off"]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return None, "connection timed out"
    try:
        return json.loads(run.stdout)["dependencies"], run.stderr
    except (ValueError, KeyError):
        return None, run.stderr


def _is_unreachable(said: str) -> bool:
    signs = ("connection", "timed out", "timeout", "max retries", "name resolution", "proxy", "http error")
    return any(sign in said.lower() for sign in signs)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
