"""A true history is conforming; a forged one of each kind is found for what it is."""

from collections.abc import Callable

import msgspec
import pytest

from sop_engine.case import events as ev
from sop_engine.case.ground import Ground
from sop_engine.case.verdict import BREACH, of_history
from sop_engine.demo.stories import bar_rescue
from sop_engine.store import journal
from sop_engine.store.database import looking
from tests.support.world import World

History = list[ev.Envelope]


@pytest.fixture
def told(sqlite_world: World) -> tuple[Ground, History]:
    """One person's true history from removal to a bed in a shelter."""
    play = sqlite_world.play
    operation = bar_rescue.tip_off(play)
    person = bar_rescue.persons(play, operation)[0][0]
    bar_rescue.to_shelter(play, person, child=False)
    with looking(sqlite_world.inst.engine) as connection:
        return play.ground(play.case(person)), list(journal.history(connection, person))


def breaches(ground: Ground, history: History) -> set[str]:
    found = [verdict for _, judged in of_history(ground, history) for verdict in judged]
    return {verdict.kind for verdict in found if verdict.verdict == BREACH}


def numbered(history: History) -> History:
    return [msgspec.structs.replace(envelope, seq=number) for number, envelope in enumerate(history, 1)]


def place(history: History, wanted: Callable[[ev.Envelope], bool]) -> int:
    return next(number for number, envelope in enumerate(history) if wanted(envelope))


def records(step: str) -> Callable[[ev.Envelope], bool]:
    return lambda envelope: isinstance(envelope.event, ev.StepRecorded) and envelope.event.step == step


def enters(stage: str) -> Callable[[ev.Envelope], bool]:
    return lambda envelope: isinstance(envelope.event, ev.Entered) and envelope.event.stage == stage


def test_a_true_history_has_no_breach(told: tuple[Ground, History]) -> None:
    ground, history = told
    assert breaches(ground, history) == set()


def test_a_skipped_step_is_found(told: tuple[Ground, History]) -> None:
    ground, history = told
    del history[place(history, records("find_bed"))]
    assert "skipped_step" in breaches(ground, numbered(history))


def test_a_wrong_agency_is_found(told: tuple[Ground, History]) -> None:
    ground, history = told
    at = place(history, records("part"))
    history[at] = msgspec.structs.replace(history[at], agency="wcsc-jhapa")
    assert "wrong_agency" in breaches(ground, history)


def test_a_missing_consent_is_found(told: tuple[Ground, History]) -> None:
    ground, history = told
    del history[place(history, lambda envelope: isinstance(envelope.event, ev.ConsentGiven))]
    history[place(history, records("offer_care"))] = _answered(history, "offer_care", medical_answer="accepted")
    assert breaches(ground, numbered(history)) & {"missing_consent", "rule_broken"}


def _answered(history: History, step: str, **values: str) -> ev.Envelope:
    envelope = history[place(history, records(step))]
    assert isinstance(envelope.event, ev.StepRecorded)
    event = msgspec.structs.replace(envelope.event, values={**envelope.event.values, **values})
    return msgspec.structs.replace(envelope, event=event)


def test_a_wrong_order_is_found(told: tuple[Ground, History]) -> None:
    ground, history = told
    first, second = place(history, enters("sorted")), place(history, enters("adult_intake"))
    history[first], history[second] = history[second], history[first]
    assert "wrong_order" in breaches(ground, numbered(history))


def test_an_unknown_event_is_found(told: tuple[Ground, History]) -> None:
    ground, history = told
    at = place(history, records("part"))
    envelope = history[at]
    assert isinstance(envelope.event, ev.StepRecorded)
    history[at] = msgspec.structs.replace(envelope, event=msgspec.structs.replace(envelope.event, step="invented"))
    assert "unknown_event" in breaches(ground, history)


def test_a_waiver_by_one_person_alone_is_found(told: tuple[Ground, History]) -> None:
    ground, history = told
    at = place(history, records("find_bed"))
    waived = ev.StepWaived(step="find_bed", second_person="nobody")
    history[at] = msgspec.structs.replace(history[at], event=waived)
    assert "rule_broken" in breaches(ground, history)
