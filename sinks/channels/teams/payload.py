"""A notification as an adaptive card, version 1.4, within what Teams takes; no label in it becomes live."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import orjson

from sinks.channels.message import AlertText, Message
from sinks.channels.text import cut
from sinks.channels.words import message_of
from streams.messages.attempt import Attempt

LARGEST = 24_000  # bytes of the whole message; Teams takes 28 KB
FACTS = 12  # labels of an alert
MARKS = re.compile(r"([\\*_\[\]`~#<>|])")  # what Teams' markdown would make of a label
COLOURS = {"critical": "attention", "warning": "warning", "info": "accent"}
TYPE = "application/vnd.microsoft.card.adaptive"


def content(attempt: Attempt, bare: bool = False, link: str = "") -> bytes:
    """The body of the request: as many alerts as fit. `bare`: the card alone; `link`: to acknowledge, or ""."""
    message = message_of(attempt)
    for shown in range(len(message.alerts), -1, -1):
        card = _card(message, message.alerts[:shown], link)
        body = card if bare else {"type": "message", "attachments": [_attachment(card)]}
        encoded = orjson.dumps(body)
        if len(encoded) <= LARGEST:
            return encoded
    raise AssertionError("a card without any alert fits")


def _attachment(card: dict[str, Any]) -> dict[str, Any]:
    """The card as a workflow wants it: `contentUrl` must be there, and be null."""
    return {"contentType": TYPE, "contentUrl": None, "content": card}


def _card(message: Message, alerts: tuple[AlertText, ...], link: str) -> dict[str, Any]:
    blocks = [block for alert in alerts for block in _alert(alert)]
    if message.body is not None:
        blocks = [_text(message.body) | {"separator": True}]
    card: dict[str, Any] = {
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "version": "1.4",
        "msteams": {"width": "full"},
        "fallbackText": message.headline,
        "body": [*_head(message, len(alerts)), *blocks, *_foot(message)],
    }
    if link:
        card["actions"] = [{"type": "Action.OpenUrl", "title": message.link_words, "url": link}]
    return card


def _head(message: Message, shown: int) -> Iterator[dict[str, Any]]:
    """State first: a list of chats shows only that."""
    colour = "good" if message.over else COLOURS.get(message.severity, "default")
    yield _text(message.headline) | {"size": "large", "weight": "bolder", "color": colour}
    whole = shown == message.count or message.body is not None
    words = message.stands_for if whole else f"{message.count} alerts, the first {shown} of them here"
    yield _text(f"{words}, team {message.team}{', delayed' * message.delayed}") | {"isSubtle": True}


def _alert(alert: AlertText) -> Iterator[dict[str, Any]]:
    words = "\n\n".join([alert.message, *(f"{name}: {words}" for name, words in alert.facts)]).strip()
    if words:
        yield _text(words) | {"separator": True}
    facts = [("state", f"{alert.status}, {alert.severity}"), ("since", alert.since), *alert.labels[:FACTS]]
    yield {
        "type": "FactSet",
        "facts": [{"title": escape(name), "value": escape(value)} for name, value in facts],
    }


def _foot(message: Message) -> Iterator[dict[str, Any]]:
    words = [f"{name}: {words}" for name, words in message.facts]
    yield _text("\n\n".join([*words, f"As of {message.at}"])) | {"isSubtle": True, "size": "small"}


def _text(words: str) -> dict[str, Any]:
    return {"type": "TextBlock", "text": escape(cut(words, 2_000)), "wrap": True}


def escape(words: str) -> str:
    """Words that Teams shows as they stand: no emphasis, link or list of theirs comes alive."""
    return MARKS.sub(r"\\\1", words)
