"""What endpoint documents that Twilio serves share: an account, who signs in, and what proves that Twilio answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from streams.channels.shared.provider import ProviderEndpoint, shape_flaw
from streams.documents.endpoint import Secret

NUMBER = r"\+[1-9][0-9]{6,14}"
NUMBER_SAYS = "must be a number with its country, +4930123456 for instance, without blanks"


class TwilioEndpoint(ProviderEndpoint):
    """A telephone that Twilio reaches. `to`: its number; `sender`: whose number it shows."""

    standard: ClassVar[str] = "https://api.twilio.com"
    to: Secret = Field(min_length=1, max_length=500)
    sender: str = Field(default="", max_length=100)
    account: str = Field(default="", max_length=100)  # AC…
    login: str = Field(default="", max_length=100)  # SK… of an API key; empty: the account itself
    password: Secret = Field(default="", max_length=1_000)  # the secret of that key, else the auth token
    auth_token: Secret = Field(default="", max_length=1_000)  # of the account, where `login` names a key

    @property
    def proof(self) -> str:
        """What Twilio signs with what it says; "" where it is not known, so that nothing is believed."""
        return self.auth_token or ("" if self.login else self.password)

    def twilio_flaws(self) -> Iterator[tuple[str, str]]:
        """Ids of another kind."""
        says = "must be the account's SID: AC and 32 digits"
        yield "account", shape_flaw(self.account, r"AC[0-9a-f]{32}", says)
        yield (
            "login",
            shape_flaw(self.login, r"(SK[0-9a-f]{32})?", "must be an API key's SID: SK and 32 digits"),
        )
        yield "auth_token", shape_flaw(self.auth_token, r"([!-~]{16,})?", "must be the account's auth token")
