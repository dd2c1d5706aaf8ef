"""What a person said is erased by two people: no byte of it is left, here at once and in backups from a named day."""

import dataclasses
import itertools
import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import select

from sop_engine.app import installation, load_settings, put_back
from sop_engine.case import commands as cmd
from sop_engine.case.refusal import Refusal
from sop_engine.case.retention import over_at
from sop_engine.services import auditing, copying, epochs, finding, upkeep
from sop_engine.services.acting import act, open_in
from sop_engine.services.certificate import certificate
from sop_engine.services.drafting import keep_draft
from sop_engine.services.installation import actor_of, new_id, new_number
from sop_engine.services.passing import run_once
from sop_engine.services.sending import Done, send
from sop_engine.services.step_page import recorded_everywhere
from sop_engine.store import procedures, tables
from sop_engine.store.database import looking
from sop_engine.store.epochs import InFiles
from sop_engine.store.sealing import VaultLocked, unseal
from sop_engine.store.vault import Secret
from tests.support import files
from tests.support.postgres import fresh_database, programs
from tests.support.world import World

DESK = "wcsc-kathmandu"
NAME, PHONE, STORY, DRAFT, PURPOSE, NOTE = (
    "Phulmaya Kanari Lamahi", "9801234567", "She walked from the brick kiln at night.",
    "Half a sentence about her uncle", "For the hearing of the second of Magh.",
    "Her aunt Bishnumati telephoned from Surkhet.",
)  # fmt: skip
SAID = (NAME, "Phulmaya", PHONE, STORY, DRAFT, PURPOSE, NOTE)


@dataclass
class Told:
    """A closed case in which everything was said that can be."""

    world: World
    case: str

    @property
    def number(self) -> str:
        return self.world.play.case(self.case).number

    def worker(self, agency: str = DESK) -> cmd.Actor:
        return actor_of(self.world.play.cast.worker(agency))

    def lead(self, agency: str = DESK) -> cmd.Actor:
        return actor_of(self.world.play.cast.lead(agency))

    def ask(self, because: str = "wish", reason: str = "She came to the desk.", **more: Any) -> Done | Refusal:
        command = cmd.Erase(id=new_id(), actor=more.get("actor", self.worker()), because=because)
        return send(self.world.inst, more.get("case", self.case), command, {"reason": reason} if reason else None)

    def sign(self, actor: cmd.Actor | None = None) -> Done | Refusal:
        return send(self.world.inst, self.case, cmd.Sign(id=new_id(), actor=actor or self.lead()))


@pytest.fixture
def told(world: World) -> Told:
    return a_case(world)


def a_case(world: World) -> Told:
    play = world.play
    case = play.open("identification", "report", DESK, person_name=NAME, contact_phone=PHONE, place_found="NP0327")
    play.record(case, "register")
    play.attach(case, "register", "anonymity_request", f"{NAME}.jpg", files.photograph())
    account, number = play.cast.worker(DESK), play.case(case).number
    assert keep_draft(world.inst, account, number, "register", {"person_name": [DRAFT]}, 1) is not None
    note = cmd.Note(id=new_id(), actor=actor_of(account), to=[])
    play.send(case, note, {"note": f"{NOTE} {STORY}"})
    recorded_everywhere(world.inst, account, number, PURPOSE)
    play.finish(case)
    play.go(case, "unfounded")
    assert play.case(case).status == "closed"
    run_once(world.inst)
    return Told(world, case)


def answered(answer: Done | Refusal) -> Done:
    assert isinstance(answer, Done), answer
    return answer


def codes(answer: Done | Refusal) -> set[str]:
    assert isinstance(answer, Refusal), answer
    return {lack.code for lack in answer.unmet} or {answer.code}


def bytes_on_disk(world: World) -> Iterator[bytes]:
    """Every file of the installation, and every table of the database as it is dumped."""
    for place in world.settings.home.rglob("*"):
        if place.is_file():
            yield place.read_bytes()
    with looking(world.inst.engine) as connection:
        for table in tables.metadata.tables.values():
            for row in connection.execute(select(table)):
                for value in row:
                    yield value if isinstance(value, bytes) else str(value).encode()


def opened_values(world: World, subject: str) -> int:
    """How many closed values of a person any key of today opens."""
    with looking(world.inst.engine) as connection:
        keys = world.inst.keys.subjects(connection, None)
        rows = connection.execute(select(tables.vault).where(tables.vault.c.subject == subject)).all()
    return len(rows) + (subject in keys)


