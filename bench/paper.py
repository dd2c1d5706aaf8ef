"""How long the largest print that a team asks for takes, and how much memory."""

import resource
from pathlib import Path
from tempfile import TemporaryDirectory

import pypdfium2

from bench.figure import Figure, seconds
from tests.web.conftest import enter, removed

PATIENCE = 10.0
KIT = {"what": "all", "also": "rescue-person", "copies": "1", "language": "both"}


def paper_kit() -> Figure:
    """The whole rescue kit in two languages, from the request to the PDF, against ten seconds."""
    with TemporaryDirectory(prefix="sop-engine-bench-") as home:
        site = removed(Path(home))
        client = enter(site, "ahtb")
        site.app.config["WTF_CSRF_ENABLED"] = False
        before = _peak()
        printed = client.post("/paper/rescue-operation/print", data=KIT).data
        took = seconds(lambda: client.post("/paper/rescue-operation/print", data=KIT), 3)
        grown = _peak() - before
    more = {"pages": len(pypdfium2.PdfDocument(printed)), "kB": len(printed) // 1000, "MB of memory": grown}
    return Figure("paper.kit", took, "seconds", PATIENCE, took / PATIENCE, more)


def _peak() -> int:
    """The most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
