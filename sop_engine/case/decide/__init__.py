"""Deciding: a command on a case gives events or a refusal. Pure; time comes in as `now`."""

from sop_engine.case.decide.answer import Decision
from sop_engine.case.decide.dispatch import decide, decide_open

__all__ = ["Decision", "decide", "decide_open"]
