"""Level `event`, what is known of the instances of a rule about events, some of them in one row."""

from __future__ import annotations

from enum import IntEnum

import msgspec

from tables.detect.instances.lifecycle import State
from tables.kernel.level import Level

NONE = -1  # no severity


class EventCause(IntEnum):
    """Why an instance last moved."""

    HAPPENED = 0  # an event that is wrong by itself
    COUNTED = 1  # more than the threshold in the window
    ABSENT = 2  # it did not come for so long
    FIRST_SEEN = 3  # a field has a value that it never had
    CHANGED = 4  # a field has another value than before
    COUNTERED = 5  # the counter-event came
    QUIET = 6  # nothing like it came for so long
    FEWER = 7  # no longer more than the threshold
    CAME = 8  # what was missed has come
    REMOVED = 9  # the rule was deleted, disabled, or is about other events now
    FORGOTTEN = 10  # nothing is heard of the gateway any more
    COMPOSED = 11  # the rules of which it is made stand so that it holds
    DISSOLVED = 12  # they do not any more


class Bucket(msgspec.Struct, frozen=True, array_like=True):
    """Events of a thirtieth of the window. `number`: event ms by its width; `latest`: event ms of its newest."""

    number: int
    count: int
    latest: int


class EventInstance(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One instance. `heard`, `began`, `eased`, `due`: ms on the active clock; `at`, `since`: event ms.

    `heard`: its latest event, for which it waits where absence is wrong; `lasts`: whether that has not been ended by a
    counter-event; `began`: what holds it back began; `eased`: it has been milder, or over, since; `due`: when it has to
    be looked at. `marks`: of the values of a field in the window, and event ms of the newest each;
    `breach`: how many there were when it was last too many, at event ms `breach_at`; `milder`: by severity, active ms
    since which there are too few for it, where they have thresholds of their own; `known`: marks of the values that a
    field had, the newest last; `detail`: what is said of the latest event. `told`: the severity that the world knows,
    `owner` the team that knows it; `blip`: it fired while we were away. `doubt`: why what is said of it may not hold,
    and `told_doubt` what the world knows of that.
    """

    labels: dict[str, str] = {}
    type: str = ""
    at: int = 0
    heard: int = 0
    lasts: bool = False
    counts: tuple[Bucket, ...] = ()
    marks: tuple[tuple[str, int], ...] = ()
    breach: int = 0
    breach_at: int = 0
    milder: tuple[int, ...] = ()
    known: tuple[str, ...] = ()
    detail: str = ""
    state: State = State.OK
    severity: int = NONE
    cause: EventCause = EventCause.HAPPENED
    since: int = 0
    began: int = 0
    eased: int = 0
    due: int = 0
    told: int = NONE
    owner: str = ""
    blip: bool = False
    sequence: int = 0
    doubt: str = ""
    told_doubt: str = ""

    @property
    def number(self) -> int:
        """How many there are in the window: events, or values of a field."""
        return len(self.marks) if self.marks else sum(bucket.count for bucket in self.counts)

    @property
    def untold(self) -> bool:
        """Whether the world knows something else than what holds."""
        return self.told != self.severity or self.blip or (self.told > NONE and self.doubt != self.told_doubt)


class EventRow(msgspec.Struct, frozen=True):
    """Some instances of one rule on one gateway by their keys; `refresh`: active ms of the next word on what fires."""

    instances: dict[str, EventInstance] = {}
    refresh: int = 0


def deadline(row: EventRow) -> int | None:
    """When the row has to be looked at: at once where something is untold, else when time may move an instance."""
    if any(instance.untold for instance in row.instances.values()):
        return 1
    waits = [instance.due for instance in row.instances.values() if instance.due]
    return min(waits + [row.refresh] * bool(row.refresh), default=None)


EVENT: Level[EventRow] = Level("event", EventRow, deadline, emits=True)
COMPOSITE: Level[EventRow] = Level("composite", EventRow, deadline, emits=True)  # of rules about other rules
