"""A notification in as many SMS as an endpoint allows: what matters least goes first."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from urllib.parse import quote

from sinks.channels.message import Message, answerable, group_key, notification_key
from sinks.channels.sms.parts import LONGEST, parts, plain
from sinks.channels.text import cut, line
from sinks.channels.words import message_of
from streams.channels.sms import PLACES, SmsEndpoint
from streams.messages.attempt import Attempt

_PLACE = re.compile(rf"\{{({'|'.join(PLACES)})\}}")
CODE = 6  # digits of the key of a group, or of a bundle, by which a reply names it
_SHORTEST = 20  # characters of a message below which it says nothing


def text(message: Message, most: int, ask: str = "") -> str:
    """What the SMS say, in at most `most` of them: the whole, else without labels, else shortened, else cut.

    `ask`: what to reply, which stands at the end and is never cut.
    """
    best = ""
    for candidate in _candidates(message):
        best = plain(line(candidate))
        if _fits(best + ask, most):
            return best + ask
    while best and not _fits(best + ask, most):
        best = plain(cut(best.removesuffix("..."), len(best.removesuffix("...")) - 1))
    return best + ask


def _fits(text: str, most: int) -> bool:
    return parts(text) <= most and len(text) <= LONGEST


def ask(attempt: Attempt, endpoint: SmsEndpoint) -> str:
    """What a reply has to say; "" where none is read, or there is nothing to answer."""
    asked = answerable(attempt.notification) and endpoint.replies != "none"
    return f" Reply ACK {group_key(attempt)[:CODE]}" if asked else ""


def _candidates(message: Message) -> Iterator[str]:
    """The notification ever shorter: labels go from the last, then the words of the alert, then its title."""
    first = message.alerts[0] if message.alerts else None
    words, labels = (first.message, first.labels) if first else ("", ())
    if message.body is not None:
        words, labels = line(message.body), ()
    count = f" ({message.stands_for})" if message.count != 1 else ""
    for kept in range(len(labels), -1, -1):
        where = ", ".join(f"{name}={value}" for name, value in labels[:kept])
        yield ". ".join(filter(None, (f"{message.headline}{count}", words, where)))
    size = len(words) - 10
    while size >= _SHORTEST:
        yield f"{message.headline}{count}. {cut(words, size)}"
        size -= 10
    yield f"{message.headline}{count}"
    for size in range(len(message.title) - 5, 5, -5):
        yield f"{message.marked_state}: {cut(message.title, size)}{count}"


def twilio_fields(attempt: Attempt, endpoint: SmsEndpoint) -> list[tuple[str, str]]:
    """The fields that Twilio's Messages resource takes."""
    whose = "MessagingServiceSid" if re.fullmatch(r"MG[0-9a-fA-F]{32}", endpoint.sender) else "From"
    return [
        ("To", endpoint.to),
        (whose, endpoint.sender),
        ("Body", text(message_of(attempt), endpoint.most_parts, ask(attempt, endpoint))),
        ("ValidityPeriod", str(max(1, min(endpoint.valid // 1_000, 36_000)))),
    ]


def gateway_request(attempt: Attempt, endpoint: SmsEndpoint) -> tuple[str, bytes]:
    """Address and body of a gateway's request, each word in braces written as its place demands."""
    values = {
        "to": endpoint.to,
        "text": text(message_of(attempt), endpoint.most_parts),
        "id": notification_key(attempt),
        "sender": endpoint.sender,
    }
    spelled: dict[str, Callable[[str], str]] = {
        "application/json": lambda value: json.dumps(value)[1:-1],  # within the quotes of the template
        "application/x-www-form-urlencoded": lambda value: quote(value, safe=""),
        "text/plain": lambda value: value,
    }
    url = _filled(endpoint.url, values, lambda value: quote(value, safe=""))
    return url, _filled(endpoint.content, values, spelled[endpoint.content_type]).encode()


def _filled(template: str, values: dict[str, str], spell: Callable[[str], str]) -> str:
    return _PLACE.sub(lambda match: spell(values[match[1]]), template)
