"""Photographs: drawn anew, so that the place, the time, the device and every comment stay behind."""

import io

from PIL import Image, ImageOps, UnidentifiedImageError

from sop_engine.services.uploads.kinds import HEIC, JPEG, PNG
from sop_engine.services.uploads.refused import Refused

MOST_PIXELS = 40_000_000
LONGEST = 2_400
LOOK = 900
_QUALITY = {JPEG: 88, "look": 80}
_FORMATS = {JPEG: ["JPEG", "MPO"], PNG: ["PNG"], HEIC: ["HEIF"]}
_DRAWN = {"L", "RGB", "RGBA", "LA"}


def redrawn(data: bytes, media: str) -> tuple[str, bytes]:
    """A picture without anything but its pixels, at most LONGEST on its long side: what it is now, and its bytes."""
    picture = _drawn(data, media, LONGEST)
    if media == PNG:
        return PNG, _written(picture, "PNG", optimize=True)
    return JPEG, _written(picture.convert("RGB"), "JPEG", quality=_QUALITY[JPEG], optimize=True)


def look(data: bytes, media: str) -> bytes:
    """A small JPEG of a stored picture."""
    return as_look(_drawn(data, media, LOOK))


def as_look(picture: Image.Image) -> bytes:
    ground = Image.new("RGB", picture.size, "white")
    ground.paste(picture, mask=picture.getchannel("A") if "A" in picture.getbands() else None)
    return _written(ground, "JPEG", quality=_QUALITY["look"])


def _drawn(data: bytes, media: str, longest: int) -> Image.Image:
    """The pixels, turned as the camera said, in a new picture that has nothing else."""
    try:
        with _opened(data, media) as found:
            if found.width * found.height > MOST_PIXELS:
                raise Refused("pixels")
            found.draft("RGB", (longest, longest))
            found.load()
            turned = ImageOps.exif_transpose(found)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, IndexError, EOFError):
        raise Refused("broken") from None
    if turned.mode not in _DRAWN:
        turned = turned.convert("RGBA" if "transparency" in turned.info or turned.mode == "PA" else "RGB")
    turned.thumbnail((longest, longest))
    new = Image.new(turned.mode, turned.size)
    new.paste(turned)
    return new


def _opened(data: bytes, media: str) -> Image.Image:
    if media == HEIC:
        try:
            from pillow_heif import register_heif_opener
        except ImportError:
            raise Refused("heic") from None
        register_heif_opener(thumbnails=False)
    Image.MAX_IMAGE_PIXELS = None  # the limit is ours, and is asked before anything is drawn
    return Image.open(io.BytesIO(data), formats=_FORMATS[media])


def _written(picture: Image.Image, format_: str, **how: int | bool) -> bytes:
    out = io.BytesIO()
    picture.save(out, format_, **how)
    return out.getvalue()
