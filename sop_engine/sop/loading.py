"""From a file to a procedure that can be followed. Nothing is half loaded: every mistake comes at once."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import sop_engine
from sop_engine.sop.grammar import SHARED_FORMS, SOP
from sop_engine.sop.language import Field, Form, SharedForms, Sop
from sop_engine.sop.lint import Checked, lint
from sop_engine.sop.procedure import Procedure
from sop_engine.sop.reading import BROKEN, Notes, closest, place_of
from sop_engine.sop.source import BrokenSop, Mistake, Place, parse, read_text

SHARED = "forms.yaml"


def workflows() -> Path:
    """The folder of the procedures: inside the installed package, or beside it in a checkout."""
    package = Path(sop_engine.__file__).parent
    inside = package / "workflows"
    return inside if inside.is_dir() else package.parent / "workflows"


@dataclass(slots=True)
class Library:
    """The procedures of one folder by name, and what was warned about while they were read."""

    procedures: dict[str, Procedure] = field(default_factory=dict)
    warnings: list[Mistake] = field(default_factory=list)


def load_text(
    text: str, file: str, shared: SharedForms | None = None, shared_text: str = ""
) -> tuple[Procedure, list[Mistake]]:
    """Read, check and compile one SOP; returns it with its warnings, or raises BrokenSop with every mistake."""
    node, form_mistakes = parse(text, file)
    notes = Notes(file, list(form_mistakes))
    sop = SOP.read(node, notes)
    if sop is BROKEN:
        raise BrokenSop(notes.mistakes)
    assert isinstance(sop, Sop)
    fields, forms = _with_shared(sop, shared, notes)
    checked = Checked(sop, fields, forms, notes)
    lint(checked)
    mistakes = [mistake for mistake in notes.mistakes if not mistake.warning]
    if mistakes:
        raise BrokenSop(mistakes)
    used = shared_text if sop.uses_forms else ""
    version = hashlib.sha256(text.encode() + b"\0" + used.encode()).hexdigest()
    procedure = Procedure(sop, version, text, fields, forms, checked.guards, checked.rules, sop.all_steps())
    return procedure, [mistake for mistake in notes.mistakes if mistake.warning]


def load_shared(text: str, file: str) -> SharedForms:
    """Read the forms that several SOPs share; raises BrokenSop."""
    node, mistakes = parse(text, file)
    notes = Notes(file, list(mistakes))
    shared = SHARED_FORMS.read(node, notes)
    if notes.mistakes or shared is BROKEN:
        raise BrokenSop(notes.mistakes)
    assert isinstance(shared, SharedForms)
    for name, form in shared.forms.items():
        for asked in form.fields():
            if asked not in shared.fields:
                notes.mistake(
                    asked.place,
                    f"the form {name} asks for '{asked}', which is no field here{closest(asked, dict(shared.fields))}",
                )
    if notes.mistakes:
        raise BrokenSop(notes.mistakes)
    return shared


def load_file(path: Path) -> tuple[Procedure, list[Mistake]]:
    """Load one SOP file, with the shared forms that lie beside it."""
    beside = path.parent / SHARED
    shared_text = read_text(beside) if beside.is_file() else ""
    shared = load_shared(shared_text, str(beside)) if shared_text else None
    return load_text(read_text(path), str(path), shared, shared_text)


def load_folder(folder: Path) -> Library:
    """Load every SOP of a folder; raises BrokenSop with the mistakes of all files and between them."""
    library, mistakes = Library(), list[Mistake]()
    for path in sorted(folder.glob("*.yaml")):
        if path.name == SHARED:
            continue
        try:
            procedure, warnings = load_file(path)
        except BrokenSop as broken:
            mistakes += broken.mistakes
            continue
        library.procedures[procedure.name] = procedure
        library.warnings += warnings
    mistakes += _between(library)
    if mistakes:
        raise BrokenSop(mistakes)
    return library


@cache
def standard_library() -> Library:
    """The procedures that come with the program; loaded once in a process."""
    return load_folder(workflows())


def _with_shared(sop: Sop, shared: SharedForms | None, notes: Notes) -> tuple[Mapping[str, Field], Mapping[str, Form]]:
    fields: dict[str, Field] = {str(name): said for name, said in sop.fields.items()}
    forms: dict[str, Form] = {str(name): said for name, said in sop.forms.items()}
    if sop.uses_forms and shared is not None:
        for name, said in shared.fields.items():
            if name in sop.fields:
                notes.mistake(sop.fields[name].place, f"'{name}' is defined here and in {SHARED}: keep one")
            fields.setdefault(str(name), said)
    for name in sop.uses_forms:
        form = shared.forms.get(name) if shared else None
        if form is None:
            known = {str(n) for n in shared.forms} if shared else set[str]()
            notes.mistake(name.place, f"'{name}' is no shared form{closest(name, known)}")
        else:
            forms[str(name)] = form
    return fields, forms


def _between(library: Library) -> list[Mistake]:
    """What can only be seen with all SOPs at hand: spawns lead somewhere."""
    found = []
    for procedure in library.procedures.values():
        for exit_ in [e for stage in procedure.sop.stages for e in procedure.sop.exits(stage).values()]:
            spawn = exit_.spawn
            if spawn is None:
                continue
            target = library.procedures.get(spawn.sop)
            file = f"{procedure.name}.yaml"
            if target is None:
                found.append(
                    Mistake(
                        file,
                        spawn.sop.place,
                        f"'{spawn.sop}' is no SOP{closest(spawn.sop, list(library.procedures))}",
                    )
                )
            elif spawn.at not in target.sop.opens_at:
                found.append(
                    Mistake(
                        file,
                        spawn.at.place,
                        f"{spawn.sop} cannot be opened at '{spawn.at}': it opens at {', '.join(target.sop.opens_at)}",
                    )
                )
            else:
                for theirs in spawn.bind:
                    if theirs not in target.sop.agencies:
                        found.append(
                            Mistake(
                                file,
                                place_of(theirs),
                                f"'{theirs}' is no part of {spawn.sop}{closest(theirs, set(target.sop.agencies))}",
                            )
                        )
    return list(dict.fromkeys(found))


__all__ = [
    "BrokenSop",
    "Library",
    "Place",
    "load_file",
    "load_folder",
    "load_shared",
    "load_text",
    "standard_library",
    "workflows",
]
