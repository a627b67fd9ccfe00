"""What events and time make of an instance: pure steps from one value of it to the next."""

from __future__ import annotations

from hashlib import blake2b
from typing import NamedTuple

from msgspec.structs import replace

from streams.documents.conditions.threshold import SEVERITIES
from tables.detect.events.state import NONE, EventCause, EventInstance
from tables.detect.events.watch import LONGEST, EventWatch
from tables.detect.events.window import count_in, mark_in, marks_within, within
from tables.detect.instances.lifecycle import TRANSITIONS, Cause, State

KNOWN = 50  # values of a field that are remembered; the one that was not seen for longest is forgotten


class EventMoment(NamedTuple):
    """`at`: ms of the record; `active`: ms on the active clock; `catching_up`: whether we are."""

    at: int
    active: int
    catching_up: bool


def happen(
    instance: EventInstance, watch: EventWatch, known: dict[str, str], at: int, now: EventMoment
) -> EventInstance:
    """An event of event ms `at` that the rule is about; `known`: its fields."""
    condition = watch.rule.condition
    heard = max(instance.heard, now.active - max(now.at - at, 0))
    instance = replace(instance, type=known["type"], at=max(instance.at, at), heard=heard)
    if condition.distinct is not None:
        value = known.get(condition.distinct, "")
        return judge(
            replace(instance, marks=mark_in(instance.marks, value, at)) if value else instance, watch, now
        )
    if watch.counted:
        return judge(replace(instance, counts=count_in(instance.counts, at, condition.over)), watch, now)
    if condition.first_seen is not None:
        return _value(instance, watch, known.get(condition.first_seen, ""), now)
    if condition.changed is not None:
        return _value(instance, watch, known.get(condition.changed, ""), now)
    return judge(replace(instance, lasts=not condition.absent_for), watch, now)


def _value(instance: EventInstance, watch: EventWatch, value: str, now: EventMoment) -> EventInstance:
    """A field has a value: the first one is what is known, others may be news."""
    if not value:
        return instance
    mark = blake2b(value.encode(), digest_size=5).hexdigest()
    changed = watch.rule.condition.changed is not None
    before = instance.known[-1:] if changed else instance.known
    others = () if changed else tuple(known for known in instance.known if known != mark)
    instance = replace(instance, known=(*others, mark)[-KNOWN:])
    if not before or mark in before:
        return judge(instance, watch, now)
    return judge(replace(instance, lasts=True, detail=value[:LONGEST]), watch, now)


def counter(instance: EventInstance, watch: EventWatch, at: int, now: EventMoment) -> EventInstance:
    """The counter-event came, of event ms `at`; one that is older than what it would end says nothing."""
    if at < instance.at:
        return instance
    return judge(replace(instance, lasts=False), watch, now, EventCause.COUNTERED)


def judge(
    instance: EventInstance, watch: EventWatch, now: EventMoment, end: EventCause | None = None
) -> EventInstance:
    """How the instance stands now, and when it has to be looked at again; `end`: why it would be over."""
    if watch.counted:
        over = watch.rule.condition.over
        counts, marks = within(instance.counts, now.at, over), marks_within(instance.marks, now.at, over)
        instance = replace(instance, counts=counts, marks=marks)
    wrong = _wrong(instance, watch, now)
    if wrong > NONE and watch.counted:
        instance = replace(instance, breach=instance.number, breach_at=now.at)
    if len(watch.limits) > 1 and watch.counted:
        instance = replace(instance, milder=_since(instance, wrong, now))
    if wrong > NONE and wrong >= instance.severity:
        moved = _worse(instance, watch, wrong, now)
    else:
        moved = _milder(instance, watch, wrong, now, _end(instance, watch, now) if end is None else end)
    return replace(moved, due=_due(moved, watch, now))


def _since(instance: EventInstance, wrong: int, now: EventMoment) -> tuple[int, ...]:
    """By severity, since when there are too few for it, active ms; 0 where there are not. `wrong`: of what holds."""
    before = instance.milder or (instance.eased,) * len(SEVERITIES)
    since = tuple(0 if wrong >= rank else before[rank] or now.active for rank in range(len(SEVERITIES)))
    return since if max(wrong, instance.severity) > NONE else ()


def _wrong(instance: EventInstance, watch: EventWatch, now: EventMoment) -> int:
    """The severity of what holds; NONE where nothing is wrong."""
    condition, quiet = watch.rule.condition, now.active - instance.heard
    if watch.counted:
        return watch.rank(instance.number)
    if watch.composed:
        return watch.severity if instance.lasts else NONE
    if condition.absent_for:
        lasts = not condition.ends_after or quiet < condition.absent_for + condition.ends_after
        return watch.severity if quiet >= condition.absent_for and lasts else NONE
    over = condition.quiet_after
    return watch.severity if instance.lasts and (not over or quiet < over) else NONE


