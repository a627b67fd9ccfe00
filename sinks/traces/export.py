"""Hands spans to an OTLP receiver over HTTP. Loaded only where traces are on: it is an extra."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any, Protocol

from sinks.traces.span import TraceSpan
from streams.errors import Misconfigured

MILLION = 1_000_000  # ns in a ms
TIMEOUT = 10  # seconds for one request


class Export(Protocol):
    """What takes spans."""

    def __call__(self, spans: Sequence[TraceSpan]) -> bool:
        """Whether they have been taken; returns when that is known."""
        ...


def exporter(address: str) -> Export:
    """What sends spans to an address, such as http://collector:4318/v1/traces; Misconfigured without the extra."""
    try:
        sdk, otlp = (
            import_module("opentelemetry.sdk.trace"),
            import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter"),
        )
        results = import_module("opentelemetry.sdk.trace.export").SpanExportResult
    except ImportError as why:
        raise Misconfigured(
            f"TOCSIN_TRACES needs the extra `otel` ({why}): docs/observability.md says how, or unset it"
        ) from None
    sender = otlp.OTLPSpanExporter(endpoint=address, timeout=TIMEOUT)

    def export(spans: Sequence[TraceSpan]) -> bool:
        return bool(sender.export([_readable(sdk, span) for span in spans]) is results.SUCCESS)

    return export


def _readable(sdk: Any, span: TraceSpan) -> Any:
    trace, resources = import_module("opentelemetry.trace"), import_module("opentelemetry.sdk.resources")

    def context(id: int) -> Any:
        return trace.SpanContext(
            span.trace, id, is_remote=True, trace_flags=trace.TraceFlags(trace.TraceFlags.SAMPLED)
        )

    return sdk.ReadableSpan(
        name=span.name,
        context=context(span.id),
        parent=context(span.parent) if span.parent else None,
        resource=resources.Resource({"service.name": f"tocsin-{span.stage}"}),
        attributes=span.attributes,
        kind=trace.SpanKind.CLIENT if span.stage == "sink" else trace.SpanKind.INTERNAL,
        status=trace.Status(trace.StatusCode.ERROR if span.failed else trace.StatusCode.UNSET),
        start_time=span.start * MILLION,
        end_time=span.end * MILLION,
    )
