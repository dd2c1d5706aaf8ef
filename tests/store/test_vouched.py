"""Whoever writes the database, and has no key, becomes nobody else: what was changed from outside opens nothing."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from sop_engine.app import begin_log_anew, installation
from sop_engine.services import auditing, own_view, staff
from sop_engine.services.accounts import Entered, Origin, session_of, sign_in
from sop_engine.services.installation import actor_of
from sop_engine.services.own_view import Paper, set_view
from sop_engine.services.tokens import bearer_of, make_token
from sop_engine.store import factors, sessions
from sop_engine.store.database import looking, writing
from sop_engine.store.factors import TOTP, Factor
from tests.support.world import PASSWORD, World

HERE = Origin("198.51.100.7")


def change(world: World, statement: str, **values: Any) -> None:
    with writing(world.inst.engine) as connection:
        assert connection.execute(text(statement), values).rowcount > 0


def enters(world: World, name: str, password: str = PASSWORD) -> str | None:
    found = sign_in(world.inst, name, password, HERE)
    return found.token if isinstance(found, Entered) else None


CHANGES = {
    "another password": "UPDATE person SET password = (SELECT password FROM person WHERE sign_in = 'utis') "
    "WHERE sign_in = 'ahtb'",
    "another agency": "UPDATE person SET agency = 'mowcsc' WHERE sign_in = 'ahtb'",
    "more roles": "UPDATE person SET roles = '[\"administrator\"]' WHERE sign_in = 'ahtb'",
    "another name": "UPDATE person SET sign_in = 'ahtc' WHERE sign_in = 'ahtb'",
}


@pytest.mark.parametrize("statement", CHANGES.values(), ids=CHANGES)
def test_an_account_that_was_changed_from_outside_opens_nothing(world: World, statement: str) -> None:
    token = enters(world, "ahtb")
    assert token is not None
    assert session_of(world.inst, token) is not None
    change(world, statement)
    assert session_of(world.inst, token) is None
    assert enters(world, "ahtb") is enters(world, "ahtc") is None
    account = world.play.cast.worker("ahtb")
    assert f"account {account.id}: what opens it was changed from outside" in str(auditing.verify(world.inst).problems)
    assert enters(world, "utis") is not None


def test_a_second_factor_that_was_taken_away_from_outside_is_missed(world: World) -> None:
    account = world.play.cast.worker("ahtb")
    one = Factor("f" * 32, account.id, TOTP, "", b"sealed", world.clock(), begun_by="x")
    with writing(world.inst.engine) as connection:
        factors.add(connection, one)
        assert factors.confirm(connection, one.id, 1, world.clock())
        staff.people.vouch(connection, world.inst.guard, account.id)
    assert auditing.verify(world.inst).problems == []
    change(world, "DELETE FROM factor")
    assert sign_in(world.inst, "ahtb", PASSWORD, HERE) is None


def test_a_session_that_was_put_in_or_given_to_somebody_else_is_none(world: World) -> None:
    mine, victim = enters(world, "utis") or "", world.play.cast.lead("ahtb")
    assert session_of(world.inst, mine) is not None
    change(world, "UPDATE session SET person = :v", v=victim.id)
    assert session_of(world.inst, mine) is None
    change(world, "UPDATE session SET token = :t", t=sessions.key_of("known"))
    assert session_of(world.inst, "known") is None


def test_a_token_of_a_program_serves_its_owner_alone(world: World) -> None:
    secret = make_token(world.inst, world.play.cast.worker("utis"), "x", ["read"], 3, PASSWORD, HERE)
    assert isinstance(secret, str), secret
    assert bearer_of(world.inst, secret) is not None
    change(world, "UPDATE token SET person = :v", v=world.play.cast.lead("ahtb").id)
    assert bearer_of(world.inst, secret) is None


def test_a_code_and_a_pin_open_their_own_case_alone(world: World) -> None:
    play = world.play
    hers, other = (play.open("identification", "report", "utis", place_found="NP0327") for _ in range(2))
    utis = actor_of(play.cast.worker("utis"))
    paper = set_view(world.inst, utis, play.case(other).number, "given", None)
    assert isinstance(paper, Paper)
    assert isinstance(own_view.sign_in(world.inst, paper.code, paper.pin, HERE), str)
    assert isinstance(set_view(world.inst, utis, play.case(hers).number, "given", None), Paper)
    change(world, "DELETE FROM own_view WHERE case_id = :h", h=hers)
    change(world, "UPDATE own_view SET case_id = :h", h=hers)
    assert own_view.sign_in(world.inst, paper.code, paper.pin, HERE) is None


def test_a_new_log_key_vouches_for_what_the_old_one_did_and_for_nothing_else(world: World) -> None:
    change(world, CHANGES["more roles"])
    begin_log_anew(world.settings)
    world = replace(world, inst=installation(world.settings, world.clock))
    assert enters(world, "utis") is not None
    assert enters(world, "ahtb") is None
    assert staff.vouch_for_all(world.inst) > 20
    assert enters(world, "ahtb") is not None
    with looking(world.inst.engine) as connection:
        assert staff.people.altered(connection, world.inst.guard) == []
