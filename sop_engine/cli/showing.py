"""How the command line shows things: words for people, JSON for programs, progress on long work."""

import json
import sys
from collections.abc import Callable
from datetime import datetime, tzinfo
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


def moment(value: datetime | None, zone: tzinfo) -> str | None:
    """A moment as the clocks of an agency show it, with what they differ from UTC."""
    return value.astimezone(zone).isoformat(timespec="minutes") if value else None


def zone_of(directory: Directory, agency: str) -> tzinfo:
    """The zone of an agency's calendar."""
    return directory.calendar_of(agency).zone


def named(directory: Directory, code: str | None) -> str | None:
    """An agency by its title and its code: `Anti-Human Trafficking Bureau (ahtb)`."""
    return f"{directory.title(code).en} ({code})" if code else None


def strip(found: Accountability, directory: Directory, zone: tzinfo) -> dict[str, Any]:
    """The strip of a case as plain values: the same that a page shows."""
    due = [one for one in (found.until, *found.also_due) if one is not None]
    answer = next((one.at for one in due if one.what == "offer"), None)
    return {
        "holder": named(directory, found.holder),
        "holder_for": named(directory, found.holder_for),
        "since": moment(found.since, zone),
        "for": found.stage_title.en,
        "until": moment(found.until.at, zone) if found.until else None,
        "next": named(directory, found.next_agency) or (found.next_kind.en if found.next_kind else None),
        "next_does": found.next_title.en if found.next_title else None,
        "offered_to": named(directory, found.offered_to),
        "answer_by": moment(answer, zone),
        "with": named(directory, found.with_),
        "on_hold": found.on_hold,
    }
