"""OpenTelemetry metrics (OTLP, protobuf or JSON): an export as frames of samples. Pure.

What one resource says at one instant is a frame. Gauges, cumulative sums, histograms with explicit bounds and summaries
are taken; sums and histograms of deltas and exponential histograms are not, each with its reason. A point that says
that it has no value is a gap.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from sources.intake.metrics import wire
from sources.intake.metrics.otlp_name import label_name, metric_name
from sources.intake.metrics.otlp_points import histogram_values, number_values, summary_values
from sources.intake.metrics.otlp_shape import REQUEST
from sources.intake.metrics.pushed import VALUES, PushedFrames, named
from sources.intake.metrics.pushed_sources import PushedSources, PushOrigin
from streams.codes import RefusalCode
from streams.errors import Refused
from streams.telemetry.series import spell

CUMULATIVE = (2, "2", "AGGREGATION_TEMPORALITY_CUMULATIVE")
NO_VALUE = 1  # a flag of a point
TOGETHER = 1_000  # ms within which the points of one collection lie
LABELS = 64  # of one series
WEIGHT = 4_000  # characters of the labels of one series
NAME, UNIT = 200, 60  # characters of the name of a metric or of an attribute, and of a unit
TEXT = 32 << 20  # characters of all series of one request
DELTA = (
    "`{name}` counts from report to report (delta): set "
    "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=cumulative, or the processor `deltatocumulative`"
)
EXPONENTIAL = "`{name}` is an exponential histogram: give it explicit bounds (a view of the SDK)"
Taken = Callable[[str, Mapping[str, Any]], Iterable[tuple[str, dict[str, str], float]]]
PointValue = tuple[int, str, float]  # ms UTC, the text of a series, its value


class ExportRead(NamedTuple):
    """What an export came to. `rejected`: points that were not taken; `why`: the first reason."""

    frames: PushedFrames
    rejected: int
    why: str


def of_protobuf(raw: bytes) -> Mapping[str, Any]:
    """The request that bytes hold, as its JSON spells it."""
    return wire.WireReader(raw).message(REQUEST)


def of_json(raw: bytes) -> Mapping[str, Any]:
    """The same from JSON; Refused where it is none."""
    if raw.count(b",") > 5 * VALUES:  # a point has several; to look at more would stand in the way
        raise Refused("the body holds too many values: send less at once", RefusalCode.TOO_LARGE)
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError as why:
        raise Refused(f"the body is no JSON: {why!s:.100}", RefusalCode.MALFORMED) from None
    return _object(body, "the body")


@dataclass
class _Export:
    """One request while it is read."""

    frames: PushedFrames
    rejected: int = 0
    why: str = ""
    values: int = 0
    text: int = 0

    def reject(self, count: int, why: str) -> None:
        self.rejected, self.why = self.rejected + count, self.why or why

    def count(self, points: Sequence[PointValue]) -> None:
        """Refused where the request makes more of little than may be kept while it is read."""
        self.values += len(points)
        self.text += sum(len(series) for _, series, _ in points)
        if self.values > VALUES or self.text > TEXT:
            raise Refused(
                f"a request comes to at most {VALUES} values and {TEXT} characters of series: send less at once",
                RefusalCode.TOO_LARGE,
            )


def read(
    request: Mapping[str, Any], gateway: str, wanted: Sequence[str], sources: PushedSources, now: int
) -> ExportRead:
    """The frames of an export; Refused where the whole makes no sense.

    `gateway`: whose all of it is, "" where resources say it; `wanted`: resource attributes that become labels, besides
    `job` and `instance`; `now`: ms UTC.
    """
    export = _Export(PushedFrames(now, sources))
    for resource in _objects(request, "resourceMetrics"):
        try:
            attributes = _attributes(_object(resource.get("resource") or {}, "`resource`"))
        except ValueError as why:
            raise Refused(f"a resource cannot be read: {why}", RefusalCode.MALFORMED) from None
        labels, origin = _resource(attributes, gateway, wanted)
        values: list[PointValue] = []
        for scope in _objects(resource, "scopeMetrics"):
            for metric in _objects(scope, "metrics"):
                values += _metric(export, metric, labels, now)
        _framed(export.frames, origin, values)
    return ExportRead(export.frames, export.rejected, export.why)


def _framed(frames: PushedFrames, origin: PushOrigin, values: list[PointValue]) -> None:
    """Points that lie close together are of one collection, which has the instant of its newest."""
    collections: list[list[PointValue]] = []
    for point in sorted(values, key=lambda point: point[0]):
        if not collections or point[0] - collections[-1][0][0] > TOGETHER:
            collections.append([])
        collections[-1].append(point)
    for collection in collections:
        at = collection[-1][0]
        for _, series, value in collection:
            frames.add(origin, at, series, value)


def _resource(
    attributes: Mapping[str, str], gateway: str, wanted: Sequence[str]
) -> tuple[dict[str, str], PushOrigin]:
    """Labels of all series of a resource, and whose they are."""
    service, space = attributes.get("service.name", ""), attributes.get("service.namespace", "")
    job = f"{space}/{service}" if space and service else service
    instance = attributes.get("service.instance.id", "")
    labels = {"job": job, "instance": instance}
    labels |= {label_name(name): attributes.get(name, "") for name in wanted}
    place = "/".join(part for part in ("otlp", job, instance) if part)
    return labels, PushOrigin(named(gateway or attributes.get("gateway") or job or "otlp"), named(place))


def _metric(
    export: _Export, metric: Mapping[str, Any], labels: Mapping[str, str], now: int
) -> list[PointValue]:
    """All values that a metric comes to; Refused where the request has come to too many."""
    name = str(metric.get("name", ""))
    kind = next((kind for kind in _KINDS if metric.get(kind) is not None), None)
    if not name or kind is None:
        export.reject(0 if name else 1, "a metric has no `name`" if not name else "")
        return []
    data = _object(metric[kind], f"`{kind}`")
    points = _objects(data, "dataPoints")
    if why := _refusal(kind, data):
        export.reject(len(points), why.format(name=name[:100]))
        return []
    unit = str(metric.get("unit", ""))
    if len(name) > NAME or len(unit) > UNIT:
        export.reject(len(points), f"`{name:.60}`: a name has at most {NAME} characters, a unit {UNIT}")
        return []
    monotonic = kind == "sum" and bool(data.get("isMonotonic"))
    own = metric_name(name, unit, monotonic, kind == "gauge")
    values: list[PointValue] = []
    for point in points:
        try:
            of_point = _point(_KINDS[kind], own, point, labels, now)
        except (ValueError, TypeError, OverflowError) as why:
            export.reject(1, f"`{name:.100}`: a point cannot be read: {why!s:.100}")
        else:
            export.count(of_point)
            values += of_point
    return values


def _refusal(kind: str, data: Mapping[str, Any]) -> str:
    if kind == "exponentialHistogram":
        return EXPONENTIAL
    if kind in ("sum", "histogram") and data.get("aggregationTemporality") not in CUMULATIVE:
        return DELTA
    return ""


def _point(
    values: Taken, name: str, body: Mapping[str, Any], labels: Mapping[str, str], now: int
) -> list[PointValue]:
    own = {label_name(key): value for key, value in _attributes(body).items() if key != "gateway"}
    all_ = {label: value for label, value in {**own, **labels}.items() if value}
    if len(all_) > LABELS:
        raise ValueError(f"it has {len(all_)} labels, {LABELS} are the most")
    if sum(len(label) + len(value) for label, value in all_.items()) > WEIGHT:
        raise ValueError(f"its labels have more than {WEIGHT} characters")
    nanoseconds = int(body.get("timeUnixNano", 0))
    if nanoseconds >= 1 << 63:
        raise ValueError("its `timeUnixNano` is no time")
    at = nanoseconds // 1_000_000 if nanoseconds > 0 else now
    if int(body.get("flags", 0)) & NO_VALUE:
        return []
    return [(at, spell(series, {**all_, **more}), value) for series, more, value in values(name, body)]


_KINDS: Mapping[str, Taken] = {
    "gauge": number_values, "sum": number_values, "histogram": histogram_values, "summary": summary_values,
    "exponentialHistogram": number_values,
}  # fmt: skip


def _attributes(holder: Mapping[str, Any]) -> dict[str, str]:
    """Attributes as texts; lists and maps, of which labels can tell nothing, are left out."""
    texts: dict[str, str] = {}
    for attribute in _objects(holder, "attributes"):
        value = _object(attribute.get("value") or {}, "`value`")
        key = str(attribute.get("key", ""))
        if len(key) > NAME:
            raise ValueError(f"the name of an attribute has more than {NAME} characters")
        for kind in ("stringValue", "boolValue", "intValue", "doubleValue"):
            if value.get(kind) is not None:
                texts[key] = str(bool(value[kind])).lower() if kind == "boolValue" else str(value[kind])[:300]
    return texts


def _objects(holder: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    items = holder.get(name) or []
    if not isinstance(items, list):
        raise Refused(f"`{name}` must be a list", RefusalCode.MALFORMED)
    return [_object(item, f"an item of `{name}`") for item in items]


def _object(value: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise Refused(f"{what} must be fields with their values", RefusalCode.MALFORMED)
    return value
