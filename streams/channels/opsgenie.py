"""The part of an endpoint document of Opsgenie and of Jira Service Management Operations, which share one API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from streams.channels.shared.provider import ProviderEndpoint, inbound_flaw, shape_flaw
from streams.documents.document import Several
from streams.documents.endpoint import Secret
from streams.text.fault import RESPONDER

BASES = {
    ("jsm", "us"): "https://api.atlassian.com/jsm/ops/integration",
    ("jsm", "eu"): "https://api.atlassian.com/jsm/ops/integration",  # one host for all regions
    ("opsgenie", "us"): "https://api.opsgenie.com",
    ("opsgenie", "eu"): "https://api.eu.opsgenie.com",
}
Responder = Annotated[str, Field(pattern=RESPONDER)]


class OpsgenieEndpoint(ProviderEndpoint):
    """An API integration: what fires creates an alert, what is acknowledged or resolved follows it by its alias."""

    standard: ClassVar[str] = BASES["jsm", "us"]
    calls_people: ClassVar[bool] = False
    shows_acknowledgements: ClassVar[bool] = True
    channel: Literal["opsgenie"]  # pyright: ignore[reportIncompatibleVariableOverride]  # frozen
    service: Literal["jsm", "opsgenie"]  # Opsgenie itself ends on 2027-04-05
    api_key: Secret = Field(min_length=1, max_length=1_000)
    region: Literal["us", "eu"] = "us"
    webhook_secret: Secret = Field(default="", max_length=1_000)  # what the way back sends: X-Tocsin-Secret
    responders: Annotated[list[Responder], Several] = Field(default=[], max_length=50)  # team/<name>, …

    @property
    def base(self) -> str:
        """The address of the service in the account's region, unless `api_url` names another."""
        return self.api_url.rstrip("/") or BASES[self.service, self.region]

    def own_flaws(self) -> Iterator[tuple[str, str]]:
        """A key that no header can carry."""
        yield "webhook_secret", inbound_flaw(self.webhook_secret)
        yield (
            "api_key",
            shape_flaw(self.api_key, r"[!-~]+", "must be the key of an API integration, without blanks"),
        )
