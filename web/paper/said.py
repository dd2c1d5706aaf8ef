"""The words of a sheet in one language or in two side by side."""

from collections.abc import Callable

from flask_babel import force_locale, gettext

from sop_engine.sop.language import Text
from web.layout.words import in_words

LANGUAGES = {"en": ("en",), "ne": ("ne",), "both": ("en", "ne")}
# One sentence in each language of a sheet; only one where both say the same.
Said = tuple[str, ...]


def in_each(languages: tuple[str, ...], make: Callable[[str], str]) -> Said:
    """What is said in each language, with the words of pages in that language meanwhile."""
    said = []
    for language in languages:
        with force_locale(language):
            said.append(make(language))
    return tuple(dict.fromkeys(said))


def of_text(languages: tuple[str, ...], text: Text | None) -> Said:
    """A text of the procedure in each language."""
    return in_each(languages, lambda language: in_words(text, language)) if text is not None else ()


def words(languages: tuple[str, ...]) -> dict[str, Said]:
    """The words that every sheet has."""
    each = []
    for language in languages:
        with force_locale(language):
            each.append(_words())
    return {name: tuple(dict.fromkeys(one[name] for one in each)) for name in each[0]}


def _words() -> dict[str, str]:
    return {
        "ad": gettext("AD"),
        "age": gettext("or age in years"),
        "agreed": gettext("Agreed"),
        "aloud": gettext("Read aloud"),
        "bs": gettext("BS"),
        "by": gettext("Filled in by (name and office)"),
        "case": gettext("Case number"),
        "child": gettext("The child agrees too"),
        "consents": gettext("Consents"),
        "critical": gettext("critical"),
        "draft": gettext("model draft, not law"),
        "for_whom": gettext("For whom (none: for every agency of this case)"),
        "given": gettext("Given by (name)"),
        "happened": gettext("When it happened"),
        "no": gettext("Said no"),
        "note": gettext("Note"),
        "on_case_page": gettext("What was agreed is typed in on the page of the case."),
        "optional": gettext("may be left out"),
        "page": gettext("page"),
        "papers": gettext("Papers that belong to it"),
        "place": gettext("Place"),
        "several": gettext("tick all that apply"),
        "signature": gettext("Signature"),
        "signatures": gettext("Signatures"),
        "sheet": gettext("Sheet"),
        "thumb": gettext("Thumbprint"),
        "time": gettext("Time"),
        "version": gettext("version"),
        "voice": gettext("Spoken and recorded"),
        "why": gettext("Why it does not apply"),
    }
