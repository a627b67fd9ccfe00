"""The verdict over stages: what Kafka holds against what the pure machines say over the same logs, byte for byte.

Pure: it reads what was dumped. Inputs: every acknowledged one is in its log. Outputs: each that the World makes is
there, with the same body, and no other. Rows: the newest of each key in the changelog equal the World's at the
newest head row. A run in which hardly anything happened proves nothing and fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import orjson

from streams.signature import Signer
from streams.topics import DEAD_LETTER, STAGES, changelog
from tables.kernel.machine import HEAD_KEY, Machine
from tests.chaos.disruption import Disruption
from tests.chaos.ground import Dump, Dumps, Record
from tests.chaos.repeats import Cause, repeats

LEAST = 150  # applied messages below which a run is hollow
BEHIND = 400  # messages after the newest head row, above which it is, too
Ledger = dict[tuple[str, int, int], bytes]
Name = tuple[str, str]  # topic and id
NOT_OUTPUTS = frozenset({"tick", "outcome", "samples", "event", "command"})


@dataclass
class Report:
    """One stage. What follows `letters` must be zero.

    `most_at_once`: outputs repeated at one take-over; `beyond`: repeated although their batch was written.
    """

    applied: int = 0
    behind: int = 0
    outputs: int = 0
    copies: int = 0
    duplicates: int = 0
    take_overs: int = 0
    most_at_once: int = 0
    rows: int = 0
    fences: int = 0
    letters: int = 0
    lost: int = 0
    bodies: int = 0
    wrong_rows: int = 0
    stale_rows: int = 0
    unburied: int = 0
    beyond: int = 0

    @property
    def faults(self) -> int:
        """How much is wrong."""
        return self.lost + self.bodies + self.wrong_rows + self.stale_rows + self.unburied + self.beyond

    @property
    def hollow(self) -> bool:
        """Whether too little happened."""
        return self.applied < LEAST or not self.outputs or not self.rows or self.behind > BEHIND


@dataclass
class Said:
    """What the World says over one stage's logs: bodies by id, of what was applied, and of what came after it."""

    must: dict[Name, bytes] = field(default_factory=dict)
    may: dict[Name, bytes] = field(default_factory=dict)
    letters: set[str] = field(default_factory=set)
    topics: set[str] = field(default_factory=set)
    causes: dict[Name, Cause] = field(default_factory=dict)


def judge(
    dumps: Dumps,
    signer: Signer,
    machines: Mapping[str, type[Machine]],
    ledger: Ledger,
    done: Sequence[Disruption] = (),
) -> dict[str, Any]:
    """Compare everything; the report as JSON with `holds`. `done`: what was done to the workers."""
    logs = {stage: dumps[STAGES[stage]] for stage in machines}
    missing = sum(dumps[t][p][o].value != value for (t, p, o), value in ledger.items() if t in dumps)
    reports = {stage: Report() for stage in machines}
    said = {
        stage: _replay_stage((stage, machine), signer, logs[stage], dumps[changelog(stage)], reports[stage])
        for stage, machine in machines.items()
    }
    buried = {letter_id(record) for record in dumps[DEAD_LETTER][0]}
    found = _found(dumps, said.values(), ledger)
    for stage, report in reports.items():
        report.unburied = len(said[stage].letters - buried)
        _compare(found, said[stage], report)
        pauses = [one.span for one in done if one.deed == "pause" and one.kind == stage]
        copies = _copies(found, said[stage])
        told = repeats((logs[stage], dumps[changelog(stage)]), copies, _seen, pauses)
        report.take_overs, report.most_at_once, report.beyond = told
    world = set().union(*(one.must.keys() | one.may.keys() for one in said.values()))
    unexplained = len(found.keys() - world)
    holds = not missing and not unexplained and all(not r.faults and not r.hollow for r in reports.values())
    stages = {stage: asdict(r) | {"faults": r.faults, "hollow": r.hollow} for stage, r in reports.items()}
    return {
        "holds": holds,
        "acknowledged": len(ledger),
        "missing": missing,
        "unexplained": unexplained,
        "stages": stages,
    }


def letter_id(record: Record) -> str:
    """The id of a dead letter."""
    return record.headers["id"].decode()


def _found(dumps: Dumps, said: Iterable[Said], ledger: Ledger) -> dict[Name, list[bytes]]:
    found: dict[Name, list[bytes]] = {}
    for topic in sorted(set().union(*(one.topics for one in said))):
        _outputs(topic, dumps[topic], ledger, found)
    return found


