"""The rescue operation, as section 5.2 of the domain text has it (5.0 for what holds everywhere, 5.7 for steps and
doers, 11 for what is settled there)."""

from tests.domain.compared import AsTheTextSays


class TestRescueOperation(AsTheTextSays):
    sop = "rescue-operation"

    stages = """
    stage    | accountable                                                            | deadline   | consulted                               | informed  | from
    intel    | AHTB                                                                   | 12 hours P | AHTB/APF/BOOTH/CWO/EMB/LG/NCRC/NGO/WCSC |           | 5.2
    planning | operation_kind: in_nepal AHTB, home_monitoring AHTB, abroad EMB        | 24 hours P | WCSC, CWO, NCRC, NGO, OCMC, APF         |           | 5.2
    approval | operation_kind: in_nepal COMMAND, abroad COMMAND, home_monitoring NCRC | 6 hours P  |                                         | DGAO, DAO | choice
    ready    | AHTB                                                                   | 12 hours P |                                         |           | 5.2
    on_site  | AHTB                                                                   | 6 hours P  | NGO                                     |           | 5.2
    persons  | AHTB                                                                   | 7 days P   |                                         | DCCHT     | 5.2
    debrief  | AHTB                                                                   | 14 days P  | NGO                                     | NCCHT     | choice
    """

    steps = """
    stage    | step                | by                                | form            | when                       | deadline        | from
    intel    | verify              | holder                            | F-INTEL         | m                          |                 | 5.2
    planning | make_plan           | holder                            | F-PLAN          | m                          |                 | 5.2
    planning | team_risk           | holder                            | F-RISK-TEAM     | m                          |                 | 5.2
    planning | beds                | holder                            | F-BEDS          | m                          |                 | choice
    approval | leak_check          | holder                            | F-LEAK          | m                          |                 | 5.2
    approval | decide              | holder                            | F-APPROVAL      | m                          |                 | 5.2
    approval | written_order       | holder                            | F-WRITTEN-ORDER | if approval_path=emergency | owed 12 hours P | 5.2
    ready    | briefing            | holder                            | F-BRIEFING      | m                          |                 | 5.2
    on_site  | separate            | holder                            | F-SEPARATE      | m                          |                 | 5.2
    on_site  | headcount           | holder, WCSC                      | F-HEADCOUNT     | m                          |                 | choice
    on_site  | things              | holder                            | F-THINGS        | m                          |                 | 5.2
    persons  | count_suspect_files | holder                            | F-SUSPECT-COUNT | m                          |                 | 5.2
    debrief  | review_operation    | holder                            | F-DEBRIEF       | m                          |                 | 5.2
    debrief  | complaints          | NGO                               | F-COMPLAINTS    | o                          |                 | choice
    any      | assess_risk         | holder, AHTB                      | F-RISK-TEAM     | o                          |                 | choice
    any      | note_threat         | holder, AHTB, WCSC, NGO, CWO, EMB | F-THREAT        | o                          |                 | choice
    """

    exits = """
    stage    | exit               | leads to                         | signed                                           | opens                    | from
    intel    | plan               | planning                         |                                                  |                          | 5.2
    intel    | imminent           | approval                         |                                                  |                          | 5.2
    intel    | insufficient       | end not_verified (unfounded)     |                                                  |                          | 5.2
    planning | submit             | approval                         |                                                  |                          | 5.2
    approval | approve            | ready                            | 2p after 24 hours if approval_path=emergency, 2p |                          | 11.19
    approval | return_for_changes | planning                         |                                                  |                          | 5.2
    approval | reject             | end not_approved (unfounded)     |                                                  |                          | choice
    ready    | go                 | on_site                          |                                                  |                          | 5.2
    ready    | abort              | debrief                          |                                                  |                          | 5.2
    on_site  | secured            | persons                          |                                                  | rescue-person at removed | 5.2
    on_site  | nobody_found       | debrief                          |                                                  |                          | 5.2
    persons  | all_settled        | debrief                          |                                                  |                          | 5.2
    debrief  | close              | end operation_closed (completed) |                                                  |                          | 5.2
    """

    others = """
    what     | name                   | says                                    | from
    entry    | intel                  | AHTB/APF/BOOTH/CWO/EMB/LG/NCRC/NGO/WCSC | 5.2
    alert    | threat_stands          | holder.supervisor                       | choice
    standing | note_threat            | assess_risk within 24 hours             | choice
    late     | intel 0 hours          | AHTB.supervisor                         | 5.0
    late     | intel 24 hours         | DCCHT                                   | 5.0
    late     | intel 7 days           | NCCHT                                   | 5.0
    late     | planning 0 hours       | holder.supervisor                       | 5.0
    late     | planning 24 hours      | DCCHT                                   | 5.0
    late     | planning 7 days        | NCCHT                                   | 5.0
    late     | approval 0 hours       | holder.supervisor                       | 5.0
    late     | approval 24 hours      | DCCHT                                   | 5.0
    late     | approval 7 days        | NCCHT                                   | 5.0
    late     | ready 0 hours          | AHTB.supervisor                         | 5.0
    late     | ready 24 hours         | DCCHT                                   | 5.0
    late     | ready 7 days           | NCCHT                                   | 5.0
    late     | on_site 0 hours        | AHTB.supervisor                         | 5.0
    late     | on_site 24 hours       | DCCHT                                   | 5.0
    late     | on_site 7 days         | NCCHT                                   | 5.0
    late     | persons 0 hours        | AHTB.supervisor                         | 5.0
    late     | persons 24 hours       | DCCHT                                   | 5.0
    late     | persons 7 days         | NCCHT                                   | 5.0
    wait     | persons                | person_cases settled or override 2p     | 5.2
    hold     | security               | 14 days                                 | 5.0
    hold     | border_closed          | 14 days                                 | 5.0
    hold     | disaster               | 14 days                                 | 5.0
    hold     | court_order            | 14 days                                 | 5.0
    hold     | awaiting_foreign_reply | 30 days                                 | 11.5
    reopen   | reasons                | error, new_information                  | choice
    reopen   | else                   | > intel 2p                              | choice
    """
