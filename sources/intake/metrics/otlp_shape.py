"""The shape of an ExportMetricsServiceRequest: by field number, each field's name in OTLP's JSON and type. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from sources.intake.metrics.wire import WireField, WireShape

_VALUE: Mapping[int, WireField] = {
    1: WireField("stringValue", "text"),
    2: WireField("boolValue", "bool"),
    3: WireField("intValue", "int"),
    4: WireField("doubleValue", "double"),
}
_ATTRIBUTE: Mapping[int, WireField] = {1: WireField("key", "text"), 2: WireField("value", _VALUE)}
_NUMBER: Mapping[int, WireField] = {
    7: WireField("attributes", _ATTRIBUTE, True),
    3: WireField("timeUnixNano", "fixed64"),
    4: WireField("asDouble", "double"),
    6: WireField("asInt", "sfixed64"),
    8: WireField("flags", "int"),
}
_BUCKETS: Mapping[int, WireField] = {
    9: WireField("attributes", _ATTRIBUTE, True),
    3: WireField("timeUnixNano", "fixed64"),
    4: WireField("count", "fixed64"),
    5: WireField("sum", "double"),
    6: WireField("bucketCounts", "fixed64", True),
    7: WireField("explicitBounds", "double", True),
    10: WireField("flags", "int"),
}
_EXPONENTIAL: Mapping[int, WireField] = {1: WireField("attributes", _ATTRIBUTE, True)}
_QUANTILE: Mapping[int, WireField] = {1: WireField("quantile", "double"), 2: WireField("value", "double")}
_SUMMARY: Mapping[int, WireField] = {
    7: WireField("attributes", _ATTRIBUTE, True),
    3: WireField("timeUnixNano", "fixed64"),
    4: WireField("count", "fixed64"),
    5: WireField("sum", "double"),
    6: WireField("quantileValues", _QUANTILE, True),
    8: WireField("flags", "int"),
}


def _points(of: Mapping[int, WireField], temporality: bool = True) -> Mapping[int, WireField]:
    points = {1: WireField("dataPoints", of, True)}
    return points | ({2: WireField("aggregationTemporality", "int")} if temporality else {})


_METRIC: Mapping[int, WireField] = {
    1: WireField("name", "text"),
    3: WireField("unit", "text"),
    5: WireField("gauge", _points(_NUMBER, False)),
    7: WireField("sum", {**_points(_NUMBER), 3: WireField("isMonotonic", "bool")}),
    9: WireField("histogram", _points(_BUCKETS)),
    10: WireField("exponentialHistogram", _points(_EXPONENTIAL)),
    11: WireField("summary", _points(_SUMMARY, False)),
}
_SCOPE: Mapping[int, WireField] = {2: WireField("metrics", _METRIC, True)}
_RESOURCE: Mapping[int, WireField] = {1: WireField("attributes", _ATTRIBUTE, True)}
REQUEST: WireShape = {
    1: WireField(
        "resourceMetrics",
        {1: WireField("resource", _RESOURCE), 2: WireField("scopeMetrics", _SCOPE, True)},
        True,
    )
}
