"""The Pushover channel: one push message a notification; what sounds falls silent once somebody has the group."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from sinks.channels.message_link import message_link
from sinks.channels.pushover.payload import EMERGENCY, form, priority, tag
from sinks.channels.resources import Resources
from sinks.channels.text import cut, line
from sinks.http.client import Request, Response, bounded
from sinks.http.json_object import json_object
from sinks.http.status import answer_of
from sinks.outcome import Answer, Delivered, Rejected, Retry
from streams.channels.pushover import PushoverEndpoint
from streams.messages.attempt import Attempt
from streams.outcome_code import OutcomeCode

CHECK = "the endpoint's `token`, `user` and `device`"
PATIENCE = 5_000  # ms: Pushover asks for so much between two calls where it fails
_FORM = {"content-type": "application/x-www-form-urlencoded"}


class Pushover:
    """Sends push messages. Pushover knows no repeats, so an outcome that is unknown may mean a second one."""

    def __init__(self, resources: Resources) -> None:
        """`resources`: what opens endpoints and connects, and makes links to us."""
        self._unsealer, self._http, self._links = resources.unsealer, resources.http, resources.links

    async def send(self, attempt: Attempt) -> Answer:
        """Push the notification; what is acknowledged or resolved silences what sounds of its group first."""
        endpoint = self._unsealer.document(PushoverEndpoint, attempt.endpoint)
        if isinstance(endpoint, Rejected):
            return endpoint
        return await bounded(endpoint.base, self._tell(attempt, endpoint))

    async def _tell(self, attempt: Attempt, endpoint: PushoverEndpoint) -> Answer:
        what = attempt.notification.what
        if what in ("acknowledged", "resolved"):
            path = f"receipts/cancel_by_tag/{quote(tag(attempt), safe='')}.json"
            silenced = await self._ask(attempt, endpoint, path, urlencode({"token": endpoint.token}).encode())
            if what == "acknowledged" or not isinstance(silenced, Delivered):
                return silenced
        answer = await self._ask(
            attempt, endpoint, "messages.json", form(attempt, endpoint, self._link(attempt))
        )
        if isinstance(answer, Delivered) and priority(attempt) == EMERGENCY and attempt.reference:
            # the message before must not go on beside this one; where that fails, both fall silent by their tag
            path = f"receipts/{quote(attempt.reference, safe='')}/cancel.json"
            await self._ask(attempt, endpoint, path, urlencode({"token": endpoint.token}).encode())
        return answer

    def _link(self, attempt: Attempt) -> str:
        return message_link(attempt, self._links)

    async def _ask(self, attempt: Attempt, endpoint: PushoverEndpoint, path: str, content: bytes) -> Answer:
        request = Request(
            attempt.notification.to,
            f"{endpoint.base}/1/{path}",
            content,
            _FORM,
            allow_private=endpoint.allow_private,
            needs_body=True,
        )
        response = await self._http.exchange(request)
        return self._answer(response, endpoint) if isinstance(response, Response) else response

    def _answer(self, response: Response, endpoint: PushoverEndpoint) -> Answer:
        body, answer = json_object(response), answer_of(response, self._http.now(), CHECK)
        match answer:
            case Delivered() if body.get("status") == 1:
                receipt = body.get("receipt")
                reference = receipt[:100] if isinstance(receipt, str) else ""
                return Delivered(f"{response.place} has taken it", OutcomeCode.ACCEPTED, reference)
            case Delivered():
                return Rejected(
                    f"{answer.reason}, but not that it took it; check `api_url`", OutcomeCode.REFUSED
                )
            case Retry(after_ms=None):
                return Retry(PATIENCE, answer.reason, answer.code)
            case Rejected(code=OutcomeCode.REFUSED | OutcomeCode.CREDENTIALS) if "errors" in body:
                return Rejected(
                    f"{answer.reason}; it says: {_errors(body, endpoint)}", _code(body, answer.code)
                )
        return answer


def _code(body: dict[str, Any], usual: OutcomeCode) -> OutcomeCode:
    """Pushover names the field that it does not take."""
    if body.get("token") == "invalid":  # Pushover's word
        return OutcomeCode.CREDENTIALS
    return OutcomeCode.RECIPIENT if "invalid" in (body.get("user"), body.get("device")) else usual


def _errors(body: dict[str, Any], endpoint: PushoverEndpoint) -> str:
    """Pushover's own words, without token and key."""
    errors = body["errors"]
    words = ", ".join(map(str, errors)) if isinstance(errors, list) else ""
    for secret in (endpoint.token, endpoint.user):
        words = words.replace(secret, "…")
    return cut(line(words), 200)
