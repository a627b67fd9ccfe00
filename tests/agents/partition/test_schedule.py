"""When a partition is written out."""

from __future__ import annotations

from itertools import pairwise

from agents.partition.schedule import HEAD, TOGETHER, Schedule


def test_at_once() -> None:
    """Without an interval, anything but the head is written as soon as it has changed."""
    assert Schedule(0.0, 0, 0.0).due(0.1, busy=True)


def test_head_alone() -> None:
    """A head row alone waits for five seconds."""
    schedule = Schedule(0.0, 0, 0.0)
    assert not schedule.due(HEAD - 0.1, busy=False)
    assert schedule.due(HEAD, busy=False)
    schedule.wrote(HEAD)
    assert not schedule.due(HEAD + 1, busy=False)


def test_interval() -> None:
    """With an interval, nothing is written before its time, whatever has changed."""
    schedule = Schedule(20.0, 0, 0.0)
    assert not schedule.due(19.9, busy=True)
    assert schedule.due(20.0, busy=True)
    schedule.wrote(20.0)
    assert not schedule.due(39.9, busy=True)
    assert schedule.due(40.1, busy=True)


def test_rest() -> None:
    """What changes soon after a cut waits for the next one, which comes a moment later; after a pause none waits."""
    schedule = Schedule(0.0, 0, 0.0)
    schedule.wrote(7.0)
    assert 0.0 < schedule.rest(7.0 + TOGETHER / 2) < TOGETHER
    assert schedule.rest(7.0 + TOGETHER) == 0.0


def test_staggered() -> None:
    """Partitions have their moments at different times, well spread over the interval."""
    moments = sorted(first_moment(partition) for partition in range(8))
    assert all(later - earlier >= 1.0 for earlier, later in pairwise(moments))


def first_moment(partition: int) -> float:
    """The first moment, in seconds, at which a partition is written."""
    schedule = Schedule(20.0, partition, 0.0)
    return next(tenth / 10 for tenth in range(1_000) if schedule.due(tenth / 10, busy=True))
