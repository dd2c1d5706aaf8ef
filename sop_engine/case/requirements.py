"""What an act still lacks: the steps, consents, facts and signatures that an exit or a step requires."""

from collections.abc import Mapping
from datetime import datetime

from sop_engine.case.clock import calendar_of, limit, occurrences, people_here, recorded_here, values_now
from sop_engine.case.ground import Ground
from sop_engine.case.refusal import Unmet
from sop_engine.case.state import MERGED, Case, StepState
from sop_engine.sop.guards import Missing, Value
from sop_engine.sop.language import Exit, Requirement, Step, Text, WaitFor

MARKS = ("not_looked_at", "incomplete", "done", "waived", "not_needed")


def mark(ground: Ground, case: Case, name: str, values: Mapping[str, Value], now: datetime) -> str:
    """Which of the five marks a step carries: not_looked_at, incomplete, done, waived or not_needed."""
    step = ground.procedure.step_of(name)
    state = case.steps.get(name)
    if step.different_people and state is not None and state.status != "waived":
        people = len(people_here(ground, case, name))
        begun = people > 0 or (state.status == "incomplete" and state.recorded >= case.stage_since)
        return "done" if people >= step.different_people else "incomplete" if begun else "not_looked_at"
    wanted = offered(ground, step, values) and needed(ground, step, values) is not False
    if step.repeat is not None and wanted and (state is None or state.status != "incomplete"):
        done, due = recorded_here(case, name), occurrences(ground, case, name, now)
        return "not_looked_at" if done < due else "done" if done else "not_needed"
    if state is not None:
        if state.status == "waived":
            return "waived"
        lacks_paper = lacking_papers(ground, step, state, values)
        return "done" if state.count and state.status == "done" and not lacks_paper else "incomplete"
    if not offered(ground, step, values) or needed(ground, step, values) is False:
        return "not_needed"
    return "not_looked_at"


def all_recorded(ground: Ground, case: Case, name: str) -> bool:
    """Whether as many people as a step asks for have recorded it, each alone."""
    return len(people_here(ground, case, name)) >= ground.procedure.step_of(name).different_people


def offered(ground: Ground, step: Step, values: Mapping[str, Value]) -> bool:
    """Whether a step is offered at all; while it is not known, it is not."""
    return ground.procedure.surely(step.only_if, values)


def needed(ground: Ground, step: Step, values: Mapping[str, Value]) -> bool | Missing:
    """Whether an exit waits for this step."""
    if step.needed.if_ is None:
        return step.needed.always
    return ground.procedure.holds(step.needed.if_, values)


def lacking_papers(ground: Ground, step: Step, state: StepState, values: Mapping[str, Value]) -> list[str]:
    """The papers that a step needs and that are not attached."""
    lacking = []
    for name, document in step.documents.items():
        wanted = (
            document.needed.always
            if document.needed.if_ is None
            else ground.procedure.holds(document.needed.if_, values)
        )
        if wanted is True and name not in state.documents:
            lacking.append(str(name))
    return lacking


def unmet_by_exit(
    ground: Ground, case: Case, exit_: Exit, receiver: str | None, now: datetime, override: bool = False
) -> list[Unmet]:
    """Everything that an exit still lacks, except the second person, whom the act itself asks for."""
    values = values_now(ground, case, now)
    found: list[Unmet] = []
    stage = ground.procedure.sop.stages[case.stage or ""]
    if exit_.asks_steps:
        for name, step in stage.steps.items():
            found += _unmet_step(ground, case, str(name), step, values, _asked_at(case, now))
        if stage.wait_for is not None and not override:
            found += unmet_waiting(case, stage.wait_for)
    for requirement in exit_.requires:
        found += unmet(ground, case, requirement, receiver, values, now)
    found += blocking(ground, case, exit_.freezable)
    return list({(one.code, one.say.en): one for one in found}.values())


def _asked_at(case: Case, now: datetime) -> datetime:
    """Until when repeated steps are asked for: what falls due while another answers does not stand in her way."""
    if case.offer is not None:
        return case.offer.made
    return case.proposal.made if case.proposal is not None else now


