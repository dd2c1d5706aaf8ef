"""What stands beside the stages, in words: parts, entries, ends, clocks, periods, tracks, holds, standing rules."""

from collections.abc import Iterator

from sop_engine.sop.language import Clock, Entry, Hold, Outcome, Part, Period, Reopen, Standing, Track
from sop_engine.sop.phrases import CODES
from sop_engine.sop.summary.pieces import Chapter, Item, chapter, line
from sop_engine.sop.summary.stages import alert, exit_item, signatures, spawned, step_item
from sop_engine.sop.wording import (
    Wording,
    condition,
    label,
    moment,
    part,
    readable,
    sop_title,
    source,
    step_title,
    title_of,
    within,
)


def before(w: Wording) -> Chapter:
    """Who takes part, and where a case begins."""
    sop = w.procedure.sop
    return chapter(
        "takes-part",
        w.say("Who takes part"),
        (
            line(w.say("Agencies"), (_part(w, str(name), said) for name, said in sop.agencies.items())),
            line(w.say("A case begins at"), (_entry(w, str(name), said) for name, said in sop.opens_at.items())),
        ),
    )


def after(w: Wording) -> Iterator[Chapter]:
    """What holds in every stage, the ends, and what runs beside the stages."""
    sop = w.procedure.sop
    yield chapter(
        "every-stage",
        w.say("In every stage"),
        (
            line(w.say("Steps"), (step_item(w, str(name), said) for name, said in sop.steps.items())),
            line(w.say("Ways on"), (_anywhere(w, name) for name in sop.anywhere)),
            line(w.say("Who is told"), (alert(w, said) for said in sop.alert)),
            line(w.say("Standing rules"), (_standing(w, said) for said in sop.always)),
            line(w.say("The time may stop"), (_hold(w, str(name), said) for name, said in sop.holds.items())),
        ),
    )
    yield chapter(
        "beside",
        w.say("Beside the stages"),
        (
            line(w.say("Clocks across stages"), (_clock(w, said) for said in sop.clocks.values())),
            line(w.say("Rights and notices"), (_period(w, said) for said in sop.periods.values())),
            line(w.say("Tracks"), (_track(w, str(name), said) for name, said in sop.tracks.items())),
            line(w.say("Again and again"), _every(w)),
            line(w.say("Hears from other procedures"), _hears(w)),
        ),
    )
    yield chapter(
        "ends",
        w.say("How a case ends"),
        (
            line(w.say("Ends"), (_outcome(w, said) for said in sop.outcomes.values())),
            line(w.say("Opened again"), _reopen(w, sop.reopen)),
            line(w.say("Refusing an offer, beside the general reasons"), map(w.text, sop.refusal_reasons.values())),
        ),
    )


def _part(w: Wording, name: str, said: Part) -> Item:
    kinds = w.listed((w.text(w.kinds[kind]) if kind in w.kinds else readable(kind) for kind in said.kind), "or")
    title = part(w, name)
    return Item(title if title == kinds else w.say("{t}: {k}", t=title, k=kinds), tuple(_part_points(w, said)))


def _part_points(w: Wording, said: Part) -> Iterator[str]:
    if said.opens:
        yield w.say("the agency that opens the case")
    if said.from_parent is not None:
        yield w.say("taken from the case that opened this one")
    if said.found_by is not None:
        names = w.listed((title_of(str(name), w.procedure, w.language) for name in said.found_by.values()), "or")
        yield w.say("found in the directory by: {f}", f=names)
    if said.chosen_in == "opening":
        yield w.say("chosen by who opens the case")
    elif said.chosen_in is not None:
        yield w.say("chosen in the step “{s}”", s=step_title(w, str(said.chosen_in)))
    if said.kept_out:
        yield w.say("never sees the case")
    if said.if_ is not None:
        yield w.say("only if {c}", c=condition(w, said.if_))
    if said.acts_through is not None:
        yield w.say("where it has no users, {a} types and holds for it", a=part(w, str(said.acts_through)))


