"""Files of papers on disk: sealed, bound to their place, told of where they were touched, cleared without an event."""

import errno
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from sop_engine.case.events import StepRecorded
from sop_engine.case.refusal import Refusal
from sop_engine.case.state import MOST_FILES
from sop_engine.demo.stories import bar_rescue
from sop_engine.services import auditing, upkeep
from sop_engine.services import documents as services
from sop_engine.services.documents import Opened, attach_file, opened, sweep
from sop_engine.services.installation import new_id
from sop_engine.services.passing import run_once
from sop_engine.services.recording import record_step
from sop_engine.services.sending import Done, NotFound
from sop_engine.store import documents, vault
from sop_engine.store.database import Unwritable, looking
from sop_engine.store.documents import CHUNK
from sop_engine.store.sealing import VaultLocked
from tests.support import files
from tests.support.world import World

KEY, HERE = bytes(32), "document/she/her case/this file"
ID = "0123456789abcdef" * 2
MARKER = b"Maya Canary of Lamahi"


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A sealed file of two and a half chunks."""
    documents.keep(tmp_path, KEY, HERE, ID, MARKER + bytes(CHUNK * 2 + CHUNK // 2))
    return documents.place_of(tmp_path, ID)


class TestOneFile:
    @pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
    def test_it_comes_back_as_it_went_in(self, tmp_path: Path, size: int) -> None:
        plain = os.urandom(size)
        documents.keep(tmp_path, KEY, HERE, ID, plain)
        assert documents.read(tmp_path, KEY, HERE, ID) == plain

    @pytest.mark.parametrize("place", [0, 5, 12, 100, CHUNK + 28, 2 * (CHUNK + 28), -1])
    def test_one_altered_bit_is_found(self, tmp_path: Path, kept: Path, place: int) -> None:
        whole = bytearray(kept.read_bytes())
        whole[place] ^= 1
        kept.write_bytes(whole)
        self.does_not_open(tmp_path)

    def does_not_open(self, folder: Path) -> None:
        with pytest.raises(VaultLocked):
            documents.read(folder, KEY, HERE, ID)

    @pytest.mark.parametrize("left", [0, 5, CHUNK + 28, 2 * (CHUNK + 28), 2 * (CHUNK + 28) + 30])
    def test_a_file_that_was_cut_off_is_found_also_between_two_chunks(
        self, tmp_path: Path, kept: Path, left: int
    ) -> None:
        kept.write_bytes(kept.read_bytes()[:left])
        self.does_not_open(tmp_path)

    def test_chunks_that_changed_places_are_found(self, tmp_path: Path, kept: Path) -> None:
        whole, step = kept.read_bytes(), CHUNK + 28
        kept.write_bytes(whole[step : 2 * step] + whole[:step] + whole[2 * step :])
        self.does_not_open(tmp_path)

    def test_a_chunk_that_was_added_is_found(self, tmp_path: Path, kept: Path) -> None:
        whole = kept.read_bytes()
        kept.write_bytes(whole + whole[: CHUNK + 28])
        self.does_not_open(tmp_path)

    def test_a_file_in_the_place_of_another_is_found(self, tmp_path: Path, kept: Path) -> None:
        with pytest.raises(VaultLocked):
            documents.read(tmp_path, KEY, "document/she/her case/another file", ID)
        with pytest.raises(VaultLocked):
            documents.read(tmp_path, bytes(31) + b"1", HERE, ID)

    def test_folder_and_file_are_the_owner_s_alone(self, tmp_path: Path) -> None:
        folder = tmp_path / "new" / "documents"
        documents.keep(folder, KEY, HERE, ID, MARKER)
        assert [place.stat().st_mode & 0o777 for place in (folder, folder / ID[:2], folder / ID[:2] / ID)] == [
            0o700, 0o700, 0o600,
        ]  # fmt: skip

    def test_on_a_full_disk_nothing_is_left_and_it_is_told_as_such(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(handle: int) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(Unwritable):
            documents.keep(tmp_path, KEY, HERE, ID, MARKER)
        assert [one for one in tmp_path.rglob("*") if one.is_file()] == []

    @pytest.mark.parametrize("name", ["", "..", "../" + "a" * 29, ID[:-1], ID + "0", ID[:-1] + "G", ID[:-1] + "\0"])
    def test_nothing_but_an_id_is_ever_a_name_on_disk(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(ValueError, match="no id"):
            documents.place_of(tmp_path, name)


@pytest.fixture
def operation(world: World) -> str:
    return bar_rescue.tip_off(world.play)


def sent(world: World, operation: str, data: bytes, command: str = "", name: str = "list.pdf") -> Done | Refusal:
    account, number = world.play.cast.worker("ahtb"), world.play.case(operation).number
    return attach_file(world.inst, account, number, "things", "seizure_list", name, data, command or new_id())


def stored(world: World) -> list[Path]:
    return sorted(place for place in world.settings.documents.rglob("*") if place.is_file())


def read(world: World, operation: str) -> bytes:
    case = world.play.case(operation)
    found = opened(world.inst, world.play.cast.worker("ahtb"), case.number, case.steps["things"].files[-1].file.id)
    assert isinstance(found, Opened)
    return found.data


def marked() -> bytes:
    """A sound file that shows the marker in clear, as a PDF or a picture would not."""
    frame = b"\xff\xfb\x90\x00" + MARKER.ljust(413, b".")
    return frame * 300


def power_cut(*_: object) -> None:
    raise KeyboardInterrupt


class TestFilesOfACase:
    def test_a_file_comes_back_and_verifies(self, world: World, operation: str) -> None:
        assert isinstance(sent(world, operation, marked()), Done)
        assert read(world, operation) == marked()
        assert auditing.verify(world.inst).problems == []
        assert upkeep.rebuild(world.inst, check=True).problems == []

    def test_nothing_of_it_lies_in_clear_anywhere(
        self, world: World, operation: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        spare = tmp_path / "spare"
        spare.mkdir()
        monkeypatch.setattr(tempfile, "tempdir", str(spare))
        assert isinstance(sent(world, operation, marked(), name=f"{MARKER.decode()}.mp3"), Done)
        assert read(world, operation) == marked()
        assert list(spare.iterdir()) == []
        everything = [place for place in tmp_path.rglob("*") if place.is_file()]
        assert stored(world)[0] in everything
        for place in everything:
            assert MARKER not in place.read_bytes(), place

    def test_sent_twice_it_is_kept_once(self, world: World, operation: str) -> None:
        command = new_id()
        first, second = (sent(world, operation, marked(), command) for _ in range(2))
        assert isinstance(first, Done)
        assert isinstance(second, Done)
        assert second.events == ()
        assert len(stored(world)) == len(world.play.case(operation).steps["things"].files) == 1

    def test_sent_by_four_clicks_at_once_it_is_kept_once(self, world: World, operation: str) -> None:
        command = new_id()
        with ThreadPoolExecutor(4) as clicks:
            answers = list(clicks.map(lambda _: sent(world, operation, marked(), command), range(4)))
        assert all(isinstance(answer, Done) for answer in answers)
        assert len(stored(world)) == len(world.play.case(operation).steps["things"].files) == 1
        assert auditing.verify(world.inst).problems == []

    def test_a_later_file_leaves_the_earlier_one(self, world: World, operation: str) -> None:
        for data in (marked(), files.paper(), files.photograph()):
            assert isinstance(sent(world, operation, data), Done)
        kinds = [one.file.media for one in world.play.case(operation).steps["things"].files]
        assert kinds == ["audio/mpeg", "application/pdf", "image/jpeg"]
        world.play.record(operation, "things")
        assert len(world.play.case(operation).steps["things"].files) == 3
        assert auditing.verify(world.inst).problems == []

    def test_a_file_makes_no_open_form_stale_and_a_correction_names_the_record(
        self, world: World, operation: str
    ) -> None:
        world.play.record(operation, "things", things_kept="Two bags")
        seen, account = world.play.case(operation).seq, world.play.cast.worker("ahtb")
        recorded = world.play.case(operation).steps["things"].seq
        sent(world, operation, marked())
        number = world.play.case(operation).number
        raw = {"things_kept": "Three bags"}
        answer = record_step(world.inst, account, number, "things", raw, seen=seen, corrects=True)
        assert isinstance(answer, Done)
        event = answer.events[0].event
        assert isinstance(event, StepRecorded)
        assert event.corrects == recorded
        assert len(answer.case.steps["things"].files) == 1

    def test_what_is_refused_leaves_nothing_on_disk(self, world: World, operation: str) -> None:
        for _ in range(MOST_FILES):
            assert isinstance(sent(world, operation, marked()), Done)
        full = sent(world, operation, marked())
        assert isinstance(full, Refusal)
        assert full.code == "too_many_files"
        assert isinstance(sent(world, operation, b"no file"), Refusal)
        assert len(stored(world)) == MOST_FILES

    def test_verify_tells_of_a_file_that_was_altered_removed_or_exchanged(self, world: World, operation: str) -> None:
        sent(world, operation, marked())
        sent(world, operation, marked() + b"\xff\xfb\x90\x00" + bytes(413))
        first, second = (documents.place_of(world.inst.documents, one.file.id)
                         for one in world.play.case(operation).steps["things"].files)  # fmt: skip
        before = first.read_bytes(), second.read_bytes()
        for what in (before[0][:-1], before[0][:-1] + bytes((before[0][-1] ^ 1,)), before[1]):
            first.write_bytes(what)
            (problem,) = auditing.verify(world.inst).problems
            assert "the file of event" in problem
        first.unlink()
        assert len(auditing.verify(world.inst).problems) == 1
        first.write_bytes(before[0])
        assert auditing.verify(world.inst).problems == []

    def test_verify_tells_of_another_file_that_was_sealed_rightly(self, world: World, operation: str) -> None:
        sent(world, operation, marked())
        case = world.play.case(operation)
        file = case.steps["things"].files[0].file.id
        documents.place_of(world.inst.documents, file).unlink()
        with looking(world.inst.engine) as connection:
            key = world.inst.keys.subject(connection, case.subject)
            assert key is not None
            (closed,) = vault.by_event(connection, key, case.subject, case.id, {services.KEY}).values()
        own = bytes.fromhex(closed[services.KEY])
        documents.keep(world.inst.documents, own, documents.bound(case.subject, case.id, file), file, b"another list")
        assert len(auditing.verify(world.inst).problems) == 1

    def test_a_crash_between_file_and_event_leaves_nothing_half_done(
        self, world: World, operation: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = world.play.case(operation).seq
        with monkeypatch.context() as patch:
            patch.setattr(services, "act_as", power_cut)
            with pytest.raises(KeyboardInterrupt):
                sent(world, operation, marked())
        assert world.play.case(operation).seq == before
        (orphan,) = stored(world)
        begun = orphan.with_name("a.begun")
        begun.write_bytes(b"sealed in part")
        assert isinstance(sent(world, operation, marked()), Done)
        assert sweep(world.inst) == 0
        assert orphan in stored(world)
        for place in stored(world):
            os.utime(place, times=((world.clock() - timedelta(hours=2)).timestamp(),) * 2)
        world.clock.wait(days=1)
        run_once(world.inst)
        assert len(stored(world)) == 1
        assert orphan not in stored(world)
        assert auditing.verify(world.inst).problems == []
        assert read(world, operation) == marked()

    def test_the_name_that_a_file_had_is_kept_closed_and_bounded(self, world: World, operation: str) -> None:
        name = "../../\u202egpj.\0" + "क" * 400
        assert isinstance(sent(world, operation, marked(), name=name), Done)
        assert len(services.as_name(name).encode()) <= 300
        assert services.as_name(name).startswith("../../\u202egpj.\0क")
        assert services.as_name("bad \udcff name") == "bad ? name"
        assert auditing.verify(world.inst).problems == []

    def test_a_file_is_nobody_else_s_whoever_asks(self, world: World, operation: str) -> None:
        sent(world, operation, marked())
        case = world.play.case(operation)
        file = case.steps["things"].files[0].file.id
        person = world.play.case(bar_rescue.persons(world.play, operation)[0][0])
        mine, foreign = world.play.cast.worker("ahtb"), world.play.cast.worker("himal-aashraya")
        for account, number, which in (
            (foreign, case.number, file), (mine, person.number, file), (mine, case.number, new_id()),
            (mine, "NP-2222-2222", file), (mine, case.number, "../keys/epoch-1.key"),
        ):  # fmt: skip
            with pytest.raises(NotFound):
                opened(world.inst, account, number, which)
