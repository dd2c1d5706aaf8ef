"""Cases that bring notices, and people who get them by e-mail."""

from sop_engine.case import commands as cmd
from sop_engine.case.refusal import Refusal
from sop_engine.demo.stories import bar_rescue
from sop_engine.services import mail_choices
from sop_engine.services.installation import actor_of, new_id
from sop_engine.services.notices import KINDS
from sop_engine.services.passing import run_once
from sop_engine.services.sending import Done, send
from sop_engine.store import mailing
from sop_engine.store.database import looking
from sop_engine.store.people import Account
from tests.support.world import World

POLICE, DESK = "ahtb", "wcsc-kathmandu"
ADDRESS = "desk.officer@mail.example"


def sent(world: World, case_id: str, command: cmd.Command, secrets: dict[str, str] | None = None) -> Done:
    answer = send(world.inst, case_id, command, secrets)
    assert not isinstance(answer, Refusal), answer.sentence()
    return answer


def offered(world: World) -> tuple[str, str]:
    """A person offered to the desk, and another of the same operation who is with the police."""
    operation = bar_rescue.tip_off(world.play)
    persons = [one for one, _ in bar_rescue.persons(world.play, operation)]
    world.play.finish(persons[0])
    world.play.go(persons[0], "to_safety")
    return persons[0], persons[1]


def noted(world: World, case_id: str) -> None:
    """A note to the desk about a case that is offered to it."""
    note = cmd.Note(id=new_id(), actor=actor_of(world.play.cast.worker(POLICE)), to=[DESK])
    sent(world, case_id, note, {"note": "She asks for her sister."})
    run_once(world.inst)


def code(world: World, account: Account) -> str:
    """The code that is on its way to an address of somebody."""
    with looking(world.inst.engine) as connection:
        unproven = mail_choices.code_of(world.inst, connection, mailing.load(connection, account.id))
    assert unproven is not None
    return unproven.code


def proven(world: World, account: Account, address: str = ADDRESS, how: str = "at_once", language: str = "en") -> None:
    """Somebody who gets e-mails of every kind at her address."""
    assert mail_choices.ask_for_code(world.inst, account, address, language) is None
    assert mail_choices.prove(world.inst, account, code(world, account)) is None
    assert mail_choices.choose(world.inst, account, language, how, 9, None, KINDS) is None
