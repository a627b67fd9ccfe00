"""All providers of the contract suite on loopback, each with an endpoint of its own; and what they heard."""

from __future__ import annotations

import importlib.util
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import orjson

from tests.sinks.channels.case import Case, HttpPlace, Place
from tests.sinks.channels.cases import CASES
from tests.sinks.channels.email.server import Mail
from tests.sinks.kills.judge import Call, Told
from tests.sinks.receiver import Request

DELAY = 0.15  # s until an answer: calls are under way whenever something is killed
PROGRAMS = frozenset({"webhook", "pagerduty", "opsgenie", "log"})  # they get each message by itself anyway
MOST = 10_000  # messages that all others get by themselves


@dataclass(frozen=True)
class Providers:
    """The providers that are open, by the name of their case; the lines of the log channel stand in `log`."""

    places: Mapping[str, Place]
    log: Path

    def endpoints(self) -> Iterator[dict[str, Any]]:
        """An endpoint document for each, named as its lane."""
        for name, place in self.places.items():
            endpoint = place.endpoint() | {"name": lane(name)}
            channel = endpoint["channel"]
            yield endpoint if channel in PROGRAMS else endpoint | {"pages": MOST}

    def calls(self, tokens: set[str]) -> list[Call]:
        """What they heard of the stream."""
        return [
            Call(Told(lane(name), token), at, identity)
            for name, place in self.places.items()
            for at, words, identity in self._heard(name, place)
            for token in tokens.intersection(words.split())
        ]

    def _heard(self, name: str, place: Place) -> Iterator[tuple[float, str, Any]]:
        if name == "log":
            yield from self._lines()
            return
        for message in place.messages():
            yield message.at, _words(message), _identity(CASES[name], message)

    def _lines(self) -> Iterator[tuple[float, str, Any]]:
        for line in self.log.read_bytes().splitlines():
            if line.startswith(b'{"') and b'"notification_id"' in line:
                body = orjson.loads(line)
                yield 0.0, _plain(line.decode()), body["notification_id"]


def lane(name: str) -> str:
    """The name of a case as a label and an endpoint can bear it: `slack (bot)` → `slack-bot`."""
    return name.replace(" (", "-").replace(")", "")


@asynccontextmanager
async def opened(log: Path) -> AsyncIterator[Providers]:
    """Every channel's, but of those whose library is not installed."""
    async with AsyncExitStack() as stack:
        places = {
            name: await stack.enter_async_context(case.place())
            for name, case in CASES.items()
            if name != "apprise" or importlib.util.find_spec("apprise")
        }
        for place in places.values():
            if isinstance(place, HttpPlace):
                place.receiver.delay = DELAY
        yield Providers(places, log)


def _identity(case: Case, message: Any) -> Any:
    if isinstance(message, Mail):
        return message.parsed["Message-ID"]
    return case.identity(message) if case.identity and message.body else ""


def _words(message: Request | Mail) -> str:
    text = message.text() if isinstance(message, Mail) else unquote_plus(message.body.decode())
    return _plain(text)


def _plain(text: str) -> str:
    """The words of a text, whatever stands around them."""
    return "".join(letter if letter.isalnum() else " " for letter in text)
