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
from sop_engine.sop.lint.between import between
from sop_engine.sop.lint.values import check_field
from sop_engine.sop.procedure import Procedure
from sop_engine.sop.reading import BROKEN, Notes, closest
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
    for name, said in shared.fields.items():
        check_field(name, said, notes.mistake)
    for form_name, form in shared.forms.items():
        for asked in form.fields():
            if asked not in shared.fields:
                near = closest(asked, dict(shared.fields))
                notes.mistake(asked.place, f"the form {form_name} asks for '{asked}', which is no field here{near}")
    if notes.mistakes:
        raise BrokenSop(notes.mistakes)
    return shared


def load_file(path: Path) -> tuple[Procedure, list[Mistake]]:
    """Load one SOP file, with the shared forms and standards that lie beside it."""
    return load_text(read_text(path), str(path), texts_beside(path.parent))


def texts_beside(folder: Path) -> dict[str, str]:
    """The shared forms and the standards of a folder of SOPs, by their names in it."""
    files = [folder / SHARED, *sorted((folder / STANDARDS).glob("*.yaml"))]
    return {file.relative_to(folder).as_posix(): read_text(file) for file in files if file.is_file()}


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
        if procedure.name in library.procedures:
            place = procedure.sop.sop.place
            mistakes.append(Mistake(str(path), place, f"another file is called '{procedure.name}' too: rename one"))
        library.procedures[procedure.name] = procedure
        library.warnings += warnings
    mistakes += between(library.procedures)
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


__all__ = [
    "BrokenSop",
    "Library",
    "Place",
    "load_file",
    "load_folder",
    "load_shared",
    "load_text",
    "standard_library",
    "texts_beside",
    "workflows",
]
