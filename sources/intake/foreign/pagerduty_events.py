"""Events as PagerDuty's Events API (v2) takes them, as bodies of `POST /v1/alerts`. Pure.

{"routing_key": "<a token of Tocsin>", "event_action": "trigger", "dedup_key": "disk/a",
 "payload": {"summary": "Disk full", "source": "host-a", "severity": "critical", "component": "disk"}}
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any, Literal

from pydantic import Field, model_validator

from sources.intake.foreign.reading import ForeignPart, MaybeInstant, labels, severity, typed


class EventPayload(ForeignPart):
    """What has happened, and where."""

    summary: str = Field(min_length=1, max_length=1_024)
    source: str = Field(min_length=1, max_length=1_000)
    severity: Literal["critical", "error", "warning", "info"]
    timestamp: MaybeInstant = None
    component: str = ""
    group: str = ""
    class_: str = Field(default="", alias="class")
    custom_details: Any = None


class EventLink(ForeignPart):
    """A page about it."""

    href: str = ""


class PostedEvent(ForeignPart):
    """One event as it is posted; `routing_key`: a token of Tocsin, since it says who sends."""

    routing_key: str = Field(min_length=1)
    event_action: Literal["trigger", "acknowledge", "resolve"]
    dedup_key: str = Field(default="", max_length=255)
    payload: EventPayload | None = None
    links: list[EventLink] = Field(default=[])
    client: str = ""
    client_url: str = ""

    @model_validator(mode="after")
    def _whole(self) -> PostedEvent:
        if self.event_action == "trigger" and self.payload is None:
            raise ValueError("`payload` is missing: a `trigger` says what has happened")
        if self.event_action != "trigger" and not self.dedup_key:
            raise ValueError(f"`dedup_key` is missing: say which one to {self.event_action}")
        return self


def posted(body: Any) -> PostedEvent:
    """The event that a body holds; Refused names the field and the fix."""
    return typed(PostedEvent, body)


def dedup_key(event: PostedEvent) -> str:
    """What it is about: its own key, or one of what it says, as PagerDuty makes one up."""
    if event.dedup_key or event.payload is None:
        return event.dedup_key
    identity = event.payload.summary, event.payload.source, event.payload.component
    return blake2b(repr(identity).encode(), digest_size=16).hexdigest()


def emitted_body(event: PostedEvent, own_team: str) -> dict[str, Any]:
    """The body of an alert that is raised, or resolved."""
    key, payload = dedup_key(event), event.payload
    short = key if len(key) <= 200 else blake2b(key.encode(), digest_size=16).hexdigest()
    body: dict[str, Any] = {"source": "pagerduty-events", "dedup_key": short, "team": own_team}
    if payload is None or event.event_action == "resolve":
        return body | {"title": payload.summary[:200] if payload else "resolved", "status": "resolved"}
    about = {
        "host": payload.source, "component": payload.component, "group": payload.group, "class": payload.class_,
        "client": event.client,
    }  # fmt: skip
    links = [link.href for link in event.links if link.href] + [event.client_url]
    return body | {
        "title": payload.summary[:200],
        "message": payload.summary[200:] if len(payload.summary) > 200 else "",
        "severity": severity(payload.severity),
        "labels": labels(about),
        "runbook": links[0][:500],
        **({} if payload.timestamp is None else {"at": payload.timestamp}),
    }
