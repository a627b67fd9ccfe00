"""The webhook channel against a real HTTP server: what it sends, and what it makes of answers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
from cryptography.fernet import Fernet
from standardwebhooks import Webhook as Independent

from sinks.channels.webhook.channel import Webhook
from sinks.http import client
from sinks.outcome import Delivered, Rejected, Retry
from streams.outcome_code import OutcomeCode as Code
from tests.sinks.harness import resources
from tests.sinks.receiver import responding

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
async def channel() -> AsyncIterator[Webhook]:
    """The channel, private addresses allowed."""
    shared = resources()
    yield Webhook(shared)
    await shared.close()


async def test_delivers(channel: Webhook, receiver: Any, attempt: Any) -> None:
    """A 2xx is a delivery, and the body says what happened in snake_case and RFC 3339."""
    answer = await channel.send(attempt({"url": receiver.url}))

    assert isinstance(answer, Delivered)
    said = orjson.loads(receiver.got[0].body)
    assert (said["what"], said["notification_id"], said["attempt"]) == ("firing", "n1", 1)
    assert said["at"] == "2025-11-24T16:00:00.000Z"
    assert said["alerts"][0]["since"] == "1970-01-01T00:00:01.000Z"


async def test_signature_verifies_independently(channel: Webhook, receiver: Any, attempt: Any) -> None:
    """Another implementation of Standard Webhooks accepts the signature."""
    await channel.send(attempt({"url": receiver.url, "secret": SECRET}))

    got = receiver.got[0]
    assert Independent(SECRET).verify(got.body, got.headers)["title"] == "tool-errors"


async def test_changed_body_fails(channel: Webhook, receiver: Any, attempt: Any) -> None:
    """A body that was changed on its way does not verify."""
    await channel.send(attempt({"url": receiver.url, "secret": SECRET}))

    got = receiver.got[0]
    with pytest.raises(Exception, match="No matching signature"):
        Independent(SECRET).verify(got.body.replace(b"firing", b"fading"), got.headers)


async def test_id_is_kept_over_retries(channel: Webhook, receiver: Any, attempt: Any) -> None:
    """A receiver can drop a repeat, since `webhook-id` is that of the notification; no secret, no signature."""
    for number in (1, 2):
        await channel.send(attempt({"url": receiver.url}, number=number))

    assert [one.headers["webhook-id"] for one in receiver.got] == ["n1", "n1"]
    assert "webhook-signature" not in receiver.got[0].headers


async def test_connection_is_kept(channel: Webhook, receiver: Any, attempt: Any) -> None:
    """Dispatcher one after the other share a connection."""
    for number in (1, 2, 3):
        await channel.send(attempt({"url": receiver.url}, number=number))

    assert receiver.connections == 1


async def test_id_that_no_header_can_carry(channel: Webhook, receiver: Any, attempt: Any) -> None:
    """An id with other characters is encoded, and the signature covers what was sent."""
    await channel.send(attempt({"url": receiver.url, "secret": SECRET}, name="gw|ä b\r\nx: y#1"))

    got = receiver.got[0]
    assert got.headers["webhook-id"] == "gw|%C3%A4%20b%0D%0Ax:%20y#1"
    assert Independent(SECRET).verify(got.body, got.headers)


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (
            responding("503 Busy", "Retry-After: 7"),
            Retry(7000, "http://127.0.0.1 answered HTTP 503", Code.UNAVAILABLE),
        ),
        (
            responding("429 Slow", "Retry-After: 86400"),
            Retry(3_600_000, "http://127.0.0.1 answered HTTP 429", Code.BUSY),
        ),
        (responding("408 Late"), Retry(None, "http://127.0.0.1 answered HTTP 408", Code.BUSY)),
        (
            responding("500 Oops", "Retry-After: soon"),
            Retry(None, "http://127.0.0.1 answered HTTP 500", Code.UNAVAILABLE),
        ),
    ],
)
async def test_retries(channel: Webhook, receiver: Any, attempt: Any, response: str, expected: Retry) -> None:
    """What may pass is tried again, at the receiver's wish but within the hour."""
    receiver.answer = response

    assert await channel.send(attempt({"url": receiver.url})) == expected


@pytest.mark.parametrize(
    ("response", "words"),
    [
        (responding("404 Not Found"), "HTTP 404"),
        (responding("410 Gone"), "gone for good"),
        (
            responding("302 Found", "Location: https://elsewhere.example/t0ken"),
            "a redirect to elsewhere.example:",
        ),
        (responding("301 Moved", "Location: /t0ken"), "another path of the same host"),
    ],
)
async def test_rejections(channel: Webhook, receiver: Any, attempt: Any, response: str, words: str) -> None:
    """What will not pass is said once, with the place but without its path; redirects are not followed."""
    receiver.answer = response
    answer = await channel.send(attempt({"url": receiver.url}))

    assert isinstance(answer, Rejected)
    assert words in answer.reason
    assert "t0ken" not in answer.reason
    assert "hook" not in answer.reason
    assert len(receiver.got) == 1


async def test_refused_connection(channel: Webhook, receiver: Any, attempt: Any) -> None:
    """A receiver that is down is tried again."""
    answer = await channel.send(attempt({"url": "http://127.0.0.1:1/x"}))

    assert isinstance(answer, Retry)
    assert "could not be reached" in answer.reason


