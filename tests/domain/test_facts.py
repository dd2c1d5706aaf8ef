"""What guards are worked out from: the facts of the procedures, with results typed from the domain text."""

from datetime import date
from typing import Any

import pytest

from sop_engine.sop.loading import standard_library
from tests.domain.tables import rows

TODAY = date(2026, 3, 2)

# Section 5.0 (doubt is a child), 9.7 (asylum reverses a guard), 5.3 (urgent requests), S7 (a suspected family).
AT_THE_OPENING = """
sop                | fact                      | while nobody was asked
identification     | is_child                  | doubt
identification     | urgent_care               | yes
identification     | panel_without_overlap     | no
identification     | repeat_explained          | no
identification     | beside_fits               | no
rescue-operation   | beds_enough               | no
rescue-operation   | counts_equal              | no
rescue-operation   | tokens_given              | no
rescue-operation   | women_officers_enough     | no
rescue-operation   | children_expected         | yes
rescue-person      | is_child                  | doubt
rescue-person      | guardian_named            | no
rescue-person      | guardian_without_conflict | no
repatriation       | is_child                  | doubt
repatriation       | own_mission_barred        | yes
repatriation       | urgent_request            | yes
repatriation       | identity_by               | home_ministry
repatriation       | care_part                 | shelter_or_ngo
repatriation       | fit_to_travel             | no
repatriation       | counts_equal              | no
repatriation       | beside_fits               | no
reintegration      | is_child                  | doubt
reintegration      | family_ready              | no
reintegration      | visit_green               | no
smuggling-referral | own_mission_barred        | yes
smuggling-referral | beside_fits               | no
"""

