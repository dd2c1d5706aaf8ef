"""Kinds of tampering by somebody who may write the database: each is found and named."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import select, text

from sop_engine.audit import (
    GENESIS,
    LOG,
    WITNESS,
    Key,
    chained,
    checkpoint_of,
    cosign,
    public_key,
    sign,
    signature_line,
    written,
)  # fmt: skip
from sop_engine.demo.stories import bar_rescue
from sop_engine.services import auditing, upkeep, witnessing
from sop_engine.services.case_page import case_page
from sop_engine.services.passing import run_once
from sop_engine.store import checkpoints, tables, tree
from sop_engine.store.database import looking, writing
from tests.support.world import World

SEED = b"\7" * 32
COUNCIL = public_key("council", WITNESS, SEED)
SECOND = public_key("ngo", WITNESS, b"\x08" * 32)


@dataclass
class Scene:
    """A history that was signed and witnessed twice; `case` has a dozen events, `kept` are what the witness holds."""

    world: World
    case: str
    other: str
    kept: list[str] = field(default_factory=list)

    def change(self, statement: str, **values: object) -> None:
        with writing(self.world.inst.engine) as connection:
            connection.execute(text(statement), {"case": self.case, "other": self.other, **values})

    def bodies(self, case: str) -> list[bytes]:
        with looking(self.world.inst.engine) as connection:
            query = select(tables.journal.c.body).where(tables.journal.c.case_id == case)
            return [bytes(row.body) for row in connection.execute(query.order_by(tables.journal.c.seq))]

    def sign(self, keep: bool = True) -> None:
        """Some time passes, the log is signed, and the council witnesses it."""
        world = self.world
        world.clock.wait(hours=1)
        run_once(world.inst)
        last = checkpoint_of(self.kept[-1]) if self.kept else None
        asked = witnessing.request_since(world.inst, last.size if last else 0)
        assert isinstance(asked, witnessing.Request)
        note = witnessing.witness(asked, world.inst.log_key.public, last, COUNCIL, SEED, world.clock())
        assert isinstance(note, str), note
        assert witnessing.take_in(world.inst, note) == ["council"]
        if keep:
            self.kept.append(note)

    def problems(self, seen: bool = False) -> str:
        return "\n".join(auditing.verify(self.world.inst, seen=self.kept if seen else ()).problems)

    def rehash(self, case: str, bodies: list[bytes], log_too: bool) -> None:
        """Write a chain anew over other bodies, as somebody would who knows how it is made."""
        head = GENESIS
        for seq, body in enumerate(bodies, 1):
            head = chained(head, body)
            self.change(
                "UPDATE journal SET body = :b, hash = :h WHERE case_id = :c AND seq = :s", b=body, h=head, c=case, s=seq
            )
            if log_too:
                self.change("UPDATE log SET hash = :h WHERE case_id = :c AND seq = :s", h=head, c=case, s=seq)
        self.change("UPDATE standing SET head = :h WHERE case_id = :c", h=head, c=case)


@pytest.fixture
def scene(world: World) -> Scene:
    play = world.play
    operation = bar_rescue.tip_off(play)
    people = [one[0] for one in bar_rescue.persons(play, operation)]
    (world.inst.audit / witnessing.WITNESSES).write_text(f"# who signs beside us\n{COUNCIL}\n{SECOND}\n")
    found = Scene(world, people[0], people[1])
    for reader in (play.cast.worker("ahtb"), play.cast.lead("ahtb")):
        case_page(world.inst, reader, play.case(people[0]).number)
    found.sign()
    play.advance(people[0], "to_safety")
    found.sign()
    assert found.problems(seen=True) == ""
    return found


def changed(body: bytes) -> bytes:
    assert b'"ahtb"' in body
    return body.replace(b'"ahtb"', b'"ngos"', 1)


def byte_changed(scene: Scene) -> str:
    scene.change(
        "UPDATE journal SET body = :b WHERE case_id = :case AND seq = 2", b=changed(scene.bodies(scene.case)[1])
    )
    return f"case {scene.case}: event 2 was altered"


def written_as_text(scene: Scene) -> str:
    """SQLite keeps what it is given: text where bytes should be is no reason for an audit to fall."""
    body = changed(scene.bodies(scene.case)[1])
    on_sqlite = scene.world.inst.engine.dialect.name == "sqlite"
    value = body.decode() if on_sqlite else body
    scene.change("UPDATE journal SET body = :b WHERE case_id = :case AND seq = 2", b=value)
    return f"case {scene.case}: event 2 was altered"


def last_dropped(scene: Scene) -> str:
    last = len(scene.bodies(scene.case))
    scene.change("DELETE FROM journal WHERE case_id = :case AND seq = :s", s=last)
    return f"case {scene.case}: event {last} is in the log and nowhere else: it was removed"


def last_dropped_everywhere(scene: Scene) -> str:
    """The last event of the whole log, with every row that tells of it."""
    scene.change(
        "DELETE FROM journal WHERE (case_id, seq) IN (SELECT case_id, seq FROM log ORDER BY position DESC LIMIT 1)"
    )
    scene.change("DELETE FROM log WHERE position = (SELECT max(position) FROM log)")
    return "its end was cut off"


def middle_dropped(scene: Scene) -> str:
    scene.change("DELETE FROM journal WHERE case_id = :case AND seq = 3")
    return f"case {scene.case}: event 3 is in the log and nowhere else: it was removed"


def middle_of_the_log_dropped(scene: Scene) -> str:
    scene.change("DELETE FROM journal WHERE case_id = :case AND seq = 3")
    scene.change("DELETE FROM log WHERE case_id = :case AND seq = 3")
    return f"case {scene.case}: event 3 is missing"


def swapped(scene: Scene) -> str:
    bodies = scene.bodies(scene.case)
    for seq, body in ((2, bodies[2]), (3, bodies[1])):
        scene.change("UPDATE journal SET body = :b WHERE case_id = :case AND seq = :s", b=body, s=seq)
    return f"case {scene.case}: event 2 was altered, or put in the place of another"


def inserted(scene: Scene) -> str:
    """An event at the end of a case, its chain right, that no log ever took."""
    bodies = scene.bodies(scene.case)
    head = GENESIS
    for body in [*bodies, bodies[-1]]:
        head = chained(head, body)
    number = len(bodies) + 1
    scene.change(
        "INSERT INTO journal (case_id, seq, command, ordinal, recorded, body, hash) SELECT case_id, :n, 'forged', 0, "
        "recorded, body, :h FROM journal WHERE case_id = :case AND seq = :s", n=number, h=head, s=number - 1,
    )  # fmt: skip
    scene.change("UPDATE standing SET head = :h, seq = :n WHERE case_id = :case", h=head, n=number)
    return f"case {scene.case}: event {number} is in no log: it was put in from outside"


def case_replaced(scene: Scene) -> str:
    """The whole chain of a case, right in itself, in the journal and in the log."""
    bodies = scene.bodies(scene.case)
    scene.rehash(scene.case, [changed(bodies[0]), *bodies[1:]], log_too=True)
    return "of the log are not those that were signed: they were rewritten"


def only_the_rows(scene: Scene) -> str:
    scene.change("UPDATE standing SET holder = 'wcsc-jhapa' WHERE case_id = :case")
    return f"case {scene.case}: its rows in 'standing' are not what its events give"


def resigned_with_a_stolen_key(scene: Scene) -> str:
    """Everything rewritten and signed anew with the log's own key: only a witness can tell."""
    bodies = scene.bodies(scene.case)
    scene.rehash(scene.case, [changed(bodies[0]), *bodies[1:]], log_too=True)
    key, before = scene.world.inst.log_key, "none"
    with writing(scene.world.inst.engine) as connection:
        connection.execute(text("DELETE FROM branch"))
        for note in checkpoints.notes(connection):
            size = checkpoint_of(note).size
            body = written(key.public.name, size, tree.root(connection, size), before)
            fresh = f"{body}\n{sign(key.public, key.seed, body)}"
            before = checkpoint_of(fresh).digest
            connection.execute(text("UPDATE checkpoint SET note = :n WHERE size = :s"), {"n": fresh, "s": size})
    (scene.world.inst.audit / witnessing.LATEST).write_text(fresh)
    return "a checkpoint kept elsewhere tells otherwise of the first"


