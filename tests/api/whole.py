"""The application with the real machines behind it, in memory: what one of its commands brings is really decided."""

from __future__ import annotations

from dataclasses import replace

import httpx

from api.commands.command_client import CommandClient
from api.dependencies import Dependencies
from api.http.app import create
from api.queries import commands
from streams.messages.attempt import Attempt
from streams.messages.change import Change
from streams.messages.command import Command
from streams.messages.envelope import decode
from streams.telemetry.samples import frame
from streams.topics import CHANGES, INBOX, TELEMETRY
from tables.world import Answer, World
from tests.api.conftest import ADMIN, NOW, History


class Whole:
    """An inbox behind which all machines run in memory, their changes projected as in production."""

    def __init__(self, history: History) -> None:
        """Nothing has happened."""
        self.attempts: list[Attempt] = []
        self.world, self.history, self.shown = World(start=NOW, receive=self._receive), history, 0

    def _receive(self, attempt: Attempt) -> Answer:
        self.attempts.append(attempt)
        return Answer(reason="taken by the receiver")

    async def send(self, command: Command) -> None:
        """Let respond decide."""
        self.world.tell(self.world.now, INBOX, command.team, command)
        self.pass_time(100)

    async def stop(self) -> None:
        """Nothing to close."""

    def sample(self, series: str, value: float) -> None:
        """One sample a second for two minutes."""
        for _ in range(150):
            for raw in frame("prod", "s", self.world.now, [series], [value]):
                self.world.say(self.world.now, TELEMETRY, "prod", raw)
            self.pass_time(1_000)

    def pass_time(self, ms: int) -> None:
        """Advance, and project what happened."""
        self.world.advance(self.world.now + ms)
        for _, topic, _, raw in self.world.log[self.shown :]:
            if topic == CHANGES:
                self.history.write(Change.read(decode(raw)))
        self.shown = len(self.world.log)


def client_of(whole: Whole, dependencies: Dependencies, token: bool = True) -> httpx.AsyncClient:
    """A client of the application on these machines: an administrator's, or without a token."""
    database = dependencies.database
    command_client = CommandClient(
        whole, lambda key: database.read(lambda c: commands.one(c, key)), patience=2
    )
    issued = dependencies.tokens.issue(ADMIN, 1_795_000_000, 10**8)
    transport = httpx.ASGITransport(
        create(replace(dependencies, command_client=command_client, now=lambda: whole.world.now))
    )
    headers = {"Authorization": f"Bearer {issued}"} if token else {}
    return httpx.AsyncClient(transport=transport, base_url="http://tocsin", headers=headers)
