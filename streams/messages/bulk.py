"""What a machine says to itself: the next chunk of a work that concerns too many rows for one input.

A chunk lies in the log like any other input. So others come in between, a crash loses none, and a replay does in
each chunk what was done in it then.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from streams.messages.envelope import Message


class BulkOperation(msgspec.Struct, frozen=True):
    """An acknowledgement on its way through a group. `offset`: of its command in the log; instants are of then.

    `groups`: it covers what is of all of these, so that a route which groups more makes it no wider.
    """

    offset: int
    at: int  # ms UTC at which the person said it
    now: int  # ms UTC at which the machine heard it
    active: int  # the same on the machine's active clock
    by: str
    notes: str = ""
    chunks: int = 0  # in how many it goes
    groups: tuple[str, ...] = ()


class BulkChunk(Message, frozen=True, kw_only=True, tag="chunk"):
    """The alerts of one part of a group, counted from 0, obey an operation."""

    team: str
    group: str
    number: int
    operation: BulkOperation


class SuppressionChunk(Message, frozen=True, kw_only=True, tag="recheck"):
    """The next alerts are looked at anew, since a silence, a window or an inhibition has begun, changed or ended.

    `cover`: whose row says where the recheck stands; `number`: of the chunk, so that its repeat is passed over.
    """

    team: str
    cover: str
    number: int


class VerdictBacklog(Message, frozen=True, kw_only=True, tag="backlog"):
    """The blocks that have verdicts to publish. `keys`: of their rows; so few that it says no more than a chunk."""

    keys: tuple[str, ...] = ()


class Span(NamedTuple):
    """Keys from `first` to before `last`."""

    first: str
    last: str


def span(prefix: str, number: int, chunks: int) -> Span:
    """The keys of one of so many equal parts of all UUIDs behind a prefix."""
    edges = [f"{prefix}{part * (1 << 32) // chunks:08x}" for part in (number, number + 1)]
    return Span(edges[0], edges[1] if number + 1 < chunks else f"{prefix}g")
