"""What detect says of the instances of rules."""

from __future__ import annotations

from typing import Literal

import msgspec

from streams.messages.envelope import Message, Severity

Point = tuple[int, float, float, float, float]  # at, value, low, high, score


class AnomalyReading(msgspec.Struct, frozen=True):
    """What an anomaly model says of the latest row of a series, in the signal's own unit; scores lie in [0, 1]."""

    at: int
    value: float
    expected: float
    low: float
    high: float
    score: float  # the highest of it while it lasts, else the latest row's
    part: str  # what objected most
    since: int | None  # when the anomaly began, if it lasts
    lately: float | None = None  # the level just before
    lean: float = 0.0  # how far to one side it has been for hours, in usual distances
    ended: Literal["usual", "lasted", "dismissed"] = "usual"  # how the last anomaly did
    recent_points: tuple[Point, ...] = ()


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """One transition (or refresh) of one instance of a rule, as detect judged it."""

    fingerprint: str  # gateway|rule id|labels: what the alert is about, for ever
    sequence: int  # counts the instance's transitions; the highest wins
    state: Literal["firing", "ok"]
    severity: Severity
    rule_id: str
    rule: str
    gateway: str
    labels: dict[str, str]
    at: int  # event time of the judgement
    since: int  # event time at which the breach began
    value: float | None
    message: str
    valued_at: int | None = None  # event time of the value in the message, where it holds one
    reason: str
    runbook: str = ""
    routing: tuple[str, ...] = ()  # the targets that the rule itself names
    escalation_policy: str = ""
    rule_type: str = ""  # streams.documents.rule_type
    shadow: bool = False  # recorded, and nobody is told
    rule_team: str = ""  # whose documents the rule's own words name
    unknown: str = ""  # why the state is held rather than known
    data_quality: tuple[str, ...] = ()  # all that casts doubt on it, in sentences: unknown, blind, clock skew
    delayed: bool = False
    missed: bool = False  # it fired and ended while we were away
    anomaly: AnomalyReading | None = None  # where the rule looks for what is unusual
    refresh: bool = False  # nothing has moved: it says again what was told with this sequence
    moved_to: str = ""  # the team that owns the alert now; the one told before closes it without a notice


class Verdicts(Message, frozen=True, kw_only=True, tag="verdicts"):
    """All verdicts that one input caused for one team."""

    team: str
    why_team: str
    verdicts: list[Verdict]
