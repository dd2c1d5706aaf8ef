"""Answers, forms and refusals in sentences for whoever types commands: titles beside the codes that a command takes."""

from collections.abc import Iterator, Mapping
from typing import Any

from sop_engine.case.directory import Directory
from sop_engine.services.step_page import StepPage
from sop_engine.sop.language import CHOICES, MAY_BE_EMPTY, Asked, Field, Section
from sop_engine.sop.procedure import Procedure
from sop_engine.sop.wording import Wording, condition, label

FROM_THE_DIRECTORY = {"agency": "code of an agency ('sop-engine agencies')"}
HOW = {
    "date": "2026-01-31 or BS 2082-10-17",
    "datetime": "2026-11-24T10:30 or BS 2083-08-08 10:30, in the zone of the agency",
    "integer": "a whole number, 0 or more",
    "money": "a whole number, 0 or more",
    "decimal": "a number",
    "country": "two letters, such as NP",
    "person": "a name",
    "document": "where the paper is kept",
    "rows": 'a list of rows: [{"COLUMN": …}, …]',
    **FROM_THE_DIRECTORY,
}
MOST_PLACES = 12


def readable(code: str) -> str:
    """A code as words, where it has no title of its own."""
    return code.replace("_", " ")


def choices_of(procedure: Procedure, said: Field, directory: Directory) -> dict[str, str]:
    """The answers that a field takes, each with its words; empty where they are not fixed."""
    if said.type in ("place", "border_point"):
        places = directory.districts if said.type == "place" else directory.border_points
        return {code: title.en for code, title in places.items()}
    words = CHOICES.get(str(said.type)) or tuple(str(word) for word in said.of)
    return {word: label(said, word, "en") for word in words}


def asked_of(page: StepPage) -> list[dict[str, Any]]:
    """The fields of a step's form as plain values: name, title, type, choices, and whether an answer is needed."""
    form = page.form
    if form is None:
        return []
    return [_asked(page, section, asked) for section in form.sections for asked in section.fields]


def _asked(page: StepPage, section: Section, asked: Asked) -> dict[str, Any]:
    said = page.procedure.fields[str(asked.field)]
    wording = Wording(page.procedure, "en", page.directory.kinds)
    return {
        "name": str(asked.field),
        **_plain(page.procedure, said, page.directory),
        "needed": not asked.optional and said.type not in MAY_BE_EMPTY,
        "only_if": condition(wording, section.show_if) if section.show_if is not None else None,
        "section": section.title.en if section.title is not None else None,
        "help": next((text.en for text in (asked.help, said.help) if text is not None), None),
    }


def _plain(procedure: Procedure, said: Field, directory: Directory) -> dict[str, Any]:
    columns = {str(name): _plain(procedure, column, directory) for name, column in said.row.items()}
    standard = {"standard": str(said.standard)} if said.standard is not None else {}
    return {
        "title": said.title.en,
        "type": str(said.type),
        "choices": choices_of(procedure, said, directory),
        **({"columns": columns} if columns else {}),
        **standard,
    }


def asked_lines(fields: list[dict[str, Any]]) -> Iterator[str]:
    """A step's fields for people: a line for each, its answers under it."""
    section = None
    for one in fields:
        if one["section"] != section:
            section = one["section"]
            yield section or ""
        needed = "needed" if one["needed"] else "may be left out"
        only = f", only if {one['only_if']}" if one["only_if"] else ""
        yield f"  {one['name']}: {one['title']} ({one['type']}, {needed}{only})"
        yield from _answers(one, "      ")
        if one["help"]:
            yield f"      {one['help']}"


def _answers(one: Mapping[str, Any], indent: str) -> Iterator[str]:
    choices: Mapping[str, str] = one["choices"]
    if len(choices) > MOST_PLACES and one["type"] in ("place", "border_point"):
        yield f"{indent}one of {len(choices)} codes, such as " + ", ".join(
            f"{code} ({title})" for code, title in list(choices.items())[:3]
        )
    else:
        for code, title in choices.items():
            yield f"{indent}{code}: {title}"
    if not choices and one["type"] in HOW:
        yield f"{indent}{HOW[one['type']]}"
    for name, column in one.get("columns", {}).items():
        yield f"{indent}{name}: {column['title']} ({column['type']})"
        yield from _answers(column, indent + "    ")


def wrong_lines(page: StepPage, wrong: Mapping[str, Any]) -> list[str]:
    """What is wrong with answers, a sentence for each; with the possible answers where one is not among them."""
    return [
        f"{_named(page.procedure.fields.get(name), name)}: {sentence}"
        for name, said in wrong.items()
        for sentence in _sentences(page, page.procedure.fields.get(name), said)
    ]


def _named(said: Field | None, name: str) -> str:
    return f"{said.title.en} ({name})" if said is not None else name


def _sentences(page: StepPage, said: Field | None, wrong: Any) -> Iterator[str]:
    if isinstance(wrong, Mapping):
        for key, inner in wrong.items():
            column = said.row.get(key) if said is not None and isinstance(key, str) else None
            where = f"row {key + 1}" if isinstance(key, int) and said is not None and said.row else ""
            where = where or (_named(column, str(key)) if column is not None else "")
            for sentence in _sentences(page, column or said, inner):
                yield f"{where}: {sentence}" if where else sentence
    elif isinstance(wrong, list | tuple):
        for inner in wrong:
            yield from _sentences(page, said, inner)
    else:
        yield f"{wrong}{_instead(page, said, str(wrong))}"


def _instead(page: StepPage, said: Field | None, wrong: str) -> str:
    """The answers that would have been right."""
    if said is None or not wrong.startswith("choose one of the"):
        return ""
    if said.type in FROM_THE_DIRECTORY:
        return f": {FROM_THE_DIRECTORY[str(said.type)]}"
    known = choices_of(page.procedure, said, page.directory)
    if not known:
        return f": {HOW[str(said.type)]}" if said.type in HOW else ""
    more = f" and {len(known) - MOST_PLACES} more ('case asks … --json' lists all)" if len(known) > MOST_PLACES else ""
    return ": " + ", ".join(f"{code} ({title})" for code, title in list(known.items())[:MOST_PLACES]) + more
