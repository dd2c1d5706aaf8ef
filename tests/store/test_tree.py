"""The tree over the log against the words of RFC 6962: roots, proofs, and what no proof may show."""

import hashlib
import random

import pytest
from sqlalchemy import insert

from sop_engine.audit import Tree, is_continued, is_included, joined, key_of, leaf
from sop_engine.store import tree
from sop_engine.store.database import looking, writing
from sop_engine.store.tables import log
from tests.support.world import World

# Around each size at which another level of subtrees is kept, and what lies between.
SIZES = (1, 2, 3, 7, 8, 255, 256, 257, 600, 770)
ENTRIES = [hashlib.sha256(str(number).encode()).digest() for number in range(max(SIZES))]


def whole(entries: list[bytes]) -> bytes:
    """The root as RFC 6962, section 2.1, says it."""
    if len(entries) == 1:
        return leaf(entries[0])
    half = 1
    while half * 2 < len(entries):
        half *= 2
    return joined(whole(entries[:half]), whole(entries[half:]))


@pytest.fixture
def logged(world: World) -> World:
    with writing(world.inst.engine) as connection:
        rows = [
            {"position": place, "case_id": f"case-{place}", "seq": 1, "hash": entry}
            for place, entry in enumerate(ENTRIES, 1)
        ]
        connection.execute(insert(log), rows)
        for size in (300, 500, len(ENTRIES)):
            tree.grow(connection, size)
    return world


def test_the_root_is_that_of_the_standard(logged: World) -> None:
    growing = Tree()
    roots = {}
    for entry in ENTRIES:
        growing.add(entry)
        roots[growing.size] = growing.root
    with looking(logged.inst.engine) as connection:
        for size in SIZES:
            assert tree.root(connection, size) == whole(ENTRIES[:size]) == roots[size], size


def test_every_entry_is_shown_to_be_there_and_no_other(logged: World) -> None:
    chance = random.Random(4)
    with looking(logged.inst.engine) as connection:
        for size in SIZES:
            root = tree.root(connection, size)
            for index in {0, size - 1, *(chance.randrange(size) for _ in range(5))}:
                proof = tree.inclusion(connection, index, size)
                assert is_included(ENTRIES[index], index, size, proof, root)
                assert not is_included(ENTRIES[index - 1], index, size, proof, root) or size == 1
                assert not is_included(ENTRIES[index], index + 1, size, proof, root)
                assert not is_included(ENTRIES[index], index, size, [*proof, root], root)
                for step in range(len(proof)):
                    assert not is_included(ENTRIES[index], index, size, proof[:step], root)


def test_a_longer_log_is_shown_to_continue_a_shorter_one_and_no_other(logged: World) -> None:
    with looking(logged.inst.engine) as connection:
        for old in SIZES:
            for new in (size for size in SIZES if size >= old):
                before, after = tree.root(connection, old), tree.root(connection, new)
                proof = tree.consistency(connection, old, new)
                assert is_continued(old, new, before, after, proof)
                assert not is_continued(old, new, leaf(before), after, proof)
                assert not is_continued(old, new, before, leaf(after), proof)
                if proof:
                    assert not is_continued(old, new, before, after, proof[1:])
                    assert not is_continued(old, new, before, after, [*proof, before])
        with pytest.raises(LookupError):
            tree.consistency(connection, 5, 4)
        with pytest.raises(LookupError):
            tree.inclusion(connection, 5, 5)


def test_a_key_as_others_write_it_is_read(logged: World) -> None:
    """The public key of Go's own checksum log, as it stands in the source of Go."""
    text = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
    assert str(key_of(text)) == text
