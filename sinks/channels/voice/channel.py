"""The voice channel: one call a notification. That somebody picked up is no acknowledgement; only a key is."""

from __future__ import annotations

from sinks.channels.inbound_address import inbound_address, status_address
from sinks.channels.message import answerable, group_key
from sinks.channels.resources import Resources
from sinks.channels.twilio import ask_twilio
from sinks.channels.voice.speech import twiml
from sinks.channels.words import message_of
from sinks.outcome import Answer, Rejected
from streams.channels.voice import VoiceEndpoint
from streams.messages.attempt import Attempt


class Voice:
    """Calls a telephone. Twilio knows no repeats, so an outcome that is unknown may mean a second call."""

    def __init__(self, resources: Resources) -> None:
        """`resources`: what opens endpoints and connects, and knows our address."""
        self._unsealer, self._http, self._links = resources.unsealer, resources.http, resources.links

    async def send(self, attempt: Attempt) -> Answer:
        """Ask Twilio to call and to read the notification out."""
        endpoint = self._unsealer.document(VoiceEndpoint, attempt.endpoint)
        if isinstance(endpoint, Rejected):
            return endpoint
        document = twiml(
            message_of(attempt), endpoint.language, endpoint.times, self._action(attempt, endpoint)
        )
        fields = [
            ("To", endpoint.to),
            ("From", endpoint.sender),
            ("Twiml", document),
            ("Timeout", str(endpoint.ring // 1_000)),
        ]
        callback = status_address(attempt, "voice", self._links) if endpoint.proof else ""
        fields += [("StatusCallback", callback)] if callback else []
        return await ask_twilio(self._http, attempt, endpoint, "Calls", fields)

    def _action(self, attempt: Attempt, endpoint: VoiceEndpoint) -> str:
        """Where the pressed key goes; "" where there is nothing to answer, or no answer would be believed."""
        if not answerable(attempt.notification) or not endpoint.proof:
            return ""
        query = {"key": group_key(attempt), "to": attempt.notification.to}
        return inbound_address(attempt, "voice", self._links, **query)
