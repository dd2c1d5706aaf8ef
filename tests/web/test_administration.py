"""Administration: who may change agencies, people and roles; what two do together; what becomes of whoever leaves."""

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from sop_engine.app import initialise
from sop_engine.case import commands as cmd
from sop_engine.case.refusal import Refusal
from sop_engine.services import accounts, administered, changes
from sop_engine.services.accounts import Entered, Origin
from sop_engine.services.administering import Made, ask, decide
from sop_engine.services.drafting import keep_draft
from sop_engine.services.installation import SignInRules, actor_of, new_id
from sop_engine.services.sending import send
from sop_engine.services.staff import account_named
from sop_engine.services.tokens import bearer_of, make_token
from sop_engine.store import sessions
from sop_engine.store.database import looking
from sop_engine.store.people import Account
from sop_engine.store.tables import change, draft
from tests.support.apps import passes, sets_up
from tests.support.world import PASSWORD
from tests.web.conftest import Site, enter, token_of

POLICE, NGO, QUIET = "ahtb", "utis", "wcsc-jhapa"
FIRST, SECOND, OF_NGO = "admin", "admin-2", "utis-admin"


def named(site: Site, name: str) -> Account:
    found = account_named(site.world.inst, name)
    assert found is not None
    return found


def post(client: FlaskClient, to: str, page: str = "/me/reading", **fields: str | Sequence[str]) -> TestResponse:
    """Send a form with the token of a page."""
    return client.post(to, data={"csrf_token": token_of(client.get(page).text), **fields})


def waiting(site: Site, who: str) -> list[str]:
    """The ids of what waits, as somebody sees it."""
    return [line.change.id for line in administered.waiting(site.world.inst, named(site, who))]


def asked(site: Site, who: str, one: changes.OfPerson | changes.OfAgency) -> Made | Refusal:
    return ask(site.world.inst, named(site, who), one)


def confirmed(site: Site, who: str) -> Made | Refusal:
    """Confirm the one thing that waits."""
    (identity,) = waiting(site, who)
    return decide(site.world.inst, named(site, who), identity, True)


def roles_for(site: Site, name: str, *roles: str) -> changes.ChangeRoles:
    account = named(site, name)
    return changes.ChangeRoles(whom=account.id, before=sorted(account.roles), roles=sorted(roles))


def password_of(page: str) -> str:
    found = re.search(r'id="given" readonly value="([a-z2-9-]{14})"', page)
    assert found, "the page shows no password"
    return found[1]


def test_somebody_without_a_role_is_added_at_once_and_chooses_her_own_password(either_site: Site) -> None:
    client = enter(either_site, FIRST)
    fields = {"agency": POLICE, "sign_in": "maya", "shown_as": "Maya, officer"}
    page = post(client, "/admin/people/add", **fields).text
    given = password_of(page)
    assert "Maya, officer" in page
    assert given not in client.get("/admin/record").text
    there = either_site.app.test_client()
    assert passes(there, "maya", given).status_code == 302
    assert there.get("/").location == "/me/first-password"
    assert "Maya, officer" in client.get(f"/admin/people?agency={POLICE}").text
    again = post(client, "/admin/people/add", **fields)
    assert (again.status_code, "is taken" in again.text, 'value="Maya, officer"' in again.text) == (422, True, True)


def test_somebody_with_a_role_can_sign_in_once_another_administrator_confirmed(either_site: Site) -> None:
    client, other = enter(either_site, FIRST), enter(either_site, SECOND)
    fields = {"agency": POLICE, "sign_in": "maya", "shown_as": "Maya", "role": ["supervisor"]}
    assert post(client, "/admin/people/add", **fields).location == "/admin/"
    assert account_named(either_site.world.inst, "maya") is None
    (identity,) = waiting(either_site, SECOND)
    own = post(client, f"/admin/changes/{identity}/confirm")
    assert (own.status_code, "Somebody else confirms this" in own.text) == (422, True)
    given = password_of(post(other, f"/admin/changes/{identity}/confirm").text)
    assert named(either_site, "maya").roles == {"supervisor"}
    assert passes(either_site.app.test_client(), "maya", given).status_code == 302
    twice = post(other, f"/admin/changes/{identity}/confirm")
    assert (twice.status_code, "decided already" in twice.text) == (422, True)


