"""Bringing to disk what a file or a folder holds, so that a power cut cannot take it."""

import os
from pathlib import Path


def bring_to_disk(place: Path) -> None:
    """Bring a file, or what a folder lists, to disk."""
    handle = os.open(place, os.O_RDONLY if place.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
