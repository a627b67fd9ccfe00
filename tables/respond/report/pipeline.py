"""The path of a report: its calendar says that it is due, and whom it is for is told, with the time it is of."""

from __future__ import annotations

from streams.calendar.duration import spell
from streams.calendar.instant import spell as instant
from streams.codes import NotifyReason, SilentReason
from streams.documents.conditions.threshold import SEVERITIES
from streams.documents.report import ScheduledReport
from streams.messages.change import Change
from streams.messages.notification import Notification, ReportSpan
from streams.topics import CHANGES, NOTIFY
from tables.kernel.row import Row
from tables.respond.context import Context
from tables.respond.levels import DOCUMENT, REPORT
from tables.respond.oncall.audience import Audience, Unreached, audience
from tables.respond.oncall.directory import target_key
from tables.respond.report.state import ReportRow
from tables.respond.route.state import owners

WHERE = "it is under History in Tocsin"  # for whoever got no link
USEFUL = 86_400_000  # ms that an attempt to tell of a report is of use


def report_changed(ctx: Context, changed: ScheduledReport) -> None:
    """A report has come, changed or gone: it is due by its calendar as it is now."""
    owner = f"{changed.team}/{changed.name}"
    if ctx.get(DOCUMENT, f"{changed.team}/{ScheduledReport.type}/{changed.name}") is None:
        return  # another partition owns it, and tells
    document = ctx.document(ScheduledReport, changed.team, changed.name)
    if document is None and ctx.get(REPORT, owner) is None:
        return
    if (row := ctx.open(REPORT, owner)) is None:
        return
    if document is None:
        ctx.mark_deleted(row)
    else:
        row.value = ReportRow(document.next_after(ctx.moment.now))


def report_due(ctx: Context, row: Row[ReportRow | None], owner: str) -> None:
    """It is due: whom it is for is told once, however often it was due while nobody could be told."""
    team, name = owner.split("/", 1)
    document, known = ctx.document(ScheduledReport, team, name), row.value
    if document is None or known is None or known.due is None:
        ctx.mark_deleted(row)
        return
    row.value = ReportRow(document.next_after(ctx.moment.now))
    _tell(ctx, row, document, known.due)


def _tell(ctx: Context, row: Row[ReportRow | None], document: ScheduledReport, due: int) -> None:
    now, team, group = ctx.moment.now, document.team, f"{document.team}/{document.id}"
    span = ReportSpan(document_id=document.id, begin=due - document.last, end=due)
    title = f"report {document.name}: the {spell(document.last)} before {instant(due)}"
    words, people = f"report {document.name} of {team} is due", _audience(ctx, document, now)
    for to, hops in people.reached:
        ctx.emit(NOTIFY, to, Notification(
            id=ctx.next_id(row), at=now, to=to, team=team, group=group, what="report", severity="info", title=title,
            reason_code=NotifyReason.REPORT, reason="; ".join(filter(None, (words, hops, WHERE))), step=0, count=0,
            alerts=(), deadline=now + USEFUL, report=span,
        ))  # fmt: skip
    unreached = [each.reason for each in people.unreached]
    named = "; ".join([*(hops or to for to, hops in people.reached), *unreached])
    ctx.emit(CHANGES, team, Change(
        id=ctx.next_id(row), at=now, team=team, subject="notification", subject_id=group,
        what="report" if people.reached else "not sent", group=group, reason=f"{named}: {title}",
        reason_code=NotifyReason.REPORT if people.reached else people.unreached[0].code,
    ))  # fmt: skip


def _audience(ctx: Context, document: ScheduledReport, now: int) -> Audience:
    """Whom it reaches, each by the ways of the mildest severity for which they have some; and what reaches nobody."""
    audiences = [_of_target(ctx, document, target, now) for target in document.to]
    reached = {each.to: each for people in audiences for each in people.reached}
    return Audience(tuple(reached.values()), tuple(each for people in audiences for each in people.unreached))


def _of_target(ctx: Context, document: ScheduledReport, target: str, now: int) -> Audience:
    key = target_key(ctx, owners(document.team), target)
    if key is None:
        words = f"{target.replace('/', ' ')} does not exist any more"
        return Audience(unreached=(Unreached(target, SilentReason.TARGET_GONE, words),))
    tried = [audience(ctx, (key,), severity, now) for severity in SEVERITIES]
    return next((people for people in tried if people.reached), tried[0])