def checkpoint_removed(scene: Scene) -> str:
    scene.change("DELETE FROM checkpoint WHERE size = (SELECT min(size) FROM checkpoint)")
    return "was removed or altered"


def witness_forged(scene: Scene) -> str:
    """A line in the name of a witness, made with another key."""
    with looking(scene.world.inst.engine) as connection:
        last = checkpoint_of(checkpoints.notes(connection)[-1])
    forged = cosign(SECOND, SEED, last.body, int(scene.world.clock().timestamp()))
    scene.change("UPDATE checkpoint SET note = note || :l WHERE size = :s", l=forged, s=last.size)
    return f"the signature of ngo under the checkpoint of {last.size} entries is forged"


def ciphertext_moved(scene: Scene) -> str:
    left = "(SELECT sealed FROM vault AS v WHERE v.case_id = :case AND v.field = 'left_at')"
    scene.change(f"UPDATE vault SET sealed = {left} WHERE case_id = :case AND field = 'arrived_at'")
    return "the closed value 'arrived_at' of event"


def broken_beyond_reading(scene: Scene) -> str:
    scene.change("UPDATE journal SET body = :b WHERE case_id = :case AND seq = 2", b=b"\xff{")
    return f"case {scene.case}: event 2 was altered"


def look_removed(scene: Scene) -> str:
    scene.change("DELETE FROM reading WHERE id = (SELECT MIN(id) FROM reading)")
    return "case looks: event 1 was altered"


