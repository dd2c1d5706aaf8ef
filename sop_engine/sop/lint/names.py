"""Every name that an SOP uses exists, once, and is of the right sort."""

from collections.abc import Iterable

from sop_engine.sop.language import Accountable, Exit, Requirement, Signature, Step
from sop_engine.sop.lint.check import Checked, fact_type, field_type
from sop_engine.sop.reading import Word, place_of

OPENING = "opening"
RESERVED = {"person", "holder", "team", "nobody", "previous", "opening", "parent", "always"}


def check(checked: Checked) -> None:
    _unique(checked)
    _parts(checked)
    _stages(checked)
    for stage, name, exit_ in checked.exits():
        _exit(checked, stage, name, exit_)
    for _, _, step in checked.steps():
        _step(checked, step)
    _rest(checked)


def _unique(checked: Checked) -> None:
    sop, seen = checked.sop, dict[str, str]()
    sorts: list[tuple[str, Iterable[str]]] = [
        ("part", sop.agencies), ("field", sop.fields), ("fact", sop.facts), ("consent", sop.consents),
        ("stage", sop.stages), ("step", [*sop.steps, *(name for said in sop.stages.values() for name in said.steps)]),
        ("clock", sop.clocks), ("period", sop.periods), ("milestone", sop.milestones),
    ]  # fmt: skip
    for sort, names in sorts:
        for name in names:
            if name in RESERVED:
                checked.mistake(place_of(name), f"'{name}' is a reserved word: choose another name for this {sort}")
            elif name in seen:
                checked.mistake(
                    place_of(name),
                    f"'{name}' is a {sort} here and a {seen[name]} elsewhere: a name means one thing",
                )
            seen.setdefault(str(name), sort)


def _parts(checked: Checked) -> None:
    sop = checked.sop
    steps = sop.all_steps()
    for name, part in sop.agencies.items():
        ways = [w for w in (part.from_parent, part.found_by, part.chosen_in, part.opens or None) if w]
        if len(ways) > 1 and not part.opens:
            checked.mistake(part.place, f"'{name}' is bound in two ways: keep from_parent, found_by or chosen_in")
        if part.acts_through is not None:
            checked.known(part.acts_through, sop.agencies, "part")
        if part.chosen_in is not None:
            checked.known(part.chosen_in, {*steps, OPENING}, "step")
        for by, fact in (part.found_by or {}).items():
            if by not in ("district", "border_point", "country"):
                checked.mistake(place_of(by), f"an agency is found by district, border_point or country, not by '{by}'")
            if fact not in sop.facts and not (str(fact) in checked.fields and checked.fields[str(fact)].open):
                checked.known(fact, sop.facts, "fact")


def _stages(checked: Checked) -> None:
    sop = checked.sop
    for name, stage in sop.stages.items():
        _accountable(checked, name, stage.accountable)
        if stage.decided_by is not None:
            _accountable(checked, name, stage.decided_by)
        for part in (*(told.part for told in stage.informs), *stage.consults):
            checked.known(part, sop.agencies, "part")
        for to in [to for row in stage.escalate for to in row.informs] + [
            to for row in stage.alert for to in row.informs
        ]:
            _part_or_role(checked, to)
        if stage.taking_over.on_signature is not None and stage.taking_over.on_signature not in checked.forms:
            checked.known(stage.taking_over.on_signature, set(checked.forms), "form")
        if stage.wait_for is not None:
            spawned = {str(exit_.spawn.name) for _, _, exit_ in checked.exits() if exit_.spawn}
            checked.known(stage.wait_for.children, spawned, "spawned name")
            _signatures(checked, stage.wait_for.override.second_person if stage.wait_for.override else ())
        if not stage.go:
            checked.mistake(place_of(name), f"nothing leads out of '{name}': give it a 'go'")


def _accountable(checked: Checked, stage: str, said: Accountable) -> None:
    for part in said.parts():
        if part != "nobody":
            checked.known(part, checked.sop.agencies, "part")
    for exception in said.except_:
        for part in exception.hide_from:
            checked.known(part, checked.sop.agencies, "part")
    if (said.part is None) == (said.depends_on is None):
        checked.mistake(said.place, f"'{stage}' has exactly one accountable part: name it, or say depends_on and cases")
    if said.depends_on is None:
        return
    kind = known_words(checked, said.depends_on)
    if kind is None:
        checked.mistake(
            said.depends_on.place,
            f"'{said.depends_on}' is no open choice and no fact: accountability cannot hang on it",
        )
        return
    for word in kind:
        if word not in said.cases:
            checked.mistake(
                said.place,
                f"'{stage}' does not say who is accountable when {said.depends_on} is {word}: add it to cases",
            )
    for case in said.cases:
        if case not in kind:
            checked.mistake(said.place, f"'{said.depends_on}' is never '{case}': it can be {', '.join(kind)}")


def known_words(checked: Checked, name: str) -> tuple[str, ...] | None:
    """The closed list of values of an open field or a fact; None where it has none."""
    if name in checked.sop.facts:
        fact = checked.sop.facts[name]
        return fact_type(fact, checked.standard_of(fact))[1] or None
    said = checked.fields.get(str(name))
    return field_type(said)[1] or None if said is not None and said.open else None


def _part_or_role(checked: Checked, word: Word) -> None:
    part, _, role = str(word).partition(".")
    if part != "holder":
        checked.known(Word(part, word.place), checked.sop.agencies, "part")
    if role:
        checked.known(Word(role, word.place), checked.sop.roles, "role")


