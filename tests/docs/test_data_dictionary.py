"""The data dictionary in the documentation is that of the procedures as they are."""

from pathlib import Path

from sop_engine.sop.dictionary import dictionary
from sop_engine.sop.loading import standard_library

PAGE = Path(__file__).parents[2] / "docs" / "data-dictionary.md"


def test_the_data_dictionary_is_that_of_the_procedures() -> None:
    told = PAGE.read_text(encoding="utf-8").split("<!-- sop-engine sop dictionary -->\n", 1)[1]
    procedures = standard_library().procedures
    wanted = dictionary(procedures[name] for name in sorted(procedures))
    assert told.strip() == wanted.strip(), "run the command that stands on the page"
