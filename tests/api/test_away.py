"""Writes while the broker is away: an answer in time, and nothing takes effect that was answered 503."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from aiokafka.errors import NotLeaderForPartitionError
from msgspec.structs import replace

from api.cli.talk import Talk
from api.commands.command_client import LIVES, REMEMBERED, CommandClient
from api.commands.inbox import KafkaInbox
from api.commands.producer import ConfirmedProducer
from api.dependencies import Dependencies
from api.http.app import create
from streams.errors import Refused, Unavailable, Unconfirmed
from streams.messages.command import Command, Principal, PutDocument
from streams.signature import Signer
from streams.topics import INBOX
from tables.world import World
from tests.api.conftest import ADMIN, MEMBER, NOW
from tests.api.harness import RULE

BODY = {"name": "r", "last": "a", "above": 1}
COMMAND = Command(
    id="c",
    at=0,
    team="platform",
    by=ADMIN,
    action=PutDocument(type="rule", name="r", body=BODY),
)


class Away:
    """An inbox that nobody reads: what it raises is what the broker's absence comes to."""

    def __init__(self, why: Exception) -> None:
        """`why`: raised for every command."""
        self.why, self.sent = why, list[Command]()

    async def send(self, command: Command) -> None:
        """Take note of the command, and fail."""
        self.sent.append(command)
        raise self.why

    async def stop(self) -> None:
        """Nothing to close."""


Opened = Callable[[Exception, Principal], tuple[httpx.AsyncClient, Away]]


@pytest.fixture
async def away(dependencies: Dependencies, database: Any) -> AsyncIterator[Opened]:
    """A client of an application whose inbox fails so; the clock of the API is `clock[0]`."""
    opened: list[httpx.AsyncClient] = []

    def made(why: Exception, who: Principal) -> tuple[httpx.AsyncClient, Away]:
        async def nothing(_: str) -> None:
            return None

        inbox = Away(why)
        deps = dataclasses.replace(
            dependencies, command_client=CommandClient(inbox, nothing, patience=0.01), now=lambda: clock[0]
        )
        headers = {"Authorization": f"Bearer {dependencies.tokens.issue(who, 1_795_000_000, 10**8)}"}
        transport = httpx.ASGITransport(create(deps))
        opened.append(httpx.AsyncClient(transport=transport, base_url="http://tocsin", headers=headers))
        return opened[-1], inbox

    clock[0] = NOW
    yield made
    for one in opened:
        await one.aclose()


clock = [NOW]


