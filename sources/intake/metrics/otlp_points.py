"""Points of OpenTelemetry as values of series: what they are called, and their labels besides. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Value = tuple[str, dict[str, str], float]  # name, labels besides, value
BUCKETS = 500  # of one histogram


def number_values(name: str, body: Mapping[str, Any]) -> Iterable[Value]:
    """The one value of a gauge or a sum."""
    if body.get("asInt") is not None:
        return [(name, {}, float(int(body["asInt"])))]
    if body.get("asDouble") is None:
        raise ValueError("it has neither `asInt` nor `asDouble`")
    return [(name, {}, float(body["asDouble"]))]


def histogram_values(name: str, body: Mapping[str, Any]) -> Iterable[Value]:
    """Buckets that count what is at most their bound (`le`), the sum where it is known, and the count."""
    counts = [int(count) for count in body.get("bucketCounts") or []]
    bounds = [float(bound) for bound in body.get("explicitBounds") or []]
    if len(counts) > BUCKETS:
        raise ValueError(f"it has {len(counts)} buckets, {BUCKETS} are the most")
    if counts and len(counts) != len(bounds) + 1:
        raise ValueError(f"{len(bounds)} bounds make {len(bounds) + 1} buckets, and it has {len(counts)}")
    if bounds != sorted(bounds):
        raise ValueError("its bounds do not rise")
    total = int(body.get("count", 0))
    values: list[Value] = []
    below = 0
    for bound, count in zip(bounds, counts, strict=False):
        below += count
        values.append((f"{name}_bucket", {"le": _bound(bound)}, float(below)))
    values.append((f"{name}_bucket", {"le": "+Inf"}, float(total)))
    if body.get("sum") is not None:
        values.append((f"{name}_sum", {}, float(body["sum"])))
    return [*values, (f"{name}_count", {}, float(total))]


def summary_values(name: str, body: Mapping[str, Any]) -> Iterable[Value]:
    """Its quantiles, the sum and the count."""
    quantiles = body.get("quantileValues") or []
    if not isinstance(quantiles, list) or not all(isinstance(quantile, Mapping) for quantile in quantiles):
        raise ValueError("its `quantileValues` are no list of fields")
    values: list[Value] = [
        (name, {"quantile": f"{float(quantile.get('quantile', 0)):g}"}, float(quantile.get("value", 0)))
        for quantile in quantiles[:BUCKETS]
    ]
    total = float(int(body.get("count", 0)))
    return [*values, (f"{name}_sum", {}, float(body.get("sum", 0))), (f"{name}_count", {}, total)]


def _bound(bound: float) -> str:
    return "+Inf" if bound == float("inf") else f"{bound:g}" if float(f"{bound:g}") == bound else repr(bound)
