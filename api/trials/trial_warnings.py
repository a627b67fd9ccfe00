"""What a trial's author should know of the samples, though they can be used: said beside the timeline."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from api.coverage.coverage import Origin, Seen, View
from api.instant import spell
from api.trials.happening import Happening
from api.trials.sample import Sample
from streams.calendar.duration import spell as length
from streams.documents.conditions.compared import earlier
from streams.documents.conditions.event_condition import type_pattern
from streams.documents.document import Owned
from streams.documents.rule import Rule
from streams.text.nearest import nearest

SHOWN = 3  # names in one sentence
SKEW = 5_000  # ms: what lies further ahead counts as now when it is really sent


def remarks(
    documents: Sequence[Owned],
    samples: Sequence[Sample],
    gateway: str,
    now: int,
    events: Sequence[Happening] = (),
) -> list[str]:
    """Sentences; `now` in ms."""
    seen: Seen = {sample.series: {Origin(gateway, "trial"): sample.at} for sample in samples}
    unseen = blind(documents, seen, {event.event for event in events}, "among them")
    rules = [document for document in documents if isinstance(document, Rule)]
    instants = [sample.at for sample in samples]
    alone = _comparing(rules, max(instants) - min(instants)) if instants else []
    return [*_order(samples), *_twice(samples), *_future(samples, now), *unseen, *alone]


def _order(samples: Sequence[Sample]) -> list[str]:
    early = [n for n in range(1, len(samples)) if samples[n].at < samples[n - 1].at]
    if not early:
        return []
    first = f"the first is sample {early[0] + 1}, {spell(samples[early[0]].at)}"
    return [
        f"{len(early)} samples are earlier than the one before ({first}): all are taken in the order of time"
    ]


def _twice(samples: Sequence[Sample]) -> list[str]:
    known = {(sample.at, sample.series) for sample in samples}
    if len(known) == len(samples):
        return []
    return [f"{len(samples) - len(known)} samples repeat a series at the same time: the last one counts"]


def _future(samples: Sequence[Sample], now: int) -> list[str]:
    ahead = [sample.at for sample in samples if sample.at > now + SKEW]
    if not ahead:
        return []
    last = f"{len(ahead)} samples lie in the future (the last at {spell(max(ahead))})"
    return [f"{last}: here they count as they stand; really sent, they would count as now"]


def blind(documents: Sequence[Owned], seen: Seen, events: Collection[str], where: str) -> list[str]:
    """Rules that what was given cannot make fire, with the nearest that it holds; `where`: how it is called."""
    view = View(seen, where)
    rules = [document for document in documents if isinstance(document, Rule)]
    doubts = [
        f"rule {rule.name} sees nothing of these samples: {metric.why}"
        for rule in rules
        for metric in view.coverage(rule)
        if metric.at is None
    ]
    return doubts + [words for rule in rules if (words := _unheard(rule, events, where))]


def _unheard(rule: Rule, events: Collection[str], where: str) -> str:
    """That no event is of the type that a rule is about, and which types there are."""
    about = rule.condition.event
    if not about or any(type_pattern(about).fullmatch(type_) for type_ in events):
        return ""
    known = [name for type_ in about for name in nearest(type_, sorted(events))]
    hint = f"; nearest: {', '.join(known[:SHOWN])}" if known else ""
    return f"rule {rule.name} is about the event {', '.join(about)}, of which none was {where}{hint}"


def short(rules: Sequence[Owned], spanned: int) -> list[str]:
    """Rules that say nothing yet within a span of so many ms, since they learn, or remember, first."""
    known = [rule for rule in rules if isinstance(rule, Rule)]
    return [*_learning(known, spanned), *_comparing(known, spanned)]


def _comparing(rules: Sequence[Rule], spanned: int) -> list[str]:
    return [
        f"rule {rule.name} compares with {earlier(back)} earlier, and this is "
        f"{length(spanned // 60_000 * 60_000)}: there is nothing to compare with"
        for rule in rules
        if (back := rule.condition.compared_to) > spanned
    ]


def _learning(rules: Sequence[Rule], spanned: int) -> list[str]:
    return [
        f"rule {rule.name} says nothing before it has known a series for {length(history)}, and this is "
        f"{length(spanned // 60_000 * 60_000)}: to see it at work, try it with `minimum_history: 1h`"
        for rule in rules
        if rule.condition.anomaly
        and (history := rule.condition.minimum_history) > spanned
    ]  # fmt: skip
