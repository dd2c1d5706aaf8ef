"""People who can sign in, for an operator who has them before her: another password, no second factor, the end."""

from collections.abc import Callable
from pathlib import Path

import click

from sop_engine.app import installation, load_settings
from sop_engine.cli.showing import HOME, stop
from sop_engine.services.installation import Installation
from sop_engine.services.staff import add_administrator, end_account, give_password, unlock_factor, vouch_for_all


@click.group("people")
def group() -> None:
    """The first administrators, passwords, second factors and the end of accounts."""


@group.command("administrator")
@click.argument("sign_in")
@click.option("--agency", required=True, help="Code of the agency, as in the directory.")
@click.option("--shown-as", required=True, help="How colleagues see this person.")
@HOME
def administrator_(sign_in: str, agency: str, shown_as: str, home: Path | None) -> None:
    """Make one of the first two administrators. Once two can sign in, they make others in the web."""
    password, problem = add_administrator(installation(load_settings(home)), sign_in, agency, shown_as)
    if problem:
        stop(problem)
    click.echo(f"{sign_in} looks after agencies, people and roles. First password, shown only now: {password}")


@group.command("password")
@click.argument("sign_in")
@click.password_option(help="Asked for where it is not given.")
@HOME
def password_(sign_in: str, password: str, home: Path | None) -> None:
    """Give somebody another password; her sessions end. Make sure that it is she."""
    _do(home, lambda inst: give_password(inst, sign_in, password))
    click.echo(f"{sign_in} has another password. Hand it over in person; within three days she chooses her own.")


@group.command("unlock-factor")
@click.argument("sign_in")
@HOME
def unlock_factor_(sign_in: str, home: Path | None) -> None:
    """Take away code apps, passkeys and recovery codes of somebody who lost them. Make sure that it is she."""
    _do(home, lambda inst: unlock_factor(inst, sign_in))
    click.echo(f"{sign_in} has no second factor now, and sets one up at the next sign-in where one is required.")


@group.command("end")
@click.argument("sign_in")
@HOME
def end_(sign_in: str, home: Path | None) -> None:
    """End an account: sessions, tokens, drafts go, her cases are nobody's and keep the name. There is no way back."""
    _do(home, lambda inst: end_account(inst, sign_in))
    click.echo(f"The account {sign_in} is ended.")


@group.command("vouch")
@HOME
def vouch_(home: Path | None) -> None:
    """Let all accounts sign in again as they stand now, after the key of the log was lost. Look through them first."""
    inst = installation(load_settings(home))
    click.echo(f"{vouch_for_all(inst)} accounts can sign in again, everybody anew; codes of own views are given anew.")


def _do(home: Path | None, act: Callable[[Installation], str | None]) -> None:
    problem = act(installation(load_settings(home)))
    if problem:
        stop(problem)
