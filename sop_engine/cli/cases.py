"""Cases from the command line: open, show, do, history, worklist. Whoever holds the key file acts as whom they name."""

import json
from pathlib import Path
from typing import Any

import click
import msgspec

from sop_engine.app import installation, load_settings
from sop_engine.case import commands as cmd
from sop_engine.case.refusal import Refusal
from sop_engine.cli.showing import HOME, JSON, moment, print_json, stop, strip
from sop_engine.services.case_page import case_page
from sop_engine.services.day import worklist_of
from sop_engine.services.installation import Installation, actor_of, new_id, tidy_number
from sop_engine.services.recording import WrongAnswers, record_step
from sop_engine.services.rights import case_id_of
from sop_engine.services.sending import Done, NotFound, open_case, send
from sop_engine.services.staff import account_named
from sop_engine.store.people import Account

AS = click.option("--as", "sign_in", required=True, help="Sign-in of the person who acts.")


@click.group("case")
def group() -> None:
    """Open cases, see who is accountable, and move them on."""


def _enter(home: Path | None, sign_in: str) -> tuple[Installation, Account]:
    inst = installation(load_settings(home))
    account = account_named(inst, sign_in)
    if account is None:
        stop(f"nobody signs in as '{sign_in}'", 2)
    return inst, account


def _number(typed: str) -> str:
    number = tidy_number(typed)
    if number is None:
        stop(f"'{typed}' is no case number: check its letters", 2)
    return number


def _answer(answer: Done | Refusal | WrongAnswers, as_json: bool) -> None:
    """Print what came of a command; leave with 1 where it was refused."""
    if isinstance(answer, Done):
        events = [str(envelope.event.__struct_config__.tag) for envelope in answer.events]
        shown: dict[str, Any] = {"number": answer.case.number, "events": events}
        words = f"{answer.case.number}: {', '.join(events) or 'done before'}"
    elif isinstance(answer, WrongAnswers):
        shown = {"wrong": {**answer.wrong, **answer.lacking}}
        words = "nothing was recorded: " + "; ".join(f"{name}: {what}" for name, what in shown["wrong"].items())
    else:
        unmet = msgspec.to_builtins(answer.unmet, enc_hook=str)
        shown = {"refused": answer.code, "sentence": answer.sentence(), "unmet": unmet}
        words = answer.sentence()
    if as_json:
        print_json(shown)
    if not isinstance(answer, Done):
        stop(words)
    if not as_json:
        click.echo(words)


@group.command("open")
@click.argument("sop")
@click.argument("entry")
@AS
@HOME
@JSON
def open_(sop: str, entry: str, sign_in: str, home: Path | None, as_json: bool) -> None:
    """Open a case of SOP at ENTRY."""
    inst, account = _enter(home, sign_in)
    _answer(open_case(inst, actor_of(account), sop, entry), as_json)


@group.command()
@click.argument("number")
@AS
@HOME
@JSON
def show(number: str, sign_in: str, home: Path | None, as_json: bool) -> None:
    """Who is accountable for case NUMBER, for what, until when, who is next; its steps and ways out."""
    inst, account = _enter(home, sign_in)
    try:
        page = case_page(inst, account, _number(number))
    except NotFound:
        stop(f"there is no case {number} for you")
    shown = {
        "number": page.case.number,
        "sop": page.procedure.name,
        "status": page.case.status,
        **strip(page.strip, page.directory),
        "steps": {step.name: step.mark for step in page.steps},
        "exits": {view.name: [unmet.say.en for unmet in view.lacks] for view in page.exits},
    }
    if as_json:
        print_json(shown)
        return
    for name, value in shown.items():
        if isinstance(value, dict):
            click.echo(f"{name}:")
            for key, what in value.items():
                click.echo(f"  {key}: {'; '.join(what) if isinstance(what, list) else what}")
        elif value is not None:
            click.echo(f"{name}: {value}")


