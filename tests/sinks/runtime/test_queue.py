"""Who is called next."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinks.runtime.job import Job
from sinks.runtime.partition import Partition
from sinks.runtime.queue import ALL, EACH, KEPT, Queue


@pytest.fixture
def job(attempt: Any) -> Any:
    """Makes jobs; each in a group of its own unless told otherwise."""
    made = iter(range(10_000))

    def make(
        to: str = "a", critical: bool = False, group: str = "", partition: Partition | None = None
    ) -> Job:
        n = next(made)
        one = attempt(to=to, group=group or f"g{n}", name=f"n{n}")
        return Job(one, partition or Partition(0), n, critical)

    return make


def drained(queue: Queue) -> list[Job]:
    """All that may run now."""
    return list(iter(queue.take, None))


def filled(jobs: list[Job]) -> Queue:
    """A queue with these jobs in it."""
    queue = Queue()
    for one in jobs:
        queue.put(one)
    return queue


def test_four_to_one_endpoint(job: Any) -> None:
    """A slow endpoint holds four places and no more; its place is free again when a call ends."""
    jobs = [job() for _ in range(9)]
    queue = filled(jobs)

    assert drained(queue) == jobs[:EACH]
    queue.done(jobs[2])
    assert drained(queue) == [jobs[4]]


def test_others_go_on(job: Any) -> None:
    """What waits for a slow endpoint is no obstacle for another that comes later."""
    queue = filled([job("slow") for _ in range(50)])
    drained(queue)
    quick = job("quick")
    queue.put(quick)

    assert queue.take() is quick


def test_critical_first(job: Any) -> None:
    """A critical attempt goes ahead of others to the same and to other endpoints."""
    jobs = [job("a"), job("b"), job("a", critical=True)]

    assert drained(filled(jobs)) == [jobs[2], jobs[0], jobs[1]]


def test_places_kept_for_critical(job: Any) -> None:
    """However many others run, critical attempts find a place; in all there are 64."""
    queue = filled([job(f"e{n}") for n in range(100)])
    assert len(drained(queue)) == ALL - KEPT
    for n in range(100):
        queue.put(job(f"c{n}", critical=True))

    assert len(drained(queue)) == KEPT


def test_endpoints_take_turns(job: Any) -> None:
    """An endpoint with many attempts waits for its turn like the others."""
    queue = filled([job("a"), job("a"), job("b"), job("c")])

    assert [one.to for one in drained(queue)] == ["a", "b", "c", "a"]


def test_a_group_is_told_in_order(job: Any) -> None:
    """`resolved` does not overtake `firing` of the same group, even at another rank; other groups may pass."""
    first, second, other = job(group="g"), job(group="g", critical=True), job(group="h")
    queue = filled([first])
    drained(queue)
    queue.put(second)
    queue.put(other)

    assert drained(queue) == [other]
    queue.done(first)
    assert drained(queue) == [second]


def test_revoked_attempts_are_dropped(job: Any) -> None:
    """What is queued of a partition that is no longer ours is forgotten."""
    mine, lost = Partition(0), Partition(0)
    jobs = [job("a", partition=lost), job("a", partition=mine), job("b", partition=lost)]
    queue = filled(jobs)
    lost.revoked = True
    queue.drop_revoked()

    assert drained(queue) == [jobs[1]]


STEPS = st.lists(
    st.tuples(st.sampled_from("abc"), st.booleans(), st.sampled_from("ghi"), st.integers(0, 3)), max_size=60
)


@given(steps=STEPS)
def test_everything_runs_once(attempt: Any, steps: list[tuple[str, bool, str, int]]) -> None:
    """Whatever comes and ends in whatever order, every attempt runs once and the bounds hold."""
    queue, running, ran = Queue(), [], []
    for n, (to, critical, group, ends) in enumerate(steps):
        queue.put(Job(attempt(to=to, group=group, name=f"n{n}"), Partition(0), n, critical))
        running += drained(queue)
        assert all(sum(one.to == to for one in running) <= EACH for to in "abc")
        assert len({(one.to, one.group) for one in running}) == len(running)
        for one in [running.pop() for _ in range(min(ends, len(running)))]:
            queue.done(one)
            ran.append(one.offset)
    while running := running + drained(queue):
        queue.done(running[0])
        ran.append(running.pop(0).offset)

    assert sorted(ran) == list(range(len(steps)))
