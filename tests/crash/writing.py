"""A program that writes until the power goes: `python writing.py` reads jobs from its input and forks for each.

A job is a line of JSON: `home` and `shadow` (folders), `acknowledged` (a file), `synchronous` (as SQLite's pragma),
`case` and `person` (ids). It is answered with the number of the process that writes.
"""

import json
import os
import sys
import threading
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event

from sop_engine.app import installation, load_settings
from sop_engine.case import commands as cmd
from sop_engine.services.installation import Installation, actor_of
from sop_engine.services.passing import run_once
from sop_engine.services.sending import Done, send
from sop_engine.store import people
from sop_engine.store.database import looking


def main() -> None:
    for line in sys.stdin:
        job = json.loads(line)
        child = os.fork()
        if child == 0:
            os.environ["SHADOW_OF"], os.environ["SHADOW_TO"] = job["home"], job["shadow"]
            write(job)
            os._exit(1)
        print(child, flush=True)
        os.waitpid(child, 0)
        print("gone", flush=True)


def write(job: dict[str, Any]) -> None:
    """Write notes for ever, and note outside each that was acknowledged; a worker does what is due beside it."""
    hours = iter(range(1, 10**9))
    inst = installation(load_settings(Path(job["home"]), {}), lambda: datetime.now(UTC) + timedelta(hours=next(hours)))
    event.listen(inst.engine, "connect", lambda connection, _: _synchronise(connection, job["synchronous"]))
    with looking(inst.engine) as connection:
        person = people.by_id(connection, job["person"])
    assert person is not None
    threading.Thread(target=_work, args=(inst,), daemon=True).start()
    acknowledged = os.open(job["acknowledged"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    while True:
        identity = uuid.uuid4().hex
        note = cmd.Note(id=identity, actor=actor_of(person))
        if isinstance(send(inst, job["case"], note, {"note": "x" * 200}), Done):
            os.write(acknowledged, f"{identity}\n".encode())


def _synchronise(connection: Any, how: str) -> None:
    connection.execute(f"PRAGMA synchronous={how}")
    # Often, so that a cut in the middle of bringing the log into the database is not rare.
    connection.execute("PRAGMA wal_autocheckpoint=20")


def _work(inst: Installation) -> None:
    while True:
        run_once(inst)


if __name__ == "__main__":
    main()
