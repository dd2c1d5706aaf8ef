"""Whether a person is known here is told to nobody: with and without her case an attacker is given the same bytes."""

import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from sop_engine.case import commands as cmd
from sop_engine.case.refusal import refuse
from sop_engine.services import sending
from sop_engine.services.finding import asked_by
from sop_engine.services.installation import CASE, LETTERS, actor_of, check_letter, new_id
from sop_engine.services.own_view import Paper, set_view
from sop_engine.services.passing import run_once
from sop_engine.services.registering import register_of
from sop_engine.services.sending import Done, open_case, send
from sop_engine.store import worklists
from sop_engine.store.database import looking
from sop_engine.store.tables import standing
from tests.api.conftest import secret_of
from tests.support.two_worlds import Answered, Ask, played, same_chance, twin
from tests.support.world import MORNING, World
from tests.web.conftest import removed
from web import create_app, guard
from web.cases import opening

NAME, LATIN, PHONE, BIRTH = "फूलमाया कनारी", "Phulmaya Kanari", "9847-112233", "2008"
ABSENT = "NP-2222-222G"
HOLDER = "wcsc-kathmandu"
# Nobody of these has a relation to her case: a bureau, a desk elsewhere, a shelter, who watches homes, who reviews.
ATTACKERS = ("ahtb", "wcsc-jhapa", "himal-aashraya", "ncrc", "mowcsc")
SHORTLY = ("wcsc-jhapa", "mowcsc")
REVIEWERS = ("mowcsc", "ncrc")
SESSIONS = 2
# What grows with every event of anybody: the signed log, which whoever wants to witness it may read.
OF_THE_LOG = "/api/v1/log/request"
# Who reviews procedures reads how many cases there were of each.
OF_REVIEW = ("/review/?sop=identification", "/api/v1/figures?sop=identification")


class Pair:
    """Two worlds, of which the second knows her; and her number there."""

    def __init__(self, home: Path) -> None:
        site = removed(home / "without")
        self.without = site.world
        self.operation = site.number(site.operation)
        self.secrets = {name: secret_of(site, name, days=300) for name in ATTACKERS}
        while run_once(self.without.inst):
            pass
        self.known = twin(self.without, home / "with")
        hers = self.known.play.open("identification", "report", HOLDER, **said())
        self.number = self.known.play.case(hers).number
        self.code = _own_view(self.known, hers)
        for world in (self.without, self.known):
            world.clock.now = MORNING + timedelta(days=2)
            while run_once(world.inst):
                pass


def said() -> dict[str, Any]:
    return {"person_name": NAME, "contact_phone": PHONE, "birth_date": BIRTH, "place_found": "NP0327"}


def _own_view(world: World, case_id: str) -> str:
    """Her holder writes in it and gives her an own view; its code."""
    actor = actor_of(world.play.cast.worker(HOLDER))
    answer = send(world.inst, case_id, cmd.Note(id=new_id(), actor=actor), {"note": "She sleeps at her aunt's."})
    assert isinstance(answer, Done)
    paper = set_view(world.inst, actor, world.play.case(case_id).number, "given", None)
    assert isinstance(paper, Paper)
    return paper.code


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return Pair(tmp_path_factory.mktemp("worlds"))


