"""Where the epoch keys are: outside the database and every backup, in files, in the environment, or with a program.

An epoch key opens the keys of agencies, and those the keys of persons. It is destroyed when its time is over, and with
it whatever an old backup still holds under it.
"""

import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from sop_engine.store.key_files import EPOCH_KEY, create_key_file, destroy_key_file, read_key_file
from sop_engine.store.sealing import KEY_BYTES, VaultLocked

LEAST_DIFFERENT = 16
WAIT_SECONDS = 30
VARIABLE = "SOP_ENGINE_EPOCH_KEYS"


class CannotTurn(Exception):
    """A key cannot be made or destroyed from here; the message says who can, and how."""


class EpochKeys(Protocol):
    """Epoch keys by their number, from 1 on."""

    def get(self, epoch: int) -> bytes:
        """The key of an epoch (32 bytes); raises VaultLocked with what to do where it cannot be had."""

    def make(self, epoch: int) -> None:
        """Make the key of an epoch that has none; raises CannotTurn."""

    def destroy(self, epoch: int) -> None:
        """Destroy the key of an epoch for ever; raises CannotTurn."""


def checked(key: bytes, where: str) -> bytes:
    """A key that can be one; raises VaultLocked for one that nobody drew at random, as one from an example."""
    if len(key) != KEY_BYTES or len(set(key)) < LEAST_DIFFERENT:
        raise VaultLocked(f"{where} is no key of {KEY_BYTES} random bytes: 'sop-engine keys random' prints one")
    return key


def _from_hex(text: str, where: str) -> bytes:
    try:
        key = bytes.fromhex(text.strip())
    except ValueError:
        key = b""
    return checked(key, where)


@dataclass(frozen=True, slots=True)
class InFiles:
    """A file an epoch in a folder of their own, each sealed with the passphrase where there is one."""

    folder: Path
    passphrase: str | None = field(repr=False)

    def place(self, epoch: int) -> Path:
        return self.folder / f"epoch-{epoch}.key"

    def get(self, epoch: int) -> bytes:
        return checked(read_key_file(self.place(epoch), self.passphrase, EPOCH_KEY), str(self.place(epoch)))

    def make(self, epoch: int) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            create_key_file(self.place(epoch), self.passphrase, EPOCH_KEY)
        except OSError as error:
            raise CannotTurn(
                f"{self.place(epoch)} cannot be made ({error.strerror}): let the service write to {self.folder}"
            ) from error

    def destroy(self, epoch: int) -> None:
        try:
            destroy_key_file(self.place(epoch))
        except FileNotFoundError:
            return
        except OSError as error:
            raise CannotTurn(f"{self.place(epoch)} cannot be written over: delete it yourself") from error


@dataclass(frozen=True, slots=True)
class InEnvironment:
    """One variable, `1:KEY 2:KEY` in hexadecimal letters: whoever starts the program writes keys into it."""

    said: str | None = field(repr=False)

    def _keys(self) -> dict[str, str]:
        """The keys by their epochs, as they are written."""
        return {number: key for number, _, key in (one.partition(":") for one in (self.said or "").split())}

    def get(self, epoch: int) -> bytes:
        found = self._keys().get(str(epoch))
        if found is None:
            raise VaultLocked(f"{VARIABLE} holds no key of epoch {epoch}: write {epoch}: and the key into it")
        return _from_hex(found, f"the key of epoch {epoch} in {VARIABLE}")

    def make(self, epoch: int) -> None:
        raise CannotTurn(
            f"{VARIABLE} holds no key of epoch {epoch}: add {epoch}: and a new key ('sop-engine keys random' prints "
            "one) to it, and start again"
        )

    def destroy(self, epoch: int) -> None:
        if str(epoch) in self._keys():
            raise CannotTurn(f"take the key of epoch {epoch} out of {VARIABLE} for ever, and start again")


@dataclass(frozen=True, slots=True)
class WithProgram:
    """A program that speaks with a key service: it is run with `get`, `make` or `destroy` and the number of an epoch.

    `get` prints the key in hexadecimal letters; each ends with 0 where it was done.
    """

    words: tuple[str, ...]

    def get(self, epoch: int) -> bytes:
        done = self._run("get", epoch)
        if done.returncode:
            raise VaultLocked(f"{self.words[0]} gives no key of epoch {epoch}: {_said(done)}")
        return _from_hex(done.stdout, f"what {self.words[0]} gives as the key of epoch {epoch}")

    def make(self, epoch: int) -> None:
        self._do("make", epoch)

    def destroy(self, epoch: int) -> None:
        self._do("destroy", epoch)

    def _do(self, what: str, epoch: int) -> None:
        done = self._run(what, epoch)
        if done.returncode:
            raise CannotTurn(f"{self.words[0]} does not {what} the key of epoch {epoch}: {_said(done)}")

    def _run(self, what: str, epoch: int) -> "subprocess.CompletedProcess[str]":
        line = [*self.words, what, str(epoch)]
        try:
            return subprocess.run(line, capture_output=True, text=True, check=False, timeout=WAIT_SECONDS)  # noqa: S603 # nosec B603
        except (OSError, subprocess.TimeoutExpired) as error:
            raise VaultLocked(f"the program of keys {self.words[0]} cannot be run ({type(error).__name__})") from error


def _said(done: "subprocess.CompletedProcess[str]") -> str:
    return done.stderr.strip()[:200] or f"it ended with {done.returncode}"