def test_other_roles_end_the_sessions_and_nothing_changes_before(either_site: Site) -> None:
    officer, client = enter(either_site, POLICE), enter(either_site, FIRST)
    whom, before = named(either_site, POLICE), sorted(named(either_site, POLICE).roles)
    wanted = [*before, "supervisor"]
    sent = post(client, f"/admin/people/{whom.id}/roles", before=before, role=wanted)
    assert sent.location == "/admin/"
    assert (officer.get("/").status_code, named(either_site, POLICE).roles) == (200, whom.roles)
    assert isinstance(confirmed(either_site, SECOND), Made)
    assert named(either_site, POLICE).roles == set(wanted)
    assert officer.get("/").status_code == 302


def test_nobody_confirms_or_changes_what_concerns_herself(site: Site) -> None:
    inst, first, second = site.world.inst, named(site, FIRST), named(site, SECOND)
    assert isinstance(asked(site, FIRST, roles_for(site, FIRST, "supervisor")), Refusal)
    assert isinstance(asked(site, FIRST, changes.EndPerson(whom=first.id, reason="left")), Refusal)
    assert isinstance(asked(site, FIRST, roles_for(site, SECOND, "supervisor")), Made)
    (identity,) = waiting(site, SECOND)
    for agreed in (True, False):
        refused = decide(inst, second, identity, agreed)
        assert isinstance(refused, Refusal)
        assert refused.code == "same_person"
    page = enter(site, SECOND).get("/admin/").text
    assert f"/admin/changes/{identity}/" not in page
    assert named(site, SECOND).roles == {"administrator"}


def test_what_was_refused_or_taken_back_changes_nothing(site: Site) -> None:
    inst, before = site.world.inst, named(site, POLICE).roles
    for who in (FIRST, SECOND):
        assert isinstance(asked(site, FIRST, roles_for(site, POLICE, "head")), Made)
        (identity,) = waiting(site, FIRST)
        assert isinstance(decide(inst, named(site, who), identity, False), Made)
        assert isinstance(decide(inst, named(site, SECOND), identity, True), Refusal)
    assert (named(site, POLICE).roles, waiting(site, FIRST)) == (before, [])
    page = enter(site, FIRST).get("/admin/record").text
    assert ("taken back" in page, "refused by" in page) == (True, True)


def test_of_two_who_confirm_at_the_same_moment_one_does(either_site: Site) -> None:
    inst = either_site.world.inst
    third = changes.AddPerson(whom=new_id(), sign_in="third", agency="mowcsc", shown_as="T", roles=["administrator"])
    asked(either_site, FIRST, third)
    assert isinstance(confirmed(either_site, SECOND), Made)
    asked(either_site, FIRST, changes.ResetFactor(whom=named(either_site, POLICE).id))
    new = changes.AddPerson(whom=new_id(), sign_in="maya", agency=POLICE, shown_as="Maya", roles=["supervisor"])
    asked(either_site, FIRST, new)
    (identity,) = waiting(either_site, SECOND)
    both = [named(either_site, SECOND), named(either_site, "third")]
    with ThreadPoolExecutor(2) as many:
        made = list(many.map(lambda who: decide(inst, who, identity, True), both))
    assert sorted(isinstance(one, Made) for one in made) == [False, True]
    assert [one.code for one in made if isinstance(one, Refusal)] == ["decided"]


def test_a_change_that_does_not_fit_any_more_is_not_made(either_site: Site) -> None:
    inst = either_site.world.inst
    for role in ("head", "superior"):
        assert isinstance(asked(either_site, FIRST, roles_for(either_site, POLICE, role)), Made)
        either_site.world.clock.wait(minutes=1)
    earlier, later = waiting(either_site, SECOND)
    assert isinstance(decide(inst, named(either_site, SECOND), later, True), Made)
    refused = decide(inst, named(either_site, SECOND), earlier, True)
    assert isinstance(refused, Refusal)
    assert refused.code == "changed"
    assert (named(either_site, POLICE).roles, waiting(either_site, SECOND)) == ({"superior"}, [earlier])


