"""The SMS channel: one request to Twilio, or to a gateway, that sends a notification to one telephone."""

from __future__ import annotations

import base64

from sinks.channels.resources import Resources
from sinks.channels.sms.answers import of_gateway, of_twilio
from sinks.channels.sms.payload import gateway_request, twilio_form
from sinks.http.client import Request, Response
from sinks.outcome import Answer, Rejected
from streams.channels.sms import SmsEndpoint
from streams.messages.attempt import Attempt

_FORM = "application/x-www-form-urlencoded"


class Sms:
    """Sends SMS. Twilio knows no repeats, so an outcome that is unknown may mean a second SMS."""

    def __init__(self, resources: Resources) -> None:
        """`resources`: what opens endpoints and connects."""
        self._unsealer, self._http = resources.unsealer, resources.http

    async def send(self, attempt: Attempt) -> Answer:
        """Ask the provider to send it."""
        endpoint = self._unsealer.document(SmsEndpoint, attempt.endpoint)
        if isinstance(endpoint, Rejected):
            return endpoint
        twilio = endpoint.provider == "twilio"
        request = _twilio(attempt, endpoint) if twilio else _gateway(attempt, endpoint)
        response = await self._http.exchange(request)
        if not isinstance(response, Response):
            return response
        return (of_twilio if twilio else of_gateway)(response, endpoint, self._http.now())


def _twilio(attempt: Attempt, endpoint: SmsEndpoint) -> Request:
    login = f"{endpoint.login or endpoint.account}:{endpoint.password}".encode()
    return Request(
        attempt.notification.to,
        f"{endpoint.base}/2010-04-01/Accounts/{endpoint.account}/Messages.json",
        twilio_form(attempt, endpoint),
        {"content-type": _FORM, "authorization": f"Basic {base64.b64encode(login).decode()}"},
        allow_private=endpoint.allow_private,
        needs_body=True,
    )


def _gateway(attempt: Attempt, endpoint: SmsEndpoint) -> Request:
    url, content = gateway_request(attempt, endpoint)
    headers: dict[str, str] = {"content-type": endpoint.content_type} if content else {}
    if endpoint.authorization:
        headers["authorization"] = endpoint.authorization
    return Request(
        attempt.notification.to,
        url,
        content,
        headers,
        method=endpoint.method,
        allow_private=endpoint.allow_private,
        needs_body=True,
    )
