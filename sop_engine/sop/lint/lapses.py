"""Lapses: where a person is in danger another agency can move the case on, in every case exactly one way."""

import itertools
import math
from collections.abc import Iterator, Mapping

from sop_engine.sop.guards import Missing
from sop_engine.sop.language import Exit
from sop_engine.sop.lint.check import Checked, readable
from sop_engine.sop.reading import place_of

MOST_CASES = 4_000
ONE_ANSWER = ("ynd", "choice", "period")


def check(checked: Checked) -> None:
    for _, name, exit_ in checked.exits():
        if exit_.lapse:
            _whole(checked, name, exit_)
    for stage, said in checked.sop.stages.items():
        _has_a_deadline(checked, stage)
        lapses = {name: exit_ for name, exit_ in checked.sop.exits(stage).items() if exit_.lapse}
        if said.protection and not lapses:
            checked.mistake(
                place_of(stage),
                f"'{stage}' protects a person and cannot lapse: let another agency move it on after its time",
            )
        _one_for_each_case(checked, stage, lapses)


def _whole(checked: Checked, name: str, lapse: Exit) -> None:
    if lapse.by is None or not lapse.not_before or not lapse.reason:
        checked.mistake(lapse.place, "a lapse says who may move the case (by), when (not_before) and asks for a reason")
    if lapse.asks_steps:
        checked.mistake(lapse.place, f"'{name}' would wait for those who are late: say 'asks_steps: no'")


def _has_a_deadline(checked: Checked, stage: str) -> None:
    """What waits for the deadline of a stage comes only where there is one."""
    said = checked.sop.stages[stage]
    if any(limit.none is None for limit in said.deadline):
        return
    for name, exit_ in said.go.items():
        if any(wait.until is not None for wait in exit_.not_before):
            checked.mistake(exit_.place, f"'{name}' waits for the deadline of '{stage}', which has none")


def _one_for_each_case(checked: Checked, stage: str, lapses: Mapping[str, Exit]) -> None:
    protects, lacking = checked.sop.stages[stage].protection, False
    clashing: set[str] = set()
    for case in _cases(checked, lapses) if lapses else ():
        answers = {name: _answer(checked, lapse, case) for name, lapse in lapses.items()}
        surely = [name for name, answer in answers.items() if answer is True]
        for name in surely[1:]:
            if name not in clashing:
                clashing.add(name)
                checked.mistake(lapses[name].place, f"'{name}' and '{surely[0]}' are both open{_when(case)}: keep one")
        if protects and not lacking and all(answer is False for answer in answers.values()):
            lacking = True
            first = next(iter(lapses.values()))
            checked.mistake(first.place, f"no lapse of '{stage}' is open{_when(case)}: add one for these cases")


def _cases(checked: Checked, lapses: Mapping[str, Exit]) -> Iterator[dict[str, str]]:
    """Every combination of the answers on which these lapses hang, as far as answers can be listed."""
    types = readable(checked)[0].types
    names = sorted(set().union(*(lapse.only_if.names() for lapse in lapses.values() if lapse.only_if)))
    listed = {name: types[name][1] for name in names if name in types and types[name][0] in ONE_ANSWER}
    if math.prod(map(len, listed.values())) > MOST_CASES:
        return
    for words in itertools.product(*listed.values()):
        yield dict(zip(listed, words, strict=True))


def _answer(checked: Checked, lapse: Exit, case: Mapping[str, str]) -> bool | Missing:
    if lapse.only_if is None:
        return True
    guard = checked.guards.get(lapse.only_if)
    return guard.answer(case) if guard is not None else Missing(())


def _when(case: Mapping[str, str]) -> str:
    return " when " + " and ".join(f"{name} is {word}" for name, word in case.items()) if case else ""
