"""How many statements a page sends to the database: the same for few cases and for many, and written down here."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from sop_engine.store.prepared import Prepared
from tests.web.conftest import Signed, Site

# A page and how many statements it takes, those of the session and of the log of looks among them.
EXPECTED = {"/": 19, "/day/late": 8, "/day/unassigned": 8, "/cases/{person}": 17, "/notices": 3, "/me/notices": 3}


@contextmanager
def counted(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The statements that are sent meanwhile, through SQLAlchemy and beside it."""
    sent: list[str] = []
    run = Prepared.run

    def noted(self: Prepared, connection: Any, values: Any) -> Any:
        sent.append("prepared")
        return run(self, connection, values)

    def executed(*args: Any) -> None:
        sent.append(args[2])

    monkeypatch.setattr(Prepared, "run", noted)
    event.listen(site.world.inst.engine, "before_cursor_execute", executed)
    try:
        yield sent
    finally:
        event.remove(site.world.inst.engine, "before_cursor_execute", executed)


@pytest.mark.parametrize("address", EXPECTED)
def test_a_page_takes_as_many_statements_with_many_cases_as_with_few(
    site: Site, signed: Signed, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, path = signed("ahtb"), address.format(person=site.number(site.person))
    found = []
    for more in (0, 40):
        for _ in range(more):
            site.world.play.open("rescue-operation", "intel", "ahtb")
        client.get(path)
        with counted(site, monkeypatch) as sent:
            assert client.get(path).status_code == 200
        found.append(len(sent))
    assert found[0] == found[1]
    assert found[0] == EXPECTED[address]
