"""The PagerDuty part of an endpoint document: the routing key of an Events API v2 integration, and the region."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from pydantic import Field

from streams.channels.shared.provider import ProviderEndpoint, inbound_flaw, shape_flaw
from streams.documents.endpoint import Secret

_BASES = {"us": "https://events.pagerduty.com", "eu": "https://events.eu.pagerduty.com"}


class PagerDutyEndpoint(ProviderEndpoint):
    """A service of PagerDuty: what fires triggers an incident, what is acknowledged or resolved follows it."""

    standard: ClassVar[str] = _BASES["us"]
    calls_people: ClassVar[bool] = False
    shows_acknowledgements: ClassVar[bool] = True
    channel: Literal["pagerduty"]  # pyright: ignore[reportIncompatibleVariableOverride]  # frozen
    routing_key: Secret = Field(min_length=1, max_length=1_000)  # "Integration Key" of Events API v2
    region: Literal["us", "eu"] = "us"
    webhook_secret: Secret = Field(default="", max_length=1_000)  # of a webhook subscription: the way back

    @property
    def base(self) -> str:
        """The address of the account's region, unless `api_url` names another."""
        return self.api_url.rstrip("/") or _BASES[self.region]

    def own_flaws(self) -> Iterator[tuple[str, str]]:
        """A key of another kind: those of the REST API have twenty characters."""
        says = (
            "must be the 32 letters and digits of an Events API v2 integration; a REST API key does not fit"
        )
        yield "webhook_secret", inbound_flaw(self.webhook_secret)
        yield "routing_key", shape_flaw(self.routing_key, r"[A-Za-z0-9]{32}", says)
