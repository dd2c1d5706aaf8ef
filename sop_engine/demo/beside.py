"""What agencies of the demonstration ask of each other beside the steps: notes, tasks, services, a red stop."""

from datetime import timedelta

from sop_engine.case import commands as cmd
from sop_engine.case.state import Case
from sop_engine.demo.play import Play
from sop_engine.services.installation import actor_of, new_id
from sop_engine.services.sending import send
from sop_engine.store import worklists
from sop_engine.store.database import looking

BUSY = ("himal-aashraya", "wcsc-kathmandu", "utis", "ahtb")
EACH = 6
NOTES = (
    "Her sister telephoned; she is well and wants to be called after five.",
    "The doctor asks that she rests two more days before she travels.",
    "Please bring the copy of the birth registration on Thursday.",
)
TASKS = (
    "Buy a SIM card she can keep.",
    "Ask the school for a place from next month.",
    "Bring her papers from the station.",
)


def ask(play: Play) -> None:
    """Let some cases of busy agencies have something asked beside their steps, and one a red stop."""
    for agency in BUSY:
        cases = _held(play, agency)[:EACH]
        for number, case in enumerate(cases):
            _note(play, case, number)
            if number % 2 == 0:
                _task(play, case, number)
            if number % 3 == 0:
                _service(play, case)
            if number < EACH // 2:
                _send(play, case, cmd.Assign, {}, worker=play.cast.worker(agency).id)
        if cases and agency == BUSY[0]:
            _send(play, cases[-1], cmd.RedStop, {"reason": "An unknown man asked for her at the gate."})


def _held(play: Play, agency: str) -> list[Case]:
    """The open cases about people that an agency holds, in the order of their numbers."""
    now = play.clock()
    whose = worklists.Whose(agency, play.cast.worker(agency).id, now, now)
    with looking(play.inst.engine) as connection:
        shelves = worklists.shelves(connection, whose, worklists.Filter(), EACH * 3)
    ids = sorted(
        {line.case_id: line.number for shelf in shelves for line in shelf.lines}.items(), key=lambda one: one[1]
    )
    cases = [play.case(case_id) for case_id, _ in ids]
    return [case for case in cases if case.holder == agency and case.about == "person" and case.status == "open"]


def _note(play: Play, case: Case, number: int) -> None:
    others = sorted({code for code in case.parts.values() if code != case.holder})
    to = others[:1] if number % 3 == 2 else []
    _send(play, case, cmd.Note, {"note": NOTES[number % len(NOTES)]}, to=to)


def _task(play: Play, case: Case, number: int) -> None:
    others = sorted({code for code in case.parts.values() if code in play.cast.of})
    agency = others[number % len(others)] if others else case.holder
    due = play.clock() + timedelta(days=1 + number)
    _send(play, case, cmd.AddTask, {"task": TASKS[number % len(TASKS)]}, agency=agency, due=due)


def _service(play: Play, case: Case) -> None:
    """A service is asked where a consent covers it."""
    given = next((name for name, state in case.consents.items() if state.status == "given" and not state.to), None)
    due = play.clock() + timedelta(days=2)
    if given is not None:
        asked = {"asked": "A talk with a counsellor, a woman, twice a week."}
        _send(play, case, cmd.Refer, asked, to="bakaino", service="psychosocial", due=due, consent=given)


def _send(play: Play, case: Case, command: type[cmd.Command], secrets: dict[str, str], **words: object) -> None:
    """Send a command as a worker of the holder; where the case does not take it, it stays as it was."""
    actor = actor_of(play.cast.worker(case.holder or ""))
    send(play.inst, case.id, command(id=new_id(), actor=actor, **words), secrets)  # type: ignore[arg-type]
