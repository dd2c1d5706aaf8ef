"""A virus scanner of the installation's own, where it has one: a program that gets each file before it is opened.

The program reads the file from its standard input and ends with 0 where it found nothing and with 1 where it found
something, as `clamdscan --no-summary -` does. With anything else, or no answer in time, nothing is taken: a scanner
that is down lets nothing through.
"""

import subprocess
from collections.abc import Sequence

from sop_engine.case.refusal import Refusal, refuse

PATIENCE_SECONDS = 60
CLEAN, FOUND = 0, 1


def scan(program: Sequence[str], data: bytes) -> Refusal | None:
    """Why a file is not taken, as far as the scanner says; None where it found nothing, or there is none."""
    if not program:
        return None
    try:
        done = subprocess.run(program, input=data, capture_output=True, timeout=PATIENCE_SECONDS, check=False)  # noqa: S603 # nosec B603
    except (OSError, subprocess.TimeoutExpired):
        return _out_of_order()
    if done.returncode == FOUND:
        return refuse(
            "file_virus",
            "The virus scanner found something in this file: it is not taken. Tell whoever runs this server",
            "भाइरस जाँचले यस फाइलमा केही भेट्यो: लिइएन। यो सर्भर चलाउनेलाई भन्नुहोस्",
        )  # fmt: skip
    return None if done.returncode == CLEAN else _out_of_order()


def _out_of_order() -> Refusal:
    return refuse(
        "file_unscanned",
        "The virus scanner does not answer, so no file is taken: try again later, and tell whoever runs this server",
        "भाइरस जाँच चलेको छैन, त्यसैले फाइल लिइँदैन: पछि फेरि प्रयास गर्नुहोस्, र यो सर्भर चलाउनेलाई भन्नुहोस्",
    )  # fmt: skip
