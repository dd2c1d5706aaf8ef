"""Cases from the command line: open, show, do, history, worklist. Whoever holds the key file acts as whom they name."""

import json
from datetime import tzinfo
from pathlib import Path
from typing import Any

import click
import msgspec

from sop_engine.app import installation, load_settings
from sop_engine.case import commands as cmd
from sop_engine.case.accountability import ExitView, StepView
from sop_engine.case.directory import Directory
from sop_engine.case.purpose import PURPOSES
from sop_engine.case.refusal import Refusal, Unmet
from sop_engine.cli.saying import asked_lines, asked_of, readable, wrong_lines
from sop_engine.cli.showing import HOME, JSON, moment, named, print_json, stop, strip, zone_of
from sop_engine.services.case_page import CasePage, case_page
from sop_engine.services.day import ShelfPage, ShelfView, Worklist, shelf_of, worklist_of
from sop_engine.services.installation import Installation, actor_of, new_id, tidy_number
from sop_engine.services.purpose import MISSING, PurposeMissing, say_in_a_word
from sop_engine.services.recording import WrongAnswers, record_step
from sop_engine.services.rights import case_id_of
from sop_engine.services.sending import Done, NotFound, open_case, send
from sop_engine.services.staff import account_named
from sop_engine.services.step_page import step_page
from sop_engine.services.work import Inbox, ItemRow
from sop_engine.sop.wording import label
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


def _answer(answer: Done | Refusal, as_json: bool) -> None:
    """Print what came of a command; leave with 1 where it was refused."""
    if isinstance(answer, Done):
        events = [str(envelope.event.__struct_config__.tag) for envelope in answer.events]
        shown: dict[str, Any] = {"number": answer.case.number, "events": events}
        words = f"{answer.case.number}: {', '.join(events) or 'done before'}"
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
    zone = zone_of(page.directory, account.agency)
    shown = {
        "number": page.case.number,
        "sop": page.procedure.name,
        "title": page.procedure.sop.title.en,
        "status": page.case.status,
        **strip(page.strip, page.directory, zone),
        "on_hold": _hold(page),
        "joined_to": page.merged.number if page.merged is not None else None,
        "also_recorded_in": ", ".join(page.joined) or None,
        "steps": [_step(step, page.directory, zone) for step in page.steps],
        "exits": [_exit(view, page, zone) for view in page.exits],
    }
    if as_json:
        print_json(shown)
    else:
        _print_case(shown)


def _hold(page: CasePage) -> str | None:
    """Why the time of a case stands still, in words."""
    reason = page.strip.on_hold
    said = page.procedure.sop.holds.get(reason) if reason is not None else None
    if reason is None:
        return None
    return f"{said.title.en if said is not None and said.title is not None else label(None, reason, 'en')} ({reason})"


def _step(view: StepView, directory: Directory, zone: tzinfo) -> dict[str, Any]:
    return {
        "name": view.name,
        "title": view.title.en,
        "mark": view.mark,
        "done_by": named(directory, view.doer),
        "optional": view.optional,
        "due": moment(view.due, zone),
    }


def _exit(view: ExitView, page: CasePage, zone: tzinfo) -> dict[str, Any]:
    return {
        "name": view.name,
        "title": view.title.en,
        "to": named(page.directory, view.receiver),
        "choose": [named(page.directory, code) for code in view.candidates],
        "by": named(page.directory, view.by),
        "reason": view.reason,
        "second_person": view.second_person,
        "lacks": [_unmet(unmet, page.directory, zone) for unmet in view.lacks],
    }


def _unmet(unmet: Unmet, directory: Directory, zone: tzinfo) -> dict[str, Any]:
    return {
        "sentence": unmet.say.en,
        "step": unmet.fix,
        "done_by": named(directory, unmet.who),
        "due": moment(unmet.due, zone),
    }


def _print_case(shown: dict[str, Any]) -> None:
    for name, value in shown.items():
        if value is not None and not isinstance(value, list):
            click.echo(f"{name}: {value}")
    click.echo("steps:")
    for step in shown["steps"]:
        due = f", until {step['due']}" if step["due"] else ""
        optional = ", may be left out" if step["optional"] else ""
        done_by = f", by {step['done_by']}" if step["done_by"] else ""
        click.echo(f"  {step['title']} ({step['name']}): {readable(step['mark'])}{done_by}{due}{optional}")
    click.echo("exits:")
    for exit_ in shown["exits"]:
        _print_exit(exit_, shown["holder"])


