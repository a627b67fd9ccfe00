"""Slow refreshes: what was lost comes back, and nobody hears twice of what is known."""

from __future__ import annotations

from datetime import UTC, datetime

from msgspec.structs import replace

from streams.topics import INBOX
from tables.kernel.row import AnyRow
from tables.respond.alert.lifecycle import Status
from tables.respond.alert.state import Alert, Resolution
from tests.tables.detect.harness import HIGH, HOUR, STEP, Life

FIRES = {"cpu": 9.0}


def fired() -> Life:
    """A World in which an alert has been firing for a while."""
    life = Life(HIGH)
    life.hear(1, FIRES)
    return life


def row(life: Life) -> AnyRow:
    """The row of the only alert that respond knows."""
    return next(life.world.machines["respond"].scan_sorted("alert"))


def alert(life: Life) -> Alert:
    """The only alert that respond knows."""
    known: Alert = row(life).value
    return known


def closed(life: Life, by: str) -> None:
    """The alert is over, whatever detect thinks of it."""
    now = life.world.machines["respond"].clock.now
    end = Resolution(now, by, "", "so", 2**50)
    row(life).value = replace(alert(life), status=Status.RESOLVED, resolution=end)


def refreshes(life: Life) -> int:
    """How many messages to respond say that nothing has moved."""
    return sum(b'"refresh":true' in raw for _, topic, _, raw in life.world.log if topic == INBOX)


def test_what_is_known_is_not_told_again() -> None:
    """An alert that fires for hours is refreshed every five minutes and every half an hour; its value is newer."""
    life = fired()
    before, said = alert(life), len(life.world.timeline)
    life.hear(3 * 3_600_000 / HOUR, FIRES)
    assert refreshes(life) in (3 * 12 + 6, 3 * 12 + 7)
    facts, old = alert(life).facts, before.facts
    assert (facts.valued_at or 0) > (old.valued_at or 0)
    assert replace(alert(life), facts=replace(facts, valued_at=old.valued_at)) == before
    assert [e["what"] for e in life.world.timeline[said:] if e["subject"] == "alert"] == []


def test_the_present_value_comes_within_minutes() -> None:
    """Whoever is told next reads it; that it is another one is no news, and calls nobody."""
    life = fired()
    said = len(life.world.timeline)
    life.hear(10 * STEP / HOUR, {"cpu": 7.5})
    facts = alert(life).facts
    assert (facts.value, facts.message) == (7.5, "high on g: 7.5 is above 5")
    assert life.world.now - (facts.valued_at or 0) <= 10 * STEP
    told = [e for e in life.world.timeline[said:] if e["subject"] in ("alert", "call")]
    assert [e["what"] for e in told if e["what"] != "firing"] == ["renewed"]
    hour = datetime.fromtimestamp((facts.valued_at or 0) / 1_000, UTC).strftime("%H:%M UTC")
    assert told[-1]["message"] == f"high on g: 7.5 is above 5 (at {hour})"
    assert told[-1]["reason_code"] == "newer_value"


def test_many_values_come_a_few_at_a_time() -> None:
    """What has another value than was told goes before what has not; the rest waits for the next half hour."""
    life = Life(HIGH)
    cpus = {f'cpu{{n="{n}"}}': 9.0 for n in range(60)}
    life.hear(1, cpus)
    last = [f'cpu{{n="{n}"}}' for n in range(50, 60)]
    life.hear(11 * STEP / HOUR, cpus | dict.fromkeys(last, 7.5))
    values = [row.value.facts.value for row in life.world.machines["respond"].scan_sorted("alert")]
    assert sorted(values) == [7.5] * 10 + [9.0] * 50


def test_an_older_turn_brings_no_value() -> None:
    """What is said again of a turn that is over changes nothing."""
    life = fired()
    life.hear(1, {"cpu": 1.0})
    before = alert(life)
    life.hear(10 * STEP / HOUR, {"cpu": 2.0})
    assert alert(life) == before


def test_a_lost_alert_is_found_again() -> None:
    """Where respond knows nothing of it, it fires within half an hour, with the reason, once."""
    life = fired()
    machine = life.world.machines["respond"]
    for level in ("alert", "group", "escalation"):
        for lost in list(machine.scan_sorted(level)):
            del machine.rows[lost.key]
            machine.index_keys.put(lost.key, ())
    life.hear(3_600_000 / HOUR, FIRES)
    told = [e for e in life.world.timeline if e["subject"] == "alert"]
    assert [e["what"] for e in told] == ["fired", "fired"]
    assert told[1]["reason"].startswith("it still holds: past its threshold")


def test_a_wrongly_closed_alert_is_opened_again() -> None:
    """What nobody closed and detect has not ended fires again."""
    life = fired()
    closed(life, "")
    life.hear(3_600_000 / HOUR, FIRES)
    assert life.told("high") == ["fired", "fired"]
    assert alert(life).status is Status.FIRING


def test_what_a_person_closed_is_told_again_where_it_is_still_wrong() -> None:
    """An alert resolved by hand stays so for half an hour; what is as wrong after that fires again, and says why."""
    life = fired()
    closed(life, "anna")
    life.hear(1_700_000 / HOUR, FIRES)
    assert life.told("high") == ["fired"]
    life.hear(2_000_000 / HOUR, FIRES)
    told = [e for e in life.world.timeline if e["subject"] == "alert"]
    assert [e["what"] for e in told] == ["fired", "fired"]
    assert told[1]["reason"].startswith("anna resolved it, but it still holds: past its threshold")


def test_what_a_person_closed_and_ended_is_a_new_alert_when_it_comes_back() -> None:
    """The next occurrence is told at once."""
    life = fired()
    closed(life, "anna")
    life.hear(1, {"cpu": 1.0})
    life.hear(1, FIRES)
    assert life.told("high") == ["fired", "fired"]


def test_rows_are_refreshed_at_moments_of_their_own() -> None:
    """Refreshes of many rows are spread over the half hour."""
    life = Life(HIGH)
    life.hear(1, {f'cpu{{n="{n}"}}': 9.0 for n in range(2_000)})
    due = {row.value.refresh // STEP for row in life.detect.scan_sorted("instance")}
    assert len(due) > 4
