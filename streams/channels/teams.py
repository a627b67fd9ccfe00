"""The Microsoft Teams part of an endpoint document: the address of a workflow that posts to a channel or chat."""

from __future__ import annotations

from typing import ClassVar, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from streams.channels.shared.addresses import address_flaw, private_address
from streams.channels.shared.words import WordedEndpoint
from streams.documents.document import Flag
from streams.documents.endpoint import Secret, is_open

WORKFLOWS = (".logic.azure.com", ".api.powerautomate.com", ".environment.api.powerplatform.com")
RETIRED = (".webhook.office.com", "outlook.office.com")
_GONE = (
    "is one of the Office 365 connectors, which Microsoft has retired: make a workflow "
    '"Post to a channel when a webhook request is received", and take its address'
)


class TeamsEndpoint(WordedEndpoint):
    """A channel or chat in Microsoft Teams, by a workflow of Power Automate that takes webhook requests."""

    usual_pages: ClassVar[int] = 20  # a room, where each group has a message of its own
    channel: Literal["teams"]  # pyright: ignore[reportIncompatibleVariableOverride]  # frozen
    url: Secret = Field(default="", max_length=4_000)  # its parameter `sig` grants access
    bare_card: Flag = False  # a workflow of one's own may want the card alone, without the message around it
    allow_private: Flag = False  # whether private and loopback addresses may be called

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not self.url:
            raise ValueError("a teams endpoint needs `url`, the address of a workflow")
        return self

    def flaws(self) -> list[tuple[str, str]]:
        """An address that is none, or that nobody answers any more."""
        says = address_flaw(self.url) or (_GONE if is_retired(self.url) else "")
        return [("url", says)] if says else []

    def private_address(self) -> str:
        """Why nothing sent there arrives, where the address itself says so; empty else."""
        return private_address(self.url, self.allow_private)


def is_retired(url: str) -> bool:
    """Whether an address is one of the connectors that Microsoft has retired."""
    return is_open(url) and (urlsplit(url).hostname or "").lower().endswith(RETIRED)
