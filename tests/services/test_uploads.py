"""What is taken in of a file, and what stays behind: real files of each kind, hostile ones among them."""

import io
import sys
import threading
import zipfile
import zlib

import pikepdf
import pytest
from PIL import Image

from sop_engine.case.refusal import Refusal
from sop_engine.cli.running import THREADS
from sop_engine.services import uploads
from sop_engine.services.uploads import MOST_BYTES, Clean, Look, look, take_in
from sop_engine.services.uploads.kinds import DOCX, HEIC, JPEG, M4A, MP3, MP4, PDF, PNG, XLSX, kind_of
from sop_engine.store.database import Busy
from tests.support import files
from tests.support.files import CANARY


def taken(data: bytes) -> Clean:
    answer = take_in(data)
    assert isinstance(answer, Clean), answer
    return answer


def why(data: bytes) -> str:
    answer = take_in(data)
    assert isinstance(answer, Refusal), "it was taken"
    assert answer.say.in_language("ne") != answer.say.en
    return answer.code.removeprefix("file_")


KINDS = {
    PDF: lambda: files.paper(1), JPEG: files.photograph, PNG: files.drawing, DOCX: files.letter, XLSX: files.sheet,
    MP3: files.sound, M4A: files.recording, MP4: lambda: files.recording(film=True),
}  # fmt: skip


@pytest.mark.parametrize("media", KINDS)
def test_a_file_is_what_its_bytes_say_and_tells_nothing_of_its_maker(media: str) -> None:
    sent = KINDS[media]()
    assert CANARY.encode() in everything(sent)
    kept = taken(sent)
    assert kept.media == media == kind_of(kept.data)
    assert CANARY.encode() not in everything(kept.data)


def everything(data: bytes) -> bytes:
    """The bytes of a file and of all that is packed in it."""
    whole = bytearray(data)
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                whole += archive.read(name)
    if data.startswith(b"%PDF"):
        with pikepdf.open(io.BytesIO(data)) as pdf:
            for thing in pdf.objects:
                whole += repr(thing).encode()
                if isinstance(thing, pikepdf.Stream):
                    whole += unpacked(thing.read_raw_bytes())
    return bytes(whole)


def unpacked(raw: bytes) -> bytes:
    try:
        return raw + zlib.decompress(raw)
    except zlib.error:
        return raw


