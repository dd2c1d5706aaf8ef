"""Acting on many cases at once: one choice of a person, one command for each case, exceptions told one by one.

A group is no case of its own: each case keeps its own history, and what does not fit one of them stops that one alone.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from sop_engine.case import commands as cmd
from sop_engine.case.accountability import Accountability, ExitView, accountability, exit_views, may_take
from sop_engine.case.directory import Directory
from sop_engine.case.ground import Ground
from sop_engine.case.items import is_for, items
from sop_engine.case.refusal import Refusal, Unmet, refuse
from sop_engine.case.state import Case
from sop_engine.services.acting import Made, act_as
from sop_engine.services.day import offered_of
from sop_engine.services.installation import Installation, actor_of
from sop_engine.services.rights import find
from sop_engine.services.sending import NotFound, delivered
from sop_engine.services.step_page import unconfirmed_in
from sop_engine.services.work import to_sign
from sop_engine.sop.language import Sentence, Text
from sop_engine.store import journal
from sop_engine.store.database import looking
from sop_engine.store.people import Account

MOST = 250
NOT_HERE = refuse(
    "not_here", "There is no such case, or it is not for your agency", "यस्तो विषय छैन, वा तपाईंको निकायको होइन"
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """One of the chosen cases, as a list shows it."""

    case: Case
    sop: Text
    strip: Accountability


@dataclass(frozen=True, slots=True)
class Way:
    """A way out that some of the chosen cases have: who is ready for it, and what the others still lack.

    `to` are the receivers from which one is chosen for all, none where each case knows its own; `rules` are confirmed
    by name, each with its place in the stage; `aside` are ways that are taken now and then, from anywhere or by wish.
    """

    key: str
    title: Text
    sop: Text
    stage: Text
    reason: bool
    aside: bool
    ready: list[str] = field(default_factory=list)
    lacking: list[tuple[str, list[Unmet]]] = field(default_factory=list)
    to: list[str] = field(default_factory=list)
    rules: list[tuple[int, Sentence]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Together:
    """What somebody can do with the chosen cases. `missing` are numbers that are not hers to see.

    `with_us` are those whose person can be with somebody else now; for those `stopped` by a red stop that is said on
    the page of each, by somebody who has read why.
    """

    chosen: list[Chosen]
    missing: list[str]
    ways: list[Way]
    offered: list[str]
    to_sign: list[tuple[Text, list[str]]]
    with_us: list[str]
    stopped: list[str]
    directory: Directory
    now: datetime


@dataclass(frozen=True, slots=True)
class Act:
    """What is to be done with each: go, accept, sign or hand_over; `to` names the receiver.

    `way` is the key of the way that is taken, or in English what is signed: of no case anything else is done.
    """

    what: str
    way: str = ""
    to: str | None = None
    confirmed: tuple[int, ...] = ()
    reason: str = ""
    happened: datetime | None = None


def together(inst: Installation, account: Account, numbers: Sequence[str]) -> Together:
    """What can be done with these cases together."""
    now = inst.clock()
    with looking(inst.engine) as connection:
        cases, missing = _cases(inst, connection, account, numbers, now)
        ways: dict[str, Way] = {}
        to_be_signed: dict[str, tuple[Text, list[str]]] = {}
        for case, ground in cases:
            for view in exit_views(ground, case, now):
                if may_take(view, case, account.agency):
                    _add(ways, ground, case, view)
            if _may_sign(ground, case, account):
                title = to_sign(ground, case)
                to_be_signed.setdefault(title.en, (title, []))[1].append(case.number)
        with_us = [
            (case.number, case.stop is not None)
            for case, _ in cases
            if case.about == "person" and _takes_part(case, account)
        ]
        return Together(
            chosen=[
                Chosen(case, ground.procedure.sop.title, accountability(ground, case, now)) for case, ground in cases
            ],
            missing=missing,
            ways=sorted(ways.values(), key=lambda way: (-len(way.ready), way.title.en)),
            offered=[case.number for case, _ in cases if case.offer is not None and case.offer.to == account.agency],
            to_sign=list(to_be_signed.values()),
            with_us=[number for number, stopped in with_us if not stopped],
            stopped=[number for number, stopped in with_us if stopped],
            directory=inst.directory(connection),
            now=now,
        )


def act_together(
    inst: Installation, account: Account, batch: str, act: Act, numbers: Sequence[str]
) -> list[tuple[str, Refusal | None]]:
    """Do one thing with each of these cases; gives what became of each, in order.

    `batch` names this choice: sent twice, it acts once on each case.
    """
    if act.what not in _MAKE:
        no = refuse("no_act", "Choose what is to be done", "के गर्ने हो छान्नुहोस्")
        return [(number, no) for number in numbers]
    return [(number, _one(inst, account, batch, act, number)) for number in dict.fromkeys(numbers[:MOST])]


def accept_all(inst: Installation, account: Account, operation: str, batch: str) -> list[tuple[str, Refusal | None]]:
    """Accept everything that one operation offers to somebody's agency; gives what became of each, in order."""
    numbers = [number for _, number in offered_of(inst, account, operation)]
    return act_together(inst, account, batch, Act("accept"), numbers)


