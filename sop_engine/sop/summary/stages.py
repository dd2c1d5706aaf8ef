"""A stage in words: who is accountable, until when, how it is taken over, who is told, its steps and its ways on."""

from collections.abc import Iterator

from sop_engine.sop.calendar import Duration
from sop_engine.sop.language import Accountable, Alert, Escalation, Exit, Informed, Signature, Spawn, Stage, Step
from sop_engine.sop.laws import cited
from sop_engine.sop.procedure import PREVIOUS
from sop_engine.sop.reading import Word
from sop_engine.sop.summary.pieces import Chapter, Item, chapter, line
from sop_engine.sop.wording import (
    Wording,
    condition,
    limit,
    part,
    parts,
    requirement,
    signature,
    sop_title,
    source,
    step_title,
    title_of,
    value_words,
    within,
)


def stage_chapter(w: Wording, number: int, name: str, stage: Stage) -> Chapter:
    """The chapter of a stage."""
    return chapter(
        name,
        f"{number}. {w.text(stage.title)}",
        (
            line(w.say("Accountable"), accountable(w, stage.accountable)),
            line(w.say("Decides"), accountable(w, stage.decided_by) if stage.decided_by else ()),
            line(w.say("What it is"), _sort(w, stage)),
            line(w.say("Deadline"), (limit(w, said) for said in stage.deadline)),
            line(w.say("Taking over"), _taking_over(w, stage)),
            line(w.say("Who is told"), _told(w, stage)),
            line(w.say("Steps"), (step_item(w, str(step), said) for step, said in stage.steps.items())),
            line(w.say("Waits for"), _waiting(w, stage)),
            line(w.say("Rules"), (f"{w.text(rule.text)} ({source(w, rule.source)})" for rule in stage.rules)),
            line(w.say("Ways on"), (exit_item(w, said) for said in stage.go.values())),
        ),
    )


def accountable(w: Wording, said: Accountable) -> Iterator[str]:
    """Who is accountable, by what it depends, and who in its place where an exception holds."""
    if said.part is not None:
        yield part(w, str(said.part))
    if said.depends_on is not None:
        by = title_of(str(said.depends_on), w.procedure, w.language)
        for value, who in said.cases.items():
            words = value_words(w, str(said.depends_on), str(value))
            yield w.say("{a}, where {t}: {v}", a=part(w, str(who)), t=by, v=words)
    for exception in said.except_:
        told = w.say("{a} instead, at once, if {c}", a=part(w, str(exception.use)), c=condition(w, exception.if_))
        hidden = parts(w, exception.hide_from, "and")
        yield w.say("{s}; hidden from {a}", s=told, a=hidden) if hidden else told


def _sort(w: Wording, stage: Stage) -> Iterator[str]:
    yield w.say("a service to the person") if stage.service else w.say("no service to the person")
    if stage.protection:
        yield w.say("protection: the time runs from the offer, and another agency may take over after it")
    if stage.with_ is not None:
        yield w.say("the person is with: {a}", a=part(w, str(stage.with_)))


def _taking_over(w: Wording, stage: Stage) -> Iterator[str]:
    said = stage.taking_over
    if said.by_law is not None:
        yield w.say("by law, at once; it cannot be refused ({s})", s=cited(str(said.by_law), w.language))
        return
    if said.on_signature is not None:
        form = w.procedure.forms.get(str(said.on_signature))
        title = w.text(form.title) if form is not None else str(said.on_signature)
        yield w.say("on the signature of “{f}”; without it by an offer", f=title)
    usual = Duration(1, "hours" if stage.protection else "working days")
    length = (said.accept_within or usual).in_language(w.language)
    yield w.say(
        "by an offer, answered within {d} (never more than a quarter of the time of the stage); until it is "
        "accepted, who offers stays accountable",
        d=length,
    )


def _told(w: Wording, stage: Stage) -> Iterator[str]:
    shares = w.listed(f"{share} %" for share in stage.remind_at)
    if stage.deadline and all(said.none is not None for said in stage.deadline):
        pass
    elif stage.escalate:
        yield w.say("who holds the case, at {n} of the time", n=shares)
        yield from (_escalation(w, row) for row in stage.escalate)
    else:
        yield w.say("who holds the case, at {n} of the time", n=shares)
        yield w.say("at the deadline: the supervisor of the agency that is late")
        wait = Duration(24, "hours") if stage.protection else Duration(3, "days")
        yield w.say("{d} after the deadline: the committee of the district", d=wait.in_language(w.language))
        week = Duration(7, "days").in_language(w.language)
        yield w.say("{d} after the deadline: the national committee", d=week)
    yield from (alert(w, one) for one in stage.alert)
    yield from (_informed(w, one) for one in stage.informs)
    if stage.consults:
        yield w.say("asked for an opinion: {a}", a=parts(w, stage.consults, "and"))


