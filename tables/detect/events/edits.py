"""A rule about events comes, changes or goes: what it knew of other events is over."""

from __future__ import annotations

from collections.abc import Mapping

from streams.documents.document import Owned
from streams.documents.rule import Rule
from tables.detect.events import pipeline
from tables.detect.events.state import EVENT, EventCause
from tables.detect.events.watch import EventWatch
from tables.kernel.configuration import Configured


def edit(
    context: Configured, before: Owned | None, after: Owned | None, watches: dict[str, EventWatch]
) -> list[str]:
    """Take an edit into `watches`; an instance outlasts it where the rule is still about the same.

    Returns what is awaited since then.
    """
    old, new = map(_watch, (before, after))
    known = old or new
    if known is None:
        return awaited(watches)
    watches.pop(known.id, None)
    if new is not None:
        watches[known.id] = new
    if old is not None and (new is None or new.about != old.about):
        rules = {known.id: old.rule}
        pipeline.remove(context, f"{EVENT.name}/rule/{known.id}", rules, EventCause.REMOVED)
    return awaited(watches)


def awaited(watches: Mapping[str, EventWatch]) -> list[str]:
    """What is wrong where it does not come at all, as texts: a gateway that knows of others is told of them."""
    return sorted(f"{watch.id} {watch.about}" for watch in watches.values() if watch.awaits)


def _watch(rule: Owned | None) -> EventWatch | None:
    return EventWatch(rule) if isinstance(rule, Rule) and rule.enabled and rule.condition.event else None
