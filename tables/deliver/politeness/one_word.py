"""Acknowledgements of groups that a recipient was told of in messages with others: several are told in one word.

Whoever answers such a message acknowledges each of its groups, and each is news by itself; a room would hear them all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from msgspec.structs import replace

from streams.channels.way_back.group_key import ANSWERS
from streams.codes import HoldReason
from streams.documents.endpoint import Endpoint
from streams.messages.attempt import OVER
from streams.messages.notification import Notification
from tables.deliver.politeness.bundle import SHOWN, urgency
from tables.deliver.politeness.hold import HoldUntil
from tables.deliver.thread import Thread

TOGETHER = 10_000  # ms: what is said within such a span, from a round instant to the next, is one word
SLACK = 2_000  # ms that it may take here from respond
REASONS = 3  # that it names


def gathers(notification: Notification, endpoint: Endpoint | None, known: Thread | None) -> bool:
    """Whether an acknowledgement waits for others. `known`: what the provider calls the group's own message.

    Where the group has one, it is shown there at once.
    """
    if notification.what != "acknowledged" or endpoint is None or not endpoint.calls_people:
        return False
    return known is None or known.reference == OVER


def span(notification: Notification) -> int:
    """Which span an acknowledgement belongs to."""
    return notification.at // TOGETHER


def hold(notification: Notification) -> HoldUntil:
    """Until when it waits, and why."""
    until = (span(notification) + 1) * TOGETHER + SLACK
    return HoldUntil(HoldReason.GATHERED, until, "what else of its message somebody has is told with it")


def said_together(bearer: Notification, acknowledgements: Sequence[Notification]) -> Notification:
    """One word for several acknowledgements, which one of them bears; of a single one itself."""
    if len(acknowledgements) <= 1:
        return bearer
    several = sorted(acknowledgements, key=urgency)
    worst, count = several[0], sum(each.count for each in several)
    reasons = Counter(each.reason for each in acknowledgements)
    return replace(
        worst, id=bearer.id, at=bearer.at, group=f"{ANSWERS}{bearer.id}", deadline=bearer.deadline, count=count,
        team=worst.team if len({each.team for each in several}) == 1 else "platform",
        title=f"{count} alerts of {len(several)} groups: {worst.title}",
        reason="; ".join(f"{words} ({number})" for words, number in reasons.most_common(REASONS)),
        alerts=tuple(each.alerts[0] for each in several if each.alerts)[:SHOWN],
        delayed=any(each.delayed for each in several),
    )  # fmt: skip
