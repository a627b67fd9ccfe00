"""The Pushover part of an endpoint document: an application's token and whom it pushes to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from pydantic import Field

from streams.channels.shared.provider import ProviderEndpoint, shape_flaw
from streams.documents.document import Length
from streams.documents.endpoint import Secret

OFTENEST, LONGEST = 30_000, 10_800_000  # ms: what Pushover takes as `retry` and `expire`
_KEY_SAYS = "must be 30 letters and digits, as Pushover shows it"


class PushoverEndpoint(ProviderEndpoint):
    """A person or a group in Pushover. What is critical goes on sounding until somebody acknowledges it in the app."""

    standard: ClassVar[str] = "https://api.pushover.net"
    shows_acknowledgements: ClassVar[bool] = True
    answers_are_asked_for: ClassVar[bool] = True
    channel: Literal["pushover"]  # pyright: ignore[reportIncompatibleVariableOverride]  # frozen
    token: Secret = Field(min_length=1, max_length=500)  # of an application
    user: Secret = Field(min_length=1, max_length=500)  # the key of a person, or of a delivery group
    device: str = Field(default="", max_length=200)  # names with commas; "": all of the person's devices
    sound_every: Length = 60_000  # of what is critical, until somebody acknowledges
    sound_for: Length = 3_600_000

    def own_flaws(self) -> Iterator[tuple[str, str]]:
        """A token or key that is none, and times that Pushover does not take."""
        yield "token", shape_flaw(self.token, r"[A-Za-z0-9]{30}", _KEY_SAYS)
        yield "user", shape_flaw(self.user, r"[A-Za-z0-9]{30}", _KEY_SAYS)
        yield (
            "device",
            shape_flaw(self.device, r"([A-Za-z0-9_-]{1,25}(,|$))*", "must be names of devices, with commas"),
        )
        yield "sound_every", "" if self.sound_every >= OFTENEST else "must be 30s or more"
        yield (
            "sound_for",
            "" if self.sound_every <= self.sound_for <= LONGEST else "must be `sound_every` to 3h",
        )