def _print_exit(exit_: dict[str, Any], holder: str | None) -> None:
    by = f", by {exit_['by']}" if exit_["by"] != holder else ""
    to = f", to {exit_['to']}" if exit_["to"] else ""
    asked = [word for word in ("reason", "second_person") if exit_[word]]
    needs = f", asks for a {' and a '.join(readable(word) for word in asked)}" if asked else ""
    click.echo(f"  {exit_['title']} ({exit_['name']}){to}{by}{needs}: {'lacks' if exit_['lacks'] else 'open'}")
    for unmet in exit_["lacks"]:
        step = (
            f" (step {unmet['step']}, {unmet['done_by'] or 'whose agency is not known yet'})" if unmet["step"] else ""
        )
        due = f", until {unmet['due']}" if unmet["due"] else ""
        click.echo(f"    - {unmet['sentence']}{step}{due}")
    if exit_["choose"]:
        click.echo(f"    choose who receives it with --to: {', '.join(exit_['choose'])}")


@group.command()
@click.argument("number")
@click.argument("step")
@click.option("--why", default=None, help=f"What you open it for: {', '.join(PURPOSES)}, or a sentence.")
@AS
@HOME
@JSON
def asks(number: str, step: str, why: str | None, sign_in: str, home: Path | None, as_json: bool) -> None:
    """What STEP of case NUMBER asks: each field with its type, its answers, and whether it is needed.

    Where a colleague works on the case, say `--why`: it is written down and read by the agency that is accountable.
    """
    inst, account = _enter(home, sign_in)
    try:
        if why is not None:
            say_in_a_word(inst, account, _number(number), why)
        page = step_page(inst, account, _number(number), step)
    except NotFound:
        stop(_no_step(inst, account, number, step))
    except PurposeMissing:
        stop(f"{MISSING.sentence('en')} (--why)")
    chosen = {
        part: [{"code": code, "title": page.directory.title(code).en} for code in codes]
        for part, codes in page.chooses.items()
    }
    fields = asked_of(page)
    if as_json:
        print_json({"step": step, "title": page.step.title.en, "fields": fields, "chooses": chosen})
        return
    click.echo(f"{page.step.title.en} ({step})")
    for line in asked_lines(fields):
        click.echo(line)
    for part, agencies in chosen.items():
        click.echo(f"  choose with --choose {part}=AGENCY:")
        for agency in agencies:
            click.echo(f"      {agency['code']}: {agency['title']}")
    if not fields and not chosen:
        click.echo("  It asks nothing: record it without --answers.")


def _no_step(inst: Installation, account: Account, number: str, step: str) -> str:
    """Why a step cannot be shown: no such case for this person, or no such step in it."""
    try:
        page = case_page(inst, account, _number(number))
    except NotFound:
        return f"there is no case {number} for you"
    return (
        f"'{step}' is no step that you can read now: {', '.join(view.name for view in page.steps) or 'there is none'}"
    )


@group.command()
@click.argument("number")
@AS
@HOME
@JSON
def history(number: str, sign_in: str, home: Path | None, as_json: bool) -> None:
    """What has happened to case NUMBER, in plain words."""
    inst, account = _enter(home, sign_in)
    try:
        page = case_page(inst, account, _number(number))
    except NotFound:
        stop(f"there is no case {number} for you")
    zone = zone_of(page.directory, account.agency)
    lines = [
        {
            "seq": t.seq,
            "happened": moment(t.happened, zone),
            "recorded": moment(t.recorded, zone),
            "agency": t.agency,
            "what": t.words.en,
        }
        for t in reversed(page.history)
    ]
    if as_json:
        print_json(lines)
        return
    for line in lines:
        click.echo(f"{line['seq']:>4}  {line['happened']}  {line['agency']:20}  {line['what']}")


