"""Complaints that do not pass the case manager. The domain text names the bodies in S20 and nothing more: stages,
times and ends are choices."""

from sop_engine.sop.loading import standard_library
from tests.domain.compared import AsTheTextSays


class TestComplaint(AsTheTextSays):
    sop = "complaint"

    stages = """
    stage       | accountable        | deadline            | consulted | informed | from
    received    | CWO/NCRC/OVERSIGHT | 3 days P            |           |          | choice
    examination | CWO/NCRC/OVERSIGHT | 21 days P extend 1  |           |          | choice
    answering   | CWO/NCRC/OVERSIGHT | 7 days P            |           |          | choice
    """

    steps = """
    stage       | step       | by     | form        | when | deadline | from
    received    | read_it    | holder | F-C-READ    | m    |          | choice
    examination | examine_it | holder | F-C-EXAMINE | m    |          | choice
    answering   | mend       | holder | F-C-MEND    | m    |          | choice
    """

    exits = """
    stage       | exit           | leads to                      | signed | opens | from
    received    | examine        | examination                   |        |       | choice
    examination | to_answer      | answering                     |        |       | choice
    answering   | uphold         | end upheld (completed)        |        |       | choice
    answering   | uphold_in_part | end partly_upheld (completed) |        |       | choice
    answering   | not_uphold     | end not_upheld (completed)    | 2p     |       | choice
    answering   | pass_on        | end passed_on (referred)      |        |       | choice
    """

    others = """
    what   | name     | says                   | from
    entry  | received | CWO/NCRC/OVERSIGHT     | S20
    reopen | reasons  | error, new_information | choice
    reopen | else     | > examination 2p       | choice
    """

    def test_whoever_is_complained_of_is_kept_out(self) -> None:
        parts = standard_library().procedures[self.sop].sop.agencies
        assert [str(name) for name, part in parts.items() if part.kept_out] == ["concerned"]
