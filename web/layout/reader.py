"""Who reads a page, and how: language, digits, the calendar that stands first. All words of pages pass here."""

from dataclasses import replace
from functools import lru_cache
from typing import Any, cast

from flask import Flask, g, has_request_context, request
from flask_babel import Babel, Domain, get_locale
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from sop_engine.services.accounts import Account, Reader
from sop_engine.sop import digits
from web import cookies

LANGUAGES = ("en", "ne")


def language() -> str:
    """The language of the page: what this device chose last, else what the reader keeps, else English."""
    return _chosen_here() or reader().language or "en"


def reader(inside: str | None = None) -> Reader:
    """How whoever asks for this page reads. `inside` a text of a language what was not chosen goes with that."""
    if not has_request_context():
        return Reader(inside or "en")
    account: Account | None = getattr(g, "account", None)
    found = account.reader if account is not None else Reader(_chosen_here() or "en")
    return _reading(found, inside) if inside else found


@lru_cache(maxsize=100)
def _reading(found: Reader, inside: str) -> Reader:
    """The same reader inside a text of that language; a page asks it for each of its words."""
    return replace(found, language=inside)


def as_here(account: Account) -> Account:
    """Somebody as she reads on this device."""
    kept = account.reader
    return replace(account, reader=replace(kept, language=_chosen_here() or kept.language or "en"))


def _chosen_here() -> str | None:
    """The language in the address of a page that keeps nothing on the device, else the last choice made on it."""
    if g.get("spoken"):
        return str(g.spoken)
    if "language_here" not in g:
        chosen = request.cookies.get(cookies.named("language"), "")
        g.language_here = chosen if chosen in LANGUAGES else None
    return cast(str | None, g.language_here)


def in_digits(value: Any, inside: str | None = None) -> str:
    """A number, or a text with numbers in it, in the reader's digits; codes stay as they are."""
    text = str(value)
    return digits.devanagari(text) if reader(inside).devanagari else text


def percent(share: Any) -> str:
    """A share (0 to 1) as whole percent: `87 %`, kept on one line."""
    return in_digits(f"{float(share) * 100:.0f}\u00a0%")


class Spoken(Domain):  # type: ignore[misc]  # flask-babel has no types
    """The words of pages, with the numbers in them in the reader's digits."""

    def pattern(self, string: str) -> str:
        """A sentence in the language of the page, with the places for its values."""
        return in_digits(self.get_translations().ugettext(string), str(get_locale() or "en"))

    def gettext(self, string: str, **variables: Any) -> str:
        said = self.pattern(string)
        return said % _numbers(variables) if variables else said


class Languages(Babel):  # type: ignore[misc]
    """The catalogues, read from disk once and not for each request."""

    spoken = Spoken()

    @property
    def domain_instance(self) -> Domain:
        return self.spoken


@pass_context
def _in_a_template(context: Context, string: str, **variables: Any) -> str:
    """`_` of templates: as `gettext`, and what is put in is escaped."""
    said = Languages.spoken.pattern(string)
    return (Markup(said) if context.eval_ctx.autoescape else said) % _numbers(variables)  # noqa: S704 # nosec B704


def _numbers(variables: dict[str, Any]) -> dict[str, Any]:
    """Numbers in the reader's digits; a text that is put into a sentence comes as it is to be shown."""
    inside = str(get_locale() or "en")
    return {
        name: in_digits(value, inside) if isinstance(value, int | float) else value for name, value in variables.items()
    }


def furnish(app: Flask) -> None:
    """Give templates the words of pages and numbers in the reader's digits."""
    app.jinja_env.globals.update(reads=reader, _=_in_a_template, gettext=_in_a_template)
    app.jinja_env.filters.update(in_digits=in_digits, percent=percent)