def _unmet_step(
    ground: Ground, case: Case, name: str, step: Step, values: Mapping[str, Value], now: datetime
) -> list[Unmet]:
    if step.owed is not None or mark(ground, case, name, values, now) in ("done", "waived"):
        return []
    wanted = asked_for(ground, step, values)
    if step.repeat is not None and mark(ground, case, name, values, now) == "not_needed":
        return []
    if isinstance(wanted, Missing):
        return [not_known(ground, case, missing) for missing in wanted.names]
    return [_not_done(ground, case, name, step)] if wanted else []


def asked_for(ground: Ground, step: Step, values: Mapping[str, Value]) -> bool | Missing:
    """Whether a step is offered and needed; not known where that hangs on a value that is not there."""
    wanted = needed(ground, step, values)
    if wanted is False:
        return False
    is_offered = ground.procedure.holds(step.only_if, values)
    return wanted if is_offered is True else is_offered


def _not_done(ground: Ground, case: Case, name: str, step: Step) -> Unmet:
    who = ground.doers(case, step)[0][0]
    state = case.steps.get(name)
    code, en, ne = "step_not_done", "is not finished", "पूरा भएको छैन"
    if state is not None and state.count and step.repeat is not None:
        en, ne = "is due again", "फेरि गर्ने समय भयो"
    elif state is not None and state.count and state.status == "done":
        code, en, ne = "document_missing", "lacks its paper", "को कागज संलग्न छैन"
    return Unmet(code, Text(f"{step.title.en} {en}", f"{step.title.in_language('ne')} {ne}"), name, who)


def telling(ground: Ground, name: str) -> str | None:
    """The step that would tell a fact or a field: the first whose form asks for it or for what it is made from."""
    if "." in name:
        return name.split(".")[0]
    return next((step for step in ground.procedure.steps if field_telling(ground, step, name)), None)


def field_telling(ground: Ground, step_name: str, name: str) -> str | None:
    """What the form of a step asks of a fact or a field: the first field that tells it."""
    procedure = ground.procedure
    name = name.rpartition(".")[2]
    fields = (
        {name}
        if name in procedure.fields
        else procedure.inputs_of(procedure.made_from(name))
        if name in procedure.sop.facts
        else set()
    )
    form = procedure.form_of(procedure.step_of(step_name))
    return next((str(asked) for asked in form.fields() if str(asked) in fields), None) if form is not None else None


def not_known(ground: Ground, case: Case, name: str) -> Unmet:
    procedure = ground.procedure
    fix = telling(ground, name)
    said = procedure.fields.get(name.split(".")[-1])
    fact = procedure.sop.facts.get(name)
    title = said.title if said else (fact.title if fact and fact.title else Text(name.replace("_", " ")))
    who = ground.doers(case, procedure.step_of(fix))[0][0] if fix else None
    field = field_telling(ground, fix, name) if fix else None
    return Unmet(
        "not_known", Text(f"{title.en} is not known", f"{title.in_language('ne')} थाहा छैन"), fix, who, field=field
    )


def unmet_waiting(case: Case, waits: WaitFor) -> list[Unmet]:
    """The cases for which a stage still waits; one that was joined to another is not waited for."""
    mine = {
        child: state
        for child, state in case.children.items()
        if state.name == waits.children and (waits.joins_later or state.born <= case.stage_since)
        if state.status != MERGED
    }
    goal = waits.all_ or waits.any_ or "settled"
    met = [child for child, state in mine.items() if state.status == goal or goal in state.milestones]
    if waits.any_ is not None:
        return (
            []
            if met
            else [Unmet("waiting", Text("none of the linked cases is there yet", "कुनै पनि सम्बन्धित विषय टुङ्गिएको छैन"))]
        )
    left = len(mine) - len(met)
    if left == 0:
        return []
    return [
        Unmet(
            "waiting",
            Text(
                f"{left} of {len(mine)} linked cases are not settled",
                f"{len(mine)} मध्ये {left} सम्बन्धित विषय टुङ्गिएका छैनन्",
            ),
        )
    ]


