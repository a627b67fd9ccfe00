"""The PagerDuty channel: one event a notification, always with the routing key that the group was triggered with."""

from __future__ import annotations

from dataclasses import replace

from sinks.channels.pagerduty.payload import Action, action, event
from sinks.channels.reopening import HELD, OPEN, reopens, stays_held
from sinks.channels.resources import Resources
from sinks.channels.text import cut, line
from sinks.http.client import Request, Response, bounded
from sinks.http.json_object import foreign, is_page, json_object
from sinks.http.status import answer_of
from sinks.outcome import Answer, Delivered, Rejected, Retry
from streams.channels.pagerduty import PagerDutyEndpoint
from streams.documents.endpoint import SEALED
from streams.messages.attempt import OVER, Attempt
from streams.outcome_code import OutcomeCode

PATIENCE = 30_000  # ms; PagerDuty counts calls a minute, and asks for half a minute between repeats
SUCCESS = "success"  # what it says of an event that it has taken


class PagerDuty:
    """Sends events. A repeat is known by its key, so no outcome that is unknown does harm."""

    def __init__(self, resources: Resources) -> None:
        """`resources`: what opens endpoints and connects."""
        self._unsealer, self._http = resources.unsealer, resources.http

    async def send(self, attempt: Attempt) -> Answer:
        """Trigger, acknowledge or resolve.

        An acknowledgement through another key is taken and forgotten there, so the key of the trigger comes back as
        the reference, sealed as it stands in the document; where that key no longer exists, the new one is used.
        """
        endpoint = self._unsealer.document(PagerDutyEndpoint, attempt.endpoint)
        if isinstance(endpoint, Rejected):
            return endpoint
        return await bounded(endpoint.base, self._tell(attempt, endpoint))

    async def _tell(self, attempt: Attempt, endpoint: PagerDutyEndpoint) -> Answer:
        sealed, key = str(attempt.endpoint.get("routing_key", "")), endpoint.routing_key
        known = attempt.reference.removeprefix(HELD)
        if known.startswith(SEALED) and known != sealed:
            first = self._unsealer.text(known)
            answer = await self._say(attempt, endpoint, first or key)
            if not isinstance(answer, Rejected):
                return _referring(answer, attempt, known)
        return _referring(await self._say(attempt, endpoint, key), attempt, sealed)

    async def _say(self, attempt: Attempt, endpoint: PagerDutyEndpoint, key: str) -> Answer:
        """The event; before it, the end of an incident that somebody has, which would swallow it."""
        if not reopens(attempt):
            return await self._enqueue(attempt, endpoint, key, action(attempt))
        ended = await self._enqueue(attempt, endpoint, key, "resolve")
        if not isinstance(ended, Delivered):
            return ended
        answer = await self._enqueue(attempt, endpoint, key, "trigger")
        return replace(answer, reference=OPEN) if isinstance(answer, Retry) else answer  # it is resolved once

    async def _enqueue(
        self, attempt: Attempt, endpoint: PagerDutyEndpoint, key: str, doing: Action
    ) -> Answer:
        path = "change/enqueue" if doing == "change" else "enqueue"
        response = await self._http.exchange(
            Request(
                attempt.notification.to,
                f"{endpoint.base}/v2/{path}",
                event(attempt, key, doing),
                {"content-type": "application/json"},
                allow_private=endpoint.allow_private,
                needs_body=True,
            )
        )
        return self._answer(response, key) if isinstance(response, Response) else response

    def _answer(self, response: Response, key: str) -> Answer:
        answer = answer_of(response, self._http.now(), "the endpoint's `routing_key` and `region`")
        match answer:
            case Delivered() if is_page(response):
                return foreign(response)
            case Delivered() if json_object(response).get("status", SUCCESS) != SUCCESS:
                words = f"{answer.reason}, but not that it queued it; it says: {_errors(response, key)}"
                return Rejected(words, OutcomeCode.REFUSED)
            case Delivered():
                return Delivered(f"{response.place} has queued it", OutcomeCode.ACCEPTED)
            case Retry(after_ms=None, code=OutcomeCode.BUSY):
                return Retry(PATIENCE, answer.reason, answer.code)
            case Rejected(code=OutcomeCode.REFUSED | OutcomeCode.CREDENTIALS) if words := _errors(
                response, key
            ):
                return Rejected(f"{answer.reason}; it says: {words}", answer.code)
        return answer


def _referring(answer: Answer, attempt: Attempt, key: str) -> Answer:
    """The answer with what the group's next event needs: the sealed key that this one had, and whether it is held."""
    sealed, doing = key if key.startswith(SEALED) else "", action(attempt)
    if isinstance(answer, Retry) and answer.reference:
        return replace(answer, reference=sealed or answer.reference)
    if not isinstance(answer, Delivered) or doing == "change":
        return answer
    if doing == "resolve":
        return replace(answer, reference=OVER)
    if doing == "acknowledge" or stays_held(attempt):
        return replace(answer, reference=f"{HELD}{sealed}")
    return replace(answer, reference=sealed or OPEN)


def _errors(response: Response, key: str) -> str:
    """PagerDuty's own words, without the key."""
    errors = json_object(response).get("errors")
    words = ", ".join(map(str, errors)) if isinstance(errors, list) else ""
    return cut(line(words.replace(key, "…")), 200)
