"""One request to Twilio, for an SMS or for a call, and what its answer means; no reason repeats a number."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from sinks.channels.text import cut, line
from sinks.http.client import HttpClient, Request, Response
from sinks.http.json_object import foreign, json_object
from sinks.http.status import answer_of
from sinks.outcome import Answer, Delivered, Rejected, Retry
from streams.channels.shared.twilio import TwilioEndpoint
from streams.messages.attempt import Attempt
from streams.outcome_code import OutcomeCode

_FORM = "application/x-www-form-urlencoded"
_MEANINGS = {
    20003: OutcomeCode.CREDENTIALS,
    20404: OutcomeCode.CREDENTIALS,
    10004: OutcomeCode.BUSY,  # too many calls at once
    20429: OutcomeCode.BUSY,
    21211: OutcomeCode.RECIPIENT,  # no valid number
    21214: OutcomeCode.RECIPIENT,  # no number that can be called
    21215: OutcomeCode.REFUSED,  # the account may not call this region
    21219: OutcomeCode.REFUSED,  # a trial account, a number that is not verified
    21408: OutcomeCode.REFUSED,  # the account may not send to this region
    21608: OutcomeCode.REFUSED,  # a trial account, a number that is not verified
    21610: OutcomeCode.RECIPIENT,  # the recipient has answered STOP
    21611: OutcomeCode.BUSY,  # the sender's queue is full
    21612: OutcomeCode.REFUSED,  # no route from this sender to this number
    21614: OutcomeCode.RECIPIENT,  # no mobile number
    21617: OutcomeCode.REFUSED,  # too long, which we should have seen
    21635: OutcomeCode.RECIPIENT,  # a landline
    30001: OutcomeCode.BUSY,
}
_AMBIGUOUS = frozenset({500, 502, 504})  # the message may exist


async def ask_twilio(
    http: HttpClient,
    attempt: Attempt,
    endpoint: TwilioEndpoint,
    resource: str,
    fields: Sequence[tuple[str, str]],
) -> Answer:
    """Create one of the account's resources, `Messages` or `Calls`, and say what came of it."""
    login = f"{endpoint.login or endpoint.account}:{endpoint.password}".encode()
    request = Request(
        attempt.notification.to,
        f"{endpoint.base}/2010-04-01/Accounts/{endpoint.account}/{resource}.json",
        urlencode(fields).encode(),
        {"content-type": _FORM, "authorization": f"Basic {base64.b64encode(login).decode()}"},
        allow_private=endpoint.allow_private,
        needs_body=True,
    )
    response = await http.exchange(request)
    return _answer(response, endpoint, http.now()) if isinstance(response, Response) else response


def _answer(response: Response, endpoint: TwilioEndpoint, now: int) -> Answer:
    """By Twilio's own code where it gives one, else by the status."""
    body = json_object(response)
    answer = answer_of(response, now, "the endpoint's `account`, `login` and `password`")
    code = _MEANINGS.get(body.get("code", 0)) if isinstance(body.get("code"), int) else None
    if isinstance(answer, Delivered) and code is None:
        if not isinstance(body.get("sid"), str):
            return foreign(response)
        says = cut(line(f"{response.place} has queued {_queued(body)}"), 200)
        return Delivered(says, OutcomeCode.ACCEPTED, str(body.get("sid", ""))[:40])
    if response.status in _AMBIGUOUS:
        return Retry(None, answer.reason, OutcomeCode.UNKNOWN)
    words = f"{answer.reason}; it says {body.get('code')}: {body.get('message', '')}"
    words = without_secrets(words, endpoint)
    if code is None:
        unknown = "code" in body and isinstance(answer, Rejected)
        return Rejected(words, answer.code) if unknown else answer
    if code == OutcomeCode.BUSY:
        return Retry(answer.after_ms if isinstance(answer, Retry) else None, words, code)
    return Rejected(words, code)


def _queued(body: dict[str, Any]) -> str:
    """What it has queued, in words: so many SMS, or a call."""
    if "num_segments" not in body:
        return "the call"
    count = str(body["num_segments"])
    return "1 SMS" if count == "1" else f"{count} SMS"


def without_secrets(words: str, endpoint: TwilioEndpoint, *more: str) -> str:
    """A provider's words without the number and without what grants access, on one line."""
    for secret in (endpoint.to, endpoint.to.lstrip("+"), endpoint.password, *more):
        words = words.replace(secret, "…") if secret else words
    return cut(line(words), 300)
