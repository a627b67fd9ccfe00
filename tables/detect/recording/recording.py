"""What a rule finds becomes a series: of the same gateway, or of another one, where `origin` says whose it was.

It goes round by the log like everything else, so that a replay meets the same values; never while an outage is caught
up with, when it would come too late to be believed. Its frames are open: nobody knows how many rules say something.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

from streams.telemetry import samples
from streams.telemetry.series import spell
from streams.topics import TELEMETRY
from tables.detect.aggregate.compiled_rule import CompiledRule
from tables.detect.columns import Array
from tables.detect.context import Context
from tables.detect.recording.recorded_source import recorded_source
from tables.detect.verdicts.verdicts import labels_of
from tables.kernel.output import Output

ORIGIN = "origin"


def record(
    context: Context,
    gateway: str,
    recorders: Mapping[int, tuple[CompiledRule, str]],
    readings: tuple[Array, Array],
    unwatched: Collection[int],
    at: int,
) -> None:
    """Tell the values of slots that record. `readings`: slots of one block and their values; `at`: event ms.

    `unwatched`: slots whose windows have not been watched in full: what they hold is not what it says.
    """
    if not context.clock.caught_up:
        return
    by_target: dict[str, dict[str, float]] = {}
    for slot, value in zip(readings[0].tolist(), readings[1].tolist(), strict=True):
        if slot in recorders and slot not in unwatched and math.isfinite(value):
            compiled, key = recorders[slot]
            target = compiled.rule.condition.record_to or gateway
            by_target.setdefault(target, {})[_series(compiled, key, gateway, target)] = value
    for target, values in sorted(by_target.items()):
        source = recorded_source(gateway, target)
        for id, raw in samples.open_frame(target, source, at, list(values), list(values.values())):
            context.out.append(Output(TELEMETRY, target, id, context.signer.of(target).sign(raw, TELEMETRY)))


def _series(compiled: CompiledRule, key: str, gateway: str, target: str) -> str:
    labels = {name: value for name, value in labels_of(key, gateway).items() if name != "gateway"}
    if target != gateway:
        labels[ORIGIN] = gateway
    return spell(compiled.rule.condition.record or "", labels)
