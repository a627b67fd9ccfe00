"""What the endpoint documents of providers share: where the provider's API is, and whether that may be private."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from streams.channels.shared.addresses import address_flaw, private_address
from streams.channels.shared.words import WordedEndpoint
from streams.documents.document import Flag
from streams.documents.endpoint import SEALED

SHORTEST = 16  # characters of a secret of the way back


class ProviderEndpoint(WordedEndpoint):
    """A service that is called at its own address, unless `api_url` names another: a region, a gateway of yours."""

    standard: ClassVar[str]  # the provider's own address
    api_url: str = Field(default="", max_length=500)
    allow_private: Flag = False  # whether `api_url` may have a private address

    @property
    def base(self) -> str:
        """The address before every path, without a slash at its end."""
        return (self.api_url or self.standard).rstrip("/")

    def flaws(self) -> list[tuple[str, str]]:
        """Each field that cannot be used and why."""
        told = [("api_url", self._api_flaw()), *self.own_flaws()]
        return [(field, says) for field, says in told if says]

    def own_flaws(self) -> Iterator[tuple[str, str]]:
        """What the channel's own fields lack; an empty sentence says nothing."""
        yield from ()

    def _api_flaw(self) -> str:
        if flaw := address_flaw(self.api_url):
            return flaw
        if self.api_url.startswith("http://") and not self.allow_private:
            return "must begin with https://, since a key is sent there"
        return ""

    def private_address(self) -> str:
        """Why nothing sent there arrives, where `api_url` itself says so; empty else."""
        return private_address(self.api_url, self.allow_private)


def shape_flaw(text: str, pattern: str, says: str) -> str:
    """`says` where a secret in the clear has not its provider's form; empty where it has, or is sealed."""
    if text.startswith(SEALED):
        return ""
    return "" if re.fullmatch(pattern, text) else says


def inbound_flaw(secret: str) -> str:
    """Why a secret cannot prove that an answer comes from the provider; empty where it can, or there is none."""
    says = f"must have {SHORTEST} visible characters or more: whoever guesses it may acknowledge"
    return shape_flaw(secret, rf"([!-~]{{{SHORTEST},}})?", says)