def test_two_people_erase_and_nothing_that_was_said_is_left(told: Told) -> None:
    world, subject = told.world, told.world.play.case(told.case).subject
    file = next(iter(world.play.case(told.case).steps["register"].files)).file.id
    assert opened_values(world, subject) > 5
    assert list(world.inst.documents.glob(f"*/{file}"))
    account = world.play.cast.worker(DESK)
    assert found(world, NAME) == [told.number]
    answered(told.ask())
    assert opened_values(world, subject) > 5, "one person alone erases nothing"
    answered(told.sign())
    assert opened_values(world, subject) == 0
    assert not list(world.inst.documents.glob(f"*/{file}"))
    assert found(world, NAME) == []
    with looking(world.inst.engine) as connection:
        assert connection.execute(select(tables.draft)).all() == []
        assert {row.purpose for row in connection.execute(select(tables.reading))} == {None}
        assert connection.execute(select(tables.outbox)).all() == []
    for content in bytes_on_disk(world):
        for word in SAID:
            assert word.encode() not in content
    assert auditing.verify(world.inst).problems == []
    assert upkeep.rebuild(world.inst, check=True).problems == []
    run_once(world.inst)
    proof = certificate(world.inst, account, told.number)
    assert proof is not None
    assert (proof.asked_by, proof.signed_by) == (account.shown_as, world.play.cast.lead(DESK).shown_as)
    assert (proof.position is not None, proof.gone) == (True, None)


def test_no_sealed_byte_of_hers_is_left_in_the_files_of_sqlite(sqlite_world: World) -> None:
    told = a_case(sqlite_world)
    subject = sqlite_world.play.case(told.case).subject
    with looking(sqlite_world.inst.engine) as connection:
        which = tables.vault.c.subject == subject
        sealed = [bytes(row.sealed) for row in connection.execute(select(tables.vault).where(which))]
        sealed += [
            bytes(row.wrapped) for row in connection.execute(select(tables.subject_key)) if row.subject == subject
        ]
        sealed += [bytes(row.sealed) for row in connection.execute(select(tables.draft))]
        sealed += [bytes(row.purpose) for row in connection.execute(select(tables.reading)) if row.purpose]
    assert len(sealed) > 8
    answered(told.ask())
    answered(told.sign())
    whole = b"".join(place.read_bytes() for place in sqlite_world.settings.home.rglob("sop-engine.db*"))
    assert [one for one in sealed if one[12:44] in whole] == []


def test_a_backup_opens_until_the_day_of_the_certificate_and_never_after(sqlite_world: World, tmp_path: Path) -> None:
    world = sqlite_world
    world.inst.epoch_lasts = timedelta(days=3)
    world.clock.now = epochs.of_installation(world.inst)[0].begun
    told = a_case(world)
    subject, backup = world.play.case(told.case).subject, tmp_path / "backup"
    copying.copy_out(world.inst, backup)
    answered(told.ask())
    answered(told.sign())
    erased = world.play.case(told.case).erased
    assert erased is not None
    epochs.keep_copies(world.inst)
    while world.clock.now < erased.gone_by - timedelta(days=1, hours=6):
        assert readable(backup, world, subject) > 5, "who has a backup and the key of its time reads it until then"
        world.clock.wait(hours=6)
        run_once(world.inst)
        epochs.keep_copies(world.inst)
    world.clock.now = erased.gone_by
    run_once(world.inst)
    assert readable(backup, world, subject) == 0
    proof = certificate(world.inst, world.play.cast.worker(DESK), told.number)
    assert proof is not None
    assert proof.gone is not None
    assert proof.gone <= erased.gone_by


def readable(backup: Path, world: World, subject: str) -> int:
    """How many of her values a thief reads who has a backup, every key file of today and every key of an agency."""
    database = sqlite3.connect(backup / "sop-engine.db")
    outer = []
    for place in Path(world.settings.keys).glob("*.key"):
        outer.append((int(place.stem.removeprefix("epoch-")), InFiles(Path(world.settings.keys), None)))
    agencies = []
    with looking(world.inst.engine) as connection:
        rows = [(row.agency, row.epoch, row.wrapped) for row in connection.execute(select(tables.agency_key))]
    rows += database.execute("select agency, epoch, wrapped from agency_key").fetchall()
    for (agency, epoch, wrapped), (number, source) in itertools.product(rows, outer):
        agencies += opens(source.get(number), wrapped, f"agency/{agency}/{epoch}")
    found = 0
    kept = database.execute("select agency, epoch, wrapped from subject_key where subject = ?", (subject,)).fetchall()
    for (agency, epoch, wrapped), key in itertools.product(kept, agencies):
        for own in opens(key, wrapped, f"subject/{subject}/{agency}/{epoch}"):
            for case, seq, field, sealed in database.execute(
                "select case_id, seq, field, sealed from vault where subject = ?", (subject,)
            ):
                found += len(opens(own, sealed, f"vault/{subject}/{case}/{seq}/{field}"))
    database.close()
    return found


