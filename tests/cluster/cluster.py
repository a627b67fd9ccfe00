"""The World with real stages: three workers on Kafka in place of its machines, and the same driver.

The machines in memory stay, and follow the stages' logs record by record as Kafka keeps them. What they say has to
come out of the workers too; until it has, time does not go on. So nothing is waited for that does not come, and the
order in the logs is the order of the timetable. The timeline tells only of what has come out of Kafka.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable
from typing import Any

import orjson

from streams.documents.document import Owned
from streams.messages.attempt import Attempt
from streams.messages.config import ConfigRevision
from streams.messages.tick import Tick
from streams.topics import CONFIG, STAGES
from tables.kernel.configuration import Configured
from tables.kernel.output import Output
from tables.world import Answer, World, taken
from tests.chaos.ground import Ground
from tests.chaos.verdict import Ledger
from tests.cluster.wire import Come, Wire
from tests.cluster.workers import Workers
from tests.patience import PATIENCE

LAST = b'{"kind":"event","id":"last"}'  # refused by every stage without an alarm; so its dead letter says: got here


class Cluster(World):
    """`timeline` entries have the instants of the records; an output that came twice is told once."""

    def __init__(
        self,
        ground: Ground,
        documents: Iterable[Owned] = (),
        start: int = 0,
        receive: Callable[[Attempt], Answer | None] = taken,
    ) -> None:
        """Returns when all stages have their configuration. `ground`: with fresh topics of one partition."""
        self._wire, self._workers = Wire(ground.broker.bootstrap), Workers(ground)
        self._due: dict[tuple[str, str], Output] = {}
        self._seen: set[tuple[str, str]] = set()
        self._revisions: dict[tuple[str, str, str], int] = {}
        self._taken, self._end = Counter[str](), Counter[str]()
        self._ahead = defaultdict[str, deque[bytes]](deque)
        super().__init__(documents, start, receive)
        self._workers.start(*self.machines)
        self._settle()

    def configure(self, owner: str, type: str, name: str, revision: int, body: dict[str, Any] | None) -> None:
        """Publish a document; the workers themselves carry it into their logs, and say when all has been said."""
        if type:
            said = ConfigRevision(
                id=f"config/{owner}/{type}/{name}/{revision}", at=self.now, owner=owner, type=type, name=name,
                revision=revision, body=body,
            )  # fmt: skip
            self._wire.put(
                self.now, (CONFIG, f"{owner}/{type}/{name}", self.signer.sign(said.encode(), CONFIG))
            )

    def leave(self, *names: str) -> None:
        """Those workers go, killed or in order, whatever they are doing."""
        self._workers.go(*names)
        super().leave(*names)

    def come_back(self, *names: str) -> None:
        """They are started again, and work off what came meanwhile."""
        self._workers.start(*names)
        super().come_back(*names)
        self._settle()

    @property
    def ledger(self) -> Ledger:
        """All that the driver has put, under its place in Kafka."""
        return self._wire.ledger

    @property
    def restarts(self) -> int:
        """How often a worker was started again that the timetable did not send away."""
        return self._workers.restarts

    def crash(self, stage: str) -> None:
        """A worker is killed and started again at once; all that is to come still comes, once."""
        self._workers.crash(stage)

    def pause(self, stage: str, seconds: float) -> None:
        """A worker stands still for so long; its session ends meanwhile, and all that is to come still comes, once."""
        self._workers.pause(stage, seconds)

    def end(self) -> list[int]:
        """All workers have applied everything, hand over and leave; their exit codes."""
        self._put(*((topic, "", LAST) for topic in self.topics))
        return self._workers.end()

    def close(self) -> None:
        """Leave nothing running."""
        self._workers.kill()
        self._wire.close()

    def _tick(self) -> None:
        raw = Tick(id=f"tick/{self.now}", at=self.now, processed=self.now).encode()
        topics = [STAGES[name] for name in self.machines if name not in self.away]
        self._put(*((topic, "", self.signer.sign(raw, topic)) for topic in topics))

    def _arrive(self, topic: str, key: str, raw: bytes) -> None:
        self._put((topic, key, raw))

    def _put(self, *records: tuple[str, str, bytes]) -> None:
        """Put what the driver says; time goes on at once where it causes nothing, and nothing else was before it."""
        offsets = self._wire.put(self.now, *records)
        for (topic, _, raw), offset in zip(records, offsets, strict=True):
            self._end[topic] = offset + 1
            if offset == self._taken[topic]:
                self._ahead[topic].append(raw)
                self._give(topic, self.now, raw)
        self._settle()

    def _give(self, topic: str, stamp: int, raw: bytes) -> None:
        self._taken[topic] += 1
        stage = self.topics[topic]
        if stage in self.away:
            self._backlog[stage].append((stamp, raw))
        else:
            self._apply(stage, stamp, raw)

    def _pass_on(self, output: Output) -> None:
        """A machine in memory says it; so it has to come."""
        if (output.topic, output.id) not in self._seen:
            self._due[output.topic, output.id] = output

    def _settle(self) -> None:
        """Read until all that has to come has come."""
        end = time.monotonic() + PATIENCE
        while lacks := self._lacks():
            assert time.monotonic() < end, f"it never came: {lacks[:3]}, and {len(lacks[3:])} more"
            self._workers.keep()
            for come in self._wire.read():
                self._take_in(come)

    def _lacks(self) -> list[Any]:
        present = (name for name in self.machines if name not in self.away)
        lacks = [name for name in present if self._ignorant(self.machines[name])]
        unread = [topic for topic in self.topics if self._taken[topic] < self._end[topic]]
        return [*self._due, *unread, *lacks]

    def _ignorant(self, machine: Configured) -> bool:
        """Whether it has not been told of all that has been published."""
        mine = ((key, number) for key, number in self._revisions.items() if key[1] in machine.kinds)
        return not machine.complete or any(machine.revision(*key) < number for key, number in mine)

    def _take_in(self, come: Come) -> None:
        name = (come.topic, come.id)
        known = name in self._seen
        self._seen.add(name)
        self._due.pop(name, None)
        if come.topic in self.topics:
            self._follow(come)
        elif come.topic == CONFIG:
            said = ConfigRevision.read(orjson.loads(come.raw))
            self._revisions[said.owner, said.type, said.name] = said.revision
        elif not known:
            self._tell_of(come)

    def _follow(self, come: Come) -> None:
        if ahead := self._ahead[come.topic]:
            assert ahead.popleft() == come.raw, "Kafka gives another record than it has acknowledged there"
        else:
            self._give(come.topic, come.stamp, come.raw)

    def _tell_of(self, come: Come) -> None:
        said = len(self.timeline)
        super()._pass_on(Output(come.topic, come.key, come.id, come.raw, come.reason))
        for entry in self.timeline[said:]:
            entry["at"] = come.stamp
