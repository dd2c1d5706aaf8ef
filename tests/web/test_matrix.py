"""The access matrix in full: whoever may not act is told what is told of nothing, and nothing at all is written.

Each act is sent as each relation that `rights_by_hand` names, real and played alone, with everything that it needs.
"""

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from sop_engine.case.refusal import Refusal
from sop_engine.services import changes
from sop_engine.services.administering import ask
from sop_engine.services.installation import new_sheet_code
from sop_engine.store import factors, people, sheets, worklists
from sop_engine.store.database import looking, writing
from sop_engine.store.factors import TOTP, Factor
from sop_engine.store.sheets import Sheet
from sop_engine.store.tables import access, change, session, standing, token
from tests.support import files
from tests.support.every_page import furnish
from tests.support.matrix import (
    ABSENT,
    ALONE,
    MEANT,
    Clients,
    Played,
    Written,
    address_of,
    changing,
    children_of_cases,
    each_relation,
    numbers_of,
    related,
    rows_of,
    sent_with,
    things_of,
)
from tests.support.rights_by_hand import IN_LISTS, RELATIONS, asked_by, extent
from tests.support.world import PASSWORD, World, make_world
from tests.web.conftest import Site
from tests.web.test_access import QUIET, _more, conflicted, pairs, said
from web import create_app


@dataclass(slots=True)
class Walk:
    """A furnished world, who asks in it, and the two cases to which each relation is played alone."""

    site: Site
    clients: Clients
    written: Written | None
    rich: list[str]
    joins: str

    @property
    def world(self) -> World:
        return self.site.world

    def hush(self, sign_in: str) -> None:
        """Let what an act left to be told be told, on a page of nothing."""
        self.clients.ask(sign_in, QUIET, "me.how")

    def real(self) -> Iterator[Played]:
        """One agency for each set of relations that the world has, and one that has a conflict of interest."""
        for pair in pairs(self.site):
            yield Played(pair.case_id, pair.number, pair.agency, pair.agency, pair.relations)
            if pair.relations == {"emergency"}:
                # What one person reads in an emergency is nothing to her colleague.
                yield Played(pair.case_id, pair.number, f"{pair.agency}-lead", pair.agency, frozenset())
        shut = conflicted(self.site)
        yield Played(shut.case_id, shut.number, shut.agency, shut.agency, frozenset())


def furnished(home: Path, database: str = "sqlite") -> Walk:
    world = make_world(home, database)
    opened = {one.name: one.address for one in furnish(world)}
    _more(world)
    app = create_app(world.inst, world.settings)
    app.config["WTF_CSRF_ENABLED"] = False
    site = Site(app, world, "", "")
    known = numbers_of(world)
    rich = [known[opened[name].rpartition("/")[2]] for name in ("case of an operation", "case of a person")]
    world.play.attach(rich[0], "things", "seizure_list", "list.pdf", files.paper())
    clients = Clients(site)
    walk = Walk(site, clients, Written(world.inst), rich, opened["case with another joined to it"].rpartition("/")[2])
    clients.sign_in(sorted({ALONE, *(played.sign_in for played in walk.real())}))
    walk.written.keep()
    return walk


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    return furnished(tmp_path_factory.mktemp("matrix"))


def acts(walk: Walk) -> list[tuple[Rule, str]]:
    return [(rule, method) for rule, method in changing(walk.site) if "number" in rule.arguments]


def send(walk: Walk, played: Played, rule: Rule, method: str, number: str) -> TestResponse:
    things = {**things_of(walk.world, played.case_id, played.agency), "number": number, "joins": walk.joins}
    sent = sent_with(walk.world, rule, method, things)
    return walk.clients.ask(played.sign_in, address_of(walk.site, rule, things), rule.endpoint, **sent)


# What the table lets through to, and the step or the page behind it is for those alone who do it or lead the case.
BY_THE_PROCEDURE = {
    "cases.keep", "cases.discard", "api-steps.keep_draft", "api-steps.drop_draft", "cases.upload", "api-files.send",
    "cases.waive", "cases.join",
}  # fmt: skip


@dataclass(slots=True)
class Found:
    """What a walk came to: how many cells of which kind, what was answered or written wrongly, what was carried out."""

    denied: int = 0
    through: int = 0
    leaks: list[tuple[object, ...]] = field(default_factory=list)
    carried: set[str] = field(default_factory=set)


