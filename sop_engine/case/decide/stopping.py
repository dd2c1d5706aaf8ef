"""The red stop: anybody who works on a case freezes what may do harm, until a second person has looked."""

from datetime import timedelta

from sop_engine.case import commands as cmd
from sop_engine.case import events as ev
from sop_engine.case.decide.answer import Asked, Decision, not_taking_part
from sop_engine.case.items import REVIEWER
from sop_engine.case.refusal import refuse

REVIEW_WITHIN = timedelta(hours=24)


def stop(asked: Asked, command: cmd.RedStop) -> Decision:
    """Freeze referrals, family contact and travel at once. Proposed: a second person reviews within 24 hours."""
    refusal = not_taking_part(asked, command.actor)
    if refusal is not None:
        return refusal
    if asked.case.stop is not None:
        return refuse("stopped", "A red stop is on already", "रातो रोक पहिल्यै लागेको छ")
    if "reason" not in command.sealed:
        return refuse("reason_missing", "Say in a sentence what the danger is", "के खतरा छ एक वाक्यमा लेख्नुहोस्")
    return (ev.Stopped(review_by=asked.now + REVIEW_WITHIN),)


def release(asked: Asked, command: cmd.Release) -> Decision:
    """Let things go on again: a supervisor of the agency that is accountable, never whoever pressed the stop."""
    stopped = asked.case.stop
    if stopped is None:
        return refuse("not_stopped", "No red stop is on", "रातो रोक लागेको छैन")
    if command.actor.person == stopped.by:
        return refuse(
            "same_person",
            "The person who pressed the stop cannot release it: ask a supervisor",
            "रोक लगाउने व्यक्तिले नै खोल्न मिल्दैन: सुपरिवेक्षकलाई भन्नुहोस्",
        )
    if command.actor.agency != asked.case.holder or REVIEWER not in command.actor.roles:
        return refuse(
            "not_second",
            "A supervisor of the agency that is accountable now reviews the stop",
            "अहिले जवाफदेही निकायको सुपरिवेक्षकले रोकको पुनरावलोकन गर्छ",
        )
    if "reason" not in command.sealed:
        return refuse(
            "reason_missing", "Say in a sentence why it is safe to go on", "अगाडि बढ्न किन सुरक्षित छ एक वाक्यमा लेख्नुहोस्"
        )
    return (ev.Released(),)
