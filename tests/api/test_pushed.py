"""Metrics that others push: remote write and OpenTelemetry become samples, or the sender hears why not."""

from __future__ import annotations

import gzip
import json
from struct import pack
from typing import Any

import httpx
import orjson
import pytest

from sources.intake.metrics import wire
from sources.intake.metrics.pushed_sources import MOST
from sources.intake.metrics.wire import counted, delimited
from streams.messages.command import Principal
from tests.api.conftest import NOW, Client
from tests.api.harness import WRITE, written

UP = (("__name__", "up"), ("instance", "a:9090"), ("job", "api"))
ERRORS = (
    ("__name__", "errors_total"),
    ("code", "5|x"),
    ("gateway", "prod"),
    ("instance", "a:9090"),
    ("job", "api"),
)
STALE = float.fromhex("nan")
ROUTE = {"key": "http.route", "value": {"stringValue": "/a"}}
POINT = {"timeUnixNano": str(NOW * 1_000_000), "asInt": "7", "attributes": [ROUTE]}
RESOURCE = [
    {"key": "service.name", "value": {"stringValue": "shop"}},
    {"key": "service.instance.id", "value": {"stringValue": "one"}},
]


def exported(*metrics: dict[str, Any], resource: list[dict[str, Any]] = RESOURCE) -> dict[str, Any]:
    """An export of one resource."""
    return {
        "resourceMetrics": [
            {"resource": {"attributes": resource}, "scopeMetrics": [{"metrics": list(metrics)}]}
        ]
    }


def sums(name: str, temporality: int = 2, **more: Any) -> dict[str, Any]:
    """A counter with one point."""
    data = {"aggregationTemporality": temporality, "isMonotonic": True, "dataPoints": [POINT | more]}
    return {"name": name, "unit": "1", "sum": data}


def taken(broker: Any) -> dict[tuple[str, str, int], dict[str, float]]:
    """By gateway, source and instant, values by series."""
    found: dict[tuple[str, str, int], dict[str, float]] = {}
    for gateway, raw in broker.pushed:
        body = orjson.loads(raw)
        assert (body["kind"], body["gateway"]) == ("samples", gateway)
        values = dict(zip(body["series"], body["values"], strict=True))
        found.setdefault((gateway, body["source"], body["at"]), {}).update(values)
    return found


async def test_prometheus_writes(admin: httpx.AsyncClient, broker: Any) -> None:
    """A scrape is a frame of its target; label `gateway`, else the job, says whose it is; a stale marker is a gap."""
    body, headers = written({UP: [(NOW - 15_000, 1.0), (NOW, STALE)], ERRORS: [(NOW, float("inf"))]})
    answer = await admin.post("/api/v1/write", content=body, headers=headers)
    assert (answer.status_code, answer.content) == (204, b""), answer.text
    assert taken(broker) == {
        ("api", "prometheus/api/a:9090", NOW - 15_000): {'up{instance="a:9090",job="api"}': 1.0},
        ("prod", "prometheus/api/a:9090", NOW): {
            'errors_total{code="5|x",instance="a:9090",job="api"}': 1.7976931348623157e308
        },
    }
    assert orjson.loads(broker.pushed[0][1])["part"] == [0, 2]  # nobody knows whether more comes


async def test_whose_it_is_in_the_address(admin: httpx.AsyncClient, broker: Any) -> None:
    """`gateway` of the query counts before every label; a name that cannot be one is refused."""
    body, headers = written({UP: [(NOW, 1.0)], ERRORS: [(NOW, 1.0)]})
    assert (await admin.post("/api/v1/write?gateway=eu", content=body, headers=headers)).status_code == 204
    assert {gateway for gateway, _, _ in taken(broker)} == {"eu"}
    answer = await admin.post("/api/v1/write?gateway=a|b", content=body, headers=headers)
    assert (answer.status_code, "`gateway`" in answer.text) == (422, True)


