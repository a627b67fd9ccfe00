"""Opsgenie and JSM Operations: one alias a group, what became of a queued request, two services, each limit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from sinks.channels.opsgenie import channel
from sinks.channels.opsgenie.channel import Opsgenie
from sinks.channels.opsgenie.payload import step
from sinks.http import client
from sinks.outcome import Delivered, Rejected, Retry
from streams.channels.opsgenie import OpsgenieEndpoint
from streams.documents.registry import read
from streams.errors import Refused
from streams.outcome_code import OutcomeCode
from tests.sinks.channels.opsgenie.case import DONE, KEY, fields, oracle, queued
from tests.sinks.harness import closing, resources
from tests.sinks.receiver import Receiver, Request, responding
from tests.sinks.specs import needed


@pytest.fixture
async def opsgenie(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Receiver]:
    """Something that answers as Opsgenie does."""
    monkeypatch.setattr(channel, "POLLS", (0.0, 0.0))
    async with Receiver(answer=DONE).listening() as running:
        yield running


async def send(attempt: Any, receiver: Receiver, **more: Any) -> Any:
    """What comes of one attempt."""
    async with closing(resources()) as shared:
        return await Opsgenie(shared).send(attempt({"channel": "opsgenie", **fields(receiver)}, **more))


def document(**more: Any) -> OpsgenieEndpoint:
    """An endpoint of this channel."""
    return OpsgenieEndpoint.model_validate(
        {"name": "o", "channel": "opsgenie", "service": "jsm", "api_key": KEY} | more
    )


async def test_one_alias_a_group(opsgenie: Receiver, attempt: Any) -> None:
    """The alert is created, acknowledged and closed by one alias, which every address can hold."""
    for n, what in enumerate(["firing", "reminder", "acknowledged", "resolved"]):
        await send(attempt, opsgenie, name=f"n{n}", what=what, group="g|ä /?#")
    posts = [request for request in opsgenie.got if request.line.startswith("POST")]
    aliases = [orjson.loads(request.body).get("alias") for request in posts[:2]]
    paths = [request.line.split()[1].removeprefix("/jsm/ops/integration") for request in posts]

    assert aliases[0] == aliases[1]
    assert paths == [
        "/v2/alerts", "/v2/alerts", f"/v2/alerts/{aliases[0]}/acknowledge?identifierType=alias",
        f"/v2/alerts/{aliases[0]}/close?identifierType=alias",
    ]  # fmt: skip


async def test_what_became_of_it(opsgenie: Receiver, attempt: Any) -> None:
    """Queued is not done: the request is asked for until it is processed, and a 404 at first means nothing."""
    opsgenie.script = [queued(), responding("404 Not Found"), DONE]
    answer = await send(attempt, opsgenie)

    assert isinstance(answer, Delivered)
    assert answer.code == OutcomeCode.DELIVERED
    assert [request.line.split()[0] for request in opsgenie.got] == ["POST", "GET", "GET"]


async def test_an_endless_wait(opsgenie: Receiver, attempt: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody says in time what became of it, it counts as accepted."""
    monkeypatch.setattr(channel, "POLLS", (60.0,))
    monkeypatch.setattr(channel, "FOLLOW", 0.05)
    answer = await send(attempt, opsgenie)

    assert isinstance(answer, Delivered)
    assert answer.code == OutcomeCode.ACCEPTED


async def test_their_words(opsgenie: Receiver, attempt: Any) -> None:
    """What the service says of a refused request is told."""
    opsgenie.answer = responding("422 No", body='{"message":"Details is invalid"}')
    answer = await send(attempt, opsgenie)

    assert isinstance(answer, Rejected)
    assert "Details is invalid" in answer.reason


@pytest.mark.parametrize("size", [112, 113, 114, 5_000])
def test_message(attempt: Any, size: int) -> None:
    """A title of any length gives a message of at most 130 characters, with a mark where it is cut."""
    message = step(attempt(title="x" * size), document()).body["message"]

    assert len(message) <= 130
    assert message.startswith("FIRING critical: x")
    assert message.endswith("…") == (size > 113)


