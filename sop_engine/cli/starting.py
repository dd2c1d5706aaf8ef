"""Whether an installation may be served: to others not as for a trial, and on SQLite by one process alone."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path

from sop_engine.app import Settings
from sop_engine.services.installation import Installation
from sop_engine.services.staff import invented
from sop_engine.services.upkeep import line_to

SHORTEST_KEY = 32


class ServedAlready(Exception):
    """Another process serves this installation."""


@contextmanager
def alone(inst: Installation, home: Path) -> Iterator[None]:
    """Serve as the only process: two that write one SQLite file can break it (its race of WAL resets, until 3.51.3).

    The system lets go of the file `serving` when the process ends, however it ends. Raises ServedAlready.
    """
    if inst.engine.dialect.name != "sqlite":
        yield
        return
    with (home / "serving").open("a") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ServedAlready from None
        yield


def faults(inst: Installation, settings: Settings, host: str) -> list[str]:
    """What stands against serving: a sentence each. On this machine alone and without https it is a trial: nothing."""
    if not _for_others(settings, host):
        return []
    wrong = {
        "cookies would travel in clear: set secure_cookies to yes, and let a proxy with a certificate stand in front": (
            not settings.secure_cookies
        ),
        "address begins with http: write the https address that people type": settings.address.startswith("http:"),
        f"{invented(inst)} accounts of the demonstration can sign in: make an installation of its own with "
        "'sop-engine init'": invented(inst) > 0,
        **{f"others may read {file}: chmod 600": _open_to_others(file) for file in _keys(settings)},
        f"the key in {settings.home / 'web.key'} is too short to be one that was made here: delete it and run "
        "'sop-engine init'": len((settings.home / "web.key").read_text().strip()) < SHORTEST_KEY,
    }  # fmt: skip
    return [*line_to(inst.engine.url), *(sentence for sentence, is_so in wrong.items() if is_so)]


def _for_others(settings: Settings, host: str) -> bool:
    """Whether anybody but whoever sits at this machine is meant to reach it."""
    return settings.secure_cookies or settings.address.startswith("https:") or not _is_here(host)


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _keys(settings: Settings) -> tuple[Path, ...]:
    epochs = sorted(Path(settings.keys).glob("*.key")) if settings.keys_in_files else []
    return *epochs, settings.audit / "log.key", settings.home / "web.key"


def _open_to_others(file: Path) -> bool:
    return bool(file.stat().st_mode & 0o077)
