"""Bundles: what is held for a recipient in one queue goes in one message, which says how many alerts it stands for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from streams.codes import NotifyReason
from streams.documents.conditions.threshold import SEVERITIES
from streams.messages.notification import Notification
from tables.deliver.politeness.hold import HoldUntil

PAUSE, LONGEST = 60_000, 300_000  # ms between a bundle and the next one; it doubles while more is held
USEFUL = 3_600_000  # ms that an attempt to deliver a bundle stays of use
SHOWN = 20  # alerts that a bundle shows; the list of alerts has all
REASONS = 3  # that a bundle names


class HeldQueue(msgspec.Struct, frozen=True, kw_only=True):
    """The row of a queue of a recipient. Instants: ms UTC.

    `due_at`: when what is held goes, None where nothing is; `covered`: the number of the newest that has gone;
    `forget_at`: until when nothing more goes, `pause` ms after the last one.
    """

    to: str
    queue: str
    due_at: int | None
    covered: int = 0
    forget_at: int = 0
    pause: int = 0


class HeldNotification(NamedTuple):
    """One that is held, and why."""

    notification: Notification
    hold: HoldUntil


def deadline(queue: HeldQueue) -> int | None:
    """When it goes, or is forgotten."""
    return queue.forget_at if queue.due_at is None else queue.due_at


def gather(
    queue: HeldQueue | None, to: str, hold: HoldUntil, sequence: int, urgent: bool = False
) -> HeldQueue:
    """The queue with one more notification: it goes when the first of them may, but never too soon after the last.

    What is `urgent` waits for a pause of the shortest kind, however long that has grown by other news.
    """
    known = queue or HeldQueue(to=to, queue=hold.queue, due_at=None, covered=sequence - 1)
    due = _soonest(known, hold.until, urgent)
    return replace(known, due_at=due if known.due_at is None else min(known.due_at, due))


def hurried(queue: HeldQueue, at: int, urgent: bool) -> HeldQueue:
    """The queue, going from an instant on, ms UTC, as soon as its pauses allow; never later than it would."""
    if queue.due_at is None:
        return queue
    return replace(queue, due_at=min(queue.due_at, _soonest(queue, at, urgent)))


def _soonest(queue: HeldQueue, at: int, urgent: bool) -> int:
    free = min(queue.forget_at, queue.forget_at - queue.pause + PAUSE) if urgent else queue.forget_at
    return max(at, free)


def gone(queue: HeldQueue, newest: int, now: int) -> HeldQueue:
    """The queue once what was held has gone."""
    pause = min(max(PAUSE, 2 * queue.pause), LONGEST)
    return replace(queue, due_at=None, covered=newest, forget_at=now + pause, pause=pause)


def compose(id: str, to: str, held: Sequence[HeldNotification], useful: int) -> Notification:
    """One message for what is held: a single one by itself, several with the first alerts of each. `useful`: ms UTC."""
    if len(held) == 1:
        ((notification, hold),) = held
        words = f"{notification.reason}; {_why(hold)}"
        return replace(notification, id=id, to=to, reason=words, deadline=useful)
    notifications = sorted((each.notification for each in held), key=urgency)
    worst, firing = notifications[0], [each for each in notifications if each.what != "resolved"]
    count = sum(each.count for each in notifications)
    over = len(notifications) - len(firing)
    ends = f", {over} of them say that it is over" if over else ""
    teams = {each.team for each in notifications}
    excerpts = [each.alerts[0] for each in notifications if each.alerts]
    reasons = Counter(_why(each.hold) for each in held)
    why = "; ".join(f"{words} ({number})" for words, number in reasons.most_common(REASONS))
    return Notification(
        id=id, at=max(each.at for each in notifications), to=to, team=worst.team if len(teams) == 1 else "platform",
        group=f"platform/{id}", what="bundle", severity=worst.severity,
        title=f"{count} alerts in {len(held)} messages{ends}: {worst.title}", valued_at=worst.valued_at,
        reason_code=NotifyReason.BUNDLED, reason=f"{len(held)} messages in one; {why}", step=0, count=count,
        alerts=tuple(excerpts[:SHOWN]), delayed=any(each.delayed for each in notifications), deadline=useful,
    )  # fmt: skip


def urgency(notification: Notification) -> tuple[bool, int, int, str]:
    """What fires before what is over, the worst and oldest first."""
    over = notification.what == "resolved"
    return over, -SEVERITIES.index(notification.severity), notification.at, notification.id


def _why(hold: HoldUntil) -> str:
    return f"held: {hold.reason}"