def denied(walk: Walk, played: Played) -> Iterator[tuple[tuple[object, ...], TestResponse, TestResponse]]:
    """Every act that the table of hand denies, sent to the case and to one that is not there."""
    for rule, method in acts(walk):
        asks = asked_by(rule.endpoint)
        if asks == "worker" or any(extent(asks, relation) for relation in played.relations):
            continue
        foreign = send(walk, played, rule, method, played.number)
        nothing = send(walk, played, rule, method, ABSENT)
        yield (sorted(played.relations), played.sign_in, method, rule.endpoint), foreign, nothing


def differ(played: Played, foreign: TestResponse, nothing: TestResponse) -> bool:
    return said(foreign, played.number) != said(nothing, ABSENT) or foreign.status_code != 404


def deny(walk: Walk, played: Played, found: Found) -> None:
    """Whoever may not act: nothing is written, and nothing told that is not told of nothing."""
    walk.written.since()
    for cell, foreign, nothing in denied(walk, played):
        found.denied += 1
        if walk.written.since():
            found.leaks.append((*cell, "wrote"))
        if differ(played, foreign, nothing):
            found.leaks.append((*cell, foreign.status_code, nothing.status_code))


def let_through(walk: Walk, played: Played, found: Found) -> None:
    """Every act that the table of hand allows gets beyond the gate; what it does is undone."""
    for rule, method in acts(walk):
        extents = (
            {extent(asked_by(rule.endpoint), relation) for relation in played.relations}
            if (asked_by(rule.endpoint) != "worker")
            else set()
        )
        if "all" not in extents:
            continue
        found.through += 1
        events = walk.written.events()
        answer = send(walk, played, rule, method, played.number)
        if answer.status_code in (401, 404) and rule.endpoint not in BY_THE_PROCEDURE:
            found.leaks.append((sorted(played.relations), played.sign_in, method, rule.endpoint, answer.status_code))
        if walk.written.events() > events:
            found.carried.add(rule.endpoint)
        if walk.written.since():
            walk.written.put_back()
    walk.hush(played.sign_in)


def test_each_act_of_each_relation(walk: Walk) -> None:
    found = Found()
    for played in walk.real():
        deny(walk, played, found)
    for played in each_relation(walk.world, walk.rich):
        walk.written.keep()
        deny(walk, played, found)
        if played.case_id == walk.rich[-1]:
            let_through(walk, played, found)
    walk.written.keep()
    told("acts", found)
    assert found.leaks == []
    assert (found.denied > 650, found.through > 800) == (True, True)


def test_what_is_denied_on_postgresql_writes_nothing_either(tmp_path: Path) -> None:
    """A slice of the walk where the database keeps agencies apart: every table is the same before it and after."""
    world, found = make_world(tmp_path, "postgresql"), Found()
    number = {one.name: one.address for one in furnish(world)}["case of a person"].rpartition("/")[2]
    app = create_app(world.inst, world.settings)
    app.config["WTF_CSRF_ENABLED"] = False
    site = Site(app, world, "", "")
    walk = Walk(site, Clients(site), None, [numbers_of(world)[number]], number)
    walk.clients.sign_in([ALONE])
    assert world.inst.isolates
    for relation in ("offered", "support", "informed", "former", "emergency", None):
        with related(world, walk.rich[0], relation) as played:
            before = rows_of(world.inst)
            for cell, foreign, nothing in denied(walk, played):
                found.denied += 1
                if differ(played, foreign, nothing):
                    found.leaks.append((*cell, foreign.status_code, nothing.status_code))
            after = rows_of(world.inst)
            found.leaks += [(relation, name, "wrote") for name in before if before[name] != after[name]]
    told("acts on PostgreSQL", found)
    assert found.leaks == []
    assert found.denied > 180


def told(section: str, found: Found, unlisted: Collection[object] = ()) -> None:
    cells = f"cells: {found.denied + found.through} ({found.denied} denied)"
    print(f"{section}: {cells}, leaks: {len(found.leaks)}, unlisted routes: {len(unlisted)}")


