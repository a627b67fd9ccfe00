"""The SMS part of an endpoint document: a number, and Twilio or any HTTP gateway that sends to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, Self

from pydantic import Field, model_validator

from streams.channels.shared.addresses import address_flaw, private_address
from streams.channels.shared.provider import shape_flaw
from streams.channels.shared.twilio import NUMBER, NUMBER_SAYS, TwilioEndpoint
from streams.documents.document import Length
from streams.documents.endpoint import Secret, is_open

PLACES = ("to", "text", "id", "sender")  # what a template may name, in braces
_ANY_PLACE = re.compile(r"\{([a-z_]+)\}")
_TWILIO_FIELDS = ("account", "login", "password", "auth_token")
_HTTP_FIELDS = ("url", "authorization", "content", "expect")


class SmsEndpoint(TwilioEndpoint):
    """One telephone. With `provider: twilio` by Twilio's API, with `provider: http` by a request of your own making."""

    channel: Literal["sms"]  # pyright: ignore[reportIncompatibleVariableOverride]  # frozen
    provider: Literal["twilio", "http"] = "twilio"
    # `sender`: a number, a name that is registered, or MG… of Twilio
    most_parts: int = Field(default=2, ge=1, le=10)  # SMS that one notification may take
    valid: Length = 600_000  # how long Twilio may try: a page that comes hours later is worse than none
    replies: Literal["none", "pushed", "asked"] = "none"  # Twilio: how they come back, docs/channels.md
    url: Secret = Field(default="", max_length=4_000)  # http: where to call; {to}, {text}, {id}, {sender}
    method: Literal["POST", "GET"] = "POST"
    content: Secret = Field(default="", max_length=4_000)  # http: what to send, the same words in braces
    content_type: Literal["application/json", "application/x-www-form-urlencoded", "text/plain"] = (
        "application/json"
    )
    authorization: Secret = Field(default="", max_length=2_000)  # http: the header of this name
    expect: str = Field(default="", max_length=200)  # http: words that the answer of a success holds

    @model_validator(mode="after")
    def _whole(self) -> Self:
        twilio = self.provider == "twilio"
        needed = ("sender", "account", "password") if twilio else ("url",)
        for name in needed:
            if not getattr(self, name):
                raise ValueError(f"an sms endpoint with `provider: {self.provider}` needs `{name}`")
        if self.replies != "none" and not twilio:
            raise ValueError("`replies` is not for `provider: http`: leave it out")
        for name in _HTTP_FIELDS if twilio else _TWILIO_FIELDS:
            if getattr(self, name):
                raise ValueError(f"`{name}` is not for `provider: {self.provider}`: leave it out")
        return self

    def own_flaws(self) -> Iterator[tuple[str, str]]:
        """A number without its country, ids of another kind, words in braces that stand for nothing."""
        yield "to", shape_flaw(self.to, NUMBER, NUMBER_SAYS)
        if self.provider == "twilio":
            yield from self.twilio_flaws()
            lacking = self.replies == "pushed" and not self.proof
            yield (
                "auth_token",
                "must be set: by it replies prove that they come from Twilio" if lacking else "",
            )
            return
        yield "url", address_flaw(self.url)
        for name in ("url", "content"):
            yield name, _template_flaw(getattr(self, name))
        readable = is_open(self.url) and is_open(self.content or self.url)
        if readable and "{text}" not in self.url + self.content:
            yield "url", "says nowhere where {text} goes, and neither does `content`"
        yield "authorization", shape_flaw(self.authorization, r"[ -~]*", "must be plain text on one line")

    def private_address(self) -> str:
        """Why nothing sent there arrives, where an address itself says so; empty else."""
        return private_address(self.url, self.allow_private) or super().private_address()


def _template_flaw(text: str) -> str:
    if not is_open(text):
        return ""
    unknown = [name for name in _ANY_PLACE.findall(text) if name not in PLACES]
    known = ", ".join(f"{{{name}}}" for name in PLACES)
    return f"names {{{unknown[0]}}}: it may name {known}" if unknown else ""
