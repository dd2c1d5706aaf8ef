"""What was asked for in a case beside its steps: tasks of its agencies, and services of others."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sop_engine.case.access import asked_agency
from sop_engine.case.state import Case


@dataclass(frozen=True, slots=True)
class Asked:
    """A task or a service that was asked for: its key, what was asked, and how it stands.

    `of` is the agency that is asked; `service` and `status` are of a service, `worker` and `correction` of a task.
    """

    key: str
    of: str
    by: str
    words: str
    since: datetime
    due: datetime
    worker: str | None = None
    correction: bool = False
    service: str = ""
    status: str = ""
    reason: str | None = None
    opened: datetime | None = None


def tasks_of(case: Case, said: Mapping[int, str]) -> list[Asked]:
    """The tasks that are not ended, those due first."""
    found = [
        Asked(
            key, asked_agency(case, one), one.asked_by, said.get(int(key), ""), one.since, one.due, one.worker,
            one.correction,
        )
        for key, one in case.tasks.items()
    ]  # fmt: skip
    return sorted(found, key=lambda task: task.due)


def referrals_of(case: Case, said: Mapping[int, str], asked: str | None) -> list[Asked]:
    """The services that were asked for, newest first; those asked of one agency alone where it is named."""
    return [
        Asked(
            key, one.to, one.asked_by, said.get(int(key), ""), one.since, one.due, service=one.service,
            status=one.status, reason=one.reason, opened=one.opened,
        )
        for key, one in reversed(case.referrals.items())
        if asked is None or (one.to == asked and one.running)
    ]  # fmt: skip