class TestPictures:
    def test_a_photograph_is_turned_upright_and_made_smaller(self) -> None:
        with Image.open(io.BytesIO(taken(files.photograph(4000, 3000)).data)) as kept:
            assert kept.size == (1800, 2400)
            assert not kept.getexif()
            assert set(kept.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}

    def test_a_heic_photograph_becomes_a_jpeg(self) -> None:
        pillow_heif = pytest.importorskip("pillow_heif")
        pillow_heif.register_heif_opener()
        sent = files.photograph(format_="HEIF")
        assert kind_of(sent) == HEIC
        assert CANARY.encode() in sent
        kept = taken(sent)
        assert kept.media == JPEG
        assert CANARY.encode() not in kept.data

    def test_without_its_reader_heic_is_refused_with_a_sentence(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from sop_engine.services.uploads import pictures
        from sop_engine.services.uploads.refused import Refused

        monkeypatch.setitem(sys.modules, "pillow_heif", None)
        with pytest.raises(Refused) as refused:
            pictures.redrawn(b"\0\0\0\x18ftypheic", HEIC)
        assert refused.value.why == "heic"

    def test_a_picture_with_too_many_pixels_is_refused_before_it_is_drawn(self) -> None:
        bomb = files.written(Image.new("1", (20_000, 20_000)), "PNG")
        assert len(bomb) < 100_000
        assert why(bomb) == "pixels"

    def test_a_picture_that_was_cut_off_is_refused(self) -> None:
        assert why(files.photograph()[:9_000]) == "broken"

    @pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
    def test_every_kind_of_png_is_taken(self, mode: str) -> None:
        image = files.picture().convert("L").convert(mode) if mode != "I;16" else Image.new("I;16", (9, 9))
        assert taken(files.written(image, "PNG")).media == PNG

    def test_a_picture_in_print_colours_is_taken(self) -> None:
        assert taken(files.written(files.picture().convert("CMYK"), "JPEG")).media == JPEG


class TestPapers:
    def test_a_photograph_that_a_scanner_packed_a_second_time_tells_nothing_either(self) -> None:
        sent = files.paper(pages=2)
        assert b"Exif" not in sent
        assert b"Exif" in everything(sent)
        assert b"Exif" not in everything(taken(sent).data)

    def test_pages_stay_and_what_acts_or_tells_goes(self) -> None:
        with pikepdf.open(io.BytesIO(taken(files.paper(pages=3)).data)) as kept:
            assert len(kept.pages) == 3
            assert set(kept.Root.keys()) == {"/Type", "/Pages"}
            assert not kept.docinfo
            assert not any(name in page.obj for page in kept.pages for name in ("/Annots", "/AA", "/PieceInfo"))

    def test_what_is_seen_stays_also_what_was_put_onto_the_page(self) -> None:
        kept = taken(files.paper())
        seen = look(kept.data, PDF)
        assert isinstance(seen, Look)
        with Image.open(io.BytesIO(seen.picture)) as page:
            across, down = page.width / 300, page.height / 400
            stamp = page.getpixel((round(270 * across), round((400 - 30) * down)))
            photograph = page.getpixel((round(150 * across), round((400 - 275) * down)))
            paper = page.getpixel((round(20 * across), round(20 * down)))
        assert max(stamp) < 30
        assert max(photograph) < 60
        assert min(paper) > 240

    def test_a_locked_pdf_is_refused(self) -> None:
        assert why(files.paper(password="known to few")) == "encrypted"

    def test_a_broken_pdf_is_refused(self) -> None:
        assert why(b"%PDF-1.7\nand nothing that follows") == "broken"

    def test_no_page_is_looked_at_behind_the_twentieth(self) -> None:
        kept = taken(files.paper(pages=25)).data
        last, beyond = look(kept, PDF, 20), look(kept, PDF, 21)
        assert isinstance(last, Look)
        assert last.pages == 25
        assert last == beyond


class TestOffice:
    def test_a_letter_keeps_what_it_says_and_its_picture(self) -> None:
        with zipfile.ZipFile(io.BytesIO(taken(files.letter()).data)) as kept:
            assert kept.read("word/document.xml") == b"<document>Seen and read</document>"
            with Image.open(io.BytesIO(kept.read("word/media/image1.jpg"))) as shown:
                shown.load()
                assert shown.size == (640, 480)
            assert kept.infolist()[0].filename == "[Content_Types].xml"
            assert {member.date_time for member in kept.infolist()} == {(1980, 1, 1, 0, 0, 0)}

    @pytest.mark.parametrize(
        "part",
        ["word__vbaProject.bin", "word__embeddings__oleObject1.bin", "word__activeX__activeX1.xml", "..__..__x.xml",
         "xl__macrosheets__sheet1.xml", "word__embeddings__book.xlsx"],
    )  # fmt: skip
    def test_programs_and_other_files_inside_are_refused(self, part: str) -> None:
        assert why(files.letter(**{part: b"anything"})) == "active"

    @pytest.mark.parametrize("hidden", ["", "a>b"])
    def test_a_letter_that_loads_something_from_elsewhere_is_refused(self, hidden: str) -> None:
        kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate"
        inner = f'<Relationship Id="r" Type="{kind}" Target="http://example.org/{hidden}" TargetMode="External"/>'
        assert why(files.letter(word___rels__settings=b"")[:4]) == "broken"
        assert why(files.letter(**{"word___rels__settings.xml.rels": files.relations(inner)})) == "active"

    def test_a_link_that_is_only_followed_is_taken(self) -> None:
        kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"
        inner = f'<Relationship Id="r" Type="{kind}" Target="http://example.org" TargetMode="External"/>'
        assert taken(files.letter(**{"word___rels__document.xml.rels": files.relations(inner)})).media == DOCX

    def test_a_bomb_is_refused_while_it_is_read(self) -> None:
        assert why(files.letter(word__x=bytes(100_000_000))) == "bomb"
        assert why(files.letter(**{f"word__{n}": bytes(900_000) for n in range(80)})) == "bomb"
        assert why(files.letter(**{f"word__{n}": b"" for n in range(2_100)})) == "bomb"

    def test_another_zip_file_is_no_kind_that_is_taken(self) -> None:
        assert why(files.zipped({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"})) == "kind"

    def test_a_letter_with_an_entity_is_refused(self) -> None:
        assert why(files.letter(word__x=b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>')) == "active"

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "iso-8859-1"])
    @pytest.mark.parametrize("name", ["xl__worksheets__sheet1.xml", "xl__worksheets__sheet1.anything"])
    def test_an_entity_is_found_in_whatever_encoding_it_stands(self, name: str, encoding: str) -> None:
        called = "utf-16" if encoding.startswith("utf-16") else encoding
        text = f'<?xml version="1.0" encoding="{called}"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'
        mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
        far = text.replace("<!DOCTYPE", " " * 70_000 + "<!DOCTYPE")
        assert why(files.sheet(**{name: mark + text.encode(encoding)})) == "active"
        assert why(files.sheet(**{name: mark + far.encode(encoding)})) == "active"

    def test_a_part_that_no_parser_reads_or_that_is_nested_without_end_is_refused(self) -> None:
        assert (
            why(files.sheet(**{"xl__a.xml": '<?xml version="1.0" encoding="cp037"?><x/>'.encode("cp037")})) == "broken"
        )
        assert taken(files.sheet(**{"xl__drawings__vmlDrawing1.vml": b"<xml><br><v:shape/></xml>"})).media == XLSX
        assert why(files.sheet(**{"xl__drawings__a.vml": b"<!DOCTYPE x><xml><br></xml>"})) == "active"
        assert why(files.sheet(**{"xl__a.xml": b"<a>" * 300 + b"</a>" * 300})) == "bomb"

    @pytest.mark.parametrize(
        ("name", "part"),
        [("word__footer1.xml", b'<w><instrText> DD</instrText><r/><instrText>EAUTO c:\\x "y"</instrText></w>'),
         ("word__header1.xml", b'<w><fldSimple w_instr="x" instr=" INCLUDEPICTURE http://example.org/x "/></w>'),
         ("word__body2.xml", b'<w><altChunk id="r1"/></w>'),
         ("xl__externalLinks__externalLink1.xml", b'<externalLink><ddeLink ddeService="cmd"/></externalLink>'),
         ("xl__worksheets__sheet2.xml", b"<c><f>cmd|' /C calc'!A0</f></c>"),
         ("xl__worksheets__sheet1.xml", '<c><f>WEBSERVICE("http://example.org")</f></c>'.encode("utf-16"))],
    )  # fmt: skip
    def test_a_code_that_starts_a_program_or_loads_something_is_refused(self, name: str, part: bytes) -> None:
        assert why(files.letter(**{name: part})) == "active"

    def test_a_word_that_only_looks_like_a_code_is_taken(self) -> None:
        words = b"<w><t>DDE, IMPORT, CALL</t><instrText> HYPERLINK PAGE </instrText><f>SUM(Call!A1:A9)</f></w>"
        assert taken(files.letter(**{"word__footer1.xml": words})).media == DOCX


class TestRecordings:
    def test_a_film_keeps_its_length_its_tracks_and_its_sound(self) -> None:
        sent = files.recording(film=True)
        kept = taken(sent).data
        assert len(kept) == len(sent)
        assert b"sound of rain" in kept
        assert kept.count(b"trak") == 2
        assert sent.count(b"trak") == 3

    def test_a_sound_begins_with_its_first_frame(self) -> None:
        assert taken(files.sound()).data == (b"\xff\xfb\x90\x00" + bytes(413)) * 2


@pytest.mark.parametrize(
    "sent",
    [b"Name,Age\nX,17\n", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a", b"MZ\x90", b"\xff\xfb\x90\x00"],
)
def test_everything_else_is_refused_whatever_it_is_called(sent: bytes) -> None:
    assert why(sent) == "kind"


def test_empty_and_too_large_files_are_refused_with_a_sentence() -> None:
    assert why(b"") == "empty"
    assert why(b"%PDF-" + bytes(MOST_BYTES)) == "large"


def test_whoever_opens_a_file_can_write_none(tmp_path: object) -> None:
    import subprocess

    program = (
        "from sop_engine.services.uploads.apart import _limit\n_limit()\n"
        f"open({str(tmp_path) + '/leak'!r}, 'wb', buffering=0).write(b'x')"
    )
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, check=False, env={})
    assert b"File too large" in done.stderr


def test_what_takes_too_long_is_refused_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "PATIENCE", 0.001)
    assert why(files.photograph()) == "broken"


def test_files_take_no_more_than_half_of_the_threads_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever comes when as many wait is told to try again, and nobody who writes is held up."""
    places = 2 * uploads.AT_ONCE
    assert places <= THREADS // 2
    monkeypatch.setattr(uploads, "_waiting", threading.BoundedSemaphore(places))
    for _ in range(places):
        uploads._waiting.acquire()
    with pytest.raises(Busy):
        uploads.take_in(files.paper())
    uploads._waiting.release()
    assert isinstance(uploads.take_in(files.paper()), uploads.Clean)
