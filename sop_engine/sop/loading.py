"""From a file to a procedure that can be followed. Nothing is half loaded: every mistake comes at once."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from pathlib import Path

import sop_engine
from sop_engine.sop.grammar import SHARED_FORMS, SOP
from sop_engine.sop.language import Field, Form, SharedForms, Sop
from sop_engine.sop.lint import Checked, lint
from sop_engine.sop.procedure import Procedure
from sop_engine.sop.reading import BROKEN, Notes, closest, place_of
from sop_engine.sop.score import rating_columns
from sop_engine.sop.source import BrokenSop, Mistake, Place, parse, read_text
from sop_engine.sop.standards import Standard, load_standard_text

SHARED = "forms.yaml"
STANDARDS = "standards"


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


def load_text(text: str, file: str, beside: Mapping[str, str] | None = None) -> tuple[Procedure, list[Mistake]]:
    """Read, check and compile one SOP; returns it with its warnings, or raises BrokenSop with every mistake.

    `beside` holds the texts of the files that it may use, by their names relative to it: shared forms and standards.
    """
    beside = beside or {}
    node, form_mistakes = parse(text, file)
    notes = Notes(file, list(form_mistakes))
    sop = SOP.read(node, notes)
    if sop is BROKEN:
        raise BrokenSop(notes.mistakes)
    assert isinstance(sop, Sop)
    shared = _shared(beside[SHARED]) if SHARED in beside else None
    fields, forms = _with_shared(sop, shared, notes)
    standards = _standards(fields, beside, notes)
    fields = {name: _with_columns(said, standards) for name, said in fields.items()}
    checked = Checked(sop, fields, forms, notes, standards)
    lint(checked)
    mistakes = [mistake for mistake in notes.mistakes if not mistake.warning]
    if mistakes:
        raise BrokenSop(mistakes)
    used = {name: beside[name] for name in [SHARED] * bool(sop.uses_forms) + [standard_file(n) for n in standards]}
    procedure = Procedure(
        sop,
        version_of(text, used),
        text,
        used,
        fields,
        forms,
        checked.guards,
        checked.rules,
        sop.all_steps(),
        standards,
    )
    return procedure, [mistake for mistake in notes.mistakes if mistake.warning]


def version_of(text: str, used: Mapping[str, str]) -> str:
    """The SHA-256 (hex) of an SOP's text and of the files that it uses."""
    parts = [text, *(part for name in sorted(used) for part in (name, used[name]))]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def standard_file(name: str) -> str:
    """Where a standard stands, beside the SOPs."""
    return f"{STANDARDS}/{name}.yaml"


@lru_cache(maxsize=8)
def _shared(text: str) -> SharedForms:
    return load_shared(text, SHARED)


@lru_cache(maxsize=8)
def _standard(name: str, text: str) -> Standard:
    return load_standard_text(text, standard_file(name))


def _standards(fields: Mapping[str, Field], beside: Mapping[str, str], notes: Notes) -> dict[str, Standard]:
    """The standards by which lists are rated."""
    found: dict[str, Standard] = {}
    for said in fields.values():
        if said.standard is None:
            continue
        text = beside.get(standard_file(said.standard))
        if text is None:
            known = [name.removeprefix(f"{STANDARDS}/").removesuffix(".yaml") for name in beside if name != SHARED]
            notes.mistake(said.standard.place, f"'{said.standard}' is no standard{closest(said.standard, known)}")
        else:
            found[str(said.standard)] = _standard(str(said.standard), text)
    return found


def _with_columns(said: Field, standards: Mapping[str, Standard]) -> Field:
    """A list that is rated by a standard, with the columns of a rating."""
    standard = standards.get(str(said.standard)) if said.standard is not None else None
    return said if standard is None else replace(said, row=rating_columns(standard))


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
    """Load one SOP file, with the shared forms and standards that lie beside it."""
    files = [path.parent / SHARED, *sorted((path.parent / STANDARDS).glob("*.yaml"))]
    beside = {file.relative_to(path.parent).as_posix(): read_text(file) for file in files if file.is_file()}
    return load_text(read_text(path), str(path), beside)


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
    """What can only be seen with all SOPs at hand: spawns lead somewhere, and what is told is heard."""
    found = _unheard(library)
    for procedure in library.procedures.values():
        for spawn in procedure.sop.spawns():
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


def _unheard(library: Library) -> list[Mistake]:
    """A tell that nobody hears, and a hearing of what nobody tells."""
    found, told = [], set[tuple[str, str, str]]()
    for procedure in library.procedures.values():
        file, sop = f"{procedure.name}.yaml", procedure.sop
        for tell in [exit_.tell for stage in sop.stages for exit_ in sop.exits(stage).values() if exit_.tell]:
            target = library.procedures.get(tell.sop)
            heard = target.sop.hears.get(tell.event) if target is not None else None
            told.add((procedure.name, str(tell.sop), str(tell.event)))
            if target is None:
                known = list(library.procedures)
                found.append(Mistake(file, tell.sop.place, f"'{tell.sop}' is no SOP{closest(tell.sop, known)}"))
            elif heard is None or heard.from_ != procedure.name:
                found.append(Mistake(file, tell.event.place, f"{tell.sop} does not hear '{tell.event}' from here"))
            else:
                lost = [theirs for theirs in heard.sets.values() if theirs not in tell.carries]
                found += [Mistake(file, tell.place, f"{tell.sop} needs '{word}': add it to carries") for word in lost]
    for procedure in library.procedures.values():
        for event, heard in procedure.sop.hears.items():
            if (str(heard.from_), procedure.name, str(event)) not in told:
                place = place_of(event)
                found.append(Mistake(f"{procedure.name}.yaml", place, f"{heard.from_} never tells '{event}'"))
    return found


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
