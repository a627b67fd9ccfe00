"""What Twilio's answers and a gateway's mean; no reason repeats a number."""

from __future__ import annotations

from typing import Any

import orjson

from sinks.channels.text import cut, line
from sinks.http.client import Response
from sinks.http.status import answer_of
from sinks.outcome import Answer, Delivered, Rejected, Retry
from streams.channels.sms import SmsEndpoint
from streams.outcome_code import OutcomeCode

_MEANINGS = {
    20003: OutcomeCode.CREDENTIALS,
    20404: OutcomeCode.CREDENTIALS,
    20429: OutcomeCode.BUSY,
    21211: OutcomeCode.RECIPIENT,  # no valid number
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


def of_twilio(response: Response, endpoint: SmsEndpoint, now: int) -> Answer:
    """By Twilio's own code where it gives one, else by the status."""
    body = _object(response)
    answer = answer_of(response, now, "the endpoint's `account`, `login` and `password`")
    if isinstance(answer, Delivered):
        count = body.get("num_segments", "?")
        says = f"{response.place} has queued {'1 SMS' if str(count) == '1' else f'{count} SMS'}"
        return Delivered(cut(line(says), 200), OutcomeCode.ACCEPTED, str(body.get("sid", ""))[:40])
    if response.status in _AMBIGUOUS:
        return Retry(None, answer.reason, OutcomeCode.UNKNOWN)
    code = _MEANINGS.get(body.get("code", 0)) if isinstance(body.get("code"), int) else None
    words = _hidden(f"{answer.reason}; it says {body.get('code')}: {body.get('message', '')}", endpoint)
    if code is None:
        return (
            answer if "code" not in body or not isinstance(answer, Rejected) else Rejected(words, answer.code)
        )
    if code == OutcomeCode.BUSY:
        return Retry(answer.after_ms if isinstance(answer, Retry) else None, words, code)
    return Rejected(words, code)


def of_gateway(response: Response, endpoint: SmsEndpoint, now: int) -> Answer:
    """By the status, and by the words that a success has to hold."""
    answer = answer_of(response, now, "the endpoint's `url`, `content` and `authorization`", "url")
    if not isinstance(answer, Delivered):
        return answer
    words = response.body.decode(errors="replace")
    if endpoint.expect and endpoint.expect not in words:
        shown = _hidden(f"{answer.reason}, but its words are not those of `expect`: {words}", endpoint)
        return Rejected(shown, OutcomeCode.REFUSED)
    return Delivered(answer.reason, OutcomeCode.ACCEPTED)


def _object(response: Response) -> dict[str, Any]:
    try:
        body = orjson.loads(response.body)
    except orjson.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}


def _hidden(words: str, endpoint: SmsEndpoint) -> str:
    """Their words without the number and without what grants access."""
    for secret in (endpoint.to, endpoint.to.lstrip("+"), endpoint.password, endpoint.authorization):
        words = words.replace(secret, "…") if secret else words
    return cut(line(words), 300)
