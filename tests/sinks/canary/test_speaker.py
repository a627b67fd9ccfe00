"""A word goes by each way until it is taken, and its end to those who heard it; over restarts too."""

from __future__ import annotations

import asyncio
from pathlib import Path

import orjson

from sinks.canary.speaker import DirectWay, Speaker
from sinks.channels.registry import REGISTRY
from sinks.outcome import Answer, Delivered, Retry
from streams.canary.receivers import canary_receivers
from streams.documents.registry import read
from streams.messages.attempt import Attempt
from streams.settings import Settings
from tests.sinks.harness import closing, resources
from tests.sinks.receiver import Receiver, responding

NOW = 1_764_547_200_000


class Recording:
    """A channel that takes what it is given, unless it is away."""

    def __init__(self) -> None:
        self.away = False
        self.got: list[tuple[str, str]] = []

    async def send(self, attempt: Attempt) -> Answer:
        """Keep what it is and its title."""
        if self.away:
            return Retry(None, "away")
        self.got.append((attempt.notification.what, attempt.notification.title))
        return Delivered("taken")


async def hurried(_: float) -> None:
    """No time passes between two tries."""
    await asyncio.sleep(0)


class Room:
    """A speaker with a webhook and a mail, and what these got."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.channels = {"webhook": Recording(), "email": Recording()}
        self.again()

    def again(self) -> None:
        """The process is started anew."""
        bodies = {
            "webhook": {"url": "https://x.example"},
            "email": {"channel": "email", "server": "mx", "sender": "t@x.example", "to": "a@x.example"},
        }
        ways = [
            DirectWay(read("endpoint", {"name": name, **body}), self.channels[name])  # type: ignore[arg-type]
            for name, body in bodies.items()
        ]
        self.speaker = Speaker(ways, self.file, lambda: NOW, hurried)

    async def settled(self) -> None:
        """All that can be said has been."""
        for _ in range(50):
            await asyncio.sleep(0)


async def test_each_way_hears_once_and_its_end_once(tmp_path: Path) -> None:
    """And a second word about the same only goes where the first one was not heard."""
    room = Room(tmp_path / "data" / "canary.json")
    room.channels["email"].away = True
    room.speaker.lost("lost", NOW)
    await room.settled()
    assert (room.channels["webhook"].got, room.channels["email"].got) == ([("firing", "lost")], [])
    room.channels["email"].away = False
    await room.settled()
    room.speaker.lost("lost still", NOW)
    room.speaker.back("back")
    await room.settled()
    for channel in room.channels.values():
        assert channel.got == [("firing", "lost"), ("resolved", "back")]
    assert not room.speaker.has_spoken


async def test_who_heard_nothing_hears_of_no_end(tmp_path: Path) -> None:
    """What nobody took until it was over is not said any more."""
    room = Room(tmp_path / "canary.json")
    room.channels["email"].away = True
    room.speaker.lost("lost", NOW)
    await room.settled()
    room.speaker.back("back")
    room.channels["email"].away = False
    await room.settled()
    assert room.channels["email"].got == []
    assert room.channels["webhook"].got == [("firing", "lost"), ("resolved", "back")]


async def test_a_restart_says_nothing_twice(tmp_path: Path) -> None:
    """Who has heard it is kept, and they hear of its end from the next process."""
    room = Room(tmp_path / "canary.json")
    room.speaker.lost("lost", NOW - 5)
    await room.settled()
    await room.speaker.close()
    room.again()
    assert (room.speaker.has_spoken, room.speaker.since) == (True, NOW - 5)
    room.speaker.lost("lost", NOW)
    room.speaker.back("back")
    await room.settled()
    assert room.channels["webhook"].got == [("firing", "lost"), ("resolved", "back")]


async def test_a_file_that_is_none_of_ours_is_nothing_said(tmp_path: Path) -> None:
    """However it came about."""
    for content in (b"", b"{", b"[]", b'{"id":1}'):
        (tmp_path / "canary.json").write_bytes(content)
        assert not Room(tmp_path / "canary.json").speaker.has_spoken


async def test_a_webhook_reads_it_as_any_other_notification(tmp_path: Path) -> None:
    """The real channel calls it; a failure is tried again under the same id."""
    receiver = Receiver(script=[responding("503 Busy")])
    async with receiver.listening(), closing(resources()) as shared:
        (endpoint,) = canary_receivers(Settings(canary_webhook=receiver.url))
        way = DirectWay(endpoint, REGISTRY[endpoint.channel](shared))
        speaker = Speaker([way], tmp_path / "canary.json", lambda: NOW, hurried)
        speaker.lost("Tocsin may not tell you of alerts", NOW)
        for _ in range(3_000):
            if speaker.has_spoken:
                break
            await asyncio.sleep(0.01)
        await speaker.close()
    first, second = [orjson.loads(each.body) for each in receiver.got]
    assert first["notification_id"] == second["notification_id"]
    assert (second["what"], second["severity"], second["reason_code"]) == ("firing", "critical", "canary")
    assert "tocsin doctor" in second["alerts"][0]["message"]


async def test_a_way_that_is_gone_holds_up_nothing(tmp_path: Path) -> None:
    """Who has heard it, and has left the settings before its end, hears no end; the next word has its own beginning."""
    room = Room(tmp_path / "canary.json")
    room.speaker.lost("lost", NOW - 5)
    await room.settled()
    await room.speaker.close()
    endpoint = read("endpoint", {"name": "other", "url": "https://x.example"})
    ways = [DirectWay(endpoint, Recording())]  # type: ignore[arg-type]
    speaker = Speaker(ways, room.file, lambda: NOW, hurried)
    assert not speaker.has_spoken
    speaker.lost("lost again", NOW)
    await room.settled()
    assert (speaker.has_spoken, speaker.since) == (True, NOW)
