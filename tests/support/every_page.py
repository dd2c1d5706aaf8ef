"""Every page of the web application that a person can open, with something on it: for weight and for accessibility."""

from dataclasses import dataclass, replace
from datetime import timedelta

from sop_engine.case import commands as cmd
from sop_engine.demo import visits
from sop_engine.demo.stories import bar_rescue
from sop_engine.services import changes
from sop_engine.services.administered import waiting
from sop_engine.services.administering import ask, decide
from sop_engine.services.installation import actor_of, new_id
from sop_engine.services.passing import run_once
from sop_engine.services.sending import send
from tests.support.world import World


@dataclass(frozen=True, slots=True)
class Opened:
    """One page: what it is, who opens it (by sign-in; nobody where it is public), and its address."""

    name: str
    sign_in: str | None
    address: str


def furnish(world: World) -> list[Opened]:
    """Bring a world to where every page has something to show; gives them all."""
    play = world.play
    operation = bar_rescue.tip_off(play)
    person, other = (one for one, _ in bar_rescue.persons(play, operation)[:2])
    play.consent(person, "data_sharing")
    _ask(world, person)
    play.finish(other)
    play.go(other, "to_safety")
    run_once(world.inst)
    number, offered, of = (play.case(one).number for one in (person, other, operation))
    _visited(world)
    _administered(world, person)
    goes_on, ended, may_end = _joined(world, [one for one, _ in bar_rescue.persons(play, operation)[2:5]])
    return [
        Opened("sign in", None, "/sign-in"),
        Opened("code and PIN", None, "/s/ne/"),
        Opened("a complaint", None, "/s/ne/write"),
        Opened("day", "ahtb", "/"),
        Opened("day of a lead", "ahtb-lead", "/"),
        Opened("day with offers", "wcsc-kathmandu", "/"),
        Opened("rights", "mowcsc", "/agencies/rights"),
        Opened("who looked", "ahtb", f"/cases/{number}/looks"),
        Opened("list", "ahtb", "/day/soon"),
        Opened("list to sign", "ahtb-lead", "/day/to_sign"),
        Opened("case of a person", "ahtb", f"/cases/{number}"),
        Opened("case of an operation", "ahtb", f"/cases/{of}"),
        Opened("case offered", "wcsc-kathmandu", f"/cases/{offered}"),
        Opened("case with another joined to it", "ahtb", f"/cases/{goes_on}"),
        Opened("case joined to another", "ahtb", f"/cases/{ended}"),
        Opened("two cases of one person", "ahtb", f"/cases/{may_end}/join?other={goes_on}"),
        Opened("a number that is not there", "ahtb", f"/cases/{may_end}/join?other=NP-2222-2222"),
        Opened("case supported", "sisau", f"/cases/{number}"),
        Opened("step", "ahtb", f"/cases/{number}/steps/to_safe_place"),
        Opened("step with rows", "ahtb", f"/cases/{of}/steps/headcount"),
        Opened("way", "ahtb", f"/cases/{number}/way/to_safety"),
        Opened("refuse", "wcsc-kathmandu", f"/cases/{offered}/refuse"),
        Opened("together", "ahtb", f"/together/of/{of}"),
        Opened("open a case", "ahtb", "/cases/open"),
        Opened("services", "ahtb", "/agencies/"),
        Opened("find", "ahtb", "/search"),
        Opened("paper", "ahtb", "/paper"),
        Opened("forms of a procedure", "ahtb", "/paper/rescue-person"),
        Opened("type in", "ahtb", "/paper/type-in"),
        Opened("a case to print", "ahtb", f"/cases/{number}/print"),
        Opened("step with papers", "ahtb", f"/cases/{of}/steps/things"),
        Opened("old link", None, "/request/" + "A" * 43),
        Opened("procedures", "ahtb", "/procedures/"),
        Opened("procedure", "ahtb", "/procedures/rescue-person"),
        Opened("homes", "ncrc", "/homes/"),
        Opened("home", "ncrc", "/homes/home-katus"),
        Opened("what is not fixed", "ncrc", "/homes/findings"),
        Opened("figures", "mowcsc", "/review/"),
        Opened("tokens", "ahtb", "/me/tokens"),
        Opened("safety of an account", "ahtb", "/me/security"),
        Opened("notices", "wcsc-kathmandu", "/notices"),
        Opened("no notices", "mowcsc", "/notices"),
        Opened("what comes by e-mail", "ahtb", "/me/notices"),
        Opened("figures of a fiscal year", "mowcsc", "/review/?period=fy-2082"),
        Opened("figures, one opened", "mowcsc", "/review/cases/opened?period=bs-2082-11"),
        Opened("administration", "admin-2", "/admin/"),
        Opened("people of an agency", "admin", "/admin/people?agency=ahtb"),
        Opened("people of the own agency", "utis-admin", "/admin/people"),
        Opened("a person who works on a case", "admin", f"/admin/people/{play.cast.worker('ahtb').id}"),
        Opened("adding somebody", "admin", "/admin/people/add?agency=ahtb"),
        Opened("agencies", "admin", "/admin/agencies"),
        Opened("an agency that cases need", "admin", "/admin/agencies/ahtb"),
        Opened("an agency that no case needs", "admin", "/admin/agencies/wcsc-jhapa"),
        Opened("record of administration", "admin", "/admin/record"),
        Opened("how I read", "ahtb", "/me/reading"),
        Opened("not here", "ahtb", "/cases/NP-2222-2222"),
    ]


