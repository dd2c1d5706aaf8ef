"""Files as people send them, each with something in it that must not stay: made here, byte by byte where need be.

Every file holds CANARY in what tells of its maker or place, never in what it shows.
"""

import io
import zipfile
import zlib

import pikepdf
from PIL import Image

CANARY = "CANARY-27.7172N-85.3240E"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def picture(width: int = 640, height: int = 480) -> Image.Image:
    """A grey wheel, brighter at its rim."""
    return Image.radial_gradient("L").resize((width, height)).convert("RGB")


def photograph(width: int = 640, height: int = 480, format_: str = "JPEG") -> bytes:
    """A photograph that lies on its side, with maker, place, comment and more."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = CANARY, 6
    exif.get_ifd(0x8825)[1], exif.get_ifd(0x8825)[2] = "N", (27.0, 43.0, 1.9)
    exif.get_ifd(0x8825)[29] = CANARY
    how = {"comment": CANARY.encode()} if format_ == "JPEG" else {}
    return written(picture(width, height), format_, exif=exif, **how)


def written(image: Image.Image, format_: str, **how: object) -> bytes:
    out = io.BytesIO()
    image.save(out, format_, **how)
    return out.getvalue()


def drawing() -> bytes:
    """A PNG with a text chunk and EXIF."""
    from PIL.PngImagePlugin import PngInfo

    told = PngInfo()
    told.add_text("Author", CANARY)
    exif = Image.Exif()
    exif[0x010F] = CANARY
    return written(picture(), "PNG", pnginfo=told, exif=exif)


def paper(pages: int = 2, password: str = "") -> bytes:
    """A PDF with a photograph on its first page, a script, an attachment, metadata, a link, and a field filled in."""
    pdf, out = pikepdf.new(), io.BytesIO()
    # As some scanners write it: packed a second time.
    packed = zlib.compress(photograph()) if pages > 1 else photograph()
    filters = [pikepdf.Name.FlateDecode] * (pages > 1) + [pikepdf.Name.DCTDecode]
    for _ in range(pages):
        pdf.add_blank_page(page_size=(300, 400))
    shown = pikepdf.Stream(pdf, packed)
    shown.update({"/Type": pikepdf.Name.XObject, "/Subtype": pikepdf.Name.Image, "/Width": 640, "/Height": 480,
                  "/ColorSpace": pikepdf.Name.DeviceRGB, "/BitsPerComponent": 8,
                  "/Filter": pikepdf.Array(filters)})  # fmt: skip
    first = pdf.pages[0]
    # Names of resources that are also names of what is taken out elsewhere: they must go on drawing.
    first.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(A=shown))
    first.obj.Contents = pikepdf.Stream(pdf, b"q 200 0 0 150 50 200 cm /A Do Q")
    script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=f"app.alert('{CANARY}')")
    pdf.Root.OpenAction = script
    first.obj.AA = pikepdf.Dictionary(O=script)
    first.obj.PieceInfo = pikepdf.Dictionary(Maker=CANARY)
    first.obj.Annots = pikepdf.Array([pdf.make_indirect(_link()), pdf.make_indirect(_stamp(pdf))])
    pdf.attachments["secret.exe"] = pikepdf.AttachedFileSpec(pdf, CANARY.encode(), filename="secret.exe")
    pdf.docinfo["/Author"] = CANARY
    with pdf.open_metadata() as told:
        told["dc:creator"] = [CANARY]
    locked = pikepdf.Encryption(user=password, owner=password) if password else False
    pdf.save(out, encryption=locked, compress_streams=False, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return out.getvalue()


def _link() -> pikepdf.Dictionary:
    return pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 50, 50],
        A=pikepdf.Dictionary(S=pikepdf.Name.URI, URI=f"https://example.org/{CANARY}"),
    )  # fmt: skip


def _stamp(pdf: pikepdf.Pdf) -> pikepdf.Dictionary:
    """A black stamp that was put onto the page."""
    look = pikepdf.Stream(pdf, b"0 0 0 rg 0 0 40 40 re f")
    look.update({"/Type": pikepdf.Name.XObject, "/Subtype": pikepdf.Name.Form, "/BBox": [0, 0, 40, 40]})
    return pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Stamp, Rect=[250, 10, 290, 50], F=4, T=CANARY,
        AP=pikepdf.Dictionary(N=look),
    )  # fmt: skip


def letter(**more: bytes) -> bytes:
    """A DOCX with a photograph in it; `more` are further parts, `__` in their names stands for a slash."""
    return _office("word/document.xml", f"{_WORD}.document.main+xml", {"word/media/image1.jpg": photograph(), **more})


def sheet(**more: bytes) -> bytes:
    """An XLSX."""
    return _office("xl/workbook.xml", f"{_SHEET}.sheet.main+xml", more)


def _office(main: str, kind: str, more: dict[str, bytes]) -> bytes:
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/{main}" ContentType="{kind}"/></Types>'
    )
    rels = relations(f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="{main}"/>')
    core = f"<cp:coreProperties><creator>{CANARY}</creator></cp:coreProperties>".encode()
    parts = {"[Content_Types].xml": types.encode(), "_rels/.rels": rels, main: b"<document>Seen and read</document>",
             "docProps/core.xml": core, "docProps/app.xml": f"<Properties>{CANARY}</Properties>".encode(),
             "docProps/custom.xml": f"<Properties>{CANARY}</Properties>".encode()}  # fmt: skip
    return zipped({**parts, **{name.replace("__", "/"): part for name, part in more.items()}})


def relations(inner: str) -> bytes:
    return f'<Relationships xmlns="{_RELATIONS}">{inner}</Relationships>'.encode()


def zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return out.getvalue()


def box(kind: bytes, inner: bytes) -> bytes:
    return (8 + len(inner)).to_bytes(4, "big") + kind + inner


def recording(film: bool = False) -> bytes:
    """An MP4 with sound, and with pictures where it is a film: place and device in its head, and a track of places."""
    tracks = [b"soun", b"meta"] + ([b"vide"] if film else [])
    told = box(b"udta", box(b"\xa9xyz", CANARY.encode()))
    moov = box(b"moov", box(b"mvhd", bytes(100)) + b"".join(map(_track, tracks)) + told)
    return box(b"ftyp", b"isom\0\0\2\0isommp41") + moov + box(b"mdat", b"sound of rain") + box(b"uuid", CANARY.encode())


def _track(kind: bytes) -> bytes:
    handler = box(b"hdlr", bytes(8) + kind + bytes(12) + (CANARY.encode() if kind == b"meta" else b"") + b"\0")
    return box(b"trak", box(b"mdia", handler))


def sound() -> bytes:
    """An MP3 of two frames, with a tag before and one behind."""
    frame = b"\xff\xfb\x90\x00" + bytes(413)
    text = CANARY.encode()
    tag = b"ID3\x03\0\0" + bytes((0, 0, len(text) >> 7, len(text) & 0x7F)) + text
    return tag + frame + frame + (b"TAG" + text).ljust(128, b"\0")
