"""The workers in the server's process: threads that do what is due, again and again."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from sop_engine.services.installation import Installation
from sop_engine.services.passing import run_once
from sop_engine.services.posting import mail_all

PAUSE_SECONDS = 5.0


def workers(inst: Installation) -> list["Worker"]:
    """Whoever works beside the server: one does what is due, one sends e-mails, and waits for nobody else."""
    return [Worker(inst), Worker(inst, mail_all)]


@dataclass(slots=True)
class Worker:
    """A thread that works until it is stopped; a failure is logged and tried again at the next round."""

    inst: Installation
    work: Callable[[Installation], int] = run_once
    pause: float = PAUSE_SECONDS
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name=self.work.__name__, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=30)

    def _run(self) -> None:
        log = structlog.get_logger("worker")
        while not self._stop.is_set():
            try:
                self.work(self.inst)
            except Exception as problem:
                log.error("round failed", work=self.work.__name__, problem=type(problem).__name__)
            self._stop.wait(self.pause)