def _escalation(w: Wording, row: Escalation) -> str:
    who = parts(w, row.informs, "and")
    told = w.say("at the deadline: {a}", a=who)
    if row.overdue_by.amount:
        told = w.say("{d} after the deadline: {a}", d=row.overdue_by.in_language(w.language), a=who)
    return w.say("{d}, if {c}", d=told, c=condition(w, row.if_)) if row.if_ is not None else told


def alert(w: Wording, said: Alert) -> str:
    """Who is told at once, and when."""
    return w.say("at once, if {c}: {a}", c=condition(w, said.if_), a=parts(w, said.informs, "and"))


def _informed(w: Wording, said: Informed) -> str:
    carried = w.listed(title_of(str(name), w.procedure, w.language) for name in said.carries)
    if not carried:
        return w.say("follows the progress and nothing else: {a}", a=part(w, str(said.part)))
    return w.say("follows the progress, and sees {f}: {a}", a=part(w, str(said.part)), f=carried)


def step_item(w: Wording, name: str, step: Step) -> Item:
    """A step: who does it, when it is needed, what it requires, its papers and times."""
    doers = parts(w, step.done_by) or w.say("who holds the case")
    return Item(w.say("{t}: by {a}", t=w.text(step.title), a=doers), tuple(one for one in _step_points(w, step) if one))


def _step_points(w: Wording, step: Step) -> Iterator[str]:
    if step.needed.if_ is not None:
        yield w.say("needed if {c}", c=condition(w, step.needed.if_))
    elif not step.needed.always:
        yield w.say("may be left out")
    if step.only_if is not None:
        yield w.say("only if {c}", c=condition(w, step.only_if))
    if step.form is not None and str(step.form) in w.procedure.forms:
        yield w.say("form: “{f}”", f=w.text(w.procedure.forms[str(step.form)].title))
    if step.asks_consent is not None:
        yield w.say("asks for the consent “{c}”", c=w.text(w.procedure.sop.consents[step.asks_consent].title))
    yield from (w.say("requires: {r}", r=requirement(w, one)) for one in step.requires)
    yield from _papers(w, step)
    yield from _step_times(w, step)
    yield from _step_people(w, step)
    yield from spawned(w, step.spawn)
    if step.source is not None:
        yield source(w, step.source)


def _papers(w: Wording, step: Step) -> Iterator[str]:
    for name, paper in step.documents.items():
        title = w.text(paper.title) if paper.title is not None else str(name).replace("_", " ")
        if paper.needed.if_ is not None:
            yield w.say("paper, needed if {c}: {p}", c=condition(w, paper.needed.if_), p=title)
        else:
            yield w.say("paper, needed: {p}" if paper.needed.always else "paper, if there is one: {p}", p=title)


def _step_times(w: Wording, step: Step) -> Iterator[str]:
    yield from (limit(w, said) for said in step.deadline)
    if step.owed is not None:
        yield w.say("owed even after the stage is left: {d}", d=limit(w, step.owed))
    if step.repeat is not None:
        yield from (w.say("again {d} after the stage began", d=one.in_language(w.language)) for one in step.repeat.at)
        if step.repeat.every is not None:
            yield w.say("again every {d}", d=step.repeat.every.in_language(w.language))
    if step.awaits is not None:
        who = part(w, str(step.awaits.answer_of))
        wait = step.awaits.within
        phrase = "then the answer of {a} is awaited" if wait is None else "then {a} answers {d}"
        yield w.say(phrase, a=who, d=within(w, wait) if wait is not None else "")


def _step_people(w: Wording, step: Step) -> Iterator[str]:
    if step.with_ is not None:
        yield w.say("the person is then with: {a}", a=part(w, str(step.with_)))
    if step.different_people:
        yield w.say("by {n} people, each alone", n=step.different_people)
    if step.settles is not None:
        yield w.say("settles what differs in “{s}”", s=step_title(w, str(step.settles)))
    if step.kept_from:
        yield w.say("kept from: {a}", a=parts(w, step.kept_from, "and"))


