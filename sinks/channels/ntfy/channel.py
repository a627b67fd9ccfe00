"""The ntfy channel: one push message a notification, published as JSON."""

from __future__ import annotations

import orjson

from sinks.channels.message_link import message_link
from sinks.channels.ntfy.payload import publication
from sinks.channels.resources import Resources
from sinks.channels.text import cut, line
from sinks.http.client import Request, Response
from sinks.http.json_object import foreign, json_object
from sinks.http.status import answer_of
from sinks.outcome import Answer, Delivered, Rejected, Retry
from streams.channels.ntfy import NtfyEndpoint
from streams.messages.attempt import Attempt
from streams.outcome_code import OutcomeCode

PATIENCE = 5_000  # ms: a server that is asked too often says no time, and allows one message in five seconds
CHECK = "the endpoint's `topic`, `token` and `api_url`"


class Ntfy:
    """Publishes to a topic. ntfy knows no repeats, so an outcome that is unknown may mean a second message."""

    def __init__(self, resources: Resources) -> None:
        """`resources`: what opens endpoints and connects, and makes links to us."""
        self._unsealer, self._http, self._links = resources.unsealer, resources.http, resources.links

    async def send(self, attempt: Attempt) -> Answer:
        """Publish the message."""
        endpoint = self._unsealer.document(NtfyEndpoint, attempt.endpoint)
        if isinstance(endpoint, Rejected):
            return endpoint
        headers = {"content-type": "application/json"}
        if endpoint.token:
            headers["authorization"] = f"Bearer {endpoint.token}"
        link = message_link(attempt, self._links)
        request = Request(
            attempt.notification.to,
            f"{endpoint.base}/",
            orjson.dumps(publication(attempt, endpoint.topic, link)),
            headers,
            allow_private=endpoint.allow_private,
            needs_body=True,
        )
        response = await self._http.exchange(request)
        return self._answer(response, endpoint) if isinstance(response, Response) else response

    def _answer(self, response: Response, endpoint: NtfyEndpoint) -> Answer:
        answer = answer_of(response, self._http.now(), CHECK)
        match answer:
            case Delivered() if words := _error(response, endpoint):
                says = f"{answer.reason}, but not that it published it; it says: {words}"
                return Rejected(says, OutcomeCode.REFUSED)
            case Delivered() if "id" not in json_object(response):
                return foreign(response)
            case Retry(after_ms=None, code=OutcomeCode.BUSY):
                return Retry(PATIENCE, answer.reason, answer.code)
            case Rejected() if words := _error(response, endpoint):
                return Rejected(f"{answer.reason}; it says: {words}", answer.code)
        return answer


def _error(response: Response, endpoint: NtfyEndpoint) -> str:
    """The server's own words, without the topic."""
    error = json_object(response).get("error")
    return cut(line(error.replace(endpoint.topic, "…")), 200) if isinstance(error, str) else ""
