"""What respond wants people to be told, and what it wants no more."""

from __future__ import annotations

from typing import Literal

import msgspec

from streams.codes import CancelReason, NotifyReason
from streams.messages.alert import AlertExcerpt
from streams.messages.change import NextMove
from streams.messages.envelope import Message, Severity

Purpose = Literal[
    "firing", "escalated", "acknowledged", "resolved", "reminder", "summary", "test", "code", "hand_off", "bundle",
    "report",
]  # fmt: skip
CALLS: frozenset[Purpose] = frozenset({"firing", "escalated", "reminder"})  # what asks people to do something


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
    others: tuple[str, ...] = ()  # who is told at the same time: the names of the first of them
    more_others: int = 0  # how many more
    next: NextMove = ""  # what happens if nobody acknowledges
    next_to: tuple[str, ...] = ()  # whom that names, `kind/owner/name`
    next_at: int | None = None  # when at the latest, ms UTC
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


class Hurry(Message, frozen=True, kw_only=True, tag="hurry"):
    """What waits of a group for a recipient who is told later than others goes at once: one of the others failed."""

    to: str
    group: str
    reason: str


class Amend(Message, frozen=True, kw_only=True, tag="amend"):
    """What a notification that nobody has heard yet says from now on, since fewer alerts of its group fire."""

    to: str
    group: str
    notification: str  # its id
    severity: Severity
    title: str
    valued_at: int | None = None
    count: int
    alerts: tuple[AlertExcerpt, ...]