@pytest.mark.slow
def test_each_act_of_whoever_really_has_to_do_with_a_case(walk: Walk) -> None:
    found = Found()
    for played in walk.real():
        let_through(walk, played, found)
    told("acts at work", found)
    print(f"{len(found.carried)} of {len(acts(walk))} acts were carried out by somebody")
    assert found.leaks == []
    assert len(found.carried) > 35


# What an address names in a case, and so what may be of another case.
NAMED_IN_A_CASE = {
    "step", "name", "document", "file", "task", "referral", "key", "agency", "emergency", "of", "exit", "consent",
    "track", "other",
}  # fmt: skip
RANDOM = re.compile(r'value="[0-9a-f]{32}"')


def absent_like(known: str) -> str:
    """A word that names nothing, of the shape of one that does."""
    if known.startswith("NP-"):
        return ABSENT
    return "0" * 32 if len(known) == 32 else "9" if known.isdigit() else "nothing_there"


def answered(answer: TestResponse, words: tuple[str, str], number: str) -> tuple[int, str, str]:
    """What an answer says, but for the two words with which it was asked."""
    status, where, text = said(answer, number)
    asked = re.compile(rf"\b({'|'.join(map(re.escape, words))})\b")
    return status, asked.sub("WORD", where), RANDOM.sub("", asked.sub("WORD", text))


def children_of(walk: Walk, rule: Rule) -> list[tuple[str, str]]:
    """What a rule names below its case: the argument, and what it means."""
    meant, a_step = MEANT.get(rule.endpoint, {}), dict.fromkeys(("name", "paper_step", "form_step"), "step")
    below = [argument for argument in sorted(rule.arguments) if argument in NAMED_IN_A_CASE]
    return [(argument, a_step.get(meant.get(argument, argument), meant.get(argument, argument))) for argument in below]


# What no case of this world has but the one that is asked.
OF_NO_OTHER = {
    ("api-acts.answered", "key"), ("api-acts.let_go", "of"), ("api-acts.track", "track"), ("cases.answered", "key"),
    ("cases.track", "name"),
}  # fmt: skip


