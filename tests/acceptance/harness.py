"""Providers of channels on this machine, as the contract suite has them, for a product that runs in other processes."""

from __future__ import annotations

import asyncio
import itertools
import threading
from contextlib import AsyncExitStack
from typing import Any, NamedTuple

import orjson
import yaml

from tests.acceptance.product import Product, until
from tests.sinks.channels.case import Case, Place
from tests.sinks.channels.cases import CASES

numbers = itertools.count(1)
HANGS = 30.0  # seconds after which a provider does not come up any more


class Provider(NamedTuple):
    """A real receiver of one channel, and what the contract suite knows of the channel."""

    case: Case
    place: Place

    def endpoint(self, name: str, team: str, **more: Any) -> dict[str, Any]:
        """The document of an endpoint that leads here."""
        return self.place.endpoint() | {"name": name, "team": team} | more

    def wait(self, count: int) -> list[Any]:
        """What it got, once that is so many messages, each of which the provider's own means accept."""
        messages = until(lambda: found if len(found := self.place.messages()) >= count else None)
        for message in messages:
            self.case.oracle(message)
        return list(messages)

    def bodies(self) -> list[dict[str, Any]]:
        """The JSON objects that it got so far."""
        return [orjson.loads(message.body) for message in self.place.messages()]


class Providers:
    """Receivers that listen on a loop and a thread of their own until they are closed."""

    def __init__(self) -> None:
        """Nobody listens yet."""
        self._open, self._begun = AsyncExitStack(), threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()
        assert self._begun.wait(HANGS)

    async def _serve(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        self._begun.set()
        async with self._open:
            await self._end.wait()

    def open(self, name: str) -> Provider:
        """A new receiver of a case of the contract suite."""
        case = CASES[name]
        opening = self._open.enter_async_context(case.place())
        return Provider(case, asyncio.run_coroutine_threadsafe(opening, self._loop).result(HANGS))

    def close(self) -> None:
        """End them all."""
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(HANGS)
        assert not self._thread.is_alive()


def applied(product: Product, team: str, **sections: list[dict[str, Any]]) -> str:
    """Apply documents of a team as a file, and wait until they hold; what was said.

    Each has the team as its owner unless it says another.
    """
    owned = {kind: [{"team": team} | one for one in documents] for kind, documents in sections.items()}
    file = product.folder / f"{team}.yaml"
    file.write_text(yaml.safe_dump(owned, sort_keys=False))
    said = product.run("apply", str(file), "--yes")
    assert said.code == 0, said.text
    in_force(product, team)
    return said.text


def in_force(product: Product, team: str) -> None:
    """Wait until all that has been put is what alerts of a team are told by.

    Documents take effect in their order: once respond and deliver send a test to a last one, they know the others.
    """
    with product.client() as admin:
        body = {"name": f"last-{next(numbers)}", "team": team, "channel": "log"}
        made = admin.post("/v1/endpoints", json=body)
        assert made.status_code == 201, made.text
        path = f"/v1/endpoints/{made.json()['id']}/test"
        until(lambda: admin.post(path).json().get("result") == "delivered")


def told(provider: Provider, words: str, count: int) -> list[Any]:
    """The messages of a provider that hold these words, once there are so many, and no more than that."""

    def found() -> list[Any] | None:
        messages = [message for message in provider.place.messages() if words in str(message)]
        return messages if len(messages) >= count else None

    messages = until(found)
    assert len(messages) == count, messages
    return messages


def document(product: Product, kind: str, team: str, name: str) -> dict[str, Any]:
    """A document as the API shows it."""
    with product.client() as admin:
        (found,) = admin.get(f"/v1/{kind}", params={"team": team, "name": name}).json()["items"]
    return dict(found)


def shown(product: Product, alert: dict[str, Any]) -> dict[str, Any]:
    """An alert as the API shows it now, with its timeline."""
    with product.client() as admin:
        answer = admin.get(f"/v1/alerts/{alert['id']}")
    assert answer.is_success, answer.text
    return dict(answer.json())
