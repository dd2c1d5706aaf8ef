"""What each address asks of whoever comes: one table, from which the door denies whatever does not stand in it.

`PUBLIC`: nothing. `ANYBODY`: an account; what is shown or done is of the account, or of everybody. `WORKER`: an account
of somebody who works on cases; what is shown or done is of her agency. Who has roles of administration alone does not.
`REVIEW` and `REGISTER`: an account of an agency that reviews procedures or watches homes. `ADMIN`: an account that
looks after people, of all agencies or of its own; `AGENCIES`: one that looks after all agencies. Anything else is a
permission of `case.permissions`, which one of the relations of the account's agency to the case must have.
"""

from collections.abc import Mapping

from sop_engine.case.permissions import PERMISSIONS
from sop_engine.services.accounts import Account

PUBLIC, ANYBODY, WORKER, REVIEW, REGISTER = "public", "anybody", "worker", "review", "register"
ADMIN, AGENCIES = "admin", "agencies"
BESIDE_WORK = frozenset((PUBLIC, ANYBODY, ADMIN, AGENCIES))
OF_CASE = frozenset(PERMISSIONS)

ROUTES: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "sign_in.form", "sign_in.enter", "sign_in.code", "sign_in.give_code", "sign_in.leave",
            "sign_in.ask_second", "sign_in.give_passkey", "sign_in.ask_passkey", "sign_in.give_passkey_alone",
            "sign_in.to_provider", "sign_in.from_provider",
            "layout.static", "bootstrap.static",
            "layout.choose_language", "layout.alive",
            "api-docs.openapi_json", "links.ask", "links.open_it", "links.answer",
            "own.door", "own.page", "own.enter", "own.ask", "own.take_back", "own.looks", "own.write",
            "own.send",
        ), PUBLIC,
    ),
    **dict.fromkeys(
        (
            "sign_in.out", "sign_in.onward", "me.security", "me.app", "me.begin_app", "me.confirm_app",
            "me.remove_factor", "me.ask_to_add", "me.add_passkey", "me.tie", "me.untie", "me.new_codes",
            "me.change_password", "me.end_session", "me.end_other_sessions", "me.seen_new_device",
            "me.first_password", "me.choose_first", "directory.listed", "directory.rights", "sops.listed", "sops.one",
            "sops.picture",
            "me.news", "me.read", "me.read_all", "me.how", "me.keep", "me.tokens", "me.make", "me.end", "me.choices",
            "me.choose", "me.ask_for_code", "me.prove", "me.ask_for_test", "me.forget",
        ), ANYBODY,
    ),
    **dict.fromkeys(
        (
            "worklist.day", "worklist.shelf", "worklist.counts", "worklist.accept_all",
            "worklist.assign_many", "find.form", "find.find", "find.emergency_form",
            "find.open_emergency", "together.choose", "together.do", "cases.open_form",
            "cases.open_new", "paper.listed", "paper.kit", "paper.print_forms", "paper.type_in",
        ), WORKER,
    ),
    **dict.fromkeys(
        (
            "admin.start", "admin.record", "admin.confirm", "admin.refuse", "admin.people", "admin.add_form",
            "admin.add", "admin.person", "admin.roles", "admin.factor", "admin.password", "admin.sessions", "admin.end",
        ), ADMIN,
    ),
    **dict.fromkeys(
        ("admin.agencies", "admin.agency", "admin.edit", "admin.deactivate", "admin.activate"), AGENCIES
    ),
    **dict.fromkeys(("review.figures", "review.cases"), REVIEW),
    **dict.fromkeys(("homes.listed", "homes.one", "homes.findings"), REGISTER),
    **dict.fromkeys(("cases.page", "cases.erasure", "together.of"), "know"),
    **dict.fromkeys(("paper.case", "paper.case_pdf"), "print"),
    **dict.fromkeys(
        (
            "cases.accept", "cases.refuse_form", "cases.refuse", "cases.withdraw", "cases.offer_first", "cases.sign",
            "cases.refuse_to_sign", "cases.consent", "cases.hand_over", "cases.note", "cases.assign", "cases.waive",
            "cases.answered", "cases.track", "cases.contest", "cases.reopen", "cases.stop", "cases.release",
            "cases.review_emergency", "cases.declare_conflict", "cases.confirm_conflict", "cases.lift_conflict",
            "cases.add_task",
            "cases.end_task", "cases.refer", "cases.answer_referral", "cases.hold", "cases.resume",
            "cases.extend", "cases.reassign", "cases.take_way", "cases.join", "cases.part", "cases.attach",
            "cases.hold_for_law", "cases.let_go", "cases.erase", "cases.own_view",
        ), "act",
    ),
    **dict.fromkeys(("cases.step", "cases.way", "cases.why", "cases.say_why"), "read"),
    "paper.with_answers": "copy",
    "cases.look": "papers",
    "cases.download": "keep",
    **dict.fromkeys(
        ("cases.record", "cases.keep", "cases.discard", "cases.upload", "cases.make_link"), "record"
    ),
    **dict.fromkeys(("cases.join_form", "cases.looks"), "lead"),
    **dict.fromkeys(
        (
            "api-lists.me", "api-news.list", "api-news.read", "api-news.read_all",
            "api-reference.agencies", "api-reference.permissions", "api-reference.procedures",
            "api-reference.procedure", "api-reference.picture", "api-log.request", "api-log.checkpoint",
        ), ANYBODY,
    ),
    **dict.fromkeys(
        (
            "api-lists.day", "api-lists.shelf", "api-lists.find", "api-lists.choose", "api-lists.act_on_many",
            "api-lists.assign_many", "api-lists.accept_many", "api-cases.list", "api-cases.open",
            "api-paper.kit", "api-paper.print_forms", "api-paper.sheet",
        ), WORKER,
    ),
    **dict.fromkeys(("api-reference.figures", "api-reference.figure"), REVIEW),
    **dict.fromkeys(("api-reference.homes", "api-reference.home", "api-reference.findings"), REGISTER),
    **dict.fromkeys(("api-cases.one", "api-cases.history"), "know"),
    "api-paper.case": "print",
    **dict.fromkeys(
        (
            f"api-acts.{act}" for act in (
                "accept", "add_task", "answer_referral", "answered", "assign", "attach", "contest", "end_task",
                "extend", "give_consent", "hand_over", "hold", "join", "note", "offer_first", "part", "reassign",
                "refer", "refuse", "refuse_consent", "review_emergency",
                "declare_conflict", "confirm_conflict", "lift_conflict",
                "refuse_to_sign", "release", "reopen", "resume", "sign", "stop",
                "take_way", "track", "waive", "withdraw", "withdraw_consent", "withdraw_referral",
                "hold_for_law", "let_go", "erase",
            )
        ), "act",
    ),
    **dict.fromkeys(("api-steps.one", "api-cases.way"), "read"),
    "api-paper.with_answers": "copy",
    "api-files.look": "papers",
    "api-files.whole": "keep",
    **dict.fromkeys(
        ("api-steps.record", "api-steps.keep_draft", "api-steps.drop_draft", "api-files.send", "api-lists.link"),
        "record",
    ),
    **dict.fromkeys(("api-cases.beside", "api-cases.looks"), "lead"),
}  # fmt: skip


def is_open_to(account: Account, endpoint: str) -> bool:
    """Whether an address is for somebody at all; what it asks besides is asked where it is carried out."""
    return account.works or ROUTES.get(endpoint, ANYBODY) in BESIDE_WORK
