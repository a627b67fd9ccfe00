"""`python -m sinks preview`: what a channel would say, as text for a terminal; nothing is sent.

Reads `{"endpoint": {…}, "notification": {…}}` as JSON on its standard input. What of the endpoint grants access may be
masked or missing: it changes no word. Without a notification it shows one about two alerts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from sinks.channels.email.payload import subject
from sinks.channels.email.payload import text as mail_text
from sinks.channels.message import Message
from sinks.channels.ntfy.payload import publication
from sinks.channels.opsgenie.payload import step
from sinks.channels.pagerduty.payload import event
from sinks.channels.payload import payload
from sinks.channels.plain_text import plain_text
from sinks.channels.pushover.payload import MESSAGE as PUSHED
from sinks.channels.registry import REGISTRY
from sinks.channels.slack.payload import content as slack_content
from sinks.channels.sms.parts import parts
from sinks.channels.sms.payload import ask
from sinks.channels.sms.payload import text as sms_text
from sinks.channels.teams.payload import content as card
from sinks.channels.text import cut
from sinks.channels.voice.speech import WORDS, speech
from sinks.channels.webhook.alertmanager_payload import alertmanager
from sinks.channels.words import worded
from streams.channels.opsgenie import OpsgenieEndpoint
from streams.channels.registry import CHANNELS
from streams.channels.sms import SmsEndpoint
from streams.documents.endpoint import named_channel
from streams.errors import Refused
from streams.messages.attempt import Attempt

SAMPLE: dict[str, Any] = {
    "id": "preview", "at": 1_795_000_000_000, "to": "endpoint/platform/preview", "team": "platform",
    "group": "platform/preview", "what": "firing", "severity": "critical",
    "title": "2 alerts: tool-errors", "reason_code": "first_alert", "reason": "the first alert of its group", "step": 0,
    "count": 2, "deadline": 1_795_003_600_000, "others": ["anna/sms"], "next": "step",
    "next_to": ["schedule/platform/second"], "next_at": 1_795_000_600_000,
    "alerts": [
        {"alert_id": "a1", "status": "firing", "severity": "critical", "message": "52 % of calls fail, more than 50 %",
         "labels": {"gateway": "prod-eu", "upstream": "search"}, "since": 1_794_999_880_000,
         "runbook": "https://wiki.example.com/tool-errors"},
        {"alert_id": "a2", "status": "firing", "severity": "warning", "message": "12 % of calls fail, more than 10 %",
         "labels": {"gateway": "prod-eu", "upstream": "mail"}, "since": 1_794_999_940_000},
    ],
}  # fmt: skip


def preview(raw: bytes) -> str:
    """What the channel would say; Refused where the endpoint names none."""
    try:
        asked = orjson.loads(raw)
        endpoint = dict(asked["endpoint"])
        given = dict(asked.get("notification") or {})
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        raise Refused('preview reads {"endpoint": {…}, "notification": {…}}') from None
    channel = named_channel(endpoint)
    if not isinstance(channel, str) or channel not in REGISTRY:
        raise Refused(f"there is no channel {channel!s:.40}: {', '.join(REGISTRY)}")
    notification = SAMPLE | given | {"to": f"endpoint/{endpoint.get('team')}/{endpoint.get('name')}"}
    attempt = Attempt.read(
        {"id": "preview#1", "at": notification["at"], "notification": notification, "channel": channel,
         "endpoint": endpoint, "number": 1, "deadline": notification["deadline"]}
    )  # fmt: skip
    message, fault = worded(attempt)
    try:
        shown = SHOWN[channel](attempt, message)
    except (AttributeError, TypeError, ValueError) as why:  # of a document that nobody has validated
        raise Refused(f"a field of the endpoint holds what it cannot hold: {why!s:.200}") from None
    return f"{shown}\n! in our own words: {fault}" if fault else shown


def _json(body: Any) -> str:
    body = orjson.loads(body) if isinstance(body, bytes) else body
    return orjson.dumps(body, option=orjson.OPT_INDENT_2).decode()


def _sms(attempt: Attempt, message: Message) -> str:
    endpoint = SmsEndpoint.model_construct(**_known(attempt))
    words = sms_text(message, endpoint.most_parts, ask(attempt, endpoint))
    return f"{words}\n({len(words)} characters, {parts(words)} SMS)"


def _opsgenie(attempt: Attempt, _: Message) -> str:
    return _json(step(attempt, OpsgenieEndpoint.model_construct(**_known(attempt))).body)


def _webhook(attempt: Attempt, _: Message) -> str:
    theirs = attempt.endpoint.get("format") == "alertmanager"
    return _json(alertmanager(attempt) if theirs else payload(attempt))


def _known(attempt: Attempt) -> dict[str, Any]:
    """The fields of the endpoint that its channel has."""
    fields = CHANNELS[attempt.channel].fields()
    return {name: value for name, value in attempt.endpoint.items() if name in fields}


def _titled(message: Message, most: int) -> str:
    return f"{message.headline}\n\n{cut(plain_text(message), most)}"


SHOWN: dict[str, Callable[[Attempt, Message], str]] = {
    "webhook": _webhook,
    "log": lambda attempt, _: _json(payload(attempt)),
    "email": lambda _, message: f"Subject: {subject(message)}\n\n{mail_text(message)}",
    "slack": lambda _, message: _json(slack_content(message)),
    "pagerduty": lambda attempt, _: _json(event(attempt, "(the routing key)")),
    "opsgenie": _opsgenie,
    "sms": _sms,
    "teams": lambda attempt, _: _json(card(attempt, bare=True)),
    "ntfy": lambda attempt, _: _json(publication(attempt, "(the topic)")),
    "pushover": lambda _, message: _titled(message, PUSHED),
    "voice": lambda _, message: speech(message, WORDS),
    "apprise": lambda _, message: _titled(message, 10_000),
}