@pytest.mark.parametrize("count", [1, 20, 100])
def test_details(attempt: Any, count: int) -> None:
    """As many labels as eight thousand characters hold, each a text."""
    labels = {f"l{n:03}": "v" * 196 for n in range(count)}
    details = step(attempt(labels=labels), document()).body["details"]

    assert len(details) == min(count, 40)


@pytest.mark.parametrize("lines", [1, 10, 100])
def test_description(attempt: Any, lines: int) -> None:
    """However many alerts, the description is within its bound."""
    body = step(attempt(lines=lines, message="y" * 1_000), document()).body

    assert len(body["description"]) <= 15_000
    assert body["description"].endswith("…") == (lines > 10)


def test_services() -> None:
    """Each service and region has its own address."""
    bases = [document(service=service, region=region).base for service, region in
             (("jsm", "us"), ("jsm", "eu"), ("opsgenie", "us"), ("opsgenie", "eu"))]  # fmt: skip
    atlassian = "https://api.atlassian.com/jsm/ops/integration"
    assert bases == [atlassian, atlassian, "https://api.opsgenie.com", "https://api.eu.opsgenie.com"]


@pytest.mark.parametrize("what", ["firing", "acknowledged", "resolved", "summary"])
def test_by_their_specification(attempt: Any, what: str) -> None:
    """Opsgenie's own specification knows each request that we make."""
    needed("opsgenie_alerts_oas3.json")
    made = step(attempt(what=what), document(responders="team/payments"))
    line = f"POST /jsm/ops/integration{made.path} HTTP/1.1"
    oracle(Request(line, {"authorization": f"GenieKey {KEY}"}, orjson.dumps(made.body)))


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"service": None}, "`service` is empty: write one of jsm, opsgenie"),
        ({"service": "opsgeni"}, "did you mean opsgenie"),
        ({"responders": ["user/anna@example.com"]}, "'user/anna@example.com' is no responder: write team/"),
        ({"api_key": ""}, "`api_key` is too short"),
    ],
)
def test_documents(more: dict[str, Any], words: str) -> None:
    """The service has to be named, and responders are teams, escalations or schedules."""
    body = {"name": "o", "channel": "opsgenie", "service": "jsm", "api_key": KEY} | more
    with pytest.raises(Refused, match=words):
        read("endpoint", body)


def paths(receiver: Receiver) -> list[str]:
    """The last words of what was asked for."""
    posts = [request.line.split()[1] for request in receiver.got if request.line.startswith("POST")]
    return [path.partition("?")[0].rpartition("/")[2] for path in posts]


async def test_what_somebody_has_is_opened_anew(opsgenie: Receiver, attempt: Any) -> None:
    """An acknowledged alert only counts what is added to it: so it is closed first, and the news calls people."""
    held = await send(attempt, opsgenie, what="acknowledged")
    again = await send(attempt, opsgenie, name="n2", reason_code="ack_ended", reference=held.reference)
    await send(attempt, opsgenie, name="n3", what="escalated", reference=again.reference)
    assert paths(opsgenie) == ["acknowledge", "close", "alerts", "alerts"]


async def test_it_has_to_be_closed_before(opsgenie: Receiver, attempt: Any) -> None:
    """While that is not known the news waits some seconds; an alert that is gone is closed."""
    held = {"reason_code": "ack_ended", "reference": "acknowledged:"}
    opsgenie.script = [queued(), responding("404 Not Found"), responding("404 Not Found")]
    first = await send(attempt, opsgenie, **held)
    assert isinstance(first, Retry)
    assert paths(opsgenie) == ["close"]
    absent = responding("200 OK", body='{"data":{"success":false,"status":"Alert does not exist"}}')
    opsgenie.script = [queued(), absent, queued(), DONE]
    second = await send(attempt, opsgenie, number=2, **held)
    assert isinstance(second, Delivered)
    assert (paths(opsgenie), second.reference) == (["close", "close", "alerts"], "open")


async def test_closing_and_opening_have_the_time_of_one(
    opsgenie: Receiver, attempt: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However slowly each answers, both together take no longer than one call may."""
    monkeypatch.setattr(client, "CALL", 0.2)
    opsgenie.delay = 0.15
    answer = await send(attempt, opsgenie, reason_code="ack_ended", reference="acknowledged:")

    assert isinstance(answer, Retry)
    assert answer.code == OutcomeCode.UNKNOWN
