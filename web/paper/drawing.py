"""WeasyPrint: documents as one PDF. Nothing is fetched: what somebody typed may name a file or an address, in vain."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from web.paper import TooLong

BASE = "https://paper.invalid/"
# A page laid out takes 2.5 MB until the PDF is written, and a tenth of a second.
MOST_PAGES = 150
# To break a word that is longer than its line takes WeasyPrint a time that grows with the square of its length.
UNBROKEN = 24
_LONG_WORD = re.compile(r"(?:&[^;\s<]{1,12};|[^\s<>&]){25,}(?![^<]*>)")
_LETTER = re.compile(r"&[^;\s<]{1,12};|.")


class NotFetched(ValueError):
    """A print asked for something that is neither in it nor its stylesheet."""


class Nothing(URLFetcher):  # type: ignore[misc]
    """Gives a print its own stylesheet and what is written in it (`data:`), and nothing else: no file, no network."""

    def __init__(self, address: str, style: Path) -> None:
        super().__init__(allowed_protocols={"data"}, allow_redirects=False)
        self.address = address
        self.style = style

    def fetch(self, url: str, headers: Any = None) -> Any:
        if url == self.address:
            return URLFetcherResponse(url, self.style.read_bytes(), {"Content-Type": "text/css"})
        if url.startswith("data:"):
            return super().fetch(url, headers)
        raise NotFetched("a print fetches nothing")


def breakable(document: str) -> str:
    """HTML in which a word that nobody could read anyway may be broken at places that are marked in it."""
    return _LONG_WORD.sub(lambda found: _marked(found[0]), document)


def _marked(word: str) -> str:
    """A word with a mark about every `UNBROKEN` letters, never between a letter and what is written on it."""
    made, since = [], 0
    for letter in _LETTER.findall(word):
        if since >= UNBROKEN and (letter[0].isalnum() or letter[0].isascii()):
            made.append("<wbr>")
            since = 0
        made.append(letter)
        since += 1
    return "".join(made)


def drawn(documents: Iterable[str], address: str, style: Path) -> bytes:
    """One PDF of HTML documents, each with its own page numbers; raises TooLong.

    `address` is where they say that their stylesheet is, `style` its file.
    """
    fonts, fetcher = FontConfiguration(), Nothing(BASE + address.lstrip("/"), style)
    made, pages = [], []
    for document in documents:
        made.append(HTML(string=breakable(document), base_url=BASE, url_fetcher=fetcher).render(fonts))
        pages += made[-1].pages
        if len(pages) > MOST_PAGES and len(made) > 1:
            raise TooLong
    whole: bytes = made[0].copy(pages).write_pdf()
    return whole
