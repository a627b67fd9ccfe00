"""Spans as OTLP over HTTP, where the extra `otel` is installed."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib import import_module
from threading import Thread
from typing import Any

import pytest

from sinks.traces.export import exporter
from sinks.traces.span import TraceSpan, span_id, trace_id

pytest.importorskip("opentelemetry.exporter.otlp.proto.http", reason="the extra `otel` is not installed")


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[bytes]]]:
    """Where spans are taken, and what has come."""
    taken: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1/traces", taken
    server.shutdown()
    server.server_close()


def test_spans_arrive(receiver: tuple[str, list[bytes]]) -> None:
    """Ids, parent, times and attributes, as a receiver decodes them."""
    service: Any = import_module("opentelemetry.proto.collector.trace.v1.trace_service_pb2")
    address, taken = receiver
    ids = (trace_id("a"), span_id("a", "sink", "n#1"), span_id("a", "deliver", "n#1"))
    span = TraceSpan(*ids, "send webhook", "sink", 5, 9, {"tocsin.attempt": 1}, True)
    assert exporter(address)([span])
    request = service.ExportTraceServiceRequest.FromString(taken[0])
    (resource,) = request.resource_spans
    (received,) = resource.scope_spans[0].spans
    assert int.from_bytes(received.trace_id) == trace_id("a")
    assert (int.from_bytes(received.span_id), int.from_bytes(received.parent_span_id)) == (
        span.id,
        span.parent,
    )
    assert (received.start_time_unix_nano, received.end_time_unix_nano) == (5_000_000, 9_000_000)
    assert resource.resource.attributes[0].value.string_value == "tocsin-sink"
    assert received.status.code == 2
