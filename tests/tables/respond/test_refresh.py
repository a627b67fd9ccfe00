"""Slow refreshes: what was lost comes back, and nobody hears twice of what is known."""

from __future__ import annotations

from typing import Any

from streams.topics import INBOX
from tables.respond.lifecycle import Status
from tests.tables.detect.test_sweep import HIGH, HOUR, STEP, Life

FIRES = {"cpu": 9.0}


def fired() -> Life:
    """A World in which an alert has been firing for a while."""
    life = Life(HIGH)
    life.hear(1, FIRES)
    return life


def alert(life: Life) -> dict[str, Any]:
    """The only alert that respond knows."""
    row = next(life.world.machines["respond"].alive("4/"))
    value: dict[str, Any] = row.value
    return value


def refreshes(life: Life) -> int:
    """How many messages to respond say that nothing has moved."""
    return sum(b'"refresh":true' in raw for _, topic, _, raw in life.world.log if topic == INBOX)


def test_what_is_known_is_not_told_again() -> None:
    """An alert that fires for hours is refreshed every five minutes and every half an hour; its value is newer."""
    life = fired()
    before, said = dict(alert(life)), len(life.world.timeline)
    life.hear(3 * 3_600_000 / HOUR, FIRES)
    assert refreshes(life) in (3 * 12 + 6, 3 * 12 + 7)
    assert alert(life)["valued_at"] > before["valued_at"]
    assert alert(life) | {"valued_at": 0} == before | {"valued_at": 0}
    assert [e["what"] for e in life.world.timeline[said:] if e["subject"] == "alert"] == []


def test_the_present_value_comes_within_minutes() -> None:
    """Whoever is told next reads it; that it is another one is no news, and calls nobody."""
    life = fired()
    said = len(life.world.timeline)
    life.hear(10 * STEP / HOUR, {"cpu": 7.5})
    assert (alert(life)["value"], alert(life)["message"]) == (7.5, "high on g: 7.5 is above 5")
    assert life.world.now - alert(life)["valued_at"] <= 10 * STEP
    assert [e["what"] for e in life.world.timeline[said:] if e["subject"] in ("alert", "call")] in (
        [],
        ["firing"],
    )


def test_many_values_come_a_few_at_a_time() -> None:
    """What has another value than was told goes before what has not; the rest waits for the next half hour."""
    life = Life(HIGH)
    cpus = {f'cpu{{n="{n}"}}': 9.0 for n in range(60)}
    life.hear(1, cpus)
    last = [f'cpu{{n="{n}"}}' for n in range(50, 60)]
    life.hear(11 * STEP / HOUR, cpus | dict.fromkeys(last, 7.5))
    values = [row.value["value"] for row in life.world.machines["respond"].alive("4/")]
    assert sorted(values) == [7.5] * 10 + [9.0] * 50


def test_an_older_turn_brings_no_value() -> None:
    """What is said again of a turn that is over changes nothing."""
    life = fired()
    life.hear(1, {"cpu": 1.0})
    before = dict(alert(life))
    life.hear(10 * STEP / HOUR, {"cpu": 2.0})
    assert alert(life) == before


def test_a_lost_alert_is_found_again() -> None:
    """Where respond knows nothing of it, it fires within half an hour, with the reason, once."""
    life = fired()
    for level in "479":
        for row in list(life.world.machines["respond"].alive(f"{level}/")):
            del life.world.machines["respond"].rows[row.key]
    life.hear(3_600_000 / HOUR, FIRES)
    told = [e for e in life.world.timeline if e["subject"] == "alert"]
    assert [e["what"] for e in told] == ["fired", "fired"]
    assert told[1]["reason"].startswith("it still holds: past its threshold")


def test_a_wrongly_closed_alert_is_opened_again() -> None:
    """What nobody closed and detect has not ended fires again."""
    life = fired()
    alert(life)["status"] = Status.RESOLVED
    life.hear(3_600_000 / HOUR, FIRES)
    assert life.told("high") == ["fired", "fired"]
    assert alert(life)["status"] == Status.FIRING


def test_what_a_person_closed_is_told_again_where_it_is_still_wrong() -> None:
    """An alert resolved by hand stays so for half an hour; what is as wrong after that fires again, and says why."""
    life = fired()
    alert(life).update(
        status=Status.RESOLVED, resolved_by="anna", resolved_at=life.world.machines["respond"].clock.now
    )
    life.hear(1_700_000 / HOUR, FIRES)
    assert life.told("high") == ["fired"]
    life.hear(2_000_000 / HOUR, FIRES)
    told = [e for e in life.world.timeline if e["subject"] == "alert"]
    assert [e["what"] for e in told] == ["fired", "fired"]
    assert told[1]["reason"].startswith("anna resolved it, but it still holds: past its threshold")


def test_what_a_person_closed_and_ended_is_a_new_alert_when_it_comes_back() -> None:
    """The next occurrence is told at once."""
    life = fired()
    alert(life).update(
        status=Status.RESOLVED, resolved_by="anna", resolved_at=life.world.machines["respond"].clock.now
    )
    life.hear(1, {"cpu": 1.0})
    life.hear(1, FIRES)
    assert life.told("high") == ["fired", "fired"]


def test_rows_are_refreshed_at_moments_of_their_own() -> None:
    """Refreshes of many rows are spread over the half hour."""
    life = Life(HIGH)
    life.hear(1, {f'cpu{{n="{n}"}}': 9.0 for n in range(2_000)})
    due = {row.value.refresh // STEP for row in life.detect.alive("5/")}
    assert len(due) > 4
