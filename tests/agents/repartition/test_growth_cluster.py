"""A stage gets more partitions on a real Kafka, between two lives of its worker, and after two runs that broke off."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

import orjson
import pytest

from agents.clients.manifest import read, verify
from agents.clients.partitioner import partition_of
from agents.repartition import growth
from agents.repartition.verb import partitions
from deploy.kafka.topics import Topics
from streams.connection import client
from streams.errors import Misconfigured
from streams.messages.receipt import Receipt
from streams.messages.verdict import Verdicts
from streams.topics import INBOX, changelog
from tables.repartition.home import home
from tables.respond.machine import Respond
from tests.agents.conftest import Workers
from tests.agents.harness import eventually
from tests.agents.repartition.harness import configure, driver, left, notifications
from tests.chaos.ground import Ground
from tests.tables.respond.harness import verdict

pytestmark = pytest.mark.cluster
TEAMS = [f"team-{n}" for n in range(6)]
HOOK = {"name": "hook", "channel": "log"}
ROUTE = {"name": "all", "to": "endpoint/hook", "group_wait": "6s"}


async def judge(ground: Ground, *said: tuple[str, str, int, str]) -> None:
    """Verdicts in the inbox, each (team, severity, sequence, state) of the alert of its team and severity."""
    at = time.time_ns() // 1_000_000
    async with driver(ground) as producer:
        for team, severity, sequence, state in said:
            name = f"{team}-{severity}"
            one = verdict(
                sequence, state, severity, fingerprint=f"{name}|rule|cpu", gateway=name, at=at, since=at,
                labels={"gateway": name},
            )  # fmt: skip
            message = Verdicts(id=f"{name}/{sequence}", at=at, team=team, why_team="w", verdicts=[one])
            raw = ground.signer.sign(message.encode(), INBOX)
            await producer.send_and_wait(INBOX, raw, key=team.encode())


async def arrived(ground: Ground) -> None:
    """Receipts of all that was told: who has not heard of the firing hears of no end."""
    at = time.time_ns() // 1_000_000
    async with driver(ground) as producer:
        for body in await notifications(ground):
            known = {name: body[name] for name in ("team", "group", "to", "what")}
            receipt = Receipt(
                id=f"receipt/{body['id']}", at=at, notification=body["id"], result="delivered", reason="so it is",
                **known,
            )  # fmt: skip
            raw = ground.signer.sign(receipt.encode(), INBOX)
            await producer.send_and_wait(INBOX, raw, key=body["team"].encode())


async def told(ground: Ground) -> Counter[tuple[str, str]]:
    """How often each (gateway, purpose) was told."""
    known = await notifications(ground)
    return Counter((body["alerts"][0]["labels"]["gateway"], body["what"]) for body in known)


async def grow(ground: Ground, *words: str) -> str:
    """What the operator reads."""
    return "\n".join(await partitions(["respond", "6", *words], ground.settings, ground.signer, Respond))


def breaks(*_: Any) -> Any:
    """The end."""
    raise ConnectionAbortedError


ENDED, NEW = TEAMS[:3], TEAMS[3:]
BEFORE = {(f"{team}-critical", "firing"): 1 for team in TEAMS}
AFTER = {
    **BEFORE,
    **{(f"{team}-warning", "firing"): 1 for team in TEAMS},
    **{(f"{team}-critical", "resolved"): 1 for team in ENDED},
    **{(f"{team}-info", "firing"): 1 for team in NEW},
}


async def test_respond_grows(ground: Ground, workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was told is not told again, what waits is told once, and what came while it was down is heard once."""
    await configure(ground, ("platform", "endpoint", HOOK), ("platform", "route", ROUTE))
    worker = workers.start_product("respond-a")
    worker.until('"owned"')
    await judge(ground, *((team, "critical", 2, "firing") for team in TEAMS))
    await eventually(lambda: holds(ground, BEFORE))
    await judge(ground, *((team, "warning", 2, "firing") for team in TEAMS))
    with pytest.raises(Misconfigured, match="respond still has workers: stop them"):
        await grow(ground)
    assert worker.end() == 0
    await eventually(lambda: left(ground, "respond"))
    await arrived(ground)
    await judge(ground, *((team, "critical", 3, "ok") for team in ENDED))
    await judge(ground, *((team, "info", 2, "firing") for team in NEW))

    await grown(ground, monkeypatch)

    worker.start()
    assert len(worker.until('"owned".*"partitions": ?{([^}]*)}')[1].split(",")) == 6
    await eventually(lambda: holds(ground, AFTER))
    assert worker.end() == 0
    await homes(ground)
    assert await holds(ground, AFTER)


async def grown(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan; a run that breaks off before the rows count, and one after that; each time nothing but a run goes on."""
    planned = orjson.loads(await grow(ground, "--dry-run", "--json"))
    assert (planned["before"], planned["after"], planned["dry_run"]) == (2, 6, True)
    await broken_off(ground, monkeypatch, "_mark_all")
    known = await read(client(ground.settings), ground.signer)
    with pytest.raises(Misconfigured, match="respond is just being given 6 partitions"):
        verify("respond", known, 2)
    with pytest.raises(Misconfigured, match="run that to its end first"):
        await partitions(["respond", "4"], ground.settings, ground.signer, Respond)
    with pytest.raises(Misconfigured, match="is just being given 6 partitions"):
        await Topics(ground.settings, ground.signer).create()
    await broken_off(ground, monkeypatch, "_commit")
    done = orjson.loads(await grow(ground, "--json"))
    assert done["resumed"]
    assert (
        done["rows"] > planned["rows"] > 12
    )  # alerts, groups and escalations of six teams; three alerts are new
    assert await Topics(ground.settings, ground.signer).create() == []
    assert await grow(ground) == "respond has 6 partitions"


async def broken_off(ground: Ground, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """The machine of the tool loses its power before a step."""
    with monkeypatch.context() as patch:
        patch.setattr(growth.StageGrowth, step, breaks)
        with pytest.raises(ConnectionAbortedError):
            await grow(ground)


async def holds(ground: Ground, wanted: dict[tuple[str, str], int]) -> bool:
    """Whether exactly that has been told."""
    return await told(ground) == wanted


async def homes(ground: Ground) -> None:
    """Every team's rows lie in the partition that its name belongs to, and nowhere else."""
    for number, records in (await ground.dump(changelog("respond"))).items():
        kept = {(record.key or b"").decode(): record.value for record in records}
        owners = {home("respond", key) for key, value in kept.items() if value is not None and key[0] != "!"}
        teams = {owner for owner in owners if isinstance(owner, str)}
        assert {partition_of(team, 6) for team in teams} <= {number}
        assert "head/partition" in kept
