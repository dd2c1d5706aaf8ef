"""The API gets what nobody would think of, as each role: every answer is one that its description knows, and no fault.

Schemathesis makes the requests from the description; half of them go to cases, steps and files that are there.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from random import Random, SystemRandom
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import CHECKS

from tests.api.conftest import ROOT, secret_of
from tests.web.conftest import Site, removed

# One of each kind of people: who holds, signs, is offered the case, supports, reviews, audits, and a stranger.
ROLES = ("ahtb", "ahtb-lead", "wcsc-kathmandu", "sisau", "mowcsc", "ncrc", "wcsc-jhapa")
MANY = 25


def known(site: Site) -> dict[str, list[str]]:
    """What is there, by the names in addresses."""
    person, operation = site.number(site.person), site.number(site.operation)
    return {
        "number": [person, operation, "NP-2222-2222"],
        "step": ["to_safe_place", "age", "headcount", "nothing"],
        "exit": ["to_safety", "secured", "sort_done", "declined"],
        "consent": ["data_sharing", "referral"],
        "name": ["rescue-person", "rescue-operation"],
        "shelf": ["late", "soon", "offered", "to_sign"],
        "code": ["home-katus", "S-2222-2222"],
        "document": ["approval_order"],
        "key": ["persons"],
    }


def walk(site: Site, role: str, times: int, chance: int) -> Iterator[str]:
    """Send every operation so many requests as somebody; gives what was answered that should not be."""
    schema = schemathesis.openapi.from_wsgi(f"{ROOT}/openapi.json", site.app)
    there, dice = known(site), Random(chance)
    headers = {"Authorization": f"Bearer {secret_of(site, role)}", "Accept-Encoding": "identity"}
    for result in schema.get_all_operations():
        yield from _wrong(result.ok(), headers, there, dice, times)[:2]


def _wrong(operation: Any, headers: dict[str, str], there: dict[str, list[str]], dice: Random, times: int) -> list[str]:
    """What was answered to one operation that should not be."""
    found: list[str] = []

    @seed(dice.randrange(10_000))
    @settings(
        max_examples=times, database=None, deadline=None, phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy())
    def sent(case: Any) -> None:
        for name in case.path_parameters or {}:
            if name in there and dice.random() < 0.7:
                case.path_parameters[name] = dice.choice(there[name])
        answer = case.call(headers={**dict(case.headers or {}), **headers})
        try:
            case.validate_response(answer, checks=CHECKS.get_by_names(CHECKED))
        except BaseExceptionGroup as faults:
            said = [str(fault)[:700] for fault in faults.exceptions]
            found.append(f"{case.method} {case.formatted_path}: {answer.status_code} {said}")

    sent()
    return found


CHECKED = ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance"]


@pytest.fixture
def untested(tmp_path: Path) -> Site:
    """A site that answers a fault as it does for people."""
    site = removed(tmp_path)
    site.app.testing = False
    return site


def test_a_role_by_chance_is_always_answered_as_described(untested: Site) -> None:
    chance = int(os.environ.get("API_SEED", SystemRandom().randrange(10_000)))
    role = ROLES[chance % len(ROLES)]
    print(f"API_SEED={chance} ({role})")
    assert "\n".join(walk(untested, role, 4, chance)) == ""


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
def test_every_role_is_always_answered_as_described(untested: Site, role: str) -> None:
    assert "\n".join(walk(untested, role, MANY, 1)) == ""
