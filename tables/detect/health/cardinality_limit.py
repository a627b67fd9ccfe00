"""The bound on a gateway's watched series: Tocsin's own alert shortly before it is reached, and when it is."""

from __future__ import annotations

from collections import Counter

from msgspec.structs import replace

from streams.messages.envelope import Severity
from streams.telemetry.series import metric
from tables.detect.block_key import SERIES
from tables.detect.context import Context
from tables.detect.health import source_health
from tables.detect.health.roster import CLEAR, nearness
from tables.detect.health.state import Crowding
from tables.detect.series import slot_bound
from tables.detect.series.slot_index import SlotIndex
from tables.kernel.level import owner_of
from tables.kernel.row import AnyRow as Row

RULE = "series-bound"
LOOK = 3_600_000  # active ms after which it is looked at again where nothing is heard
NAMED = 3  # metrics that the alert names
_SAID: dict[Severity | None, tuple[str, str]] = {
    None: ("room for new series again", ""),
    "warning": ("nearly as many series as can be watched", ": soon new ones will be refused"),
    "critical": ("as many series as can be watched", ": new ones are refused"),
}


def watch(context: Context, entry: Row, index: SlotIndex) -> None:
    """Say when a gateway has nearly as many series as it may have, when it has, and when that is over."""
    most, known = context.terms.most, entry.value.crowded
    before: Severity | None = known.severity if known else None
    vacant = index.vacancies[SERIES].count(context.clock.active)
    now = nearness((slot_bound.following(entry, SERIES) - vacant) / most, before)
    if now:
        entry.value = replace(entry.value, crowded=Crowding(now, context.clock.active + LOOK))
    if now == before:
        return
    if now is None:
        entry.value = replace(entry.value, crowded=None, refused=())
    held = f"{owner_of(entry.key)} has {_SAID[now][0]} ({_most(context, entry, index)}){_SAID[now][1]}"
    why = f"the bound is {most}; narrow the rules' matchers, or drop labels whose values come and go"
    source_health.say(context, entry, RULE, "", now, held, why if now else f"below {CLEAR:.0%} of {most}")


def _most(context: Context, entry: Row, index: SlotIndex) -> str:
    given = slot_bound.following(entry, SERIES)  # on a replay newer blocks hold what has still to be given
    living = (
        text
        for text, number in index.series.items()
        if number < given and index.living(text, context.offset) is not None
    )
    counts = Counter(map(metric, living))
    first = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:NAMED]
    return ", ".join(f"{name} {count}" for name, count in first)
