"""What a rule can see of what was sent lately: pure, from the text of series to a sentence about each metric.

A rule is blind where nobody sends its metric, and as blind where somebody does and no series fits its matchers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from streams.documents.conditions.condition_input import Input
from streams.documents.rule import Rule
from streams.errors import Refused
from streams.matcher import Matcher
from streams.telemetry.series import parse
from streams.text.nearest import nearest

SHOWN = 6  # values of a label in one sentence
COUNTS = ("_total", "_count", "_sum", "_bucket")  # ends of the names of counters
LATE = frozenset(  # what exists from its first event on, or not with every gateway (docs/names.md)
    {
        "tool_timeout_total",
        "circuit_breaker_open_total",
        "oauth_verify_events_total",
        "siem_events_exported_total",
        "server_event_bus_publish_failed_total",
        "health_checker_silent_seconds",  # from gateway 1.1.0 on
        "rate_limit_used_ratio",  # where the gateway's limiter is on
        "gateway_trouble",  # while something cannot be had
        "upstreams_hidden",  # where the gateway says how many it has
        "certificate_days_left",  # where something speaks TLS
        "certificate_issued_seconds",
        "certificate_fault",  # while something is wrong
    }
)
HIDDEN = "of some gateways it is not known yet whose they are (an inventory says it every five minutes)"
TOGETHER = "each of its matchers fits some series, and no series fits all of them"


class Origin(NamedTuple):
    """Who sent a series."""

    gateway: str
    source: str


Seen = dict[str, dict[Origin, int]]  # text of a series → who sent it, and when last, in ms


class MetricCoverage(NamedTuple):
    """What a rule sees of one metric. `at`: when last, ms; None: it is blind, and `why` says so.

    `origins`: who sends what it reads, or where it is blind, who sends the metric at all; `near`: nearest names.
    `waits`: it is blind, and that is as it should be: a counter appears with the first event that it counts.
    """

    metric: str
    at: int | None
    origins: list[Origin]
    near: list[str]
    why: str
    waits: bool = False


class SeenSeries(NamedTuple):
    """One series with its labels, the gateway's name among them, as rules see it."""

    labels: Mapping[str, str]
    origin: Origin
    at: int


class View:
    """All that was seen, by metric; labels are read on demand."""

    def __init__(self, seen: Seen, where: str = "seen lately", hidden: bool = False) -> None:
        """Group what was seen by the name of its metric. `where`: how sentences say among what they looked.

        `hidden`: there is more, of which it is not known whether it may be told: nothing is blind for certain.
        """
        self._where, self._hidden = where, hidden
        self._texts: dict[str, list[str]] = {}
        for text in seen:
            self._texts.setdefault(text.partition("{")[0], []).append(text)
        self._seen, self._candidates = seen, cache(self._read)

    def __len__(self) -> int:
        """How many metrics there are."""
        return len(self._texts)

    @property
    def names(self) -> Iterable[str]:
        """The metrics that there are."""
        return self._texts

    def coverage(self, rule: Rule, values: bool = True) -> list[MetricCoverage]:
        """Each metric that the rule reads; without `values` no sentence tells what labels hold."""
        inputs = {
            (input_.selector.name, input_.selector.matchers): input_ for input_ in rule.condition.inputs()
        }
        covered = [self._coverage(input_, values) for input_ in inputs.values()]
        if not self._hidden:
            return covered
        return [
            metric._replace(why=f"{metric.why}; {HIDDEN}", waits=True) if metric.at is None else metric
            for metric in covered
        ]

    def _coverage(self, input_: Input, values: bool) -> MetricCoverage:
        name, matchers = input_.selector.name, input_.selector.matchers
        candidates = self._candidates(name)
        fits = [series for series in candidates if input_.selector.matches(series.labels)]
        if fits:
            origins = sorted({series.origin for series in fits})
            return MetricCoverage(name, max(series.at for series in fits), origins, [], "")
        if not candidates:
            near = nearest(name, self._texts, 3, 0.6)
            hint = f"; nearest names seen: {', '.join(near)}" if near else ""
            waits = name in LATE or (name.endswith(COUNTS) and not near and len(self) > 0)
            return MetricCoverage(name, None, [], near, f"{name} was not {self._where}{hint}", waits)
        wrong = [
            _unmet(m, candidates, values)
            for m in matchers
            if not any(m.matches(s.labels) for s in candidates)
        ]
        says = "; ".join(unmet.says for unmet in wrong) or TOGETHER
        origins = sorted({series.origin for series in candidates})
        late = name in LATE or name.endswith(COUNTS)
        waits = late and not any(unmet.misspelled for unmet in wrong)
        return MetricCoverage(
            name, None, origins, [], f"{name} is there, and no series of it fits: {says}", waits
        )

    def _read(self, name: str) -> Sequence[SeenSeries]:
        candidates = []
        for text in self._texts.get(name, ()):
            try:
                labels = dict(parse(text).labels)
            except Refused:  # detect refuses it as well, and tells of it
                continue
            candidates += [
                SeenSeries(labels | {"gateway": o.gateway}, o, at) for o, at in self._seen[text].items()
            ]
        return candidates


class Unmet(NamedTuple):
    """Why one matcher fits nothing; `misspelled`: no event to come will change that, by all that is known."""

    says: str
    misspelled: bool


def _unmet(matcher: Matcher, candidates: Sequence[SeenSeries], values: bool) -> Unmet:
    """The label's values that there are, the nearest first, or the labels."""
    written = f'{matcher.label}{matcher.sign}"{matcher.value}"'
    names = sorted({name for series in candidates for name in series.labels})
    if matcher.label not in names:
        near = nearest(matcher.label, names)
        hint = f"did you mean `{near[0]}`?" if near else f"its labels: {', '.join(names)}"
        return Unmet(f"{written}: it has no label `{matcher.label}`; {hint}", True)
    known = sorted({series.labels.get(matcher.label, "") for series in candidates})
    near = [] if matcher.sign.startswith("!") else nearest(matcher.value, known)
    shown = [*near, *(value for value in known if value not in near)][:SHOWN]
    more = f" and {len(known) - SHOWN} more" if len(known) > SHOWN else ""
    hint = f"; did you mean {near[0]!r}?" if near and not _number(matcher.value) else ""
    says = (
        f"{written}: `{matcher.label}` is {', '.join(map(repr, shown))}{more}{hint}"
        if values
        else f"{written} fits none"
    )
    return Unmet(says, matcher.label == "gateway" or bool(hint))


def _number(value: str) -> bool:
    """Whether a value is a number, such as a status: the nearest number is no likelier than any other."""
    return value.replace(".", "").isdecimal()
