"""Every name that an SOP uses exists, once, and is of the right sort."""

import itertools
from collections.abc import Iterable

from sop_engine.sop.grammar import CLASSES
from sop_engine.sop.language import Accountable, Consent, Exit, Repeat, Requirement, Step
from sop_engine.sop.lint.check import Checked, words_of
from sop_engine.sop.reading import place_of

OPENING = "opening"
RESERVED = {"person", "holder", "team", "nobody", "previous", "opening", "parent", "always", "merged"}


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
    for name, part in sop.agencies.items():
        ways = [w for w in (part.from_parent, part.found_by, part.chosen_in, part.opens or None) if w]
        if len(ways) > 1 and not part.opens:
            checked.mistake(part.place, f"'{name}' is bound in two ways: keep from_parent, found_by or chosen_in")
        if part.acts_through is not None:
            checked.known(part.acts_through, sop.agencies, "part")
        if part.chosen_in is not None:
            checked.known(part.chosen_in, {*checked.named_steps, OPENING}, "step")
        for by, fact in (part.found_by or {}).items():
            if by not in ("district", "border_point", "country"):
                checked.mistake(place_of(by), f"an agency is found by district, border_point or country, not by '{by}'")
            if fact not in sop.facts and not (str(fact) in checked.fields and checked.fields[str(fact)].open):
                checked.known(fact, sop.facts, "fact")


def _stages(checked: Checked) -> None:
    sop = checked.sop
    for name, stage in sop.stages.items():
        _accountable(checked, name, stage.accountable)
        for part in stage.accountable.parts():
            if part == "nobody":
                checked.mistake(part.place, f"'{name}' needs an agency that answers for it: nobody cannot")
        if stage.decided_by is not None:
            _accountable(checked, name, stage.decided_by)
        for part in (*(informed.part for informed in stage.informs), *stage.consults):
            checked.known(part, sop.agencies, "part")
        open_values = {name for name, said in checked.fields.items() if said.open} | {str(name) for name in sop.facts}
        for name_told in itertools.chain.from_iterable(informed.carries for informed in stage.informs):
            checked.known(name_told, open_values, "open field or fact")
        if stage.with_ is not None:
            checked.known_part(stage.with_)
        told = [row.informs for row in stage.escalate] + [row.informs for row in stage.alert]
        for to in itertools.chain(*told):
            checked.known_person(to)
        if stage.taking_over.on_signature is not None:
            checked.known(stage.taking_over.on_signature, checked.forms, "form")
        for deadline in stage.deadline:
            checked.known_signers(deadline.extend.second_person if deadline.extend else ())
        if stage.wait_for is not None and stage.wait_for.override is not None:
            checked.known_signers(stage.wait_for.override.second_person)
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
    kind = words_of(checked, said.depends_on, opened=True)
    if not kind:
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
        checked.known_step(exit_.leaves.step)
    checked.known_signers(exit_.second_person)
    _requirements(checked, exit_.requires)
    if exit_.by_wish:
        _her_will(checked, name, exit_)


def _her_will(checked: Checked, name: str, exit_: Exit) -> None:
    """What a person decides for herself waits for nobody's work, signature, reason or date."""
    if exit_.requires or exit_.second_person:
        checked.mistake(
            exit_.place,
            f"'{name}' follows a person's own will: no requirement and no second person may stand in its way",
        )
    if exit_.asks_steps:
        checked.mistake(
            exit_.place, f"'{name}' follows a person's own will and would wait for steps: say 'asks_steps: no'"
        )
    barriers = {
        "reason": exit_.reason, "not_before": exit_.not_before, "at_most": exit_.at_most, "freezable": exit_.freezable,
        "lapse": exit_.lapse,
    }  # fmt: skip
    for word, said in barriers.items():
        if said:
            checked.mistake(exit_.place, f"'{name}' follows a person's own will: leave '{word}' out")


def _requirements(checked: Checked, requirements: tuple[Requirement, ...]) -> None:
    for requirement in requirements:
        for name in requirement.names:
            if requirement.kind == "consent":
                checked.known(name, checked.sop.consents, "consent")
            elif requirement.kind == "consulted":
                checked.known(name, checked.sop.agencies, "part")
            else:
                checked.known_step(name)
        if requirement.fix is not None:
            checked.known_step(requirement.fix)
        if requirement.kind == "rule" and requirement.say is None:
            checked.mistake(requirement.place, "a rule needs its own sentence: add 'say'")
        _requirements(checked, requirement.parts)


def _step(checked: Checked, step: Step) -> None:
    for doer in step.done_by:
        checked.known_person(doer)
    if step.form is not None:
        checked.known(step.form, checked.forms, "form")
    if step.asks_consent is not None:
        checked.known(step.asks_consent, checked.sop.consents, "consent")
    if step.with_ is not None:
        checked.known_part(step.with_)
    if step.awaits is not None and step.awaits.answer_of != "decided_by":
        checked.known(step.awaits.answer_of, checked.sop.agencies, "part")
    if step.repeat is not None:
        _repeat(checked, step.repeat)
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
            checked.known(asked, checked.fields, "field")
    for fact in sop.facts.values():
        for source in fact.from_:
            checked.known(source, {*checked.fields, *sop.facts}, "field or fact")
    for alert in sop.alert:
        for to in alert.informs:
            checked.known_person(to)
    for name, consent in sop.consents.items():
        _given_by(checked, name, consent)
    for outcome in sop.outcomes.values():
        for class_ in outcome.erase:
            if class_ not in CLASSES:
                checked.mistake(place_of(class_), f"'{class_}' is no class: write one of: {', '.join(CLASSES)}")
        if outcome.erase_from == "majority" and "is_child" not in sop.facts:
            checked.mistake(outcome.erase_from.place, "nothing tells who is a child: add a fact 'is_child'")
    _reopen(checked)


def _repeat(checked: Checked, repeat: Repeat) -> None:
    if repeat.every is None and not repeat.at:
        checked.mistake(repeat.place, "it is not said how often: add 'every' or 'at'")
    if repeat.until is not None and repeat.every is None:
        checked.mistake(repeat.place, "'until' ends what is repeated 'every' so long: add 'every', or leave it out")


def _given_by(checked: Checked, name: str, consent: Consent) -> None:
    for who in consent.given_by:
        if who not in ("adult", "child"):
            checked.mistake(place_of(who), f"'{who}' is not known here: it may be adult, child")
    if "adult" not in consent.given_by:
        checked.mistake(consent.place, f"'{name}' does not say who gives it for an adult: add 'adult' to given_by")


def _reopen(checked: Checked) -> None:
    sop = checked.sop
    for rule in sop.reopen.rules() if sop.reopen is not None else ():
        checked.known(rule.goes_to, sop.stages, "stage")
        for outcome in rule.from_:
            checked.known(outcome, sop.outcomes, "outcome")
        checked.known_signers(rule.second_person)
