"""Invented papers, drawn here: a sheet with a heading and some lines, as a photograph of it or as a PDF."""

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT, EDGE = 1_000, 1_400, 90
INK, PAPER = "#1b1f24", "#fbfaf6"


def sheet(heading: str, lines: Sequence[str], format_: str = "JPEG") -> bytes:
    """A sheet that says of itself that it is invented."""
    page = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    pen, big, small = ImageDraw.Draw(page), ImageFont.load_default(44), ImageFont.load_default(28)
    pen.text((EDGE, EDGE), heading, INK, big)
    pen.text((EDGE, EDGE + 64), "Invented, for demonstration only", "#b42318", small)
    for number, line in enumerate(lines):
        top = EDGE + 180 + 70 * number
        pen.text((EDGE, top), line, INK, small)
        pen.line((EDGE, top + 46, WIDTH - EDGE, top + 46), "#d8dde3", 2)
    out = io.BytesIO()
    page.save(out, format_)
    return out.getvalue()
