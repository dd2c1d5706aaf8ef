"""What the linter proves of an SOP before it is used: names, flow, time and rules. Every mistake at once."""

from sop_engine.sop.lint.check import Checked, lint

__all__ = ["Checked", "lint"]
