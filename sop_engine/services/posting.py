"""The worker's round with the mail: who is told by e-mail now, each once, however many workers go round.

What goes out is marked before it is handed over, and the mark is taken back where the server surely did not take it. So
a crash in between may lose one mail, and none is ever sent twice.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby

import structlog
from sqlalchemy import Connection

from sop_engine.services import mail_words
from sop_engine.services.installation import Installation
from sop_engine.services.mail_choices import NEW_DEVICE, address_of, code_of, rhythm_of
from sop_engine.services.mail_times import is_quiet, may_go
from sop_engine.services.post import Post, Refused, Unreached, deliver
from sop_engine.store import mailing, notices, schedule
from sop_engine.store.database import Busy, looking, writing
from sop_engine.store.mailing import Mailing
from sop_engine.store.notices import Unmailed

MAIL_WAITS = "mail-waits"
SHORTEST, LONGEST = timedelta(minutes=1), timedelta(hours=1)
LONGEST_FOR_ONE = timedelta(days=1)


def mail_all(inst: Installation) -> int:
    """Send what is to be sent now; gives how many mails went out. After a failure the server is left alone a while."""
    if inst.post is None or _waits(inst):
        return 0
    try:
        sent = _send_wanted(inst, inst.post) + _send_notices(inst, inst.post)
    except Unreached as problem:
        structlog.get_logger("mail").warning("mail server cannot be used", problem=str(problem))
        _wait(inst)
        return 0
    except Busy:
        return 0
    if sent:
        _go_on(inst)
    return sent


def _send_wanted(inst: Installation, post: Post) -> int:
    """Codes and tests: asked for by the person herself, so at once. A new device: not in her quiet hours."""
    now = inst.clock()
    with looking(inst.engine) as connection:
        asked = [
            one for one in mailing.wanted(connection) if one.wanted != NEW_DEVICE or not is_quiet(rhythm_of(one), now)
        ]
        letters = [(one, _wanted_letter(inst, connection, post, one)) for one in asked]
    return sum(_hand_over_wanted(inst, post, one, letter) for one, letter in letters)


def _wanted_letter(
    inst: Installation, connection: Connection, post: Post, one: Mailing
) -> tuple[str, mail_words.Mail] | None:
    """Where a mail to one person alone goes, and what it says; None where there is nothing to send any more."""
    if one.wanted == "code":
        unproven = code_of(inst, connection, one)
        return (unproven.address, mail_words.of_code(one.language, unproven.code)) if unproven is not None else None
    to = address_of(inst, connection, one)
    words = mail_words.of_new_device if one.wanted == NEW_DEVICE else mail_words.of_test
    return (to, words(one.language, post.address)) if to is not None else None


def _hand_over_wanted(inst: Installation, post: Post, one: Mailing, letter: tuple[str, mail_words.Mail] | None) -> bool:
    with writing(inst.engine) as connection:
        mine = mailing.claim_wanted(connection, one)
    if not mine or letter is None:
        return False
    try:
        deliver(post, letter[0], *letter[1], inst.clock())
    except Unreached:
        with writing(inst.engine) as connection:
            mailing.change(connection, one.person, wanted=one.wanted)
        raise
    except Refused:
        _note_refusal(inst, one)
        return False
    return True


def _send_notices(inst: Installation, post: Post) -> int:
    """Everybody who may be told now of what is new for her, one mail each."""
    now = inst.clock()
    with looking(inst.engine) as connection:
        getting = mailing.with_address(connection)
        unmailed = notices.unmailed(connection, now) if getting else []
    sent = 0
    for person, found in groupby(unmailed, key=lambda one: one.person):
        one = getting.get(person)
        news = [new for new in found if one is not None and new.kind in one.kinds]
        if one is not None and news and _is_time(one, news, now):
            sent += _hand_over_notices(inst, post, one, len({new.case_id for new in news}), now)
    return sent


def _is_time(one: Mailing, news: Sequence[Unmailed], now: datetime) -> bool:
    return (one.retry is None or one.retry <= now) and may_go(rhythm_of(one), news[0].since, one.sent, now)


def _hand_over_notices(inst: Installation, post: Post, one: Mailing, cases: int, now: datetime) -> bool:
    with writing(inst.engine) as connection:
        to = address_of(inst, connection, one)
        if to is None or not mailing.claim(connection, one, now):
            return False
        notices.mark_mailed(connection, one.person, one.kinds, now)
    try:
        deliver(post, to, *mail_words.of_notices(one.language, cases, post.address), now)
    except Unreached:
        _take_back(inst, one, now)
        raise
    except Refused:
        _take_back(inst, one, now)
        _note_refusal(inst, one)
        return False
    if one.failures:
        with writing(inst.engine) as connection:
            mailing.change(connection, one.person, failures=0, retry=None)
    return True


def _take_back(inst: Installation, one: Mailing, at: datetime) -> None:
    """Nothing went out: what was marked waits for the next try."""
    with writing(inst.engine) as connection:
        mailing.change(connection, one.person, sent=one.sent)
        notices.mark_unmailed(connection, one.person, at)


def _note_refusal(inst: Installation, one: Mailing) -> None:
    """The address of somebody was refused: it is tried again after growing waits, and she is told on her page."""
    pause = min(SHORTEST * 2**one.failures, LONGEST_FOR_ONE)
    with writing(inst.engine) as connection:
        mailing.change(connection, one.person, failures=min(one.failures + 1, 20), retry=inst.clock() + pause)


def failing_since(connection: Connection) -> tuple[int, datetime] | None:
    """How often in a row the mail server could not be used, and when it is tried again; None while it can be used."""
    mark = schedule.marked(connection, MAIL_WAITS)
    if mark is None:
        return None
    times, _, until = mark.partition(" ")
    return int(times), datetime.fromisoformat(until)


def _waits(inst: Installation) -> bool:
    with looking(inst.engine) as connection:
        failing = failing_since(connection)
    return failing is not None and inst.clock() < failing[1]


def _wait(inst: Installation) -> None:
    with writing(inst.engine) as connection:
        failing = failing_since(connection)
        times = failing[0] + 1 if failing is not None else 1
        until = inst.clock() + min(SHORTEST * 2 ** min(times - 1, 10), LONGEST)
        schedule.set_mark(connection, MAIL_WAITS, f"{times} {until.isoformat()}")


def _go_on(inst: Installation) -> None:
    with looking(inst.engine) as connection:
        failing = failing_since(connection)
    if failing is not None:
        with writing(inst.engine) as connection:
            schedule.drop_mark(connection, MAIL_WAITS)
