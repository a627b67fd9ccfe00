"""The webhook channel: one signed HTTP POST, to public addresses only unless an operator allows others."""

from __future__ import annotations

import orjson

from sinks.channels.payload import payload
from sinks.channels.resources import Resources
from sinks.channels.webhook.alertmanager_payload import alertmanager
from sinks.channels.webhook.standard_webhooks import signed_headers
from sinks.http.client import Request, Response
from sinks.http.status import answer_of
from sinks.outcome import Answer, Rejected
from streams.channels.webhook import WebhookEndpoint
from streams.messages.attempt import Attempt

CHECK = "the endpoint's `url` and `secret`"


class Webhook:
    """Posts notifications as JSON."""

    def __init__(self, resources: Resources) -> None:
        """`resources`: what opens endpoints and connects."""
        self._unsealer, self._http = resources.unsealer, resources.http

    async def send(self, attempt: Attempt) -> Answer:
        """POST the notification; what comes back says what came of it."""
        endpoint = self._unsealer.document(WebhookEndpoint, attempt.endpoint)
        if isinstance(endpoint, Rejected):
            return endpoint
        write = alertmanager if endpoint.format == "alertmanager" else payload
        content = orjson.dumps(write(attempt))
        now = int(self._http.clock())
        headers = signed_headers(attempt.notification.id, content, endpoint.secret, now)
        if isinstance(headers, Rejected):
            return headers
        request = Request(
            attempt.notification.to,
            endpoint.url,
            content,
            headers | {"content-type": "application/json"},
            allow_private=endpoint.allow_private,
        )
        response = await self._http.exchange(request)
        return (
            answer_of(response, self._http.now(), CHECK, "url")
            if isinstance(response, Response)
            else response
        )