def unmet(
    ground: Ground,
    case: Case,
    said: Requirement,
    receiver: str | None,
    values: Mapping[str, Value],
    now: datetime,
) -> list[Unmet]:
    """What one requirement lacks; nothing where its `if` does not hold."""
    applies = ground.procedure.holds(said.if_, values)
    if applies is False:
        return []
    lacking = _unmet_always(ground, case, said, receiver, values, now)
    if lacking and isinstance(applies, Missing):
        return [not_known(ground, case, name) for name in applies.names]
    return lacking


def _unmet_always(
    ground: Ground, case: Case, said: Requirement, receiver: str | None, values: Mapping[str, Value], now: datetime
) -> list[Unmet]:
    procedure = ground.procedure
    if said.kind in ("where", "rule"):
        answer = (
            procedure.holds(said.where, values)
            if said.where is not None
            else procedure.rules[str(said.rule)].answer(values)
        )
        if isinstance(answer, Missing):
            return [not_known(ground, case, name) for name in answer.names]
        return [] if answer else [_refused(ground, case, said)]
    if said.kind == "any_of":
        lacking = [unmet(ground, case, part, receiver, values, now) for part in said.parts]
        return [] if any(not lack for lack in lacking) else [one for lack in lacking for one in lack]
    return _ask_history(ground, case, said, receiver, now)


def _refused(ground: Ground, case: Case, said: Requirement) -> Unmet:
    names = sorted(said.where.names()) if said.where is not None else list(ground.procedure.rules[str(said.rule)].names)
    fix = (
        str(said.fix).split(".")[-1]
        if said.fix
        else next((found for name in names if (found := telling(ground, name))), None)
    )
    who = ground.doers(case, ground.procedure.step_of(fix))[0][0] if fix else None
    sentence = said.say
    if sentence is None:
        fields = [
            ground.procedure.fields[name].title if name in ground.procedure.fields else Text(name.replace("_", " "))
            for name in names
        ]
        en, ne = ", ".join(text.en for text in fields), ", ".join(text.in_language("ne") for text in fields)
        sentence = Text(f"{en}: the answer does not allow this", f"{ne}: जवाफले यो गर्न दिँदैन")
    field = next((found for name in names if fix and (found := field_telling(ground, fix, name))), None)
    return Unmet("rule", sentence, fix, who, field=field)


def _ask_history(ground: Ground, case: Case, said: Requirement, receiver: str | None, now: datetime) -> list[Unmet]:
    found: list[Unmet] = []
    for word in said.names:
        name = str(word).split(".")[-1]
        if said.kind == "consent":
            found += unmet_consent(ground, case, name, receiver, now)
            continue
        if said.kind == "consulted":
            if str(word) not in case.consulted:
                found.append(_not_consulted(ground, case, str(word)))
            continue
        step, state = ground.procedure.step_of(name), case.steps.get(name)
        if state is None or not state.done or (step.different_people and not all_recorded(ground, case, name)):
            found.append(_not_done(ground, case, name, step))
        elif said.kind == "fresh" and said.not_older_than is not None:
            until = limit(ground, case.holder, state.happened, said.not_older_than)
            if now > until:
                en, ne = (
                    f"{step.title.en} is older than {said.not_older_than}",
                    f"{step.title.in_language('ne')} पुरानो भयो",
                )
                found.append(Unmet("too_old", said.say or Text(en, ne), name, ground.doers(case, step)[0][0]))
        elif said.kind in ("count", "last") and not _counted(ground, case, said, state):
            en = f"{step.title.en}: {said.at_least} are needed, {state.count} are recorded"
            ne = f"{step.title.in_language('ne')}: {said.at_least} चाहिन्छ, {state.count} दर्ता छ"
            found.append(Unmet("count", said.say or Text(en, ne), name, ground.doers(case, step)[0][0]))
    return found


def _not_consulted(ground: Ground, case: Case, part_name: str) -> Unmet:
    part, agency = ground.part(part_name), ground.agency(case, part_name)
    title = ground.directory.title(agency) if agency else (part.title if part and part.title else Text(part_name))
    en, ne = f"{title.en} has not given an opinion", f"{title.in_language('ne')} ले राय दिएको छैन"
    return Unmet("not_consulted", Text(en, ne), None, agency)


