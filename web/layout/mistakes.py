"""Sentences about wrong answers in the reader's language: the form's own are English, and each has its row here."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext

from sop_engine.sop.language import Field
from web.layout.reader import in_digits
from web.layout.times import read
from web.layout.words import in_words

_ROWS = (
    (r"an answer is missing", lazy_gettext("An answer is missing")),
    (r"this form does not ask for this", lazy_gettext("this form does not ask for this")),
    (r"choose one of the answers given", lazy_gettext("choose one of the answers given")),
    (r"choose one of the list", lazy_gettext("choose one of the list")),
    (r"longer than (?P<n>\d+) letters: shorten it", lazy_gettext("longer than %(n)s letters: shorten it")),
    (r"more than (?P<n>\d+) rows", lazy_gettext("more than %(n)s rows")),
    (r"write a whole number, 0 or more", lazy_gettext("write a whole number, 0 or more")),
    (r"write a whole number", lazy_gettext("write a whole number")),
    (r"(?P<n>\d+) criteria are not rated yet", lazy_gettext("%(n)s criteria are not rated yet")),
    (r"a rating without its criterion", lazy_gettext("a rating without its criterion")),
    (r"(?P<t>[A-Z]\d+) is rated twice", lazy_gettext("%(t)s is rated twice")),
    (r"(?P<t>[A-Z]\d+): na needs a reason of the list", lazy_gettext("%(t)s: say why it does not apply")),
    (r"write a number", lazy_gettext("write a number")),
    (r"holds a character that is no text: .*", lazy_gettext("holds a character that is no text: type it again")),
    (
        r"'(?P<t>.*)' is no date and time: .*",
        lazy_gettext("'%(t)s' is no date and time: write 2026-11-24 10:30 or BS 2083-08-09 10:30"),
    ),
    (
        r"'(?P<t>.*)' is no date: .*age such as.*",
        lazy_gettext("'%(t)s' is no date: write 2008-05-17, 2008-05, 2008, BS 2065-02-04 or an age such as 16 years"),
    ),
    (
        r"'(?P<t>.*)' is no day: month (?P<m>\d+) of BS (?P<y>\d+) has (?P<n>\d+) days",
        lazy_gettext("'%(t)s' is no day: month %(m)s of the year %(y)s in Bikram Sambat has %(n)s days"),
    ),
    (r"'(?P<t>.*)' is no da(te|y): .*", lazy_gettext("'%(t)s' is no date: write 2026-01-31 or BS 2082-10-17")),
    (
        r"'(?P<t>.*)' is in the future: .*Bikram Sambat",
        lazy_gettext("'%(t)s' is in the future: check the year. A date in Bikram Sambat is written BS %(t)s"),
    ),
    (
        r"'(?P<t>.*)' is more than ten years ahead: .*Bikram Sambat",
        lazy_gettext("'%(t)s' is more than ten years ahead: check the year. In Bikram Sambat it is written BS %(t)s"),
    ),
    (r"'(?P<t>.*)' is in the future: .*", lazy_gettext("'%(t)s' is in the future: check the year")),
    (
        r"'(?P<t>.*)' is more than (?P<n>\d+) years ago: .*",
        lazy_gettext("'%(t)s' is more than %(n)s years ago: check the year"),
    ),
    (r"'(?P<t>.*)' is no period: .*", lazy_gettext("'%(t)s' is no period: choose one of the list")),
    (
        r"this has not happened yet: .*",
        lazy_gettext("This has not happened yet: write a time that has passed, or leave it empty"),
    ),
    (
        r"'(?P<t>.*)' is more than ten years ahead: .*",
        lazy_gettext("'%(t)s' is more than ten years ahead: check the year"),
    ),
)


def unread(text: str, now: datetime) -> str:
    """What is wrong with a day and time that somebody typed; nothing where it can be read, or nothing was typed."""
    try:
        if text.strip():
            read(text, now)
    except ValueError as problem:
        return _sentence(str(problem))
    return ""


def mistakes(said: Field | None, wrong: Any, language: str) -> list[str]:
    """What is wrong with one answer; in a list of rows each sentence names its row and column."""
    return list(_each(said, wrong, language))


def _each(said: Field | None, wrong: Any, language: str) -> Iterator[str]:
    if isinstance(wrong, Mapping):
        for key, inner in wrong.items():
            column = said.row.get(str(key)) if said is not None else None
            title = in_words(column.title, language) if column is not None else _place(key)
            yield from (f"{title}: {sentence}" if title else sentence for sentence in _each(said, inner, language))
    elif isinstance(wrong, list | tuple):
        for inner in wrong:
            yield from _each(said, inner, language)
    else:
        yield _sentence(str(wrong))


def _place(key: object) -> str:
    """The number of a row as the form shows it; nothing for the whole."""
    return in_digits(key + 1) if isinstance(key, int) else ""


def _sentence(english: str) -> str:
    for pattern, said in _ROWS:
        found = re.fullmatch(pattern, english, re.DOTALL)
        if found:
            return in_digits(str(said) % found.groupdict())
    return english