def case_rules(walk: Walk) -> list[tuple[Rule, str]]:
    return [
        (rule, method)
        for rule in walk.site.app.url_map.iter_rules()
        if "number" in rule.arguments and asked_by(rule.endpoint) != "worker"
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def test_what_is_of_another_case_is_told_as_what_is_not_there(walk: Walk) -> None:
    """Under a case that one may see: the paper, task, request, step … of another one, as those that never were."""
    found, named = Found(), set()
    there = children_of_cases(walk.world)
    for played in walk.real():
        for rule, method in case_rules(walk):
            if not any(extent(asked_by(rule.endpoint), one) for one in played.relations):
                continue
            for argument, kind in children_of(walk, rule):
                foreign = [one for one, of in there.get(kind, {}).items() if is_foreign(walk, played, kind, of)]
                if foreign:
                    named.add((rule.endpoint, argument))
                    compare(walk, played, rule, method, argument, foreign[0], found)
    wanted = {(rule.endpoint, argument) for rule, _ in case_rules(walk) for argument, _ in children_of(walk, rule)}
    told("children of other cases", found, wanted - named - OF_NO_OTHER)
    assert found.leaks == []
    assert wanted - named == OF_NO_OTHER
    assert found.denied > 450


def is_foreign(walk: Walk, played: Played, kind: str, of: set[str]) -> bool:
    """Whether what these cases have is not of the case that is asked; another case not even of the agency."""
    with looking(walk.world.inst.engine) as connection:
        theirs = worklists.relations_to(connection, sorted(of), played.agency, walk.world.clock())
    return played.case_id not in of and not (kind == "other" and theirs)


def compare(
    walk: Walk, played: Played, rule: Rule, method: str, argument: str, foreign: str, found: Found
) -> None:  # fmt: skip
    words = (foreign, absent_like(foreign))
    found.denied += 1
    walk.written.since()
    answers = []
    for word in words:
        answers.append(answered(send_named(walk, played, rule, method, argument, word), words, played.number))
        if answers[-1][0] in (302, 404):
            walk.hush(played.sign_in)
    cell = (sorted(played.relations), method, rule.endpoint, argument, foreign)
    if answers[0] != answers[1]:
        found.leaks.append((*cell, answers[0][0], answers[1][0]))
    if walk.written.since():
        if walk.written.beside_looks():
            found.leaks.append((*cell, "wrote"))
        walk.written.put_back()


def send_named(walk: Walk, played: Played, rule: Rule, method: str, argument: str, word: str) -> TestResponse:
    """An act or a look with a word of its address put in another's place."""
    things = {**things_of(walk.world, played.case_id, played.agency), "number": played.number, "joins": walk.joins}
    things[MEANT.get(rule.endpoint, {}).get(argument, argument)] = word
    sent = sent_with(walk.world, rule, method, things)
    return walk.clients.ask(played.sign_in, address_of(walk.site, rule, things), rule.endpoint, **sent)


def ids_of_others(walk: Walk) -> dict[str, tuple[str, str]]:
    """What accounts have, each with a kind: of a colleague, and of nobody."""
    cast, inst = walk.world.play.cast, walk.world.inst
    other = cast.worker("ahtb")
    with writing(inst.engine) as connection:
        app = Factor("f" * 32, other.id, TOTP, "Her telephone", b"sealed", inst.clock())
        factors.add(connection, app)
        people.vouch(connection, walk.world.inst.guard, app.person)
    asked = changes.ChangeRoles(whom=other.id, before=sorted(other.roles), roles=["supervisor"])
    made = ask(inst, cast.administrators[0], asked)
    assert not isinstance(made, Refusal)
    with looking(inst.engine) as connection:
        hers = {
            "token": connection.execute(select(token.c.id).where(token.c.person == other.id)).scalars().first(),
            "session": connection.execute(select(session.c.token).where(session.c.person == other.id)).scalar(),
            "change": connection.execute(select(change.c.id).where(change.c.decided.is_(None))).scalars().first(),
        }  # fmt: skip
    return {
        **{kind: (str(one), absent_like(str(one))) for kind, one in hers.items()},
        "factor": ("f" * 32, "0" * 32), "person": (other.id, "0" * 32), "worker": (other.id, "0" * 32),
        "code": ("ahtb", "nothing_there"),
    }  # fmt: skip


# Who asks for what is of another account or agency: the address or form, with the word in its place.
OF_ACCOUNTS: list[tuple[str, str, str, str, dict[str, Any]]] = [
    (ALONE, "me.end", "token", "/me/tokens/WORD/end", {}),
    (ALONE, "me.end_session", "session", "/me/security/sessions/WORD/end", {}),
    (ALONE, "me.remove_factor", "factor", "/me/security/factor/WORD/remove", {"password": PASSWORD}),
    *(
        (f"{whose}", f"admin.{act}", "person", f"/admin/people/WORD/{act}", {"role": "supervisor", "reason": "left"})
        for whose in ("utis-admin", "ahtb-lead") for act in ("roles", "factor", "password", "sessions", "end")
    ),
    *(
        (whose, f"admin.{act}", "change", f"/admin/changes/WORD/{act}", {})
        for whose in ("utis-admin", "ahtb-lead") for act in ("confirm", "refuse")
    ),
    *(
        (whose, f"admin.{act}", "code", f"/admin/agencies/WORD/{act}", {"title_en": "Mine", "short_en": "Mine"})
        for whose in ("utis-admin", "ahtb-lead") for act in ("edit", "deactivate", "activate")
    ),
    ("utis-admin", "admin.add", "code", "/admin/people/add",
     {"agency": "WORD", "sign_in": "maya", "shown_as": "Maya", "role": "supervisor"}),
]  # fmt: skip


def test_what_is_of_another_account_is_told_as_what_is_not_there(walk: Walk) -> None:
    """Tokens, sessions and factors of a colleague; people and changes of an agency that one does not look after."""
    found, listed = Found(), {endpoint for _, endpoint, _, _, _ in OF_ACCOUNTS}
    ids = ids_of_others(walk)
    walk.clients.sign_in(["utis-admin", "ahtb-lead"])
    walk.written.keep()
    for sign_in, endpoint, kind, path, form in OF_ACCOUNTS:
        words, answers = ids[kind], []
        for word in words:
            data = {name: value.replace("WORD", word) for name, value in form.items()}
            answer = walk.clients.ask(sign_in, path.replace("WORD", word), endpoint, method="POST", data=data)
            answers.append(answered(answer, words, "no number"))
            walk.hush(sign_in)
        found.denied += 1
        if answers[0] != answers[1]:
            found.leaks.append((sign_in, endpoint, answers[0][0], answers[1][0]))
        if walk.written.since() and walk.written.beside_looks():
            found.leaks.append((sign_in, endpoint, "wrote"))
            walk.written.put_back()
    below = {"person", "change", "code", "factor", "key", "token"}
    named = {
        rule.endpoint for rule, _ in changing(walk.site) if below & rule.arguments and "number" not in rule.arguments
    }
    unlisted = named - listed - {"links.open_it", "links.answer"}
    told("children of other accounts", found, unlisted)
    assert found.leaks == []
    assert unlisted == set()


SHELVES = ("offered", "late", "soon", "awaiting", "mine", "unassigned", "colleagues", "taking_part")
# Every list of cases, by its address, and what is sent to ask for it.
LISTS: list[tuple[str, str, dict[str, Any]]] = [
    ("worklist.day", "/", {}), ("worklist.counts", "/day/counts", {}), ("me.news", "/notices", {}),
    ("homes.listed", "/homes/", {}), ("homes.findings", "/homes/findings", {}), ("review.figures", "/review/", {}),
    ("api-lists.day", "/api/v1/day", {}), ("api-lists.me", "/api/v1/me", {}),
    ("api-cases.list", "/api/v1/cases?status=all&limit=100", {}), ("api-news.list", "/api/v1/notices", {}),
    ("api-reference.homes", "/api/v1/homes", {}), ("api-reference.findings", "/api/v1/homes/findings", {}),
    *(("worklist.shelf", f"/day/{shelf}", {}) for shelf in SHELVES),
    *(("api-lists.shelf", f"/api/v1/day/{shelf}", {}) for shelf in SHELVES),
    ("find.find", "/search", {"method": "POST", "data": {"typed": "B-01", "status": "all"}}),
    ("api-lists.find", "/api/v1/search", {"method": "POST", "json": {"typed": "B-01", "status": "all"}}),
    ("directory.listed", "/agencies/", {}), ("cases.open_form", "/cases/open", {}), ("find.form", "/search", {}),
    ("together.choose", "/together/", {"method": "POST", "data": {"number": "NUMBER"}}),
    ("api-lists.choose", "/api/v1/together", {"method": "POST", "json": {"numbers": ["NUMBER"]}}),
]  # fmt: skip


def listed(walk: Walk, sign_in: str, number: str) -> dict[str, TestResponse]:
    """What every list says to somebody, by its address."""
    found = {}
    for endpoint, address, sent in LISTS:
        filled = json.loads(json.dumps(sent).replace("NUMBER", number))
        found[address] = walk.clients.ask(sign_in, address, endpoint, **filled)
    return found


def numbers_in(answer: TestResponse) -> set[str]:
    return set(re.findall(r"\bNP-[0-9A-Z]{4}-[0-9A-Z]{4}\b", answer.text))


def test_a_case_stands_in_the_lists_that_its_relation_allows_and_in_no_count_beside(walk: Walk) -> None:
    found = Found()
    for case_id in walk.rich:
        with related(walk.world, case_id, None) as played:
            before = listed(walk, ALONE, played.number)
        for relation in RELATIONS:
            with related(walk.world, case_id, relation) as played:
                after = listed(walk, ALONE, played.number)
            counts = [at["/api/v1/day"].get_json()["counts"] for at in (before, after)]
            for address, answer in after.items():
                found.denied += 1
                new = numbers_in(answer) - numbers_in(before[address])
                named = {played.number} if "together" in address else set()
                if new - named and (relation not in IN_LISTS and not (relation == "emergency" and address == "/")):
                    found.leaks.append((relation, address, sorted(new)))
            whole = numbers_in(after["/api/v1/cases?status=all&limit=100"]) - numbers_in(
                before["/api/v1/cases?status=all&limit=100"]
            )
            if whole != ({played.number} if relation in IN_LISTS else set()):
                found.leaks.append((relation, "api-cases.list", sorted(whole)))
            for shelf in SHELVES:
                rows = numbers_in(after[f"/api/v1/day/{shelf}"]) - numbers_in(before[f"/api/v1/day/{shelf}"])
                found.denied += 1
                if counts[1][shelf] - counts[0][shelf] != len(rows & {played.number}):
                    found.leaks.append((relation, shelf, counts[1][shelf], counts[0][shelf], sorted(rows)))
            chosen = after["/api/v1/together"].get_json()
            if (played.number in chosen["chosen"]) != (extent("list", relation) is not None):
                found.leaks.append((relation, "api-lists.choose", chosen["chosen"]))
    walk.written.keep()
    told("lists", found)
    assert found.leaks == []


def related_by_hand(walk: Walk, agency: str, wanted: Collection[str]) -> set[str]:
    """The numbers of the cases to which an agency has one of these relations now."""
    with looking(walk.world.inst.engine) as connection:
        query = select(standing.c.number).join(access, access.c.case_id == standing.c.case_id).where(
            access.c.agency == agency, access.c.relation.in_(wanted), access.c.person == ""
        )  # fmt: skip
        return set(connection.execute(query).scalars())


def through_pages(walk: Walk, agency: str, endpoint: str, address: str, within: str) -> list[dict[str, Any]]:
    """Every row of a list of the API, page after page."""
    rows: list[dict[str, Any]] = []
    cursor = ""
    while True:
        body = walk.clients.ask(agency, f"{address}{cursor}", endpoint).get_json()
        rows += body[within]
        if not body["next"]:
            return rows
        cursor = f"{'&' if '?' in address else '?'}cursor={body['next']}"


def test_each_agency_lists_its_own_cases_and_counts_as_many(walk: Walk) -> None:
    """Each list holds what the table of hand allows and nothing else, and each count is as long as its list."""
    found, filled = Found(), set[str]()
    finding = {relation for relation in RELATIONS if extent("find", relation) == "all"}
    for agency in sorted({ALONE, *(played.agency for played in walk.real())}):
        whole = through_pages(walk, agency, "api-cases.list", "/api/v1/cases?status=all&limit=7", "cases")
        found.denied += 1
        if sorted(row["number"] for row in whole) != sorted(related_by_hand(walk, agency, IN_LISTS)):
            found.leaks.append((agency, "api-cases.list"))
        counts = walk.clients.ask(agency, "/api/v1/day", "api-lists.day").get_json()["counts"]
        on_pages = walk.clients.ask(agency, "/day/counts", "worklist.counts").get_json()
        for shelf in counts:
            rows = through_pages(walk, agency, "api-lists.shelf", f"/api/v1/day/{shelf}", "rows")
            found.denied += 1
            filled |= {shelf} if rows else set()
            if not len(rows) == counts[shelf] == on_pages[shelf]:
                found.leaks.append((agency, shelf, len(rows), counts[shelf], on_pages[shelf]))
        typed = {"typed": "B-01", "status": "all"}
        hits = walk.clients.ask(agency, "/api/v1/search", "api-lists.find", method="POST", json=typed).get_json()[
            "hits"
        ]
        found.denied += 1
        if not {one["number"] for one in hits} <= related_by_hand(walk, agency, {*finding, "former"}):
            found.leaks.append((agency, "api-lists.find"))
    told("counts", found)
    assert found.leaks == []
    # Which agencies stand for which relations is left to chance, so how many rows there are is, too.
    assert len(filled) >= 3


def test_a_foreign_case_changes_no_list_and_no_count(walk: Walk) -> None:
    """What others open is on no page of a list: with it and without it each says the same."""
    found, names = Found(), (ALONE, "ahtb", "wcsc-kathmandu", "sisau")
    before = {name: listed(walk, name, ABSENT) for name in names}
    opened = walk.world.play.open("identification", "report", "wcsc-jhapa", place_found="NP0104")
    number = walk.world.play.case(opened).number
    for name in names:
        for address, answer in listed(walk, name, number).items():
            found.denied += 1
            words = (number, ABSENT)
            if answered(answer, words, number) != answered(before[name][address], words, ABSENT):
                found.leaks.append((name, address))
    walk.written.put_back()
    told("a foreign case", found)
    assert found.leaks == []


# What neither names a case nor lists any, nor takes the id of what is another's.
OF_NOBODY = {
    *(f"sign_in.{one}" for one in (
        "form", "enter", "code", "give_code", "leave", "ask_second", "give_passkey", "ask_passkey",
        "give_passkey_alone", "to_provider", "from_provider", "out", "onward",
    )),
    *(f"me.{one}" for one in (
        "security", "app", "begin_app", "confirm_app", "ask_to_add", "add_passkey", "tie", "untie", "new_codes",
        "change_password", "end_other_sessions", "seen_new_device", "first_password", "choose_first", "read_all",
        "how", "keep", "tokens", "make", "choices", "choose", "ask_for_code", "prove", "ask_for_test", "forget",
    )),
    *(f"own.{one}" for one in ("door", "page", "enter", "ask", "take_back", "looks", "write", "send")),
    *(f"sops.{one}" for one in ("listed", "one", "picture")),
    *(f"admin.{one}" for one in ("start", "record", "add_form")),
    *(f"api-reference.{one}" for one in ("agencies", "permissions", "procedures", "procedure", "picture")),
    "layout.static", "bootstrap.static", "layout.choose_language", "layout.alive", "api-docs.openapi_json",
    "directory.rights", "paper.listed", "api-paper.kit", "api-news.read_all", "api-log.request",
    "api-log.checkpoint",
}  # fmt: skip
# What other walks ask as each role: `test_access`, `test_two_worlds`, `test_notices` and those of links and reviews.
WALKED_ELSEWHERE = {
    "links.ask", "links.open_it", "links.answer", "me.read", "api-news.read", "find.emergency_form",
    "find.open_emergency", "cases.open_new", "api-cases.open", "review.cases", "api-reference.figures",
    "api-reference.figure", "homes.one", "api-reference.home", "admin.people", "admin.person", "admin.agencies",
    "admin.agency",
}  # fmt: skip


def test_every_route_is_in_one_section(walk: Walk) -> None:
    every = {rule.endpoint for rule in walk.site.app.url_map.iter_rules()}
    of_cases = {rule.endpoint for rule, _ in case_rules(walk)} | {"worklist.accept_all", "api-lists.accept_many"}
    lists, accounts = {one for one, _, _ in LISTS}, {endpoint for _, endpoint, _, _, _ in OF_ACCOUNTS}
    referred = {endpoint for endpoint, _, _ in REFERRED}
    sections = (of_cases, lists, accounts, referred, OF_NOBODY, WALKED_ELSEWHERE)
    unlisted = every - set().union(*sections)
    print(f"routes: {len(every)}, unlisted routes: {len(unlisted)}")
    assert unlisted == set()
    assert every >= OF_NOBODY | WALKED_ELSEWHERE
    assert not (OF_NOBODY | WALKED_ELSEWHERE) & (of_cases | lists | accounts | referred)


# Where a case, a sheet or a person is named in what is sent, and not in the address.
REFERRED: list[tuple[str, str, dict[str, Any]]] = [
    ("together.do", "/together/do", {"data": {"number": "CASE", "act": "accept"}}),
    ("together.do", "/together/do", {"data": {"number": "CASE", "act": "hand_over", "to": "sisau", "counted": "1"}}),
    ("api-lists.act_on_many", "/api/v1/together/acts", {"json": {"numbers": ["CASE"], "what": "accept"}}),
    ("api-lists.act_on_many", "/api/v1/together/acts", {
        "json": {"numbers": ["CASE"], "what": "hand_over", "to": "sisau", "counted": 1},
    }),
    ("worklist.assign_many", "/assign-all", {"data": {"number": "CASE", "worker": "nobody", "shelf": "mine"}}),
    ("api-lists.assign_many", "/api/v1/assignments", {"json": {"numbers": ["CASE"], "worker": None}}),
    ("worklist.accept_all", "/accept-all/CASE", {"data": {}}),
    ("api-lists.accept_many", "/api/v1/offers/CASE/accept-all", {"json": {}}),
    ("paper.print_forms", "/paper/rescue-person/print", {
        "data": {"what": "all", "copies": "1", "language": "en", "case": "CASE"},
    }),
    ("paper.kit", "/paper/rescue-person?case=CASE", {"method": "GET"}),
    ("api-paper.print_forms", "/api/v1/paper/rescue-person/print", {"json": {"what": "all", "case": "CASE"}}),
    ("paper.type_in", "/paper/type-in?code=SHEET", {"method": "GET"}),
    ("paper.type_in", "/paper/type-in?code=OWN&number=CASE", {"method": "GET"}),
    ("api-paper.sheet", "/api/v1/sheets/SHEET", {"method": "GET"}),
    ("cases.step", "/cases/MINE/steps/STEP?sheet=SHEET", {"method": "GET"}),
    ("cases.record", "/cases/MINE/steps/STEP", {"data": {"sheet": "SHEET", "later": "yes"}}),
    ("api-steps.record", "/api/v1/cases/MINE/steps/STEP", {"json": {"answers": {}, "later": True, "sheet": "SHEET"}}),
    ("cases.join", "/cases/MINE/join", {"data": {"other": "CASE", "reason": "She is one."}}),
    ("cases.join_form", "/cases/MINE/join?other=CASE", {"method": "GET"}),
    ("api-acts.join", "/api/v1/cases/MINE/join", {"json": {"number": "CASE", "sentence": "She is one."}}),
    ("cases.assign", "/cases/MINE/assign", {"data": {"worker": "WORKER"}}),
    ("api-acts.assign", "/api/v1/cases/MINE/assign", {"json": {"worker": "WORKER"}}),
    ("worklist.shelf", "/day/unassigned?worker=WORKER", {"method": "GET"}),
    ("api-cases.list", "/api/v1/cases?worker=WORKER", {"method": "GET"}),
    ("cases.let_go", "/cases/MINE/let-go", {"data": {"of": "ahtb", "reason": "It is over."}}),
]  # fmt: skip
MINE = "wcsc-jhapa"


def test_what_is_named_in_a_form_and_is_of_others_is_told_as_what_is_not_there(walk: Walk) -> None:
    """A desk with a case of its own names the cases, sheets and people of others in every field that takes one."""
    found, world = Found(), walk.world
    mine = world.play.open("identification", "report", MINE, place_found="NP0327")
    foreign = world.play.case(walk.rich[1]).number
    procedure = world.play.ground(world.play.case(walk.rich[1])).procedure
    sheets_there = [
        Sheet(code, procedure.name, procedure.version, next(iter(procedure.steps)), world.clock(), "ahtb", number)
        for code, number in ((new_sheet_code(), foreign), (new_sheet_code(), None))
    ]
    with writing(world.inst.engine) as connection:
        sheets.keep(connection, sheets_there)
    known = {
        "MINE": world.play.case(mine).number,
        "STEP": things_of(world, mine, MINE)["form_step"],
        "OWN": sheets_there[1].code,
    }
    there = {"CASE": foreign, "SHEET": sheets_there[0].code, "WORKER": world.play.cast.worker("ahtb").id}
    absent = {"CASE": ABSENT, "SHEET": new_sheet_code(), "WORKER": "0" * 32}
    walk.written.keep()
    for endpoint, path, sent in REFERRED:
        answers: list[tuple[object, ...]] = []
        # A form tells the second in which it was made: what differs by that alone is asked for again.
        for words in (there, absent) * 3:
            if len(answers) == 2 and answers[0] == answers[1]:
                break
            answers = answers if len(answers) < 2 else []
            filled = json.dumps([path, sent])
            for name, word in {**known, **words}.items():
                filled = filled.replace(name, word)
            address, more = json.loads(filled)
            answer = walk.clients.ask(MINE, address, endpoint, **{"method": "POST", **more})
            text = answered(answer, (there["CASE"], absent["CASE"]), "no number")
            both = re.compile("|".join(re.escape(one) for at in (there, absent) for one in at.values()))
            answers.append((*text[:2], both.sub("WORD", text[2]) if answer.mimetype != "application/pdf" else ""))
            told_next = walk.clients.ask(MINE, QUIET, "me.how").text
            answers[-1] = (*answers[-1], both.sub("WORD", told_next))
        found.denied += 1
        if answers[0] != answers[1]:
            found.leaks.append((endpoint, path, answers[0][0], answers[1][0]))
        if walk.written.since():
            if walk.written.beside_looks():
                found.leaks.append((endpoint, path, "wrote"))
            walk.written.put_back()
    told("named in what is sent", found)
    assert found.leaks == []
