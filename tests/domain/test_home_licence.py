"""Licence of a home: the tables of sections 1.1 and 1.4, with what the SOP chose beside them."""

from datetime import date

from sop_engine.sop.calendar import Duration
from sop_engine.sop.loading import standard_library
from tests.domain.compared import AsTheTextSays

MEASURES = ("suspended", "closing")


class TestHomeLicence(AsTheTextSays):
    sop = "home-licence"

    stages = """
    stage              | accountable       | deadline                                        | consulted | informed       | from
    applied            | NCRC              | 15 days P                                       |           |                | 1.1
    on_site_study      | NCRC              | 35 days P                                       |           |                | 1.1
    refused            | NCRC              | none                                            |           |                | 1.1
    licensed           | NCRC              | none                                            |           | LG, PCRC       | choice
    renewal_due        | HOME              | 3 months law children-rules-2078/59             |           |                | 1.1
    lapsed             | NCRC              | 30 days P                                       |           | LG             | 1.1
    under_plan         | HOME              | none                                            |           | LG             | 1.1
    warned             | NCRC              | 70 days P                                       |           |                | choice
    suspended          | NCRC              | 90 days P extend 1                              |           |                | 1.1
    voluntary_closure  | HOME              | 6 months P                                      |           |                | 1.1
    closing            | NCRC              | 60 days P, 72 hours P if closing_for_danger=yes |           | LG, PCRC, WCSC | choice
    appeal             | MOWCSC            | 60 days P                                       |           |                | 1.1
    unregistered_found | LCRC/LG/NCRC/WCSC | 3 days P                                        |           |                | choice
    """

    steps = """
    stage              | step             | by          | form          | when                         | deadline         | from
    applied            | apply            | HOME        | F-APPLICATION | m only application_time runs |                  | choice
    applied            | check_papers     | holder      | F-COMPLETE    | m                            |                  | 1.1
    on_site_study      | study            | CWO, holder | F-STUDY       | m                            |                  | 1.1
    on_site_study      | certificate      | holder      | F-CERTIFICATE | o                            |                  | 1.1
    refused            | write_reasons    | holder      | F-NOTICE      | m                            | 5 days P         | choice
    licensed           | note_licence     | holder      | F-KNOWN-HOME  | o                            |                  | choice
    renewal_due        | hand_in_yearly   | holder      | F-YEARLY      | m                            |                  | 1.1
    renewal_due        | new_certificate  | NCRC        | F-CERTIFICATE | o                            |                  | choice
    lapsed             | send_notice      | holder      | F-NOTICE      | m                            |                  | 1.1
    lapsed             | late_papers      | holder      | F-YEARLY      | o                            |                  | choice
    lapsed             | late_certificate | holder      | F-CERTIFICATE | o                            |                  | choice
    warned             | write_warning    | holder      | F-WARNING     | m                            | at 1 day 35 days | choice
    suspended          | write_decision   | holder      | F-NOTICE      | m                            |                  | 1.1
    suspended          | weekly_look      | LG          | F-WATCH       | m                            | every 7 days     | 1.1
    voluntary_closure  | announce         | holder      | F-NOTICE      | m                            |                  | 1.1
    closing            | place_children   | CWO, holder | F-RELOCATION  | m                            |                  | 1.1
    closing            | hand_over_files  | holder      | F-CLOSED      | m                            |                  | 1.1
    appeal             | decide_appeal    | holder      | F-APPEAL      | m                            |                  | 1.1
    unregistered_found | describe         | holder      | F-FOUND       | m                            |                  | 1.1
    """

    exits = """
    stage              | exit               | leads to                        | signed                 | opens | from
    applied            | complete           | on_site_study                   |                        |       | 1.1
    applied            | refuse_licence     | refused                         | 2p                     |       | choice
    on_site_study      | license            | licensed                        | 2p                     |       | choice
    on_site_study      | refuse_licence     | refused                         | 2p                     |       | choice
    refused            | appeal             | appeal                          | by HOME                |       | 1.1
    refused            | apply_again        | applied                         | by HOME after 6 months |       | 1.1
    refused            | end_refused        | end refused_for_good (rejected) |                        |       | choice
    licensed           | plan_needed        | under_plan                      |                        |       | 1.1
    licensed           | ask_renewal        | renewal_due                     |                        |       | 1.1
    licensed           | close_by_wish      | voluntary_closure               | by HOME                |       | 1.1
    licensed           | suspend            | suspended                       | 2p                     |       | 1.4
    licensed           | close_for_danger   | closing                         | 2p after 24 hours      |       | 1.4
    renewal_due        | renew              | licensed                        | by NCRC                |       | 1.1
    renewal_due        | let_lapse          | lapsed                          | lapse by NCRC          |       | lapse
    lapsed             | renew_late         | licensed                        |                        |       | 1.1
    lapsed             | suspend            | suspended                       | 2p                     |       | 1.4
    under_plan         | plan_fulfilled     | licensed                        | by NCRC                |       | 1.1
    under_plan         | warn               | warned                          | by NCRC                |       | 1.1
    under_plan         | suspend            | suspended                       | 2p, by NCRC            |       | 1.4
    warned             | back_to_plan       | under_plan                      |                        |       | 1.1
    warned             | suspend            | suspended                       | 2p                     |       | 1.4
    suspended          | lift               | under_plan                      | 2p                     |       | choice
    suspended          | appeal             | appeal                          | by HOME                |       | 1.1
    suspended          | close              | closing                         | 2p                     |       | 1.4
    voluntary_closure  | close_after_notice | closing                         | after 6 months         |       | 1.1
    closing            | closed             | end closed_down (closed_down)   | 2p                     |       | choice
    appeal             | appeal_dismissed   | previous                        |                        |       | 1.1
    appeal             | appeal_granted     | licensed                        | 2p                     |       | choice
    unregistered_found | close_unregistered | closing                         |                        |       | 1.1
    unregistered_found | study_it           | on_site_study                   | 2p                     |       | choice
    """

    others = """
    what   | name                    | says                                             | from
    entry  | applied                 | HOME                                             | 1.1
    entry  | licensed                | NCRC                                             | choice
    entry  | unregistered_found      | LCRC/LG/NCRC/WCSC                                | choice
    period | application_time        | 1 year of home                                   | choice
    period | appeal_time             | 35 days of home                                  | 1.1
    period | suspension_appeal_time  | 35 days of home                                  | 1.1
    hold   | court_stay              | 30 days                                          | 1.3
    hold   | disaster                | 30 days                                          | 1.3
    every  | visits                  | 6 months while licensed: home-inspection         | 1.1
    hears  | inspection_graded       | home-inspection offers plan_needed within 5 days | 1.2
    hears  | inspection_closed       | home-inspection                                  | 1.2
    hears  | inspection_partly_fixed | home-inspection offers warn within 5 days        | 1.2
    hears  | inspection_escalated    | home-inspection offers warn within 5 days        | 1.2
    hears  | visit_failed            | home-inspection                                  | choice
    hears  | audit_recorded          | home-inspection                                  | 1.4
    """

    def test_a_step_up_the_ladder_is_signed_by_two(self) -> None:
        stages = standard_library().procedures[self.sop].sop.stages
        on_a_licence = {"licensed", "lapsed", "under_plan", "warned", "suspended"}
        measures = {
            f"{stage}.{name}": exit_.second_person
            for stage in on_a_licence
            for name, exit_ in stages[stage].go.items()
            if exit_.goes_to in MEASURES
        }
        assert set(measures) == {
            "licensed.suspend", "licensed.close_for_danger", "lapsed.suspend", "under_plan.suspend", "warned.suspend",
            "suspended.close",
        }  # fmt: skip
        assert all(measures.values())

    def test_a_home_is_closed_only_with_every_child_placed_and_all_handed_over(self) -> None:
        procedure = standard_library().procedures[self.sop]
        asked = [str(one.where.name) for one in procedure.sop.stages["closing"].go["closed"].requires if one.where]
        assert asked == ["all_placed", "handed_over", "handed_over"]
        for placed, answer in ((41, "yes"), (40, "no")):
            values = {"children_there": 41, "children_placed": placed}
            assert procedure.work_out({"all_placed"}, values, date(2026, 3, 2)) == {"all_placed": answer}

    def test_the_local_level_looks_every_week_as_long_as_a_suspension_may_last_renewed_once(self) -> None:
        suspended = standard_library().procedures[self.sop].sop.stages["suspended"]
        repeat = suspended.steps["weekly_look"].repeat
        assert repeat is not None
        assert (repeat.every, repeat.until) == (Duration(7, "days"), Duration(180, "days"))

    def test_an_audit_of_an_ngo_is_evidence_and_offers_nothing(self) -> None:
        heard = standard_library().procedures[self.sop].sop.hears["audit_recorded"]
        assert (heard.offers, {str(ours): str(theirs) for ours, theirs in heard.sets.items()}) == (
            None,
            {"audit_grade": "grade"},
        )