@group.command()
@click.argument("number")
@AS
@HOME
@JSON
def history(number: str, sign_in: str, home: Path | None, as_json: bool) -> None:
    """What has happened to case NUMBER, in plain words."""
    inst, account = _enter(home, sign_in)
    try:
        told = reversed(case_page(inst, account, _number(number)).history)
    except NotFound:
        stop(f"there is no case {number} for you")
    lines = [
        {
            "seq": t.seq,
            "happened": moment(t.happened),
            "recorded": moment(t.recorded),
            "agency": t.agency,
            "what": t.words.en,
        }
        for t in told
    ]
    if as_json:
        print_json(lines)
        return
    for line in lines:
        click.echo(f"{line['seq']:>4}  {line['happened']}  {line['agency']:20}  {line['what']}")


@group.command()
@AS
@HOME
@JSON
def worklist(sign_in: str, home: Path | None, as_json: bool) -> None:
    """What waits for a person: offered, late, due soon, theirs."""
    inst, account = _enter(home, sign_in)
    found = worklist_of(inst, account)
    shelves = {
        s.name: [{"number": row.number, **strip(row.strip, found.directory)} for row in s.rows] for s in found.shelves
    }
    if as_json:
        print_json(shelves)
        return
    for name, rows in shelves.items():
        click.echo(f"{name}: {len(rows)}")
        for row in rows:
            click.echo(f"  {row['number']}  {row['for']}  until {row['until'] or '-'}")


@group.command()
@click.argument("number")
@click.argument("what", metavar="WHAT")
@click.argument("target", required=False)
@click.option("--answers", default="{}", help="Answers of a step as JSON.")
@click.option("--to", default=None, help="The agency that is to receive the case or the person.")
@click.option("--reason", default=None, help="The reason, in a sentence.")
@click.option("--choose", multiple=True, help="PART=AGENCY chosen in a step; may be repeated.")
@AS
@HOME
@JSON
def do(
    number: str, what: str, target: str | None, answers: str, to: str | None, reason: str | None,
    choose: tuple[str, ...], sign_in: str, home: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Act on case NUMBER.

    \b
    WHAT is one of: step STEP, go EXIT, accept, refuse REASON, withdraw, sign, consent NAME,
    hand-over AGENCY, hold REASON, resume, note.
    """
    inst, account = _enter(home, sign_in)
    try:
        if what == "step":
            raw = json.loads(answers)
            parts = dict(pair.split("=", 1) for pair in choose)
            _answer(record_step(inst, account, _number(number), target or "", raw, parts), as_json)
            return
        case_id = case_id_of(inst, account, _number(number))
        secrets = {"reason" if what != "note" else "note": reason} if reason else None
        _answer(send(inst, case_id, _command(account, what, target or "", to), secrets), as_json)
    except NotFound:
        stop(f"there is no case {number} for you")
    except json.JSONDecodeError as error:
        stop(f"--answers is no JSON: {error}", 2)


def _command(account: Account, what: str, target: str, to: str | None) -> cmd.Command:
    head: dict[str, Any] = {"id": new_id(), "actor": actor_of(account)}
    made: dict[str, Any] = {
        "go": lambda: cmd.Go(exit=target, to=to, **head),
        "accept": lambda: cmd.Accept(**head),
        "refuse": lambda: cmd.Refuse(reason=target, **head),
        "withdraw": lambda: cmd.WithdrawOffer(**head),
        "sign": lambda: cmd.Sign(**head),
        "consent": lambda: cmd.GiveConsent(consent=target, given_by="person", **head),
        "hand-over": lambda: cmd.HandOver(to=to or target, **head),
        "hold": lambda: cmd.Hold(reason=target, **head),
        "resume": lambda: cmd.Resume(**head),
        "note": lambda: cmd.Note(**head),
    }
    if what not in made:
        stop(f"'{what}' is not known: {', '.join(['step', *made])}", 2)
    command: cmd.Command = made[what]()
    return command
