"""What the linter proves of an SOP before it is used: names, flow, time and rules. Every mistake at once."""

from sop_engine.sop.lint import beside, cooperation, flow, homes, known, lapses, names, spawns, time, values
from sop_engine.sop.lint.check import Checked, compile_rules

__all__ = ["Checked", "lint"]


def lint(checked: Checked) -> None:
    """Check everything; mistakes and warnings are in `checked.notes`, compiled rules in `checked`."""
    names.check(checked)
    beside.check(checked)
    spawns.check(checked)
    values.check(checked)
    homes.check(checked)
    compile_rules(checked)
    time.check(checked)
    if not checked.notes.broken_names:
        flow.check(checked)
        lapses.check(checked)
        cooperation.check(checked)
        known.check(checked)