def session(pair: Pair, chance: random.Random) -> list[Ask]:
    """Whatever an attacker may try, in an order that chance gives."""
    asks: list[Ask] = []
    for typed in (NAME, LATIN, "Kanari Fulmaya", "फूलमाया", PHONE, "९८४७११२२३३", "SN-0001", pair.number, ABSENT):
        asks.append(Ask("POST", "/search", {"data": {"typed": typed, "status": "all"}}))
        asks.append(Ask("POST", "/api/v1/search", {"json": {"typed": typed, "status": "all"}}, True))
    for number in (pair.number, ABSENT):
        pages = ("", "/print", "/print.pdf", "/looks", "/join", "/steps/register", "/way/unfounded")
        asks += [Ask("GET", f"/cases/{number}{page}") for page in pages]
        asks += [Ask("POST", f"/cases/{number}/{act}", {"data": {"note": "x"}}) for act in ("note", "accept", "stop")]
        asks += [
            Ask("GET", f"/api/v1/cases/{number}{what}", {}, True)
            for what in ("", "/history", "/looks", "/print", "/steps/register", "/ways/unfounded")
        ]
        asks.append(Ask("POST", f"/api/v1/cases/{number}/notes", {"json": {"sentence": "x"}}, True))
        asks.append(Ask("POST", "/together/", {"data": {"number": number}}))
        asks.append(Ask("POST", "/api/v1/together", {"json": {"numbers": [number]}}, True))
        asks.append(Ask("POST", f"/cases/{pair.operation}/join", {"data": {"other": number, "reason": "She is one."}}))
    lists = (
        "/", "/day/counts", "/notices", "/agencies/", "/agencies/rights", "/homes/", "/homes/findings", "/procedures/",
        "/search", "/cases/open", "/paper", "/me/tokens", "/me/security", "/emergency", "/s/ne/", "/s/ne/write",
        *(f"/day/{shelf}" for shelf in ("late", "soon", "awaiting", "mine", "unassigned", "taking_part", "offered")),
    )  # fmt: skip
    asks += [Ask("GET", page) for page in lists] * 2
    of_api = (
        "/me",
        "/day",
        "/cases?status=all",
        "/cases?status=closed",
        "/notices",
        "/agencies",
        "/homes",
        "/day/late",
    )
    asks += [Ask("GET", f"/api/v1{what}", {}, True) for what in of_api] * 2
    asks += [Ask("GET", f"{what}") for what in OF_REVIEW[:1]] + [Ask("GET", OF_REVIEW[1], {}, True)]
    asks.append(Ask("GET", OF_THE_LOG, {}, True))
    for name in (NAME, LATIN):
        known = {"name": name, "phone": PHONE, "birth": BIRTH}
        form = {"what": "identification/report", "screened": "yes", "command": f"{len(asks):032x}", **known}
        asks.append(Ask("POST", "/cases/open", {"data": form}))
        opened = {"sop": "identification", "entry": "report", "known": known, "anyway": name == LATIN}
        asks.append(Ask("POST", "/api/v1/cases", {"json": opened}, True))
    emergency = {"number": ABSENT, "reason": "Somebody waits before her house.", "command": "e" * 32}
    asks.append(Ask("POST", "/emergency", {"data": emergency}))
    asks.append(Ask("POST", "/emergency", {"data": {**emergency, "number": "NP-1234-5678"}}))
    asks.append(Ask("POST", "/s/en/", {"data": {"code": pair.code, "pin": "123456"}}))
    complaint = {
        "written_by": "relative", "concerned": HOLDER, "what_happened": f"Where is {LATIN}?", "command": "c" * 32,
    }  # fmt: skip
    asks.append(Ask("POST", "/s/en/write", {"data": complaint}))
    chance.shuffle(asks)
    return asks


def test_what_is_asked_is_there(pair: Pair) -> None:
    """No address of the session is one that there is not: a page that is never there tells nothing."""
    adapter = create_app(pair.without.inst, pair.without.settings).url_map.bind("localhost")
    for ask in session(pair, random.Random(0)):
        assert adapter.test(ask.path.partition("?")[0], ask.method), (ask.method, ask.path)


def short(pair: Pair) -> set[str]:
    """The addresses of a short session."""
    return {f"/cases/{pair.number}", f"/cases/{ABSENT}", "/cases/open", "/day/counts", "/search"}


def differing(
    pair: Pair, home: Path, name: str, seed: int, few: bool = False
) -> tuple[list[tuple[str, str]], int, int]:
    """The requests whose answers are not the same, how many there were, and how many bytes were compared."""
    asks = [one for one in session(pair, random.Random(seed)) if not few or one.path in short(pair)]
    found: list[list[Answered]] = []
    with same_chance() as begin:
        for place, world in (("a", pair.without), ("b", pair.known)):
            copy = twin(world, home / f"{name}-{seed}-{place}")
            found.append(list(played(copy, name, pair.secrets[name], asks, begin)))
            copy.inst.engine.dispose()
    other = [(ask.method, ask.path) for ask, one, two in zip(asks, *found, strict=True) if one != two]
    return other, len(asks), sum(len(one.body) for one in found[0])


SESSIONS_OF = [
    pytest.param(name, seed, marks=() if seed == 0 and name in SHORTLY else pytest.mark.slow)
    for name in ATTACKERS
    for seed in range(SESSIONS)
]