# Answers to all twenty questions are no where the row does not say otherwise.
WORKED_OUT = """
sop              | fact                      | answers                                                             | result
identification   | is_child                  | birth_date=2008-03-03, age_basis=document                           | yes
identification   | is_child                  | birth_date=2008-03-02, age_basis=document                           | no
identification   | is_child                  | birth_date=2008, age_basis=stated                                   | doubt
identification   | is_child                  | birth_date=2007, age_basis=estimated                                | doubt
identification   | is_child                  | birth_date=1990, age_basis=disputed                                 | doubt
identification   | hint                      | is_child=no, q1=yes, q3=yes, q8=yes                                 | tip_indicated
identification   | hint                      | is_child=no, q1=yes, q3=yes, q8=yes, q12=yes, q13=yes               | both
identification   | hint                      | is_child=no, q1=yes, q8=yes                                         | unclear
identification   | hint                      | is_child=doubt, q1=yes, q8=yes                                      | tip_indicated
identification   | hint                      | is_child=no, q7=yes, q2=yes, q10=yes                                | tip_indicated
identification   | hint                      | is_child=no, q1=yes, q12=yes, q13=yes                               | unclear
identification   | hint                      | is_child=no, q12=yes, q13=yes                                       | som_indicated
identification   | hint                      | is_child=no, q12=yes                                                | no_indicators
identification   | hint                      | is_child=no, q16=yes                                                | labour_dispute
identification   | hint                      | is_child=no                                                         | no_indicators
identification   | talk_too_long             | is_child=no, interview_minutes=90                                   | no
identification   | talk_too_long             | is_child=no, interview_minutes=91                                   | yes
identification   | talk_too_long             | is_child=doubt, interview_minutes=61                                | yes
identification   | panel_without_overlap     | panel_members=member A+member B, review_members=member C            | yes
identification   | panel_without_overlap     | panel_members=member A+member B, review_members=member B            | no
identification   | first_responder           | contact_by=booth                                                    | booth
rescue-operation | beds_enough               | shelter_beds=12, persons_female=8, persons_male=1, persons_children=3 | yes
rescue-operation | beds_enough               | shelter_beds=11, persons_female=8, persons_male=1, persons_children=3 | no
rescue-operation | women_officers_enough     | women_officers=1                                                    | no
rescue-operation | women_officers_enough     | women_officers=2                                                    | yes
rescue-operation | children_expected         | persons_children=0                                                  | no
rescue-operation | counts_equal              | people=token 1+token 2, women_counted=1, men_counted=0, children_counted=1, other_sex_counted=0 | yes
rescue-operation | counts_equal              | people=token 1, women_counted=1, men_counted=0, children_counted=1, other_sex_counted=0 | no
rescue-operation | counts_equal              | people=looks_like woman+looks_like girl, women_counted=1, men_counted=0, children_counted=1, other_sex_counted=0 | yes
rescue-operation | counts_equal              | people=looks_like woman+looks_like girl, women_counted=0, men_counted=2, children_counted=0, other_sex_counted=0 | no
rescue-operation | tokens_given              | people=token 1+token 2                                              | yes
rescue-operation | tokens_given              | people=token 1+token 1                                              | no
rescue-operation | tokens_given              | people=token 1+looks_like girl                                      | no
rescue-person    | guardian_without_conflict | guardian_conflict=unknown                                           | no
repatriation     | urgent_request            | is_child=no, custody=shelter, urgent_medical=no                     | no
repatriation     | urgent_request            | is_child=no, custody=detention, urgent_medical=no                   | yes
repatriation     | urgent_request            | is_child=doubt, custody=shelter, urgent_medical=no                  | yes
repatriation     | urgent_request            | is_child=no, custody=shelter, urgent_medical=yes                    | yes
repatriation     | own_mission_barred        | wants_asylum=unknown                                                | yes
repatriation     | own_mission_barred        | wants_asylum=refused                                                | yes
repatriation     | own_mission_barred        | wants_asylum=no                                                     | no
repatriation     | identity_by               | direction=nepal_to_abroad, home_known=yes                           | immigration_office
repatriation     | identity_by               | direction=india_to_nepal, home_known=yes                            | district_office
repatriation     | identity_by               | direction=india_to_nepal, home_known=no                             | home_ministry
repatriation     | care_part                 | cared_by=own_mission, direction=nepal_to_abroad                     | shelter_or_ngo
repatriation     | family_suspected          | family_involved=unknown                                             | yes
repatriation     | fit_to_travel             | travel_fitness=fit_with_care                                        | yes
repatriation     | fit_to_travel             | travel_fitness=unfit                                                | no
repatriation     | counts_equal              | persons_sent=0, persons_taken=0                                     | no
repatriation     | counts_equal              | persons_sent=2, persons_taken=1                                     | no
repatriation     | risk_now                  | risk_level=low, staff_threat=nobody                                 | low
repatriation     | risk_now                  | risk_level=low, staff_threat=staff                                  | high
repatriation     | risk_now                  | risk_level=critical, staff_threat=staff_and_her                     | critical
repatriation     | risk_now                  | risk_level=medium                                                   | medium
identification   | risk_now                  | staff_threat=staff                                                  | high
reintegration    | risk_now                  | risk_level=medium, staff_threat=staff_and_her                       | high
identification   | beside_from_elsewhere     | beside_from=[none_of_these], beside_not_from=[village+family]       | yes
identification   | beside_from_elsewhere     | beside_from=[district+family], beside_not_from=[family]             | no
identification   | beside_from_elsewhere     | beside_from=[village], beside_not_from=[refused]                    | no
identification   | beside_from_elsewhere     | beside_from=[feared_state], beside_not_from=[none]                  | no
identification   | beside_from_elsewhere     | beside_from=[none_of_these]                                         | no
identification   | beside_fits               | beside_from_elsewhere=yes, beside_vetted=yes, beside_wish_met=nobody_else | yes
identification   | beside_fits               | beside_from_elsewhere=yes, beside_vetted=yes, beside_wish_met=not_met | no
identification   | beside_fits               | beside_from_elsewhere=yes, beside_vetted=no, beside_wish_met=as_wished | no
repatriation     | beside_from_elsewhere     | beside_from=[none_of_these], beside_not_from=[village+family]       | yes
repatriation     | beside_from_elsewhere     | beside_from=[district+family], beside_not_from=[family]             | no
repatriation     | beside_from_elsewhere     | beside_from=[village], beside_not_from=[refused]                    | yes
repatriation     | beside_from_elsewhere     | beside_from=[feared_state], beside_not_from=[none]                  | yes
repatriation     | beside_from_elsewhere     | beside_from=[none_of_these]                                         | no
repatriation     | beside_fits               | beside_from_elsewhere=yes, beside_vetted=yes, beside_wish_met=nobody_else | yes
repatriation     | beside_fits               | beside_from_elsewhere=yes, beside_vetted=yes, beside_wish_met=not_met | no
repatriation     | beside_fits               | beside_from_elsewhere=yes, beside_vetted=no, beside_wish_met=as_wished | no
reintegration    | family_ready              | family_willing=unknown                                              | no
reintegration    | visit_green               | seen_alone=yes, visit_safety=safe, contact_by_trafficker=no         | yes
reintegration    | visit_green               | seen_alone=no, visit_safety=safe, contact_by_trafficker=no          | no
reintegration    | visit_green               | seen_alone=yes, visit_safety=safe, contact_by_trafficker=unknown    | no
"""


@pytest.mark.parametrize(("sop", "fact", "result"), rows(AT_THE_OPENING))
def test_before_anybody_is_asked_the_careful_answer_holds(sop: str, fact: str, result: str) -> None:
    assert standard_library().procedures[sop].first_facts()[fact] == result


@pytest.mark.parametrize(("sop", "fact", "answers", "result"), rows(WORKED_OUT))
def test_a_fact_follows_from_the_answers_as_the_text_says(sop: str, fact: str, answers: str, result: str) -> None:
    procedure = standard_library().procedures[sop]
    given = {f"q{number}": "no" for number in range(1, 21)} | dict(said(answer) for answer in answers.split(", "))
    wanted = [name for name in procedure.sop.facts if name not in given]
    assert procedure.work_out(wanted, given, TODAY)[fact] == result


def said(answer: str) -> tuple[str, Any]:
    """An answer to a field; rows are `column cell+column cell`, several answers `[one+another]`."""
    name, _, value = answer.partition("=")
    if value.startswith("["):
        return name, value[1:-1].split("+")
    if " " in value:
        return name, [dict([cell.split(maxsplit=1)]) for cell in value.split("+")]
    return name, int(value) if value.isdigit() and name != "birth_date" else value
