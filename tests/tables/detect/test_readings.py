"""What a rule reads just now, of series and of events."""

from __future__ import annotations

from streams.messages.event import Event
from streams.topics import TELEMETRY
from tables.detect.machine import Detect
from tables.detect.verdicts.readings import RuleReading, readings
from tests.tables.detect.harness import HIGH, HOUR, START, STEP, Life


def read(life: Life) -> list[RuleReading]:
    """What the only rule reads."""
    assert isinstance(life.detect, Detect)
    (rule,) = life.detect.rules
    return list(readings(life.detect, rule))


def test_each_series_with_its_value_and_its_alert() -> None:
    """Every instance that has a value is told of, with the severity of its alert; another rule's are not."""
    life = Life(HIGH)
    life.hear(0.1, {"heat": 9.0})
    assert read(life) == []
    life.hear(0.5, {'cpu{host="a"}': 7.0, 'cpu{host="b"}': 1.0, "heat": 9.0})
    found = {one.instance: (one.gateway, one.value, one.severity) for one in read(life)}
    assert found == {'cpu{host="a"}': ("g", 7.0, "warning"), 'cpu{host="b"}': ("g", 1.0, "")}
    assert {one.at for one in read(life)} == {START + 2 * STEP}


def test_a_series_that_has_left_is_not_read() -> None:
    """What has given its slot back has no value any more."""
    life = Life(HIGH)
    life.hear(1, {'cpu{host="a"}': 1.0})
    assert [one.value for one in read(life)] == [1.0]
    life.hear(40, {"heat": 1.0})
    assert read(life) == []


def test_events_that_count_now() -> None:
    """Of a rule that counts, how many lie in the window, also after the last one came."""
    life = Life({"name": "many", "event": "login", "by": ["ip"], "over": "5m", "above": 1})
    for n in range(2):
        said = Event(id=f"{n}", at=life.world.now, gateway="g", source="s", type="login", labels={"ip": "a"})
        life.world.say(life.world.now, TELEMETRY, "g", said.encode())
    life.world.advance(life.world.now + 1_000)
    assert [(one.instance, one.value, one.severity) for one in read(life)] == [('{ip="a"}', 2.0, "warning")]
    life.world.advance(life.world.now + HOUR)
    assert [one.value for one in read(life)] == [2.0]
    life.world.advance(life.world.now + 4 * 60_000)
    assert [one.value for one in read(life)] == [0.0]


def test_an_event_that_is_wrong_by_itself() -> None:
    """One event is 1 while its alert lasts."""
    life = Life({"name": "down", "event": "down", "ends_with": "up"})
    said = Event(id="1", at=life.world.now, gateway="g", source="s", type="down")
    life.world.say(life.world.now, TELEMETRY, "g", said.encode())
    life.world.advance(life.world.now + 1_000)
    assert [(one.value, one.severity) for one in read(life)] == [(1.0, "warning")]
