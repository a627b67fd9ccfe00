"""The throttle of a recipient, over all teams: so many messages by themselves, and what is more goes in one.

A third of them at most goes to what is not critical. What is left belongs to critical ones alone, so that no noise
delays them; where nothing else came they have all of it.
"""

from __future__ import annotations

from msgspec.structs import replace

from streams.calendar.duration import spell
from streams.codes import HoldReason
from streams.documents.endpoint import Endpoint, PageLimit
from streams.messages.notification import CALLS, Notification
from tables.deliver.politeness.hold import SINGLE, HoldUntil
from tables.deliver.recipient import Recipient

CROWDED = "crowded"  # the queue of what is throttled
GATHER_URGENT, GATHER = 30_000, 60_000  # ms that more is waited for before what was held goes


def is_urgent(notification: Notification) -> bool:
    """Whether it says that something critical is wrong."""
    return notification.severity == "critical" and notification.what in CALLS


def gathering(notification: Notification) -> int:
    """How long more is waited for before it goes with others, ms."""
    return GATHER_URGENT if is_urgent(notification) else GATHER


def throttle(
    recipient: Recipient, notification: Notification, endpoint: Endpoint, at: int, now: int
) -> tuple[Recipient, HoldUntil | None]:
    """The recipient with one more message, and what holds it at an instant, ms UTC; None where there is room for it.

    `now`: by which what lies far enough back is forgotten, however much later this one goes.
    """
    limit = endpoint.page_limit
    if limit is None or notification.what in SINGLE:
        return recipient, None
    urgent = is_urgent(notification)
    if _has_room(recipient, limit, urgent, at - limit.within):
        return _with_one_more(recipient, urgent, at, now - limit.within), None
    many = f"{limit.pages} message{'' if limit.pages == 1 else 's'} within {spell(limit.within)}"
    words = f"more than {many}: the rest goes in one"
    document = f"endpoint/{endpoint.team}/{endpoint.name}"
    until = at + gathering(notification)
    return recipient, HoldUntil(HoldReason.THROTTLED, until, words, CROWDED, document)


def share_of_others(pages: int) -> int:
    """How many of a recipient's messages by themselves may be others than critical ones."""
    return max(1, pages // 3)


def _has_room(recipient: Recipient, limit: PageLimit, urgent: bool, since: int) -> bool:
    """Whether one more may go by itself, after those since an instant."""
    calls, others = (sum(then > since for then in times) for times in (recipient.urgent, recipient.others))
    share, free = share_of_others(limit.pages), calls + others < limit.pages
    if urgent:
        return free or calls < max(1, limit.pages - share)
    return free and others < share


def _with_one_more(recipient: Recipient, urgent: bool, at: int, since: int) -> Recipient:
    """The recipient with a message that goes by itself, and those since an instant."""
    urgents, others = (
        tuple(then for then in times if then > since) for times in (recipient.urgent, recipient.others)
    )
    if urgent:
        return replace(recipient, urgent=(*urgents, at), others=others)
    return replace(recipient, urgent=urgents, others=(*others, at))
