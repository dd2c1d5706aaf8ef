"""Pages as PDF. Nothing is fetched: what somebody typed may name a file or an address, and gets neither."""

from collections.abc import Iterable
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import urljoin

from flask import Response, current_app, url_for
from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

BASE = "https://paper.invalid/"
STYLE = "paper.css"
# One at a time, so that several prints together take no more memory than one.
_PRINTING = Lock()


class NotFetched(ValueError):
    """A print asked for something that is neither in it nor its stylesheet."""


class Nothing(URLFetcher):  # type: ignore[misc]
    """Gives a print its own stylesheet and what is written in it (`data:`), and nothing else: no file, no network."""

    def __init__(self, style: str, folder: Path) -> None:
        super().__init__(allowed_protocols={"data"}, allow_redirects=False)
        self.style = style
        self.folder = folder

    def fetch(self, url: str, headers: Any = None) -> Any:
        if url == self.style:
            return URLFetcherResponse(url, (self.folder / STYLE).read_bytes(), {"Content-Type": "text/css"})
        if url.startswith("data:"):
            return super().fetch(url, headers)
        raise NotFetched("a print fetches nothing")


def pdf(pages: Iterable[str]) -> bytes:
    """One PDF of several documents, each with its own page numbers."""
    folder = current_app.blueprints["layout"].static_folder
    fetcher = Nothing(urljoin(BASE, url_for("layout.static", filename=STYLE)), Path(str(folder)))
    with _PRINTING:
        fonts = FontConfiguration()
        documents = [HTML(string=page, base_url=BASE, url_fetcher=fetcher).render(fonts) for page in pages]
        whole = documents[0].copy([page for one in documents for page in one.pages])
        printed: bytes = whole.write_pdf()
    return printed


def answer(content: bytes, name: str) -> Response:
    """A PDF to be kept or printed under a name that tells nothing."""
    response = Response(content, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    return response
