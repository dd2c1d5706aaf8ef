"""Inspection of a home: the tables of sections 1.2 and 1.3, with what the SOP chose beside them."""

from sop_engine.sop.loading import standard_library
from tests.domain.compared import AsTheTextSays


class TestHomeInspection(AsTheTextSays):
    sop = "home-inspection"

    stages = """
    stage         | accountable | deadline                                                                      | consulted | informed | from
    planned       | LG/NCRC     | 14 days P                                                                     |           |          | 1.2
    pre_visit     | LG/NCRC     | 14 days P                                                                     |           |          | choice
    on_site       | LG/NCRC     | 1 day P if small_home, 2 days P                                               |           |          | 1.2
    not_possible  | LG/NCRC     | 7 days P                                                                      |           |          | 1.2
    rating        | LG/NCRC     | 2 days P                                                                      |           |          | 1.2
    draft_report  | LG/NCRC     | 10 days P                                                                     |           |          | 1.2
    factual_check | HOME        | 10 days P                                                                     |           |          | 1.2
    final_report  | LG/NCRC     | 5 days P                                                                      |           |          | 1.2
    plan_due      | HOME        | 15 days P, 48 hours P if plan_is_urgent                                       |           |          | 1.2
    plan_review   | LG/NCRC     | 7 days P                                                                      |           |          | 1.2
    carrying_out  | HOME        | each danger 48 hours critical 30 days major 90 days minor 180 days P extend 1 |           |          | 1.3
    re_inspection | LG/NCRC     | 10 days P, 5 days P if plan_is_urgent                                         |           |          | 1.3
    auditing      | NGO         | 30 days P                                                                     |           |          | choice
    """

    steps = """
    stage         | step          | by     | form           | when                        | deadline   | from
    planned       | plan_visit    | holder | F-VISIT-PLAN   | m                           |            | 1.2
    pre_visit     | brief         | holder | F-BRIEF        | m                           |            | 1.2
    on_site       | look          | holder | F-ON-SITE      | m                           |            | 1.2
    on_site       | danger        | holder | F-DANGER       | o                           |            | choice
    on_site       | closing_talk  | holder | F-CLOSING-TALK | m                           |            | 1.2
    not_possible  | why_not       | holder | F-NOT-POSSIBLE | m                           |            | 1.2
    rating        | rate          | holder | F-RATE         | m                           | by 2 alone | 1.2
    rating        | agree         | holder | F-AGREED       | m                           |            | 1.2
    rating        | observe       | NGO    | F-NGO-REMARKS  | o only observer_invited=yes |            | choice
    draft_report  | write_report  | holder | F-REPORT       | m                           |            | 1.2
    factual_check | remark        | holder | F-REMARKS      | o                           |            | 1.2
    final_report  | issue_report  | holder | F-ISSUE        | m                           |            | 1.2
    plan_due      | write_plan    | holder | F-PLAN         | m only plan_time runs       |            | choice
    plan_review   | impose_plan   | holder | F-PLAN         | o                           |            | 1.2
    carrying_out  | send_proof    | holder | F-PROOF        | o                           |            | 1.2
    carrying_out  | check_actions | LG     | F-CHECK        | o                           |            | 1.2
    re_inspection | see_again     | holder | F-AGAIN        | m                           |            | 1.2
    auditing      | audit_rate    | holder | F-RATE         | m                           | by 2 alone | 1.4
    auditing      | audit_agree   | holder | F-AUDIT-AGREED | m                           |            | 1.4
    """

    exits = """
    stage         | exit            | leads to                             | signed           | opens                                      | from
    planned       | team_ready      | pre_visit                            |                  |                                            | 1.2
    pre_visit     | set_out         | on_site                              |                  |                                            | 1.2
    pre_visit     | no_visit        | not_possible                         |                  |                                            | 1.2
    on_site       | seen            | rating                               |                  |                                            | 1.2
    on_site       | entry_refused   | not_possible                         |                  |                                            | 1.2
    not_possible  | try_again       | pre_visit                            |                  |                                            | 1.2
    not_possible  | give_up         | end not_completed (not_completed)    | 2p               | tells home-licence visit_failed            | choice
    rating        | rated           | draft_report                         |                  |                                            | 1.2
    draft_report  | send_for_check  | factual_check                        |                  |                                            | 1.2
    factual_check | checked         | final_report                         |                  |                                            | 1.2
    factual_check | check_over      | final_report                         | lapse by LG/NCRC |                                            | lapse
    final_report  | plan_wanted     | plan_due                             |                  | tells home-licence inspection_graded       | 1.2
    final_report  | nothing_lacks   | end closed_met (completed)           |                  | tells home-licence inspection_closed       | choice
    plan_due      | submit          | plan_review                          |                  |                                            | 1.2
    plan_due      | plan_overdue    | plan_review                          | lapse by LG/NCRC |                                            | lapse
    plan_review   | accept_plan     | carrying_out                         |                  |                                            | 1.2
    plan_review   | return_plan     | plan_due                             | at most 1        |                                            | 1.2
    plan_review   | impose          | carrying_out                         | 2p               |                                            | choice
    carrying_out  | ready_for_visit | re_inspection                        | by LG            |                                            | 1.2
    carrying_out  | not_carried_out | re_inspection                        | lapse by LG/NCRC |                                            | lapse
    re_inspection | fixed           | end closed_met (completed)           |                  | tells home-licence inspection_closed       | 1.2
    re_inspection | partly_fixed    | end closed_partly (partly_completed) |                  | tells home-licence inspection_partly_fixed | 1.2
    re_inspection | escalate        | end escalated (escalated)            | 2p               | tells home-licence inspection_escalated    | choice
    auditing      | hand_in         | end audit_recorded (completed)       |                  | tells home-licence audit_recorded          | 1.4
    """

    others = """
    what   | name                     | says            | from
    entry  | planned                  | LG/NCRC         | 1.2
    entry  | auditing                 | NGO             | 1.4
    period | plan_time                | 1 year of home  | choice
    hold   | disaster                 | 30 days         | 1.3
    hold   | court_stay               | 30 days         | 1.3
    alert  | on_site danger_found=yes | NCRC.supervisor | choice
    """

    def test_the_home_may_have_more_time_once_from_a_level_above_the_inspector(self) -> None:
        (limit,) = standard_library().procedures[self.sop].sop.stages["carrying_out"].deadline
        assert limit.extend is not None
        (signature,) = limit.extend.second_person
        assert (limit.extend.times, str(signature.of), str(signature.role)) == (1, "province", "head")

    def test_only_a_way_of_an_audit_tells_an_audit(self) -> None:
        sop = standard_library().procedures[self.sop].sop
        told = {
            str(stage): {str(e.tell.event) for e in said.go.values() if e.tell} for stage, said in sop.stages.items()
        }
        assert told.pop("auditing") == {"audit_recorded"}
        assert "audit_recorded" not in set().union(*told.values())
