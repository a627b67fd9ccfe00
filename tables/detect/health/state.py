"""What is known of a gateway and of its sources: the values of the levels `gateway`, `roster`, `canary`, `looking`."""

from __future__ import annotations

import msgspec

from streams.messages.envelope import Severity
from tables.detect.columns import NEVER
from tables.detect.health.inventory import Inventory

FOREVER = 2**62  # ms; longer than any window


class Mark(msgspec.Struct, frozen=True, array_like=True, order=True):
    """A place in the log: what came before it is less. `at`: ms UTC; `offset`: the message's."""

    at: int
    offset: int


class Break(msgspec.Struct, frozen=True, array_like=True):
    """A window that is shorter than `shorter`, ms, has been watched without a break since event ms `since`."""

    shorter: int
    since: int


class Source(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Whoever sends frames. `first`, `at`, `done`: event ms of its first, newest and latest complete frame.

    `seen`: the parts of the newest frame that have come, as ranges; `begun`: where in the log that frame began, `full`:
    whether it is whole; `whole`: the mark of the latest whole one before.

    `heard`: active ms at which it was heard, or its silence explained; `spoke`: of its last frame; `interval`: ms
    between its newest two frames, `usual`: between the two before; `gaps`, `breaks`: see
    `tables.detect.aggregate.watched`.

    `claimed`: the event time as its sender gave it; `skew`: by how much that is off, 0 where it is believed.

    `starts`: process start times, the newest last; `settled`: active ms of the last new one, `answered`: event ms of
    the last one; `untrusted`: whether several processes answer; `trusted`: event ms since which they do no longer.

    `lost`: whether it has fallen silent; `stranger`: whether that was told as a stranger's; `shared`: event ms of its
    latest frame with series of another source; `look`: of the latest frame that looks whether their owners have left.
    """

    first: int
    at: int
    done: int
    seen: tuple[tuple[int, int], ...] = ()
    begun: Mark = Mark(0, 0)
    full: bool = False
    whole: Mark | None = None
    heard: int = 0
    spoke: int = 0
    interval: int = 0
    usual: int = 0
    gaps: tuple[int, ...] = ()
    breaks: tuple[Break, ...] = ()
    claimed: int = 0
    skew: int = 0
    starts: tuple[float, ...] = ()
    settled: int = 0
    answered: int = NEVER
    untrusted: bool = False
    trusted: int = NEVER
    lost: bool = False
    stranger: bool = False
    shared: int | None = None
    look: int = 0


class Crowding(msgspec.Struct, frozen=True):
    """How bad it is that a gateway has so many series, and when it is looked at again, active ms."""

    severity: Severity
    look: int


class BridgeTrouble(msgspec.Struct, frozen=True, array_like=True):
    """What a bridge said of why it is blind. `at`: active ms."""

    at: int
    words: str


class Gateway(msgspec.Struct, frozen=True, omit_defaults=True):
    """A gateway's entry. `next`: the number of the next new slot, by level; `inventory`: None where nobody told it.

    `refused`: marks of series that were refused; `starved`: whether one was for want of room; `room`: where in the log
    there was room again; `crowded`: that there is little.

    `up`: whether it answers, as `up_by` says; `trouble`: what its bridge said; `spoke`: active ms of its last event;
    `kept`: until when, active ms, it is not forgotten; `turns`: of our alerts about its sources; `events`: marks of the
    newest events, and until when they are remembered, active ms; `awaited`: marks of what should come from it.
    """

    sources: dict[str, Source] = {}
    next: dict[str, int] = {}
    inventory: Inventory | None = None
    refused: tuple[str, ...] = ()
    starved: bool = False
    room: Mark = Mark(-1, -1)
    crowded: Crowding | None = None
    up: bool = True
    up_by: str | None = None
    trouble: BridgeTrouble | None = None
    spoke: int = -1
    kept: int = 0
    turns: dict[str, int] = {}
    events: tuple[tuple[str, int], ...] = ()
    awaited: tuple[str, ...] = ()


NOTHING = Gateway()  # of one that is not known, or not any more


class CanaryFlight(msgspec.Struct, frozen=True):
    """The row of a canary that fires. `id`: of its event; `ends_at`: ms on the active clock."""

    id: str
    channel: str
    ends_at: int


def canary_deadline(flight: CanaryFlight) -> int:
    """When it is over."""
    return flight.ends_at


class Roster(msgspec.Struct, frozen=True):
    """The gateways that a partition knows. `names`: their marks, with the offset that let each in.

    `alone`: silent sources of strangers that are told of one by one; `many`: how many others there are, by gateway,
    `named`: some of those, `told`: how many the world knows of; `turns`: of our alerts; `severity`: of the one about
    the bound.
    """

    names: dict[str, int] = {}
    alone: tuple[str, ...] = ()
    many: dict[str, int] = {}
    named: tuple[str, ...] = ()
    told: int = 0
    turns: dict[str, int] = {}
    severity: Severity | None = None


class Looking(msgspec.Struct, frozen=True):
    """Since when a rule looks for what it reads."""

    since: Mark