def test_what_was_asked_by_somebody_who_administers_no_more_is_not_confirmed(site: Site) -> None:
    asked(site, FIRST, changes.AddPerson(whom=new_id(), sign_in="t", agency=NGO, shown_as="T", roles=["administrator"]))
    confirmed(site, SECOND)
    asked(site, FIRST, roles_for(site, POLICE, "head"))
    assert isinstance(asked(site, SECOND, changes.EndPerson(whom=named(site, FIRST).id, reason="misuse")), Made)
    refused = confirmed(site, SECOND)
    assert isinstance(refused, Refusal)
    assert refused.code == "asker"


def test_an_administrator_of_one_agency_looks_after_its_people_alone(either_site: Site) -> None:
    client = enter(either_site, OF_NGO)
    assert "Officer, Utis" in client.get("/admin/people").text
    police = named(either_site, POLICE).id
    for page in (
        f"/admin/people?agency={POLICE}",
        f"/admin/people/{police}",
        "/admin/agencies",
        f"/admin/agencies/{NGO}",
    ):
        assert client.get(page).status_code == 404
    for what in ("end", "sessions", "password", "factor", "roles"):
        assert post(client, f"/admin/people/{police}/{what}", reason="left").status_code == 404
    assert post(client, "/admin/people/add", agency=POLICE, sign_in="x", shown_as="X").status_code == 404
    asked(either_site, FIRST, roles_for(either_site, POLICE, "head"))
    (foreign,) = waiting(either_site, FIRST)
    assert waiting(either_site, OF_NGO) == []
    assert post(client, f"/admin/changes/{foreign}/confirm").status_code == 404
    assert "Officer, AHTB" not in client.get("/admin/record").text
    password_of(post(client, "/admin/people/add", agency=NGO, sign_in="x", shown_as="X").text)
    assert named(either_site, "x").agency == NGO


def test_an_administrator_of_one_agency_makes_and_touches_none_of_all_agencies(site: Site) -> None:
    inst = site.world.inst
    for roles in (["administrator"], ["administrator", "supervisor"]):
        one = changes.AddPerson(whom=new_id(), sign_in="x", agency=NGO, shown_as="X", roles=roles)
        assert isinstance(asked(site, OF_NGO, one), Refusal)
    assert isinstance(asked(site, OF_NGO, roles_for(site, NGO, "administrator")), Refusal)
    assert "role-administrator" not in enter(site, OF_NGO).get("/admin/people/add").text
    above = changes.AddPerson(whom=new_id(), sign_in="above", agency=NGO, shown_as="A", roles=["administrator"])
    asked(site, FIRST, above)
    (identity,) = waiting(site, OF_NGO)
    assert isinstance(decide(inst, named(site, OF_NGO), identity, True), Refusal)
    confirmed(site, SECOND)
    target = named(site, "above").id
    for one in (
        changes.EndPerson(whom=target, reason="left"), changes.GivePassword(whom=target),
        changes.EndSessions(whom=target), roles_for(site, "above"),
    ):  # fmt: skip
        assert isinstance(asked(site, OF_NGO, one), Refusal)
    asked(site, FIRST, changes.GivePassword(whom=target))
    (identity,) = waiting(site, OF_NGO)
    assert isinstance(decide(inst, named(site, OF_NGO), identity, True), Refusal)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"sign_in": "two words"}, "without blanks"),
        ({"sign_in": "a\u202eb"}, "without blanks"),
        ({"sign_in": ""}, "without blanks"),
        ({"shown_as": " "}, "how colleagues see this person"),
        ({"role": ["king"]}, "Choose roles of the list"),
        ({"agency": "nobody"}, "no agency has the code"),
    ],
)
def test_what_nobody_could_use_is_refused_with_a_sentence(
    site: Site, fields: dict[str, str | list[str]], said: str
) -> None:
    whole = {"agency": POLICE, "sign_in": "maya", "shown_as": "Maya", **fields}
    answer = post(enter(site, FIRST), "/admin/people/add", **whole)
    assert (answer.status_code, said in answer.text) == (422, True)
    assert account_named(site.world.inst, "maya") is None


