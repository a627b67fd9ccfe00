"""A notification as Slack's blocks, within Slack's limits, and without anything that Slack would make live."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sinks.channels.message import STATES, AlertText, Message
from sinks.channels.text import cut
from streams.messages.alert import AlertStatus

TEXT, HEADER, SECTION = 3_000, 150, 2_900  # characters; Slack takes 4 000, 150, and 3 000
BLOCKS = 48  # of 50
TOTAL = 12_000  # characters of all blocks: beyond some 13 000 Slack refuses, which it documents nowhere
_SIGNS = {"critical": "\U0001f534", "warning": "\U0001f7e0", "info": "\U0001f535"}
_HAVE, _OVER_WITH = {"acknowledge": "Acknowledge"}, {"resolve": "Resolve"}
_VERBS = dict.fromkeys((STATES[what] for what in ("firing", "escalated", "reminder")), _HAVE | _OVER_WITH) | {
    STATES["acknowledged"]: _OVER_WITH,
    STATES["bundle"]: _HAVE,  # of all that it holds
}
_OVER, _SEEN = "\u2705", "\U0001f440"


def content(message: Message, key: str = "") -> dict[str, Any]:
    """The fields `text` (what a phone shows, and a screen reader says) and `blocks`.

    `key`: of the group, for buttons whose answers come back with it; "" where no answer would be believed.
    """
    blocks = [*_within(_blocks(message)), *(_buttons(message, key) if key else ())]
    return {"text": escape(cut(fallback(message), TEXT), TEXT), "blocks": blocks}


def _buttons(message: Message, key: str) -> Iterator[dict[str, Any]]:
    """What people may say of the group where there is something to say."""
    verbs = _VERBS.get(message.state, {})
    if message.state == STATES["bundle"] and all(
        alert.status == AlertStatus.RESOLVED for alert in message.alerts
    ):
        return
    elements = [
        {"type": "button", "action_id": f"tocsin_{verb}", "value": key, "text": _plain(words, 75)}
        for verb, words in verbs.items()
    ]
    if elements:
        yield {"type": "actions", "elements": elements}


def reply(message: Message) -> dict[str, Any]:
    """The same in a line, for the thread of a message that is edited in place."""
    words = f"{message.headline}. {message.reason}" if message.reason else message.headline
    return {"text": escape(cut(words, TEXT), TEXT)}


def fallback(message: Message) -> str:
    """The notification in a line: state, what, and the first alert's words."""
    shown = message.alerts[0].message if message.alerts else ""
    first = shown if message.body is None else message.body
    return f"{message.headline}{f': {first}' * bool(first)} ({message.stands_for})"


def escape(words: str, most: int) -> str:
    """`words` without live mentions and links, in at most `most` characters after Slack's three escapes."""
    escaped = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if len(escaped) <= most:
        return escaped
    return escape(cut(words, max(1, len(words) - max(1, (len(escaped) - most) // 5))), most)


def _code(words: str, most: int) -> str:
    """A span that shows letters as they are; a backtick cannot stand in one."""
    return f"`{escape(words.replace('`', chr(0x2019)), most)}`"


def _blocks(message: Message) -> Iterator[dict[str, Any]]:
    sign = _OVER if message.over else _SEEN if message.state == "ACKNOWLEDGED" else _SIGNS[message.severity]
    yield {"type": "header", "text": _plain(f"{sign} {message.headline}", HEADER)}
    yield _context(f"{message.stands_for}, team {message.team}{', delayed' * message.delayed}")
    if message.body is not None:
        yield {"type": "section", "text": _plain(message.body, SECTION)}
    else:
        for alert in message.alerts:
            yield from _alert(alert)
    yield _context("\n".join(f"{name}: {words}" for name, words in message.facts))


def _alert(alert: AlertText) -> Iterator[dict[str, Any]]:
    facts = "".join(f"\n{name}: {words}" for name, words in alert.facts)
    words = f"{alert.message}{facts}".strip()
    if words:
        yield {"type": "section", "text": _plain(words, SECTION)}
    labels = "  ".join(_code(f"{name}={value}", 200) for name, value in alert.labels[:12])
    state = f"{alert.status}, {alert.severity}, since {alert.since}"
    yield {
        "type": "context",
        "elements": [{"type": "mrkdwn", "text": f"{state}  {labels}".strip(), "verbatim": True}],
    }


def _context(words: str) -> dict[str, Any]:
    return {"type": "context", "elements": [_plain(words, SECTION)]}


def _plain(words: str, most: int) -> dict[str, Any]:
    """Text that Slack shows as it is: no mention, link or emphasis in it comes alive."""
    return {"type": "plain_text", "text": cut(words, most), "emoji": False}


def _within(blocks: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """As many blocks as Slack takes, and a word where there were more."""
    count = size = 0
    for block in blocks:
        count, size = count + 1, size + _size(block)
        if count > BLOCKS or size > TOTAL:
            yield _context("… and more than one message holds.")
            return
        yield block


def _size(block: dict[str, Any]) -> int:
    elements = block.get("elements") or [block["text"]]
    return sum(len(element["text"]) for element in elements)
