"""The log of a server: one line of JSON for each entry on standard error, with ids and never with values."""

import json
import logging
import sys
from datetime import UTC, datetime

import structlog


def begin() -> None:
    """Let everything that is logged in this process come out as JSON, with the time in UTC."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=lambda *_: structlog.WriteLogger(sys.stderr),
    )
    logging.basicConfig(handlers=[_Places()], level=logging.WARNING, force=True)


class _Places(logging.Handler):
    """What other packages log: who says it, where in their code, and the kind of fault. Their words may hold values."""

    def emit(self, record: logging.LogRecord) -> None:
        fault = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        said = {
            "event": "package", "logger": record.name, "place": f"{record.module}:{record.lineno}", "kind": fault,
            "level": record.levelname.lower(), "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
        }  # fmt: skip
        print(json.dumps(said), file=sys.stderr, flush=True)
