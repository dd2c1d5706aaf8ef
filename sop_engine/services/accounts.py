"""Signing in and out: sessions are kept on the server, the browser holds only a random token."""

from sop_engine.services.installation import Installation
from sop_engine.store import people
from sop_engine.store.database import looking, writing
from sop_engine.store.people import Account, Reader, Session

__all__ = ["Account", "Reader", "Session", "reads", "session_of", "sign_in", "sign_out"]


def sign_in(inst: Installation, name: str, password: str) -> str | None:
    """A session's token where name and password fit; the same time is taken where they do not."""
    with looking(inst.engine) as connection:
        account = people.check(connection, name, password)
    if account is None:
        return None
    with writing(inst.engine) as connection:
        return people.begin_session(connection, account, inst.clock())


def session_of(inst: Installation, token: str, stays: bool = True) -> Session | None:
    """The session of a token; None where it has ended. Where somebody `stays`, it goes on living."""
    with looking(inst.engine) as connection:
        found = people.of_session(connection, token, inst.clock())
    if found is not None and found.due and stays:
        with writing(inst.engine) as connection:
            people.touch_session(connection, token, inst.clock())
    return found


def reads(inst: Installation, account: Account, reader: Reader) -> None:
    """Keep how somebody reads."""
    with writing(inst.engine) as connection:
        people.reads(connection, account.id, reader)


def sign_out(inst: Installation, token: str) -> None:
    """End a session; its token is worth nothing from now on."""
    with writing(inst.engine) as connection:
        people.end_session(connection, token)