def test_letters_of_a_name_that_nobody_sees_are_shown(site: Site) -> None:
    one = changes.AddPerson(whom=new_id(), sign_in="maya", agency=POLICE, shown_as="Ma\u202eya\u200b", roles=[])
    assert isinstance(asked(site, FIRST, one), Made)
    client = enter(site, FIRST)
    for page in (f"/admin/people?agency={POLICE}", "/admin/record", f"/admin/people/{one.whom}"):
        assert "Ma[U+202E]ya[U+200B]" in client.get(page).text
        assert "\u202e" not in client.get(page).text


def given_to_officer(site: Site) -> tuple[str, Account]:
    """A case on which the police officer works, by its id."""
    play, case_id = site.world.play, site.operation
    officer = play.cast.worker(POLICE)
    send(site.world.inst, case_id, cmd.Assign(id=new_id(), actor=actor_of(play.cast.lead(POLICE)), worker=officer.id))
    return case_id, officer


def test_whoever_leaves_loses_all_that_opens_the_account_and_her_cases_are_nobodys(either_site: Site) -> None:
    world, (case_id, officer) = either_site.world, given_to_officer(either_site)
    inst, number = world.inst, either_site.number(case_id)
    token = make_token(inst, officer, "for a program", ["read"], 9, PASSWORD, Origin())
    assert isinstance(token, str)
    there, client = enter(either_site, POLICE), enter(either_site, FIRST)
    keep_draft(inst, officer, either_site.number(either_site.person), "to_safe_place", {"x": ["y"]}, 0)
    page = client.get(f"/admin/people/{officer.id}").text
    assert number in page
    assert f"/cases/{number}" not in page, "the ministry may not see it"
    missing = post(client, f"/admin/people/{officer.id}/end")
    assert (missing.status_code, "Say why" in missing.text) == (422, True)
    assert post(client, f"/admin/people/{officer.id}/end", reason="left").status_code == 302
    assert there.get("/").status_code == 302
    assert bearer_of(inst, token) is None
    assert passes(either_site.app.test_client(), POLICE).status_code == 401
    after = world.play.case(case_id)
    assert (after.worker, after.holder) == (None, POLICE)
    with looking(inst.engine) as connection:
        assert not sessions.has_devices(connection, officer.id)
        assert connection.execute(select(draft).where(draft.c.person == officer.id)).first() is None
    assert "She or he has left the agency" in client.get("/admin/record").text
    assert isinstance(asked(either_site, FIRST, changes.EndSessions(whom=officer.id)), Refusal)
    again = changes.AddPerson(whom=new_id(), sign_in=POLICE, agency=POLICE, shown_as="Another", roles=[])
    assert isinstance(asked(either_site, FIRST, again), Refusal)


def test_sessions_of_somebody_end_at_once(either_site: Site) -> None:
    there, other = enter(either_site, POLICE), enter(either_site, NGO)
    whom = named(either_site, POLICE).id
    assert post(enter(either_site, FIRST), f"/admin/people/{whom}/sessions").status_code == 302
    assert (there.get("/").status_code, other.get("/").status_code) == (302, 200)


def test_a_lost_app_is_taken_away_by_two_and_seen_by_neither(site: Site) -> None:
    world, whom = site.world, named(site, POLICE).id
    none = asked(site, FIRST, changes.ResetFactor(whom=whom))
    assert isinstance(none, Refusal)
    world.inst.rules = SignInRules()
    app, codes = sets_up(world, site.app.test_client(), POLICE)
    world.inst.rules = SignInRules(second_factor=False)
    client, other = enter(site, FIRST), enter(site, SECOND)
    assert post(client, f"/admin/people/{whom}/factor").location == "/admin/"
    assert isinstance(accounts.sign_in(world.inst, POLICE, PASSWORD, Origin()), accounts.Halfway)
    (identity,) = waiting(site, SECOND)
    answer = post(other, f"/admin/changes/{identity}/confirm")
    assert isinstance(accounts.sign_in(world.inst, POLICE, PASSWORD, Origin()), Entered)
    for page in (answer.text, client.get(f"/admin/people/{whom}").text, client.get("/admin/record").text):
        assert not any(secret in page for secret in (app.secret, *codes))


