"""Everything that the pages do, programs can do too: both are listed here side by side."""

from tests.api.test_door import operations
from tests.web.conftest import Site

# A page, or an act of one, by its endpoint, and the operation that does the same.
TWINS = {
    "worklist.day": "api-lists.day",
    "worklist.shelf": "api-lists.shelf",
    "worklist.counts": "api-lists.day",
    "worklist.accept_all": "api-lists.accept_many",
    "worklist.assign_many": "api-lists.assign_many",
    "find.find": "api-lists.find",
    "together.choose": "api-lists.choose",
    "together.of": "api-cases.one",
    "together.do": "api-lists.act_on_many",
    "cases.page": "api-cases.one",
    "cases.open_form": "api-lists.me",
    "cases.open_new": "api-cases.open",
    "cases.step": "api-steps.one",
    "cases.record": "api-steps.record",
    "cases.keep": "api-steps.keep_draft",
    "cases.discard": "api-steps.drop_draft",
    "cases.attach": "api-acts.attach",
    "cases.upload": "api-files.send",
    "cases.download": "api-files.whole",
    "cases.look": "api-files.look",
    "cases.way": "api-cases.way",
    "cases.take_way": "api-acts.take_way",
    "cases.accept": "api-acts.accept",
    "cases.refuse_form": "api-cases.one",
    "cases.refuse": "api-acts.refuse",
    "cases.withdraw": "api-acts.withdraw",
    "cases.offer_first": "api-acts.offer_first",
    "cases.sign": "api-acts.sign",
    "cases.refuse_to_sign": "api-acts.refuse_to_sign",
    "cases.consent": "api-acts.give_consent",
    "cases.hand_over": "api-acts.hand_over",
    "cases.note": "api-acts.note",
    "cases.assign": "api-acts.assign",
    "cases.waive": "api-acts.waive",
    "cases.answered": "api-acts.answered",
    "cases.track": "api-acts.track",
    "cases.contest": "api-acts.contest",
    "cases.reopen": "api-acts.reopen",
    "cases.stop": "api-acts.stop",
    "cases.release": "api-acts.release",
    "cases.review_emergency": "api-acts.review_emergency",
    "cases.declare_conflict": "api-acts.declare_conflict",
    "cases.confirm_conflict": "api-acts.confirm_conflict",
    "cases.lift_conflict": "api-acts.lift_conflict",
    "cases.add_task": "api-acts.add_task",
    "cases.end_task": "api-acts.end_task",
    "cases.refer": "api-acts.refer",
    "cases.answer_referral": "api-acts.answer_referral",
    "cases.make_link": "api-lists.link",
    "cases.hold": "api-acts.hold",
    "cases.resume": "api-acts.resume",
    "cases.extend": "api-acts.extend",
    "cases.erase": "api-acts.erase",
    "cases.hold_for_law": "api-acts.hold_for_law",
    "cases.let_go": "api-acts.let_go",
    "cases.reassign": "api-acts.reassign",
    "me.news": "api-news.list",
    "me.read": "api-news.read",
    "me.read_all": "api-news.read_all",
    "cases.join_form": "api-cases.beside",
    "cases.looks": "api-cases.looks",
    "cases.join": "api-acts.join",
    "cases.part": "api-acts.part",
    "directory.listed": "api-reference.agencies",
    "directory.rights": "api-reference.permissions",
    "sops.listed": "api-reference.procedures",
    "sops.one": "api-reference.procedure",
    "sops.picture": "api-reference.picture",
    "review.figures": "api-reference.figures",
    "review.cases": "api-reference.figure",
    "homes.listed": "api-reference.homes",
    "homes.one": "api-reference.home",
    "homes.findings": "api-reference.findings",
    "paper.case": "api-paper.case",
    "paper.case_pdf": "api-paper.case",
    "paper.with_answers": "api-paper.with_answers",
    "paper.listed": "api-reference.procedures",
    "paper.kit": "api-paper.kit",
    "paper.print_forms": "api-paper.print_forms",
    "paper.type_in": "api-paper.sheet",
}
# What one act of a page does by a word in its form, and programs by an operation each.
PARTS = {"api-acts.refuse_consent", "api-acts.withdraw_consent", "api-acts.withdraw_referral"}
# Operations that no page has: lists for programs that read everything, page after page, and what witnesses sign.
FOR_PROGRAMS = {"api-cases.list", "api-cases.history", "api-log.request", "api-log.checkpoint"}
# Pages without a twin, each with the reason.
ALONE = {
    "sign_in.form": "a program brings a token",
    "sign_in.enter": "a program brings a token",
    "sign_in.out": "a program brings a token",
    "sign_in.leave": "the quick way out of a browser",
    "cases.erasure": "a sheet to show; the history tells the event",
    "layout.choose_language": "an answer holds both languages",
    "layout.alive": "tells nothing but that the server runs",
    "layout.static": "how pages look",
    "bootstrap.static": "how pages look",
    "find.form": "an empty form",
    "find.emergency_form": "an empty form",
    "find.open_emergency": "an emergency is one person's before a screen, never a program's",
    "links.ask": "for a person without an account",
    "links.open_it": "for a person without an account",
    "links.answer": "for a person without an account",
    "own.door": "for a person without an account",
    "own.page": "for a person without an account",
    "own.enter": "for a person without an account",
    "own.ask": "for a person without an account",
    "own.take_back": "for a person without an account",
    "own.looks": "for a person without an account",
    "own.write": "for a person without an account",
    "own.send": "for a person without an account",
    "cases.why": "a program says it in the header Purpose",
    "cases.say_why": "a program says it in the header Purpose",
    "cases.own_view": "a code that is shown once goes on paper, not through a program",
    "me.choices": "who could move a person's mail would read along",
    "me.choose": "who could move a person's mail would read along",
    "me.ask_for_code": "who could move a person's mail would read along",
    "me.prove": "who could move a person's mail would read along",
    "me.ask_for_test": "who could move a person's mail would read along",
    "me.forget": "who could move a person's mail would read along",
    "me.how": "an answer holds both languages",
    "me.keep": "an answer holds both languages",
    "me.tokens": "a token that makes tokens would never end",
    "me.make": "a token that makes tokens would never end",
    "me.end": "a token that makes tokens would never end",
    "sign_in.code": "a program brings a token",
    "sign_in.give_code": "a program brings a token",
    "sign_in.to_provider": "a program brings a token",
    "sign_in.from_provider": "a program brings a token",
    "sign_in.ask_second": "a program brings a token",
    "sign_in.give_passkey": "a program brings a token",
    "sign_in.ask_passkey": "a program brings a token",
    "sign_in.give_passkey_alone": "a program brings a token",
    "sign_in.onward": "a program brings a token",
    "me.security": "the safety of an account is for its owner before a browser",
    "me.end_session": "the safety of an account is for its owner before a browser",
    "me.end_other_sessions": "the safety of an account is for its owner before a browser",
    "me.seen_new_device": "the safety of an account is for its owner before a browser",
    "me.app": "the safety of an account is for its owner before a browser",
    "me.begin_app": "the safety of an account is for its owner before a browser",
    "me.confirm_app": "the safety of an account is for its owner before a browser",
    "me.remove_factor": "the safety of an account is for its owner before a browser",
    "me.tie": "the safety of an account is for its owner before a browser",
    "me.untie": "the safety of an account is for its owner before a browser",
    "me.ask_to_add": "the safety of an account is for its owner before a browser",
    "me.add_passkey": "the safety of an account is for its owner before a browser",
    "me.new_codes": "the safety of an account is for its owner before a browser",
    "me.change_password": "the safety of an account is for its owner before a browser",
    "me.first_password": "the safety of an account is for its owner before a browser",
    "me.choose_first": "the safety of an account is for its owner before a browser",
    **{
        f"admin.{page}": "a token that was lost is not to make accounts"
        for page in (
            "start",
            "record",
            "confirm",
            "refuse",
            "people",
            "add_form",
            "add",
            "person",
            "roles",
            "factor",
            "password",
            "sessions",
            "end",
            "agencies",
            "agency",
            "edit",
            "deactivate",
            "activate",
        )
    },
}


def pages(site: Site) -> set[str]:
    return {rule.endpoint for rule in site.app.url_map.iter_rules() if not rule.endpoint.startswith("api-")}


def test_every_page_has_its_twin_or_a_reason(site: Site) -> None:
    assert pages(site) == set(TWINS) | set(ALONE)
    assert not set(TWINS) & set(ALONE)


def test_every_operation_is_the_twin_of_a_page_or_for_programs(site: Site) -> None:
    there = {str(said["operationId"]) for _, _, said in operations(site)}
    assert there == set(TWINS.values()) | PARTS | FOR_PROGRAMS
    assert len(there) == len(operations(site))


def test_every_operation_is_described_with_an_example(site: Site) -> None:
    for method, path, said in operations(site):
        assert said["summary"], path
        body = said.get("requestBody", {}).get("content", {}).get("application/json")  # type: ignore[attr-defined]
        assert body is None or "example" in body, (method, path)
