"""The Slack part of an endpoint document: an incoming webhook, or a bot's token and a conversation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from streams.channels.shared.addresses import address_flaw, private_address
from streams.channels.shared.provider import ProviderEndpoint, inbound_flaw, shape_flaw
from streams.documents.endpoint import Secret, is_open

SLACK_HOSTS = ("hooks.slack.com", "hooks.slack-gov.com")
_HOOK = re.compile(r"/services/[^/]+/[^/]+/[^/]+")


class SlackEndpoint(ProviderEndpoint):
    """A conversation in Slack. With a token one message a group is edited in place; a webhook can only add."""

    standard: ClassVar[str] = "https://slack.com/api"
    shows_acknowledgements: ClassVar[bool] = True
    usual_pages: ClassVar[int] = 20  # a room, where each group has a message of its own
    channel: Literal["slack"]  # pyright: ignore[reportIncompatibleVariableOverride]  # frozen
    url: Secret = Field(default="", max_length=4_000)  # of an incoming webhook
    token: Secret = Field(default="", max_length=2_000)  # of a bot: xoxb-…
    conversation: str = Field(default="", max_length=100)  # its id, or #name; with `token`
    signing_secret: Secret = Field(default="", max_length=1_000)  # of the app: messages get buttons

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if bool(self.url) == bool(self.token):
            raise ValueError(
                "a slack endpoint needs either `url` (an incoming webhook) or `token` and `conversation`"
            )
        if self.token and not self.conversation:
            raise ValueError("a slack endpoint with a `token` needs `conversation`, for instance #alerts")
        return self

    def own_flaws(self) -> Iterator[tuple[str, str]]:
        """An address that is none, a token of another kind."""
        yield "url", address_flaw(self.url) or _hook_flaw(self.url)
        yield "signing_secret", inbound_flaw(self.signing_secret)
        if self.token:
            yield "token", shape_flaw(self.token, r"xox[a-z]-[A-Za-z0-9-]+", "must be a bot's token, xoxb-…")

    def private_address(self) -> str:
        """Why nothing sent there arrives, where an address itself says so; empty else."""
        return private_address(self.url, self.allow_private) or super().private_address()


def _hook_flaw(url: str) -> str:
    """Why an address of Slack's is no incoming webhook; empty where it is one, or of a service that is like Slack."""
    parts = urlsplit(url) if is_open(url) else None
    if parts is None or parts.hostname not in SLACK_HOSTS:
        return ""
    fine = parts.scheme == "https" and _HOOK.fullmatch(parts.path)
    return "" if fine else "must be an incoming webhook of Slack: https://hooks.slack.com/services/T…/B…/…"
