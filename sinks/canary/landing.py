"""A channel around another one: what is for a canary's endpoint goes to where canaries are received."""

from __future__ import annotations

import orjson

from sinks.channel import Channel
from sinks.http.client import HttpClient, Request, Response
from sinks.http.status import answer_of
from sinks.outcome import Answer
from streams.canary.names import canary_channel
from streams.messages.attempt import Attempt
from streams.settings import Settings

HERE = ("127.0.0.1", 8499)  # where canaries are received, unless settings say where
CHECK = "TOCSIN_CANARY_URL"


class CanaryLanding:
    """Lets a canary land; anything else is passed on as it is."""

    def __init__(self, channel: Channel, http: HttpClient, url: str) -> None:
        """`channel`: what makes the calls of people's endpoints; `url`: where canaries are received."""
        self._channel, self._http, self._url = channel, http, url

    async def send(self, attempt: Attempt) -> Answer:
        """Make the call."""
        notification = attempt.notification
        if not canary_channel(notification.to):
            return await self._channel.send(attempt)
        content = orjson.dumps({"canary": notification.title, "what": notification.what})
        headers = {"content-type": "application/json"}
        request = Request(notification.to, self._url, content, headers, allow_private=True)
        response = await self._http.exchange(request)
        if isinstance(response, Response):
            return answer_of(response, self._http.now(), CHECK, CHECK)
        return response


def landing_address(settings: Settings) -> str:
    """Where sinks bring canaries."""
    host, port = settings.canary_listen or HERE
    return settings.canary_url or f"http://{host}:{port}/"
