"""The directory on the command line: the codes that other commands take."""

from pathlib import Path

import click

from sop_engine.app import installation, load_settings
from sop_engine.cli.showing import HOME, JSON, print_json, stop


@click.command()
@click.option("--kind", default=None, help="Only agencies of this kind, such as shelter.")
@HOME
@JSON
def agencies(kind: str | None, home: Path | None, as_json: bool) -> None:
    """The agencies of the directory: code, kind, title, and whether it has users here."""
    directory = installation(load_settings(home)).directory_now()
    if kind is not None and kind not in directory.kinds:
        stop(f"no kind is called '{kind}': {', '.join(sorted(directory.kinds))}", 2)
    found = [one for code, one in sorted(directory.agencies.items()) if kind in (None, one.kind)]
    if as_json:
        print_json(
            [
                {"code": a.code, "kind": a.kind, "title": a.title.en, "district": a.district, "acts_here": a.acts_here}
                for a in found
            ]
        )
        return
    for one in found:
        click.echo(f"{one.code:28} {one.kind:24} {one.title.en}{'' if one.acts_here else ' (no users here)'}")
