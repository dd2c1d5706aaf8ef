"""Referral of smuggled migrants, as section 5.5 of the domain text has it (5.0 for what holds everywhere, 5.7 for steps
and doers, 11 for what is settled there)."""

from tests.domain.compared import AsTheTextSays


class TestSmugglingReferral(AsTheTextSays):
    sop = "smuggling-referral"

    stages = """
    stage     | accountable                                                                                                    | deadline          | consulted | informed | from
    encounter | AHTB/APF/DOI/WCSC                                                                                              | 2 hours P         |           |          | 5.5
    tip_check | WCSC                                                                                                           | 48 hours P        | CWO       |          | choice
    status    | DOI                                                                                                            | 7 working days P  | LAWYER    |          | choice
    witness   | AHTB                                                                                                           | 7 working days P  | LAWYER    |          | choice
    solution  | solution_by: immigration_office DOI, employment_department DOFE, employment_board FEB, mission EMB; barred DOI | 15 working days P | LAWYER    |          | choice
    """

    steps = """
    stage     | step                 | by                                                            | form          | when                          | deadline | from
    encounter | meet                 | holder                                                        | F-ENCOUNTER   | m                             |          | 5.5
    encounter | aid                  | holder                                                        | F-NEEDS       | m                             |          | 5.5
    encounter | age                  | holder                                                        | F-AGE         | m                             |          | choice
    encounter | inform_cwo           | holder                                                        |               | c                             |          | choice
    tip_check | choose_ngo           | holder, DCCHT                                                 |               | m                             |          | choice
    tip_check | setting              | holder, BOOTH/NGO                                             | F-SETTING     | m                             |          | choice
    tip_check | age_known_now        | holder                                                        | F-AGE         | o                             |          | choice
    tip_check | questions            | holder, BOOTH/NGO                                             | F-SCREEN      | m                             |          | 5.5
    tip_check | finding              | holder                                                        | F-FINDING     | m                             |          | 5.5
    tip_check | tell_cwo             | holder                                                        |               | c                             |          | 5.5
    status    | take_status          | holder                                                        | F-STATUS      | m                             |          | 5.5
    status    | name_guardian        | holder, CWO                                                   | F-GUARDIAN    | c                             |          | 5.5
    status    | ask_own_mission      | holder                                                        |               | o only not own_mission_barred |          | 5.5
    status    | tell_refugee_office  | holder                                                        |               | o                             |          | 5.5
    status    | choose_way           | holder                                                        | F-WAY         | m                             |          | choice
    witness   | explain_voluntary    | holder                                                        | F-VOLUNTARY   | m                             |          | 5.5
    witness   | information          | holder                                                        | F-SMUG        | o                             |          | 5.7
    solution  | agree_solution       | holder                                                        | F-SOLUTION    | m                             |          | 5.5
    solution  | inform_family        | holder                                                        | F-FAMILY-CALL | o                             |          | 5.5
    any       | report_missing_child | holder                                                        | F-MISSING     | o only is_child               |          | 5.0
    any       | give_safety_plan     | holder                                                        |               | o                             |          | 5.0
    any       | contact_attempt      | holder                                                        | F-ATTEMPT     | o                             |          | 5.0
    any       | ask_sharing          | holder                                                        | F-SHARING     | o                             |          | 5.7
    any       | ask_beside           | holder, BOOTH/NGO                                             | F-BESIDE-WISH | o                             |          | choice
    any       | choose_interpreter   | holder, BOOTH/NGO                                             | F-BESIDE      | o                             |          | choice
    any       | assess_risk          | holder                                                        | F-RISK        | o                             |          | choice
    any       | note_threat          | holder, AHTB/APF/DOI/WCSC, WCSC, BOOTH/NGO, CWO, LAWYER, AHTB | F-THREAT      | o                             |          | choice
    """

    exits = """
    stage     | exit               | leads to                        | signed         | opens                       | from
    encounter | safe               | tip_check                       |                |                             | 5.5
    encounter | lapse_to_tip_check | tip_check                       | lapse by WCSC  |                             | lapse
    tip_check | tip                | end referred_tip (completed)    |                | identification at screening | 5.5
    tip_check | no_tip             | status                          | 2p             |                             | 5.5
    tip_check | lapse_to_tip       | end referred_tip (completed)    | lapse by DCCHT | identification at screening | lapse
    status    | national_returnee  | witness                         |                |                             | 5.5
    status    | foreigner          | witness                         |                |                             | 5.5
    status    | asylum             | end referred_asylum (referred)  |                |                             | 5.5
    witness   | done               | solution                        |                |                             | 5.5
    solution  | settled            | end solved (completed)          |                |                             | 5.5
    solution  | settled_return     | end referred_return (completed) | 2p             | repatriation at request     | choice
    any       | declined           | end declined (declined)         | her wish       |                             | 5.0
    any       | left               | end left (left)                 | her wish       |                             | 11.6
    any       | died               | end died (died)                 |                |                             | 5.0
    any       | lost_contact       | end lost_contact (lost_contact) |                |                             | 5.0
    any       | child_missing      | end lost_contact (lost_contact) |                |                             | 5.0
    """

    others = """
    what     | name                    | says                                                     | from
    entry    | encounter               | AHTB/APF/DOI/WCSC                                        | 5.5
    entry    | tip_check               | WCSC                                                     | choice
    entry    | status                  | DOI spawned                                              | 5.1
    standing | mark family_contact     | assess_risk within 2 days blocks travel                  | choice
    standing | note_threat             | assess_risk within 24 hours blocks family_contact travel | choice
    alert    | threat_stands           | holder.supervisor                                        | choice
    alert    | tip_check talk_too_long | holder.supervisor                                        | choice
    hold     | medical                 | 14 days                                                  | 5.0
    hold     | person_asked            | 14 days                                                  | 5.0
    hold     | court_order             | 14 days                                                  | 5.0
    hold     | border_closed           | 14 days                                                  | 5.0
    hold     | security                | 14 days                                                  | 5.0
    hold     | disaster                | 14 days                                                  | 5.0
    hold     | no_address              | 30 days                                                  | 11.5
    hold     | awaiting_foreign_reply  | 30 days                                                  | 11.5
    reopen   | reasons                 | error, new_information, person_returned                  | choice
    reopen   | else                    | > tip_check 2p                                           | choice
    """
