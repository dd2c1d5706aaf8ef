"""Words for codes: marks of steps, reasons, answers, conditions; what has no word of its own is shown readable."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext, lazy_gettext

from sop_engine.case.directory import Directory
from sop_engine.case.reading import Withheld
from sop_engine.services.answers import countries
from sop_engine.services.dates import shown_age
from sop_engine.sop import wording
from sop_engine.sop.conditions import Condition
from sop_engine.sop.language import Field, Source, Text
from sop_engine.sop.procedure import Procedure
from web.layout import times
from web.layout.reader import in_digits
from web.layout.visible import visible_text

_WORDS = {
    "view_given": lazy_gettext("Given"),
    "view_limited": lazy_gettext("Limited"),
    "view_refused": lazy_gettext("Not given"),
    "view_ended": lazy_gettext("Ended"),
    "wrong_agency": lazy_gettext("Not our task"),
    "no_capacity": lazy_gettext("No capacity now"),
    "conflict_of_interest": lazy_gettext("Conflict of interest"),
    "papers_missing": lazy_gettext("Papers are missing"),
    "not_our_district": lazy_gettext("Not our district"),
    "other": lazy_gettext("Other"),
    "medical": lazy_gettext("Medical"),
    "person_asked": lazy_gettext("She asked for it"),
    "court_order": lazy_gettext("Court order"),
    "border_closed": lazy_gettext("Border closed"),
    "security": lazy_gettext("Security"),
    "disaster": lazy_gettext("Disaster"),
    "no_address": lazy_gettext("No address known"),
    "awaiting_foreign_reply": lazy_gettext("Reply from abroad awaited"),
    "new_information": lazy_gettext("New information"),
    "person_returned": lazy_gettext("She came back"),
    "re_trafficked": lazy_gettext("Trafficked again"),
    "error": lazy_gettext("Closed in error"),
    "yes": lazy_gettext("Yes"),
    "doubt": lazy_gettext("In doubt"),
    "tip_indicated": lazy_gettext("Signs of trafficking"),
    "som_indicated": lazy_gettext("Signs of smuggling"),
    "both": lazy_gettext("Signs of trafficking and of smuggling"),
    "unclear": lazy_gettext("Not clear yet"),
    "labour_dispute": lazy_gettext("A labour dispute"),
    "no_indicators": lazy_gettext("No signs of either"),
    "low": lazy_gettext("Low"),
    "medium": lazy_gettext("Medium"),
    "high": lazy_gettext("High"),
    "critical": lazy_gettext("Critical"),
    "no": lazy_gettext("No"),
    "unknown": lazy_gettext("Not known"),
    "refused": lazy_gettext("Refused to say"),
    "given": lazy_gettext("Given"),
    "not_our_task": lazy_gettext("Not our task"),
    "not_safe": lazy_gettext("Not safe"),
    "shelter": lazy_gettext("Shelter"),
    "health": lazy_gettext("Health care"),
    "psychosocial": lazy_gettext("Psychosocial support"),
    "legal_aid": lazy_gettext("Legal aid"),
    "interpretation": lazy_gettext("Interpreter"),
    "family_tracing": lazy_gettext("Family tracing"),
    "documents": lazy_gettext("Papers"),
    "education": lazy_gettext("Education"),
    "livelihood": lazy_gettext("Livelihood"),
    "transport": lazy_gettext("Transport"),
    "asked": lazy_gettext("Asked"),
    "accepted": lazy_gettext("Accepted"),
    "declined": lazy_gettext("Declined"),
    "withdrawn": lazy_gettext("Withdrawn"),
    "not_asked": lazy_gettext("Not asked"),
    "person": lazy_gettext("the person"),
    "guardian": lazy_gettext("the guardian"),
    "worker": lazy_gettext("the worker"),
    "sender": lazy_gettext("the sender"),
    "receiver": lazy_gettext("the receiver"),
    "danger": lazy_gettext("Children are in danger"),
    "late": lazy_gettext("Late"),
    "no_longer_met": lazy_gettext("No longer met"),
    "second_person_missing": lazy_gettext("Second signature missing"),
    "contested": lazy_gettext("Contested"),
    "waived": lazy_gettext("Waived"),
    "overridden": lazy_gettext("Overridden"),
    "by_law": lazy_gettext("Taken over by law"),
    "lapse": lazy_gettext("Moved on after the time"),
    "reassigned": lazy_gettext("Reassigned"),
    "extended": lazy_gettext("Extended"),
    "diverted": lazy_gettext("Diverted"),
    "emergency": lazy_gettext("Opened in an emergency"),
    "emergency_unjustified": lazy_gettext("Opened in an emergency without need"),
    "conflict": lazy_gettext("Conflict of interest"),
}
_CLASSES = {
    "identity": lazy_gettext("identity"),
    "contact": lazy_gettext("ways to reach her"),
    "health": lazy_gettext("health"),
    "story": lazy_gettext("her story"),
    "legal": lazy_gettext("legal matters"),
    "location": lazy_gettext("places"),
    "staff": lazy_gettext("people at work"),
}
_MARKS = {
    "not_looked_at": lazy_gettext("Not looked at"),
    "incomplete": lazy_gettext("Incomplete"),
    "done": lazy_gettext("Done"),
    "waived": lazy_gettext("Waived"),
    "not_needed": lazy_gettext("Nothing waits for it"),
}


def word(code: str) -> str:
    """The word for a code."""
    return str(_WORDS[code]) if code in _WORDS else code.replace("_", " ").capitalize()


def in_words(text: Text, language: str) -> str:
    """A text of a procedure or of the directory, with its numbers in the reader's digits."""
    return in_digits(text.in_language(language), language)


