"""The voice part of an endpoint document: a telephone that Twilio calls, and how the alert is read out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from streams.channels.shared.provider import shape_flaw
from streams.channels.shared.twilio import NUMBER, NUMBER_SAYS, TwilioEndpoint
from streams.documents.document import Length

LEAST_RINGING, MOST_RINGING = 5_000, 600_000  # ms: what Twilio takes


class VoiceEndpoint(TwilioEndpoint):
    """One telephone that is called. The alert is read out; 1 acknowledges it, 2 calls the next step."""

    channel: Literal["voice"]  # pyright: ignore[reportIncompatibleVariableOverride]  # frozen
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$")] = "en-US"  # of the voice
    times: int = Field(default=3, ge=1, le=5)  # that it is read out
    ring: Length = 25_000  # less than most voicemails wait

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for name in ("sender", "account", "password"):
            if not getattr(self, name):
                raise ValueError(f"a voice endpoint needs `{name}`")
        return self

    def own_flaws(self) -> Iterator[tuple[str, str]]:
        """A number without its country, ids of another kind, a time that Twilio does not take."""
        yield "to", shape_flaw(self.to, NUMBER, NUMBER_SAYS)
        yield "sender", shape_flaw(self.sender, NUMBER, NUMBER_SAYS)
        yield "ring", "" if LEAST_RINGING <= self.ring <= MOST_RINGING else "must be 5s to 10m"
        yield from self.twilio_flaws()