def _entry(w: Wording, name: str, said: Entry) -> str:
    title = w.text(said.title if said.title is not None else w.procedure.sop.stages[name].title)
    if said.by is not None:
        return w.say("“{s}”, opened by {a}", s=title, a=part(w, str(said.by)))
    return w.say("“{s}”, opened by another case", s=title)


def _anywhere(w: Wording, name: str) -> Item:
    said = w.procedure.sop.anywhere[name]
    told = exit_item(w, said)
    barred = w.listed(f"“{w.text(w.procedure.sop.stages[stage].title)}”" for stage in said.not_in)
    return Item(told.text, (*told.points, w.say("not in {s}", s=barred))) if barred else told


def _standing(w: Wording, said: Standing) -> Item:
    steps = w.listed(f"“{step_title(w, str(name))}”" for name in said.redo)
    length, law = within(w, said.within), source(w, said.source)
    told = w.say("{w}: {s} is due again {d} ({r})", w=_set_off(w, said), s=steps, d=length, r=law)
    blocked = w.listed((CODES[str(act)].in_language(w.language) for act in said.blocks), "and")
    return Item(told, (w.say("until then nothing of this is done: {b}", b=blocked),) if blocked else ())


def _set_off(w: Wording, said: Standing) -> str:
    after = said.after
    if after.received is not None:
        return w.say("after the person was handed over")
    if after.entered is not None:
        return w.say("after “{s}” begins", s=w.text(w.procedure.sop.stages[after.entered].title))
    marked = [name for name, (_, step) in w.procedure.steps.items() if after.marked and step.mark == after.marked]
    names = w.listed((f"“{step_title(w, str(name))}”" for name in (*after.done, *marked)), "or")
    return w.say("after {s}", s=names)


def _hold(w: Wording, name: str, said: Hold) -> Item:
    title = w.text(said.title) if said.title is not None else label(None, name, w.language)
    length, who = said.review_within.in_language(w.language), part(w, str(said.by))
    barred = w.listed(f"“{w.text(w.procedure.sop.stages[stage].title)}”" for stage in said.not_in)
    told = w.say("{t}: decided by {a}, looked at again within {d}", t=title, a=who, d=length)
    return Item(told, (w.say("not in {s}", s=barred),) if barred else ())


def _clock(w: Wording, said: Clock) -> Item:
    told = w.say(
        "{t}: {d}, owed by {a} ({s})",
        t=w.text(said.title), d=within(w, said.within), a=part(w, str(said.charged_to)),
        s=source(w, said.source),
    )  # fmt: skip
    points = [w.say("from: {b}; until: {e}", b=moment(w, said.starts), e=moment(w, said.stops))]
    if said.if_ is not None:
        points.append(w.say("only if {c}", c=condition(w, said.if_)))
    if said.excluding is not None:
        begin, end = (title_of(str(n), w.procedure, w.language) for n in (said.excluding.from_, said.excluding.to))
        points.append(w.say("the time between “{b}” and “{e}” does not count", b=begin, e=end))
    return Item(told, tuple(points))


def _period(w: Wording, said: Period) -> Item:
    who = part(w, str(said.holder)) if said.holder in w.procedure.sop.agencies else label(None, said.holder, w.language)
    told = w.say(
        "{t}: {d}, for {a} ({s})",
        t=w.text(said.title), d=said.lasts.in_language(w.language), a=who.lower(), s=source(w, said.source),
    )  # fmt: skip
    points = [w.say("from: {b}", b=moment(w, said.starts))]
    if said.ends_early is not None:
        points.append(w.say("ends before, when {e}", e=moment(w, said.ends_early)))
    return Item(told, tuple(points))