@group.command()
@AS
@click.option("--list", "name", help="One list whole, 25 lines at once, by its name in the answer without this.")
@click.option("--page", default=1, type=click.IntRange(1), show_default=True, help="Which 25 lines of --list.")
@HOME
@JSON
def worklist(sign_in: str, name: str | None, page: int, home: Path | None, as_json: bool) -> None:
    """What waits for a person: to sign, asked, offered, late, due soon, theirs. The first of each, and how many."""
    inst, account = _enter(home, sign_in)
    found: Worklist | ShelfPage
    if name is None:
        found = worklist_of(inst, account)
        lists: list[ShelfView | Inbox] = [*found.inboxes, *found.shelves]
    else:
        try:
            found = shelf_of(inst, account, name, page)
        except NotFound:
            stop(f"there is no list '{name}': leave --list out to see all lists", 2)
        lists = [found.shelf]
    zone = zone_of(found.directory, account.agency)
    shown: dict[str, dict[str, Any]] = {
        one.name: {
            "count": one.count,
            "over": one.over,
            "rows": [
                {
                    "number": row.number,
                    "sop": row.sop.en,
                    **({"asked": row.title.en} if isinstance(row, ItemRow) else {}),
                    **strip(row.strip, found.directory, zone),
                }
                for row in one.rows
            ],
        }
        for one in lists
    }
    if as_json:
        print_json(shown)
        return
    for one in lists:
        click.echo(f"{one.name}: {one.count}{' or more' if one.over else ''}")
        for row in shown[one.name]["rows"]:
            asked = f"{row['asked']} ({row['for']})" if "asked" in row else row["for"]
            click.echo(f"  {row['number']}  {row['sop']}: {asked}  {_by_when(row)}")
        if name is None and one.count > len(one.rows):
            click.echo(f"  the rest: --list {one.name}")
    if isinstance(found, ShelfPage) and found.further:
        click.echo(f"  the rest: --list {name} --page {found.page + 1}")


def _by_when(row: dict[str, Any]) -> str:
    """By when a case of a list is due, and where it is offered, by when that must be answered."""
    times = [("until", row["until"]), ("answer by", row["answer_by"])]
    return ", ".join(f"{word} {time}" for word, time in times if time) or "no deadline"


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
    hand-over AGENCY, hold REASON, resume, note, join NUMBER (to a case of the same person), part (undo that).
    """
    inst, account = _enter(home, sign_in)
    try:
        if what == "step":
            _record(inst, account, _number(number), target or "", answers, choose, as_json)
            return
        case_id = case_id_of(inst, account, _number(number))
        secrets = {"reason" if what != "note" else "note": reason} if reason else None
        _answer(send(inst, case_id, _command(account, what, target or "", to), secrets), as_json)
    except NotFound:
        stop(f"there is no case {number} for you")


def _record(
    inst: Installation, account: Account, number: str, step: str, answers: str, choose: tuple[str, ...], as_json: bool
) -> None:
    """Record a step; wrong answers are said in sentences, with what could be answered instead."""
    if unequal := [pair for pair in choose if "=" not in pair]:
        stop(f"--choose is written PART=AGENCY, not '{unequal[0]}'", 2)
    answer = record_step(inst, account, number, step, _typed(answers), dict(pair.split("=", 1) for pair in choose))
    if not isinstance(answer, WrongAnswers):
        _answer(answer, as_json)
        return
    sentences = wrong_lines(step_page(inst, account, number, step, typed=True), {**answer.wrong, **answer.lacking})
    if as_json:
        print_json({"wrong": {**answer.wrong, **answer.lacking}, "sentences": sentences})
    hint = f"What it asks: sop-engine case asks {number} {step}"
    stop("\n  ".join(("nothing was recorded:", *sentences, hint)))


def _typed(answers: str) -> dict[str, Any]:
    """Answers as typed; only a map from fields to answers is one."""
    try:
        raw = json.loads(answers)
    except json.JSONDecodeError as error:
        stop(f"--answers is no JSON: {error}", 2)
    if not isinstance(raw, dict):
        stop('--answers is a map from fields to answers: {"FIELD": "ANSWER"}', 2)
    return raw


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
        "join": lambda: cmd.Merge(number=_number(target), **head),
        "part": lambda: cmd.Unmerge(**head),
    }
    if what not in made:
        stop(f"'{what}' is not known: {', '.join(['step', *made])}", 2)
    command: cmd.Command = made[what]()
    return command
