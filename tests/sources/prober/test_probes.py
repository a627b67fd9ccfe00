"""Probe documents: which are in force, and what runs of them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sources.prober.probe_documents import ProbeDocuments
from sources.prober.probes import Probes
from streams.messages.config import ConfigRevision
from streams.messages.envelope import decode
from streams.messages.event import STOPPED, Event
from streams.signature import Signer
from streams.topics import CONFIG

SIGNER = Signer([b"k" * 32])


@dataclass
class Record:
    """One record of the topic `config`."""

    value: bytes | None


def record(name: str, revision: int, body: dict[str, Any] | None, signer: Signer = SIGNER) -> Record:
    """A revision of a probe, as respond publishes it."""
    body = None if body is None else {"name": name, "team": "payments", **body}
    document = ConfigRevision(
        id=f"{name}/{revision}", at=0, owner="payments", type="probe", name=name, revision=revision, body=body
    )
    return Record(signer.sign(document.encode(), CONFIG))


def documents(*records: Record) -> ProbeDocuments:
    """Those that have been read to the end."""
    made = ProbeDocuments(SIGNER)
    for each in records:
        made.take(each)
    made.complete = True
    return made


@dataclass
class Ground:
    """Where probes run: what they say, and whether they are ours."""

    data: Path
    mine: bool = True
    events: list[Event] = field(default_factory=list)

    def publish(self, gateway: str, at: int, bodies: Sequence[bytes]) -> None:
        self.events += [Event.read(one) for one in map(decode, bodies) if one["kind"] == "event"]

    def probes(self, documents: ProbeDocuments) -> Probes:
        return Probes(documents, self.data, self.publish, lambda: 7, lambda _: self.mine)


def running() -> set[str]:
    """The watches that run."""
    names = (task.get_name() for task in asyncio.all_tasks())
    return {name for name in names if name.startswith("probe ")}


HOST = {"hosts": ["127.0.0.1:9"]}


def test_the_highest_revision_is_in_force() -> None:
    """Never the latest record; a delete is a revision too, and what nobody signed is passed over."""
    forged = record("d", 1, HOST, Signer([b"x" * 32]))
    found = documents(
        record("a", 2, {"hosts": ["b.example"]}),
        record("a", 1, {"hosts": ["a.example"]}),
        record("c", 1, HOST),
        record("c", 2, None),
        record("c", 1, HOST),
        forged,
        Record(None),
        Record(b"nonsense"),
    )
    assert {key: probe.hosts for key, probe in found.probes.items()} == {("payments", "a"): ["b.example"]}


def test_a_document_that_this_version_cannot_read_stops_nobody() -> None:
    """As one of a newer version, whose fields are not known here: what was read before holds, and so do others."""
    found = documents(record("a", 1, HOST), record("a", 2, HOST | {"newer": 1}), record("b", 1, HOST))
    assert found.probes.keys() == {("payments", "a"), ("payments", "b")}
    assert found.probes["payments", "a"].hosts == HOST["hosts"]


async def test_watches_follow_documents_and_lease(tmp_path: Path) -> None:
    """One for each that is ours; a changed probe is another watch, and none runs twice."""
    ground, known = Ground(tmp_path), documents(record("a", 1, HOST), record("b", 1, HOST))
    probes = ground.probes(known)
    await probes.look()
    await probes.look()
    assert running() == {"probe payments/a", "probe payments/b"}
    ground.mine = False
    await probes.look()
    assert running() == set()
    ground.mine = True
    known.take(record("b", 2, None))
    await probes.look()
    assert running() == {"probe payments/a"}
    await probes.rest()
    assert running() == set()


async def test_nobody_waits_for_a_probe_that_is_gone(tmp_path: Path) -> None:
    """Once, also where it went while nobody ran here, or now belongs to another gateway."""
    ground = Ground(tmp_path)
    before = ground.probes(documents(record("a", 1, HOST), record("b", 1, HOST)))
    await before.look()
    await before.rest()
    assert ground.events == []
    after = ground.probes(documents(record("a", 2, HOST | {"gateway": "prod"}), record("b", 2, None)))
    await after.look()
    await after.look()
    await after.rest()
    assert [(one.gateway, one.source, one.type) for one in ground.events] == [
        ("a", "prober/payments/a", STOPPED),
        ("b", "prober/payments/b", STOPPED),
    ]


async def test_that_a_probe_is_gone_is_said_by_whoever_has_the_lease(tmp_path: Path) -> None:
    """A start knows all documents before it has the lease: nothing is said then, and nothing forgotten."""
    ground = Ground(tmp_path)
    before = ground.probes(documents(record("a", 1, HOST)))
    await before.look()
    await before.rest()
    ground.mine = False
    await ground.probes(documents(record("a", 2, None))).look()
    assert ground.events == []
    ground.mine = True
    after = ground.probes(documents(record("a", 2, None)))
    await after.look()
    await after.look()
    assert [event.source for event in ground.events] == ["prober/payments/a"]


async def test_nothing_runs_after_a_rest(tmp_path: Path) -> None:
    """Also where a look was under way: others may have what was ours then."""
    ground, known = Ground(tmp_path), documents(record("a", 1, HOST))
    probes = ground.probes(known)
    await probes.look()
    known.take(record("a", 2, None))
    known.take(record("b", 1, HOST))
    look = asyncio.create_task(probes.look())
    await asyncio.sleep(0)  # it ends one watch, and is about to begin the other
    await probes.rest()
    await look
    assert running() == set()


async def test_nothing_is_ended_before_all_documents_are_known(tmp_path: Path) -> None:
    """While they are still being read, one that is missing may be the next."""
    ground = Ground(tmp_path)
    first = ground.probes(documents(record("a", 1, HOST)))
    await first.look()
    await first.rest()
    halfway = documents()
    halfway.complete = False
    await ground.probes(halfway).look()
    assert ground.events == []