def id_in(batch: str, number: str) -> str:
    """The id of the command that a choice makes for one of its cases."""
    return f"{batch[:32]}.{hashlib.sha256(number.encode()).hexdigest()[:16]}"


def _one(inst: Installation, account: Account, batch: str, act: Act, number: str) -> Refusal | None:
    """Do it with one case, if it is there still what was chosen: nothing is done that the choice did not show."""
    head = {"id": id_in(batch, number), "actor": actor_of(account), "happened": act.happened}
    command, secrets = _MAKE[act.what](act, **head), {"reason": act.reason} if act.reason else {}

    def make(connection: Connection, case: Case, ground: Ground) -> Made | Refusal:
        no = _not_chosen(act, case, ground)
        return (command, secrets) if no is None or journal.acted_before(connection, command.id) is not None else no

    try:
        answer = delivered(inst, act_as(inst, account.agency, "number", number, make))
    except NotFound:
        return NOT_HERE
    return answer if isinstance(answer, Refusal) else None


def _not_chosen(act: Act, case: Case, ground: Ground) -> Refusal | None:
    """A refusal where a case has not this way now, waits for another signature, or a rule was not confirmed by name."""
    if act.what == "sign" and to_sign(ground, case).en != act.way:
        return refuse("not_this", "This case waits for another signature", "यो विषयले अर्कै हस्ताक्षर पर्खिरहेको छ")
    if act.what == "hand_over" and case.stop is not None:
        return refuse(
            "stopped",
            "A red stop stands: read why, then say on its own page with whom she is",
            "रातो रोक लागेको छ: कारण पढ्नुहोस्, अनि विषयको आफ्नै पृष्ठमा उहाँ कोसँग हुनुहुन्छ भन्नुहोस्",
        )
    if act.what != "go":
        return None
    exit_ = ground.exits(case).get(act.way.rpartition("/")[2])
    if exit_ is None or act.way != way_key(case, act.way.rpartition("/")[2]):
        return refuse("not_this", "This case has not this way now", "यो विषयमा अहिले यो बाटो छैन")
    return None if exit_.by_wish else unconfirmed_in(ground, case, act.confirmed)


def way_key(case: Case, exit_name: str) -> str:
    """What names a way among those of many cases: its procedure, its stage, and itself."""
    return f"{case.sop}/{case.stage}/{exit_name}"


_MAKE: dict[str, Callable[..., cmd.Command]] = {
    "go": lambda act, **head: cmd.Go(exit=act.way.rpartition("/")[2], to=act.to, confirmed=list(act.confirmed), **head),
    "accept": lambda act, **head: cmd.Accept(**head),
    "sign": lambda act, **head: cmd.Sign(**head),
    "hand_over": lambda act, **head: cmd.HandOver(to=act.to or "", **head),
}


def _cases(
    inst: Installation, connection: Connection, account: Account, numbers: Sequence[str], now: datetime
) -> tuple[list[tuple[Case, Ground]], list[str]]:
    found, missing = [], []
    for number in list(dict.fromkeys(numbers))[:MOST]:
        try:
            case_id, _ = find(connection, number, account, now, "list")
        except NotFound:
            missing.append(number)
            continue
        case = journal.load_known(connection, case_id)
        found.append((case, inst.ground(connection, case.version)))
    return found, missing


def _may_sign(ground: Ground, case: Case, account: Account) -> bool:
    who = (account.agency, account.id, account.roles)
    return any(one.kind == "signature" and is_for(one, *who) for one in items(ground, case))


def _takes_part(case: Case, account: Account) -> bool:
    return case.status != "closed" and account.agency in {case.holder, case.with_, *case.parts.values()}


def _add(ways: dict[str, Way], ground: Ground, case: Case, view: ExitView) -> None:
    """Put one way of one case beside the same way of the others."""
    sop = ground.procedure.sop
    stage = sop.stages[case.stage or ""]
    key = way_key(case, view.name)
    if key not in ways:
        rules = [] if view.by_wish else [(place, rule) for place, rule in enumerate(stage.rules) if rule.ask]
        aside = view.by_wish or view.name in sop.anywhere
        ways[key] = Way(
            key, view.title, sop.title, stage.title, view.reason, aside, to=list(view.candidates), rules=rules
        )
    way = ways[key]
    if view.lacks or case.offer is not None or case.ending is not None or case.proposal is not None:
        way.lacking.append((case.number, view.lacks))
    else:
        way.ready.append(case.number)
        way.to[:] = [code for code in way.to if code in view.candidates]
