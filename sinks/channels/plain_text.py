"""A message as plain text of several paragraphs: how many, then each alert, then why. What is cut is the end."""

from __future__ import annotations

from collections.abc import Iterator

from sinks.channels.message import AlertText, Message


def plain_text(message: Message) -> str:
    """All that a message says below its headline."""
    return "\n\n".join(_parts(message))


def _parts(message: Message) -> Iterator[str]:
    yield f"{message.stands_for}, team {message.team}{', delayed' * message.delayed}"
    if message.body is not None:
        yield message.body
    else:
        yield from map(alert_text, message.alerts)
    yield "\n".join(f"{name}: {words}" for name, words in message.facts)


def alert_text(alert: AlertText) -> str:
    """One alert in some lines."""
    lines = [alert.message, f"{alert.status}, {alert.severity}, since {alert.since}", alert.where]
    return "\n".join(part for part in [*lines, *(f"{name}: {words}" for name, words in alert.facts)] if part)
