"""The channel of Opsgenie and JSM Operations: a request is queued there, and its fate is asked for."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from urllib.parse import quote

import orjson

from sinks.channels.opsgenie.payload import ALONE, Step, closing, step
from sinks.channels.reopening import HELD, OPEN, reopens, stays_held
from sinks.channels.resources import Resources
from sinks.channels.text import cut, line
from sinks.http.client import CALL, Request, Response, bounded
from sinks.http.json_object import foreign, is_page, json_object
from sinks.http.status import answer_of
from sinks.outcome import Answer, Delivered, Rejected, Retry
from streams.channels.opsgenie import OpsgenieEndpoint
from streams.messages.attempt import OVER, Attempt
from streams.outcome_code import OutcomeCode

POLLS = (0.5, 1.5)  # seconds before each question what became of the request
FOLLOW = 5.0  # seconds for all of them
LATEST = CALL - 0.5  # seconds after which nothing is asked any more: what is queued counts as accepted
ABSENT = "absent"  # the reference of an answer that there is no such alert
_NOT_YET = "does not exist"  # of an acknowledgement that has overtaken its alert


class Opsgenie:
    """Creates, acknowledges and closes alerts by alias. A repeat is known by it, so an unknown outcome does no harm."""

    def __init__(self, resources: Resources) -> None:
        """`resources`: what opens endpoints and connects."""
        self._unsealer, self._http = resources.unsealer, resources.http

    async def send(self, attempt: Attempt) -> Answer:
        """Ask for it, then for what became of it."""
        endpoint = self._unsealer.document(OpsgenieEndpoint, attempt.endpoint)
        if isinstance(endpoint, Rejected):
            return endpoint
        return await bounded(endpoint.base, self._tell(attempt, endpoint))

    async def _tell(self, attempt: Attempt, endpoint: OpsgenieEndpoint) -> Answer:
        until = asyncio.get_running_loop().time() + LATEST
        if reopens(attempt) and (problem := await self._close_first(attempt, endpoint, until)):
            return problem
        return _referring(await self._ask(attempt, endpoint, step(attempt, endpoint), until), attempt)

    async def _close_first(self, attempt: Attempt, endpoint: OpsgenieEndpoint, until: float) -> Answer | None:
        """Close the alert that somebody has, which would swallow the news; None where that is done.

        It has to be known, or some seconds ago: a closing that came after the news would end it unheard.
        """
        answer = await self._ask(attempt, endpoint, closing(attempt), until)
        if isinstance(answer, Delivered) and answer.code == OutcomeCode.ACCEPTED and attempt.number == 1:
            return Retry(
                None, f"{answer.reason}, and not yet closed what somebody has there", OutcomeCode.UNAVAILABLE
            )
        gone = isinstance(answer, Retry) and answer.reference == ABSENT
        return None if gone or isinstance(answer, Delivered) else answer

    async def _ask(self, attempt: Attempt, endpoint: OpsgenieEndpoint, asked: Step, until: float) -> Answer:
        """One request, and what became of it."""
        response = await self._call(attempt, endpoint, "POST", asked.path, orjson.dumps(asked.body))
        if not isinstance(response, Response):
            return response
        answer = self._answer(response)
        if not isinstance(answer, Delivered):
            return answer
        body = json_object(response)
        request = body.get("requestId")
        if not request and (body or is_page(response)):
            words = cut(line(str(body.get("message", ""))), 200)
            says = f"{response.place} answered HTTP {response.status}, but not that it queued it; it says: {words}"
            return Rejected(says, OutcomeCode.REFUSED) if words else foreign(response)
        queued = Delivered(f"{response.place} has queued it", OutcomeCode.ACCEPTED)
        if not isinstance(request, str) or not request:
            return queued
        return await self._follow(attempt, endpoint, request, until) or queued

    async def _follow(
        self, attempt: Attempt, endpoint: OpsgenieEndpoint, request: str, until: float
    ) -> Answer | None:
        """What became of a queued request; None where that is not known in time. `until`: of the loop's clock."""
        path = f"/v2/alerts/requests/{quote(request, safe='')}"
        try:
            async with asyncio.timeout_at(min(until, asyncio.get_running_loop().time() + FOLLOW)):
                for pause in POLLS:
                    await asyncio.sleep(pause)
                    response = await self._call(attempt, endpoint, "GET", path, b"")
                    if isinstance(response, Response) and (answer := _fate(response)):
                        return answer
        except TimeoutError:
            return None
        return None

    def _answer(self, response: Response) -> Answer:
        answer = answer_of(response, self._http.now(), "the endpoint's `api_key`, `service` and `region`")
        if isinstance(answer, Retry) and answer.after_ms is None and answer.code == OutcomeCode.BUSY:
            period = response.headers.get("x-ratelimit-period-in-sec", "")
            after = int(period[:4]) * 1_000 if period.isascii() and period.isdigit() else None
            return Retry(after, answer.reason, answer.code)
        words = cut(line(str(json_object(response).get("message", ""))), 200)
        if isinstance(answer, Rejected) and words:
            return Rejected(f"{answer.reason}; it says: {words}", answer.code)
        return answer

    async def _call(
        self, attempt: Attempt, endpoint: OpsgenieEndpoint, method: str, path: str, content: bytes
    ) -> Response | Retry | Rejected:
        headers = {"authorization": f"GenieKey {endpoint.api_key}", "content-type": "application/json"}
        return await self._http.exchange(
            Request(
                attempt.notification.to,
                f"{endpoint.base}{path}",
                content,
                headers,
                method=method,
                allow_private=endpoint.allow_private,
                needs_body=True,
            )
        )


def _referring(answer: Answer, attempt: Attempt) -> Answer:
    """The answer with what the group's next request needs: whether somebody has its alert there."""
    what = attempt.notification.what
    if isinstance(answer, Retry):
        return replace(answer, reference="")
    if not isinstance(answer, Delivered) or what in ALONE:
        return answer
    held = what == "acknowledged" or stays_held(attempt)
    return replace(answer, reference=HELD if held else OVER if what == "resolved" else OPEN)


def _fate(response: Response) -> Answer | None:
    """What the state of a request says; None while it is not processed (a 404 at first means that as well)."""
    state = json_object(response).get("data")
    if response.status != 200 or not isinstance(state, dict):
        return None
    success = state.get("success", state.get("isSuccess"))
    words = cut(line(str(state.get("status", ""))), 200)
    if success is True:
        return Delivered(f"{response.place} has done it: {words}")
    if success is not False:
        return None
    if _NOT_YET in words:
        return Retry(
            None, f"{response.place} has no such alert yet: {words}", OutcomeCode.UNAVAILABLE, ABSENT
        )
    return Rejected(f"{response.place} has refused it: {words}", OutcomeCode.REFUSED)