async def test_prometheus_retries_or_drops_rightly(admin: httpx.AsyncClient, broker: Any) -> None:
    """503 while Kafka is away, 400 for what will never be taken: and all else of that request was taken."""
    body, headers = written({UP: [(NOW, 1.0)]})
    broker.why = "away"
    answer = await admin.post("/api/v1/write", content=body, headers=headers)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    broker.why = ""
    others: list[tuple[Any, str]] = [
        ({UP: [(NOW - 600_000, 1.0), (NOW, 1.0)]}, "1 values are older than 9 minutes"),
        ({UP: [(NOW, 1.0)], (("__name__", "a b"),): [(NOW, 1.0)]}, "'a b' is no name of a metric"),
        ({UP: [(NOW, 1.0)], (("__name__", "a"), ("0", "x")): []}, "'0' is no name of a label"),
        ({UP: [(NOW, 1.0)], (("__name__", "a"), ("x", "1"), ("x", "2")): []}, "a label twice"),
    ]
    for series, says in others:
        broker.pushed.clear()
        body, headers = written(series)
        answer = await admin.post("/api/v1/write", content=body, headers=headers)
        assert (answer.status_code, says in answer.json()["detail"]) == (400, True), answer.text
        assert list(taken(broker)) == [("api", "prometheus/api/a:9090", NOW)]


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (
            b"\x00",
            WRITE | {"Content-Type": "application/x-protobuf;proto=io.prometheus.write.v2.Request"},
            415,
        ),
        (b"\x00", {"Content-Type": "application/x-protobuf"}, 415),
        (b"", WRITE, 400),
        (b"\xff\xff\xff\xff\x07", WRITE, 413),  # it says that it holds 2 GB
        (b"\x05\x10abcde", WRITE, 400),
        (b"\x02\x04\x0a\x7f", WRITE, 400),  # a series that is longer than the body
    ],
)
async def test_what_is_no_write_request(
    admin: httpx.AsyncClient, broker: Any, content: bytes, headers: dict[str, str], status: int
) -> None:
    """It is refused, and nothing of it is believed; one of version 2 so that its sender falls back to 1."""
    answer = await admin.post("/api/v1/write", content=content, headers=headers)
    assert (answer.status_code, broker.pushed) == (status, []), answer.text


async def test_opentelemetry_in_json(admin: httpx.AsyncClient, broker: Any) -> None:
    """A counter, a gauge, a histogram and a summary, in Prometheus' names; one resource at one instant is a frame."""
    later = {"timeUnixNano": str((NOW + 2) * 1_000_000), "attributes": []}
    gauge = {"name": "queue.depth", "gauge": {"dataPoints": [later | {"asDouble": 2.5}]}}
    buckets = later | {"count": "6", "sum": 1.5, "bucketCounts": ["1", "2", "3"], "explicitBounds": [0.1, 1]}
    latency = {
        "name": "latency",
        "unit": "s",
        "histogram": {"aggregationTemporality": 2, "dataPoints": [buckets]},
    }
    quantiles = later | {"count": "2", "sum": 3.0, "quantileValues": [{"quantile": 0.9, "value": 2.0}]}
    body = exported(
        sums("http.requests"), gauge, latency, {"name": "old", "summary": {"dataPoints": [quantiles]}}
    )
    answer = await admin.post("/otlp/v1/metrics", json=body)
    assert (answer.status_code, answer.json()) == (200, {})
    of = 'instance="one",job="shop"'
    assert taken(broker) == {
        ("shop", "otlp/shop/one", NOW + 2): {
            f'http_requests_total{{http_route="/a",{of}}}': 7.0,
            f"queue_depth{{{of}}}": 2.5,
            f'latency_seconds_bucket{{{of},le="0.1"}}'.replace(
                f"{of},le", 'instance="one",job="shop",le'
            ): 1.0,
            f'latency_seconds_bucket{{{of},le="1"}}': 3.0,
            f'latency_seconds_bucket{{{of},le="+Inf"}}': 6.0,
            f"latency_seconds_sum{{{of}}}": 1.5,
            f"latency_seconds_count{{{of}}}": 6.0,
            f'old{{{of},quantile="0.9"}}': 2.0,
            f"old_sum{{{of}}}": 3.0,
            f"old_count{{{of}}}": 2.0,
        }
    }
    assert orjson.loads(broker.pushed[0][1])["part"] == [0, 1]


