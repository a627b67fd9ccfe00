"""The path of a hand-off: the shift of a schedule changes, and whoever comes on call is told."""

from __future__ import annotations

from streams.codes import NotifyReason, SilentReason
from streams.documents.document import Owned, derived
from streams.documents.oncall.override import OnCallOverride
from streams.documents.oncall.schedule import OnCallSchedule
from streams.messages.change import Change
from streams.messages.notification import Notification
from streams.topics import CHANGES, NOTIFY
from tables.kernel.row import Row
from tables.respond.context import Context
from tables.respond.levels import DOCUMENT, SHIFT
from tables.respond.oncall.hand_off import HandOff, handed_off, now_on_call
from tables.respond.oncall.shift import ShiftRow

USEFUL = 3_600_000  # ms that an attempt to tell of a hand-off is of use
KINDS = (OnCallSchedule.type, OnCallOverride.type)


def schedule_changed(ctx: Context, before: Owned | None, after: Owned | None) -> None:
    """A schedule, or an override beside it, has come, changed or gone: another person may be on call from now on."""
    changed = [document for document in (before, after) if document is not None]
    names = (each.schedule if isinstance(each, OnCallOverride) else each.name for each in changed)
    for name in dict.fromkeys(names):  # an override may be beside another schedule than before
        _look(ctx, changed[0].team, name)


def _look(ctx: Context, team: str, name: str) -> None:
    """Whoever has come on call by a schedule is told."""
    owner = f"{team}/{name}"
    if ctx.get(DOCUMENT, f"{team}/{OnCallSchedule.type}/{name}") is None:
        return  # another partition owns it, and tells
    schedule = ctx.document(OnCallSchedule, team, name)
    wanted = schedule is not None and schedule.hand_off_notice
    if not wanted and ctx.get(SHIFT, owner) is None:
        return
    if (row := ctx.open(SHIFT, owner)) is not None:
        shift_due(ctx, row, owner)


def shift_due(ctx: Context, row: Row[ShiftRow | None], owner: str) -> None:
    """The shift of a schedule may be somebody else's now: if it is, that person is told."""
    team, name = owner.split("/", 1)
    schedule, now, before = ctx.document(OnCallSchedule, team, name), ctx.moment.now, row.value
    if schedule is None or not schedule.hand_off_notice:
        ctx.mark_deleted(row)
        return
    row.value = after = now_on_call(ctx, schedule, now)
    hand_off = handed_off(ctx, schedule, before, after, now)
    if hand_off is not None:
        _tell(ctx, row, schedule, hand_off)


def _tell(ctx: Context, row: Row[ShiftRow | None], schedule: OnCallSchedule, hand_off: HandOff) -> None:
    now, team = ctx.moment.now, schedule.team
    title = f"on call for {schedule.name} until {hand_off.until}"
    group = f"{team}/{derived('hand-off', team, schedule.name)}"
    for to, hops in hand_off.reached:
        ctx.emit(NOTIFY, to, Notification(
            id=ctx.next_id(row), at=now, to=to, team=team, group=group, what="hand_off", severity="info", title=title,
            reason_code=NotifyReason.HAND_OFF, reason=f"your shift has begun; {hops}", step=0, count=0, alerts=(),
            deadline=now + USEFUL,
        ))  # fmt: skip
    told = bool(hand_off.reached)
    words = "; ".join(hops for _, hops in hand_off.reached) or f"{hand_off.person} has no confirmed way"
    ctx.emit(CHANGES, team, Change(
        id=ctx.next_id(row), at=now, team=team, subject="notification", subject_id=group,
        what="hand_off" if told else "not sent", group=group, reason=f"{words}: {title}",
        reason_code=NotifyReason.HAND_OFF if told else SilentReason.NO_CONTACT,
    ))  # fmt: skip
