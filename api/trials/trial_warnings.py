"""What a trial's author should know of the samples, though they can be used: said beside the timeline."""

from __future__ import annotations

from collections.abc import Sequence

from api.coverage.coverage import Origin, View
from api.instant import spell
from api.trials.sample import Sample
from streams.documents.document import Owned
from streams.documents.rule import Rule

SKEW = 5_000  # ms: what lies further ahead counts as now when it is really sent


def remarks(documents: Sequence[Owned], samples: Sequence[Sample], gateway: str, now: int) -> list[str]:
    """Sentences; `now` in ms."""
    return [*_order(samples), *_twice(samples), *_future(samples, now), *_blind(documents, samples, gateway)]


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


def _blind(documents: Sequence[Owned], samples: Sequence[Sample], gateway: str) -> list[str]:
    """Rules that the samples cannot make fire, with the nearest that they hold."""
    seen = {sample.series: {Origin(gateway, "trial"): sample.at} for sample in samples}
    view = View(seen, where="among them")
    return [
        f"rule {rule.name} sees nothing of these samples: {metric.why}"
        for rule in documents
        if isinstance(rule, Rule)
        for metric in view.coverage(rule)
        if metric.at is None
    ]
