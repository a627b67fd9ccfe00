"""What respond wants people to be told, and what it wants no more."""

from __future__ import annotations

from typing import Literal

import msgspec

from streams.codes import CancelReason, NotifyReason
from streams.messages.alert import AlertExcerpt
from streams.messages.envelope import Message, Severity

Purpose = Literal[
    "firing",
    "escalated",
    "acknowledged",
    "resolved",
    "reminder",
    "summary",
    "test",
    "code",
    "hand_off",
    "report",
]


class ReportSpan(msgspec.Struct, frozen=True, kw_only=True):
    """Which report is due: its document, and the alerts that fired from `begin` to before `end`, ms UTC."""

    document_id: str
    begin: int
    end: int


class Notification(Message, frozen=True, kw_only=True, tag="notification"):
    """An intent to tell one recipient something; deliver owns what becomes of it. Key: `to`."""

    to: str  # "endpoint/<team>/<name>", or "person/<team>/<name>/<channel>"
    team: str
    group: str
    what: Purpose
    severity: Severity
    title: str
    valued_at: int | None = None  # event time of the value in the title, where it holds one
    reason_code: NotifyReason
    reason: str  # the same in words: why now, why to this target
    step: int
    count: int  # how many alerts it stands for
    alerts: tuple[AlertExcerpt, ...]  # the first of them
    delayed: bool = False
    deadline: int  # attempts after this are of no use
    report: ReportSpan | None = None  # where it tells of a report
    code: str = ""  # sealed: what whoever gets it sends back, to confirm that it arrives


class Cancel(Message, frozen=True, kw_only=True, tag="cancel"):
    """Stop what is still pending of a group for a recipient."""

    to: str
    group: str
    reason_code: CancelReason
    reason: str  # who or what ended it
