"""A form of the case page that was refused: it comes back open, with what was typed and why."""

from dataclasses import dataclass

from flask import request
from werkzeug.datastructures import MultiDict

from sop_engine.case.refusal import Refusal

# The field that a refusal is about, by its code: the first of these that was sent.
_FIELDS: dict[str, tuple[str, ...]] = {
    "already_there": ("to",),
    "answer_missing": ("answer",),
    "assent_missing": ("assent",),
    "consent_unnamed": ("consent",),
    "empty": ("asked", "task", "note"),
    "no_colleague": ("worker",),
    "no_hold": ("reason_code",),
    "no_hold_here": ("reason_code",),
    "no_part_there": ("agency",),
    "no_reader": ("to",),
    "nobody_acts": ("to",),
    "not_ahead": ("due",),
    "not_longer": ("until",),
    "reason_missing": ("reason",),
    "reason_unknown": ("reason_code",),
    "signed_how": ("signed",),
    "conflict": ("to",),
    "no_oversight": ("agency",),
    "said_before": ("agency",),
    "wrong_agency": ("to", "agency"),
    "wrong_service": ("service",),
}
# What a form sends along that nobody typed or chose: what is hidden in it, and the buttons.
_HIDDEN = frozenset({"csrf_token", "command", "by", "seen", "answer", "how", "what"})


@dataclass(frozen=True, slots=True)
class Returned:
    """What was refused: the `place` of its form on the page, the sentence, and the name of the field, if it is one.

    `sent` is what was typed. The id of a field is its place and its name.
    """

    place: str
    sentence: str
    field: str
    sent: MultiDict[str, str]

    def typed(self, place: str) -> MultiDict[str, str]:
        """What was typed into the form at a place; nothing for a form that was not sent."""
        return self.sent if place == self.place else MultiDict()

    def wrong(self, place: str, field: str) -> str:
        """What is wrong with a field; empty where nothing is."""
        return self.sentence if (place, field) == (self.place, self.field) else ""

    @property
    def target(self) -> str:
        """The id of what is to be looked at; empty where the form was a button alone."""
        if self.field:
            return f"{self.place}-{self.field}"
        return f"{self.place}-form" if self.sent.keys() - _HIDDEN else ""


NOTHING = Returned("", "", "", MultiDict())


def place_of(name: str, *of: str) -> str:
    """Where the form of an act stands: its name, and of what it is where the page has several."""
    return "-".join((name, *of))


def returned(sentence: str, field: str = "") -> Returned:
    """The form that was sent now, refused with a sentence."""
    act = (request.endpoint or "").rpartition(".")[2]
    of = [str(value) for name, value in (request.view_args or {}).items() if name != "number"]
    return Returned(place_of(act, *of), sentence, field, request.form)


def field_of(refusal: Refusal) -> str:
    """The field that a refusal is about; empty where it is about the whole."""
    names = _FIELDS.get(refusal.code, ("",))
    return next((name for name in names if name in request.form), names[0])