def _visited(world: World) -> None:
    """A home in which a visit found several things, of which one is fixed."""
    play = replace(world.play, good=dict(visits.GOOD, local="local-kathmandu", province="pcrc-bagmati"), pace=0)
    play.open("home-licence", "licensed", "ncrc", parts={"home": "home-katus"})
    visit = play.open("home-inspection", "planned", "ncrc", parts={"home": "home-katus"})
    rows = visits.marked(visits.standard_of(play, visit), {"E2": "not_met", "B4": "not_met", "A5": "partly"})
    for going in (
        visits.to_home(play, visit, "unannounced"), visits.closing_talk(play, visit),
        visits.to_report(play, visit, rows), visits.to_plan(play, visit),
    ):  # fmt: skip
        for _ in going:
            pass
    play.record(visit, "check_actions", checks=visits.checked(play, visit, 2))


def _administered(world: World, case_id: str) -> None:
    """Changes of accounts: one that waits, one that was confirmed, one at once; and a case that is somebody's."""
    first, second, _ = world.play.cast.administrators
    worker, lead = world.play.cast.worker("ahtb"), world.play.cast.lead("ahtb")
    send(world.inst, case_id, cmd.Assign(id=new_id(), actor=actor_of(lead), worker=worker.id))
    gone = changes.AddPerson(whom=new_id(), sign_in="maya", agency="ahtb", shown_as="Maya", roles=["supervisor"])
    ask(world.inst, first, gone)
    (waits,) = waiting(world.inst, second)
    decide(world.inst, second, waits.change.id, True)
    ask(world.inst, first, changes.EndPerson(whom=gone.whom, reason="left"))
    before = sorted(worker.roles)
    ask(world.inst, first, changes.ChangeRoles(whom=worker.id, before=before, roles=[*before, "supervisor"]))


def _joined(world: World, people: list[str]) -> list[str]:
    """The numbers of three cases; the second is joined to the first."""
    numbers = [world.play.case(one).number for one in people]
    actors = [actor_of(world.play.cast.worker("ahtb")), actor_of(world.play.cast.lead("ahtb"))]
    wish = cmd.Merge(id=new_id(), actor=actors[0], number=numbers[0])
    send(world.inst, people[1], wish, {"reason": "Both names are hers."})
    send(world.inst, people[1], cmd.Sign(id=new_id(), actor=actors[1]))
    return numbers


def _ask(world: World, person: str) -> None:
    """A task, a service, a note and a red stop in one case."""
    case, due = world.play.case(person), world.clock() + timedelta(days=2)
    actor, ngo = actor_of(world.play.cast.worker(case.holder or "")), case.parts["ngo"]
    for command, secrets in (
        (cmd.AddTask(id=new_id(), actor=actor, agency=ngo, due=due), {"task": "Bring her papers."}),
        (
            cmd.Refer(id=new_id(), actor=actor, to="sisau", service="shelter", due=due, consent="data_sharing"),
            {"asked": "A bed for two nights."},
        ),
        (cmd.Note(id=new_id(), actor=actor, to=[ngo]), {"note": "Her sister telephoned."}),
        (cmd.RedStop(id=new_id(), actor=actor), {"reason": "Somebody waits outside."}),
    ):
        send(world.inst, person, command, secrets)
