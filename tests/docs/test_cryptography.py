"""The page of keys and algorithms tells all that the code uses."""

import ast
from pathlib import Path

from sop_engine.store import key_files, people, sealing, tables

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "cryptography.md").read_text(encoding="utf-8")
# Each name out of a library of cryptography, and the word for it on the page; faults and helpers need none.
TOLD = {
    "AESGCM": "AES-256-GCM", "Ed25519PrivateKey": "Ed25519", "Ed25519PublicKey": "Ed25519", "Fernet": "Fernet",
    "PasswordHasher": "Argon2id", "hash_secret_raw": "Argon2id", "Type": "Argon2id",
}  # fmt: skip
FAULTS = {"InvalidTag", "InvalidSignature", "InvalidToken", "VerifyMismatchError", "InvalidHashError"}


def taken() -> set[str]:
    """What the code takes out of libraries of cryptography."""
    found = set()
    for file in [*(ROOT / "sop_engine").rglob("*.py"), *(ROOT / "web").rglob("*.py")]:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ("cryptography", "argon2"):
                found |= {one.name for one in node.names}
    return found


def test_every_algorithm_of_the_code_is_told() -> None:
    assert taken() - FAULTS == TOLD.keys()
    assert [word for word in TOLD.values() if word not in PAGE] == []


def test_every_key_is_told_and_is_as_long_as_it_says() -> None:
    for name in ("keys/epoch-1.key", "log.key", "web.key", "agency_key", "subject_key"):
        assert f"{name}`" in PAGE, name
    assert {"agency_key", "subject_key"} <= tables.metadata.tables.keys()
    assert (sealing.KEY_BYTES * 8, sealing.NONCE_BYTES, key_files.SALT_BYTES) == (256, 12, 16)
    assert (people._hasher.time_cost, people._hasher.memory_cost, people._hasher.parallelism) == (3, 65_536, 4)