async def test_opentelemetry_in_protobuf(admin: httpx.AsyncClient, broker: Any) -> None:
    """The same from bytes, compressed; what is refused is counted in a message of that kind."""
    point = b"\x19" + pack("<Q", NOW * 1_000_000) + b"\x31" + pack("<q", 7)
    good = delimited(1, b"calls") + delimited(7, delimited(1, point) + counted(2, 2) + counted(3, 1))
    delta = delimited(1, b"steps") + delimited(7, delimited(1, point) * 2 + counted(2, 1))
    attribute = delimited(1, b"service.name") + delimited(2, delimited(1, b"shop"))
    scope = delimited(2, delimited(2, good) + delimited(2, delta))
    body = delimited(1, delimited(1, delimited(1, attribute)) + scope)
    headers = {"Content-Type": "application/x-protobuf", "Content-Encoding": "gzip"}
    answer = await admin.post("/otlp/v1/metrics?gateway=eu", content=gzip.compress(body), headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/x-protobuf")
    partial = wire.WireReader(answer.content).message(
        {1: wire.WireField("it", {1: wire.WireField("rejected", "int")})}
    )
    assert partial == {"it": {"rejected": 2}}
    assert b"`steps` counts from report to report (delta)" in answer.content
    assert taken(broker) == {("eu", "otlp/shop", NOW): {'calls_total{job="shop"}': 7.0}}


@pytest.mark.parametrize(
    ("metric", "rejected", "says"),
    [
        (sums("x", 1), "1", "(delta)"),
        ({"name": "x", "exponentialHistogram": {"dataPoints": [{}, {}]}}, "2", "exponential histogram"),
        (sums("x", asInt="many"), "1", "cannot be read"),
        (sums("x", timeUnixNano=str((NOW - 900_000) * 1_000_000)), "1", "older than 9 minutes"),
        ({"name": "x", "gauge": {"dataPoints": [{}]}}, "1", "neither `asInt` nor `asDouble`"),
        ({"name": "x", "histogram": {"aggregationTemporality": 2, "dataPoints": [
            {"count": 1, "bucketCounts": [1], "explicitBounds": [1]}]}}, "1", "make 2 buckets"),
    ],
)  # fmt: skip
async def test_points_that_are_not_taken(
    admin: httpx.AsyncClient, broker: Any, metric: dict[str, Any], rejected: str, says: str
) -> None:
    """They are counted, with the reason, and hinder no others; a point without a value is a gap."""
    answer = await admin.post("/otlp/v1/metrics", json=exported(metric, sums("good"), sums("gap", flags=1)))
    partial = answer.json()["partialSuccess"]
    assert (answer.status_code, partial["rejectedDataPoints"], says in partial["errorMessage"]) == (
        200,
        rejected,
        True,
    )
    (values,) = taken(broker).values()
    assert [series.partition("{")[0] for series in values] == ["good_total"]


async def test_resource_attributes_that_a_setting_picks(
    client: Client, dependencies: Any, broker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They become labels; none else does."""
    object.__setattr__(dependencies.settings, "otlp_labels", ("deployment.environment",))
    env = {"key": "deployment.environment", "value": {"stringValue": "eu"}}
    host = {"key": "host.name", "value": {"stringValue": "h"}}
    admin = client(Principal(name="ada", admin=True))
    await admin.post("/otlp/v1/metrics", json=exported(sums("x"), resource=[*RESOURCE, env, host]))
    (values,) = taken(broker).values()
    assert list(values) == ['x_total{deployment_environment="eu",http_route="/a",instance="one",job="shop"}']


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"{", {"Content-Type": "application/json"}, 400),
        (b'{"resourceMetrics": 7}', {"Content-Type": "application/json"}, 400),
        (b"\x0a\x7f", {"Content-Type": "application/x-protobuf"}, 400),
        (b"\x0a\x02" * 40, {"Content-Type": "application/x-protobuf"}, 400),
        (b"{}", {"Content-Type": "text/plain"}, 415),
        (b"{}", {"Content-Type": "text/html"}, 415),
        (b"{}", {}, 415),
        (b"x", {"Content-Type": "application/json", "Content-Encoding": "gzip"}, 400),
        (
            gzip.compress(b" " * (9 << 20)),
            {"Content-Type": "application/json", "Content-Encoding": "gzip"},
            413,
        ),
        (b"{}", {"Content-Type": "application/json", "Content-Encoding": "br"}, 415),
    ],
)
async def test_what_is_no_export(
    admin: httpx.AsyncClient, broker: Any, content: bytes, headers: dict[str, str], status: int
) -> None:
    """It is refused in the kind of the request, in JSON where that is none of the two."""
    answer = await admin.post("/otlp/v1/metrics", content=content, headers=headers)
    assert (answer.status_code, broker.pushed) == (status, []), answer.text
    if headers.get("Content-Type") != "application/x-protobuf":
        assert answer.headers["content-type"] == "application/json"
        assert json.loads(answer.content)["message"]


async def test_too_many_targets(admin: httpx.AsyncClient, broker: Any) -> None:
    """Of a gateway as many sources are taken as detect takes; what was heard before goes on, the rest is refused."""

    def targets(first: int, last: int) -> dict[Any, Any]:
        return {
            (("__name__", "up"), ("instance", f"{n}"), ("job", "j")): [(NOW, 1.0)] for n in range(first, last)
        }

    for (first, last), status, known in (((0, MOST), 204, MOST), ((5, MOST + 3), 400, MOST - 5)):
        broker.pushed.clear()
        body, headers = written(targets(first, last))
        answer = await admin.post("/api/v1/write?gateway=prod", content=body, headers=headers)
        assert (answer.status_code, len(taken(broker))) == (status, known), answer.text
    assert "3 values are of more than 48 sources" in answer.json()["detail"]
    other, headers = written(targets(MOST, MOST + 3))
    assert (
        await admin.post("/api/v1/write?gateway=other", content=other, headers=headers)
    ).status_code == 204


async def test_who_may(client: Client, broker: Any) -> None:
    """Nobody without a token, and only who speaks for the platform: telemetry may concern every team."""
    body, headers = written({UP: [(NOW, 1.0)]})
    for path in ("/api/v1/write", "/otlp/v1/metrics"):
        assert (await client(None).post(path, content=body, headers=headers)).status_code == 401
        eve = client(Principal(name="eve", teams=("payments",)))
        assert (await eve.post(path, content=body, headers=headers)).status_code == 403
    scraper = client(Principal(name="prometheus", teams=("platform",)))
    assert (await scraper.post("/api/v1/write", content=body, headers=headers)).status_code == 204
    assert len(broker.pushed) == 1
