"""How the command line shows things: words for people, JSON for programs, progress on long work."""

import json
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

import click

from sop_engine.case.accountability import Accountability
from sop_engine.case.directory import Directory

HOME = click.option(
    "--home",
    type=click.Path(path_type=Path),
    default=None,
    help="Folder of the installation (default: ./installation).",
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")


def print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def stop(message: str, code: int = 1) -> NoReturn:
    """Say why and leave with an exit code."""
    click.echo(f"sop-engine: {message}", err=True)
    sys.exit(code)


def bar(label: str) -> Callable[[int, int], None]:
    """A progress bar on a terminal, nothing elsewhere."""

    def show(done: int, of: int) -> None:
        if sys.stderr.isatty():
            click.echo(f"\r{label}: {done} of {of}", nl=done == of, err=True)

    return show


def moment(value: datetime | None) -> str | None:
    return value.astimezone().isoformat(timespec="minutes") if value else None


def strip(found: Accountability, directory: Directory) -> dict[str, Any]:
    """The strip of a case as plain values: the same that a page shows."""

    def agency(code: str | None) -> str | None:
        return directory.title(code).en if code else None

    return {
        "holder": agency(found.holder),
        "holder_for": agency(found.holder_for),
        "since": moment(found.since),
        "for": found.stage_title.en,
        "stage": f"{found.number} of {found.stages}",
        "until": moment(found.until.at) if found.until else None,
        "next": agency(found.next_agency) or (found.next_kind.en if found.next_kind else None),
        "next_does": found.next_title.en if found.next_title else None,
        "offered_to": agency(found.offered_to),
        "with": agency(found.with_),
        "on_hold": found.on_hold,
    }