def _start(watch: EventWatch) -> EventCause:
    condition = watch.rule.condition
    causes = {
        EventCause.COUNTED: watch.counted,
        EventCause.ABSENT: bool(condition.absent_for),
        EventCause.FIRST_SEEN: condition.first_seen is not None,
        EventCause.CHANGED: condition.changed is not None,
        EventCause.COMPOSED: watch.composed,
    }
    return next((cause for cause, applies in causes.items() if applies), EventCause.HAPPENED)


def _end(instance: EventInstance, watch: EventWatch, now: EventMoment) -> EventCause:
    if watch.counted or watch.composed:
        return EventCause.FEWER if watch.counted else EventCause.DISSOLVED
    came = now.active - instance.heard < watch.rule.condition.absent_for
    return EventCause.CAME if came else EventCause.QUIET


def _worse(instance: EventInstance, watch: EventWatch, wrong: int, now: EventMoment) -> EventInstance:
    """It is as wrong as it was, or worse: it fires, unless it is held back."""
    if instance.state == State.OK:
        absent = watch.rule.condition.absent_for > 0 or watch.composed
        since, began = (now.at, now.active) if absent else (instance.at, instance.heard)
        instance = replace(instance, since=since, began=began)
    state = TRANSITIONS.get((instance.state, Cause.BREACH), instance.state)
    instance = replace(instance, state=state, eased=0)
    if state == State.PENDING and now.active - instance.began < watch.hold:
        return instance
    if fires := instance.severity == NONE:
        instance = replace(instance, cause=_start(watch), blip=instance.blip or now.catching_up)
    return replace(instance, state=TRANSITIONS[state, Cause.HELD] if fires else state, severity=wrong)


def _milder(
    instance: EventInstance, watch: EventWatch, wrong: int, now: EventMoment, end: EventCause
) -> EventInstance:
    """It is milder, or over: at once, but where events are counted after `keep_firing_for`."""
    if instance.state in (State.OK, State.PENDING):
        return replace(instance, state=State.OK, lasts=False)
    eased, keep = instance.eased or now.active, watch.rule.keep if watch.counted or watch.composed else 0
    if now.active - eased < keep:
        cause = Cause.CLEAR if wrong == NONE and instance.state == State.FIRING else Cause.EASED
        return replace(instance, state=TRANSITIONS[instance.state, cause], eased=eased)
    if (lasts := _lasting(instance, watch, wrong, now, keep)) > NONE:
        return replace(instance, severity=lasts, eased=0 if wrong >= lasts else instance.milder[lasts])
    return replace(instance, state=State.OK, severity=NONE, cause=end, eased=0, lasts=False, milder=())


def _lasting(instance: EventInstance, watch: EventWatch, wrong: int, now: EventMoment, keep: int) -> int:
    """The worst severity below its own that holds, or has not been over for `keep`, ms; NONE where none lasts."""
    if not instance.milder:
        return wrong
    milder = [rank for rank, _ in watch.limits if rank < instance.severity]
    lasts = [rank for rank in milder if wrong >= rank or now.active - instance.milder[rank] < keep]
    return max(lasts, default=NONE)


def _due(instance: EventInstance, watch: EventWatch, now: EventMoment) -> int:
    """When time alone may move the instance, ms on the active clock; 0 where it cannot."""
    condition, waits = watch.rule.condition, list[int]()
    if instance.state == State.PENDING:
        waits.append(instance.began + watch.hold)
    if instance.eased:
        waits.append(instance.eased + watch.rule.keep)
    if instance.number:
        oldest = min([bucket.latest for bucket in instance.counts] + [at for _, at in instance.marks])
        waits.append(now.active + max(oldest + condition.over - now.at, 1))
    if condition.absent_for:
        late = instance.heard + condition.absent_for
        waits += [late, late + condition.ends_after]
    elif instance.lasts and condition.quiet_after and not watch.composed:
        waits.append(instance.heard + condition.quiet_after)
    ahead = instance.sequence - now.at // 1_000
    if instance.state == State.OK and ahead >= 0:
        waits.append(now.active + 1_000 * (ahead + 1))
    return min((wait for wait in waits if wait > now.active), default=0)


def remove(instance: EventInstance, why: EventCause) -> EventInstance:
    """The rule is about it no longer."""
    if instance.severity == NONE:
        return EventInstance(
            labels=instance.labels, sequence=instance.sequence, told=instance.told, cause=why
        )
    kept = EventInstance(labels=instance.labels, type=instance.type, at=instance.at, since=instance.since)
    return replace(
        kept, sequence=instance.sequence, told=instance.told, owner=instance.owner, breach=instance.breach, cause=why
    )  # fmt: skip


def spent(instance: EventInstance, watch: EventWatch | None, now: int) -> bool:
    """Whether nothing is left that anybody has to know of the instance; `now`: ms.

    It begins anew with the time in seconds as its sequence, so what was told with a later one is remembered until then.
    """
    if instance.untold or instance.state != State.OK or instance.sequence >= now // 1_000:
        return False
    if watch is None:
        return True
    over = (EventCause.QUIET, EventCause.REMOVED)
    waits = watch.rule.condition.absent_for and instance.cause not in over
    return not (instance.number or instance.known or waits)
