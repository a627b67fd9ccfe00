"""Where a provider sends what people answered: the API's address for the endpoint, seen from outside."""

from __future__ import annotations

from urllib.parse import urlencode

from streams.documents.document import PLATFORM, derived
from streams.links.signed_links import Links
from streams.messages.attempt import Attempt


def inbound_address(attempt: Attempt, channel: str, links: Links, **query: str) -> str:
    """The address, with what of the attempt has to come back; "" where nobody outside reaches the API.

    The endpoint is the one that sends: of a person's address the one that it goes through.
    """
    endpoint = attempt.endpoint
    if not links.address or "name" not in endpoint:
        return ""
    id = derived(str(endpoint.get("team") or PLATFORM), "endpoint", str(endpoint["name"]))
    return f"{links.address}/v1/inbound/{channel}/{id}?{urlencode(query)}".rstrip("?")


def status_address(attempt: Attempt, channel: str, links: Links) -> str:
    """Where a provider says later whether what it took has arrived; "" where nobody outside reaches the API."""
    notification = attempt.notification
    query = {"to": notification.to, "notification": notification.id, "number": str(attempt.number)}
    return inbound_address(attempt, channel, links, **query)
