"""Reading a case in an emergency: for one person, for an hour, told to others at once and reviewed by a second one."""

from datetime import timedelta

from sop_engine.case import commands as cmd
from sop_engine.case import events as ev
from sop_engine.case.access import answers_for, is_hidden_from
from sop_engine.case.decide.answer import Asked, Decision
from sop_engine.case.escalation import DISTRICT, told_in
from sop_engine.case.items import REVIEWER
from sop_engine.case.refusal import refuse

LASTS, REVIEW_WITHIN = timedelta(minutes=60), timedelta(days=3)
NOT_THERE = refuse("not_there", "There is no such case", "यस्तो विषय छैन")


def begin(asked: Asked, command: cmd.OpenEmergency) -> Decision:
    """Let a person read for an hour. The times are proposed.

    Where it is hidden from her agency it is not there; nor is a complaint there for anybody: nobody's life hangs on it.
    """
    hears_complaints = any(part.kept_out for part in asked.ground.procedure.sop.agencies.values())
    if hears_complaints or is_hidden_from(asked.ground, asked.case, command.actor.agency):
        return NOT_THERE
    if "reason" not in command.sealed:
        return refuse("reason_missing", "Say in a sentence what the emergency is", "के आपत्काल हो एक वाक्यमा लेख्नुहोस्")
    return (ev.EmergencyOpened(until=asked.now + LASTS, review_by=asked.now + REVIEW_WITHIN),)


def review(asked: Asked, command: cmd.ReviewEmergency) -> Decision:
    """Say whether it was justified: a supervisor of the agency that answers for the case, never whoever read it."""
    opened = asked.case.emergencies.get(command.emergency)
    if opened is None or opened.justified is not None:
        return refuse("nothing_to_review", "This waits for no review", "यसको पुनरावलोकन बाँकी छैन")
    if command.actor.person == opened.by:
        return refuse(
            "same_person",
            "Whoever opened the case in an emergency cannot review it: ask a supervisor",
            "आपत्कालमा विषय खोल्ने व्यक्तिले नै पुनरावलोकन गर्न मिल्दैन: सुपरिवेक्षकलाई भन्नुहोस्",
        )
    if command.actor.agency != answers_for(asked.case) or REVIEWER not in command.actor.roles:
        return refuse(
            "not_second",
            "A supervisor of the agency that is accountable reviews this",
            "जवाफदेही निकायको सुपरिवेक्षकले यसको पुनरावलोकन गर्छ",
        )
    if "reason" not in command.sealed:
        return refuse(
            "reason_missing",
            "Say in a sentence why it was justified, or why not",
            "किन उचित थियो वा थिएन एक वाक्यमा लेख्नुहोस्",
        )
    told = told_in(asked.ground, asked.case, DISTRICT) if not command.justified else None
    informs = [told] if told is not None else []
    return (ev.EmergencyReviewed(emergency=command.emergency, justified=command.justified, informs=informs),)
