"""No paragraph and no item of a list of the documentation breaks off."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"^(?:- |\d+\. |[A-Z*`])(?:.*\n)(?:(?!\n|- |\d+\. |\||#|```).+\n)*", re.MULTILINE)
CODE = re.compile(r"^```.*?^```$|^    .*$", re.DOTALL | re.MULTILINE)
WHOLE = re.compile(r"[.:;?!)*,”`]$|\.`$")


@pytest.mark.parametrize("page", ["sop-language", "missing-child", "writing-an-sop", "architecture", "from-python"])
def test_every_paragraph_is_whole(page: str) -> None:
    text = (DOCS / f"{page}.md").read_text(encoding="utf-8")
    # What is shown as code ends as code ends; a line of an item that begins with four blanks does not.
    prose = CODE.sub(lambda found: "" if found[0].startswith(("```", "    sop-engine")) else found[0], text)
    broken = [block.strip()[-60:] for block in BLOCK.findall(prose) if not WHOLE.search(block.rstrip())]
    assert broken == []