def exit_item(w: Wording, said: Exit) -> Item:
    """A way on: where it leads, under what condition, what it requires, who takes it and who signs."""
    return Item(f"{w.text(said.title)} → {_target(w, said)}", tuple(one for one in _exit_points(w, said) if one))


def _target(w: Wording, said: Exit) -> str:
    sop = w.procedure.sop
    if said.ends is not None:
        return w.say("end: {t}", t=w.text(sop.outcomes[said.ends].title))
    if said.goes_to is None or said.goes_to == PREVIOUS:
        return w.say("back to the stage before")
    return w.text(sop.stages[said.goes_to].title)


def _exit_points(w: Wording, said: Exit) -> Iterator[str]:
    yield _taker(w, said)
    if said.lapse and said.goes_to is not None and said.goes_to in w.procedure.sop.stages:
        yield w.say(
            "then accountable: {a}", a=w.listed(accountable(w, w.procedure.sop.stages[said.goes_to].accountable), "or")
        )
    if said.only_if is not None:
        yield w.say("only if {c}", c=condition(w, said.only_if))
    if said.asks_steps:
        yield w.say("requires every needed step of the stage")
    elif not said.lapse and not said.by_wish:
        yield w.say("does not wait for the steps")
    yield from (w.say("requires: {r}", r=requirement(w, one)) for one in said.requires)
    yield from _exit_limits(w, said)
    yield from signatures(w, said.second_person)
    if said.reason:
        yield w.say("a reason is written down")
    yield from spawned(w, said.spawn)
    if said.tell is not None:
        yield w.say("the open case of “{s}” about the same subject is told", s=sop_title(w, str(said.tell.sop)))
    if said.leaves is not None:
        length = within(w, said.leaves.within)
        yield w.say("still owed {d}: “{s}”", d=length, s=step_title(w, str(said.leaves.step)))


def _taker(w: Wording, said: Exit) -> str:
    if said.lapse and said.by is not None:
        return w.say("who holds the case did nothing in time: only {a} may move it on", a=part(w, str(said.by)))
    if said.by is not None:
        return w.say("{a} may take it too", a=part(w, str(said.by)))
    return w.say("by the person's own wish: nothing else stands in its way") if said.by_wish else ""


def _exit_limits(w: Wording, said: Exit) -> Iterator[str]:
    for one in said.not_before:
        if one.within is not None:
            yield w.say("not before {d} after the stage began", d=one.within.in_language(w.language))
        else:
            yield w.say("not before the deadline of the stage is over")
    if said.at_most is not None:
        yield w.say("at most {n} times in a case", n=said.at_most)


def signatures(w: Wording, said: tuple[Signature, ...]) -> Iterator[str]:
    """Who signs; of several rows the first that fits counts."""
    yield from (signature(w, one) for one in said)


def spawned(w: Wording, said: Spawn | None) -> Iterator[str]:
    """Which cases are opened, for each of what, and on which consent what is known goes along."""
    if said is None:
        return
    sop = sop_title(w, str(said.sop))
    many = said.for_each is not None
    yield (
        w.say("opens a case of “{s}” for each: {f}", s=sop, f=_rows(w, said.for_each))
        if many
        else w.say("opens a case of “{s}”", s=sop)
    )
    if said.under is not None and said.under.consent is not None:
        consent = w.procedure.sop.consents[said.under.consent]
        yield w.say("what is known travels only under the consent “{c}”", c=w.text(consent.title))


def _rows(w: Wording, name: Word | None) -> str:
    return title_of(str(name).rpartition(".")[2], w.procedure, w.language)


def _waiting(w: Wording, stage: Stage) -> Iterator[str]:
    said = stage.wait_for
    if said is None:
        return
    goal = str(said.all_ or said.any_ or "settled").replace("_", " ")
    if goal == "settled":
        yield w.say("all cases that this one opened are settled" if said.any_ is None else "one of them is settled")
    else:
        phrase = "all cases that this one opened have reached: {g}" if said.any_ is None else "one of them reached: {g}"
        yield w.say(phrase, g=goal)
    if said.override is not None:
        for one in signatures(w, said.override.second_person):
            yield w.say("who goes on in spite of it: {s}", s=one)