def test_a_first_password_anew_needs_two_where_it_would_give_away_a_role_or_a_whole_account(site: Site) -> None:
    for name in ("ahtb-lead", NGO):
        whom = named(site, name).id
        assert asked(site, FIRST, changes.GivePassword(whom=whom)) == Made(whom, waits=True)
    site.world.inst.rules = SignInRules()
    sets_up(site.world, site.app.test_client(), POLICE)
    made = [asked(site, FIRST, changes.GivePassword(whom=named(site, POLICE).id)) for _ in range(2)]
    first, second = [str(one.password) for one in made if isinstance(one, Made)]
    for wrong in (PASSWORD, first):
        assert passes(site.app.test_client(), POLICE, wrong).status_code == 401
    opened = passes(site.app.test_client(), POLICE, second)
    assert opened.location.startswith("/sign-in/code"), "the second factor still stands before it"


def in_need(site: Site) -> dict[str, Callable[[], str]]:
    """Agencies that cases need, each in another way, and the case."""
    play = site.world.play
    person = play.case(site.person)
    assert person.offer is not None
    return {
        POLICE: lambda: site.operation,
        person.offer.to: lambda: site.person,
        str(person.with_): lambda: site.person,
    }


def test_an_agency_that_cases_need_stays_in_use_and_the_cases_are_listed(site: Site) -> None:
    client = enter(site, FIRST)
    needed = in_need(site)
    assert len(needed) >= 2
    for code, case in needed.items():
        page = client.get(f"/admin/agencies/{code}").text
        number = site.number(case())
        assert number in page
        assert f"/cases/{number}" not in page
        assert f"/admin/agencies/{code}/deactivate" not in page
        answer = post(client, f"/admin/agencies/{code}/deactivate")
        assert (answer.status_code, number in answer.text) == (422, True)
    own = enter(site, "ahtb-lead")
    assert own.get("/admin/agencies/ahtb").status_code == 404


def test_a_case_that_came_while_it_waited_keeps_an_agency_in_use(site: Site) -> None:
    assert asked(site, FIRST, changes.Deactivate(whom=QUIET)) == Made(QUIET, waits=True)
    site.world.play.open("identification", "report", QUIET, place_found="NP0104")
    refused = confirmed(site, SECOND)
    assert isinstance(refused, Refusal)
    assert refused.code == "needed"
    assert site.world.inst.directory_now().takes(QUIET)
    assert len(waiting(site, SECOND)) == 1


def test_nobody_signs_in_for_an_agency_out_of_use_and_nothing_new_comes_to_it(either_site: Site) -> None:
    world = either_site.world
    inst, officer = world.inst, world.play.cast.worker(QUIET)
    token = make_token(inst, officer, "for a program", ["read"], 9, PASSWORD, Origin())
    assert isinstance(token, str)
    there, client, other = enter(either_site, QUIET), enter(either_site, FIRST), enter(either_site, SECOND)
    police, page = enter(either_site, POLICE), f"/cases/{either_site.number(either_site.person)}"
    assert f'value="{QUIET}"' in police.get(page).text
    assert post(client, f"/admin/agencies/{QUIET}/deactivate").location == "/admin/"
    assert there.get("/").status_code == 200
    (identity,) = waiting(either_site, SECOND)
    assert post(other, f"/admin/changes/{identity}/confirm").status_code == 302
    assert there.get("/").status_code == 302
    assert passes(either_site.app.test_client(), QUIET).status_code == 401
    assert bearer_of(inst, token) is None
    directory = inst.directory_now()
    kind = directory.agencies[QUIET].kind
    assert QUIET not in directory.of_kind((kind,), "NP0104")
    assert not directory.acts_here(QUIET)
    title = directory.agencies[QUIET].title.en
    assert title not in client.get("/agencies/").text
    assert f'value="{QUIET}"' not in police.get(page).text
    refused = send(
        inst, either_site.person, cmd.HandOver(id=new_id(), actor=actor_of(world.play.cast.worker(POLICE)), to=QUIET)
    )
    assert isinstance(refused, Refusal)
    initialise(world.settings)
    inst.forget()
    assert not inst.directory_now().takes(QUIET), "an upgrade does not bring it back"
    assert isinstance(asked(either_site, FIRST, changes.Activate(whom=QUIET)), Made)
    assert not inst.directory_now().takes(QUIET)
    assert isinstance(confirmed(either_site, SECOND), Made)
    assert passes(either_site.app.test_client(), QUIET).status_code == 302


