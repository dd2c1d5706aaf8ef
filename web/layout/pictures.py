"""A text as a QR code, drawn into the page itself."""

import segno
from markupsafe import Markup


def qr_code(text: str) -> Markup:
    """A QR code as SVG, dark on white; the page gives it a name for those who do not see it."""
    code = segno.make(text, micro=False, error="m")
    return Markup(code.svg_inline(scale=4, border=3, light="#fff", svgclass="qr", lineclass=None))  # noqa: S704 # nosec B704
