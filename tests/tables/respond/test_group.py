"""What a notification shows of a group, which keeps counts and no members."""

from __future__ import annotations

from tests.tables.respond.harness import START, Crowd, notifications


def test_the_next_notification_shows_what_is_still_open() -> None:
    """The first twenty of thirty alerts end, one joins: people see the eleven that they can do something about."""
    crowd = Crowd()
    first = [one for out in crowd.verdicts(30, 1) for one in notifications(out)]
    list(crowd.verdicts(20, 2, state="ok"))
    crowd.judge(crowd.verdict(30, 1))
    later = [one for n in range(1, 16) for one in notifications(crowd.tick(START + 25_000 * n))]
    assert [len(first[0]["alerts"]), later[0]["count"], len(later[0]["alerts"])] == [20, 11, 11]
    assert {excerpt["labels"]["n"] for excerpt in later[0]["alerts"]} == {str(n) for n in range(20, 31)}


def test_the_worst_and_oldest_come_first() -> None:
    """Twenty excerpts stand for many: those that matter most."""
    crowd = Crowd()
    list(crowd.verdicts(40, 1, severity="warning"))
    worse = [crowd.verdict(n, 2, severity="critical") for n in (35, 39)]
    told = notifications(crowd.judge(*worse))
    assert [excerpt["severity"] for excerpt in told[-1]["alerts"]] == ["critical"] * 2 + ["warning"] * 18
