"""Bring the Nepali catalogue up to date with the words that the interface marks, and say which have no Nepali yet.

`python tools/words.py [SOURCE ...]`: a source is a catalogue (`.po`), a file of pairs (`.json`: English to Nepali),
or a revision of the repository whose catalogue knows more words, as after a merge. Later sources win;
of a revision only what it changed since it parted from ours.
"""

import json
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
WORDS = "web/translations/ne/LC_MESSAGES/messages.po"
HEAD = "# The words of the web application in Nepali: a draft that a Nepali reader must check."
VOLATILE = (
    '"Project-Id',
    '"Report-',
    '"POT-',
    '"PO-',
    '"Last-',
    '"Language-Team',
    '"MIME',
    '"Content-Transfer',
    '"Generated-By',
)
EXTRACT = ("-m", "babel.messages.frontend", "-q", "extract", "-F", "babel.cfg", "-k", "lazy_gettext")


def marked() -> Catalog:
    """Every word that a page or a view marks, with the place where it stands."""
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder) / "words.pot"
        subprocess.run([sys.executable, *EXTRACT, "-o", str(found), "."], cwd=ROOT, check=True)
        return read_po(BytesIO(found.read_bytes()))


def known(source: str) -> dict[Any, Any]:
    """The Nepali that a source knows."""
    if source.endswith(".json"):
        pairs: dict[Any, Any] = json.loads(Path(source).read_text("utf-8"))
        return pairs
    if source.endswith(".po"):
        data = Path(source).read_bytes()
    else:
        data = subprocess.run(["git", "show", f"{source}:{WORDS}"], cwd=ROOT, check=True, capture_output=True).stdout  # noqa: S607
    return {message.id: message.string for message in read_po(BytesIO(data), locale="ne") if message.id}


def _text_of(catalogue: Catalog) -> str:
    """A catalogue as text, without dates and versions: what stands in it changes only with the words."""
    out = BytesIO()
    write_po(out, catalogue, width=120, sort_output=True, no_location=True)
    return "".join(line for line in out.getvalue().decode().splitlines(keepends=True) if not line.startswith(VOLATILE))


def changed(source: str) -> dict[Any, Any]:
    """The Nepali that a source brings: of a revision what it changed, or what is new in it."""
    if source.endswith((".json", ".po")):
        return known(source)
    parted = subprocess.run(["git", "merge-base", "HEAD", source], cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S607
    before = known(parted.stdout.strip())
    return {word: nepali for word, nepali in known(source).items() if before.get(word) != nepali}


def main(sources: list[str]) -> int:
    """Write `messages.po` and `messages.mo` anew; 1 where a word has no Nepali."""
    said: dict[Any, Any] = {}
    for source in [str(ROOT / WORDS), *sources]:
        said |= {word: nepali for word, nepali in changed(source).items() if nepali}
    # One date for ever: the compiled words change only with the words.
    day = datetime(2026, 1, 1, tzinfo=UTC)
    whole = Catalog(locale="ne", header_comment=HEAD, fuzzy=False, creation_date=day, revision_date=day)
    for message in marked():
        if message.id:
            whole.add(message.id, said.get(message.id, ""), flags=message.flags - {"fuzzy"})
    missing = [message.id for message in whole if message.id and not message.string]
    with (ROOT / WORDS).open("wb") as text, (ROOT / WORDS).with_suffix(".mo").open("wb") as compiled:
        text.write(_text_of(whole).encode())
        write_mo(compiled, whole)
    for word in missing:
        print(word)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