def found(world: World, name: str) -> list[str]:
    """The numbers of the cases that the desk finds by a name."""
    hits = finding.search(world.inst, world.play.cast.worker(DESK), finding.asked_by(name), finding.Filters())
    return [hit.number for hit in hits.hits]


def opens(key: bytes, sealed: bytes, bound_to: str) -> list[bytes]:
    try:
        return [unseal(key, sealed, bound_to)]
    except VaultLocked:
        return []


def test_what_stands_against_it_is_told_all_at_once(told: Told) -> None:
    world = told.world
    assert codes(told.ask("time")) == {"not_over"}
    assert codes(told.ask("whim")) == {"reason_unknown"}
    assert codes(told.ask("wish", reason="")) == {"reason_missing"}
    opening = world.play.open("identification", "report", DESK, place_found="NP0327")
    assert codes(told.ask("time", case=opening)) == {"not_closed", "not_over"}
    hold = cmd.HoldForLaw(id=new_id(), actor=told.worker())
    answered(send(world.inst, told.case, hold, {"reason": "The district court asked for it."}))
    assert codes(told.ask("time")) == {"not_over", "legal_hold"}
    assert codes(told.ask("wish")) == {"legal_hold"}


def test_who_asks_does_not_sign_and_no_other_agency_decides(told: Told) -> None:
    lead = told.lead()
    answered(told.ask(actor=lead))
    assert codes(told.sign(lead)) == {"same_person"}
    assert codes(told.ask()) == {"proposed"}
    assert told.world.play.case(told.case).erased is None


def test_a_legal_hold_that_comes_between_stops_the_second_signature(told: Told) -> None:
    answered(told.ask())
    hold = cmd.HoldForLaw(id=new_id(), actor=told.worker())
    answered(send(told.world.inst, told.case, hold, {"reason": "A letter of the court came."}))
    assert codes(told.sign()) == {"nothing_proposed"}
    assert codes(told.ask()) == {"legal_hold"}
    by_officer = cmd.LetGo(id=new_id(), actor=told.worker(), of=DESK)
    assert codes(send(told.world.inst, told.case, by_officer, {"reason": "The judgment is final."})) == {"not_yours"}
    let_go = cmd.LetGo(id=new_id(), actor=told.lead(), of=DESK)
    assert codes(send(told.world.inst, told.case, let_go)) == {"reason_missing"}
    answered(send(told.world.inst, told.case, let_go, {"reason": "The judgment is final."}))
    assert codes(told.sign()) == {"nothing_proposed"}, "what was asked before the hold is asked anew"
    answered(told.ask())
    answered(told.sign())


def test_nothing_more_is_done_in_an_erased_case(told: Told) -> None:
    answered(told.ask())
    answered(told.sign())
    for command in (
        cmd.Note(id=new_id(), actor=told.worker(), to=[]), cmd.Reopen(id=new_id(), actor=told.worker(), reason="error"),
        cmd.HoldForLaw(id=new_id(), actor=told.worker()), cmd.Erase(id=new_id(), actor=told.worker(), because="wish"),
    ):  # fmt: skip
        assert codes(send(told.world.inst, told.case, command, {"reason": "x"})) == {"erased"}


def test_the_program_proposes_once_the_time_of_the_procedure_is_over(told: Told) -> None:
    world = told.world
    case = world.play.case(told.case)
    ends = over_at(world.play.ground(case), case)
    assert ends is not None
    assert case.closed is not None
    assert ends - case.closed < timedelta(days=732), "no ground for a case: two years"
    world.clock.now = ends - timedelta(minutes=1)
    run_once(world.inst)
    assert world.play.case(told.case).retention_over is None
    world.clock.now = ends + timedelta(minutes=1)
    run_once(world.inst)
    assert world.play.case(told.case).retention_over is not None
    with looking(world.inst.engine) as connection:
        (item,) = connection.execute(select(tables.item).where(tables.item.c.kind == "erasure")).all()
    assert (item.agency, item.role) == (DESK, "supervisor")
    answered(told.ask("time", reason=""))
    answered(told.sign())
    assert world.play.case(told.case).erased is not None