def _signatures(checked: Checked, signatures: tuple[Signature, ...]) -> None:
    for signature in signatures:
        _part_or_role(checked, signature.of)
        checked.known(signature.role, checked.sop.roles, "role")


def _exit(checked: Checked, stage: str | None, name: str, exit_: Exit) -> None:
    sop = checked.sop
    if (exit_.goes_to is None) == (exit_.ends is None):
        checked.mistake(exit_.place, f"'{name}' must say where it leads: either goes_to or ends")
    if exit_.goes_to is not None and exit_.goes_to != "previous":
        checked.known(exit_.goes_to, sop.stages, "stage")
    if exit_.ends is not None:
        checked.known(exit_.ends, sop.outcomes, "outcome")
    if exit_.by is not None:
        checked.known(exit_.by, sop.agencies, "part")
    for barred in exit_.not_in:
        checked.known(barred, sop.stages, "stage")
    if exit_.leaves is not None:
        checked.known(exit_.leaves.step, {*sop.all_steps()}, "step")
    _signatures(checked, exit_.second_person)
    _requirements(checked, exit_.requires)
    if exit_.by_wish and (exit_.requires or exit_.second_person):
        checked.mistake(
            exit_.place,
            f"'{name}' follows a person's own will: no requirement and no second person may stand in its way",
        )
    if exit_.spawn is not None and exit_.spawn.for_each is not None:
        _for_each(checked, exit_.spawn.for_each)
        if exit_.spawn.where is not None:
            checked.mistake(exit_.spawn.place, "a spawn for each row takes every row: leave 'where' out")


def _for_each(checked: Checked, word: Word) -> None:
    step, _, name = str(word).partition(".")
    if checked.known(Word(step, word.place), {*checked.sop.all_steps()}, "step"):
        said = checked.fields.get(name)
        if said is None or said.type != "rows":
            checked.mistake(word.place, f"'{word}' names no list of rows: write STEP.FIELD of a field of type rows")


def _requirements(checked: Checked, requirements: tuple[Requirement, ...]) -> None:
    steps = {*checked.sop.all_steps()}
    for requirement in requirements:
        for name in requirement.names:
            if requirement.kind == "consent":
                checked.known(name, checked.sop.consents, "consent")
            elif requirement.kind == "consulted":
                checked.known(name, checked.sop.agencies, "part")
            else:
                checked.known(Word(str(name).split(".")[-1], place_of(name)), steps, "step")
        if requirement.fix is not None:
            checked.known(Word(str(requirement.fix).split(".")[-1], requirement.fix.place), steps, "step")
        if requirement.kind == "rule" and requirement.say is None:
            checked.mistake(requirement.place, "a rule needs its own sentence: add 'say'")
        _requirements(checked, requirement.parts)


def _step(checked: Checked, step: Step) -> None:
    for doer in step.done_by:
        _part_or_role(checked, doer)
    if step.form is not None and step.form not in checked.forms:
        checked.known(step.form, set(checked.forms), "form")
    if step.asks_consent is not None:
        checked.known(step.asks_consent, checked.sop.consents, "consent")
    if step.with_ is not None and step.with_ != "holder":
        checked.known(step.with_, checked.sop.agencies, "part")
    if step.awaits is not None and step.awaits.answer_of != "decided_by":
        checked.known(step.awaits.answer_of, checked.sop.agencies, "part")
    _requirements(checked, step.requires)


def _rest(checked: Checked) -> None:
    sop = checked.sop
    for name, entry in sop.opens_at.items():
        checked.known(name, sop.stages, "stage")
        for part in (entry.by, entry.with_):
            if part is not None:
                checked.known(part, sop.agencies, "part")
    for form in sop.forms.values():
        for asked in form.fields():
            checked.known(asked, set(checked.fields), "field")
    for fact in sop.facts.values():
        for source in fact.from_:
            checked.known(source, {*checked.fields, *sop.facts}, "field or fact")
    moments = [m for clock in sop.clocks.values() for m in (clock.starts, clock.stops)] + list(sop.milestones.values())
    moments += [m for period in sop.periods.values() for m in (period.starts, period.ends_early) if m]
    for moment in moments:
        for stage in (moment.entered, moment.left):
            if stage is not None and stage not in sop.outcomes:
                checked.known(stage, sop.stages, "stage")
        if moment.done is not None:
            checked.known(Word(str(moment.done).split(".")[-1], moment.done.place), {*sop.all_steps()}, "step")
    for track in sop.tracks.values():
        checked.known(track.owner, sop.agencies, "part")
        _signatures(checked, track.open_at_end)
        for state in [*track.labels, *track.moves, *(said.reaches for said in track.deadline)]:
            checked.known(state, set(track.states), "state of this track")
    for standing in sop.always:
        for name in (*standing.redo, *standing.after.done):
            checked.known(Word(str(name).split(".")[-1], name.place), {*sop.all_steps()}, "step")
        if standing.after.entered is not None:
            checked.known(standing.after.entered, sop.stages, "stage")
    for clock in sop.clocks.values():
        checked.known(clock.charged_to, sop.agencies, "part")
    for hold in sop.holds.values():
        _part_or_role(checked, hold.by)
    if sop.reopen is not None:
        for rule in (sop.reopen.of_right, sop.reopen.otherwise):
            if rule is not None:
                checked.known(rule.goes_to, sop.stages, "stage")
                _signatures(checked, rule.second_person)
