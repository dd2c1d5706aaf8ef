"""The rescue of one person, as section 5.2 of the domain text has it (5.0 for what holds everywhere, 5.7 for steps and
doers, 11 for what is settled there)."""

from sop_engine.sop.loading import standard_library
from tests.domain.compared import AsTheTextSays


class TestRescueOfOnePerson(AsTheTextSays):
    sop = "rescue-person"

    stages = """
    stage        | accountable        | deadline                                                    | consulted | informed | from
    removed      | AHTB               | 4 hours P                                                   |           |          | 5.2
    sorted       | WCSC               | 6 hours P                                                   |           |          | choice
    medical      | OCMC               | 24 hours P, until care_window_until clinical if urgent_care | NGO       |          | choice
    child_intake | CWO                | 24 hours P                                                  |           |          | 5.2
    adult_intake | RC/SHELTER/TRANSIT | 24 hours P                                                  |           |          | choice
    sheltered    | RC/SHELTER/TRANSIT | 24 hours P                                                  |           | DCCHT    | choice
    """

    steps = """
    stage        | step                 | by                                                                  | form            | when                                | deadline | from
    removed      | to_safe_place        | holder                                                              | F-SAFE-PLACE    | m                                   |          | 5.7
    removed      | belongings           | holder                                                              | F-BELONGINGS    | o                                   |          | choice
    sorted       | age                  | holder                                                              | F-AGE           | m                                   |          | choice
    sorted       | urgent_look          | holder                                                              | F-URGENT        | m                                   |          | choice
    sorted       | part                 | holder                                                              | F-PART          | m                                   |          | 5.2
    sorted       | tell_cwo             | holder                                                              |                 | c                                   |          | choice
    sorted       | seen_by_lawyer       | LAWYER                                                              | F-SEEN-LAWYER   | if part_played=suspect_exit         |          | 5.2
    sorted       | seen_by_ngo          | NGO                                                                 | F-SEEN-NGO      | if part_played=suspect_exit         |          | 5.2
    medical      | offer_care           | holder                                                              | F-MEDICAL-OFFER | m                                   |          | 5.2
    medical      | examination          | holder                                                              | F-EXAM          | if medical_answer=accepted/not_able |          | 5.2
    medical      | find_bed             | WCSC, CWO                                                           | F-BED           | m                                   |          | choice
    child_intake | child_needs          | holder                                                              | F-NEEDS         | m                                   |          | 5.7
    child_intake | child_risk           | holder                                                              | F-RISK          | m                                   |          | choice
    child_intake | guardian             | holder                                                              | F-GUARDIAN      | m                                   |          | 5.2
    adult_intake | adult_needs          | holder                                                              | F-NEEDS         | m                                   |          | 5.2
    adult_intake | adult_risk           | holder                                                              | F-RISK          | m                                   |          | 5.2
    sheltered    | admission            | holder                                                              | F-ADMISSION     | m                                   |          | 5.7
    sheltered    | sharing              | holder                                                              | F-SHARING       | m                                   |          | choice
    sheltered    | agree_receiver       | holder, WCSC                                                        |                 | m                                   |          | choice
    sheltered    | handover             | holder                                                              | F-HANDOVER      | m                                   |          | 5.2
    any          | report_missing_child | holder                                                              | F-MISSING       | o only is_child                     |          | 5.0
    any          | give_safety_plan     | holder                                                              |                 | o                                   |          | 5.0
    any          | contact_attempt      | holder                                                              | F-ATTEMPT       | o                                   |          | 5.0
    any          | assess_risk          | holder, WCSC, CWO, RC/SHELTER/TRANSIT                               | F-RISK          | o                                   |          | choice
    any          | note_threat          | holder, AHTB, NGO, WCSC, OCMC, CWO, RC/SHELTER/TRANSIT, LAWYER, NGO | F-THREAT        | o                                   |          | choice
    """

    exits = """
    stage        | exit                   | leads to                               | signed         | opens                       | from
    removed      | to_safety              | sorted                                 |                |                             | 5.2
    removed      | lapse_to_sorted        | sorted                                 | lapse by NGO   |                             | lapse
    sorted       | sort_done              | medical                                |                |                             | 5.2
    sorted       | not_affected           | end not_affected (not_a_victim)        | 2p             |                             | 5.2
    sorted       | refer_to_investigation | end suspect_exit (under_investigation) | 2p             |                             | 11.3
    sorted       | lapse_to_medical       | medical                                | lapse by AHTB  |                             | lapse
    medical      | medical_done_child     | child_intake                           |                |                             | 5.2
    medical      | medical_done_adult     | adult_intake                           |                |                             | 5.2
    medical      | lapse_to_child_intake  | child_intake                           | lapse by WCSC  |                             | lapse
    medical      | lapse_to_adult_intake  | adult_intake                           | lapse by WCSC  |                             | lapse
    child_intake | intake_done            | sheltered                              |                |                             | 5.2
    child_intake | lapse_to_sheltered     | sheltered                              | lapse by WCSC  |                             | lapse
    adult_intake | intake_done            | sheltered                              |                |                             | 5.2
    adult_intake | lapse_to_sheltered     | sheltered                              | lapse by WCSC  |                             | lapse
    sheltered    | hand_over              | end handed_over (completed)            |                | identification at screening | 5.2
    sheltered    | lapse_to_hand_over     | end handed_over (completed)            | lapse by WCSC  | identification at screening | lapse
    any          | decline                | end declined (declined)                | her wish       |                             | 5.2
    any          | left                   | end left (left)                        | her wish       |                             | 11.6
    any          | died                   | end died (died)                        |                |                             | 5.0
    any          | lost_contact           | end lost_contact (lost_contact)        | not in removed |                             | choice
    any          | child_missing          | end lost_contact (lost_contact)        |                |                             | 5.0
    """

    others = """
    what     | name                   | says                                     | from
    entry    | removed                | AHTB spawned                             | 5.2
    clock    | child_24h              | 24 hours of AHTB                         | choice
    alert    | risk_level=critical    | AHTB.duty_officer                        | 5.1
    alert    | threat_stands          | holder.supervisor                        | choice
    standing | note_threat            | assess_risk within 24 hours              | choice
    hold     | medical                | 14 days                                  | 5.0
    hold     | person_asked           | 14 days                                  | 5.0
    hold     | court_order            | 14 days                                  | 5.0
    hold     | border_closed          | 14 days                                  | 5.0
    hold     | security               | 14 days                                  | 5.0
    hold     | disaster               | 14 days                                  | 5.0
    hold     | no_address             | 30 days                                  | 11.5
    hold     | awaiting_foreign_reply | 30 days                                  | 11.5
    reopen   | reasons                | error, new_information, person_returned  | choice
    reopen   | new episode            | re_trafficked > identification.screening | choice
    reopen   | of right               | 15 days from not_affected > removed      | choice
    reopen   | else                   | > removed 2p                             | 5.0
    """

    def test_the_child_welfare_officer_takes_over_by_law(self) -> None:
        stage = standard_library().procedures[self.sop].sop.stages["child_intake"]
        assert stage.taking_over.by_law == "children-rules-2078/68"

    def test_the_operation_waits_for_these_ends(self) -> None:
        outcomes = standard_library().procedures[self.sop].sop.outcomes
        settled = {str(name) for name, outcome in outcomes.items() if outcome.settled}
        assert settled == {
            "handed_over", "declined", "left", "died", "not_affected", "suspect_exit", "lost_contact",
        }  # fmt: skip
