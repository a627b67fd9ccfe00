"""How fast alerts were answered: counted as people count, in the reader's days, for what the reader may see."""

from __future__ import annotations

from functools import partial
from typing import Any

import httpx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.queries.database import Database
from api.queries.history.metrics import NEVER, AlignedLives, figures, measured
from api.queries.history.period import period
from api.queries.history.selection import Selection
from streams.errors import Refused
from streams.messages.change import Change
from tests.api.conftest import NOW, History

MINUTE = 60_000
HOUR = 60 * MINUTE


def lived(
    history: History, name: str, at: int, acknowledged: int | None, resolved: int | None, **fields: Any
) -> None:
    """An alert that fired, was acknowledged and was resolved at these instants."""
    known: dict[str, Any] = {"triggered_at": at, **fields}
    history.alert(name, version=1, **known)
    if acknowledged is not None:
        ack = {"status": "acknowledged", "acknowledged_at": acknowledged, "acknowledged_by": "anna"}
        history.alert(name, "acknowledged", version=2, **known | ack)
        history.alert(name, "unacknowledged", version=3, **known)
        history.alert(
            name, "acknowledged", version=4, **known | ack | {"acknowledged_at": acknowledged + HOUR}
        )
    if resolved is not None:
        history.alert(name, "resolved", version=5, **known, status="resolved", resolved_at=resolved)


def told(history: History, name: str, at: int, group: str = "g1") -> None:
    """A notification of a group."""
    history.write(Change(
        id=name, at=at, team="payments", subject="notification", subject_id=group, what="firing",
        reason_code="first_alert", reason="anna: first alert", group=group,
    ))  # fmt: skip


async def test_times(admin: httpx.AsyncClient, history: History) -> None:
    """The first acknowledgement counts, however often it ended; each alert once; none is negative."""
    begin = NOW - HOUR
    lived(history, "a", begin, begin + 2 * MINUTE, begin + 10 * MINUTE)
    lived(history, "b", begin, begin + 4 * MINUTE, begin + 30 * MINUTE)
    lived(history, "c", begin, None, begin + 20 * MINUTE)
    lived(history, "d", begin, begin - 5_000, None)  # whose clock goes behind ours
    lived(history, "e", begin, None, None, team="search")
    answer = (await admin.get("/v1/history/metrics", params={"by": "team"})).json()
    payments = answer["groups"][0]
    assert (answer["total"]["alerts"], payments["team"], payments["alerts"]) == (5, "payments", 4)
    assert (payments["acknowledged"], payments["resolved"], payments["never_acknowledged"]) == (3, 3, 1)
    assert payments["time_to_acknowledge"] == {"mean": 120.0, "median": 120.0, "p90": 216.0}
    assert payments["time_to_resolve"] == {"mean": 1200.0, "median": 1200.0, "p90": 1680.0}
    assert answer["groups"][1]["time_to_resolve"] == {"mean": None, "median": None, "p90": None}


async def test_groups(admin: httpx.AsyncClient, history: History) -> None:
    """Several dimensions at once; a rule bears the name that it has now."""
    for number, severity in enumerate(["critical", "warning", "warning"]):
        lived(
            history,
            f"a{number}",
            NOW - HOUR,
            None,
            None,
            severity=severity,
            rule_id="r1",
            rule=f"name {number}",
        )
    asked = {"by": "rule,severity,gateway"}
    groups = (await admin.get("/v1/history/metrics", params=asked)).json()["groups"]
    assert [(one["rule_id"], one["severity"], one["gateway"], one["alerts"]) for one in groups] == [
        ("r1", "warning", "prod", 2),
        ("r1", "critical", "prod", 1),
    ]
    assert groups[0]["rule"].startswith("name ")


async def test_both_ways_of_counting_agree(database: Database, history: History) -> None:
    """The figures of groups are the same whether days are counted beside them or not, and add up to the whole."""
    for number in range(40):
        over = None if number % 5 == 0 else NOW + number * MINUTE
        had = None if number % 3 == 0 else NOW + number * 1_000
        lived(history, f"a{number}", NOW - number * HOUR, had, over, team=f"t{number % 4}", severity="info")
    selection = Selection(None, period("", "", "UTC", NOW + HOUR))
    for by in ((), ("team",), ("team", "severity")):
        alone = await database.read(partial(measured, selection=selection, dimensions=by))
        beside = await database.read(partial(measured, selection=selection, dimensions=by, per="day"))
        assert (alone.total, alone.groups) == (beside.total, beside.groups)
        assert (
            sum(group["alerts"] for group in alone.groups) == sum(day["alerts"] for day in beside.trend) == 40
        )


async def test_only_what_you_may_see(member: httpx.AsyncClient, history: History) -> None:
    """Alerts of other teams are in no figure, trend or list of noise, and asking for another team is refused."""
    lived(history, "mine", NOW - HOUR, None, None)
    lived(history, "theirs", NOW - HOUR, None, None, team="search", rule_id="r2")
    assert (await member.get("/v1/history/metrics")).json()["total"]["alerts"] == 1
    assert sum(day["alerts"] for day in (await member.get("/v1/history/trends")).json()["items"]) == 1
    assert [one["rule_id"] for one in (await member.get("/v1/history/noise")).json()["items"]] == ["r1"]
    for path in ("metrics", "trends", "noise"):
        assert (await member.get(f"/v1/history/{path}", params={"team": "search"})).status_code == 403


