"""Checking, showing and publishing SOPs."""

import contextlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import click

from sop_engine.app import installation, load_settings
from sop_engine.cli.showing import HOME, JSON, print_json, stop
from sop_engine.services.publishing import publish_file
from sop_engine.sop.diagram import diagram as draw
from sop_engine.sop.dictionary import dictionary as written
from sop_engine.sop.grammar import json_schema
from sop_engine.sop.language import Text
from sop_engine.sop.loading import SHARED, BrokenSop, load_file, load_shared, standard_library
from sop_engine.sop.source import Mistake, read_text
from sop_engine.sop.summary import summary
from sop_engine.store.directory import read_agencies, read_kinds


@click.group("sop")
def group() -> None:
    """Check, show and publish procedures."""


@group.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@JSON
def check(files: tuple[Path, ...], as_json: bool) -> None:
    """Read procedures and say every mistake at once, with file, line and column.

    A file called forms.yaml holds forms that the procedures beside it share, and is checked as such.
    """
    found = []
    for file in files:
        try:
            found += _warnings(file)
        except BrokenSop as broken:
            found += broken.mistakes
    if as_json:
        lines = [
            {"file": m.file, "line": m.place.line, "column": m.place.column, "message": m.message, "warning": m.warning}
            for m in found
        ]
        print_json(lines)
    else:
        for mistake in found:
            click.echo(str(mistake))
    wrong = [mistake for mistake in found if not mistake.warning]
    if wrong:
        stop(f"{len(wrong)} mistakes: nothing was loaded.")
    if not as_json:
        click.echo(f"{_counted(files)}, {len(found)} warnings.")


def _warnings(file: Path) -> list[Mistake]:
    """What is warned of in a procedure, or in the forms that several share; raises BrokenSop."""
    if file.name == SHARED:
        load_shared(read_text(file), str(file))
        return []
    return load_file(file)[1]


def _counted(files: tuple[Path, ...]) -> str:
    shared = sum(file.name == SHARED for file in files)
    told = [f"{len(files) - shared} procedures"] if len(files) > shared else []
    told += [f"{shared} files of shared forms"] if shared else []
    return f"{' and '.join(told)} are right"


@group.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--language", type=click.Choice(["en", "ne"]), default="en", show_default=True)
@HOME
def show(file: Path, language: str, home: Path | None) -> None:
    """Print a procedure in plain words: who is accountable for what, until when, and what stays after erasure."""
    try:
        procedure, _ = load_file(file)
    except BrokenSop as broken:
        stop(str(broken))
    kinds, agencies = _directory(home)
    issuer = agencies.get(str(procedure.sop.issued_by))
    click.echo(summary(procedure, language, kinds, _titles(file), issuer))


def _directory(home: Path | None) -> tuple[Mapping[str, Text], Mapping[str, Text]]:
    """The titles of kinds and of agencies, from the files of the directory: no installation is needed."""
    folder = load_settings(home).directory
    return read_kinds(folder / "kinds.yaml"), {a.code: a.title for a in read_agencies(folder / "agencies.yaml")}


def _titles(file: Path) -> dict[str, Text]:
    """The titles of the procedures beside a file and of those of the program, for the cases that it opens."""
    found = {name: procedure.sop.title for name, procedure in standard_library().procedures.items()}
    for other in sorted(file.parent.glob("*.yaml")):
        with contextlib.suppress(BrokenSop):
            procedure = load_file(other)[0] if other.name != SHARED else None
            found |= {procedure.name: procedure.sop.title} if procedure is not None else {}
    return found


@group.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--language", type=click.Choice(["en", "ne"]), default="en", show_default=True)
@click.option("--narrow", is_flag=True, help="One column, for a phone.")
@HOME
def diagram(file: Path, language: str, narrow: bool, home: Path | None) -> None:
    """Print a procedure as an SVG picture with a lane for each agency."""
    try:
        procedure, _ = load_file(file)
    except BrokenSop as broken:
        stop(str(broken))
    click.echo(draw(procedure, language, narrow, _directory(home)[0]))


@group.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@HOME
def publish(file: Path, home: Path | None) -> None:
    """Put a version of a procedure into force in an installation; open cases stay on theirs."""
    try:
        version, fresh = publish_file(installation(load_settings(home)), file, datetime.now(UTC))
    except BrokenSop as broken:
        stop(str(broken))
    click.echo(f"Version {version[:12]} is {'in force' if fresh else 'there already'}.")


@group.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def dictionary(files: tuple[Path, ...]) -> None:
    """Print the data dictionary of procedures as Markdown: every field and fact, and what is readable without a key."""
    try:
        procedures = [load_file(file)[0] for file in files]
    except BrokenSop as broken:
        stop(str(broken))
    click.echo(written(procedures))


@group.command()
def schema() -> None:
    """Print the JSON Schema of the language, for editors."""
    print_json(json_schema())