def looks_removed(scene: Scene) -> str:
    scene.change("DELETE FROM reading")
    return "case looks: event 1 is in the log and nowhere else: it was removed"


def look_put_on_somebody_else(scene: Scene) -> str:
    scene.change("UPDATE reading SET agency = 'utis' WHERE id = (SELECT MIN(id) FROM reading)")
    return "case looks: event 1 was altered"


KINDS: list[Callable[[Scene], str]] = [
    byte_changed, last_dropped, last_dropped_everywhere, middle_dropped, middle_of_the_log_dropped, swapped, inserted,
    case_replaced, only_the_rows, resigned_with_a_stolen_key, checkpoint_removed, witness_forged, ciphertext_moved,
    broken_beyond_reading, written_as_text, look_removed, looks_removed, look_put_on_somebody_else,
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_tampering_is_found_and_named(scene: Scene, kind: Callable[[Scene], str]) -> None:
    named = kind(scene)
    assert named in scene.problems(seen=True)


def test_a_state_of_yesterday_that_is_put_back_is_found(sqlite_world: World, tmp_path: Path) -> None:
    scene = Scene(sqlite_world, *[bar_rescue.tip_off(sqlite_world.play)] * 2)
    (sqlite_world.inst.audit / witnessing.WITNESSES).write_text(f"{COUNCIL}\n")
    scene.sign()
    file = sqlite_world.settings.home / "sop-engine.db"
    with closing(sqlite3.connect(file)) as live, closing(sqlite3.connect(tmp_path / "yesterday")) as copy:
        live.backup(copy)
    bar_rescue.persons(sqlite_world.play, scene.case)
    scene.sign()
    sqlite_world.inst.engine.dispose()
    for beside in file.parent.glob("sop-engine.db-*"):
        beside.unlink()
    shutil.copy(tmp_path / "yesterday", file)
    assert "an older state was put back, or the end was cut off" in scene.problems()
    # Whoever puts back the file beside the database too is told on by what a witness keeps.
    (sqlite_world.inst.audit / witnessing.LATEST).write_text(scene.kept[0])
    assert scene.problems() == ""
    assert "an older state was put back, or the end was cut off" in scene.problems(seen=True)


class TestWitnesses:
    def test_none_signs_a_log_that_was_rewritten(self, scene: Scene) -> None:
        resigned_with_a_stolen_key(scene)
        inst, last = scene.world.inst, checkpoint_of(scene.kept[-1])
        asked = witnessing.request_since(inst, last.size)
        assert isinstance(asked, witnessing.Request)
        refused = witnessing.witness(asked, inst.log_key.public, last, COUNCIL, SEED, scene.world.clock())
        assert getattr(refused, "code", None) == "rewritten"

    def test_none_signs_for_another_log_or_from_another_size(self, scene: Scene) -> None:
        inst, now = scene.world.inst, scene.world.clock()
        asked = witnessing.request_since(inst, 1)
        assert isinstance(asked, witnessing.Request)
        other = Key(inst.log_key.public.name, LOG, public_key("x", LOG, SEED).public)
        assert getattr(witnessing.witness(asked, other, None, COUNCIL, SEED, now), "code", None) == "forged"
        ours = inst.log_key.public
        assert getattr(witnessing.witness(asked, ours, None, COUNCIL, SEED, now), "code", None) == "other_size"

    def test_a_line_is_kept_once_and_only_under_its_own_checkpoint(self, scene: Scene) -> None:
        inst, note = scene.world.inst, scene.kept[-1]
        assert witnessing.take_in(inst, note) == ["council"]
        with looking(inst.engine) as connection:
            assert checkpoints.notes(connection)[-1].count("— council ") == 1
        body = checkpoint_of(note).body.replace(inst.log_key.public.name, "another/log")
        assert (
            getattr(witnessing.take_in(inst, f"{body}\n{signature_line(COUNCIL, b'0' * 72)}"), "code", "") == "not_ours"
        )
        unsigned = note[: note.index("— council")]
        assert getattr(witnessing.take_in(inst, unsigned), "code", "") == "unknown"

    def test_what_was_asked_is_read_back_as_it_was(self, scene: Scene) -> None:
        asked = witnessing.request_since(scene.world.inst, checkpoint_of(scene.kept[0]).size)
        assert isinstance(asked, witnessing.Request)
        assert witnessing.request_of(str(asked)) == asked


def test_rows_that_were_put_right_verify_again(scene: Scene) -> None:
    only_the_rows(scene)
    upkeep.rebuild(scene.world.inst, check=False)
    assert scene.problems(seen=True) == ""
