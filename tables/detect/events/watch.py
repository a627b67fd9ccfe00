"""A rule about events made ready: which events it takes, to which instance each belongs, and what is wrong about it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from zlib import crc32

import msgspec

from streams.documents.conditions.event_condition import type_pattern
from streams.documents.conditions.threshold import SEVERITIES
from streams.documents.rule import Rule
from streams.limit import exceeds
from streams.matcher import matchers
from streams.messages.event import Event
from streams.telemetry import series

LONGEST = 100  # characters of a label's value that an instance remembers
TOGETHER = 600  # of all of its labels


def fields(event: Event) -> dict[str, str]:
    """What is read of an event: its labels, its attributes that are one value, and where it comes from."""
    plain = {name: text for name, value in event.attributes.items() if (text := _text(value)) is not None}
    return plain | event.labels | {"gateway": event.gateway, "source": event.source, "type": event.type}


def _text(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode() if isinstance(value, bool | int | float) else None


@dataclass(frozen=True)
class EventWatch:
    """One enabled rule about events. An instance is what has the same values of the labels in `by`."""

    rule: Rule

    @cached_property
    def id(self) -> str:
        """The rule's UUID."""
        return self.rule.id

    @cached_property
    def about(self) -> str:
        """A mark of what it looks at, whatever it says besides, and in whatever order it names labels and types."""
        condition = self.rule.condition
        types, by = sorted(set(condition.event or ())), sorted(set(condition.by or ()))
        where = sorted({(matcher.label, matcher.sign, matcher.value) for matcher in self._where})
        what = (types, where, by, condition.over, condition.absent_for)
        how = (condition.first_seen, condition.changed, self.counted)
        of = ((condition.composite or "").split(), condition.missing) if self.composed else ()
        return f"{crc32(repr((what, how, *of)).encode()):08x}"

    @cached_property
    def _types(self) -> Any:
        return type_pattern(self.rule.condition.event or ())

    @cached_property
    def _end_types(self) -> Any:
        return type_pattern(self.rule.condition.ends_with or ("",))

    @cached_property
    def _where(self) -> Any:
        return matchers(self.rule.condition.where)

    @cached_property
    def _end_where(self) -> Any:
        return matchers(self.rule.condition.ends_where)

    def starts(self, known: dict[str, str]) -> bool:
        """Whether the rule is about an event, by its fields."""
        return self._types.fullmatch(known["type"]) is not None and all(m.matches(known) for m in self._where)

    def ends(self, known: dict[str, str]) -> bool:
        """Whether it is the counter-event that ends an alert."""
        fits = self._end_types.fullmatch(known["type"]) is not None
        return fits and all(m.matches(known) for m in self._end_where)

    def labels(self, known: dict[str, str]) -> dict[str, str]:
        """The labels of the instance that an event belongs to, without the gateway's."""
        by = [name for name in self.rule.condition.by or () if name != "gateway"]
        room = min(LONGEST, TOGETHER // max(len(by), 1))
        return {name: known[name][:room] for name in by if name in known}

    @cached_property
    def hold(self) -> int:
        """Milliseconds without a counter-event before it is told."""
        return self.rule.for_

    @cached_property
    def counted(self) -> bool:
        """Whether a number of events in a window is wrong, and not one of them."""
        return self.rule.condition.comparison is not None

    @cached_property
    def composed(self) -> bool:
        """Whether it is about how other rules stand."""
        return self.rule.condition.composite is not None

    @cached_property
    def awaits(self) -> bool:
        """Whether it is wrong that no such event comes, also where none has ever come."""
        condition = self.rule.condition
        return condition.absent_for > 0 and not [name for name in condition.by or () if name != "gateway"]

    @cached_property
    def limits(self) -> tuple[tuple[int, float], ...]:
        """Thresholds of the number of events, by rank of severity."""
        limits, _, _ = self.rule.levels()
        return tuple((SEVERITIES.index(name), limit) for name, limit in limits.items())

    def rank(self, count: int) -> int:
        """The worst severity whose threshold a number of events lies beyond; −1 where there is none."""
        whole = self.rule.condition.inclusive
        return max((rank for rank, limit in self.limits if exceeds(count, limit, 1, 0.0, whole)), default=-1)

    @cached_property
    def severity(self) -> int:
        """The rank of the rule's own severity."""
        return SEVERITIES.index(self.rule.severity)


def key(labels: dict[str, str]) -> str:
    """The text that names an instance within its rule."""
    return series.spell("", labels)
