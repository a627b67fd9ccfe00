"""A channel around another one: the sealed code of a notification is opened for the call, and seen nowhere else."""

from __future__ import annotations

from dataclasses import replace

from msgspec.structs import replace as with_fields

from sinks.channel import Channel
from sinks.channels.unseal import Unsealer
from sinks.outcome import Answer, Rejected
from streams.messages.attempt import Attempt
from streams.outcome_code import OutcomeCode

HIDDEN = "••••••"


class CodeUnsealing:
    """Puts the code into the title that the receiver reads, and takes it out of what the provider answers."""

    def __init__(self, channel: Channel, unsealer: Unsealer) -> None:
        """`channel`: what makes the call."""
        self._channel, self._unsealer = channel, unsealer

    async def send(self, attempt: Attempt) -> Answer:
        """Make the call; what carries no code is passed on as it is."""
        notification = attempt.notification
        if not notification.code:
            return await self._channel.send(attempt)
        code = self._unsealer.text(notification.code)
        if code is None:
            return Rejected("sealed with a key that is not configured: TOCSIN_SEAL_KEYS", OutcomeCode.SEALED)
        shown = with_fields(notification, title=f"{notification.title}: {code}", code="")
        answer = await self._channel.send(with_fields(attempt, notification=shown))
        return replace(answer, reason=answer.reason.replace(code, HIDDEN))