def test_what_is_edited_of_an_agency_stays_when_the_directory_is_taken_in_again(either_site: Site) -> None:
    inst, client = either_site.world.inst, enter(either_site, FIRST)
    words = {"title_en": "Desk of Jhapa", "title_ne": "झापा सेवा", "short_en": "Jhapa", "short_ne": "झापा"}
    page = f"/admin/agencies/{QUIET}"
    empty = post(client, f"{page}/edit", **{**words, "title_ne": " "}, acts_here="yes")
    assert (empty.status_code, 'href="#title_ne"' in empty.text, 'value="Desk of Jhapa"' in empty.text) == (
        422,
        True,
        True,
    )
    assert post(client, f"{page}/edit", **words, acts_here="yes").status_code == 302
    assert "Desk of Jhapa" in client.get(page).text
    initialise(either_site.world.settings)
    inst.forget()
    agency = inst.directory_now().agencies[QUIET]
    assert (agency.title.en, agency.short.ne, agency.acts_here) == ("Desk of Jhapa", "झापा", True)
    for code, said in ((QUIET, "end their accounts first"), (POLICE, "Cases still need this agency")):
        answer = post(client, f"/admin/agencies/{code}/edit", **words)
        assert (answer.status_code, said in answer.text) == (422, True)


def test_everything_stands_in_the_record_and_only_ids_in_the_log(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    one = changes.AddPerson(whom=new_id(), sign_in="maya", agency=POLICE, shown_as="Maya Devi", roles=[])
    made = asked(site, FIRST, one)
    assert isinstance(made, Made)
    asked(site, FIRST, changes.EndSessions(whom=one.whom))
    asked(site, FIRST, changes.EndPerson(whom=one.whom, reason="mistake"))
    logged = capsys.readouterr().out
    assert logged.count("administration") == 3
    assert one.whom in logged
    assert not any(secret in logged for secret in ("Maya", "maya", str(made.password)))
    with looking(site.world.inst.engine) as connection:
        rows = connection.execute(select(change)).all()
    assert sorted(row.what for row in rows) == ["add_person", "end_person", "end_sessions"]
    assert not any(str(made.password) in row.body for row in rows)
    page = enter(site, SECOND).get("/admin/record").text
    assert page.count("Maya Devi") == 3


def test_the_record_is_read_page_by_page(site: Site) -> None:
    whom = named(site, POLICE).id
    for _ in range(administered.A_PAGE + 1):
        asked(site, FIRST, changes.EndSessions(whom=whom))
    client = enter(site, FIRST)
    assert "/admin/record?page=2" in client.get("/admin/record").text
    assert client.get("/admin/record?page=2").text.count("Is signed out everywhere") == 1
    assert client.get("/admin/record?page=x").status_code == 200


def test_looking_after_accounts_opens_no_case(site: Site) -> None:
    """The ministry's administrator sees of a case what any officer of the ministry sees: nothing."""
    client = enter(site, FIRST)
    for case_id in (site.operation, site.person):
        assert client.get(f"/cases/{site.number(case_id)}").status_code == 404


def test_only_those_who_look_after_accounts_find_the_way_there(site: Site) -> None:
    assert 'href="/admin/"' in enter(site, FIRST).get("/").text
    assert 'href="/admin/"' in enter(site, OF_NGO).get("/").text
    for name in (POLICE, "ahtb-lead", "mowcsc"):
        assert 'href="/admin/"' not in enter(site, name).get("/").text