@pytest.mark.parametrize(("name", "seed"), SESSIONS_OF)
def test_with_her_case_and_without_it_every_byte_is_the_same(pair: Pair, tmp_path: Path, name: str, seed: int) -> None:
    declared = {OF_THE_LOG, *(OF_REVIEW if name in REVIEWERS else ())}
    other, asked, size = differing(pair, tmp_path, name, seed)
    undeclared = [one for one in other if one[1] not in declared]
    print(f"{name}, session {seed}: {asked} requests, {size} bytes compared, {len(undeclared)} undeclared differences")
    assert undeclared == []
    assert {path for _, path in other} == declared, "what is declared to differ differs, and nothing else"


def _rows(inst: Any) -> int:
    with looking(inst.engine) as connection:
        return int(connection.execute(select(func.count()).select_from(standing)).scalar_one())


def _counted(patch: pytest.MonkeyPatch) -> None:
    """A shelf counts what others have as well."""
    as_it_is = worklists._counts

    def counted(connection: Any, parts: Any) -> dict[str, int]:
        more = int(connection.execute(select(func.count()).select_from(standing)).scalar_one())
        return {shelf: n + more for shelf, n in as_it_is(connection, parts).items()}

    patch.setattr(worklists, "_counts", counted)


def _tagged(patch: pytest.MonkeyPatch) -> None:
    """Every answer carries the state of the database."""
    as_it_is = guard._cover

    def cover(response: Response) -> Response:
        response.headers["ETag"] = f'"{_rows(guard.here.installation()) % 7}"'
        return as_it_is(response)  # type: ignore[arg-type]

    patch.setattr(guard, "_cover", cover)


def _unique(patch: pytest.MonkeyPatch) -> None:
    """Nobody may open a second case of one person, whoever has the first."""

    def opened(inst: Any, actor: Any, sop: str, entry: str, values: Any, **more: Any) -> Any:
        asked = asked_by(PHONE) if values.get("contact_phone") else None
        with looking(inst.engine) as connection, register_of(inst, connection, None) as register:
            if asked and any(likeness.bits > 8 for _, likeness in register.find(asked)):
                return refuse("unique", "There is one", "छ")
        return open_case(inst, actor, sop, entry, values, **more)

    patch.setattr(opening, "open_case", opened)


def _in_a_row(patch: pytest.MonkeyPatch) -> None:
    """Numbers count the cases that there are."""
    as_it_is = sending.open_in

    def opened(inst: Any, connection: Any, version: str, command: Any, *more: Any) -> Any:
        n = int(connection.execute(select(func.count()).select_from(standing)).scalar_one())
        letters = "".join(LETTERS[n // 30**place % 30] for place in range(7))
        whole = letters + check_letter(letters)
        numbered = {"number": f"{CASE}-{whole[:4]}-{whole[4:]}"}
        return as_it_is(inst, connection, version, msgspec.structs.replace(command, **numbered), *more)

    patch.setattr(sending, "open_in", opened)


def _forbidden(patch: pytest.MonkeyPatch) -> None:
    """A foreign case is forbidden, and not absent."""
    as_it_is = guard._nothing_there

    def nothing(problem: Exception) -> Any:
        with looking(guard.here.installation().engine) as connection:
            there = worklists.by_number(connection, str(problem))
        return as_it_is(problem) if there is None else Response("Forbidden", 403)

    patch.setattr(guard, "_nothing_there", nothing)


@pytest.mark.parametrize("oracle", [_counted, _tagged, _unique, _in_a_row, _forbidden])
def test_an_oracle_that_is_planted_is_found(
    pair: Pair, tmp_path: Path, oracle: Callable[[pytest.MonkeyPatch], None]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        oracle(patch)
        other, _, _ = differing(pair, tmp_path, "wcsc-jhapa", 0, few=True)
    assert other


def test_without_an_oracle_the_short_session_tells_nothing(pair: Pair, tmp_path: Path) -> None:
    assert differing(pair, tmp_path, "wcsc-jhapa", 0, few=True)[0] == []


def test_whoever_opens_a_case_in_her_name_is_told_by_the_worker_and_so_is_her_holder(
    pair: Pair, tmp_path: Path
) -> None:
    """What is known to tell: it costs a case that stays, and her holder sees that agency and that number as well."""
    world = twin(pair.known, tmp_path / "told")
    trap = world.play.open("identification", "report", "wcsc-jhapa", **said())
    while run_once(world.inst):
        pass
    with looking(world.inst.engine) as connection:
        hers = worklists.by_number(connection, pair.number)
    assert hers is not None
    assert (list(world.play.case(trap).resembles), list(world.play.case(hers).resembles)) == ([hers], [trap])