def _track(w: Wording, name: str, said: Track) -> Item:
    def state(code: str) -> str:
        return w.text(said.labels[code]) if code in said.labels else readable(code)

    points = [" → ".join(state(str(code)) for code in said.states)]
    if said.begins is not None:
        points.append(w.say("only if {c}", c=condition(w, said.begins)))
    for goal, move in said.moves.items():
        origins = w.listed((f"“{state(str(code))}”" for code in move.from_), "or")
        by = part(w, str(move.done_by)) if move.done_by is not None else part(w, str(said.owner))
        points.append(w.say("to “{g}” from {o}, recorded by {a}", g=state(str(goal)), o=origins, a=by))
    for one in said.deadline:
        since, length = title_of(str(one.since), w.procedure, w.language), one.within.in_language(w.language)
        goal, law = state(str(one.reaches)), source(w, one.source)
        points.append(w.say("“{g}” within {d} from: {f} ({s})", g=goal, d=length, f=since, s=law))
    points += [w.say("left open at the end: {s}", s=one) for one in signatures(w, said.open_at_end)]
    return Item(w.say("{t}: moved by {a}", t=w.text(said.title), a=part(w, str(said.owner))), tuple(points))


def _every(w: Wording) -> Iterator[Item]:
    for one in w.procedure.sop.every:
        stage = w.text(w.procedure.sop.stages[one.while_].title)
        told = w.say("every {d} during “{s}”", d=one.every.in_language(w.language), s=stage)
        yield Item(told, tuple(spawned(w, one.spawn)))


def _hears(w: Wording) -> Iterator[Item]:
    sop = w.procedure.sop
    exits = {str(name): said for stage in sop.stages for name, said in sop.exits(stage).items()}
    for said in sop.hears.values():
        points = []
        if said.sets:
            names = w.listed(title_of(str(name), w.procedure, w.language) for name in said.sets)
            points.append(w.say("takes over: {f}", f=names))
        if said.offers is not None and said.within is not None:
            way = w.text(exits[str(said.offers)].title)
            points.append(w.say("“{x}” is to be looked at {d}", x=way, d=within(w, said.within)))
        yield Item(w.say("from a case of “{s}”", s=sop_title(w, str(said.from_))), tuple(points))


def _outcome(w: Wording, said: Outcome) -> Item:
    title, reason = w.text(said.title), label(None, str(said.closes_as), w.language)
    erased: dict[str, list[str]] = {}
    for kind, length in said.erase.items():
        erased.setdefault(length.in_language(w.language), []).append(label(None, str(kind), w.language))
    points = [w.say("to be erased {d} after the end: {c}", d=length, c=w.listed(k)) for length, k in erased.items()]
    if said.erase_from == "majority":
        points.append(w.say("of a child: that long after coming of age, if that is later"))
    if said.settled:
        points.insert(0, w.say("for a case that waits, this one is settled"))
    return Item(title if title == reason else w.say("{t} (counted as: {r})", t=title, r=reason), tuple(points))


def _reopen(w: Wording, said: Reopen | None) -> Iterator[Item]:
    if said is None:
        yield Item(w.say("never"))
        return
    stages = w.procedure.sop.stages
    if said.of_right is not None:
        right = said.of_right
        told = w.say("without a second person: at “{s}”", s=w.text(stages[right.goes_to].title))
        points = [w.say("within {d} after the end", d=right.for_.in_language(w.language))] if right.for_ else []
        ends = w.listed((f"“{w.text(w.procedure.sop.outcomes[one].title)}”" for one in right.from_), "or")
        yield Item(told, (*points, w.say("after {s}", s=ends)) if ends else tuple(points))
    told = w.say("at “{s}”", s=w.text(stages[said.otherwise.goes_to].title))
    yield Item(told, tuple(signatures(w, said.otherwise.second_person)))
    for reason, spawn in said.new_episode.items():
        told = w.say("{r}: a new case, and this one stays ended", r=label(None, str(reason), w.language))
        yield Item(told, tuple(spawned(w, spawn)))
