"""What a verdict about events says in words: the message that people read first, and the reason for it."""

from __future__ import annotations

from streams.calendar.duration import spell
from streams.documents.conditions.threshold import SEVERITIES, WORDS
from streams.documents.rule import Rule
from streams.limit import limit_text
from tables.detect.events.state import NONE, EventCause, EventInstance
from tables.detect.events.watch import EventWatch

LONGEST = 500  # characters of a message


def message(watch: EventWatch, gateway: str, instance: EventInstance) -> str:
    """The rule's own message with its fields filled in, or a good default."""
    rule, labels = watch.rule, instance.labels
    about = ", ".join(f"{name}={text}" for name, text in sorted((labels | {"gateway": gateway}).items()))
    if not rule.message:
        text = f"{_subject(rule, gateway, instance)} {_happened(watch, instance)}"
    else:
        fields = {
            "value": value_text(watch, instance), "gateway": gateway,
            "threshold": _threshold(watch, _passed(watch, instance, _number(watch, instance))),
            "upstream": labels.get("upstream", ""), "labels": about, "rule": rule.name, "event": instance.type,
            "detail": instance.detail, "band": "", "score": "",
            "time_left": "", "now": "", "then": "",
        }  # fmt: skip
        text = rule.message.format_map(fields)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def value_text(watch: EventWatch, instance: EventInstance) -> str:
    """How many there are; where they are no longer too many, how many there were then."""
    return f"{_number(watch, instance)}" if watch.counted else "1"


def valued_at(watch: EventWatch, instance: EventInstance, now: int) -> int | None:
    """Event ms of what the message says; None where it says nothing of an instant. `now`: ms."""
    if (
        watch.composed
        or watch.rule.condition.absent_for
        or (instance.severity == NONE and not watch.rule.message)
    ):
        return None
    if not watch.counted:
        return instance.at
    own = watch.rule.message and watch.rank(instance.number) == NONE
    return (instance.breach_at or instance.at) if own else now


def _number(watch: EventWatch, instance: EventInstance) -> int:
    count = instance.number
    return count if watch.rank(count) > NONE else instance.breach


def reason(watch: EventWatch, instance: EventInstance) -> str:
    """Why the instance stands where it stands, in one clause."""
    condition, of = watch.rule.condition, _types(watch.rule)
    keep, side = spell(watch.rule.keep), WORDS[condition.comparison or "above"]
    words = {
        EventCause.HAPPENED: f"{instance.type} came",
        EventCause.COUNTED: f"{_counted(watch, instance)} of {of} came in {spell(condition.over)}",
        EventCause.ABSENT: f"no {of} came for {spell(condition.absent_for)}",
        EventCause.FIRST_SEEN: f"`{condition.first_seen}` has a value that was never seen before",
        EventCause.CHANGED: f"`{condition.changed}` has another value than before",
        EventCause.COUNTERED: f"{' or '.join(condition.ends_with or ())} came",
        EventCause.QUIET: f"no {of} came for {spell(condition.quiet_after or condition.ends_after)}",
        EventCause.FEWER: f"for {keep} no longer {side} {_threshold(watch, NONE)} in {spell(condition.over)}",
        EventCause.CAME: f"{instance.type} came again",
        EventCause.REMOVED: "the rule was deleted, disabled, or no longer covers it",
        EventCause.COMPOSED: f"`{condition.composite}` holds: {instance.detail}",
        EventCause.DISSOLVED: f"`{condition.composite}` does not hold any more: {instance.detail}",
        EventCause.FORGOTTEN: "nothing is heard of its gateway any more",
    }  # fmt: skip
    eased = instance.eased and instance.severity > NONE
    return (
        f"{words[instance.cause]}; it has been fewer since, but not yet for {keep}"
        if eased
        else words[instance.cause]
    )


def _subject(rule: Rule, gateway: str, instance: EventInstance) -> str:
    about = ", ".join(f"{name} {text}" for name, text in sorted(instance.labels.items()))
    return f"{rule.name} on {gateway}" + (f" ({about})" if about else "") + ":"


def _happened(watch: EventWatch, instance: EventInstance) -> str:
    if instance.severity == NONE or watch.composed:
        return instance.detail if instance.severity > NONE else "is over"
    condition = watch.rule.condition
    if watch.counted:
        of = f"values of {condition.distinct}" if condition.distinct else "×"
        return f"{_counted(watch, instance)} {of} {_types(watch.rule)} in {spell(condition.over)}"
    if condition.absent_for:
        return f"no {_types(watch.rule)} for {spell(condition.absent_for)}"
    if condition.first_seen is not None:
        return f"{condition.first_seen} is {instance.detail}, which was never seen before"
    if condition.changed is not None:
        return f"{condition.changed} is now {instance.detail}"
    return instance.type


def _counted(watch: EventWatch, instance: EventInstance) -> str:
    """How many there are, beside the worst threshold that they lie beyond, and the one that they do no longer."""
    count, passed = instance.number, _passed(watch, instance, instance.number)
    side = WORDS[watch.rule.condition.comparison or "above"]
    if passed == NONE:
        return f"{count}"
    eased = f", no longer {side} {_threshold(watch, instance.severity)}" if passed < instance.severity else ""
    return f"{count}, {side} {_threshold(watch, passed)}{eased},"


def _passed(watch: EventWatch, instance: EventInstance, count: int) -> int:
    """The worst severity, no worse than its own while it fires, whose threshold a number lies beyond."""
    rank = watch.rank(count)
    return min(rank, instance.severity) if instance.severity > NONE else rank


def _threshold(watch: EventWatch, rank: int) -> str:
    """The threshold of a severity; the lowest where it has none."""
    if not watch.counted:
        return ""
    limits, _, _ = watch.rule.levels()
    own = limits.get(SEVERITIES[rank]) if rank > NONE else None
    return limit_text(min(limits.values()) if own is None else own, False)


def _types(rule: Rule) -> str:
    return " or ".join(rule.condition.event or ())
