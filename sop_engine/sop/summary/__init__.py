"""A procedure in plain words, as a policy maker reads it aloud and signs it: also what stays readable after erasure."""

from collections.abc import Iterator, Mapping

from sop_engine.sop.language import Text
from sop_engine.sop.procedure import Procedure
from sop_engine.sop.summary.asking import asking
from sop_engine.sop.summary.beside import after, before
from sop_engine.sop.summary.pieces import Chapter, Item, Line
from sop_engine.sop.summary.stages import stage_chapter
from sop_engine.sop.wording import Wording, readable

__all__ = ["Chapter", "Item", "Line", "chapters", "summary"]


def chapters(w: Wording) -> list[Chapter]:
    """The whole procedure in chapters: who takes part, each stage, what holds everywhere, ends, and what is asked."""
    stages = w.procedure.sop.stages.items()
    told = [before(w), *(stage_chapter(w, number, str(name), one) for number, (name, one) in enumerate(stages, 1))]
    return [one for one in (*told, *after(w), *asking(w)) if one.lines]


def summary(
    procedure: Procedure,
    language: str = "en",
    kinds: Mapping[str, Text] | None = None,
    sops: Mapping[str, Text] | None = None,
    issuer: Text | None = None,
) -> str:
    """The whole procedure as text; `kinds`, `sops` and `issuer` are titles that stand outside its file."""
    w = Wording(procedure, language, kinds or {}, sops or {})
    sop = procedure.sop
    by = w.text(issuer) if issuer is not None else readable(str(sop.issued_by))
    head = [
        f"{w.text(sop.title)} ({sop.sop})",
        w.say("{s}, issued by {a}, in force from {d}", s=w.say(str(sop.standing)), a=by, d=sop.in_force),
        w.say("version {v}", v=procedure.version[:12]),
    ]
    if sop.summary is not None:
        head.append(w.text(sop.summary))
    return "\n".join((*head, *(text for one in chapters(w) for text in _chapter(one))))


def _chapter(said: Chapter) -> Iterator[str]:
    yield from ("", said.title)
    for one in said.lines:
        if len(one.items) == 1 and not one.items[0].points:
            yield f"   {one.title}: {one.items[0].text}"
            continue
        yield f"   {one.title}:"
        for item in one.items:
            yield f"   - {item.text}"
            yield from (f"       {point}" for point in item.points)
