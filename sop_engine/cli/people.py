"""People who can sign in, for an operator who has them before her: another password, no second factor, the end."""

from collections.abc import Callable
from pathlib import Path

import click

from sop_engine.app import installation, load_settings
from sop_engine.cli.showing import HOME, stop
from sop_engine.services.installation import Installation
from sop_engine.services.staff import end_account, give_password, unlock_factor


@click.group("people")
def group() -> None:
    """Passwords, second factors and the end of accounts."""


@group.command("password")
@click.argument("sign_in")
@click.password_option(help="Asked for where it is not given.")
@HOME
def password_(sign_in: str, password: str, home: Path | None) -> None:
    """Give somebody another password; her sessions end. Make sure first that it is she who asks."""
    _do(home, lambda inst: give_password(inst, sign_in, password))
    click.echo(f"{sign_in} has another password. Hand it over in person; she can change it herself.")


@group.command("unlock-factor")
@click.argument("sign_in")
@HOME
def unlock_factor_(sign_in: str, home: Path | None) -> None:
    """Take away the code apps and recovery codes of somebody who lost them. Make sure first that it is she who asks."""
    _do(home, lambda inst: unlock_factor(inst, sign_in))
    click.echo(f"{sign_in} has no second factor now, and sets one up at the next sign-in where one is required.")


@group.command("end")
@click.argument("sign_in")
@HOME
def end_(sign_in: str, home: Path | None) -> None:
    """End an account: nobody signs in with it, sessions and tokens go, cases keep the name. There is no way back."""
    _do(home, lambda inst: end_account(inst, sign_in))
    click.echo(f"The account {sign_in} is ended.")


def _do(home: Path | None, act: Callable[[Installation], str | None]) -> None:
    problem = act(installation(load_settings(home)))
    if problem:
        stop(problem)
