"""Which gateways an edit of a rule concerns, derived from rows and never stored: an edit costs what reads its metrics.

A gateway may stand here for something that it no longer has: it is then looked at in vain.
"""

from __future__ import annotations

from collections.abc import Iterable

from streams.telemetry.series import metric
from tables.detect.block_key import gateway_of
from tables.kernel.row import AnyRow as Row


class EditScope:
    """`readable`: gateways by the metrics of their watched series; `judged`: by the rules of their instances.

    `edits` counts the edits, `edited` says which was the last that concerned a metric.
    """

    def __init__(self, series: Iterable[Row], states: Iterable[Row]) -> None:
        """As the blocks of series and of states are."""
        self.readable: dict[str, set[str]] = {}
        self.judged: dict[str, set[str]] = {}
        self.edits, self.edited = 0, dict[str, int]()
        # a block reads few metrics and few rules: at a start each is looked up once a block, not once a series
        for row in series:
            for name in {text.partition("{")[0] for text in row.value.texts}:
                self.note_series(gateway_of(row.key), name)
        for row in states:
            for rule in {rule for rule, _ in row.value.keys}:
                self.note_instance(gateway_of(row.key), rule)

    def note_series(self, gateway: str, text: str) -> None:
        """A series of the gateway is watched."""
        self.readable.setdefault(metric(text), set()).add(gateway)

    def note_instance(self, gateway: str, rule: str) -> None:
        """A rule has an instance on the gateway."""
        self.judged.setdefault(rule, set()).add(gateway)

    def forget(self, gateway: str) -> None:
        """The gateway is gone."""
        for some in (*self.readable.values(), *self.judged.values()):
            some.discard(gateway)

    def edit(self, rule: str, metrics: Iterable[str]) -> list[str]:
        """A rule that reads these metrics came, changed or went: the gateways that it concerns, sorted."""
        self.edits += 1
        self.edited |= dict.fromkeys(metrics, self.edits)
        gateways = set(self.judged.get(rule, ()))
        for name in metrics:
            gateways |= self.readable.get(name, set())
        return sorted(gateways)

    def concerns(self, metrics: frozenset[str], since: int) -> bool:
        """Whether one of the metrics is read otherwise since an edit, by its number."""
        return since < self.edits and any(self.edited.get(name, 0) > since for name in metrics)
