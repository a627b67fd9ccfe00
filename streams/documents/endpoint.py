"""Endpoints: places where notifications go, each through one channel."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from streams.documents.document import Flag, Owned


class Endpoint(Owned):
    """A webhook receiver or the log. `url` and `secret` are sealed before they enter a command."""

    type = "endpoint"
    channel: Literal["webhook", "log"] = "webhook"
    url: str = Field(default="", max_length=4000)
    secret: str = Field(default="", max_length=2000)  # Standard Webhooks: whsec_…, sealed
    allow_private: Flag = False  # whether private and loopback addresses may be called

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.channel == "webhook" and not self.url:
            raise ValueError("a webhook endpoint needs `url`")
        return self
