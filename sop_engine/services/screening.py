"""Before a case about a person is opened: is she known already? Looks only where a search of the same agency would.

What is known at once (a name, a phone, a date of birth) is kept as closed answers of the case that is then opened.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import ValidationError

from sop_engine.services import answers
from sop_engine.services.finding import Filters, Hit, search
from sop_engine.services.identity import identity_of
from sop_engine.services.installation import Installation
from sop_engine.services.sops import one
from sop_engine.sop.language import Field, Text
from sop_engine.sop.procedure import Procedure
from sop_engine.sop.reading import Word
from sop_engine.sop.source import Place
from sop_engine.store.people import Account

ASKED = ("name", "phone", "birth")
MOST_SHOWN = 10
NOWHERE = Place(1, 1)


@dataclass(frozen=True, slots=True)
class Screened:
    """What came of a look before opening.

    `values` are the checked answers by the fields of the procedure, `wrong` a sentence for each of `ASKED` that is no
    answer, `hits` the cases that may be about the same person.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)
    hits: list[Hit] = field(default_factory=list)


def asks_first(inst: Installation, sop: str) -> Text | None:
    """The title of a procedure about a person, before whose opening one looks; None for any other. Raises NotFound."""
    procedure, _ = one(inst, sop)
    return procedure.sop.title if procedure.sop.about == "person" else None


def screen(inst: Installation, account: Account, sop: str, raw: Mapping[str, str], look: bool = True) -> Screened:
    """Look for cases that may be about the person of whom this was typed; raises NotFound.

    `raw` may hold name, phone, birth and district. Without `look` the answers are only checked.
    """
    procedure, directory = one(inst, sop)
    calendar = directory.calendar_of(account.agency)
    today = calendar.today(inst.clock())
    values: dict[str, str] = {}
    wrong: dict[str, str] = {}
    said: list[tuple[str, Any]] = []
    for kind in ASKED:
        typed = raw.get(kind, "").strip()
        if not typed:
            continue
        name, asked = _asked(procedure, kind)
        try:
            read = answers.field_of(asked, directory, calendar, today, kind == "birth", account.reader.bikram_sambat)
            value = read.deserialize(typed)
        except ValidationError as error:
            wrong[kind] = " ".join(str(sentence) for sentence in error.messages)
            continue
        said.append((kind, value))
        values |= {name: str(value)} if name is not None else {}
    if wrong or not look:
        return Screened(values, wrong)
    return Screened(values, {}, _hits(inst, account, said, raw.get("district", "")))


def _asked(procedure: Procedure, kind: str) -> tuple[str | None, Field]:
    """The field of a procedure that keeps an answer of this kind, or how such an answer is read where it has none."""
    for name, said in procedure.fields.items():
        if said.finds == kind:
            return str(name), said
    kept = Word("date" if kind == "birth" else "text", NOWHERE)
    return None, Field(type=kept, title=Text(kind), precision=Word("any", NOWHERE))


def _hits(inst: Installation, account: Account, said: list[tuple[str, Any]], district: str) -> list[Hit]:
    asked = identity_of(said)
    if not (asked.keys or asked.phones):
        return []
    return search(inst, account, asked, Filters(about="person", near=district, strict=True), MOST_SHOWN).hits