def blocking(ground: Ground, case: Case, freezable: str | None) -> list[Unmet]:
    """What freezes a step or exit of this sort: a red stop, and steps that a standing rule wants done again."""
    if freezable is None:
        return []
    frozen = Text("a red stop is on: a second person must review it", "रातो रोक लागेको छ: दोस्रो व्यक्तिले हेर्नुपर्छ")
    stopped = [Unmet("stopped", frozen, None, case.holder, case.stop.review_by)] if case.stop is not None else []
    return stopped + [
        Unmet(
            "redo",
            Text(
                f"{ground.procedure.step_of(duty.step).title.en} must be done again first",
                f"{ground.procedure.step_of(duty.step).title.in_language('ne')} पहिले फेरि गर्नुपर्छ",
            ),
            duty.step,
            duty.agency,
            duty.due,
        )
        for duty in case.duties
        if str(freezable) in duty.blocks
    ]


def _counted(ground: Ground, case: Case, said: Requirement, state: StepState) -> bool:
    records = list(state.recent)
    if said.in_a_row or said.kind == "last":
        records = records[-said.at_least :]
    if said.where is not None:
        fits = [record for record in records if ground.procedure.surely(said.where, record.values)]  # type: ignore[arg-type]
    else:
        fits = records
    if said.on_different == "days":
        zone = calendar_of(ground, case.holder).zone
        return len({record.happened.astimezone(zone).date() for record in fits}) >= said.at_least
    return len(fits) >= said.at_least if said.where is not None or said.in_a_row else state.count >= said.at_least


def consent_ends(ground: Ground, case: Case, name: str) -> datetime | None:
    """Until when a consent that is given lasts, where the SOP sets it a time."""
    lasts, state = ground.procedure.sop.consents[name].lasts, case.consents.get(name)
    if lasts is None or state is None or state.status != "given":
        return None
    return limit(ground, case.holder, state.since, lasts)


def unmet_consent(ground: Ground, case: Case, name: str, receiver: str | None, now: datetime) -> list[Unmet]:
    """Whether a consent is valid now, and for the receiver where there is one."""
    said, state = ground.procedure.sop.consents[name], case.consents.get(name)
    title_en, title_ne = said.title.en, said.title.in_language("ne")
    fix = next((step for step, (_, found) in ground.procedure.steps.items() if found.asks_consent == name), None)
    if state is None:
        return [
            Unmet(
                "consent_not_asked",
                Text(f"consent '{title_en}' is not there (ask her)", f"'{title_ne}' सहमति छैन (उहाँलाई सोध्नुहोस्)"),
                fix,
            )
        ]
    if state.status != "given":
        was = {"refused": ("was refused", "अस्वीकार भयो"), "withdrawn": ("was withdrawn", "फिर्ता लिइयो")}[state.status]
        return [
            Unmet(
                f"consent_{state.status}",
                Text(f"consent '{title_en}' {was[0]}", f"'{title_ne}' सहमति {was[1]}"),
                fix,
            )
        ]
    ends = consent_ends(ground, case, name)
    if ends is not None and now >= ends:
        en, ne = f"consent '{title_en}' is over (ask her again)", f"'{title_ne}' सहमतिको समय सकियो (फेरि सोध्नुहोस्)"
        return [Unmet("consent_over", Text(en, ne), fix)]
    if receiver is not None and state.to and receiver not in state.to:
        to = ground.directory.title(receiver)
        en, ne = (
            f"consent '{title_en}' does not name {to.en}",
            f"'{title_ne}' सहमतिमा {to.in_language('ne')} परेको छैन",
        )
        return [Unmet("consent_other_receiver", Text(en, ne), fix)]
    return []


def too_early(ground: Ground, case: Case, exit_: Exit, due: datetime | None, now: datetime) -> Unmet | None:
    """Why an exit is not open yet, where it says `not_before`."""
    moments: list[datetime] = []
    for said in exit_.not_before:
        if said.until == "deadline":
            if due is None:
                return Unmet("not_yet", Text("the time of this stage is not over", "यस चरणको समय सकिएको छैन"))
            moments.append(due)
        elif said.within is not None:
            moments.append(limit(ground, case.holder, case.stage_since, said.within))
    if moments and now < max(moments):
        at = max(moments)
        return Unmet("not_yet", Text("the time of this stage is not over", "यस चरणको समय सकिएको छैन"), due=at)
    return None
