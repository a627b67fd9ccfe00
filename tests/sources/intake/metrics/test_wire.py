"""Protobuf's wire format: what is written is read, and whatever bytes come, they are read or refused."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.intake.metrics import otlp, remote_write
from sources.intake.metrics.compressed import gunzipped, unsnapped
from sources.intake.metrics.otlp_name import label_name, metric_name
from sources.intake.metrics.pushed_sources import PushedSources
from sources.intake.metrics.wire import WireField, WireReader, counted, delimited, number, signed, varint
from streams.codes import RefusalCode
from streams.errors import Refused
from streams.matcher import selector

NOW = 1_764_000_000_000


@given(st.integers(-(1 << 63), (1 << 63) - 1))
def test_numbers(value: int) -> None:
    """Each comes back, and the place behind it."""
    raw = varint(value)
    read, after = number(raw + b"\x7f", 0)
    assert (signed(read), after) == (value, len(raw))


@given(st.text(), st.integers(0, 1 << 40), st.binary())
def test_fields(text: str, value: int, unknown: bytes) -> None:
    """Known fields come back in whatever company; unknown ones are passed over."""
    shape = {1: WireField("text", "text"), 2: WireField("inner", {3: WireField("value", "int")}, True)}
    inner = delimited(2, counted(3, value) + delimited(9, unknown))
    raw = delimited(7, unknown) + delimited(1, text.encode()) + inner + counted(8, 5) + inner
    assert WireReader(raw).message(shape) == {"text": text, "inner": [{"value": value}] * 2}


@given(
    st.one_of(st.binary(), st.binary().map(lambda raw: delimited(1, delimited(2, raw) + delimited(1, raw))))
)
def test_any_bytes(raw: bytes) -> None:
    """They are read, or refused; nothing else happens."""
    with suppress(Refused):
        remote_write.read(raw, "g", PushedSources(), NOW)
    with suppress(Refused):
        otlp.read(otlp.of_protobuf(raw), "g", (), PushedSources(), NOW)
    with suppress(Refused):
        unsnapped(raw)
    with suppress(Refused):
        gunzipped(raw)


FIELDS = (
    "scopeMetrics", "metrics", "sum", "gauge", "histogram", "dataPoints", "attributes", "key", "value", "name", "asInt",
    "bucketCounts", "explicitBounds", "timeUnixNano", "flags",
)  # fmt: skip
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 1 << 70) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.just("resourceMetrics"), st.lists(json_values, max_size=3)))
def test_any_json(request: dict[str, object]) -> None:
    """The same of what stands in JSON."""
    with suppress(Refused):
        otlp.read(request, "g", (), PushedSources(), NOW)


@pytest.mark.parametrize("bound", ["VALUES", "TEXT"])
def test_more_than_a_request_may_come_to(bound: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused as a whole: a sender that is told that some points were rejected sends the next as large."""
    monkeypatch.setattr(otlp, bound, 2)
    points = [{"asInt": "1", "timeUnixNano": str(NOW * 1_000_000)}] * 3
    metric = {"name": "load", "gauge": {"dataPoints": points}}
    request = {"resourceMetrics": [{"scopeMetrics": [{"metrics": [metric]}]}]}
    with pytest.raises(Refused, match="send less at once") as refused:
        otlp.read(request, "g", (), PushedSources(), NOW)
    assert refused.value.code is RefusalCode.TOO_LARGE


@given(st.text(), st.text(max_size=5), st.booleans(), st.booleans())
def test_names(name: str, unit: str, monotonic: bool, gauge: bool) -> None:
    """Whatever a metric or an attribute is called, ours can stand in a rule."""
    metric, label = metric_name(name, unit, monotonic, gauge), label_name(name)
    assert selector(f'{metric}{{{label}="x"}}').name == metric


@pytest.mark.parametrize(
    ("name", "unit", "monotonic", "gauge", "ours"),
    [
        ("http.server.duration", "s", False, False, "http_server_duration_seconds"),
        ("requests", "{request}", True, False, "requests_total"),
        ("requests.total", "1", True, False, "requests_total"),
        ("io", "By", True, False, "io_bytes_total"),
        ("used", "1", False, True, "used_ratio"),
        ("latency.seconds", "s", False, True, "latency_seconds"),
        ("2xx", "", False, True, "_2xx"),
    ],
)
def test_names_as_prometheus_has_them(name: str, unit: str, monotonic: bool, gauge: bool, ours: str) -> None:
    """Underscores, the unit, and `_total` of counters, each once."""
    assert metric_name(name, unit, monotonic, gauge) == ours
