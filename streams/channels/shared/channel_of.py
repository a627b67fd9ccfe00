"""The address of a webhook in, the channel that it belongs to out: Slack's and Teams' are known by their hosts."""

from __future__ import annotations

from urllib.parse import urlsplit

from streams.channels.slack import SLACK_HOSTS
from streams.channels.teams import RETIRED, WORKFLOWS


def channel_of(url: str) -> str:
    """The channel of an address by its host; webhook where it is no address at all, as the endpoint will say."""
    try:
        host = (urlsplit(url).hostname or "").lower()
    except ValueError:
        return "webhook"
    if host.endswith((*WORKFLOWS, *RETIRED)):
        return "teams"
    return "slack" if host in SLACK_HOSTS else "webhook"
