"""The directory on the command line: the codes that other commands take."""

from pathlib import Path

import click

from sop_engine.app import installation, load_settings
from sop_engine.case.directory import Agency
from sop_engine.cli.showing import HOME, JSON, print_json, stop


@click.command()
@click.option("--kind", default=None, help="Only agencies of this kind, such as shelter.")
@HOME
@JSON
def agencies(kind: str | None, home: Path | None, as_json: bool) -> None:
    """The agencies of the directory: code, kind, title, and whether it has users here or is out of use."""
    directory = installation(load_settings(home)).directory_now()
    if kind is not None and kind not in directory.kinds:
        stop(f"no kind is called '{kind}': {', '.join(sorted(directory.kinds))}", 2)
    found = [one for code, one in sorted(directory.agencies.items()) if kind in (None, one.kind)]
    if as_json:
        print_json(
            [
                {
                    "code": a.code,
                    "kind": a.kind,
                    "title": a.title.en,
                    "district": a.district,
                    "acts_here": a.acts_here,
                    "in_use": a.active,
                }
                for a in found
            ]
        )
        return
    for one in found:
        click.echo(f"{one.code:28} {one.kind:24} {one.title.en}{_besides(one)}")


def _besides(one: Agency) -> str:
    if not one.active:
        return " (out of use)"
    return "" if one.acts_here else " (no users here)"
