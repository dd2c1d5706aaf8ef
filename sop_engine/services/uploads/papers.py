"""PDF: the pages alone are copied, so that scripts, actions, attachments, forms and metadata stay behind."""

import io

import pikepdf
import pypdfium2

from sop_engine.services.uploads.bare import bare_jpeg
from sop_engine.services.uploads.kinds import MOST_LOOKED_AT
from sop_engine.services.uploads.pictures import as_look
from sop_engine.services.uploads.refused import Refused

MOST_PAGES = 500
LOOK = 1_300
# What draws a page. A form's fields and what was written onto the page are made part of it before.
_DRAWING = frozenset(
    {"/Type", "/Parent", "/Resources", "/MediaBox", "/CropBox", "/Contents", "/Rotate", "/Group", "/UserUnit"}
)
_TOLD = ("/Metadata", "/PieceInfo", "/AF", "/OPI", "/LastModified", "/StructParent", "/StructParents")


def copied(data: bytes) -> bytes:
    """A PDF with the same pages and nothing besides; raises Refused."""
    try:
        with pikepdf.open(io.BytesIO(data)) as old, pikepdf.new() as new:
            if old.is_encrypted:
                raise Refused("encrypted")
            if not 0 < len(old.pages) <= MOST_PAGES:
                raise Refused("pages")
            old.generate_appearance_streams()
            old.flatten_annotations("all")
            new.pages.extend(old.pages)
            return _written(new)
    except pikepdf.PasswordError:
        raise Refused("encrypted") from None
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, RuntimeError):
        raise Refused("broken") from None


def _written(new: pikepdf.Pdf) -> bytes:
    for page in new.pages:
        for name in set(page.obj.keys()) - _DRAWING:
            del page.obj[name]
    for thing in new.objects:
        if isinstance(thing, pikepdf.Stream):
            _bare(new, thing)
    out = io.BytesIO()
    new.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


def _bare(new: pikepdf.Pdf, stream: pikepdf.Stream) -> None:
    """Take from a picture or a piece of a page what does not draw, and from a photograph what it tells besides."""
    for name in _TOLD:
        if name in stream:
            del stream[name]
    said = stream.get("/Filter")
    filters = list(said) if isinstance(said, pikepdf.Array) else [said]
    if filters and filters[-1] == pikepdf.Name.DCTDecode:
        packed = pikepdf.Stream(new, stream.read_raw_bytes(), Filter=pikepdf.Array(filters[:-1]))
        stream.write(bare_jpeg(packed.read_bytes()), filter=pikepdf.Name.DCTDecode)


def look(data: bytes, page: int) -> tuple[int, bytes]:
    """How many pages a stored PDF has, and a JPEG of one of them (the first is 1)."""
    try:
        paper = pypdfium2.PdfDocument(data)
        found = paper[min(page, len(paper), MOST_LOOKED_AT) - 1]
        scale = LOOK / max(found.get_width(), found.get_height(), 1)
        return len(paper), as_look(found.render(scale=scale).to_pil())
    except (pypdfium2.PdfiumError, ValueError, IndexError):
        raise Refused("broken") from None
