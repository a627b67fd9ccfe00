"""The throttle of a recipient, over all teams: so many messages by themselves, and what is more goes in one.

Critical ones have a count of their own, so that no noise delays them.
"""

from __future__ import annotations

from msgspec.structs import replace

from streams.calendar.duration import spell
from streams.codes import HoldReason
from streams.documents.endpoint import Endpoint
from streams.messages.notification import Notification
from tables.deliver.politeness.hold import HoldUntil
from tables.deliver.recipient import Recipient

URGENT, OTHERS = "urgent", "others"  # the queues of what is throttled
GATHER = {URGENT: 30_000, OTHERS: 60_000}  # ms that more is waited for before what was held goes
_CALLS = frozenset({"firing", "escalated", "reminder"})


def throttle(
    recipient: Recipient, notification: Notification, endpoint: Endpoint, at: int
) -> tuple[Recipient, HoldUntil | None]:
    """The recipient with one more message, and what holds it at an instant, ms UTC; None where there is room for it."""
    limit = endpoint.page_limit
    if limit is None:
        return recipient, None
    urgent = notification.severity == "critical" and notification.what in _CALLS
    queue, known = (URGENT, recipient.urgent) if urgent else (OTHERS, recipient.others)
    lately = tuple(then for then in known if then > at - limit.within)
    if len(lately) < limit.pages:
        lately = (*lately, at)
        return replace(recipient, urgent=lately) if urgent else replace(recipient, others=lately), None
    many = f"{limit.pages} message{'' if limit.pages == 1 else 's'} within {spell(limit.within)}"
    words = f"more than {many}: the rest goes in one"
    document = f"endpoint/{endpoint.team}/{endpoint.name}"
    return recipient, HoldUntil(HoldReason.THROTTLED, at + GATHER[queue], words, queue, document)
