"""Auditing on the command line: the history, what goes to witnesses and comes back, and the witness's own side."""

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from sop_engine import audit as verifier
from sop_engine.app import begin_log_anew, installation, load_settings
from sop_engine.audit import WITNESS, Malformed, checkpoint_of, key_of, keys_of, public_key
from sop_engine.case.refusal import Refusal
from sop_engine.cli.showing import HOME, JSON, bar, print_json, stop
from sop_engine.services import auditing, witnessing
from sop_engine.services.acting import NotFound
from sop_engine.store.key_files import WITNESS_KEY, create_key_file, read_key_file

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
NEW = click.Path(path_type=Path, dir_okay=False)


@click.group()
def audit() -> None:
    """Show that nobody rewrote what happened."""


@audit.command()
@HOME
@JSON
@click.option("--witnesses", type=FILE, help="Keys of witnesses, one a line (default: those of the installation).")
@click.option("--seen", type=FILE, multiple=True, help="A checkpoint that was kept elsewhere; may be repeated.")
def verify(home: Path | None, as_json: bool, witnesses: Path | None, seen: tuple[Path, ...]) -> None:
    """Audit every chain, the log, its checkpoints and witnesses, every closed value and file, every row."""
    inst = installation(load_settings(home))
    try:
        known = keys_of(witnesses.read_text()) if witnesses is not None else None
        audited = auditing.verify(inst, bar("cases"), known, [one.read_text() for one in seen])
    except Malformed as problem:
        stop(str(problem), 2)
    found, problems = audited.history, audited.problems
    if as_json:
        print_json({
            "checked": audited.closed.checked, "entries": found.entries, "checkpoints": found.checkpoints,
            "witnessed": found.witnessed, "problems": problems, "warnings": audited.closed.warnings,
        })  # fmt: skip
    else:
        for one in (*problems, *audited.closed.warnings):
            click.echo(one)
        click.echo(f"The log: {verifier.summary(found)}")
        click.echo(f"{audited.closed.checked} cases, {len(problems) + found.more} problems.")
    if problems:
        raise SystemExit(1)


@audit.command()
@HOME
@click.argument("file", type=NEW)
def export(home: Path | None, file: Path) -> None:
    """Write the history for an auditor: no closed value, and all that a check needs but the key of the log."""
    inst = installation(load_settings(home))
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as writing_to:
        count = auditing.export(inst, writing_to)
    click.echo(f"{count} events are in {file}. Check it with: python {verifier.__file__} {file} --log-key log.pub")


@audit.command()
@HOME
@click.argument("number")
@click.argument("seq", type=int)
def proof(home: Path | None, number: str, seq: int) -> None:
    """Print what shows that one event of a case is in the signed log."""
    try:
        shown = auditing.proof(installation(load_settings(home)), number, seq)
    except NotFound:
        stop(f"there is no event {seq} of a case {number}")
    if isinstance(shown, Refusal):
        stop(shown.sentence())
    print_json(shown)


@audit.command()
@HOME
def key(home: Path | None) -> None:
    """Print the public key of the log, to be given to witnesses and auditors by another way than the log itself."""
    click.echo(str(installation(load_settings(home)).log_key.public))


@audit.command("begin-anew")
@HOME
@click.confirmation_option(prompt="The log gets a new key, and every witness begins anew. Go on?")
def begin_anew(home: Path | None) -> None:
    """Begin a new log, after a backup was put back that lacks what was signed since."""
    settings = load_settings(home)
    installation(settings)
    old = begin_log_anew(settings)
    click.echo(f"What is known of the old log is in {old}: tell its witnesses what was lost. The new log:")
    click.echo(str(installation(settings).log_key.public))


@audit.command()
@HOME
@click.option("--since", default=0, show_default=True, help="How many entries the witness signed last.")
def request(home: Path | None, since: int) -> None:
    """Print what a witness is asked to sign."""
    asked = witnessing.request_since(installation(load_settings(home)), since)
    if isinstance(asked, Refusal):
        stop(asked.sentence())
    click.echo(str(asked), nl=False)


@audit.command("take-in")
@HOME
@click.argument("file", type=FILE)
def take_in(home: Path | None, file: Path) -> None:
    """Take in a checkpoint that a witness signed."""
    names = witnessing.take_in(installation(load_settings(home)), file.read_text(errors="replace"))
    if isinstance(names, Refusal):
        stop(names.sentence())
    click.echo(f"Signed by {', '.join(names)}.")


@click.group()
def witness() -> None:
    """Witness the log of another installation; needs no installation here."""


@witness.command("make-key")
@click.argument("name")
@click.argument("file", type=NEW)
def make_key(name: str, file: Path) -> None:
    """Make a key for the witness NAME in FILE, and print its public half, to be kept in the file `witnesses` there."""
    if not name or any(letter.isspace() or letter == "+" for letter in name):
        stop("the name of a witness has no spaces and no '+', such as ncrc.gov.np", 2)
    phrase = os.environ.get("SOP_ENGINE_PASSPHRASE")
    try:
        create_key_file(file, phrase, WITNESS_KEY)
    except FileExistsError:
        stop(f"{file} is there already: a key is never written over", 2)
    public = public_key(name, WITNESS, read_key_file(file, phrase, WITNESS_KEY))
    file.with_suffix(".pub").write_text(f"{public}\n")
    click.echo(str(public))


@witness.command()
@click.argument("asked", metavar="REQUEST", type=FILE)
@click.option("--key", "secret", type=FILE, required=True, help="File of this witness's key, its .pub beside it.")
@click.option("--log", type=FILE, required=True, help="Public key of the log.")
@click.option("--signed", type=NEW, required=True, help="What was signed last, and is signed now: send this back.")
def sign(asked: Path, secret: Path, log: Path, signed: Path) -> None:
    """Sign a checkpoint where it continues what this witness signed last."""
    try:
        request_sent = witnessing.request_of(asked.read_text())
        last = checkpoint_of(signed.read_text()) if signed.exists() else None
        ours = key_of(secret.with_suffix(".pub").read_text())
        log_key = key_of(log.read_text())
    except (OSError, Malformed) as problem:
        stop(str(problem), 2)
    seed = read_key_file(secret, os.environ.get("SOP_ENGINE_PASSPHRASE"), WITNESS_KEY)
    note = witnessing.witness(request_sent, log_key, last, ours, seed, datetime.now(UTC))
    if isinstance(note, Refusal):
        stop(note.sentence())
    witnessing.keep(signed, note)
    click.echo(f"Signed: {request_sent.checkpoint.size} entries of {log_key.name}. Send {signed} back.")
