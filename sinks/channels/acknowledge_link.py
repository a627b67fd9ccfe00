"""The link by which whoever got a message acknowledges its group: in mails, cards and push messages."""

from __future__ import annotations

from sinks.channels.message import group_key
from streams.channels.way_back.acknowledge_link import LASTS, LinkClaim, Links
from streams.messages.attempt import Attempt


def acknowledge_link(attempt: Attempt, links: Links) -> str:
    """Where the group of an attempt is acknowledged; "" where there is nothing to, or no address for it."""
    notification = attempt.notification
    if notification.what not in ("firing", "escalated", "reminder"):
        return ""
    return links.link(LinkClaim(group_key(attempt), notification.to, notification.at + LASTS))
