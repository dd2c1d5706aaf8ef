"""Repatriation, as section 5.3 of the domain text has it (5.0 for what holds everywhere, 5.7 for steps and doers, 11 for
what is settled there)."""

from sop_engine.sop.loading import standard_library
from tests.domain.compared import AsTheTextSays


class TestRepatriation(AsTheTextSays):
    sop = "repatriation"

    stages = """
    stage        | accountable                                                                                    | deadline                                       | consulted                               | informed                            | from
    request      | EMB/MOFA/MOWCSC; barred MOFA                                                                   | 3 working days P, 24 hours P if urgent_request |                                         | FEB, NGO/RC/SHELTER/TRANSIT         | 5.3
    identity     | identity_by: district_office DAO, home_ministry MOHA, immigration_office DOI                   | 15 working days P                              | WCSC, NGO/RC/SHELTER/TRANSIT, LAWYER    |                                     | choice
    wishes       | care_part: own_mission EMB, shelter_or_ngo NGO/RC/SHELTER/TRANSIT; barred MOFA                 | 7 working days P                               | LAWYER                                  |                                     | 5.3
    risk         | NGO                                                                                            | 21 working days P                              | WCSC, LCRC                              |                                     | choice
    decision     | direction: india_to_nepal EMB, third_country_to_nepal EMB, nepal_to_abroad MOWCSC; barred MOFA | 7 working days P                               | DGAO, LAWYER, MOFA, DOI                 |                                     | choice
    documents    | direction: india_to_nepal EMB, third_country_to_nepal EMB, nepal_to_abroad MOWCSC; barred MOFA | 7 working days P                               | DOI                                     |                                     | choice
    predeparture | care_part: own_mission EMB, shelter_or_ngo NGO/RC/SHELTER/TRANSIT; barred MOFA                 | 5 days P                                       |                                         | MOWCSC, NGO/RC/SHELTER/TRANSIT      | choice
    transit      | APF/DOI/EMB/HOST/NGO/SHELTER/TRANSIT/UN/WCSC                                                   | 72 hours P                                     |                                         | MOWCSC, NGO/RC/SHELTER/TRANSIT, DOI | choice
    incident     | direction: india_to_nepal EMB, third_country_to_nepal EMB, nepal_to_abroad MOWCSC; barred MOFA | 4 hours P                                      |                                         |                                     | 5.3
    reception    | MOWCSC                                                                                         | 14 days P                                      | NGO/RC/SHELTER/TRANSIT, OCMC, WCSC, CWO |                                     | choice
    safe_wait    | care_part: own_mission EMB, shelter_or_ngo NGO/RC/SHELTER/TRANSIT; barred MOFA                 | none                                           | LAWYER                                  |                                     | choice
    """

    steps = """
    stage        | step                 | by                                                                                                                          | form             | when                                                                    | deadline               | from
    request      | take_request         | holder                                                                                                                      | F-REQ            | m                                                                       |                        | 5.3
    request      | note_verbale         | holder                                                                                                                      |                  | o                                                                       |                        | 5.7
    request      | embassy_letter       | EMB                                                                                                                         |                  | o only is_child and direction=india_to_nepal and not own_mission_barred |                        | choice
    identity     | trace_paper          | holder                                                                                                                      | F-ID             | m                                                                       |                        | 5.3
    identity     | ask_mission          | holder                                                                                                                      |                  | o only direction=third_country_to_nepal and not own_mission_barred      | answer 3 working days  | 5.3
    identity     | mission_certifies    | EMB                                                                                                                         |                  | o only direction=third_country_to_nepal and not own_mission_barred      |                        | 5.3
    identity     | ward_letter          | holder                                                                                                                      |                  | o only not family_suspected                                             |                        | choice
    wishes       | options              | holder                                                                                                                      | F-WISH           | m                                                                       |                        | 5.3
    wishes       | name_guardian        | CWO, holder                                                                                                                 | F-GUARDIAN       | c                                                                       |                        | 5.3
    wishes       | bid                  | CWO, LCRC, holder                                                                                                           | F-BID            | o only is_child                                                         |                        | choice
    wishes       | choose_tracer        | holder                                                                                                                      |                  | m                                                                       |                        | choice
    risk         | home_visit           | holder                                                                                                                      | F-HOME           | o                                                                       |                        | choice
    decision     | choose_host          | holder                                                                                                                      | F-HOST           | m                                                                       |                        | 5.3
    decision     | ask_order            | holder                                                                                                                      |                  | if host_body=cwc/court                                                  | answer 15 days         | 11.8
    decision     | order_received       | holder                                                                                                                      | F-ORDER          | if host_body=cwc/court                                                  |                        | 5.3
    decision     | clearance            | LAWYER, holder                                                                                                              | F-CLEARANCE      | m                                                                       |                        | 5.7
    decision     | funding_found        | holder                                                                                                                      | F-FUNDING        | m                                                                       |                        | 5.7
    decision     | plan_reception       | MOWCSC, holder                                                                                                              | F-RECEPTION-PLAN | m                                                                       |                        | 5.3
    documents    | travel_paper         | holder                                                                                                                      | F-TRAVEL-PAPER   | m                                                                       |                        | 5.3
    documents    | exit_permit          | holder                                                                                                                      | F-EXIT           | o                                                                       |                        | 5.7
    documents    | wage_claim           | LAWYER, holder                                                                                                              | F-WAGE-CLAIM     | o                                                                       |                        | 5.7
    predeparture | fit                  | holder                                                                                                                      | F-FIT            | m                                                                       |                        | choice
    predeparture | brief                | holder                                                                                                                      | F-BRIEF          | m                                                                       |                        | 5.3
    predeparture | ask_beside           | holder                                                                                                                      | F-BESIDE-WISH    | m                                                                       |                        | choice
    predeparture | choose_escort        | holder                                                                                                                      | F-BESIDE         | m                                                                       |                        | 5.3
    predeparture | confirm              | NGO/RC/SHELTER/TRANSIT, holder                                                                                              | F-CONFIRM        | m                                                                       |                        | 5.3
    transit      | head_count           | holder                                                                                                                      | F-COUNT          | m                                                                       |                        | 5.3
    transit      | arrive_quietly       | holder                                                                                                                      | F-PRESS          | m                                                                       |                        | 5.3
    transit      | handover             | holder                                                                                                                      | F-HANDOVER       | m                                                                       |                        | 5.3
    incident     | look_into            | holder                                                                                                                      | F-INCIDENT       | m                                                                       |                        | 5.3
    reception    | rest                 | holder, NGO/RC/SHELTER/TRANSIT                                                                                              | F-REST           | m                                                                       | 24 hours P             | 5.3
    reception    | arrive_needs         | holder, NGO/RC/SHELTER/TRANSIT                                                                                              | F-NEEDS          | m                                                                       | 24 hours P             | 5.3
    reception    | offer_report         | holder, NGO/RC/SHELTER/TRANSIT                                                                                              | F-REPORT-OFFER   | m                                                                       |                        | 5.3
    reception    | tell_cwo             | holder, NGO/RC/SHELTER/TRANSIT                                                                                              |                  | c                                                                       | 24 hours P if is_child | 5.3
    safe_wait    | wait_review          | holder                                                                                                                      | F-WAIT-REVIEW    | m                                                                       | every 30 days          | 5.3
    any          | report_missing_child | holder                                                                                                                      | F-MISSING        | o only is_child                                                         |                        | 5.0
    any          | give_safety_plan     | holder                                                                                                                      |                  | o                                                                       |                        | 5.0
    any          | contact_attempt      | holder                                                                                                                      | F-ATTEMPT        | o                                                                       |                        | 5.0
    any          | ask_sharing          | holder                                                                                                                      | F-SHARING        | o                                                                       |                        | 5.3
    any          | assess_risk          | NGO, NGO/RC/SHELTER/TRANSIT, holder                                                                                         | F-RISK           | o                                                                       |                        | choice
    any          | note_threat          | holder, NGO/RC/SHELTER/TRANSIT, NGO, EMB, APF/DOI/EMB/HOST/NGO/SHELTER/TRANSIT/UN/WCSC, NGO/RC/SHELTER/TRANSIT, LAWYER, CWO | F-THREAT         | o                                                                       |                        | choice
    """

    exits = """
    stage        | exit               | leads to                                     | signed                                      | opens                   | from
    request      | accept             | identity                                     |                                             |                         | 5.3
    request      | refuse             | end refused (rejected)                       | 2p                                          |                         | choice
    identity     | confirmed          | wishes                                       |                                             |                         | 5.3
    identity     | not_confirmed      | end not_national (not_national)              | 2p                                          |                         | 5.3
    wishes       | wants_return       | risk                                         |                                             |                         | 5.3
    wishes       | child_stays        | end child_cared_for (referred)               | 2p                                          |                         | choice
    risk         | acceptable         | decision                                     |                                             |                         | 5.3
    risk         | too_risky          | safe_wait                                    | 2p                                          |                         | 5.3
    decision     | approve            | documents                                    | 2p                                          |                         | 5.3
    decision     | postpone           | risk                                         |                                             |                         | 5.3
    decision     | refuse             | end refused (rejected)                       | 2p                                          |                         | choice
    documents    | issued             | predeparture                                 |                                             |                         | 5.3
    documents    | postpone           | risk                                         |                                             |                         | choice
    predeparture | depart             | transit                                      |                                             |                         | 5.3
    predeparture | postpone           | risk                                         |                                             |                         | choice
    predeparture | lapse_to_decision  | decision                                     | lapse by MOWCSC                             |                         | lapse
    transit      | received           | reception                                    |                                             |                         | 5.3
    transit      | received_abroad    | end handed_abroad (transferred_abroad)       |                                             |                         | choice
    transit      | incident           | incident                                     |                                             |                         | 5.3
    transit      | lapse_to_incident  | incident                                     | lapse by MOFA                               |                         | lapse
    incident     | resolved           | transit                                      |                                             |                         | 5.3
    incident     | back_to_safety     | safe_wait                                    |                                             |                         | choice
    incident     | lapse_to_safe_wait | safe_wait                                    | lapse by MOFA                               |                         | lapse
    reception    | refer              | end received_home (completed)                |                                             | reintegration at intake | 5.3
    reception    | declined           | end declined (declined)                      | her wish                                    |                         | 5.3
    reception    | lapse_refer        | end received_home (completed)                | lapse by NGO/RC/SHELTER/TRANSIT             | reintegration at intake | lapse
    safe_wait    | reassess           | risk                                         |                                             |                         | 5.3
    any          | wants_stay         | end declined (declined)                      | her wish, not in transit/incident/reception |                         | choice
    any          | asylum             | end protected_elsewhere (transferred_abroad) | her wish, not in reception                  |                         | choice
    any          | asylum_child       | end protected_elsewhere (transferred_abroad) | 2p, not in reception                        |                         | choice
    any          | left               | end left (left)                              | her wish                                    |                         | 11.6
    any          | died               | end died (died)                              |                                             |                         | 5.0
    any          | lost_contact       | end lost_contact (lost_contact)              | not in request/transit                      |                         | choice
    any          | child_missing      | end lost_contact (lost_contact)              | not in request                              |                         | choice
    """

    others = """
    what     | name                   | says                                                     | from
    entry    | request                | EMB/MOFA/MOWCSC                                          | 5.3
    decides  | decision               | host_body: cwc CWC, court HOST, none nobody              | 5.3
    standing | mark family_contact    | assess_risk within 2 days blocks travel                  | choice
    standing | note_threat            | assess_risk within 24 hours blocks family_contact travel | choice
    standing | reception              | assess_risk within 1 day                                 | 5.3
    alert    | risk_level=critical    | MOWCSC.duty_officer                                      | choice
    alert    | threat_stands          | holder.supervisor                                        | choice
    late     | incident 0 hours       | MOFA, holder.supervisor                                  | 5.3
    late     | incident 24 hours      | MOWCSC                                                   | choice
    hold     | medical                | 14 days                                                  | 5.0
    hold     | person_asked           | 14 days                                                  | 5.0
    hold     | court_order            | 14 days                                                  | 5.0
    hold     | border_closed          | 14 days                                                  | 5.0
    hold     | security               | 14 days                                                  | 5.0
    hold     | disaster               | 14 days                                                  | 5.0
    hold     | no_address             | 30 days                                                  | 11.5
    hold     | awaiting_foreign_reply | 30 days                                                  | 11.5
    reopen   | reasons                | error, new_information, person_returned                  | choice
    reopen   | else                   | > wishes 2p                                              | choice
    """

    def test_the_signed_sheet_at_the_border_is_the_taking_over(self) -> None:
        stage = standard_library().procedures[self.sop].sop.stages["reception"]
        assert stage.taking_over.on_signature == "F-HANDOVER"
