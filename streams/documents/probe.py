"""Probes: addresses whose TLS certificates are looked at, besides those that a gateway names itself."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field, field_validator

from streams.documents.document import Length, Name, Owned, Several, length_of

PORT = 443
SHORTEST, LONGEST = 60_000, 86_400_000  # ms between two looks
EXAMPLE = "write a host and, where it is not 443, a port: mail.example:465, 192.0.2.7 or [2001:db8::7]:8443"
_PLACE = re.compile(r"(?:\[([0-9a-fA-F:.%]+)\]|([a-zA-Z0-9_](?:[a-zA-Z0-9_.-]{0,252})))(?::([0-9]{1,5}))?")


def place(text: str) -> tuple[str, int]:
    """Host and port of `host`, `host:port` or `[address]:port`; ValueError says how it is written."""
    match = _PLACE.fullmatch(text.strip())
    port = int(match[3] or PORT) if match else 0
    if match is None or not 0 < port < 65_536:
        raise ValueError(f"{text!r:.80} is no address to probe: {EXAMPLE}")
    return (match[1] or match[2]).rstrip(".").lower(), port


class Probe(Owned):
    """Hosts that speak TLS. `gateway`: whose alerts they are, its own name by default; `authority`: PEM text."""

    type = "probe"
    hosts: Annotated[list[Annotated[str, Field(max_length=300)]], Several] = Field(
        min_length=1, max_length=100
    )
    every: Annotated[Length, length_of(SHORTEST, LONGEST)] = 600_000
    gateway: Name | None = None
    authority: str = Field(default="", max_length=60_000)

    @field_validator("hosts")
    @classmethod
    def _places(cls, hosts: list[str]) -> list[str]:
        for host in hosts:
            place(host)
        return hosts

    @field_validator("authority")
    @classmethod
    def _pem(cls, text: str) -> str:
        if text and "-----BEGIN CERTIFICATE-----" not in text:
            raise ValueError("is PEM text: it holds -----BEGIN CERTIFICATE-----, or is left out")
        return text

    @property
    def key(self) -> str:
        """The gateway that its samples belong to."""
        return self.gateway or self.name
