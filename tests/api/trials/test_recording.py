"""What is recorded becomes the inputs of a trial: in the order of time, of one gateway or all, with what is odd."""

from __future__ import annotations

from collections.abc import Callable

import orjson
import pytest

from api.trials.recorded.recording import LIVE, Reader, Recorded, RecordedSpan, Take, recording, span
from api.trials.trial import Report, nobody
from api.trials.trial_task import RecordedInputs, TrialRun, bodies, carried_out
from streams.documents.rule import Rule
from streams.errors import Refused
from streams.settings import Settings
from streams.telemetry.samples import Shape, frame

RULE = Rule.read({"name": "high", "last": "cpu", "above": 5, "for": "0s", "keep_firing_for": "0s"})
BEGIN = 1_764_000_000_000
HOUR = 3_600_000


def log(*records: tuple[int, str, bytes]) -> Reader:
    """A reader of these records, whatever is wanted."""

    def read(_: Settings, wanted: RecordedSpan, take: Take, report: Report) -> None:
        for n, record in enumerate(records, 1):
            take(*record)
            report(n / len(records))

    return read


def said(at: int, value: float, gateway: str = "gw", metric: str = "cpu") -> tuple[int, str, bytes]:
    """A record with one sample; it came a moment after it was measured."""
    (raw,) = frame(gateway, "s", at, [metric, "other"], [value, 1.0])
    return at + 50, gateway, raw


def test_two_partitions_are_one_log() -> None:
    """Records of several partitions come in the order of time; each gateway is judged for itself."""
    one = [said(BEGIN + 15_000 * n, 9.0 if n == 5 else 1.0) for n in range(10)]
    other = [said(BEGIN + 7_000 + 15_000 * n, 1.0, "eu") for n in range(10)]
    inputs = RecordedInputs(log(*one, *other), Settings(), RecordedSpan("", BEGIN, BEGIN + HOUR))
    outcome = carried_out(TrialRun(bodies([RULE])[0], [], inputs), nobody)
    fired = [
        entry for entry in outcome.tried.timeline if entry["subject"] == "alert" and entry["rule"] == "high"
    ]
    assert [(entry["what"], entry["gateway"], entry["value"]) for entry in fired] == [
        ("fired", "gw", 9.0), ("resolved", "gw", 1.0),
    ]  # fmt: skip
    assert (outcome.inputs, outcome.begin, outcome.until) == (20, BEGIN + 50, BEGIN + HOUR)


def test_one_gateway() -> None:
    """Of a partition that several share only the named one counts; a wrong name is answered with the nearest."""
    reader = log(said(BEGIN, 1.0), said(BEGIN, 1.0, "prod"))
    found = recording(reader, Settings(), RecordedSpan("prod", BEGIN, BEGIN + HOUR), [RULE], nobody)
    assert [message.key for message in found.messages] == ["prod"]
    with pytest.raises(Refused, match=r"nothing of gateway 'prd' .* last 1h; did you mean 'prod'\?"):
        recording(reader, Settings(), RecordedSpan("prd", BEGIN, BEGIN + HOUR), [RULE], nobody)
    with pytest.raises(Refused, match=r"nothing was recorded within the last 1h$"):
        recording(log(), Settings(), RecordedSpan("", BEGIN, BEGIN + HOUR), [RULE], nobody)


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (lambda at: said(at, 1.0), []),
        (lambda at: said(at + HOUR // 2, 1.0), ["what is recorded begins at 2025-11-24T16:30:00.050Z"]),
        (lambda at: said(at, 1.0, metric="cup"), ["cpu was not recorded then; nearest names seen: cup"]),
    ],
)
def test_what_is_odd_is_said(record: Callable[[int], tuple[int, str, bytes]], words: list[str]) -> None:
    """That it begins late, that the rule sees nothing of it; nothing where all is well."""
    found = recording(log(record(BEGIN)), Settings(), RecordedSpan("", BEGIN, BEGIN + HOUR), [RULE], nobody)
    assert [any(wanted in remark for remark in found.remarks) for wanted in words] == [True] * len(words)
    assert len(found.remarks) == len(words)


def test_what_cannot_be_read_is_counted() -> None:
    """A record that no machine takes stops nobody."""
    reader = log(said(BEGIN, 1.0), (BEGIN, "gw", b"no json"))
    (words,) = recording(reader, Settings(), RecordedSpan("", BEGIN, BEGIN + HOUR), [RULE], nobody).remarks
    assert words.startswith("1 records could not be read")


def test_lists_that_were_told_before_the_span_are_known() -> None:
    """What lies before it tells lists of series and nothing else; what names one that nobody told is counted."""
    shape = Shape(["cpu", *(f"other_series_of_a_long_name_{n}" for n in range(20))])
    records = [
        (BEGIN + at, "gw", next(shape.frame("gw", "s", BEGIN + at, [float(at)] * 21)))
        for at in (-30_000, -20_000, -10_000, 0, 10_000)
    ]
    whole = RecordedSpan("gw", BEGIN, BEGIN + HOUR)
    assert whole.first < BEGIN - 60_000
    found = recording(log(*records), Settings(), whole, [RULE], nobody)
    assert [orjson.loads(message.raw)["values"] for message in found.messages] == [[0.0], [10_000.0]]
    assert found.remarks == []
    plain = said(BEGIN, 1.0, metric="cpu")
    (words,) = recording(log(plain, *records[3:]), Settings(), whole, [RULE], nobody).remarks
    assert words.startswith("2 batches name a list of series that was not told within the 2m before")


def test_an_anomaly_rule_learns_first() -> None:
    """Where its minimum history is longer than what is recorded, it says so, and what to do."""
    rule = Rule.read({"name": "odd", "anomaly": "cpu"})
    (words,) = recording(
        log(said(BEGIN, 1.0)), Settings(), RecordedSpan("", BEGIN, BEGIN + HOUR), [rule], nobody
    ).remarks
    assert "says nothing before it has known a series for 1d, and this is 59m" in words


def test_the_live_window_is_what_the_rule_looks_back_on() -> None:
    """Its window, what holds it back and what keeps it firing; never less than ten minutes, nor more than a day."""
    long = Rule.read(
        {"name": "r", "avg": "cpu", "over": "1h", "above": 5, "for": "5m", "keep_firing_for": "10m"}
    )
    day = Rule.read({"name": "r", "event": "backup", "absent_for": "3d"})
    now = BEGIN + HOUR
    lengths = [now - span(Recorded(gateway="gw"), rule, now).begin for rule in (RULE, long, day)]
    assert lengths == [LIVE, 75 * 60_000, 24 * HOUR]
    assert span(Recorded(last="2h"), RULE, now) == RecordedSpan("", now - 2 * HOUR, now)
