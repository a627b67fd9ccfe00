"""What the stages, the sinks and the API say to each other: one frozen model a kind.

Every kind here is signed (`streams.signature`); samples and events, which outsiders say too, have
files of their own. Readers ignore fields that they do not know, so that shapes may grow.
"""

from __future__ import annotations

from functools import cache
from typing import Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from streams.errors import Refused
from streams.message import SCHEMA, Body, encode

Severity = Literal["critical", "warning", "info"]
Status = Literal["firing", "acknowledged", "resolved"]
Result = Literal["delivered", "retry", "rejected", "late"]


class Said(BaseModel):
    """The envelope: a deterministic id and the event time in milliseconds UTC."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)
    kind: ClassVar[str]
    id: str
    at: int
    version: int = Field(default=SCHEMA, alias="schema")

    @classmethod
    def read(cls, message: Body) -> Self:
        """The typed message; Refused names the first field that does not fit."""
        try:
            return cls.model_validate(message)
        except ValidationError as why:
            first = why.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise Refused(f"{cls.kind}: `{where}`: {first['msg']}") from None

    def encode(self) -> bytes:
        """The bytes on the wire, unsigned."""
        known = vars(self)
        return encode(self.kind, self.id, self.at, {name: known[name] for name in self._body()})

    @classmethod
    @cache
    def _body(cls) -> tuple[str, ...]:
        return tuple(name for name in cls.model_fields if name not in ("id", "at", "version"))


class Tick(Said):
    """Time, injected by the owner of a partition; `processed`: the stamp of the last record it had applied."""

    kind = "tick"
    processed: int
    by: str = ""
    to: str = ""  # the machine that it is for, such as detect-0; empty: any


class Document(Said):
    """One revision of one configuration document; `body` None deletes it. Kafka kind: `config`."""

    kind = "config"
    owner: str
    type: str
    name: str
    revision: int
    body: dict[str, Any] | None
    complete: bool = False  # a marker without a document: all that exists has been said


class Unusual(BaseModel):
    """What an anomaly model says of the latest row of a series, in the signal's own unit; scores lie in [0, 1]."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    at: int
    value: float
    expected: float
    low: float
    high: float
    score: float  # the highest of it while it lasts, else the latest row's
    part: str  # what objected most
    lately: float | None = None  # the level just before
    lean: float = 0.0  # how far to one side it has been for hours, in usual distances
    ended: Literal["usual", "lasted", "dismissed"] = "usual"  # how the last anomaly did
    since: int | None  # when the anomaly began, if it lasts
    trail: list[tuple[int, float, float, float, float]] = []  # at, value, low, high, score of the latest rows


class Verdict(BaseModel):
    """One transition (or refresh) of one instance of a rule, as detect judged it."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    instance: str  # gateway|rule id|labels: what the alert is about, for ever
    turn: int  # counts the instance's transitions; the highest wins
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
    reason: str
    runbook: str = ""
    routing: dict[str, Any] | None = None
    escalation_policy: str = ""
    rule_team: str = ""  # whose documents the rule's own words name
    unknown: str = ""  # why the state is held rather than known
    doubts: list[str] = []  # all that casts doubt on it, in sentences: unknown, blind, clock skew
    delayed: bool = False
    missed: bool = False  # it fired and ended while we were away
    anomaly: Unusual | None = None  # where the rule looks for what is unusual
    refresh: bool = False  # nothing has moved: it says again what was told with this turn
    moved_to: str = ""  # the team that owns the alert now; the one told before closes it without a notice


class Verdicts(Said):
    """All verdicts that one input caused for one team."""

    kind = "verdicts"
    team: str
    why_team: str
    verdicts: list[Verdict]


class Principal(BaseModel):
    """Who asked, as the API has verified it."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    name: str
    admin: bool = False
    teams: list[str] = []


class Command(Said):
    """Something a person wants; `id` is the Idempotency-Key. Key: the team that owns the subject."""

    kind = "command"
    do: Literal["acknowledge", "resolve", "put", "delete"]
    team: str
    by: Principal
    alert: str = ""  # the alert's instance, for acknowledge and resolve
    alert_id: str = ""  # its occurrence: a command for an older one is refused
    notes: str = ""
    type: str = ""  # the document's kind, for put and delete
    name: str = ""
    revision: int = 0  # the revision that the edit is based on; 0 for a new document
    body: dict[str, Any] | None = None
    digest: str = ""  # of the request, so that its repeat is told from another one under its key
    deadline: int | None = None  # ms UTC: what is recorded later is refused, since its sender has given up


class Line(BaseModel):
    """One alert as a notification shows it."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    alert_id: str
    status: Status
    severity: Severity
    message: str
    labels: dict[str, str]
    since: int
    doubts: list[str] = []
    cut: str = ""  # says that labels or message are shortened here
    anomaly: Unusual | None = None  # of an anomaly rule: what its model said last, without the trail


class Notification(Said):
    """An intent to tell one endpoint something; deliver owns what becomes of it. Key: `to`."""

    kind = "notification"
    to: str  # "endpoint/<name>"
    team: str
    group: str
    what: Literal["firing", "escalated", "resolved", "reminder", "summary"]
    severity: Severity
    title: str
    reason: str  # why now, why to this target
    step: int
    count: int  # how many alerts it stands for
    lines: list[Line]  # the first of them
    delayed: bool = False
    deadline: int  # attempts after this are of no use


class Cancel(Said):
    """Stop what is still pending of a group for an endpoint; `reason` says who or what ended it."""

    kind = "cancel"
    to: str
    group: str
    reason: str


class Attempt(Said):
    """One call to make: stateless sinks need nothing else. Topic `send.<channel>[.critical]`."""

    kind = "attempt"
    notification: Notification
    channel: str
    endpoint: dict[str, Any]  # the endpoint document; secrets sealed
    number: int
    deadline: int


class Outcome(Said):
    """What a call brought: back to `notify`, keyed as the attempt was."""

    kind = "outcome"
    to: str
    notification: str  # its id
    number: int
    result: Result
    reason: str
    after: int | None = None  # the receiver's wish when to retry, ms
    took: int = 0  # ms


class Receipt(Said):
    """What became of a notification, told to the team that caused it. Key: team."""

    kind = "receipt"
    team: str
    group: str
    to: str
    notification: str
    result: Literal["delivered", "failed", "cancelled"]
    what: str
    transient: bool = False  # failed for now only: the same endpoint may be reached later
    reason: str


class Change(Said):
    """One thing that happened; the product's memory. `snapshot`: the subject as it is now."""

    kind = "change"
    team: str
    subject: Literal["alert", "notification", "attempt", "command", "document"]
    subject_id: str
    what: str  # fired, acknowledged, resolved, refused, sent, delivered, failed, put, deleted, …
    reason: str
    by: str = ""
    alert_id: str = ""  # the alert whose timeline shows it, where it is about one
    group: str = ""
    snapshot: dict[str, Any] | None = None
