"""Of recorded telemetry a trial takes what its rules can see, and all that says how to read it."""

from __future__ import annotations

import orjson

from api.coverage.coverage import Origin
from api.trials.recorded.record_filter import RecordFilter
from streams.documents.rule import Rule
from streams.messages.event import Event
from streams.signature import Signer
from streams.telemetry.samples import Shape, frame
from streams.topics import TELEMETRY

RULE = Rule.read({"name": "r", "ratio": "bad_total / calls_total", "over": "5m", "above": "5%"})
SERIES = [
    'calls_total{a="1"}',
    "other",
    "bad_total",
    "process_start_time_seconds",
    "gateway_up",
    "calls_totals",
]


def taken(filter_: RecordFilter, raw: bytes) -> dict[str, object]:
    """A message as the filter hands it on."""
    trimmed = filter_.trimmed(raw)
    assert trimmed is not None
    return dict(orjson.loads(trimmed))


def test_only_what_is_read() -> None:
    """Series that the rule reads stay with their values, and what tells how counters are to be read."""
    filter_ = RecordFilter([RULE])
    for at, more in ((1, 0.0), (2, 10.0)):  # the second is read by its bytes
        (raw,) = frame("gw", "s", at, SERIES, [n + more for n in range(6)])
        said = taken(filter_, raw)
        assert said["series"] == [
            'calls_total{a="1"}',
            "bad_total",
            "process_start_time_seconds",
            "gateway_up",
        ]
        assert said["values"] == [more, 2 + more, 3 + more, 4 + more]
        assert (said["gateway"], said["source"], said["at"], said["part"]) == ("gw", "s", at, [0, 1])
    assert filter_.seen["other"] == {Origin("gw", "s"): 1}


def test_other_series_of_the_same_part() -> None:
    """Where a source sends other series than before, those count that it sends now."""
    filter_ = RecordFilter([RULE])
    for series in (SERIES, SERIES[::-1], ["bad_total"]):
        (raw,) = frame("gw", "s", 1, series, [float(len(one)) for one in series])
        said = taken(filter_, raw)
        assert dict(zip(said["series"], said["values"], strict=True)) == {  # type: ignore[call-overload]
            one: float(len(one)) for one in series if one not in ("other", "calls_totals")
        }


def test_a_frame_of_which_nothing_is_read() -> None:
    """It says that its source is alive, and so do all its parts."""
    (raw,) = frame("gw", "s", 1, ["other"], [1.0])
    assert taken(RecordFilter([RULE]), raw)["series"] == []


def test_signed_samples() -> None:
    """What a gateway has signed is read like any other: its signature is no longer one, and is left out."""
    (raw,) = frame("gw", "s", 1, ["bad_total", "other"], [1.0, 2.0])
    said = taken(RecordFilter([RULE]), Signer([b"k" * 16]).of("gw").sign(raw, TELEMETRY))
    assert ("signature" in said, said["series"]) == (False, ["bad_total"])


def test_events_and_what_is_ours() -> None:
    """Events stay as they are; ticks and what detect says to itself do not belong to a trial; garbage is counted."""
    filter_ = RecordFilter([RULE])
    event = Event(id="1", at=1, gateway="gw", source="s", type="login").encode()
    assert filter_.trimmed(event) == event
    assert filter_.events == {"login"}
    for raw in (b'{"kind":"tick","id":"t","at":1,"schema":1}', b'{"kind":"config"}'):
        assert filter_.trimmed(raw) is None
    assert filter_.unreadable == 0
    for raw in (b"no json", b"[]", b"7", b'{"kind":"samples","series":[1],"values":[]}', b"{}"):
        assert filter_.trimmed(raw) is None
    assert filter_.unreadable == 5


def test_lists_that_are_only_named() -> None:
    """A batch is handed on with the texts that it names; one whose list was never told is counted."""
    filter_, late = RecordFilter([RULE]), RecordFilter([RULE])
    shape = Shape(SERIES + [f"other_series_of_a_long_name_{n}" for n in range(20)])
    raws = [next(shape.frame("gw", "s", at, [float(at)] * 26)) for at in range(4)]
    assert b'"series"' not in raws[3]
    plain, *named = [taken(filter_, raw) for raw in raws]
    for at, said in enumerate(named, 1):
        assert said.keys() == plain.keys()
        assert (said["series"], said["values"]) == (plain["series"], [float(at)] * 4)
    assert late.trimmed(raws[2]) is None
    assert (late.unlisted, late.unreadable) == (1, 0)
    late.learn(raws[1])
    late.learn(b"no json")
    assert taken(late, raws[3]) == named[2]
