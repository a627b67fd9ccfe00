"""The contract that every channel keeps, whatever it sends through."""

from __future__ import annotations

import asyncio
import io
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sinks.channel import Channel
from sinks.log import Log
from sinks.outcome import Answer, Delivered, Rejected, Retry, report
from sinks.serve import CHANNELS
from sinks.unseal import Unsealer
from sinks.webhook import Webhook
from streams.documents.endpoint import Endpoint
from streams.messages.attempt import Outcome
from streams.topics import CHANNELS as NAMES

TEXT = st.text(max_size=40)
VALUES = st.none() | st.booleans() | st.integers() | TEXT | st.lists(TEXT, max_size=2)
URLS = st.builds("{}://{}{}".format, st.sampled_from(["http", "https", "x"]), TEXT, TEXT)
ENDPOINTS = st.dictionaries(st.sampled_from(["url", "secret", "allow_private"]), VALUES | URLS)


async def nowhere(host: str, port: int) -> list[str]:
    """A resolver that finds no name."""
    return []


@pytest.fixture(params=NAMES)
async def channel(request: Any) -> AsyncIterator[Channel]:
    """Each channel, as it is made for production, but without a way to other machines."""
    made: dict[str, Channel] = {
        "webhook": Webhook(Unsealer([]), allow_private=True, resolve=nowhere),
        "log": Log(io.StringIO()),
    }
    yield made[request.param]
    await made[request.param].close()


def test_every_channel_is_here() -> None:
    """A channel that has topics and may stand in an endpoint has a sink."""
    assert set(CHANNELS) == set(NAMES)
    assert set(Endpoint.model_json_schema()["properties"]["channel"]["enum"]) == set(NAMES)


def test_a_channel_loads_no_sql() -> None:
    """What runs a channel loads nothing of the read model, which takes half as long again to load."""
    told = "import sys, sinks.__main__; print({'sqlalchemy', 'sinks.history', 'sinks.serve'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", told], check=True, capture_output=True, text=True)
    assert done.stdout == "{'sinks.serve'}\n"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(endpoint=ENDPOINTS, name=TEXT)
async def test_any_endpoint_gives_an_answer(channel: Any, attempt: Any, endpoint: Any, name: str) -> None:
    """Whatever stands in an endpoint, the channel answers with a value and a reason, and never raises."""
    answer = await channel.send(attempt(endpoint, name=name or "n"))

    assert isinstance(answer, Delivered | Retry | Rejected)
    assert answer.reason


async def test_nothing_is_remembered(channel: Channel, attempt: Any) -> None:
    """The same attempt gives the same answer, in a row or side by side."""
    first = await channel.send(attempt({}))
    answers = await asyncio.gather(*(channel.send(attempt({})) for _ in range(3)))

    assert answers == [first] * 3


@pytest.mark.parametrize(
    "answer", [Delivered("yes"), Retry(5, "later"), Retry(None, "later"), Rejected("no")]
)
def test_answers_become_outcomes(attempt: Any, answer: Answer) -> None:
    """Every answer becomes the outcome of its attempt, under an id that a second telling shares."""
    outcome = report(attempt(name="n7", number=3), answer, at=5, took=2)

    assert (outcome.id, outcome.to, outcome.notification, outcome.number) == (
        "n7#3#outcome",
        "endpoint/pager",
        "n7",
        3,
    )
    assert outcome.result == type(answer).__name__.lower()
    assert outcome.after == getattr(answer, "after_ms", None)
    assert Outcome.read(orjson.loads(outcome.encode())) == outcome
