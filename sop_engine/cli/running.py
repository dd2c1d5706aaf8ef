"""Making, running and checking an installation."""

import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from sop_engine.app import Settings, initialise, installation, load_settings, put_back
from sop_engine.cli import logs, starting
from sop_engine.cli.showing import HOME, JSON, bar, print_json, stop
from sop_engine.demo.build import build_demo, stories_of
from sop_engine.services import auditing, copying, upkeep
from sop_engine.services.installation import Installation
from sop_engine.services.passwords import random_password
from sop_engine.services.staff import add_account
from sop_engine.worker.loop import workers

# Waitress puts what is larger than these into a temporary file in clear: nothing that it takes or gives may be.
MOST_REQUEST = 32_000_000
IN_MEMORY = {"max_request_body_size": MOST_REQUEST, "inbuf_overflow": MOST_REQUEST + 1, "outbuf_overflow": MOST_REQUEST}

# By itself waitress takes a hundred connections, and then answers nobody while these send slowly. The proxy lets each
# address hold a few (`limit_conn`).
MANY = {"connection_limit": 500, "asyncore_use_poll": True, "channel_timeout": 60}
THREADS = 8


@click.command()
@HOME
def init(home: Path | None) -> None:
    """Make an installation, or bring it up to this version. Safe to run again."""
    settings = load_settings(home)
    initialise(settings)
    click.echo(f"The installation in {settings.home} is ready.")
    click.echo(f"Keep a copy of {_outside(settings)} in a safe place: without it nothing in the vault can be read.")
    click.echo("Next: sop-engine people administrator, twice, then sop-engine serve.")


@click.command("person-add")
@click.argument("sign_in")
@click.option("--agency", required=True, help="Code of the agency, as in the directory.")
@click.option("--shown-as", required=True, help="How colleagues see this person.")
@click.option("--role", "roles", multiple=True, help="A role in the agency; may be repeated.")
@click.password_option(help="Asked for where it is not given.")
@HOME
def person_add(
    sign_in: str, agency: str, shown_as: str, roles: tuple[str, ...], password: str, home: Path | None
) -> None:
    """Add somebody who can sign in."""
    problem = add_account(installation(load_settings(home)), sign_in, agency, shown_as, frozenset(roles), password)
    if problem:
        stop(problem)
    click.echo(f"{sign_in} can sign in for {agency}.")


@click.command()
@HOME
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
def serve(home: Path | None, host: str, port: int) -> None:
    """Serve the web application, with the workers in the same process."""
    settings = load_settings(home)
    inst = installation(settings)
    problems = starting.faults(inst, settings, host)
    if problems:
        stop("this is not served to others, because\n" + "\n".join(f"- {problem}" for problem in problems))
    run_server(inst, settings, host, port)


def run_server(inst: Installation, settings: Settings, host: str, port: int) -> None:
    """Serve until stopped; the workers run beside it."""
    try:
        with starting.alone(inst, settings.home):
            _serve(inst, settings, host, port)
    except starting.ServedAlready:
        stop(
            f"another process serves the installation in {settings.home}, and a SQLite database takes one: stop that "
            "one first, or move to PostgreSQL"
        )


def _serve(inst: Installation, settings: Settings, host: str, port: int) -> None:
    import waitress

    from web import create_app

    logs.begin()
    beside = workers(inst)
    for worker in beside:
        worker.start()
    try:
        waitress.serve(
            create_app(inst, settings),
            host=host,
            port=port,
            threads=THREADS,
            ident=None,
            **IN_MEMORY,
            **MANY,
            **_behind(settings),
        )
    finally:
        for worker in beside:
            worker.stop()


def _behind(settings: Settings) -> dict[str, Any]:
    """What waitress is told of the reverse proxy: whose word on who asks is believed, and nobody else's."""
    if not settings.proxy:
        return {}
    return {
        "trusted_proxy": settings.proxy, "trusted_proxy_headers": {"x-forwarded-for"}, "trusted_proxy_count": 1,
        "clear_untrusted_proxy_headers": True,
    }  # fmt: skip


@click.command()
@click.option("--home", type=click.Path(path_type=Path), default=Path("demo"), help="Folder (default: ./demo).")
@click.option("--port", default=8000, show_default=True, help="Another is taken where this one is in use.")
@click.option("--data-only", is_flag=True, help="Make the data and leave.")
def demo(home: Path, port: int, data_only: bool) -> None:
    """Make an installation with invented cases and serve it on this machine."""
    settings = load_settings(home)
    password = random_password()
    fresh = build_demo(settings, password, datetime.now(UTC), bar("cases"))
    # What is invented is opened by a password alone: the demonstration wrote that into its own settings.
    settings = load_settings(home)
    if data_only:
        click.echo(f"The demonstration in {home} is ready.")
        _list_stories(settings)
        return
    port = _free_port(port)
    _welcome(port, password if fresh else None, settings)
    run_server(installation(settings), settings, "127.0.0.1", port)


