"""`POST /v1/alerts`: an alert that a plugin or a service raises or ends itself, as a verdict for its team. Pure.

{"source": "backup", "title": "Backup failed", "severity": "critical", "dedup_key": "nightly", "team": "payments"}
{"source": "backup", "title": "Backup failed", "dedup_key": "nightly", "team": "payments", "status": "resolved"}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from pydantic import Field, model_validator

from sources.intake.emitted import Emitted, Labels, Word
from streams.documents.document import PLATFORM, Name, derived
from streams.messages.envelope import Severity
from streams.messages.verdict import Verdict

TOLD = 500  # characters of a message
RESERVED = frozenset({"gateway", "category", "correlation_id", "source"})  # labels that other fields fill


class EmittedAlert(Emitted):
    """What was sent. `dedup_key`: what it is about; the same key is the same alert, and without one the title is."""

    title: str = Field(min_length=1, max_length=200)
    message: str = Field(default="", max_length=2_000)
    severity: Severity = "warning"
    status: Literal["firing", "resolved"] = "firing"
    category: str = Field(default="", max_length=100)
    correlation_id: str = Field(default="", max_length=200)
    dedup_key: str = Field(default="", max_length=200)
    gateway: Word | None = None
    team: Name = PLATFORM
    runbook: str = Field(default="", max_length=500)

    @model_validator(mode="after")
    def _distinct(self) -> EmittedAlert:
        if taken := sorted(RESERVED & set(self.labels)):
            raise ValueError(f"`labels`: {taken[0]} has a field of its own")
        return self

    @property
    def place(self) -> str:
        """The gateway that it belongs to, or what stands for one."""
        return self.gateway or self.source

    def all_labels(self) -> Labels:
        """The sender's labels and those that fields fill."""
        filled = {"category": self.category, "correlation_id": self.correlation_id, "source": self.source}
        return self.labels | {name: text for name, text in filled.items() if text} | {"gateway": self.place}


class EmittedVerdict(NamedTuple):
    """What a body says of one alert of a team. `id`: the same for a repeat; "" where nothing tells one from another."""

    id: str
    team: str
    verdict: Verdict


def emitted_verdict(body: Mapping[str, Any] | Any, by: str, now: int) -> EmittedVerdict:
    """What a body says. `by`: the verified sender; `now`: ms UTC. Refused names the field and the fix.

    Of two verdicts about one alert the later counts, by `at`; where that is left out, by their place in the log.
    """
    sent = EmittedAlert.read(body)
    at = now if sent.at is None else sent.at
    rule = str(derived(sent.team, "rule", f"emitted/{by}/{sent.source}"))
    firing = sent.status == "firing"
    verdict = Verdict(
        fingerprint=f"{sent.place}|{rule}|{sent.dedup_key or sent.title}",
        sequence=0 if sent.at is None else at,
        state="firing" if firing else "ok",
        severity=sent.severity,
        rule_id=rule,
        rule=sent.source,
        gateway=sent.place,
        labels=sent.all_labels(),
        at=at,
        since=at,
        value=None,
        message=": ".join(filter(None, (sent.title, sent.message)))[:TOLD],
        reason=f"{by} {'raised' if firing else 'resolved'} it",
        runbook=sent.runbook,
        rule_team=sent.team,
    )
    return EmittedVerdict(str(derived("emit", sent.identity(by, now))) if sent.id else "", sent.team, verdict)
