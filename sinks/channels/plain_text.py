"""A message as plain text of several paragraphs: how many, then each alert, then why. What is cut is the end."""

from __future__ import annotations

from sinks.channels.message import AlertText, Message


def plain_text(message: Message) -> str:
    """All that a message says below its headline."""
    parts = [f"{message.stands_for}, team {message.team}{', delayed' * message.delayed}"]
    parts += [_alert(alert) for alert in message.alerts]
    parts.append(f"Why: {message.reason or 'an endpoint of your team'}")
    return "\n\n".join(parts)


def _alert(alert: AlertText) -> str:
    lines = [alert.message, f"{alert.status}, {alert.severity}, since {alert.since}", alert.where]
    return "\n".join(part for part in [*lines, *(f"In doubt: {doubt}" for doubt in alert.doubts)] if part)
