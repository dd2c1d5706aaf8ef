"""Until when: every running limit of a case, worked out from the case and its SOP."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import msgspec

from sop_engine.case.access import answers_for
from sop_engine.case.ground import Ground
from sop_engine.case.state import Case, Occurrence
from sop_engine.sop.calendar import Calendar, Duration
from sop_engine.sop.facts import still_open
from sop_engine.sop.guards import Value
from sop_engine.sop.language import Clock, Deadline, Moment, Spawn, Stage, Text

A_DAY = timedelta(days=1)
MOST_OCCURRENCES = 400


class Due(msgspec.Struct, frozen=True):
    """A moment by which an agency must have done something, and why.

    `what` is stage, clock, step, duty, task, referral, stop, emergency, conflict, confirmation, offer, signature, hold,
    heard or awaited; `name` tells which.
    """

    at: datetime
    what: str
    name: str
    title: Text
    agency: str | None
    source: str = ""
    began: datetime | None = None


_last: tuple[Ground, Case, datetime, Mapping[str, Value]] | None = None


def values_now(ground: Ground, case: Case, now: datetime) -> Mapping[str, Value]:
    """What rules read: open values, facts, values by STEP.FIELD, periods and tracks.

    A decision asks for them many times over the same case; the last answer is kept for that.
    """
    global _last
    last = _last
    if last is not None and last[0] is ground and last[1] is case and last[2] == now:
        return last[3]
    values = _values(ground, case, now)
    _last = (ground, case, now, values)
    return values


def _values(ground: Ground, case: Case, now: datetime) -> Mapping[str, Value]:
    values = {**case.values, **case.until_left}
    for name in ground.procedure.sop.periods:
        values[str(name)] = period(ground, case, str(name), now)
    for name in ground.procedure.sop.tracks:
        values[f"track.{name}"] = track_state(ground, case, str(name))
    for step_name, step in case.steps.items():
        if step.recent:
            for field, value in step.recent[-1].values.items():
                values[f"{step_name}.{field}"] = value
    return cast(Mapping[str, Value], values)


def track_state(ground: Ground, case: Case, name: str) -> str:
    """The state of a track: its first until it was moved."""
    state = case.tracks.get(name)
    return state.state if state is not None else str(ground.procedure.sop.tracks[name].states[0])


def moment(case: Case, said: Moment) -> datetime | None:
    """When a moment of the SOP last was in this case; None where it was not."""
    if said.reaches is not None:
        name, _, wanted = str(said.reaches).partition(".")
        track = case.tracks.get(name)
        return track.reached.get(wanted) if track is not None else None
    if said.entered is not None:
        return case.entered.get(str(said.entered))
    if said.left is not None:
        return case.left.get(str(said.left))
    step = case.steps.get(str(said.done).split(".")[-1])
    return step.happened if step is not None and step.count else None


def periods_running(ground: Ground, case: Case, now: datetime) -> list[Due]:
    """The times that a person or party has now, and until when; nobody is late in them."""
    found = []
    for name, said in ground.procedure.sop.periods.items():
        start = moment(case, said.starts)
        if start is not None and period(ground, case, str(name), now) == "running":
            at = limit(ground, case.holder, start, said.lasts)
            found.append(Due(at, "period", str(name), said.title, None, str(said.source), start))
    return found


def period(ground: Ground, case: Case, name: str, now: datetime) -> str:
    """Whether a period is not_begun, running or over."""
    said = ground.procedure.sop.periods[name]
    start = moment(case, said.starts)
    if start is None:
        return "not_begun"
    early = moment(case, said.ends_early) if said.ends_early else None
    if early is not None and early >= start:
        return "over"
    return "over" if now >= limit(ground, case.holder, start, said.lasts) else "running"


def calendar_of(ground: Ground, agency: str | None) -> Calendar:
    if agency is not None and agency in ground.directory.agencies:
        return ground.directory.calendar_of(agency)
    return next(iter(ground.directory.calendars.values()))


def limit(ground: Ground, agency: str | None, start: datetime, length: Duration) -> datetime:
    """The end of a length of time, by the working days of an agency and the months of the SOP."""
    return calendar_of(ground, agency).after(start, length, str(ground.procedure.sop.calendar))


def stage_due(ground: Ground, case: Case, now: datetime) -> Due | None:
    """The earliest running deadline of the stage in which the case is; None where it has none.

    A hold stops neither a limit that the law sets, nor any in a protection stage with a deadline under a day, nor one
    that was over when the hold began.
    """
    if case.stage is None or case.status != "open":
        return None
    stage = ground.procedure.sop.stages[case.stage]
    if case.extended_until is not None:
        until = _running(case, stage, None, case.extended_until)
        if until is None:
            return None
        return Due(until, "stage", case.stage, stage.title, case.holder, "extended", case.counts_from)
    values = values_now(ground, case, now)
    found = [_of_deadline(ground, case, said, case.counts_from, values) for said in stage.deadline]
    moments = [(running, said) for at, said in found if at is not None and (running := _running(case, stage, said, at))]
    if not moments:
        return None
    at, said = min(moments, key=lambda pair: pair[0])
    return Due(at, "stage", case.stage, stage.title, case.holder, str(said.source or ""), case.counts_from)


def _running(case: Case, stage: Stage, said: Deadline | None, at: datetime) -> datetime | None:
    """When a limit of the stage is over, with the time of the holds that stopped it; None while one stops it."""
    if not _may_stop(stage, said):
        return at
    for pause in case.pauses:
        if at > pause.since:
            at += pause.until - pause.since
    return None if case.hold is not None and at > case.hold.since else at


def _may_stop(stage: Stage, said: Deadline | None) -> bool:
    """Whether a hold may stop a limit of a stage."""
    if said is not None and said.source is not None and said.source.kind == "law":
        return False
    short = any(one.within is not None and one.within.roughly() < A_DAY for one in stage.deadline)
    return not (stage.protection and short)


def _of_deadline(
    ground: Ground, case: Case, said: Deadline, start: datetime, values: Mapping[str, Value]
) -> tuple[datetime | None, Deadline]:
    if said.if_ is not None and ground.procedure.holds(said.if_, values) is False:
        return None, said
    if said.within is not None:
        return limit(ground, case.holder, start, said.within), said
    if said.each is not None:
        return min((at for _, at in rows_due(ground, case, said, start, values)), default=None), said
    if said.until is not None:
        value = values.get(str(said.until))
        return (datetime.fromisoformat(str(value)).astimezone(UTC) if value else None), said
    return None, said


def rows_due(
    ground: Ground, case: Case, said: Deadline, start: datetime, values: Mapping[str, Value]
) -> Iterator[tuple[dict[str, Any], datetime]]:
    """The rows that are not fixed, each with its limit: the end of the day that it says, never later than `at_most`."""
    zone = calendar_of(ground, case.holder).zone
    for row in still_open(rows_of(values, said.each), rows_of(values, said.fixed_in)):
        longest = said.at_most.cases.get(str(row.get(str(said.at_most.by)))) if said.at_most is not None else None
        moments = [limit(ground, case.holder, start, longest)] if longest is not None else []
        day = row.get(str(said.until))
        if day is not None:
            local = datetime.fromisoformat(str(day)[:10]).replace(tzinfo=zone) + A_DAY
            moments.append(local.astimezone(UTC))
        if moments:
            yield row, min(moments)


def rows_of(values: Mapping[str, Any], name: str | None) -> list[dict[str, Any]]:
    """The rows of a list as they were last recorded; none where it was not."""
    found = values.get(str(name)) if name is not None else None
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def next_openings(ground: Ground, case: Case) -> list[tuple[datetime, Spawn]]:
    """When the cases that are opened again and again at this stage are to be opened next."""
    if case.status != "open":
        return []
    found = []
    for said in ground.procedure.sop.every:
        if said.while_ == case.stage:
            last = case.opened_for.get(str(said.spawn.name), case.stage_since)
            found.append((limit(ground, case.holder, last, said.every), said.spawn))
    return found


def people_here(ground: Ground, case: Case, name: str) -> list[Occurrence]:
    """The records of a step that everybody makes alone, since its stage was last entered."""
    state, stage = case.steps.get(name), ground.procedure.steps[name][0]
    since = case.entered.get(stage or "", case.opened)
    return [one for one in state.recent if one.by and one.happened >= since] if state is not None else []


def clocks_due(ground: Ground, case: Case, now: datetime) -> list[Due]:
    """The deadlines that cross stages and are running; none while another case of the person goes on instead."""
    if case.merged is not None:
        return []
    values = values_now(ground, case, now)
    running = []
    for name, clock in ground.procedure.sop.clocks.items():
        start, stop = moment(case, clock.starts), moment(case, clock.stops)
        if start is None or (stop is not None and stop >= start):
            continue
        if ground.procedure.holds(clock.if_, values) is False:
            continue
        agency = ground.agency(case, str(clock.charged_to))
        at = limit(ground, agency, start, clock.within) + _left_out(clock, values, start)
        running.append(Due(at, "clock", str(name), clock.title, agency, str(clock.source), start))
    return running


def _left_out(clock: Clock, values: Mapping[str, Value], start: datetime) -> timedelta:
    """How much of the time after its start a clock does not count: nothing until both ends are known."""
    ends = [values.get(str(name)) for name in (clock.excluding.from_, clock.excluding.to)] if clock.excluding else []
    if not ends or None in ends:
        return timedelta(0)
    begun, ended = (datetime.fromisoformat(str(end)).astimezone(UTC) for end in ends)
    return max(ended - max(begun, start), timedelta(0))


def steps_due(ground: Ground, case: Case, now: datetime) -> list[Due]:
    """The steps of the stage that have a deadline of their own and are not done."""
    if case.stage is None or case.status != "open":
        return []
    values = values_now(ground, case, now)
    found = []
    for name, step in ground.procedure.sop.stages[case.stage].steps.items():
        state = case.steps.get(str(name))
        unwanted = step.needed.if_ is not None and ground.procedure.holds(step.needed.if_, values) is False
        if unwanted or ground.procedure.holds(step.only_if, values) is False:
            continue
        if step.repeat is not None and (at := next_occurrence(ground, case, str(name))) is not None:
            agency = ground.doers(case, step)[0][0]
            found.append(Due(at, "step", str(name), step.title, agency, str(step.source or ""), case.stage_since))
            continue
        if state is not None and state.done:
            continue
        moments = [_of_deadline(ground, case, said, case.counts_from, values)[0] for said in step.deadline]
        known = [at for at in moments if at is not None]
        if known:
            agency = ground.doers(case, step)[0][0]
            found.append(Due(min(known), "step", str(name), step.title, agency, "", case.counts_from))
    return found


def occurrences(ground: Ground, case: Case, name: str, until: datetime) -> int:
    """How many records of a repeated step are due by a moment, counted from the entry of its stage."""
    return sum(1 for at in _schedule(ground, case, name, until) if at <= until)


def recorded_here(case: Case, name: str) -> int:
    """How often a step was recorded since its stage was entered."""
    state = case.steps.get(name)
    if state is None:
        return 0
    here = sum(1 for record in state.recent if record.happened >= case.stage_since)
    return state.count if here == len(state.recent) else here


def next_occurrence(ground: Ground, case: Case, name: str) -> datetime | None:
    """When the next record of a repeated step is due; None after the last."""
    done, schedule = recorded_here(case, name), _schedule(ground, case, name, None)
    return schedule[done] if done < len(schedule) else None


def _schedule(ground: Ground, case: Case, name: str, until: datetime | None) -> list[datetime]:
    """The due times of a repeated step: those that are listed, or one after the other up to `until` and one more."""
    repeat = ground.procedure.step_of(name).repeat
    if repeat is None:
        return []
    start = case.stage_since
    if repeat.at:
        return [limit(ground, case.holder, start, length) for length in repeat.at]
    if repeat.every is None:
        return []
    found: list[datetime] = []
    end = limit(ground, case.holder, start, repeat.until) if repeat.until is not None else None
    wanted = recorded_here(case, name) + 1
    while len(found) < MOST_OCCURRENCES:
        at = limit(ground, case.holder, start, Duration(repeat.every.amount * (len(found) + 1), repeat.every.unit))
        if end is not None and at > end:
            break
        found.append(at)
        if len(found) > wanted and (until is None or at > until):
            break
    return found


def tracks_due(ground: Ground, case: Case) -> list[Due]:
    """By when tracks must reach their states, where the day from which it counts is known."""
    found = []
    for name, track in ground.procedure.sop.tracks.items():
        reached = case.tracks[str(name)].reached if str(name) in case.tracks else {}
        for said in track.deadline:
            since = case.values.get(str(said.since))
            if since is None or str(said.reaches) in reached:
                continue
            agency = ground.agency(case, str(track.owner))
            start = datetime.fromisoformat(str(since)[:10]).replace(tzinfo=calendar_of(ground, agency).zone)
            at = limit(ground, agency, start.astimezone(UTC), said.within)
            found.append(Due(at, "track", str(name), track.title, agency, str(said.source), start.astimezone(UTC)))
    return found


def all_due(ground: Ground, case: Case, now: datetime) -> list[Due]:
    """Every running limit of a case, earliest first."""
    found = [*clocks_due(ground, case, now), *steps_due(ground, case, now)]
    if case.status == "open":
        found += tracks_due(ground, case)
    stage = stage_due(ground, case, now)
    if stage is not None:
        found.append(stage)
    if case.offer is not None:
        title = ground.procedure.sop.stages[case.offer.stage].title
        found.append(Due(case.offer.answer_by, "offer", case.offer.stage, title, case.offer.to, "", case.offer.made))
    exits = ground.exits(case)
    for event, heard in case.heard.items():
        if heard.exit in exits and case.merged is None:
            found.append(Due(heard.due, "heard", event, exits[heard.exit].title, case.holder, "", heard.since))
    for duty in case.duties:
        found.append(Due(duty.due, "duty", duty.step, ground.procedure.step_of(duty.step).title, duty.agency))
    if case.owed_signature is not None:
        title = Text("Second signature", "दोस्रो हस्ताक्षर")
        found.append(Due(case.owed_signature.due, "signature", case.owed_signature.exit, title, case.holder))
    if case.hold is not None:
        found.append(
            Due(
                case.hold.review_by,
                "hold",
                case.hold.reason,
                Text("Review of the hold", "रोकको पुनरावलोकन"),
                case.holder,
            )
        )
    for key, task in case.tasks.items():
        found.append(Due(task.due, "task", key, Text("Task", "काम"), task.agency, "", task.since))
    for key, referral in case.referrals.items():
        if referral.status == "asked":
            title = Text("Answer to a request for a service", "सेवा मागको जवाफ")
            found.append(Due(referral.due, "referral", key, title, referral.to, "", referral.since))
    if case.stop is not None:
        title = Text("Review of the red stop", "रातो रोकको पुनरावलोकन")
        found.append(Due(case.stop.review_by, "stop", str(case.stop.by), title, case.holder, "", case.stop.since))
    for key, one in case.emergencies.items():
        if one.justified is None:
            title = Text("Review of a reading in an emergency", "आपत्कालीन हेराइको पुनरावलोकन")
            found.append(Due(one.review_by, "emergency", key, title, answers_for(case), "", one.since))
    found += _conflicts_due(case)
    for key, awaited in case.awaited.items():
        chase = _chase(ground, case, key, awaited.since, now)
        if chase is not None:
            found.append(Due(chase, "chase", key, Text("Ask again", "फेरि सोध्ने"), case.holder))
        if awaited.due is not None:
            found.append(Due(awaited.due, "awaited", key, Text("Answer", "जवाफ"), awaited.body))
    return sorted(found, key=lambda due: due.at)


def _conflicts_due(case: Case) -> Iterator[Due]:
    """By when a conflict of interest is to be signed, and a holder that has one to be replaced."""
    for agency, one in case.conflicts.items():
        if one.confirm_by is not None:
            title = Text("Second signature to a conflict of interest", "स्वार्थ बाझिएकोमा दोस्रो हस्ताक्षर")
            yield Due(one.confirm_by, "confirmation", agency, title, one.confirms, "", one.since)
        if case.holder == agency:
            title = Text("Give the case to another agency", "विषय अर्को निकायलाई दिने")
            yield Due(one.act_by, "conflict", agency, title, one.said.oversight, "", one.since)


def _chase(ground: Ground, case: Case, key: str, since: datetime, now: datetime) -> datetime | None:
    """When an awaited answer is to be asked for again, where the SOP says how often."""
    step = ground.procedure.steps.get(key)
    every = step[1].awaits.chase_every if step is not None and step[1].awaits is not None else None
    if every is None:
        return None
    for count in range(1, MOST_OCCURRENCES):
        at = limit(ground, case.holder, since, Duration(every.amount * count, every.unit))
        if at > now:
            return at
    return None


def listed_due(case: Case, limits: Sequence[Due]) -> datetime | None:
    """By when a case is due in a worklist, of all its limits: its stage, else the answer to its offer."""
    offered = case.offer.answer_by if case.offer is not None else None
    return next((due.at for due in limits if due.what == "stage"), offered)


def answer_within(ground: Ground, stage: str, receiver: str, now: datetime) -> datetime:
    """By when an offer is to be answered: as the stage says, an hour in protection, else one working day.

    Never more than a quarter of the first deadline of the stage.
    """
    said = ground.procedure.sop.stages[stage]
    wait = said.taking_over.accept_within or (Duration(1, "hours") if said.protection else Duration(1, "working days"))
    answer = limit(ground, receiver, now, wait)
    first = next((deadline.within for deadline in said.deadline if deadline.within is not None), None)
    if first is not None:
        answer = min(answer, now + (limit(ground, receiver, now, first) - now) / 4)
    return answer
