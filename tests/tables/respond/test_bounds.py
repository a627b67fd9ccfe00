"""However many alerts a group has, and however long their words are: rows and messages stay small."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest

from streams.topics import CHANGES, NOTIFY
from tables.detect.verdicts.verdicts import TOGETHER
from tables.respond.alert.excerpt import CUT
from tables.respond.alert.state import Alert
from tables.respond.group import bulk
from tables.respond.group.bulk import CHUNK
from tables.respond.group.state import Group
from tests.tables.respond import harness
from tests.tables.respond.harness import START, Crowd, count, told

MANY = 100_000


def test_as_many_verdicts_come_together_as_detect_sends() -> None:
    """The crowd of these tests is told of as detect does."""
    assert harness.TOGETHER == TOGETHER


def test_a_hundred_thousand_alerts_in_one_group() -> None:
    """They page once, one acknowledgement covers all of them in chunks, and one resolution touches only one."""
    crowd = Crowd()
    assert sum(count(out, NOTIFY) for out in crowd.verdicts(MANY, 1)) == 1
    assert crowd.written() > MANY
    covered = crowd.acknowledge()
    assert (count(covered, CHANGES), crowd.written() > MANY) == (MANY + 1, True)
    assert crowd.most < 1.3 * CHUNK
    assert count(crowd.resolve(MANY - 1), CHANGES) == 2
    over = [out for outs in crowd.verdicts(MANY, 2, state="ok") for out in outs]
    assert crowd.written() > MANY
    assert count(over, CHANGES) >= MANY - 1
    assert crowd.groups() == {}


def test_a_thousand_acknowledgements_of_one_group(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first covers all; whoever says it of each of the others walks through none of them again."""
    crowd, walked = Crowd(), list[int]()

    def counting(group: Group, alerts: Iterable[Alert], *rest: Any) -> Counter[str]:
        some = list(alerts)
        walked.append(len(some))
        return covered(group, some, *rest)

    covered = bulk.covered
    for _ in crowd.verdicts(3_000, 1, severity="warning"):
        pass
    monkeypatch.setattr(bulk, "covered", counting)
    assert count(crowd.acknowledge(), CHANGES) > 3_000
    answers = [crowd.acknowledge(n, by=f"p{n}") for n in range(1, 1_000)]
    assert walked == [3_000] + [0] * 999
    assert {count(out, CHANGES) for out in answers} == {1}  # each has its answer, and nothing else


@pytest.mark.parametrize("words", ["x" * 1_000, "\\" * 1_000, "\N{FIRE}" * 1_000, "\x01" * 1_000], ids=ascii)
def test_the_longest_words(words: str) -> None:
    """Labels as long as a series may be are shortened in notifications, which say so."""
    crowd = Crowd("\N{FIRE}" * 256, words)
    out = [one for outs in crowd.verdicts(100, 1) for one in outs]
    out += crowd.tick(START + 1_000)
    said = [one.raw for one in out if one.topic == NOTIFY]
    assert said
    crowd.acknowledge()
    crowd.resolve()
    assert crowd.written() > 100
    later = [
        one.raw for outs in crowd.verdicts(100, 2, severity="critical") for one in outs if one.topic == NOTIFY
    ]
    assert all(CUT.encode() in raw for raw in later)


def test_the_longest_policy() -> None:
    """A policy that names more targets than a row can hold tells those that fit, and says how many it does not."""
    crowd, names = Crowd(), [f"{n:03}{'e' * 97}" for n in range(400)]
    for name in names:
        crowd.configure("endpoint", name, 1, {"name": name, "channel": "log"})
    steps = [
        {"after": "1m", "notify": [f"endpoint/{name}" for name in names[n : n + 20]]}
        for n in range(0, 400, 20)
    ]
    crowd.configure("policy", "default", 1, {"name": "default", "steps": steps})
    out = [one for outs in crowd.verdicts(100, 1) for one in outs]
    for second in range(1, 3_600):
        out += crowd.tick(START + 1_000 * second)
    assert told(out, "targets are not told")
    assert count(out, NOTIFY) > 50
    assert crowd.written() > 100
