"""A real Chromium for tests that look at pages as a person does. It knows no page and no address."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

_FLAGS = [
    "--headless",
    "--no-sandbox",  # Chromium refuses its sandbox to root, and test machines often run as root.
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    # The browser itself must stay silent: what a test sees on the wire is what a page sent.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class ChromiumMissingError(RuntimeError):
    """There is no Chromium to drive; the message says what to install."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Yield a running browser and end it afterwards.

    It drives the program that the environment variable CHROMIUM names, else /usr/bin/chromium, and raises
    ChromiumMissingError when there is none.
    """
    program = _program()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, headless=True, args=_FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def _program() -> Path:
    program = Path(os.environ.get("CHROMIUM") or "/usr/bin/chromium")
    if not (program.is_file() and os.access(program, os.X_OK)):
        raise ChromiumMissingError(
            f"Cannot start a browser: there is no Chromium at {program}. Install it with "
            "`sudo apt-get install chromium fonts-noto-core libpango-1.0-0 libpangoft2-1.0-0`, "
            "or name another in CHROMIUM."
        )
    return program
