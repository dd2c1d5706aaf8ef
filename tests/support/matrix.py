"""What the walks over the access matrix share: each relation alone, a real thing for each act, what was written."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import delete, insert, select
from werkzeug.routing import Rule

from sop_engine.services.installation import Installation
from sop_engine.store.database import looking, writing
from sop_engine.store.tables import access, metadata, standing
from tests.api.conftest import secret_of
from tests.support import files
from tests.support.rights_by_hand import RELATIONS
from tests.support.world import World
from tests.web.conftest import Site, enter

# Nothing else in the furnished world is of this agency: what it may, it may by the one relation that is played.
ALONE = "himal-aashraya"
ABSENT = "NP-2222-2222"


@dataclass(frozen=True, slots=True)
class Played:
    """Somebody before a case, by sign-in and agency, with all her relations to it."""

    case_id: str
    number: str
    sign_in: str
    agency: str
    relations: frozenset[str]


@contextmanager
def related(world: World, case_id: str, relation: str | None) -> Iterator[Played]:
    """ALONE has this one relation to a case and no other: the gate reads rows of `access` and nothing else."""
    account = world.play.cast.worker(ALONE)
    person = account.id if relation == "emergency" else ""
    row = {"case_id": case_id, "agency": ALONE, "relation": relation, "person": person, "until": None}
    hers = (access.c.case_id == case_id, access.c.agency == ALONE)
    with writing(world.inst.engine) as connection:
        assert connection.execute(select(access).where(*hers)).first() is None
        if relation is not None:
            connection.execute(insert(access).values(row))
    yield Played(case_id, world.play.case(case_id).number, ALONE, ALONE, frozenset({relation} if relation else ()))
    with writing(world.inst.engine) as connection:
        connection.execute(delete(access).where(*hers))


def each_relation(world: World, cases: Sequence[str]) -> Iterator[Played]:
    """Every relation that the table of hand names, and none, to each of these cases."""
    for case_id in cases:
        for relation in (*RELATIONS, None):
            with related(world, case_id, relation) as played:
                yield played


class Written:
    """Whether anything was written to a SQLite database, by whom ever; and the way back to what it was."""

    def __init__(self, inst: Installation) -> None:
        self._file = str(inst.engine.url.database)
        self._watch = sqlite3.connect(self._file, isolation_level=None, check_same_thread=False)
        self._kept = sqlite3.connect(":memory:", check_same_thread=False)
        self._seen = self._version()

    def _version(self) -> int:
        return int(self._watch.execute("PRAGMA data_version").fetchone()[0])

    def since(self) -> bool:
        """Whether another connection has committed anything since this was asked last."""
        before, self._seen = self._seen, self._version()
        return before != self._seen

    def keep(self) -> None:
        self._watch.backup(self._kept)
        self.since()

    def put_back(self) -> None:
        with closing(sqlite3.connect(self._file)) as to:
            self._kept.backup(to)
        self.since()

    def beside_looks(self) -> bool:
        """Whether what is written now is other than what was kept, but for who looked at what."""
        return self._rows(self._watch) != self._rows(self._kept)

    def _rows(self, connection: sqlite3.Connection) -> list[object]:
        return [
            connection.execute(f"SELECT * FROM {name} ORDER BY 1, 2, 3").fetchall()
            for name, table in sorted(metadata.tables.items())
            if name != "reading" and len(table.c) > 2
        ]

    def events(self) -> int:
        return int(self._watch.execute("SELECT count(*) FROM journal").fetchone()[0])


def rows_of(inst: Installation) -> dict[str, int]:
    """Every table as it is, each as one number: for a database that does not tell whether it was written to."""
    with looking(inst.engine) as connection:
        return {
            name: hash(tuple(sorted(map(repr, connection.execute(select(table)).all()))))
            for name, table in metadata.tables.items()
        }


@dataclass(slots=True)
class Clients:
    """Whoever asks, signed in once each, and with a token for what is asked by a program."""

    site: Site
    _clients: dict[str, FlaskClient] = field(default_factory=dict)
    _secrets: dict[str, str] = field(default_factory=dict)

    def sign_in(self, names: Sequence[str]) -> None:
        for name in names:
            self._clients[name] = enter(self.site, name)
            self._secrets[name] = secret_of(self.site, name)
            # A first look writes when it was; the second writes nothing.
            self.ask(name, "/me/reading", "me.how")
            self.ask(name, "/api/v1/me", "api-lists.me")

    def ask(self, name: str, address: str, endpoint: str, **sent: Any) -> Any:
        if endpoint.startswith("api-"):
            sent["headers"] = {**sent.get("headers", {}), "Authorization": f"Bearer {self._secrets[name]}"}
        return self._clients[name].open(address, **sent)


def things_of(world: World, case_id: str, agency: str) -> dict[str, str]:
    """What really is in a case, by the names that addresses have for it; a word that means nothing where it has none.

    A step is one of the stage that this agency may do, before any other.
    """
    case = world.play.case(case_id)
    ground = world.play.ground(case)
    sop = ground.procedure.sop
    kept = {name: state for name, state in case.steps.items() if state.files}
    here = [name for name, (stage, _) in ground.procedure.steps.items() if stage in (None, case.stage)]
    own = [name for name in here if agency in {doer for doer, _ in ground.recorders(case, name)}]
    steps = [*(name for name in own if name in kept), *own, *kept, *case.steps, *here]
    papers = [(step, str(name)) for step in steps for name in ground.procedure.step_of(step).documents]
    withpaper, document = papers[0] if papers else (steps[0], "nothing")
    forms = [step for step in steps if ground.procedure.form_of(ground.procedure.step_of(step)) is not None]
    track = next(iter(sop.tracks), None)
    return {
        "step": steps[0], "name": steps[0], "paper_step": withpaper, "document": document,
        "form_step": forms[0] if forms else steps[0],
        "file": next((one.file.id for state in kept.values() for one in state.files), "0" * 32),
        "task": next(iter(case.tasks), "nothing"), "referral": next(iter(case.referrals), "nothing"),
        "awaited": next(iter(case.awaited), "nothing"), "conflict": next(iter(case.conflicts), "nothing"),
        "emergency": next(iter(case.emergencies), "nothing"), "of": next(iter(case.legal_holds), "nothing"),
        "exit": next((str(name) for name in ground.exits(case)), "nothing"),
        "consent": next(iter(case.consents), next(iter(map(str, sop.consents)), "nothing")),
        "track": str(track or "nothing"),
        "state": str(next(iter(sop.tracks[track].states))) if track is not None else "nothing",
        "hold": next(iter(map(str, sop.holds)), "nothing"), "holder": case.holder or agency, "other": ABSENT,
    }  # fmt: skip


# The argument `name` or `key` of an address of the pages is another thing for each act.
MEANT = {
    "cases.take_way": {"name": "exit"}, "cases.way": {"name": "exit"}, "cases.consent": {"name": "consent"},
    "cases.track": {"name": "track"}, "cases.answered": {"key": "awaited"},
    "cases.review_emergency": {"key": "emergency"}, "cases.confirm_conflict": {"key": "conflict"},
    "cases.lift_conflict": {"key": "conflict"}, "cases.attach": {"name": "paper_step"},
    "cases.keep": {"name": "form_step"}, "cases.discard": {"name": "form_step"},
    "api-steps.keep_draft": {"step": "form_step"}, "api-steps.drop_draft": {"step": "form_step"},
    "cases.upload": {"name": "paper_step"}, "api-acts.answered": {"key": "awaited"},
    "api-acts.attach": {"step": "paper_step"}, "api-files.send": {"step": "paper_step"},
    "api-acts.confirm_conflict": {"agency": "conflict"}, "api-acts.lift_conflict": {"agency": "conflict"},
}  # fmt: skip


def address_of(site: Site, rule: Rule, things: Mapping[str, str]) -> str:
    """The address of a rule with these things in it."""
    meant = MEANT.get(rule.endpoint, {})
    given = {name: things[meant.get(name, name)] for name in rule.arguments}
    with site.app.test_request_context():
        method = next(iter(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})))
        return str(site.app.url_map.bind("localhost").build(rule.endpoint, given, method=method))


WHY = "She asked for it herself."


def sent_with(world: World, rule: Rule, method: str, things: Mapping[str, str]) -> dict[str, Any]:
    """What is sent along with an act, so that what stands against it is who sends it, and not what was forgotten."""
    api, act = rule.endpoint.startswith("api-"), rule.endpoint.rpartition(".")[2]
    if method == "GET":
        return {"method": method}
    if act in ("upload", "send"):
        return {"method": method, "data": {"file" if api else "files": (BytesIO(files.paper()), "list.pdf")}}
    said = _FORMS.get(act, {})
    if callable(said):
        said = said(world, things)
    if not api:
        return {"method": method, "data": {"reason": WHY, **said}}
    body = _BODIES[act](world, things) if act in _BODIES else said
    return {"method": method, "json": body}


def _due(world: World, days: int = 5) -> str:
    return (world.clock() + timedelta(days=days)).isoformat()


_FORMS: dict[str, Any] = {
    "refuse": {"reason_code": "no_capacity"}, "reopen": {"reason_code": "new_information"},
    "consent": {"what": "give", "given_by": "person"}, "hand_over": {"to": "sisau"}, "note": {"note": "Here."},
    "hold": lambda w, t: {"reason_code": t["hold"]}, "track": lambda w, t: {"state": t["state"]},
    "let_go": lambda w, t: {"of": t["of"]}, "erase": {"because": "wish"}, "review_emergency": {"justified": "yes"},
    "declare_conflict": {"agency": "wcsc-jhapa"}, "end_task": {"how": "done", "answer": "It is done."},
    "add_task": lambda w, t: {"agency": t["holder"], "due": "2026-03-20", "task": "Bring her papers."},
    "refer": {"to": "sisau", "service": "shelter", "due": "2026-03-20", "consent": "data_sharing", "asked": "A bed."},
    "answer_referral": {"answer": "accepted"}, "extend": {"until": "2026-03-20"}, "reassign": {"to": "wcsc-jhapa"},
    "take_way": {"confirmed": [str(place) for place in range(9)]}, "join": lambda w, t: {"other": t["joins"]},
    "attach": {"kept": "In the cupboard."}, "own_view": {"view": "given"}, "record": {"later": "yes"},
    "keep": {"name": "remark", "f.remark": "half"}, "say_why": {"purpose": "stand_in"},
    "with_answers": {"purpose": "For the file."},
}  # fmt: skip
_BODIES: dict[str, Any] = {
    **dict.fromkeys(
        (
            "refuse_to_sign", "contest", "stop", "release", "hold_for_law", "let_go", "waive", "lift_conflict", "part",
        ), lambda w, t: {"sentence": WHY},
    ),
    "refuse": lambda w, t: {"reason": "no_capacity", "sentence": WHY},
    "reopen": lambda w, t: {"reason": "new_information", "sentence": WHY},
    "give_consent": lambda w, t: {"given_by": "person"},
    "assign": lambda w, t: {"worker": None}, "note": lambda w, t: {"sentence": "Here."},
    "hold": lambda w, t: {"reason": t["hold"], "sentence": WHY},
    "erase": lambda w, t: {"because": "wish", "sentence": WHY},
    "review_emergency": lambda w, t: {"justified": True, "sentence": WHY},
    "declare_conflict": lambda w, t: {"agency": "wcsc-jhapa", "sentence": WHY},
    "add_task": lambda w, t: {"agency": t["holder"], "due": _due(w), "sentence": "Bring her papers."},
    "end_task": lambda w, t: {"how": "done", "sentence": "It is done."},
    "refer": lambda w, t: {
        "to": "sisau", "service": "shelter", "due": _due(w), "consent": "data_sharing", "sentence": "A bed.",
    },
    "extend": lambda w, t: {"until": _due(w, 30), "sentence": WHY},
    "reassign": lambda w, t: {"to": "wcsc-jhapa", "sentence": WHY},
    "take_way": lambda w, t: {"confirmed": [*range(9)], "sentence": WHY},
    "join": lambda w, t: {"number": t["joins"], "sentence": WHY},
    "attach": lambda w, t: {"sentence": "In the cupboard."},
    "record": lambda w, t: {"answers": {}, "later": True}, "keep_draft": lambda w, t: {"fields": {"remark": ["half"]}},
}  # fmt: skip


def changing(site: Site) -> Iterator[tuple[Rule, str]]:
    """Every address that may change something, with the method that does."""
    for rule in sorted(site.app.url_map.iter_rules(), key=lambda one: (one.endpoint, one.rule)):
        for method in sorted((rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}):
            yield rule, method


def numbers_of(world: World) -> dict[str, str]:
    """The id of each case that there is, by its number."""
    with looking(world.inst.engine) as connection:
        return {row.number: row.case_id for row in connection.execute(select(standing.c.number, standing.c.case_id))}


def children_of_cases(world: World) -> dict[str, dict[str, set[str]]]:
    """What cases really have, by the names that addresses have for it: each with the cases that have it."""
    found: dict[str, dict[str, set[str]]] = {}
    for case_id in numbers_of(world).values():
        case = world.play.case(case_id)
        procedure = world.play.ground(case).procedure
        kept = [one.file.id for state in case.steps.values() for one in state.files]
        papers = [str(paper) for step in procedure.steps for paper in procedure.step_of(step).documents]
        ways = [str(name) for stage in procedure.sop.stages.values() for name in stage.go]
        there: dict[str, list[str]] = {
            "step": [*map(str, procedure.steps)], "document": papers, "file": kept, "task": [*case.tasks],
            "referral": [*case.referrals], "awaited": [*case.awaited], "conflict": [*case.conflicts],
            "emergency": [*case.emergencies], "of": [*case.legal_holds], "exit": ways,
            "consent": [*map(str, procedure.sop.consents)], "track": [*map(str, procedure.sop.tracks)],
            "other": [case.number], "hold": [*map(str, procedure.sop.holds)],
        }  # fmt: skip
        for kind, ids in there.items():
            for one in ids:
                found.setdefault(kind, {}).setdefault(one, set()).add(case_id)
    return found
