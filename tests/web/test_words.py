"""Every word of the interface is there in Nepali, and the compiled words are those of the text file."""

import subprocess
import sys
from pathlib import Path

from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
WORDS = ROOT / "web" / "translations" / "ne" / "LC_MESSAGES"


def test_every_marked_word_has_its_nepali(tmp_path: Path) -> None:
    extracted = tmp_path / "words.pot"
    extract = [
        "-m",
        "babel.messages.frontend",
        "-q",
        "extract",
        "-F",
        "babel.cfg",
        "-k",
        "lazy_gettext",
        "-o",
        str(extracted),
        ".",
    ]
    subprocess.run([sys.executable, *extract], cwd=ROOT, check=True)
    with extracted.open("rb") as wanted, (WORDS / "messages.po").open("rb") as there:
        marked = {message.id for message in read_po(wanted) if message.id}
        translated = {message.id for message in read_po(there, locale="ne") if message.id and message.string}
    assert marked - translated == set()
    assert translated - marked == set()


def test_the_compiled_words_are_those_of_the_text_file() -> None:
    with (WORDS / "messages.po").open("rb") as text, (WORDS / "messages.mo").open("rb") as compiled:
        said = {message.id: message.string for message in read_po(text, locale="ne") if message.id}
        used = {message.id: message.string for message in read_mo(compiled) if message.id}
    assert said == used
