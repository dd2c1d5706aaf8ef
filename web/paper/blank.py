"""What a blank form says, made from the SOP: questions with boxes, lines and tables, in one language or in two."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count

import segno
from flask_babel import gettext

from sop_engine.services.sheets import Sheet, chosen_in, consents_of
from sop_engine.sop import standards
from sop_engine.sop.language import CHOICES, MAY_BE_EMPTY, Asked, Consent, Field, Form, Section, Text
from sop_engine.sop.procedure import Procedure
from sop_engine.sop.standards import Standard
from web.layout import words
from web.paper.said import Said, in_each, of_text

ROWS = 12
NUMBERS = ("integer", "money", "decimal")
LINES = {"long_text": 5, "text": 2}
# More answers than this in a column of a table are not listed: whoever fills it in has them from the step before.
MOST_IN_COLUMN = 9


@dataclass(frozen=True, slots=True)
class Column:
    title: Said
    answers: list[Said]


@dataclass(frozen=True, slots=True)
class Criterion:
    """One row of a rated list; `how` is the evidence that can show it."""

    code: str
    text: Said
    critical: bool
    how: list[Said]


@dataclass(frozen=True, slots=True)
class Area:
    letter: str
    title: Said
    criteria: list[Criterion]


@dataclass(frozen=True, slots=True)
class Question:
    """One question; `kind` says how it is answered: boxes, lines, number, date, datetime, rows, rated."""

    number: int
    title: Said
    help: Said
    optional: bool
    kind: str = "lines"
    several: bool = False
    vague: bool = False
    lines: int = 1
    answers: tuple[Said, ...] = ()
    columns: tuple[Column, ...] = ()
    areas: tuple[Area, ...] = ()
    reasons: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A section of a form; `only_if` says when it is filled in."""

    title: Said
    only_if: Said
    questions: list[Question]


@dataclass(frozen=True, slots=True)
class Aloud:
    """A consent with the words that are read aloud, and who gives it."""

    title: Said
    text: Said
    givers: Said
    assent: bool


@dataclass(frozen=True, slots=True)
class Blank:
    """Everything on one sheet but its code."""

    title: Said
    form: Said
    stage: Said
    sop: Said
    draft: bool
    version: str
    help: Said
    parts: list[Part]
    agencies: list[Said]
    consents: list[Aloud]
    papers: list[Said]
    signers: list[Said]


def blank(procedure: Procedure, name: str, languages: tuple[str, ...]) -> Blank:
    """The form of a step as it is printed."""
    t = _Telling(procedure, languages)
    stage, step = procedure.steps[name]
    form = procedure.form_of(step)
    title, headed = t.text(step.title), t.text(form.title if form is not None else None)
    where = t.text(procedure.sop.stages[stage].title if stage is not None else None)
    return Blank(
        title=title,
        form=headed if headed not in (title, where) else (),
        stage=where,
        sop=t.text(procedure.sop.title),
        draft=procedure.sop.standing == "model draft",
        version=procedure.version[:12],
        help=t.text(step.help),
        parts=_parts(t, form) if form is not None else [],
        agencies=[_agency(t, part) for part in chosen_in(procedure, name)],
        consents=aloud(procedure, consents_of(procedure, step), languages),
        papers=[t.text(one.title or Text(words.word(str(name)))) for name, one in step.documents.items()],
        signers=[_signer(t, str(one)) for one in (form.signatures if form is not None else ())],
    )


def aloud(procedure: Procedure, names: list[str], languages: tuple[str, ...]) -> list[Aloud]:
    """Consents as they are read aloud."""
    t = _Telling(procedure, languages)
    return [_aloud(t, procedure.sop.consents[name]) for name in names]


def code_as_picture(sheet: Sheet) -> str:
    """The code of a sheet as a QR code (SVG)."""
    code = segno.make(sheet.code, micro=False, error="m")
    return str(code.svg_inline(scale=2, border=1, svgclass="qr", lineclass=None))


