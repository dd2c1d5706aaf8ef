"""Reading the tree over the log: roots of spans of it and proofs, without reading all of it (RFC 6962, section 2.1)."""

from collections.abc import Sequence

from sqlalchemy import Connection, insert, select

from sop_engine.audit import joined, leaf, together
from sop_engine.store.tables import branch, log

# Of each eighth level the whole subtrees are kept: they never change.
STEP = 8
WIDTH = 1 << STEP


def grow(connection: Connection, size: int) -> None:
    """Keep the subtrees that have become whole in a log of this size."""
    height = STEP
    while size >> height:
        first = _kept(connection, height)
        rows = [
            {"height": height, "place": place, "hash": subtree(connection, height, place, stored=False)}
            for place in range(first, size >> height)
        ]
        if rows:
            connection.execute(insert(branch), rows)
        height += STEP


def root(connection: Connection, size: int) -> bytes:
    """The root of the first `size` entries."""
    return span(connection, 0, size)


def span(connection: Connection, first: int, end: int) -> bytes:
    """The hash over the entries from `first` to before `end`; `first` is where a subtree of that width may begin."""
    parts = []
    while first < end:
        height = (end - first).bit_length() - 1
        parts.append(subtree(connection, height, first >> height))
        first += 1 << height
    return together(parts)


def subtree(connection: Connection, height: int, place: int, stored: bool = True) -> bytes:
    """The root of the whole subtree of this height, `place` subtrees of its height from the left."""
    below = height - (height % STEP if stored or height % STEP else STEP)
    width = 1 << (height - below)
    level = _level(connection, below, place * width, width)
    if len(level) != width:
        raise LookupError(f"the log has no whole subtree {place} of height {height}")
    while len(level) > 1:
        level = [joined(left, right) for left, right in zip(level[::2], level[1::2], strict=True)]
    return level[0]


def inclusion(connection: Connection, index: int, size: int) -> list[bytes]:
    """What shows that the entry at this index (from 0) is in the log of this size."""
    if not 0 <= index < size:
        raise LookupError(f"the log of {size} entries has no entry {index}")
    return _path(connection, index, 0, size)


def consistency(connection: Connection, old: int, new: int) -> list[bytes]:
    """What shows that the log of size `new` continues that of size `old`; nothing where `old` is 0 or `new`."""
    if not 0 <= old <= new:
        raise LookupError(f"a log of {new} entries does not continue one of {old}")
    return _continued(connection, old, 0, new, whole=True) if 0 < old < new else []


def _path(connection: Connection, index: int, first: int, end: int) -> list[bytes]:
    if end - first <= 1:
        return []
    middle = first + _half(end - first)
    if index < middle:
        return [*_path(connection, index, first, middle), span(connection, middle, end)]
    return [*_path(connection, index, middle, end), span(connection, first, middle)]


def _continued(connection: Connection, old: int, first: int, end: int, whole: bool) -> list[bytes]:
    if old == end:
        return [] if whole else [span(connection, first, end)]
    middle = first + _half(end - first)
    if old <= middle:
        return [*_continued(connection, old, first, middle, whole), span(connection, middle, end)]
    return [*_continued(connection, old, middle, end, whole=False), span(connection, first, middle)]


def _half(width: int) -> int:
    """The largest power of two below a width."""
    return 1 << ((width - 1).bit_length() - 1)


def _kept(connection: Connection, height: int) -> int:
    """How many subtrees of a height are kept: they are kept from the left, without a gap."""
    query = select(branch.c.place).where(branch.c.height == height).order_by(branch.c.place.desc()).limit(1)
    last = connection.execute(query).scalar_one_or_none()
    return 0 if last is None else last + 1


def _level(connection: Connection, height: int, place: int, width: int) -> Sequence[bytes]:
    """The hashes of neighbours at a level that is kept: of the entries themselves, or of whole subtrees."""
    if height == 0:
        query = select(log.c.hash).where(log.c.position > place, log.c.position <= place + width)
        return [leaf(bytes(row.hash)) for row in connection.execute(query.order_by(log.c.position))]
    kept = select(branch.c.hash).where(
        branch.c.height == height, branch.c.place >= place, branch.c.place < place + width
    )
    return [bytes(row.hash) for row in connection.execute(kept.order_by(branch.c.place))]
