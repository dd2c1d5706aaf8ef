"""The worker in the server's process: a thread that does what is due, again and again."""

import threading
from dataclasses import dataclass, field

import structlog

from sop_engine.services.installation import Installation
from sop_engine.services.passing import run_once

PAUSE_SECONDS = 5.0


@dataclass(slots=True)
class Worker:
    """A thread that runs until it is stopped; a failure is logged and tried again at the next round."""

    inst: Installation
    pause: float = PAUSE_SECONDS
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=30)

    def _run(self) -> None:
        log = structlog.get_logger("worker")
        while not self._stop.is_set():
            try:
                run_once(self.inst)
            except Exception as problem:
                log.error("round failed", problem=type(problem).__name__)
            self._stop.wait(self.pause)
