"""The command line: the same services as the web, for operators, policy makers and scripts.

Exit codes: 0 done, 1 refused or found wrong, 2 the words of the command are off, 3 the installation is not ready.
"""

import os
import sys

import click

from sop_engine import __version__
from sop_engine.app import NotReady
from sop_engine.cli import cases, people, running, sops
from sop_engine.cli.agencies import agencies
from sop_engine.cli.audit import audit, witness
from sop_engine.cli.keys import keys
from sop_engine.store.database import Busy, Unwritable
from sop_engine.store.directory import DirectoryProblem
from sop_engine.store.epochs import CannotTurn
from sop_engine.store.sealing import VaultLocked

__all__ = ["main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="sop-engine")
def commands() -> None:
    """Run standard operating procedures: who is accountable now, for what, until when, who is next."""


for command in (*running.COMMANDS, people.group, agencies, sops.group, cases.group, audit, witness, keys):
    commands.add_command(command)


def main() -> None:
    """The entry of the installed program. What it writes is for the user under whom it runs, and for nobody else."""
    os.umask(0o077)
    try:
        commands(standalone_mode=True)
    except (NotReady, VaultLocked, CannotTurn, DirectoryProblem) as problem:
        click.echo(f"sop-engine: {problem}", err=True)
        sys.exit(3)
    except Unwritable:
        click.echo("sop-engine: the disk is full or the database is read only, nothing was done", err=True)
        sys.exit(1)
    except Busy:
        click.echo("sop-engine: another process is writing at this moment, nothing was done: try again", err=True)
        sys.exit(1)
