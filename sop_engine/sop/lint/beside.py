"""What stands beside the main line: moments, clocks, periods, tracks, standing rules and holds name what is there."""

from sop_engine.sop.language import After, Clock, Moment, Track
from sop_engine.sop.lint.check import Checked
from sop_engine.sop.lint.values import is_day
from sop_engine.sop.reading import Word


def check(checked: Checked) -> None:
    sop = checked.sop
    for clock in sop.clocks.values():
        _clock(checked, clock)
    for period in sop.periods.values():
        _moment(checked, period.starts)
        if period.ends_early is not None:
            _moment(checked, period.ends_early)
    for moment in sop.milestones.values():
        _moment(checked, moment)
    for track in sop.tracks.values():
        _track(checked, track)
    for standing in sop.always:
        _after(checked, standing.after)
        for name in standing.redo:
            checked.known_step(name)
    for hold in sop.holds.values():
        checked.known_person(hold.by)
        for stage in hold.not_in:
            checked.known(stage, sop.stages, "stage")


def _clock(checked: Checked, clock: Clock) -> None:
    _moment(checked, clock.starts)
    _moment(checked, clock.stops)
    checked.known(clock.charged_to, checked.sop.agencies, "part")
    if clock.excluding is not None:
        for end in (clock.excluding.from_, clock.excluding.to):
            _recorded_time(checked, end)


def _moment(checked: Checked, moment: Moment) -> None:
    sop = checked.sop
    said = [word for word in (moment.entered, moment.left, moment.done, moment.reaches) if word is not None]
    if len(said) != 1:
        checked.mistake(moment.place, "a moment needs exactly one of: entered, left, done, reaches")
    if moment.entered is not None:
        checked.known(moment.entered, {*sop.stages, *sop.outcomes}, "stage or outcome")
    if moment.left is not None:
        checked.known(moment.left, sop.stages, "stage")
    if moment.done is not None:
        checked.known_step(moment.done)
    if moment.reaches is not None:
        _reached(checked, moment.reaches)


def _reached(checked: Checked, word: Word) -> None:
    name, _, state = str(word).partition(".")
    if not checked.known(Word(name, word.place), checked.sop.tracks, "track") or name not in checked.sop.tracks:
        return
    states = checked.sop.tracks[name].states
    if state not in states:
        checked.mistake(word.place, f"'{word}' is no state of a track: write TRACK.STATE, one of: {', '.join(states)}")


def _recorded_time(checked: Checked, word: Word) -> None:
    """Rules read no closed value, and a time is closed: they read the fact that it gives."""
    fact = checked.sop.facts.get(word)
    if fact is None or fact.as_ != "time":
        checked.mistake(word.place, f"'{word}' is no time that rules may read: name a fact `as: time`")


def _track(checked: Checked, track: Track) -> None:
    sop = checked.sop
    checked.known(track.owner, sop.agencies, "part")
    checked.known_signers(track.open_at_end)
    for move in track.moves.values():
        if move.done_by is not None:
            checked.known(move.done_by, sop.agencies, "part")
    from_ = [state for move in track.moves.values() for state in move.from_]
    for state in [*track.labels, *track.moves, *from_, *(said.reaches for said in track.deadline)]:
        checked.known(state, track.states, "state of this track")
    for said in track.deadline:
        if not is_day(checked, said.since, opened=True):
            checked.mistake(
                said.since.place,
                f"'{said.since}' is no day that rules read: name an open field of type date or a fact made by time",
            )


def _after(checked: Checked, after: After) -> None:
    said = [word for word in (after.marked, after.done or None, after.entered, after.received) if word is not None]
    if len(said) != 1:
        checked.mistake(after.place, "a standing rule begins after exactly one of: marked, done, entered, received")
    if after.marked is not None:
        marks = {str(step.mark) for _, _, step in checked.steps() if step.mark is not None}
        checked.known(after.marked, marks, "mark of a step")
    for name in after.done:
        checked.known_step(name)
    if after.entered is not None:
        checked.known(after.entered, checked.sop.stages, "stage")
