"""Turning the keys of an installation from a shell, while it is in use."""

import os
from datetime import datetime
from pathlib import Path

import click

from sop_engine.app import installation, load_settings
from sop_engine.cli.showing import HOME, JSON, print_json, stop
from sop_engine.services import epochs, upkeep
from sop_engine.store.sealing import KEY_BYTES


@click.group()
def keys() -> None:
    """Show, turn and renew the keys of the vault."""


@keys.command()
@HOME
@JSON
def status(home: Path | None, as_json: bool) -> None:
    """Say which epochs there were, and since when the key of each is destroyed."""
    found = epochs.of_installation(installation(load_settings(home)))
    if as_json:
        print_json([
            {"epoch": one.number, "begun": one.begun.isoformat(), "over": _iso(one.over),
             "destroyed": _iso(one.destroyed)}
            for one in found
        ])  # fmt: skip
        return
    for one in found:
        over = f", over since {one.over:%Y-%m-%d}" if one.over else ""
        destroyed = f", destroyed {one.destroyed:%Y-%m-%d}" if one.destroyed else ""
        click.echo(f"epoch {one.number}: begun {one.begun:%Y-%m-%d}{over}{destroyed}")


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None


@keys.command()
@click.option("--now", "at_once", is_flag=True, help="Begin a new epoch now, also where the last one is still young.")
@click.option(
    "--clock-is-right", "sure", is_flag=True, help="No worker ran for a week, and the time is right all the same."
)
@HOME
def turn(home: Path | None, at_once: bool, sure: bool) -> None:
    """Begin, wrap anew and destroy what is due; work goes on meanwhile."""
    inst = installation(load_settings(home))
    try:
        if at_once:
            click.echo(f"Epoch {epochs.begin(inst)} has begun.")
            click.echo(f"{epochs.rewrap_all(inst)} keys of persons are wrapped anew.")
        leapt = epochs.leap(inst)
        done = epochs.turn(inst, sure)
    except epochs.CannotTurn as problem:
        stop(str(problem))
    if leapt is not None and not sure:
        click.echo(upkeep.after_a_leap(leapt))
    click.echo(f"{done} things were due and are done." if done else "Nothing else is due.")


@keys.command()
@HOME
def kept(home: Path | None) -> None:
    """Say that a copy of every epoch key is in a safe place: only then does the next epoch begin by itself."""
    inst = installation(load_settings(home))
    click.echo(f"Copies are kept up to the key of epoch {epochs.keep_copies(inst)}.")


@keys.command()
@click.argument("number")
@HOME
def renew(number: str, home: Path | None) -> None:
    """Give the person of case NUMBER another key, and seal all that is hers with it."""
    inst = installation(load_settings(home))
    subject = upkeep.subject_of(inst, number)
    if subject is None or not epochs.renew(inst, subject):
        stop(f"there is no case {number}, or what was said in it is erased")
    click.echo("What she said is sealed with a new key.")


@keys.command()
def random() -> None:
    """Print a new random key, for an environment or a key service."""
    click.echo(os.urandom(KEY_BYTES).hex())
