"""The SMS channel: one request to Twilio, or to a gateway, that sends a notification to one telephone."""

from __future__ import annotations

from sinks.channels.inbound_address import status_address
from sinks.channels.resources import Resources
from sinks.channels.sms.answers import of_gateway
from sinks.channels.sms.payload import gateway_request, twilio_fields
from sinks.channels.twilio import ask_twilio
from sinks.http.client import Request, Response
from sinks.outcome import Answer, Rejected
from streams.channels.sms import SmsEndpoint
from streams.messages.attempt import Attempt


class Sms:
    """Sends SMS. Twilio knows no repeats, so an outcome that is unknown may mean a second SMS."""

    def __init__(self, resources: Resources) -> None:
        """`resources`: what opens endpoints and connects."""
        self._unsealer, self._http, self._links = resources.unsealer, resources.http, resources.links

    async def send(self, attempt: Attempt) -> Answer:
        """Ask the provider to send it."""
        endpoint = self._unsealer.document(SmsEndpoint, attempt.endpoint)
        if isinstance(endpoint, Rejected):
            return endpoint
        if endpoint.provider == "twilio":
            return await ask_twilio(
                self._http, attempt, endpoint, "Messages", self._fields(attempt, endpoint)
            )
        response = await self._http.exchange(_gateway(attempt, endpoint))
        return (
            of_gateway(response, endpoint, self._http.now()) if isinstance(response, Response) else response
        )

    def _fields(self, attempt: Attempt, endpoint: SmsEndpoint) -> list[tuple[str, str]]:
        """The fields of an SMS, with where Twilio says later whether it arrived."""
        fields = twilio_fields(attempt, endpoint)
        callback = status_address(attempt, "sms", self._links) if endpoint.proof else ""
        return [*fields, ("StatusCallback", callback)] if callback else fields


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
