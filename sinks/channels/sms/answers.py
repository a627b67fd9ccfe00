"""What a gateway's answer means; no reason repeats a number or what grants access."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import orjson

from sinks.channels.twilio import without_secrets
from sinks.http.client import Response
from sinks.http.status import answer_of
from sinks.outcome import Answer, Delivered, Rejected
from streams.channels.sms import SmsEndpoint
from streams.outcome_code import OutcomeCode

_SHORTEST = 6  # characters of what may be a key
_WORD = re.compile(r"[^\s\"'<>{}&=:,;]+")  # of a content that is neither JSON nor a form
_PLACE = re.compile(r"\{[a-z_]+\}")  # of a template, filled with other words for each message


def of_gateway(response: Response, endpoint: SmsEndpoint, now: int) -> Answer:
    """The answer that a gateway's response gives, by its status and by the words that a success has to hold."""
    answer = answer_of(response, now, "the endpoint's `url`, `content` and `authorization`", "url")
    if not isinstance(answer, Delivered):
        return answer
    words = response.body.decode(errors="replace")
    if endpoint.expect and endpoint.expect not in words:
        shown = f"{answer.reason}, but its words are not those of `expect`: {words}"
        keys = {*endpoint.authorization.split()}  # it may repeat the key without the scheme
        keys |= {part for text in _values(endpoint) for part in _PLACE.split(text) if len(part) >= _SHORTEST}
        longest_first = sorted(keys, key=len, reverse=True)  # a key may be a part of another
        return Rejected(without_secrets(shown, endpoint, *longest_first), OutcomeCode.REFUSED)
    return Delivered(answer.reason, OutcomeCode.ACCEPTED)


def _values(endpoint: SmsEndpoint) -> Iterator[str]:
    """What of address and content may be a key: values, and not the names of fields where these can be told apart."""
    place = urlsplit(endpoint.url)
    yield from filter(None, (place.username, place.password))
    yield from (value for _, value in parse_qsl(place.query))
    yield from (part for part in place.path.split("/") if any(sign.isdigit() for sign in part))
    try:
        yield from _leaves(orjson.loads(endpoint.content))
    except orjson.JSONDecodeError:
        yield from (value for _, value in parse_qsl(endpoint.content))
        yield from _WORD.findall(endpoint.content)


def _leaves(content: object) -> Iterator[str]:
    if isinstance(content, dict | list):
        for part in content.values() if isinstance(content, dict) else content:
            yield from _leaves(part)
    elif isinstance(content, str | int):
        yield str(content)
