"""What a notification shows of a group, which keeps counts and no members."""

from __future__ import annotations

from typing import Any

import orjson

from streams.messages.verdict import Verdicts
from streams.topics import NOTIFY
from tables.kernel.output import Output
from tests.tables.respond.test_bounds import START, Crowd


def shown(out: list[Output]) -> list[Any]:
    """The notifications among the outputs."""
    said = [orjson.loads(one.raw) for one in out if one.topic == NOTIFY]
    return [one for one in said if one["kind"] == "notification"]


def test_the_next_notification_shows_what_is_still_open() -> None:
    """The first twenty of thirty alerts end, one joins: people see the eleven that they can do something about."""
    crowd = Crowd()
    first = [one for out in crowd.verdicts(30, 1) for one in shown(out)]
    list(crowd.verdicts(20, 2, state="ok"))
    joined = [crowd.verdict(30, 1)]
    crowd.say(Verdicts(id="more", at=START, team="t", why_team="w", verdicts=joined))
    later = [one for n in range(1, 16) for one in shown(crowd.tick(START + 25_000 * n))]
    assert [len(first[0]["lines"]), later[0]["count"], len(later[0]["lines"])] == [20, 11, 11]
    assert {line["labels"]["n"] for line in later[0]["lines"]} == {str(n) for n in range(20, 31)}


def test_the_worst_and_oldest_come_first() -> None:
    """Twenty lines stand for many: those that matter most."""
    crowd = Crowd()
    list(crowd.verdicts(40, 1, severity="warning"))
    worse = [crowd.verdict(n, 2, severity="critical") for n in (35, 39)]
    said = shown(crowd.say(Verdicts(id="worse", at=START, team="t", why_team="w", verdicts=worse)))
    assert [line["severity"] for line in said[-1]["lines"]] == ["critical"] * 2 + ["warning"] * 18
