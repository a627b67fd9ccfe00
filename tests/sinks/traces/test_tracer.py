"""The path of an alert as spans: linked from end to end, the same whoever reads the messages, and in whatever order."""

from __future__ import annotations

import random
import sys
from types import SimpleNamespace

import pytest

from sinks.traces.export import exporter
from sinks.traces.known import MOST, Known
from sinks.traces.serve import spans_of
from sinks.traces.span import TraceSpan, trace_id
from sinks.traces.tracer import Tracer
from streams.documents import registry
from streams.errors import Misconfigured
from streams.signature import Signer
from streams.telemetry import samples
from streams.topics import TELEMETRY
from tables.world import KEY, Answer, World

START = 1_764_547_200_000
DOCUMENTS = (
    ("endpoint", {"name": "hook", "url": "http://receiver.invalid/"}),
    ("route", {"name": "all", "to": "endpoint/hook"}),
    ("rule", {"name": "high", "last": "cpu", "above": "5", "for": "0s", "severity": "critical"}),
)
Record = SimpleNamespace


def lived(answer: Answer) -> tuple[World, list[Record]]:
    """An alert that fires, is told, and ends; all records of the stages' topics."""
    world = World([registry.read(*each) for each in DOCUMENTS], START, lambda _: answer)
    for second, value in ((2, 1.0), (4, 9.0), (90, 1.0)):
        at = START + 1_000 * second
        for raw in samples.frame("g", "s", at, ["cpu"], [value]):
            world.say(at + 300, TELEMETRY, "g", raw)
        world.advance(at + 900)
    world.advance(START + 300_000)
    return world, [Record(topic=topic, value=raw, timestamp=at) for at, topic, _, raw in world.log]


def read(records: list[Record]) -> list[TraceSpan]:
    """All that a tracer tells of them."""
    tracer, keys = Tracer(), Signer([KEY])
    return [span for record in records for span in spans_of(record, tracer, keys)]


def test_the_path_of_an_alert() -> None:
    """From the sample that breached to the receiver's answer: four stages, each span below the one before."""
    world, records = lived(Answer(took=20))
    alerts = [row.value for row in world.machines["respond"].scan_sorted("alert")]
    (trace,) = (trace_id(alert.occurrence.id) for alert in alerts if alert.facts.rule == "high")
    spans = [span for span in read(records) if span.trace == trace]
    first = [span for span in spans if span.stage == "detect"]
    assert [(span.parent, span.name, span.start) for span in first] == [(0, "detect high", START + 4_000)]
    told = [span for span in spans if span.name == "respond firing"]
    assert [span.parent for span in told] == [first[0].id]
    sent = [span for span in spans if span.parent == told[0].id]
    assert [span.name for span in sent] == ["deliver webhook"]
    called = [span for span in spans if span.parent == sent[0].id]
    assert [(span.name, span.end - span.start, span.failed) for span in called] == [
        ("send webhook", 20, False)
    ]
    assert called[0].attributes["tocsin.result"] == "delivered"
    assert {span.stage for span in spans if "resolved" in span.name} == {"respond"}
    assert len({span.id for span in spans}) == len(spans)
    assert all(span.start <= span.end for span in spans)


@pytest.mark.parametrize("seed", range(3))
def test_the_same_in_any_order(seed: int) -> None:
    """Topics are read side by side; and whoever reads again, or beside another one, tells the same."""
    _, records = lived(Answer("retry", "busy"))
    shuffled = random.Random(seed).sample(records, len(records))
    spans = read(records)
    assert sorted(map(str, read(shuffled))) == sorted(map(str, spans))
    assert any(span.failed for span in spans)


def test_what_is_not_ours_makes_no_span() -> None:
    """A forged message, one that was damaged, and one that is about no alert."""
    _, records = lived(Answer())
    keys, tracer = Signer([b"other keys" * 4]), Tracer()
    assert [span for record in records for span in spans_of(record, tracer, keys)] == []
    for raw in (None, b"", b'{"kind":"verdicts"', b'{"kind":"what"}'):
        assert list(spans_of(Record(topic="inbox", value=raw, timestamp=1), tracer, Signer([KEY]))) == []


def test_no_words_of_people_or_receivers() -> None:
    """What a receiver answered, and what an alert says, may hold anything: neither leaves in a span."""
    _, records = lived(Answer("rejected", "token=hunter2"))
    assert "hunter2" not in str(read(records))


def test_memory_has_a_bound() -> None:
    """What waits for a message that never comes is forgotten, the oldest first."""
    known: Known[int, int] = Known()
    for number in range(MOST + 5):
        known.keep(number, number)
    assert (len(known), 4 in known, 5 in known) == (MOST, False, True)


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever switches traces on without it reads what to install."""
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(Misconfigured, match=r"needs the extra `otel`.*docs/observability\.md"):
        exporter("http://127.0.0.1:4318/v1/traces")
