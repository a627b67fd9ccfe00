"""Every stage gets more partitions on a real Kafka: people hear what they would have heard, once, when they would have.

Of each case a team, a gateway and a metric of its own, so that the cases lie in different partitions.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from typing import Any

import orjson
import pytest

from agents.clients.partitioner import partition_of
from agents.repartition.verb import partitions
from streams.messages.command import Acknowledge, Command, Principal
from streams.messages.verdict import Verdicts
from streams.telemetry import samples
from streams.topics import CHANGES, INBOX, STAGES, TELEMETRY, changelog
from tables.repartition.home import home
from tables.stages import STAGES as MACHINES
from tests.agents.conftest import Workers
from tests.agents.harness import eventually
from tests.agents.repartition.harness import configure, driver, left, notifications
from tests.chaos.ground import Ground
from tests.chaos.process import Process
from tests.chaos.receiver import Receiver
from tests.tables.respond.harness import verdict

pytestmark = pytest.mark.cluster
BEFORE, AFTER = 2, 6
DELAY = 20_000  # ms, of a second step and of a rule's `for`
TICK = 1_000  # ms; delays of steps are counted from tick to tick
CASES = ("recovers", "acknowledged", "silenced", "escalates", "unread", "pends")
Heard = Counter[tuple[str, str]]


def strays(prefix: str) -> str:
    """A name that belongs to another partition once there are more."""
    names = (f"{prefix}-{number}" for number in range(100))
    return next(name for name in names if partition_of(name, BEFORE) != partition_of(name, AFTER))


LATE_GATEWAY, LATE_TEAM = strays("late"), strays("told-late")
FIRST: Heard = Counter({(team, "firing"): 1 for team in ("recovers", "acknowledged", "escalates")})
ALL: Heard = FIRST + Counter({
    ("recovers", "resolved"): 1, ("escalates", "escalated"): 1, ("unread", "firing"): 1, ("pends", "firing"): 1,
    (LATE_GATEWAY, "firing"): 1, (LATE_TEAM, "firing"): 1,
})  # fmt: skip


def documents(team: str, address: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """What a team has configured."""
    yield team, "endpoint", {"name": "hook", "channel": "webhook", "url": address, "allow_private": True}
    steps: list[dict[str, Any]] = [{"notify": ["endpoint/hook"]}]
    if team in ("escalates", "acknowledged"):
        steps.append({"after": f"{DELAY}ms", "notify": ["endpoint/hook"]})
    yield team, "policy", {"name": "default", "steps": steps}
    held = f"{DELAY}ms" if team == "pends" else "0s"
    rule = {"last": metric(team), "above": "5", "for": held, "keep_firing_for": "0s", "severity": "critical"}
    yield team, "rule", {"name": "high", **rule}
    if team == "silenced":
        ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3_600))
        silence = {"covers": f"gateway={team}", "ends": ends, "owner": "anna", "reason": "so"}
        yield team, "silence", {"name": "quiet", **silence}


def metric(team: str) -> str:
    """What its rule is about."""
    return f"cpu_{team.replace('-', '_')}"


async def sample(ground: Ground, team: str, value: float, partition: int | None = None) -> None:
    """One sample of a team's gateway; `partition`: where it is placed, whatever its key says."""
    async with driver(ground) as producer:
        for raw in samples.frame(team, "test", time.time_ns() // 1_000_000, [metric(team)], [value]):
            await producer.send_and_wait(TELEMETRY, raw, key=team.encode(), partition=partition)


async def verdict_placed_late(ground: Ground, team: str) -> None:
    """A verdict about something of a team, placed by the old number."""
    at = time.time_ns() // 1_000_000
    fires = verdict(2, "firing", "critical", fingerprint=f"{team}|rule|cpu", gateway=team, at=at, since=at,
                    labels={"gateway": team})  # fmt: skip
    message = Verdicts(id=f"{team}/2", at=at, team=team, why_team="w", verdicts=[fires])
    async with driver(ground) as producer:
        raw = ground.signer.sign(message.encode(), INBOX)
        await producer.send_and_wait(INBOX, raw, key=team.encode(), partition=partition_of(team, BEFORE))


async def acknowledge(ground: Ground, team: str) -> None:
    """Somebody has the alert of a team; returns when respond has obeyed."""
    at = time.time_ns() // 1_000_000
    (alert,) = {each["alerts"][0]["alert_id"] for each in await notifications(ground) if each["team"] == team}
    (fingerprint,) = {each["alert"]["fingerprint"] for each in await changes(ground, "alert", alert)}
    action = Acknowledge(alert=fingerprint, alert_id=alert)
    command = Command(
        id=f"ack-{team}", at=at, team=team, by=Principal(name="anna", admin=True), action=action
    )
    async with driver(ground) as producer:
        raw = ground.signer.sign(command.encode(), INBOX)
        await producer.send_and_wait(INBOX, raw, key=team.encode())

    async def obeyed() -> bool:
        return any(each["what"] == "acknowledged" for each in await changes(ground, "alert", alert))

    await eventually(obeyed)


async def changes(ground: Ground, subject: str, id: str) -> list[dict[str, Any]]:
    """What was decided about one thing."""
    records = [record for some in (await ground.dump(CHANGES)).values() for record in some]
    known = [orjson.loads(record.value or b"{}") for record in records]
    return [each for each in known if each.get("subject") == subject and each[subject]["id"] == id]


async def fired(ground: Ground, team: str) -> bool:
    """Whether respond knows an alert of a team."""
    records = [record for some in (await ground.dump(CHANGES)).values() for record in some]
    known = [orjson.loads(record.value or b"{}") for record in records]
    return any(each.get("what") == "fired" and each["alert"]["team"] == team for each in known)


def heard(receiver: Receiver) -> Heard:
    """How often people were called about (gateway, purpose)."""
    bodies = [orjson.loads(call.body) for call in receiver.calls]
    return Counter((body["alerts"][0]["labels"]["gateway"], body["what"]) for body in bodies)


@pytest.fixture
async def receiver(ground: Ground) -> AsyncIterator[Receiver]:
    """People's webhook."""
    made = Receiver(ground.port("people"), seed=1)
    made.moody = False
    yield made
    made.close()


@pytest.fixture
def stages(ground: Ground, workers: Workers) -> Iterator[list[Process]]:
    """A worker of each stage, and the sink, which ends last."""
    sink = Process("sink-a", ground.folder / "log", ground.environment, "sinks", "webhook")
    started = [workers.start_product(f"{stage}-a") for stage in STAGES]
    for process in started:
        process.until('"owned"')
    sink.until('"started"')
    yield [*started, sink]
    sink.end()


async def test_all_stages_grow(ground: Ground, stages: list[Process], receiver: Receiver) -> None:
    """Silences hold, acknowledgements too; steps and rules go on counting; what is placed by the old number arrives."""
    address = f"http://127.0.0.1:{ground.port('people')}/"
    teams = (*CASES, LATE_GATEWAY, LATE_TEAM)
    await configure(ground, *(document for team in teams for document in documents(team, address)))
    for team in teams:
        await sample(ground, team, 1.0)
    for team in ("recovers", "acknowledged", "silenced", "escalates"):
        await breach(ground, team)
    await eventually(lambda: is_so(receiver, FIRST))
    began = time.time()
    await sample(ground, "pends", 9.0)
    await acknowledge(ground, "acknowledged")
    for process in stages:
        assert process.end() == 0
    await eventually(lambda: left(ground, *STAGES, "sink-webhook"))
    await sample(ground, "recovers", 1.0)
    await sample(ground, "unread", 9.0)

    for stage, machine in MACHINES.items():
        done = await partitions([stage, str(AFTER), "--json"], ground.settings, ground.signer, machine)
        assert orjson.loads(done[-1])["after"] == AFTER

    for process in stages:
        process.start()
    await sample(ground, LATE_GATEWAY, 9.0, partition_of(LATE_GATEWAY, BEFORE))
    await verdict_placed_late(ground, LATE_TEAM)
    await eventually(lambda: is_so(receiver, ALL))
    assert await at_home(ground)
    told = {
        (each["alerts"][0]["labels"]["gateway"], each["what"]): each["at"]
        for each in await notifications(ground)
    }
    assert told["escalates", "escalated"] - told["escalates", "firing"] >= DELAY - TICK
    assert told["pends", "firing"] - began * 1_000 >= DELAY
    for process in stages:
        assert process.end() == 0
    assert heard(receiver) == ALL


async def breach(ground: Ground, team: str) -> None:
    """A sample that breaches, again until the rule is known to detect."""

    async def judged() -> bool:
        await sample(ground, team, 9.0)
        return await fired(ground, team)

    await eventually(judged)


async def is_so(receiver: Receiver, wanted: Heard) -> bool:
    """Whether exactly that was heard."""
    return heard(receiver) == wanted


async def at_home(ground: Ground) -> bool:
    """Whether every row of a gateway, a team or a recipient lies where its name is looked for."""
    for stage in STAGES:
        for number, records in (await ground.dump(changelog(stage))).items():
            kept = {(record.key or b"").decode(): record.value for record in records}
            owners = {home(stage, key) for key, value in kept.items() if value is not None and key[0] != "!"}
            if {partition_of(owner, AFTER) for owner in owners if isinstance(owner, str)} - {number}:
                return False
    return True