def test_her_other_cases_are_erased_with_it_and_an_open_one_stands_against_it(world: World) -> None:
    told = a_case(world)
    subject = world.play.case(told.case).subject
    other = another(world, subject)
    assert codes(told.ask()) == {"other_open"}
    world.play.finish(other)
    world.play.go(other, "unfounded")
    hold = cmd.HoldForLaw(id=new_id(), actor=told.worker())
    answered(send(world.inst, other, hold, {"reason": "The court."}))
    assert codes(told.ask()) == {"other_held"}
    answered(send(world.inst, other, cmd.LetGo(id=new_id(), actor=told.lead(), of=DESK), {"reason": "Over."}))
    answered(told.ask())
    answered(told.sign())
    assert opened_values(world, subject) == 0
    erased = world.play.case(other).erased
    assert erased is not None
    assert erased.because == "together"
    assert auditing.verify(world.inst).problems == []


def another(world: World, subject: str) -> str:
    """A second case of the same person."""
    case = secrets.token_hex(16)
    actor = actor_of(world.play.cast.worker(DESK))
    command = cmd.Open(
        id=new_id(), actor=actor, case=case, number=new_number(), entry="report", subject=subject, values={},
    )  # fmt: skip
    with world.inst.writing() as connection:
        version = procedures.current(connection)["identification"]
        answer = open_in(world.inst, connection, version, command, {"person_name": Secret.of(NAME)}, world.inst.clock())
    assert isinstance(answer, Done), answer
    return case


def test_a_key_that_is_gone_without_an_erasure_is_found_by_the_audit(told: Told) -> None:
    world, subject = told.world, told.world.play.case(told.case).subject
    with world.inst.writing() as connection:
        connection.execute(tables.subject_key.delete().where(tables.subject_key.c.subject == subject))
    (problem,) = auditing.verify(world.inst).problems
    assert "no event tells of an erasure" in problem


def test_a_crash_before_the_files_are_gone_is_made_good_by_the_worker(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = told.world
    answered(told.ask())
    act(world.inst, told.case, cmd.Sign(id=new_id(), actor=told.lead()))
    assert any(place.is_file() for place in world.inst.documents.rglob("*"))
    run_once(world.inst)
    assert not any(place.is_file() for place in world.inst.documents.rglob("*"))


def test_for_a_child_the_years_count_from_majority(sqlite_world: World) -> None:
    world = sqlite_world
    case = world.play.open("identification", "report", DESK, place_found="NP0327", birth_date="2012-05-01")
    found = world.play.case(case)
    closed = found.opened
    child = ended(found, closed, {"is_child": "yes"})
    ground = world.play.ground(found)
    adult = ended(found, closed, {"is_child": "no"})
    grown = ended(found, closed, {"is_child": "no"}, of_age=closed + timedelta(days=1500))
    ends = [over_at(ground, one) for one in (adult, grown, child)]
    assert all(ends)
    assert [round((end - closed).days / 365.25, 1) for end in ends if end] == [10.0, 14.1, 28.0]


def ended(case: Any, closed: Any, values: dict[str, str], **more: Any) -> Any:
    return replace(
        case, status="closed", closed=closed, outcome="referred_return", values={**case.values, **values},
        former={DESK: closed}, holder=None, **more,
    )  # fmt: skip


def test_what_an_older_copy_brings_back_is_erased_again(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{programs()}{os.pathsep}{os.environ['PATH']}")
    told = a_case(world)
    subject = world.play.case(told.case).subject
    copying.copy_out(world.inst, tmp_path / "backup")
    answered(told.ask())
    answered(told.sign())
    machine = tmp_path / "machine"
    (machine / "audit").mkdir(parents=True)
    shutil.copytree(world.settings.keys, machine / "keys")
    for name in ("log.key", "erased"):
        shutil.copy(world.inst.audit / name, machine / "audit" / name)
    postgresql = {"SOP_ENGINE_DATABASE": fresh_database()} if world.inst.engine.dialect.name == "postgresql" else {}
    settings = load_settings(machine, postgresql)
    put_back(settings, tmp_path / "backup")
    inst = installation(settings, world.clock)
    there = dataclasses.replace(world, settings=settings, inst=inst)
    assert opened_values(there, subject) == 0
    assert not any(place.is_file() for place in inst.documents.rglob("*"))
    assert auditing.verify(inst).problems == []