async def test_unavailable(away: Opened) -> None:
    """Where the broker takes nothing, the answer is 503 with when to try again, and there is no command."""
    client, _ = away(Unavailable("the broker does not take the command: nothing was changed"), MEMBER)
    answer = await client.post("/v1/rules", json=RULE, headers={"Idempotency-Key": "never-sent"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "nothing was changed" in answer.json()["detail"]
    assert (await client.get("/v1/commands/never-sent")).status_code == 404


async def test_unconfirmed(away: Opened) -> None:
    """Where the broker has not confirmed it, the answer is 202: until when it may take effect, and what comes then."""
    client, inbox = away(Unconfirmed("c"), MEMBER)
    answer = await client.post("/v1/rules", json=RULE, headers={"Idempotency-Key": "who-knows"})
    (command,) = inbox.sent
    assert command.deadline == NOW + LIVES
    assert (answer.status_code, answer.json()["status"]) == (202, "pending")
    assert answer.json()["detail"].startswith(
        "the broker has not confirmed it: it is carried out if it arrives by 20"
    )
    known = (await client.get(answer.headers["location"])).json()
    assert (known["status"], known["reason"]) == ("pending", answer.json()["detail"])
    clock[0] = command.deadline + 1
    known = (await client.get(answer.headers["location"])).json()
    assert (known["status"], "if it still arrives, it is refused" in known["reason"]) == ("pending", True)


async def test_unconfirmed_of_others(away: Opened) -> None:
    """What nobody has confirmed is shown to its team only."""
    client, _ = away(Unconfirmed("c"), ADMIN)
    where = (await client.post("/v1/rules", json=RULE)).headers["location"]
    other, _ = away(Unconfirmed("c"), Principal(name=ADMIN.name, teams=("search",)))
    assert (await client.get(where)).status_code == 200
    assert (await other.get(where)).status_code == 404


async def test_memory_is_bounded() -> None:
    """However many commands are not confirmed, the last thousand are remembered."""

    async def nothing(_: str) -> None:
        return None

    command_client = CommandClient(Away(Unconfirmed("c")), nothing)
    for n in range(REMEMBERED + 2):
        await command_client.ask(replace(COMMAND, id=f"c{n}", deadline=1))
    assert [await command_client.decided(f"c{n}") is not None for n in (0, 1, 2, REMEMBERED + 1)] == [
        False,
        False,
        True,
        True,
    ]


async def test_a_broker_that_hangs() -> None:
    """A port that takes connections and says nothing is given up in time, and so is a closed one; nothing was sent."""
    held: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _, writer: held.append(writer), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        for _ in range(2):
            inbox = KafkaInbox(
                ConfirmedProducer({"bootstrap_servers": f"127.0.0.1:{port}"}), Signer([b"k" * 32])
            )
            with pytest.raises(Unavailable, match="nothing was changed") as why:
                await inbox.send(COMMAND)
            assert not isinstance(why.value, Unconfirmed)
            await inbox.stop()
            server.close()
    finally:
        for writer in held:
            writer.close()


class Forgetful:
    """A producer of aiokafka's that gives up its first message, and like aiokafka's refuses all that follow."""

    def __init__(self) -> None:
        """It has given up nothing yet."""
        self.stopped, self.client = False, self

    async def start(self) -> None:
        """Connected."""

    async def stop(self) -> None:
        """Take note of it."""
        self.stopped = True

    async def force_metadata_update(self) -> bool:
        """The broker answers."""
        return True

    async def send(self, *_: Any, **__: Any) -> asyncio.Future[Any]:
        """Given up, for want of a leader or out of sequence."""
        sent = asyncio.get_running_loop().create_future()
        sent.set_exception(NotLeaderForPartitionError())
        return sent


async def test_a_producer_that_gave_up_a_message_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """What follows a message that was given up is out of sequence for ever, so the next one has a new producer."""
    made: list[Forgetful] = []

    def make(**_: Any) -> Forgetful:
        made.append(Forgetful())
        return made[-1]

    monkeypatch.setattr("api.commands.producer.AIOKafkaProducer", make)
    producer = ConfirmedProducer({})
    for _ in range(2):
        with pytest.raises(Unavailable, match="NotLeaderForPartitionError"):
            await producer.send(INBOX, "platform", b"", "c")
    await producer.stop()
    assert [one.stopped for one in made] == [True, True]


@pytest.mark.parametrize(
    ("deadline", "what"), [(None, "accepted"), (1_000, "accepted"), (999, "refused"), (0, "refused")]
)
def test_overdue(deadline: int | None, what: str) -> None:
    """Respond refuses what was recorded after its deadline, and says by how much; at the deadline it is in time."""
    world = World()
    world.tell(1_000, INBOX, "platform", replace(COMMAND, deadline=deadline))
    timeline = world.run([], 2_000)
    (decision,) = [entry for entry in timeline if entry["subject"] == "command"]
    assert (decision["what"], "after its deadline" in decision["reason"]) == (what, what == "refused")
    assert any(entry["subject"] == "document" for entry in timeline) is (what == "accepted")


def talking(monkeypatch: pytest.MonkeyPatch, *answers: dict[str, str]) -> Talk:
    """The command line's way to an API that says this of a command, one after the other, and at last for ever."""
    left = list(answers)

    def answer(*_: str) -> httpx.Response:
        return httpx.Response(200, json=left.pop(0) if len(left) > 1 else left[0])

    talk = Talk("http://tocsin", "token", "a file")
    monkeypatch.setattr(talk, "answer", answer)
    monkeypatch.setattr("api.cli.talk.LOOK", 0.0)
    monkeypatch.setattr("api.cli.talk.PATIENCE", 0.2)
    return talk


UNKNOWN = {"status": "pending", "reason": "the broker has not confirmed it", "reason_code": ""}


def test_the_command_line_takes_no_unconfirmed_command_for_decided(monkeypatch: pytest.MonkeyPatch) -> None:
    """It looks until there is a decision, and says what is known where none comes."""
    done = {"status": "accepted", "reason": "", "reason_code": ""}
    assert talking(monkeypatch, UNKNOWN, UNKNOWN, done).settled("/v1/commands/c") == done
    with pytest.raises(Refused, match="the broker has not confirmed it"):
        talking(monkeypatch, UNKNOWN).settled("/v1/commands/c")