async def test_days_are_the_readers(admin: httpx.AsyncClient, history: History) -> None:
    """What fires at half past eleven in the evening in London fires on the next day in Berlin."""
    late = period("2025-11-20", "2025-11-20", "Europe/London", NOW).begin + 23 * HOUR + 30 * MINUTE
    lived(history, "a", late, None, None)
    for zone, day in (("Europe/London", "2025-11-20"), ("Europe/Berlin", "2025-11-21")):
        asked = {"from": "2025-11-19", "to": "2025-11-22", "zone": zone}
        items = (await admin.get("/v1/history/trends", params=asked)).json()["items"]
        assert [one["day"] for one in items if one["alerts"]] == [day]
        assert len(items) == 4
    weeks = (await admin.get("/v1/history/trends", params=asked | {"per": "week"})).json()["items"]
    assert [(one["week"], one["alerts"]) for one in weeks] == [("2025-11-17", 1)]


async def test_noise(admin: httpx.AsyncClient, history: History) -> None:
    """Loud rules first; the night is the reader's; what ended without an acknowledgement is counted."""
    lived(history, "a", NOW - HOUR, None, NOW - MINUTE, rule_id="r1", groups=["g1"])
    lived(history, "b", NOW - HOUR, NOW - HOUR, NOW, rule_id="r2", rule="quiet", groups=["g2", "g3"])
    noon = period("2025-11-20", "2025-11-20", "UTC", NOW).begin + 12 * HOUR
    for number, hour in enumerate((0, 1, 11)):  # 12:00, 13:00 and 23:00
        told(history, f"n{number}", noon + hour * HOUR)
    told(history, "n9", noon, "g3")
    items = (await admin.get("/v1/history/noise")).json()["items"]
    assert [
        (one["rule"], one["notifications"], one["at_night"], one["never_acknowledged"]) for one in items
    ] == [
        ("tool-errors", 3, 1, 1),
        ("quiet", 1, 0, 0),
    ]
    tokyo = (await admin.get("/v1/history/noise", params={"zone": "Asia/Tokyo", "limit": 1})).json()["items"]
    assert [(one["rule_id"], one["at_night"]) for one in tokyo] == [("r1", 1)]  # 21:00, 22:00 and 8:00


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"zone": "Berlin"}, "`zone`: 'Berlin' is no IANA time zone: did you mean Europe/Berlin"),
        ({"zone": "../../etc/passwd"}, "is no IANA time zone"),
        ({"from": "yesterday"}, "`from`: "),
        ({"from": "2026-02-30"}, "`from`: '2026-02-30' is no day"),
        ({"to": "2025-11-20T00:00:00"}, "`to`: .*lacks its zone"),
        ({"from": "2025-11-20", "to": "2025-11-19"}, "`from` must lie before `to`"),
        ({"from": "2020-11-20"}, "more than 400 days apart"),
        ({"by": "team,colour"}, "`by`: 'colour' is none of team, rule, severity, gateway"),
        ({"per": "year"}, "no parameter `per`"),
    ],
)
async def test_wrong_questions(admin: httpx.AsyncClient, asked: dict[str, str], words: str) -> None:
    """Each is refused with the parameter and what to write instead."""
    answer = await admin.get("/v1/history/metrics", params=asked)
    assert answer.status_code == 422
    with pytest.raises(Refused, match=words):
        raise Refused(answer.json()["detail"])


def test_days_of_a_zone_whose_clocks_change() -> None:
    """A day on which clocks are put back has 25 hours, one on which they are put forward 23."""
    for name, hours in (("2025-10-26", 25), ("2026-03-29", 23)):
        day = period(name, name, "Europe/Berlin", NOW)
        assert (day.end - day.begin) / HOUR == hours
        assert [one.isoformat() for one in day.days("day")] == [name]


@given(st.lists(st.tuples(*[st.integers(NEVER, 10**9)] * 2), max_size=20))
def test_figures_lie_between_the_shortest_and_the_longest(lives: list[tuple[int, int]]) -> None:
    """Mean, median and nine tenths are of what happened; what did not is counted nowhere."""
    columns = np.array(lives, np.int64).reshape(-1, 2)
    shown = figures(AlignedLives(columns[:, 0], columns[:, 1], columns[:, 1] * 0, columns[:, 1] * 0).all())
    for place, kind in enumerate(("time_to_acknowledge", "time_to_resolve")):
        happened = [times[place] / 1000 for times in lives if times[place] != NEVER]
        for value in shown[kind].values():
            assert (value is None) == (not happened)
            assert value is None or min(happened) - 0.001 <= value <= max(happened) + 0.001
    assert shown["never_acknowledged"] <= shown["resolved"] <= shown["alerts"] == len(lives)
