"""What could not be said at once is said later, also by a machine that was started anew in between."""

from __future__ import annotations

from typing import Any

import orjson

from streams.messages.config import ConfigRevision
from streams.messages.envelope import Message
from streams.messages.tick import Tick
from streams.signature import Signer, bound
from streams.telemetry.samples import frame
from streams.topics import TELEMETRY
from tables.detect.machine import Detect
from tables.world import KEY

START = 1_764_547_200_000
SIGNER = Signer([KEY])


class Moving:
    """A gateway whose alert fires for team alpha; `said` keeps the ids of all outputs."""

    def __init__(self) -> None:
        self.machine, self.said = Detect("d", SIGNER), list[str]()
        rule = {"name": "r", "last": "cpu", "above": "5", "for": "0s", "severity": "critical"}
        of: dict[str, Any] = {"at": START, "type": "rule", "name": "r", "revision": 1}
        self.say(ConfigRevision(id="r", owner="platform", body=rule, **of), START)
        self.say(
            ConfigRevision(
                id="c", at=START, owner="", type="", name="", revision=0, body=None, complete=True
            ),
            START,
        )
        self.tick(START)
        self.owned("alpha", START + 1_000)
        for raw in frame("g", "s", START + 2_000, ['cpu{upstream="x"}'], [9.0]):
            self.hear(raw, START + 2_000)

    def hear(self, raw: bytes, stamp: int) -> None:
        """Apply one message, and what the machine then says to itself."""
        out = self.machine.apply(self.machine.head.seen + 1, stamp, raw)
        self.said += [one.id for one in out if one.topic != TELEMETRY]
        for one in (one for one in out if one.topic == TELEMETRY):
            self.hear(one.raw, stamp)

    def say(self, said: Message, stamp: int) -> None:
        """Apply one message of ours."""
        self.hear(SIGNER.sign(said.encode(), bound(said.kind, TELEMETRY)), stamp)

    def tick(self, stamp: int, lag: int = 0) -> None:
        """Time passes; `lag`: ms by which its injector was behind."""
        self.say(Tick(id=f"t{stamp}", at=stamp, processed=stamp - lag), stamp)

    def owned(self, team: str, stamp: int) -> None:
        """An inventory says whose the upstream is."""
        head = {"kind": "event", "id": f"e{stamp}", "at": stamp, "schema": 1, "gateway": "g", "source": "s"}
        of = {"type": "inventory", "attributes": {"upstreams": {"x": {"team": team}}}}
        self.hear(orjson.dumps(head | of), stamp)

    def restart(self) -> None:
        """Another worker takes over what was written."""
        rows = [(key, raw) for key, raw in self.machine.snapshot() if raw is not None]
        self.machine = Detect("d", SIGNER, rows)


def moved(restarts: bool) -> list[str]:
    """The owner changes while we are behind, and later we are not."""
    world = Moving()
    assert len(world.said) == 1
    world.tick(START + 5_000, lag=60_000)
    world.owned("beta", START + 6_000)
    if restarts:
        world.restart()
    for n in range(10):
        world.tick(START + 7_000 + 1_000 * n)
    return world.said[1:]


def test_a_move_outlives_a_restart() -> None:
    """The old team and the new one hear of it, as they do where nothing was started anew."""
    assert len(moved(restarts=False)) == 2
    assert moved(restarts=True) == moved(restarts=False)


def test_an_entry_that_was_not_written_yet() -> None:
    """Blocks are written before their gateway's entry: a machine that finds only those begins all the same."""
    world = Moving()
    rows = [(key, raw) for key, raw in world.machine.snapshot() if raw is not None]
    assert (
        Detect("d", SIGNER, [row for row in rows if row[0].startswith(("config/", "instance/"))]).backlog.keys
        == set()
    )
