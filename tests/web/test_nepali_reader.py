"""What a Nepali reader sees: her digits and her language on every page, with what is a code left as it is."""

import re
from html.parser import HTMLParser

import pytest

from tests.support.every_page import Opened, furnish
from tests.support.world import World
from tests.web.conftest import Site, enter
from web import create_app

# A run that holds a Latin letter is a code and is typed back as it is: NP-7K3F-92QX, MP4, A1, a version.
RUN = re.compile(r"[A-Za-z0-9_./:@#?&=-]*[0-9][A-Za-z0-9_./:@#?&=-]*")
SAID = ("title", "aria-label", "placeholder", "alt")
UNSEEN = ("script", "style", "textarea")
# What stands in Latin letters for a Nepali reader too, each for its reason.
LATIN = re.compile(
    r"NP-\w{4}-\w{4}|S-\w{4}-\w{4}"  # numbers of cases and sheets
    r"|\b(?=[0-9a-f]*\d)[0-9a-f]{8,12}\b"  # versions
    r"|\b[A-Z]{1,3}-?\d+\b"  # codes of criteria and tokens
    r"|\b(?:BS|AD|PDF|DOCX|XLSX|MP3|M4A|MP4|MB|kB|NGO|kappa|AC2|CID|AHTB|NCRC)\b"  # names of formats, units, agencies
    r"|(?:Officer|Lead|Administrator), \w+(?: \w+)?"  # how people are called
    r"|^(?:ahtb|utis)(?:-lead|-admin)?$"  # with which they sign in
    r"|^n$|^[A-E]$"  # of statistics; grades
    r"|\bEnglish\b|\bShift\b|\bEnter\b|\b[jk]\b"  # the other language, keys
)
TYPED = {
    "0123456789",
    "Both names are hers.", "Maya", "maya",
    "Bring her papers.", "A bed for two nights.", "Her sister telephoned.", "Somebody waits outside.",
}  # fmt: skip


class _Seen(HTMLParser):
    """What is to be read or heard of a page, text by text."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._unseen = 0
        self._other: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unseen += tag in UNSEEN
        self.texts += [value for name, value in attrs if name in SAID and value]

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in UNSEEN

    def handle_data(self, data: str) -> None:
        if not self._unseen and data.strip():
            self.texts.append(" ".join(data.split()))


def seen(page: str) -> list[str]:
    reader = _Seen()
    reader.feed(page)
    return reader.texts


def latin_numbers(page: str) -> list[str]:
    """Texts of a page with a number in Latin digits that is no code."""
    return [
        text
        for text in seen(page)
        if text not in TYPED and any(not re.search(r"[A-Za-z_@#]", run) for run in RUN.findall(text.replace("0–9", "")))
    ]


def english(page: str) -> list[str]:
    """Texts of a page with Latin letters and none of Devanagari that are no codes."""
    return [
        text
        for text in seen(page)
        if text not in TYPED and not re.search(r"[ऀ-ॿ]", text) and re.search(r"[A-Za-z]", LATIN.sub("", text))
    ]


def test_a_latin_number_and_an_english_word_are_noticed() -> None:
    assert latin_numbers("<p>NP-7K3F-92QX: 12 दिन</p><b>A1</b><i title='3'>३</i>") == ["NP-7K3F-92QX: 12 दिन", "3"]
    assert english("<p>NP-7K3F-92QX</p><p>Late</p><p>ढिला PDF</p><script>var late</script>") == ["Late"]


@pytest.fixture
def every(sqlite_world: World) -> tuple[Site, list[Opened]]:
    pages = furnish(sqlite_world)
    return Site(create_app(sqlite_world.inst, sqlite_world.settings), sqlite_world, "", ""), pages


def nepali(site: Site, pages: list[Opened]) -> dict[str, str]:
    """Each page as a Nepali reader has it."""
    clients = {None: site.app.test_client()} | {
        name: enter(site, name) for name in {one.sign_in for one in pages} if name
    }
    for client in clients.values():
        client.set_cookie("language", "ne")
    return {one.name: clients[one.sign_in].get(one.address).text for one in pages}


def test_every_number_of_a_page_is_in_devanagari_digits_and_every_word_is_nepali(
    every: tuple[Site, list[Opened]],
) -> None:
    pages = nepali(*every)
    assert {name: found for name, page in pages.items() if (found := latin_numbers(page))} == {}
    assert {name: found for name, page in pages.items() if (found := english(page))} == {}
