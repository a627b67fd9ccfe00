"""An acknowledgement goes through a group: at once for its counts, and chunk by chunk for its alerts.

One operation at a time goes through a group; who acknowledges it meanwhile comes after. What ended or got worse before
its turn keeps what has become of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from typing import NamedTuple

from msgspec.structs import replace

from streams.messages.bulk import BulkOperation
from tables.kernel.clock import Moment
from tables.respond.alert.lifecycle import Status
from tables.respond.alert.standing import ACK_TIMEOUT, covering_operation
from tables.respond.alert.state import Alert
from tables.respond.group.state import Group, GroupChange, GroupDelta, GroupStanding, place, standing, tidy

CHUNK = 1_000  # alerts, about: a tenth of a second
WAITING = 4  # operations of one group under way, so that its row stays small
NOTES = 1_000  # characters
OVERDUE = 60_000  # ms on the active clock after which a chunk of which nothing was heard is said again


class Covered(NamedTuple):
    """How many alerts of a group an acknowledgement covers, and why it covers no more of them, in words."""

    alerts: int
    full: str = ""
    change: GroupChange | None = None


def most(covered: Iterable[Covered]) -> Covered:
    """What an acknowledgement covers, where groups of one alert hold the same ones."""
    several = list(covered)
    full = next((each.full for each in several if each.full), "")
    return Covered(max((each.alerts for each in several), default=0), full)


def is_full(group: Group) -> str:
    """Why a group takes no more operations now, in words; "" where it does."""
    many = f"{WAITING} acknowledgements of this group are under way"
    return many if len(group.operations) >= WAITING else ""


def coverable(group: Group) -> bool:
    """Whether an acknowledgement may cover any of a group, as its counts have it: then its alerts are walked through.

    What somebody has without a limit is covered no more, however often it is said again.
    """
    held = f"{GroupStanding.ACKNOWLEDGED.value}/"
    return any(not name.startswith(held) or name == f"{held}critical" for name in group.counts)


def covered(
    group: Group,
    alerts: Iterable[Alert],
    operation: BulkOperation,
    suppressed: Container[str] = frozenset(),
) -> Counter[str]:
    """How many alerts stand where before the operation comes to them; whoever obeyed by itself is none of them.

    `suppressed`: the fingerprints of those of which nobody is told.
    """
    places, operations = Counter[str](), [*group.operations, operation]
    for alert in alerts:
        if covering_operation(operations, alert) is operation:
            stands = standing(group, alert, alert.facts.fingerprint in suppressed)
            places[place(stands, alert.severity)] += 1
    return places


def with_named(
    group: Group, places: Counter[str], named: Alert | None, suppressed: Container[str] = frozenset()
) -> Counter[str]:
    """The same with the alert that obeyed by itself, as it was before."""
    if named is None:
        return places
    stands = standing(group, named, named.facts.fingerprint in suppressed)
    return places + Counter([place(stands, named.severity)])


def acknowledge(
    group: Group, operation: BulkOperation, places: Mapping[str, int], moment: Moment
) -> tuple[Group, GroupDelta]:
    """All of these alerts are somebody's now, as if each had obeyed; what is suppressed stays so."""
    counts = Counter(group.counts)
    for name, number in places.items():
        if name.startswith(GroupStanding.SUPPRESSED):
            continue
        counts[name] -= number
        counts[f"{Status.ACKNOWLEDGED.value}/{name.partition('/')[2]}"] += number
    critical = any(name.endswith("/critical") for name in places)
    expires = operation.active + ACK_TIMEOUT if critical else None
    after = replace(group, counts=tidy(counts))
    return _queued(after, operation, moment), GroupDelta(acknowledged_by=operation.by, ack_expires_at=expires)


def _queued(group: Group, operation: BulkOperation, moment: Moment) -> Group:
    """Whoever is named obeys at once; where there are others they follow, after those of earlier operations."""
    if not operation.chunks:
        return group
    first = not group.operations
    after = replace(group, operations=(*group.operations, operation))
    return _at(after, 0, moment) if first else after


def follow(group: Group, operation: BulkOperation, number: int, moment: Moment) -> Group | None:
    """A chunk has obeyed: the next one follows, or the next operation. None: it came twice, and is followed once."""
    if not group.operations or (group.operations[0].offset, group.chunk) != (operation.offset, number):
        return None
    following = number + 1
    if following == operation.chunks:
        group, following = replace(group, operations=group.operations[1:]), 0
    return _at(group, following, moment) if group.operations else replace(group, chunk=0, overdue_at=None)


def again(group: Group, moment: Moment) -> Group:
    """A chunk has not obeyed for long: it was refused, or failed, and lies in the dead letters. Say it again."""
    return _at(group, group.chunk, moment)


def _at(group: Group, number: int, moment: Moment) -> Group:
    return replace(group, chunk=number, overdue_at=moment.active + OVERDUE)
