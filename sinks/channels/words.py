"""What a channel says: the notification in our words, or in those of the endpoint's own templates."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

from sinks.channel import Channel
from sinks.channels.message import TITLE, AlertText, Message, built_in
from sinks.channels.text import clean, cut, line
from sinks.outcome import Answer, Delivered
from streams.errors import TemplateFault
from streams.messages.attempt import Attempt
from streams.outcome_code import OutcomeCode
from streams.text.template import NAMES, rendered

OURS = frozenset({"code", "hand_off"})  # what they say has to arrive, whatever a template makes of it


class Worded(NamedTuple):
    """A message, and why it is not in the endpoint's own words; "" where it is, or has none."""

    message: Message
    fault: str = ""


def message_of(attempt: Attempt) -> Message:
    """What the attempt's notification says, in the endpoint's own words where it has some."""
    return worded(attempt).message


def worded(attempt: Attempt) -> Worded:
    """The message; in our words where a template fails."""
    message, endpoint = built_in(attempt), attempt.endpoint
    sources = {name: str(endpoint.get(name) or "") for name in ("title_template", "text_template")}
    if attempt.notification.what in OURS or not any(sources.values()):
        return Worded(message)
    values, own = _values(message), message
    for name, source in sources.items():
        try:
            words = clean(rendered(source, values)).strip() if source else ""
        except TemplateFault as why:
            return Worded(message, f"`{name}`: {why}")
        if source and not words:
            return Worded(message, f"`{name}`: it gives nothing")
        if words and name == "title_template":
            own = replace(own, title=cut(line(words), TITLE))
        elif words:
            own = replace(own, body=words)
    return Worded(own)


def _values(message: Message) -> dict[str, Any]:
    """What templates may show, by the names that `streams.text.template` knows."""
    alerts = [_alert(alert) for alert in message.alerts]
    return {name: getattr(message, name) for name in NAMES} | {"alerts": alerts}


def _alert(alert: AlertText) -> dict[str, Any]:
    names = ("status", "severity", "message", "since", "where", "cause", "runbook")
    texts = {name: getattr(alert, name) for name in names}
    return texts | {"labels": dict(alert.labels), "doubts": list(alert.doubts)}


class TemplateReporting:
    """A channel around another one: where the endpoint's templates fail, its answer says so, with a code."""

    def __init__(self, channel: Channel) -> None:
        """`channel`: what makes the call."""
        self._channel = channel

    async def send(self, attempt: Attempt) -> Answer:
        """Make the call."""
        answer = await self._channel.send(attempt)
        fault = worded(attempt).fault if attempt.endpoint.keys() & {"title_template", "text_template"} else ""
        if not fault:
            return answer
        answer = replace(answer, reason=f"{answer.reason}; told in our own words: {fault}")
        return replace(answer, code=OutcomeCode.TEMPLATE) if isinstance(answer, Delivered) else answer