def _replay_stage(
    what: tuple[str, type[Machine]], signer: Signer, log: Dump, rows: Dump, report: Report
) -> Said:
    (stage, machine), said = what, Said()
    for partition, records in log.items():
        assert [r.offset for r in records] == list(range(len(records))), (
            "the offsets of the log are not contiguous"
        )
        made = machine(f"{stage}-{partition}", signer)
        _replay(made, (partition, records), _stored(rows[partition], report), said, report)
    report.letters = len(said.letters)
    return said


def _stored(records: Iterable[Record], report: Report) -> dict[str, bytes]:
    """The newest record of each key, as a compaction would leave them."""
    store: dict[str, bytes] = {}
    newest: dict[str, int] = {}
    for record in records:
        assert record.key is not None
        key = record.key.decode()
        if key.startswith("!"):
            report.fences += key == "!fence"
        elif record.value is None:
            store.pop(key, None)
        else:
            seen = _seen(record.value)
            report.stale_rows += seen < newest.get(key, -1)
            newest[key] = max(seen, newest.get(key, -1))
            store[key] = record.value
    return store


def _replay(
    machine: Machine,
    of: tuple[int, list[Record]],
    store: Mapping[str, bytes],
    said: Said,
    report: Report,
) -> None:
    """Run the World over a log: to the newest head row, where rows are compared, and then to the end."""
    (partition, log), head = of, _seen(store[HEAD_KEY]) if HEAD_KEY in store else -1
    rows: dict[str, bytes] = {}
    dead: set[str] = set()
    for record in log:
        outputs = machine.apply(record.offset, record.stamp, record.value or b"")
        said.topics |= {o.topic for o in outputs if o.topic != DEAD_LETTER}
        past = record.offset > head
        (said.may if past else said.must).update(
            {(o.topic, o.id): o.raw for o in outputs if o.topic != DEAD_LETTER}
        )
        said.causes.update({(o.topic, o.id): Cause(partition, record.offset) for o in outputs})
        said.letters |= {o.id for o in outputs if o.topic == DEAD_LETTER and not past}
        if record.offset == head:
            rows, dead = world_rows(machine), {key for key, row in machine.rows.items() if row.dead}
    report.applied, report.behind = report.applied + head + 1, report.behind + len(log) - 1 - head
    report.rows += len(rows)
    ahead = {key for key, raw in store.items() if _seen(raw) > head}  # of a last write-out that was cut short
    report.wrong_rows += sum(store.get(key) != row for key, row in rows.items() if key not in ahead)
    report.wrong_rows += len(store.keys() - rows.keys() - dead - ahead)


def _seen(row: bytes) -> int:
    """The highest offset that a stored row reflects."""
    return int(orjson.loads(row.partition(b"\x00")[0])[1])


def world_rows(machine: Machine) -> dict[str, bytes]:
    """Say all living rows as the changelog would hold them; dead ones may or may not have been removed yet."""
    rows = ((key, row) for key, row in machine.rows.items() if not row.dead and row.seen >= 0)
    return {key: row.encode(machine.level_of(key)) for key, row in rows}


def _outputs(topic: str, dump: Dump, ledger: Ledger, found: dict[Name, list[bytes]]) -> None:
    """All bodies of each output; what the run itself, an injector or a sink has put there is none."""
    for partition, records in dump.items():
        for record in records:
            message = _message(record.value)
            injected = topic in STAGES.values() and message.get("kind") == "config"
            ours = (
                (topic, partition, record.offset) in ledger or injected or message.get("kind") in NOT_OUTPUTS
            )
            if message and not ours:
                found.setdefault((topic, message["id"]), []).append(record.value or b"")


def _message(raw: bytes | None) -> dict[str, Any]:
    try:
        message = orjson.loads(raw or b"")
    except ValueError:
        return {}
    return message if isinstance(message, dict) and "id" in message else {}


def _compare(found: Mapping[Name, list[bytes]], said: Said, report: Report) -> None:
    mine = {name: bodies for name, bodies in found.items() if name in said.must or name in said.may}
    report.outputs, report.copies = len(said.must), sum(len(bodies) for bodies in mine.values())
    report.duplicates = report.copies - len(mine)
    report.lost = sum(name not in mine for name in said.must)
    world = said.may | said.must
    report.bodies = sum(body != world[name] for name, bodies in mine.items() for body in bodies)


def _copies(found: Mapping[Name, list[bytes]], said: Said) -> list[tuple[Cause, int]]:
    """What was said more than once, by its cause, and how often too often."""
    times = ((said.causes[name], len(bodies) - 1) for name, bodies in found.items() if name in said.causes)
    return [(cause, extra) for cause, extra in times if extra]
