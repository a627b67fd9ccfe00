"""What is remembered of a group: counts, never its members, so that a hundred thousand alerts are one small row."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

import msgspec

from streams.messages.bulk import BulkOperation
from streams.messages.envelope import Severity
from tables.kernel.row import Row
from tables.respond.alert.lifecycle import RANK, Status
from tables.respond.alert.standing import effective_status
from tables.respond.alert.state import Alert
from tables.respond.route.state import Routed, RouteKey


class GroupStanding(StrEnum):
    """How an alert stands for its group."""

    FIRING = "firing"  # it is wrong, and nobody has it
    ACKNOWLEDGED = "acknowledged"  # it is wrong, and somebody has it
    SUPPRESSED = "suppressed"  # it is wrong, and nobody is told of it, whoever has it
    RESOLVED = "resolved"  # it is over, or has not begun


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """The row of a group. `counts`: of open alerts by "standing/severity"; `since`: ms UTC at which the first fired.

    `operations`: acknowledgements that go through it, the oldest first, one at a time, chunk by chunk; `overdue_at`:
    when the present chunk is said again, ms on the active clock.
    """

    key: str
    route: RouteKey
    labels: dict[str, str]  # what its alerts share
    rule: str  # of the newest alert, and what its rule says of itself
    gateway: str
    routing: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    counts: dict[str, int] = {}
    since: int | None = None
    operations: tuple[BulkOperation, ...] = ()
    chunk: int = 0
    overdue_at: int | None = None

    @property
    def team(self) -> str:
        """Whose alerts they are."""
        return self.key.partition("/")[0]

    @property
    def routed(self) -> Routed:
        """What its plan is made for."""
        return Routed(self.team, self.rule, self.route, self.routing, self.warnings)

    @property
    def title(self) -> str:
        """What its alerts share, in words."""
        if set(self.labels) == {"rule", "gateway"}:
            return f"{self.labels['rule']} on {self.labels['gateway']}"
        shared = self.labels | (
            {"severity": self.severity} if self.counts and "severity" in self.labels else {}
        )
        return ", ".join(f"{name} {value or '(none)'}" for name, value in shared.items())

    def count(self, status: str = "") -> int:
        """How many alerts of a standing, or of one and a severity (`place`), the group holds; all open ones without."""
        if not status or "/" in status:
            return self.counts.get(status, 0) if status else sum(self.counts.values())
        return sum([self.counts.get(f"{status}/{severity}", 0) for severity in RANK])

    @property
    def severity(self) -> Severity:
        """The highest severity among the open alerts that people are told of; of all where all are suppressed."""
        visible = [name for name in self.counts if not name.startswith(GroupStanding.SUPPRESSED)]
        present = {name.partition("/")[2] for name in visible or self.counts}
        worst: list[Severity] = [severity for severity in reversed(RANK) if severity in present]
        return worst[0] if worst else "info"


def place(standing: GroupStanding | Status, severity: Severity) -> str:
    """Under what a group counts an alert."""
    return f"{standing.value}/{severity}"


def standing(group: Group, alert: Alert | None, suppressed: bool) -> GroupStanding:
    """How an alert stands for its group, with the operations that go through it."""
    if alert is None or not alert.open:
        return GroupStanding.RESOLVED
    if suppressed:
        return GroupStanding.SUPPRESSED
    return GroupStanding(effective_status(group.operations, alert))


def tidy(counts: Mapping[str, int]) -> dict[str, int]:
    """Counts as a row keeps them: by name, and none that are 0."""
    return {name: count for name, count in sorted(counts.items()) if count}


def deadline(group: Group) -> int | None:
    """When the present chunk of an operation is overdue, ms on the active clock."""
    return group.overdue_at


class GroupDelta(NamedTuple):
    """What has happened in a group. `ended`: what fired is over; `ack_expired_by`: whose acknowledgement has ended.

    `acknowledged_by`: who has what moved; `ack_expires_at`: when that ends, ms on the active clock. In words:
    `suppressed`, why nobody is told any more of what moved; `released`, since when nobody was told of it, and why, and
    `released_acknowledged` the same where somebody has it;
    `rerouted`, why other routes tell of it. `left`: the alert as the group knew it, where it is of the group no more.
    """

    joined: bool = False
    ended: bool = False
    worsened: bool = False
    ack_expired_by: str = ""
    acknowledged_by: str = ""
    ack_expires_at: int | None = None
    suppressed: str = ""
    released: str = ""
    released_acknowledged: str = ""
    rerouted: str = ""
    left: Alert | None = None

    @property
    def told_again(self) -> str:
        """Since when nobody was told of what moved, and why, whoever has it."""
        return self.released or self.released_acknowledged

    @property
    def notifies(self) -> bool:
        """Whether people may have to hear of it."""
        return self.joined or self.worsened or bool(self.ack_expired_by) or bool(self.released)


class GroupChange(NamedTuple):
    """A group as it is now, and what has happened in it; `follows`: its row, where a chunk of its alerts is next."""

    group: Group
    delta: GroupDelta
    follows: Row[Group | None] | None = None