def _free_port(wanted: int) -> int:
    for port in range(wanted, wanted + 50):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise click.ClickException("no free port near the one asked for: name one with --port")


def _welcome(port: int, password: str | None, settings: Settings) -> None:
    click.echo(f"\n  http://localhost:{port}\n")
    if password is None:
        click.echo(
            f"  The demonstration in {settings.home} was there already; its password was shown when it was made."
        )
        click.echo(f"  To begin anew: delete {settings.home} and run this again.\n")
    else:
        click.echo(f"  Password of everybody here: {password}\n")
    for sign_in, who in SIGN_INS:
        click.echo(f"  {sign_in:24} {who}")
    _list_stories(settings)
    click.echo("\n  All persons, NGOs and homes are invented. Stop with Ctrl-C.\n")


def _list_stories(settings: Settings) -> None:
    click.echo("\n  Stories: sign in as the one named and open the case.\n")
    for story in sorted(stories_of(settings), key=lambda story: (story.closed, story.number)):
        linked = f", {story.others} linked" if story.others else ""
        state = "closed, to read" if story.closed else "open"
        click.echo(f"  {story.sign_in:24} {story.case}  {story.title} ({state}{linked})")


SIGN_INS = (
    ("ahtb", "anti-trafficking police: leads rescue operations"),
    ("ahtb-lead", "its supervisor, who signs as second person"),
    ("police-cid", "superior command: approves operations"),
    ("police-cid-lead", "its supervisor, who signs as second person"),
    ("wcsc-kathmandu", "police desk for women and children"),
    ("cwo-kathmandu", "child welfare officer"),
    ("himal-aashraya", "a shelter"),
    ("utis", "an NGO"),
    ("bakaino", "an NGO that audits homes"),
    ("mowcsc", "ministry: reviews figures"),
    ("admin", "looks after agencies, people and roles"),
    ("admin-2", "another one, who confirms what the first one asks for"),
    ("utis-admin", "looks after the people of the NGO"),
    ("ncrc", "child rights council: licences and inspects homes"),
)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@HOME
def backup(folder: Path, home: Path | None) -> None:
    """Copy an installation into a new FOLDER while it is in use; without its keys, which you keep elsewhere."""
    settings = load_settings(home)
    try:
        written = copying.copy_out(installation(settings), folder)
    except copying.CannotCopy as problem:
        stop(str(problem))
    click.echo(f"{written['events']} events and {written['entries']} entries of the signed log are in {folder}.")
    click.echo(f"Not in it, and needed to use it: {_outside(settings)} and {settings.audit / 'log.key'}.")


def _outside(settings: Settings) -> str:
    """Where the epoch keys are, in words."""
    return f"the folder {settings.keys}" if settings.keys_in_files else "the epoch keys"


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@HOME
def restore(folder: Path, home: Path | None) -> None:
    """Put the copy in FOLDER into its place on a machine that has the keys, and audit it."""
    settings = load_settings(home)
    try:
        written = put_back(settings, folder)
    except copying.CannotCopy as problem:
        stop(str(problem))
    inst = installation(settings)
    problems = [*copying.differs(inst, written), *auditing.verify(inst, bar("cases")).problems]
    for one in problems:
        click.echo(one)
    click.echo(f"{written['events']} events of {written['made']} are back, {len(problems)} problems.")
    if problems:
        raise SystemExit(1)


@click.command()
@HOME
@JSON
def doctor(home: Path | None, as_json: bool) -> None:
    """Say what is wrong with an installation (exit code 1), and warn of what may become so (exit code 0)."""
    _report(upkeep.doctor(installation(load_settings(home))), "events in the log", as_json)


@click.command()
@HOME
@JSON
@click.option("--check", is_flag=True, help="Only compare; change nothing.")
def rebuild(home: Path | None, as_json: bool, check: bool) -> None:
    """Fold every case anew from its events and put its rows right."""
    report = upkeep.rebuild(installation(load_settings(home)), check, bar("cases"))
    _report(report, "cases folded", as_json, failing=check)


def _report(report: upkeep.Report, what: str, as_json: bool, failing: bool = True) -> None:
    if as_json:
        print_json({"checked": report.checked, "problems": report.problems, "warnings": report.warnings})
    else:
        for problem in report.problems:
            click.echo(problem)
        for warning in report.warnings:
            click.echo(f"warning: {warning}")
        warned = f", {len(report.warnings)} warnings" if report.warnings else ""
        click.echo(f"{report.checked} {what}, {len(report.problems)} problems{warned}.")
    if report.problems and failing:
        raise SystemExit(1)


COMMANDS = (init, person_add, serve, demo, backup, restore, doctor, rebuild)
