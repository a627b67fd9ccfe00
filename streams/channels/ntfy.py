"""The ntfy part of an endpoint document: a topic on ntfy.sh or on a server of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from pydantic import Field

from streams.channels.shared.provider import ProviderEndpoint, shape_flaw
from streams.documents.endpoint import Secret

_TOPIC_SAYS = (
    "must be 1 to 64 letters, digits, - or _: on a public server 16 random ones, for who knows it reads it"
)


class NtfyEndpoint(ProviderEndpoint):
    """A topic of ntfy: whoever subscribes to it gets a push message. `api_url` names a server of one's own."""

    standard: ClassVar[str] = "https://ntfy.sh"
    channel: Literal["ntfy"]  # pyright: ignore[reportIncompatibleVariableOverride]  # frozen
    topic: Secret = Field(min_length=1, max_length=500)  # on a public server a topic is a password
    token: Secret = Field(default="", max_length=500)  # tk_…, where the server asks for one

    def own_flaws(self) -> Iterator[tuple[str, str]]:
        """A topic that no server takes, a token of another kind."""
        yield "topic", shape_flaw(self.topic, r"[-_A-Za-z0-9]{1,64}", _TOPIC_SAYS)
        yield "token", shape_flaw(self.token, r"(tk_[A-Za-z0-9]+)?", "must be an access token of ntfy, tk_…")
