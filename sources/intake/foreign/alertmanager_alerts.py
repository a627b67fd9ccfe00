"""Alerts as Prometheus posts them to Alertmanager's API (v2), as bodies of `POST /v1/alerts`. Pure.

[{"labels": {"alertname": "Slow", "severity": "page"}, "annotations": {"summary": "…"},
  "startsAt": "2026-12-07T09:00:00Z", "endsAt": "2026-12-07T09:05:00Z", "generatorURL": "…"}]
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Annotated, Any

from pydantic import Field, model_validator

from sources.intake.foreign.reading import ForeignPart, MaybeInstant, labels, listed, severity, typed
from streams.documents.document import TEAM
from streams.errors import Refused
from streams.text.fault import LABEL

MOST = 500  # alerts of one request; Prometheus sends 256 at most
_NAME = "alertname"
_OWN = frozenset({_NAME, "team", "severity", "gateway"})  # labels that fields of ours hold
Labels = dict[Annotated[str, Field(pattern=f"^{LABEL}$")], str]


class PostedAlert(ForeignPart):
    """One alert as it is posted. Without `endsAt`, or with one ahead, it fires."""

    labels: Labels = Field(min_length=1)
    annotations: dict[str, str] = Field(default={})
    starts_at: MaybeInstant = Field(default=None, alias="startsAt")
    ends_at: MaybeInstant = Field(default=None, alias="endsAt")
    generator_url: str = Field(default="", alias="generatorURL")

    @model_validator(mode="after")
    def _named(self) -> PostedAlert:
        if "|" in self.labels.get(_NAME, ""):
            raise ValueError("`labels.alertname` must not hold `|`")
        if self.ends_at is not None and self.starts_at is not None and self.ends_at < self.starts_at:
            raise ValueError("`endsAt` must not lie before `startsAt`")
        return self


def emitted_bodies(body: Any, own_team: str, now: int) -> list[dict[str, Any] | Refused]:
    """One body for each alert, or why there is none; Refused where the whole is no list.

    `own_team`: whose it is where no label `team` says so; `now`: ms UTC.
    """
    return [_read(item, n, own_team, now) for n, item in enumerate(listed(body, MOST, "alerts"))]


def _read(item: Any, number: int, own_team: str, now: int) -> dict[str, Any] | Refused:
    try:
        return _emitted(typed(PostedAlert, item, f"{number}"), own_team, now)
    except Refused as why:
        return why


def _emitted(alert: PostedAlert, own_team: str, now: int) -> dict[str, Any]:
    given, notes = alert.labels, alert.annotations
    name = given.get(_NAME) or "unnamed"
    over = alert.ends_at is not None and alert.ends_at <= now
    at = alert.ends_at if over else alert.starts_at
    identity = blake2b(repr(sorted(given.items())).encode(), digest_size=16).hexdigest()
    title = notes.get("summary") or notes.get("title") or name
    more = notes.get("description") or notes.get("message") or ""
    known = TEAM.fullmatch(given.get("team", ""))
    return {
        "source": name[:256],
        "title": title[:200],
        "message": (more if more != title else "")[:2_000],
        "severity": severity(given.get("severity", "")),
        "status": "resolved" if over else "firing",
        "dedup_key": identity,
        "gateway": (given.get("gateway") or given.get("job") or name).replace("|", "/")[:256],
        "team": given["team"] if known else own_team,
        "runbook": (notes.get("runbook_url") or notes.get("runbook") or alert.generator_url)[:500],
        "labels": labels(given, _OWN),
        # a repeat is known by it: Prometheus says every minute again what fires
        **({} if at is None else {"at": at, "id": f"{identity}/{at}/{'resolved' if over else 'firing'}"}),
    }
