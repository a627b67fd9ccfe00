"""The webhook's part of an endpoint document: an address, a secret to sign with, whether it may be private."""

from __future__ import annotations

import base64
import binascii
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from streams.channels.shared.addresses import address_flaw, private_address
from streams.documents.document import Flag
from streams.documents.endpoint import Endpoint, Secret, is_open

PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64  # bytes of a secret: Standard Webhooks 1.0, "Signature scheme"
MOST = 2  # secrets that sign: while a receiver changes over, both
MAKE = "make one with: echo whsec_$(openssl rand -base64 32)"


class WebhookEndpoint(Endpoint):
    """A receiver of signed HTTP calls."""

    calls_people: ClassVar[bool] = False
    channel: Literal["webhook"] = "webhook"  # pyright: ignore[reportIncompatibleVariableOverride]  # frozen
    url: Secret = Field(default="", max_length=4000)
    secret: Secret = Field(default="", max_length=2000)  # whsec_…; a new and an old one to rotate
    format: Literal["tocsin", "alertmanager"] = "tocsin"  # of the body: ours, or Alertmanager's
    allow_private: Flag = False  # whether private and loopback addresses may be called

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not self.url:
            raise ValueError("a webhook endpoint needs `url`")
        return self

    def flaws(self) -> list[tuple[str, str]]:
        """An address that is none, a secret that cannot sign."""
        told = [("url", address_flaw(self.url)), ("secret", _secret(self.secret))]
        return [(field, says) for field, says in told if says]

    def private_address(self) -> str:
        """Why nothing sent there arrives, where the address itself says so; empty else."""
        return private_address(self.url, self.allow_private)


def _secret(secret: str) -> str:
    if not is_open(secret):
        return ""
    several = secret.split()
    if len(several) > MOST:
        return f"holds {len(several)} secrets: at most {MOST}, the new one first"
    return next((says for each in several if (says := _one_secret(each))), "")


def _one_secret(secret: str) -> str:
    if not secret.startswith(PREFIX):
        return f"must begin with {PREFIX} (Standard Webhooks): {MAKE}"
    text = secret.removeprefix(PREFIX)
    try:
        size = len(base64.b64decode(text + "=" * (-len(text) % 4), validate=True))
    except (binascii.Error, ValueError):
        return f"must be base 64 behind {PREFIX}: {MAKE}"
    if SHORTEST <= size <= LONGEST:
        return ""
    return f"holds {size} bytes, and must hold {SHORTEST} to {LONGEST}: {MAKE}"
