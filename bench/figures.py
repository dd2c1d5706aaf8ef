"""The figures by name, each with its goal."""

from collections.abc import Callable

from bench.auditing import audit_verify
from bench.deciding import compile_, decide
from bench.figure import Figure
from bench.gate import gate_timing
from bench.lists import worklist_growth
from bench.pages import case_page, page_weight, search_page, worklist_page
from bench.paper import paper_kit
from bench.steps import step_old_case, step_postgresql, step_sqlite
from bench.turning import keys_rewrap

FIGURES: dict[str, tuple[str, Callable[[], Figure]]] = {
    "step.sqlite": ("at least 0.55", step_sqlite),
    "step.postgresql": ("at least 0.45", step_postgresql),
    "step.old-case": ("at most 1.1", step_old_case),
    "decide": ("at least 20 000 a second", decide),
    "compile": ("at most 5", compile_),
    "worklist.growth": ("at most 1.5", worklist_growth),
    "page.weight": ("at most 1", page_weight),
    "page.worklist.sqlite": ("at most 1.5, p95 at most 0.05 s", worklist_page("sqlite")),
    "page.worklist.postgresql": ("at most 1.5, p95 at most 0.05 s", worklist_page("postgresql")),
    "page.case.sqlite": ("at most 1.5, p95 at most 0.05 s", case_page("sqlite")),
    "page.case.postgresql": ("at most 1.5, p95 at most 0.05 s", case_page("postgresql")),
    "page.search.sqlite": ("at most 1.5, p95 at most 0.05 s", search_page("sqlite")),
    "page.search.postgresql": ("at most 1.5, p95 at most 0.05 s", search_page("postgresql")),
    "gate.timing": ("between 0.98 and 1.02, no route beyond noise", gate_timing),
    "audit.verify": ("at most 20", audit_verify),
    "keys.rewrap": ("at most 20", keys_rewrap),
    "paper.kit": ("at most 1", paper_kit),
}
