"""Rehabilitation and reintegration, as section 5.4 of the domain text has it (5.0 for what holds everywhere, 5.7 for
steps and doers, 11 for what is settled there)."""

from sop_engine.sop.loading import standard_library
from tests.domain.compared import AsTheTextSays


class TestReintegration(AsTheTextSays):
    sop = "reintegration"

    stages = """
    stage      | accountable                            | deadline                    | consulted                         | informed | from
    intake     | LG/NGO/RC/SHELTER/TRANSIT              | 24 hours P                  | CWO                               | LG       | choice
    plan       | NGO                                    | 14 working days P           | LAWYER, LG/NGO/RC/SHELTER/TRANSIT |          | choice
    recovery   | LG/NGO/RC/SHELTER/TRANSIT              | 180 working days P extend 2 | LAWYER, NGO                       |          | choice
    tracing    | NGO                                    | 30 working days P           | WCSC, LCRC                        |          | choice
    placement  | is_child: yes LCRC, doubt LCRC, no NGO | 15 working days P           | NCRC, CWO                         |          | 5.4
    reunify    | NGO                                    | 15 working days P           | NGO, LG/NGO/RC/SHELTER/TRANSIT    | LG       | choice
    monitoring | is_child: yes CWO, doubt CWO, no LG    | none                        | NGO, LAWYER                       |          | choice
    """

    steps = """
    stage      | step                 | by                                                                | form          | when                                                       | deadline                                    | from
    intake     | admit                | holder                                                            | F-STAY        | m                                                          |                                             | 5.4
    intake     | age                  | holder                                                            | F-AGE         | m                                                          |                                             | choice
    intake     | needs                | holder                                                            | F-NEEDS       | m                                                          |                                             | 5.4
    intake     | tell_cwo             | holder                                                            |               | c                                                          |                                             | 5.4
    intake     | name_guardian        | holder, CWO                                                       | F-GUARDIAN    | c                                                          |                                             | choice
    intake     | choose_case_manager  | holder, DCCHT                                                     |               | o                                                          |                                             | choice
    plan       | make_plan            | holder                                                            | F-PLAN-IND    | m                                                          |                                             | 5.4
    recovery   | services_log         | holder                                                            | F-SERVICES    | m                                                          | every 1 month                               | 5.4
    recovery   | plan_review          | NGO                                                               | F-PLAN-IND    | m                                                          | every 90 days                               | 5.4
    recovery   | choose_tracer        | holder, NGO                                                       |               | o                                                          |                                             | choice
    tracing    | home_study           | holder                                                            | F-HOME        | o                                                          |                                             | choice
    tracing    | mediated_contact     | holder                                                            | F-CONTACT     | o only not family_suspected                                |                                             | 5.4
    tracing    | child_views_recorded | holder, NGO, CWO                                                  | F-CHILD-VIEWS | c                                                          |                                             | 5.4
    placement  | her_choice           | NGO, holder                                                       | F-CHOICE      | if not is_child                                            |                                             | 5.4
    placement  | recommend            | CWO                                                               | F-RECOMMEND   | c                                                          |                                             | 5.4
    placement  | bid                  | LCRC, holder                                                      | F-BID         | c                                                          |                                             | 5.4
    placement  | why_home             | LCRC, holder                                                      | F-WHY-HOME    | if is_child and bid_decision=small_home                    |                                             | 5.4
    placement  | carer_check          | CWO, NGO, holder                                                  | F-CARERS      | if is_child and bid_decision=kinship/foster                |                                             | 5.4
    reunify    | prepare_move         | holder                                                            | F-MOVE        | m                                                          |                                             | 5.4
    reunify    | move                 | holder                                                            | F-HANDOVER    | m                                                          |                                             | 5.4
    monitoring | visit                | holder, NGO                                                       | F-VISIT       | m                                                          | at 7 days 30 days 90 days 180 days 365 days | 5.4
    monitoring | officer_review       | CWO, holder                                                       | F-VISIT       | m only is_child and bid_decision=kinship/foster/small_home | every 4 months                              | 5.4
    monitoring | plan_review_at_home  | NGO, holder                                                       | F-PLAN-IND    | m                                                          | every 90 days                               | choice
    any        | report_missing_child | holder                                                            | F-MISSING     | o only is_child                                            |                                             | 5.0
    any        | give_safety_plan     | holder                                                            |               | o                                                          |                                             | 5.0
    any        | contact_attempt      | holder                                                            | F-ATTEMPT     | o                                                          |                                             | 5.0
    any        | ask_sharing          | holder                                                            | F-SHARING     | o                                                          |                                             | 5.7
    any        | assess_risk          | holder, NGO, NGO, LG/NGO/RC/SHELTER/TRANSIT                       | F-RISK        | o                                                          |                                             | choice
    any        | note_threat          | holder, LG/NGO/RC/SHELTER/TRANSIT, NGO, NGO, LAWYER, CWO, LG, CWO | F-THREAT      | o                                                          |                                             | choice
    any        | note_verdict         | LAWYER, holder                                                    | F-VERDICT     | o                                                          |                                             | choice
    """

    exits = """
    stage      | exit           | leads to                          | signed          | opens                       | from
    intake     | admitted       | plan                              |                 |                             | 5.4
    intake     | community_care | plan                              |                 |                             | 5.4
    intake     | lapse_to_plan  | plan                              | lapse by MOWCSC |                             | lapse
    plan       | start          | recovery                          |                 |                             | 5.4
    recovery   | ready          | tracing                           |                 |                             | 5.4
    recovery   | independent    | placement                         |                 |                             | 5.4
    tracing    | safe_family    | placement                         |                 |                             | 5.4
    tracing    | no_safe_family | placement                         |                 |                             | 5.4
    placement  | agree          | reunify                           | 2p              |                             | 5.4
    placement  | revise         | tracing                           |                 |                             | 5.4
    reunify    | moved          | monitoring                        |                 |                             | 5.4
    reunify    | broke_down     | recovery                          |                 |                             | 5.4
    monitoring | stable         | end reintegrated (completed)      | after 12 months |                             | 5.4
    monitoring | stable_child   | end reintegrated (completed)      | after 24 months |                             | choice
    monitoring | at_risk        | plan                              |                 |                             | 5.4
    monitoring | re_trafficked  | end re_trafficked (re_trafficked) |                 | identification at screening | 5.4
    any        | declined       | end declined (declined)           | her wish        |                             | 5.0
    any        | left           | end left (left)                   | her wish        |                             | 11.6
    any        | died           | end died (died)                   |                 |                             | 5.0
    any        | lost_contact   | end lost_contact (lost_contact)   | not in intake   |                             | choice
    any        | child_missing  | end lost_contact (lost_contact)   |                 |                             | 5.0
    """

    others = """
    what     | name                   | says                                                                                  | from
    entry    | intake                 | LG/NGO/RC/SHELTER/TRANSIT                                                             | 5.4
    track    | legal                  | none > complaint > charge > interim_relief > verdict > compensation_applied > paid 2p | 5.4
    track    | legal                  | paid within 35 days law victim-relief-fund-rules/payment                              | 5.4
    track    | health                 | none > in_treatment > follow_up > care_completed 2p                                   | choice
    track    | papers                 | none > applied > handed_in > issued 2p                                                | choice
    track    | income                 | none > training > first_work > steady_income 2p                                       | choice
    standing | mark family_contact    | assess_risk within 2 days blocks travel                                               | choice
    standing | note_threat            | assess_risk within 24 hours blocks family_contact travel                              | choice
    alert    | risk_level=critical    | holder.duty_officer                                                                   | choice
    alert    | threat_stands          | holder.supervisor                                                                     | choice
    hold     | medical                | 14 days                                                                               | 5.0
    hold     | person_asked           | 14 days                                                                               | 5.0
    hold     | court_order            | 14 days                                                                               | 5.0
    hold     | border_closed          | 14 days                                                                               | 5.0
    hold     | security               | 14 days                                                                               | 5.0
    hold     | disaster               | 14 days                                                                               | 5.0
    hold     | no_address             | 30 days                                                                               | 11.5
    hold     | awaiting_foreign_reply | 30 days                                                                               | 11.5
    reopen   | reasons                | error, new_information, person_returned                                               | choice
    reopen   | new episode            | re_trafficked > identification.screening                                              | choice
    reopen   | of right               | 15 days from declined left > intake                                                   | choice
    reopen   | else                   | > intake 2p                                                                           | 5.0
    """

    def test_a_home_waits_for_the_safe_placement_and_not_for_the_end(self) -> None:
        moment = standard_library().procedures[self.sop].sop.milestones["placed_safely"]
        assert moment.entered == "monitoring"