async def test_silent_receiver(
    channel: Webhook, receiver: Any, attempt: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A receiver that does not answer in time is tried again."""
    monkeypatch.setattr(client, "CALL", 0.1)
    receiver.delay = 0.4

    answer = await channel.send(attempt({"url": receiver.url}))

    assert isinstance(answer, Retry)
    assert "did not answer" in answer.reason


async def test_garbage_answer(channel: Webhook, receiver: Any, attempt: Any) -> None:
    """An answer that is not HTTP is tried again."""
    receiver.answer = "what?\r\n\r\n"

    assert isinstance(await channel.send(attempt({"url": receiver.url})), Retry)


async def test_endless_body(
    channel: Webhook, receiver: Any, attempt: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A body that never ends does not take the delivery back, nor hold us."""
    monkeypatch.setattr(client, "READING", 0.1)
    receiver.answer = "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nok"

    assert isinstance(await channel.send(attempt({"url": receiver.url})), Delivered)


@pytest.mark.parametrize(
    "url", ["", "ftp://x/y", "file:///etc/passwd", "https://", "http://[::1", "no address", "http://x:99999/"]
)
async def test_unreadable_addresses(channel: Webhook, attempt: Any, url: str) -> None:
    """Only http and https addresses with a host are called; the reason does not repeat the address."""
    answer = await channel.send(attempt({"url": url}))

    assert isinstance(answer, Rejected)
    assert "`url`" in answer.reason


async def test_password_in_address(channel: Webhook, receiver: Any, attempt: Any, caplog: Any) -> None:
    """Credentials in the address are used, but neither logged nor told."""
    caplog.set_level(logging.DEBUG)
    url = receiver.url.replace("127", "anna:hunter2@127")
    receiver.answer = responding("401 Unauthorized")
    answer = await channel.send(attempt({"url": url}))

    assert receiver.got[0].headers["authorization"].startswith("Basic ")
    assert "hunter2" not in answer.reason + caplog.text


async def test_sealed_endpoint(receiver: Any, attempt: Any) -> None:
    """A sealed address and secret are opened for the call."""
    key, old = Fernet.generate_key(), Fernet.generate_key()
    shared = resources([key.decode(), old.decode()])
    url, secret = ("sealed:" + Fernet(old).encrypt(text.encode()).decode() for text in (receiver.url, SECRET))

    await Webhook(shared).send(attempt({"url": url, "secret": secret}))
    await shared.close()

    assert Independent(SECRET).verify(receiver.got[0].body, receiver.got[0].headers)


async def test_sealed_with_another_key(attempt: Any) -> None:
    """What no key opens is rejected with the setting's name."""
    sealed = "sealed:" + Fernet(Fernet.generate_key()).encrypt(b"http://x").decode()
    for keys in ([], [Fernet.generate_key().decode()]):
        shared = resources(keys)
        answer = await Webhook(shared).send(attempt({"url": sealed}))
        await shared.close()

        assert answer == Rejected("sealed with a key that is not configured: TOCSIN_SEAL_KEYS", Code.SEALED)


async def test_wrong_secret(channel: Webhook, receiver: Any, attempt: Any) -> None:
    """A secret of another form is rejected before anything is sent."""
    answer = await channel.send(attempt({"url": receiver.url, "secret": "whsec_not base64!"}))

    assert isinstance(answer, Rejected)
    assert receiver.got == []


async def test_calls_side_by_side(channel: Webhook, receiver: Any, attempt: Any) -> None:
    """Many calls run at once, four of them to one endpoint: the receiver answers none before it has them all."""
    receiver.together = 20
    calls = [
        channel.send(attempt({"url": receiver.url}, name=f"n{n}", to=f"endpoint/e{n % 5}")) for n in range(20)
    ]
    answers = await asyncio.gather(*calls)

    assert all(isinstance(answer, Delivered) for answer in answers)


async def test_rotation(channel: Webhook, receiver: Any, attempt: Any) -> None:
    """While a receiver changes over, both secrets sign: whoever knows either accepts it."""
    new = "whsec_" + "bmV3" * 8
    await channel.send(attempt({"url": receiver.url, "secret": f"{new} {SECRET}"}))

    got = receiver.got[0]
    assert Independent(new).verify(got.body, got.headers)
    assert Independent(SECRET).verify(got.body, got.headers)


async def test_more_secrets_than_sign(channel: Webhook, receiver: Any, attempt: Any) -> None:
    """A third secret is refused by the field's name."""
    answer = await channel.send(attempt({"url": receiver.url, "secret": " ".join([SECRET] * 3)}))

    assert isinstance(answer, Rejected)
    assert "`secret` holds 3 secrets: at most 2" in answer.reason


async def test_as_alertmanager(channel: Webhook, receiver: Any, attempt: Any) -> None:
    """A receiver that is made for Alertmanager gets its body, signed like any other."""
    await channel.send(attempt({"url": receiver.url, "secret": SECRET, "format": "alertmanager"}))

    got = receiver.got[0]
    assert Independent(SECRET).verify(got.body, got.headers)["version"] == "4"
