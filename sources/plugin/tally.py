"""Counts of tool calls, as series of one frame: how many, how they ended, and how long they took."""

from __future__ import annotations

from .observed import ToolCall

SLOW = 30.0  # seconds; what takes longer is counted by itself, so that the first ones can be told of at once
BOUNDS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)  # seconds
SERIES = 2_000  # tools with their results, and upstreams, at most; what is more is counted as `other`
OTHER = "other"


class Tally:
    """All counts since the process began; `worker`: which of the gateway's processes it is."""

    def __init__(self, worker: str) -> None:
        """Nothing is counted yet."""
        self._worker = worker
        self._calls: dict[tuple[str, str, str], int] = {}
        self._buckets: dict[str, list[int]] = {}  # by upstream; the last is without a bound
        self._sums: dict[str, float] = {}

    def count(self, call: ToolCall) -> None:
        """Count a call, and how long it took where that is known."""
        result = "error" if call.failed else "ok"
        key = (call.upstream, call.tool, result)
        if key not in self._calls and len(self._calls) >= SERIES:
            key = (OTHER, OTHER, result)
        self._calls[key] = self._calls.get(key, 0) + 1
        if call.seconds is not None:
            self._take_time(call.upstream, call.seconds)

    def _take_time(self, upstream: str, seconds: float) -> None:
        if upstream not in self._buckets and len(self._buckets) >= SERIES // 20:
            upstream = OTHER
        counts = self._buckets.setdefault(upstream, [0] * (len(BOUNDS) + 1))
        place = next((n for n, bound in enumerate(BOUNDS) if seconds <= bound), len(BOUNDS))
        counts[place] += 1
        self._sums[upstream] = self._sums.get(upstream, 0.0) + seconds

    def frame(self, dropped: int) -> tuple[list[str], list[float]]:
        """Series and values as they are now; `dropped`: what was observed and found no room."""
        values = {self._series("plugin_dropped_total"): float(dropped)}
        for (upstream, tool, result), count in self._calls.items():
            labels = {"result": result, "tool": tool, "upstream": upstream}
            values[self._series("tool_calls_total", labels)] = float(count)
        for upstream, counts in self._buckets.items():
            total, name = 0, "tool_call_duration_seconds"
            for bound, count in zip((*map(str, BOUNDS), "+Inf"), counts, strict=True):
                total += count
                values[self._series(f"{name}_bucket", {"le": bound, "upstream": upstream})] = float(total)
            values[self._series(f"{name}_sum", {"upstream": upstream})] = self._sums[upstream]
            values[self._series(f"{name}_count", {"upstream": upstream})] = float(total)
            slow = sum(counts[BOUNDS.index(SLOW) + 1 :])
            values[self._series("tool_calls_slow_total", {"upstream": upstream})] = float(slow)
        return list(values), list(values.values())

    def _series(self, name: str, labels: dict[str, str] | None = None) -> str:
        """The text of a series: labels sorted, those that are empty left out."""
        all_ = {**(labels or {}), "worker": self._worker}
        inner = ",".join(f'{label}="{_escaped(value)}"' for label, value in sorted(all_.items()) if value)
        return f"{name}{{{inner}}}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
