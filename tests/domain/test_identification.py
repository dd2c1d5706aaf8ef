"""Identification, as section 5.1 of the domain text has it (5.0 for what holds everywhere, 5.7 for steps and doers,
11 for what is settled there)."""

from tests.domain.compared import AsTheTextSays


class TestIdentification(AsTheTextSays):
    sop = "identification"

    stages = """
    stage         | accountable                                            | deadline                                                    | consulted    | informed | from
    report        | AHTB/EMB/LG/NCRC/NGO/WCSC                              | 24 hours P                                                  |              | WCSC     | 5.1
    wait_rescue   | AHTB                                                   | none                                                        |              |          | 5.1
    interception  | BOOTH                                                  | 2 hours P                                                   | WCSC         |          | choice
    first_contact | first_responder: women_desk WCSC, ngo NGO, booth BOOTH | 2 hours P                                                   |              |          | choice
    medical       | OCMC                                                   | 24 hours P, until care_window_until clinical if urgent_care | NGO          |          | 5.1
    screening     | BOOTH/NGO/WCSC                                         | 48 hours P                                                  | CWO          |          | choice
    reflection    | NGO/RC/SHELTER                                         | none                                                        | LAWYER       | DCCHT    | choice
    statement     | WCSC                                                   | 24 hours P                                                  | DGAO, LAWYER |          | 5.1
    assessment    | DCCHT                                                  | 15 working days P                                           | DGAO         |          | choice
    review        | NCCHT                                                  | 15 working days P                                           |              | DCCHT    | 5.1
    identified    | NGO                                                    | 7 working days P                                            |              |          | choice
    """

    steps = """
    stage         | step                 | by                                                                                                          | form              | when                                | deadline                 | from
    report        | register             | holder                                                                                                      | F-REPORT          | m                                   | 1 hour P                 | 5.1
    report        | danger_check         | holder                                                                                                      | F-DANGER          | m                                   | 1 hour P                 | 5.7
    report        | triage               | holder.supervisor, WCSC                                                                                     | F-TRIAGE          | m                                   |                          | choice
    interception  | inform_rights        | holder                                                                                                      | F-RIGHTS          | m                                   |                          | 5.7
    interception  | talk                 | holder                                                                                                      | F-INTERCEPT       | m                                   |                          | 5.1
    interception  | inform_cwo_at_border | holder                                                                                                      |                   | c                                   |                          | 5.1
    interception  | bia_at_border        | CWO                                                                                                         | F-TRAVEL-INTEREST | o only is_child                     |                          | 5.1
    interception  | phone_family         | holder                                                                                                      | F-FAMILY-CALL     | o                                   |                          | 5.1
    first_contact | settle               | holder                                                                                                      | F-SAFE            | m                                   |                          | 5.1
    first_contact | explain              | holder                                                                                                      | F-EXPLAIN         | m                                   |                          | 5.1
    first_contact | needs                | holder                                                                                                      | F-NEEDS           | m                                   |                          | 5.1
    first_contact | age                  | holder                                                                                                      | F-AGE             | m                                   |                          | 5.1
    first_contact | inform_cwo           | holder                                                                                                      |                   | c                                   |                          | 5.1
    first_contact | choose_screener      | holder, DCCHT                                                                                               |                   | m                                   |                          | choice
    medical       | offer_care           | holder                                                                                                      | F-CARE-OFFER      | m                                   |                          | 5.1
    medical       | exam                 | holder                                                                                                      | F-EXAM-RESULT     | if medical_answer=accepted/not_able |                          | 5.1
    screening     | setting              | holder                                                                                                      | F-SETTING         | m                                   |                          | 5.1
    screening     | age_known_now        | holder                                                                                                      | F-AGE             | o                                   |                          | choice
    screening     | questions            | holder                                                                                                      | F-SCREEN          | m                                   |                          | 5.1
    screening     | risk                 | holder                                                                                                      | F-RISK            | m                                   |                          | 5.1
    screening     | result               | holder                                                                                                      | F-FINDING         | m                                   |                          | 5.7
    screening     | choose_shelter       | holder, DCCHT                                                                                               |                   | o                                   |                          | choice
    reflection    | admit                | holder                                                                                                      | F-ADMIT           | m                                   | 24 hours P               | choice
    reflection    | legal_info           | LAWYER                                                                                                      | F-LEGAL           | m                                   | 7 days P                 | choice
    reflection    | counselling          | holder                                                                                                      | F-COUNSELLING     | o                                   |                          | 5.7
    reflection    | safety_plan          | holder                                                                                                      | F-RISK            | m                                   | 7 days P                 | choice
    reflection    | choose_case_owner    | holder                                                                                                      |                   | m                                   | 14 days P                | choice
    reflection    | ask_to_go_on         | holder                                                                                                      | F-GO-ON           | o                                   |                          | 5.1
    statement     | prepare              | LAWYER                                                                                                      | F-PREPARE         | m                                   |                          | 5.7
    statement     | record_statement     | holder                                                                                                      | F-STATEMENT       | m                                   | at once law httca-2064/6 | 5.1
    statement     | certify              | DC                                                                                                          | F-CERTIFIED       | m                                   |                          | 5.1
    assessment    | collect              | NGO                                                                                                         | F-COLLECTED       | m                                   |                          | 5.7
    assessment    | conference           | holder                                                                                                      | F-CONFERENCE      | m                                   |                          | 5.1
    assessment    | elements             | holder                                                                                                      | F-ELEM            | m                                   |                          | 5.1
    assessment    | bia                  | CWO                                                                                                         | F-BID             | c                                   |                          | 5.1
    assessment    | letter               | holder                                                                                                      | F-LETTER          | m                                   |                          | 5.1
    review        | new_panel            | holder                                                                                                      | F-REVIEW          | m                                   |                          | 5.1
    identified    | options              | holder                                                                                                      | F-OPTIONS         | m                                   |                          | 5.7
    identified    | refer                | holder                                                                                                      | F-REF             | m                                   | 3 working days P         | 5.1
    identified    | accept_referral      | LG/NGO/RC/SHELTER/TRANSIT, EMB/MOFA/MOWCSC                                                                  | F-REF-ANSWER      | m                                   |                          | 5.1
    identified    | feedback             | LG/NGO/RC/SHELTER/TRANSIT, EMB/MOFA/MOWCSC                                                                  | F-REF-FEEDBACK    | o                                   |                          | 5.7
    any           | report_missing_child | holder                                                                                                      | F-MISSING         | o only is_child                     |                          | 5.0
    any           | give_safety_plan     | holder                                                                                                      |                   | o                                   |                          | 5.0
    any           | contact_attempt      | holder                                                                                                      | F-ATTEMPT         | o                                   |                          | 5.0
    any           | ask_sharing          | holder                                                                                                      | F-SHARING         | o                                   |                          | 5.7
    any           | ask_beside           | holder, BOOTH/NGO/WCSC, LAWYER                                                                              | F-BESIDE-WISH     | o                                   |                          | choice
    any           | choose_interpreter   | holder, BOOTH/NGO/WCSC, LAWYER                                                                              | F-BESIDE          | o                                   |                          | choice
    any           | assess_risk          | holder, BOOTH/NGO/WCSC, NGO/RC/SHELTER, NGO                                                                 | F-RISK            | o                                   |                          | choice
    any           | note_threat          | holder, AHTB/EMB/LG/NCRC/NGO/WCSC, BOOTH, WCSC, NGO, BOOTH/NGO/WCSC, OCMC, CWO, NGO/RC/SHELTER, LAWYER, NGO | F-THREAT          | o                                   |                          | choice
    """

    exits = """
    stage         | exit                   | leads to                                | signed                                           | opens                        | from
    report        | start_contact          | first_contact                           |                                                  |                              | 5.1
    report        | launch_rescue          | wait_rescue                             |                                                  | rescue-operation at intel    | 5.1
    report        | unfounded              | end no_ground (unfounded)               | 2p                                               |                              | 5.1
    report        | merge                  | end double (duplicate)                  |                                                  |                              | 5.1
    report        | lapse_to_first_contact | first_contact                           | lapse by WCSC                                    |                              | lapse
    wait_rescue   | persons_rescued        | end rescued (completed)                 |                                                  |                              | 5.1
    wait_rescue   | unfounded              | end no_ground (unfounded)               | 2p                                               |                              | 5.1
    interception  | concern                | first_contact                           |                                                  |                              | 5.1
    interception  | travels_on             | end nothing_found (no_concern)          | her wish                                         |                              | 5.1
    interception  | child_travels_on       | end nothing_found (no_concern)          | 2p                                               |                              | choice
    interception  | returns_home           | end went_home (completed)               |                                                  |                              | 5.1
    interception  | lapse_to_first_contact | first_contact                           | lapse by WCSC                                    |                              | lapse
    first_contact | medical_first          | medical                                 |                                                  |                              | 5.1
    first_contact | ready                  | screening                               |                                                  |                              | 5.1
    first_contact | lapse_to_screening     | screening                               | lapse by DCCHT                                   |                              | lapse
    medical       | fit                    | screening                               |                                                  |                              | 5.1
    medical       | lapse_to_screening     | screening                               | lapse by WCSC                                    |                              | lapse
    screening     | presume                | reflection                              |                                                  |                              | 5.1
    screening     | som_only               | end smuggled (som_only)                 | 2p                                               | smuggling-referral at status | choice
    screening     | som_not_referred       | end smuggled (som_only)                 | 2p                                               |                              | choice
    screening     | no_indicators          | end no_sign (not_a_victim)              | 2p                                               |                              | 5.1
    screening     | lapse_to_reflection    | reflection                              | lapse by DCCHT                                   |                              | lapse
    reflection    | ready_for_assessment   | assessment                              |                                                  |                              | 5.1
    reflection    | wants_to_report        | statement                               |                                                  |                              | 5.1
    statement     | certified              | assessment                              |                                                  |                              | 5.1
    statement     | more_time              | reflection                              | her wish                                         |                              | choice
    assessment    | identify               | identified                              | 2p                                               |                              | 5.1
    assessment    | not_victim             | review                                  | 2p                                               |                              | 5.1
    assessment    | more_time              | reflection                              |                                                  |                              | 5.1
    assessment    | som_only               | end smuggled (som_only)                 | 2p                                               | smuggling-referral at status | choice
    assessment    | som_not_referred       | end smuggled (som_only)                 | 2p                                               |                              | choice
    review        | upheld                 | end not_victim_confirmed (not_a_victim) | 2p                                               |                              | 11.6
    review        | overturned             | identified                              |                                                  |                              | 5.1
    identified    | refer_reintegration    | end referred_reintegration (completed)  |                                                  | reintegration at intake      | 5.1
    identified    | refer_return           | end referred_return (completed)         |                                                  | repatriation at request      | 5.1
    any           | declined               | end declined (declined)                 | her wish, not in report/wait_rescue/interception |                              | choice
    any           | left                   | end left (left)                         | her wish, not in report/wait_rescue/interception |                              | choice
    any           | died                   | end died (died)                         |                                                  |                              | 5.0
    any           | lost_contact           | end lost_contact (lost_contact)         | not in report/wait_rescue/interception           |                              | choice
    any           | child_missing          | end lost_contact (lost_contact)         | not in report/wait_rescue                        |                              | choice
    """

    others = """
    what     | name                              | says                                              | from
    entry    | report                            | AHTB/EMB/LG/NCRC/NGO/WCSC                         | 5.1
    entry    | interception                      | BOOTH                                             | 5.1
    entry    | screening                         | BOOTH/NGO/WCSC spawned                            | 5.2
    period   | reflection_time                   | 30 days of person                                 | 5.1
    alert    | risk_level=critical               | AHTB.duty_officer                                 | 5.1
    alert    | threat_stands                     | holder.supervisor                                 | choice
    standing | note_threat                       | assess_risk within 24 hours blocks family_contact | choice
    alert    | screening talk_too_long           | holder.supervisor                                 | choice
    late     | first_contact 0 hours             | holder.supervisor                                 | 5.0
    late     | first_contact 2 hours if is_child | NCRC                                              | 5.1
    late     | first_contact 24 hours            | DCCHT                                             | 5.0
    late     | first_contact 7 days              | NCCHT                                             | 5.0
    wait     | wait_rescue                       | operation settled                                 | 5.1
    hold     | medical                           | 14 days                                           | 5.0
    hold     | person_asked                      | 14 days                                           | 5.0
    hold     | court_order                       | 14 days                                           | 5.0
    hold     | border_closed                     | 14 days                                           | 5.0
    hold     | security                          | 14 days                                           | 5.0
    hold     | disaster                          | 14 days                                           | 5.0
    hold     | no_address                        | 30 days                                           | 11.5
    hold     | awaiting_foreign_reply            | 30 days                                           | 11.5
    reopen   | reasons                           | error, new_information, person_returned           | choice
    reopen   | new episode                       | re_trafficked > identification.screening          | choice
    reopen   | of right                          | 15 days from no_sign > first_contact              | choice
    reopen   | else                              | > first_contact 2p                                | choice
    """