@dataclass(frozen=True, slots=True)
class _Telling:
    """The procedure of a sheet, and the languages in which it is told."""

    procedure: Procedure
    languages: tuple[str, ...]

    def each(self, make: Callable[[str], str]) -> Said:
        return in_each(self.languages, make)

    def text(self, text: Text | None) -> Said:
        return of_text(self.languages, text)

    def answer(self, said: Field, code: str) -> Said:
        return self.each(lambda language: words.choice(said, code, self.procedure, language))

    def answers(self, said: Field) -> tuple[Said, ...]:
        codes = CHOICES.get(str(said.type)) or tuple(map(str, said.of))
        return tuple(self.answer(said, code) for code in codes)


def _aloud(t: _Telling, said: Consent) -> Aloud:
    who = list(dict.fromkeys(map(str, said.given_by.values())))
    givers = t.each(lambda _: ", ".join(words.word(giver) for giver in who))
    return Aloud(t.text(said.title), t.text(said.text), givers, said.assent is not None)


def _parts(t: _Telling, form: Form) -> list[Part]:
    numbers = count(1)
    return [
        Part(t.text(section.title), _only_if(t, section), [_question(t, one, next(numbers)) for one in section.fields])
        for section in form.sections
    ]


def _only_if(t: _Telling, section: Section) -> Said:
    said = section.show_if
    if said is None:
        return ()
    return t.each(lambda language: gettext("Only if %(c)s", c=words.only_if(said, t.procedure, language)))


def _question(t: _Telling, asked: Asked, number: int) -> Question:
    said, standard = t.procedure.fields[str(asked.field)], t.procedure.standard_of(str(asked.field))
    kind, optional = str(said.type), asked.optional or (said.type in MAY_BE_EMPTY and standard is None)
    one = Question(number, t.text(said.title), t.text(asked.help or said.help), optional, lines=LINES.get(kind, 1))
    if standard is not None:
        marks, reasons = t.answers(said.row["rating"]), t.answers(said.row["reason"])
        return replace(one, kind="rated", answers=marks, reasons=reasons, areas=_areas(t, standard, said))
    if kind == "rows":
        return replace(one, kind="rows", columns=tuple(_column(t, column) for column in said.row.values()))
    if kind in CHOICES or kind in ("choice", "several"):
        return replace(one, kind="boxes", several=kind == "several", answers=t.answers(said))
    if kind in NUMBERS:
        return replace(one, kind="number")
    if kind in ("date", "datetime"):
        return replace(one, kind=kind, vague=said.precision == "any")
    return one


def _column(t: _Telling, said: Field) -> Column:
    found = list(t.answers(said))
    return Column(t.text(said.title), found if len(found) <= MOST_IN_COLUMN else [])


def _areas(t: _Telling, standard: Standard, said: Field) -> tuple[Area, ...]:
    return tuple(
        Area(
            str(letter),
            t.text(area.title),
            [_criterion(t, str(code), one, said) for code, one in area.criteria.items()],
        )
        for letter, area in standard.areas.items()
    )


def _criterion(t: _Telling, code: str, one: standards.Criterion, said: Field) -> Criterion:
    return Criterion(
        code, t.text(one.text), one.critical, [t.answer(said.row["evidence"], str(kind)) for kind in one.how]
    )


def _agency(t: _Telling, part: str) -> Said:
    title = t.procedure.sop.agencies[part].title
    return t.each(
        lambda language: gettext("Agency: %(p)s", p=words.in_words(title, language) if title else words.word(part))
    )


def _signer(t: _Telling, name: str) -> Said:
    """The title of whoever signs: a role of the procedure, or one that every procedure knows."""
    title = t.procedure.sop.roles.get(name.partition(".")[2] or name)
    return t.text(title) if title is not None else t.each(lambda _: words.word(name))
