"""The shape of an ExportMetricsServiceRequest: fields as OTLP's JSON spells them, by number. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from sources.intake.metrics.wire import WireField as _F
from sources.intake.metrics.wire import WireShape

_VALUE: Mapping[int, _F] = {
    1: _F("stringValue", "text"), 2: _F("boolValue", "bool"), 3: _F("intValue", "int"),
    4: _F("doubleValue", "double"),
}  # fmt: skip
_ATTRIBUTE: Mapping[int, _F] = {1: _F("key", "text"), 2: _F("value", _VALUE)}
_NUMBER: Mapping[int, _F] = {
    7: _F("attributes", _ATTRIBUTE, True), 3: _F("timeUnixNano", "fixed64"), 4: _F("asDouble", "double"),
    6: _F("asInt", "sfixed64"), 8: _F("flags", "int"),
}  # fmt: skip
_BUCKETS: Mapping[int, _F] = {
    9: _F("attributes", _ATTRIBUTE, True), 3: _F("timeUnixNano", "fixed64"), 4: _F("count", "fixed64"),
    5: _F("sum", "double"), 6: _F("bucketCounts", "fixed64", True), 7: _F("explicitBounds", "double", True),
    10: _F("flags", "int"),
}  # fmt: skip
_EXPONENTIAL: Mapping[int, _F] = {1: _F("attributes", _ATTRIBUTE, True)}
_QUANTILE: Mapping[int, _F] = {1: _F("quantile", "double"), 2: _F("value", "double")}
_SUMMARY: Mapping[int, _F] = {
    7: _F("attributes", _ATTRIBUTE, True), 3: _F("timeUnixNano", "fixed64"), 4: _F("count", "fixed64"),
    5: _F("sum", "double"), 6: _F("quantileValues", _QUANTILE, True), 8: _F("flags", "int"),
}  # fmt: skip


def _points(of: Mapping[int, _F], temporality: bool = True) -> Mapping[int, _F]:
    points = {1: _F("dataPoints", of, True)}
    return points | ({2: _F("aggregationTemporality", "int")} if temporality else {})


_METRIC: Mapping[int, _F] = {
    1: _F("name", "text"), 3: _F("unit", "text"),
    5: _F("gauge", _points(_NUMBER, False)),
    7: _F("sum", {**_points(_NUMBER), 3: _F("isMonotonic", "bool")}),
    9: _F("histogram", _points(_BUCKETS)),
    10: _F("exponentialHistogram", _points(_EXPONENTIAL)),
    11: _F("summary", _points(_SUMMARY, False)),
}  # fmt: skip
_SCOPE: Mapping[int, _F] = {2: _F("metrics", _METRIC, True)}
_RESOURCE: Mapping[int, _F] = {1: _F("attributes", _ATTRIBUTE, True)}
REQUEST: WireShape = {
    1: _F(
        "resourceMetrics",
        {1: _F("resource", _RESOURCE), 2: _F("scopeMetrics", _SCOPE, True)},
        True,
    )
}
