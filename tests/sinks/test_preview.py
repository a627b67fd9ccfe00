"""What a channel would say, before anybody hears it."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from sinks.channels.registry import REGISTRY
from sinks.preview import SHOWN, preview
from streams.errors import Refused


def shown(channel: str, notification: Any = None, **fields: Any) -> str:
    """The preview of an endpoint whose secrets are masked."""
    masked = dict.fromkeys(("url", "token", "password", "routing_key", "api_key", "topic", "to"), "••••••")
    endpoint = {"name": "x", "team": "payments", "channel": channel, **masked, **fields}
    return preview(orjson.dumps({"endpoint": endpoint, "notification": notification}))


def test_of_every_channel() -> None:
    """None is left out."""
    assert list(SHOWN) == list(REGISTRY)


@pytest.mark.parametrize("channel", list(REGISTRY))
def test_an_example(channel: str) -> None:
    """Without an alert it shows one that says everything; what is masked changes nothing."""
    text = shown(channel)
    assert "tool-errors" in text
    assert "FIRING" in text.upper()


def test_of_an_alert() -> None:
    """Another notification is shown as it would be told."""
    assert shown("sms", {"what": "resolved", "title": "disk is full", "count": 1, "alerts": []}).startswith(
        "RESOLVED: disk is full"
    )


def test_words_of_ones_own() -> None:
    """As they will be, or in our words with why they will not."""
    assert "→ 2 alerts: tool-errors" in shown("ntfy", text_template="→ {{ title }}")
    failing = shown("ntfy", text_template="{{ titel }}")
    assert failing.endswith("! in our own words: `text_template`: knows no `titel`: did you mean `title`?")


def test_formats() -> None:
    """A webhook in the format that it asks for, an SMS with how many it takes."""
    assert '"groupKey"' in shown("webhook", format="alertmanager")
    assert "1 SMS" in shown("sms")


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"{}", b'{"endpoint": 1}', b'{"endpoint": {"channel": "pigeon"}}']
)
def test_refused(raw: bytes) -> None:
    """With what is read instead, or which channels there are."""
    with pytest.raises(Refused, match=r"preview reads|there is no channel pigeon"):
        preview(raw)


WRONG: list[tuple[str, dict[str, Any]]] = [
    ("opsgenie", {"responders": 5}),
    ("opsgenie", {"responders": [1]}),
    ("sms", {"most_parts": "many"}),
    ("sms", {"channel": ["sms"]}),
    ("slack", {"channel": {}}),
]


@pytest.mark.parametrize(("channel", "fields"), WRONG)
def test_a_document_that_nobody_has_validated(channel: str, fields: dict[str, Any]) -> None:
    """What cannot be shown is refused, and no traceback is."""
    with pytest.raises(Refused, match=r"holds what it cannot hold|there is no channel"):
        shown(**{"channel": channel, **fields})


@pytest.mark.parametrize("at", [10**18, -(10**18)])
@pytest.mark.parametrize("channel", list(REGISTRY))
def test_an_instant_of_no_calendar(channel: str, at: int) -> None:
    """It is told with the last year that there is, or the first."""
    alert = {
        "alert_id": "a",
        "status": "firing",
        "severity": "critical",
        "message": "m",
        "labels": {},
        "since": at,
    }
    said = shown(
        channel, {"at": at, "next_at": at, "alerts": [alert], "title": "tool-errors", "deadline": 10**18}
    )
    assert "tool-errors" in said
