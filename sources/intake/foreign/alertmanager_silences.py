"""Silences as Alertmanager's API (v2) has them, as documents of ours, and back. Pure.

{"matchers": [{"name": "alertname", "value": "Slow", "isRegex": false, "isEqual": true}],
 "startsAt": "2026-12-07T09:00:00Z", "endsAt": "2026-12-07T11:00:00Z", "createdBy": "anna", "comment": "deploy"}
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from sources.intake.emitted import Instant
from sources.intake.foreign.reading import ForeignPart, severity, typed
from streams.calendar.instant import rfc3339
from streams.documents.suppression.silence import Silence
from streams.matcher import matchers
from streams.text.fault import LABEL

_OURS, _THEIRS = {"alertname": "rule"}, {"rule": "alertname"}  # labels by another name
_ESCAPED = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})
_SIGNS = {(True, False): "=", (False, False): "!=", (True, True): "=~", (False, True): "!~"}  # equal, pattern


class PostedMatcher(ForeignPart):
    """One matcher; a pattern is anchored as a whole, as ours are."""

    name: str = Field(pattern=f"^{LABEL}$")
    value: str = Field(max_length=1_000)
    is_regex: bool = Field(default=False, alias="isRegex")
    is_equal: bool = Field(default=True, alias="isEqual")


class PostedSilence(ForeignPart):
    """One silence as it is posted; `id`: of the one that it replaces."""

    id: str = ""
    matchers: list[PostedMatcher] = Field(min_length=1, max_length=50)
    starts_at: Instant = Field(alias="startsAt")
    ends_at: Instant = Field(alias="endsAt")
    created_by: str = Field(alias="createdBy", min_length=1, max_length=100)
    comment: str = Field(min_length=1, max_length=500)


def posted(body: Any) -> PostedSilence:
    """The silence that a body holds; Refused names the field and the fix."""
    return typed(PostedSilence, body)


def document_body(silence: PostedSilence, name: str, team: str, now: int) -> dict[str, Any]:
    """Our document of it. What should have begun begins now, as there; `now`: ms UTC."""
    return {
        "name": name,
        "team": team,
        "covers": ", ".join(map(_spelled, silence.matchers)),
        "starts": rfc3339(max(silence.starts_at, now)),
        "ends": rfc3339(silence.ends_at),
        "owner": silence.created_by,
        "reason": silence.comment,
    }


def _spelled(matcher: PostedMatcher) -> str:
    name, value = _OURS.get(matcher.name, matcher.name), matcher.value
    if name == "severity" and not matcher.is_regex:
        value = severity(value)
    return f'{name}{_SIGNS[matcher.is_equal, matcher.is_regex]}"{value.translate(_ESCAPED)}"'


def gettable(silence: Silence, updated: int, now: int) -> dict[str, Any]:
    """A silence of ours as they show it; `updated`, `now`: ms UTC."""
    over, begun = silence.ends_at <= now, silence.starts_at <= now
    return {
        "id": silence.id,
        "status": {"state": "expired" if over else "active" if begun else "pending"},
        "matchers": [
            {
                "name": _THEIRS.get(matcher.label, matcher.label),
                "value": matcher.value,
                "isRegex": matcher.sign.endswith("~"),
                "isEqual": matcher.sign.startswith("="),
            }
            for matcher in matchers(silence.covers)
        ],
        "startsAt": rfc3339(silence.starts_at),
        "endsAt": rfc3339(silence.ends_at),
        "updatedAt": rfc3339(updated),
        "createdBy": silence.owner,
        "comment": silence.reason,
    }
