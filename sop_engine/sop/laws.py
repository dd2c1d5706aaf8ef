"""The instruments that SOPs cite: titles of laws and guidelines, read from a file beside the SOPs. Knows no SOP."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import yaml

from sop_engine.sop.language import Text
from sop_engine.sop.loading import workflows

FILE = "law/instruments.yaml"
# What a numbered part of an instrument is called; of any other kind it is a paragraph.
NUMBERED = {
    "treaty": Text("article", "धारा"),
    "act": Text("section", "दफा"),
    "rules": Text("rule", "नियम"),
}
OTHER = Text("paragraph", "अनुच्छेद")


@dataclass(frozen=True, slots=True)
class Instrument:
    """One law or guideline; `numbered` is what its numbered parts are called."""

    title: Text
    numbered: Text


@cache
def instruments() -> Mapping[str, Instrument]:
    """Every instrument of the program by its code; none where the file is not there."""
    file = workflows() / FILE
    if not file.is_file():
        return {}
    said = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CBaseLoader)  # noqa: S506 - makes nothing but text  # nosec B506
    return {
        code: Instrument(Text(one["title"]["en"], one["title"].get("ne")), _numbered(code, one["kind"]))
        for code, one in said["instruments"].items()
    }


def _numbered(code: str, kind: str) -> Text:
    """A constitution is kept among the acts, and its parts are called articles."""
    return NUMBERED["treaty"] if code.startswith("constitution") else NUMBERED.get(kind, OTHER)


def cited(reference: str, language: str) -> str:
    """An instrument with its article, in words: `children-act-2075/49(2)`; one that is not known as it is written."""
    code, _, article = reference.partition("/")
    known = instruments().get(code)
    if known is None:
        return reference
    title = known.title.in_language(language)
    if not article:
        return title
    if not article[0].isdigit() and not article.isupper():
        return f"{title} ({article.replace('-', ' ')})"
    return f"{title}, {known.numbered.in_language(language)} {article}"
