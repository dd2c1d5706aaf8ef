"""Sentences for the next page: few and short, since they travel in a cookie."""

from flask import flash, session

from web.layout.reader import in_digits

MOST_SENTENCES = 6
MOST_LETTERS = 240


def tell(sentence: str, tone: str) -> None:
    """A sentence for the next page; its tone is done or refused. Of many the last ones are shown."""
    sentence = in_digits(sentence)
    flash(sentence if len(sentence) <= MOST_LETTERS else sentence[: MOST_LETTERS - 1] + "…", tone)
    session["_flashes"] = session["_flashes"][-MOST_SENTENCES:]
