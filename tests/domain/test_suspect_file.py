"""The file of a suspect. The domain text says that it is kept apart, and the 24 hours; everything else is a choice."""

from sop_engine.sop.loading import standard_library
from tests.domain.compared import AsTheTextSays


class TestSuspectFile(AsTheTextSays):
    sop = "suspect-file"

    stages = """
    stage         | accountable | deadline                             | consulted   | informed | from
    registered    | SUSPECTS    | 24 hours law constitution-2072/20(3) |             |          | choice
    investigation | SUSPECTS    | 25 days P extend 3                   | PROSECUTION |          | choice
    deciding      | PROSECUTION | 15 days P                            | SUSPECTS    |          | choice
    court         | PROSECUTION | 365 days P                           | SUSPECTS    |          | choice
    """

    steps = """
    stage         | step            | by     | form           | when | deadline | from
    any           | see_alone       | holder | F-SUS-SEEN     | o    |          | choice
    any           | bring_to_help   | holder | F-SUS-HELP     | o    |          | choice
    any           | look_for_victim | holder | F-SUS-VICTIM   | o    |          | choice
    registered    | register        | holder | F-SUS-OPEN     | m    |          | choice
    registered    | custody         | holder | F-SUS-CUSTODY  | m    |          | choice
    registered    | age             | holder | F-AGE          | m    |          | choice
    investigation | collect         | holder | F-SUS-EVIDENCE | m    |          | choice
    deciding      | decide_charge   | holder | F-SUS-CHARGE   | m    |          | choice
    court         | note_verdict    | holder | F-SUS-COURT    | m    |          | choice
    """

    exits = """
    stage         | exit               | leads to                     | signed | opens                           | from
    any           | found_victim       | end moved_to_help (referred) | 2p     |                                 | S4
    registered    | investigate        | investigation                |        |                                 | choice
    investigation | send_to_prosecutor | deciding                     |        |                                 | choice
    investigation | drop               | end dropped (completed)      | 2p     |                                 | choice
    deciding      | charge_it          | court                        |        |                                 | choice
    deciding      | not_charge         | end not_charged (completed)  | 2p     |                                 | choice
    deciding      | investigate_more   | investigation                |        |                                 | choice
    court         | end_court          | end decided (completed)      |        |                                 | choice
    """

    others = """
    what   | name                  | says                   | from
    entry  | registered            | SUSPECTS               | choice
    late   | registered 0 hours    | holder.supervisor      | choice
    late   | registered 12 hours   | AG                     | choice
    late   | investigation 0 hours | holder.supervisor      | choice
    late   | investigation 7 days  | AG                     | choice
    late   | deciding 0 hours      | holder.supervisor      | choice
    late   | deciding 7 days       | AG                     | choice
    reopen | reasons               | error, new_information | choice
    reopen | else                  | > investigation 2p     | choice
    """


def test_it_opens_no_case_and_none_opens_one() -> None:
    for name, procedure in standard_library().procedures.items():
        opened = {str(spawn.sop) for spawn in procedure.sop.spawns()}
        assert "suspect-file" not in opened, name
        assert name != "suspect-file" or opened == set()