def mark(code: str) -> str:
    """The word for the mark of a step."""
    return str(_MARKS[code])


def class_word(code: str) -> str:
    """The word for a class of what was said."""
    return str(_CLASSES[code])


def withheld(code: str) -> str:
    """What stands in the place of something whose class is not for the reader."""
    return str(gettext("Not for your agency: %(c)s", c=class_word(code)))


def answer(said: Field, value: Any, language: str, directory: Directory, procedure: Procedure) -> str:
    """An answer in words; of one that is not for the reader, its class."""
    if isinstance(value, Withheld):
        return withheld(value.withheld)
    if value in (None, "", []):
        return "–"
    if isinstance(value, list):
        return ", ".join(answer(said, one, language, directory, procedure) for one in value)
    places: Mapping[str, Any] = {
        "place": directory.districts, "border_point": directory.border_points,
    }.get(str(said.type), {})  # fmt: skip
    if value in places:
        return in_words(places[value], language)
    if said.type == "agency":
        return in_words(directory.title(str(value)), language)
    if said.type == "country":
        return countries(language).get(str(value), str(value))
    if said.type in ("date", "datetime"):
        return time_words(str(value), said.type == "date", language)
    if said.type in ("integer", "decimal", "money"):
        return in_digits(value, language)
    coded = value in said.labels or said.type in ("choice", "several", "yes_no", "yn")
    return choice(said, str(value), procedure, language) if coded else visible_text(str(value))


def choice(said: Field, code: str, procedure: Procedure, language: str) -> str:
    """The words for an answer that is chosen: its label; a criterion of a standard with its code."""
    if code in said.labels:
        return in_words(said.labels[code], language)
    for standard in procedure.standards.values():
        criteria = standard.criteria()
        if code in criteria and criteria.keys() <= set(said.of):
            return f"{code} {in_words(criteria[code].text, language)}"
    return word(code)


def time_words(text: str, whole_day: bool, language: str) -> str:
    """A day or moment as other dates are shown; a year, a month or an age, and what is no time, as it was typed."""
    try:
        if text.startswith("BS "):
            return times.nepali_part(text, language)
        return times.dated(date.fromisoformat(text), language) if whole_day else times.recorded(text, language)
    except (ValueError, IndexError, OverflowError):
        return in_digits(shown_age(text, gettext("years")), language)


def told(name: str, value: Any, procedure: Procedure, language: str, directory: Directory) -> str:
    """The value of an open field or of a fact in words."""
    said = procedure.fields.get(name)
    if said is not None:
        return answer(said, value, language, directory, procedure)
    fact = procedure.sop.facts.get(name)
    if fact is not None and fact.as_ == "time":
        return times.recorded(str(value), language)
    district = directory.districts.get(str(value))
    if district is not None:
        return in_words(district, language)
    return in_digits(value, language) if str(value).isdigit() else word(str(value))


def only_if(condition: Condition, procedure: Procedure, language: str) -> str:
    """When something applies, in words: `Contact: By phone or By letter`."""
    return in_digits(wording.condition(wording.Wording(procedure, language), condition), language)


def title_of(name: str, procedure: Procedure, language: str) -> str:
    """The title of a field or fact; its readable name where it has none."""
    return in_digits(wording.title_of(name, procedure, language), language)


def source(said: Source | None, procedure: Procedure, language: str) -> str:
    """Where a rule comes from, by the title of the law."""
    return in_digits(wording.source(wording.Wording(procedure, language), said), language)
