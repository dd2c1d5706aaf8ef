"""A procedure in plain words, as a policy maker reads it aloud: also what stays readable after erasure."""

from sop_engine.sop.language import Deadline, Exit, Stage
from sop_engine.sop.procedure import Procedure


def summary(procedure: Procedure, language: str = "en") -> str:
    """The whole procedure as text."""
    sop = procedure.sop
    lines = [
        f"{sop.title.in_language(language)} ({sop.sop}), {sop.standing}, in force from {sop.in_force}",
        f"version {procedure.version[:12]}",
        "",
    ]
    for number, (name, stage) in enumerate(sop.stages.items(), 1):
        lines += [f"{number}. {stage.title.in_language(language)} [{name}]", *_stage(procedure, stage, language), ""]
    ends = ", ".join(
        f"{outcome.title.in_language(language)} ({outcome.closes_as})" for outcome in sop.outcomes.values()
    )
    kept = sorted(str(name) for name, said in procedure.fields.items() if said.open and name in sop.fields)
    lines += [f"Ends: {ends}", f"Readable after erasure: {', '.join([*kept, *sop.facts]) or 'nothing'}"]
    return "\n".join(lines)


def _stage(procedure: Procedure, stage: Stage, language: str) -> list[str]:
    lines = [f"   accountable: {', '.join(dict.fromkeys(str(part) for part in stage.accountable.parts()))}"]
    lines += [f"   deadline: {deadline_words(said, language)}" for said in stage.deadline]
    for name, step in stage.steps.items():
        need = "" if step.needed.always else " (if needed)" if step.needed.if_ else " (optional)"
        lines.append(
            f"   - {step.title.in_language(language)} [{name}], by {', '.join(step.done_by) or 'holder'}{need}"
        )
    lines += [f"   > {exit_words(name, exit_, language)}" for name, exit_ in stage.go.items()]
    return lines


def deadline_words(said: Deadline, language: str = "en") -> str:
    """A deadline with its source, as one phrase."""
    if said.none is not None:
        return f"none: {said.none.in_language(language)}"
    if said.each is not None:
        limit = f"for each of {said.each}: until its own day" + (", at most by its priority" if said.at_most else "")
    else:
        limit = f"within {said.within}" if said.within is not None else f"until {said.until}"
    return f"{limit} (source: {said.source})"


def exit_words(name: str, exit_: Exit, language: str) -> str:
    target = f"to {exit_.goes_to}" if exit_.goes_to else f"ends: {exit_.ends}"
    signed = ", second person signs" if exit_.second_person else ""
    return f"{exit_.title.in_language(language)} [{name}] {target}{signed}"
