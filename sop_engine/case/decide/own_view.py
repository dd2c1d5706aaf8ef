"""The person's own view of her case: given, limited or refused by the agency that answers for the case, and ended."""

from sop_engine.case import commands as cmd
from sop_engine.case import events as ev
from sop_engine.case.access import answers_for
from sop_engine.case.decide.answer import Asked, Decision
from sop_engine.case.refusal import refuse

GIVEN, LIMITED, REFUSED, ENDED = "given", "limited", "refused", "ended"
HOWS = (GIVEN, LIMITED, REFUSED, ENDED)
REASONED = (LIMITED, REFUSED)


def set_own_view(asked: Asked, command: cmd.SetOwnView) -> Decision:
    """Give it whole, limit it to the next step, refuse it where it would endanger her, or end it.

    The agency that answers for the case decides, also after the end: a paper may be lost then too.
    """
    case = asked.case
    if case.about != "person":
        return refuse("no_person", "Only a person has a view of her own", "व्यक्तिको मात्र आफ्नै पाना हुन्छ")
    if command.actor.agency != answers_for(case):
        title = asked.ground.directory.title(answers_for(case))
        return refuse(
            "not_holder",
            f"Only the agency that answers for this case decides this: {title.en}",
            f"यो निर्णय यस विषयको जवाफदेही निकायले मात्र गर्छ: {title.in_language('ne')}",
        )
    if command.how not in HOWS:
        return refuse("how", "Choose one of the ways", "एउटा तरिका छान्नुहोस्")
    if command.how in REASONED and "reason" not in command.sealed:
        return refuse(
            "reason_missing",
            "Say in a sentence why it would endanger her",
            "किन उहाँलाई खतरा हुन्छ एक वाक्यमा लेख्नुहोस्",
        )
    if case.merged is not None and command.how != ENDED:
        return refuse(
            "joined",
            "This case goes on in the one to which it was joined: give her the view there",
            "यो विषय गाभिएको विषयमै चल्छ: त्यहीँबाट दिनुहोस्",
        )
    if command.how == ENDED and (case.own_view is None or not case.own_view.open):
        return refuse("not_given", "She has no code now", "अहिले उहाँसँग कोड छैन")
    return (ev.OwnViewSet(how=command.how),)
