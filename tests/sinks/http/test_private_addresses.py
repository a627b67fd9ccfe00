"""Webhooks reach the public internet only: every private address, however it is written or resolved."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from sinks.channels.resources import Resources
from sinks.channels.webhook.channel import Webhook
from sinks.http.addresses import is_public
from sinks.outcome import Delivered, Rejected, Retry
from streams.outcome_code import OutcomeCode
from tests.sinks.harness import resources

PRIVATE = [
    "127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.5.4", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "100.100.100.200", "0.0.0.0", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "192.0.0.192",
    "192.0.2.1", "198.18.0.1", "168.63.129.16", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1",
    "fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::7f00:1",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::1",
    "2001:0:4136:e378:8000:63bf:80ff:fffe",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_private(address: str) -> None:
    """Private, loopback, link-local, multicast, shared, reserved and metadata addresses are not public."""
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_public(address: str) -> None:
    """Addresses of the public internet are."""
    assert is_public(address)


def answers(*turns: list[str]) -> Callable[[str, int], Any]:
    """A resolver that gives the turns in order, then the last again."""
    left = list(turns)

    async def resolve(host: str, port: int) -> list[str]:
        return left.pop(0) if len(left) > 1 else left[0]

    return resolve


@pytest.fixture
async def make() -> AsyncIterator[Callable[..., Webhook]]:
    """Makes channels and closes them."""
    made: list[Resources] = []

    def channel(*turns: list[str], allow_private: bool = False, **more: Any) -> Webhook:
        made.append(resources((), allow_private, answers(*turns) if turns else None, **more))
        return Webhook(made[-1])

    yield channel
    for shared in made:
        await shared.close()


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "[::1]",
        "2130706433",
        "0x7f.1",
        "017700000001",
        "127.1",
        "localhost",
        "[::ffff:127.0.0.1]",
    ],
)
async def test_refused_by_default(make: Any, receiver: Any, attempt: Any, host: str) -> None:
    """Whatever spelling of this machine's own address is refused, naming both ways to allow it."""
    answer = await make().send(attempt({"url": f"http://{host}:{receiver.port}/"}))

    assert isinstance(answer, Rejected)
    assert "`allow_private`" in answer.reason
    assert "TOCSIN_ALLOW_PRIVATE_WEBHOOKS" in answer.reason
    assert receiver.got == []


async def test_allowed_by_endpoint(make: Any, receiver: Any, attempt: Any) -> None:
    """The endpoint's own `allow_private` allows it, and nothing short of true does."""
    channel = make()
    assert isinstance(await channel.send(attempt({"url": receiver.url, "allow_private": True})), Delivered)
    assert isinstance(await channel.send(attempt({"url": receiver.url, "allow_private": "yes"})), Rejected)


async def test_no_borrowed_connection(make: Any, receiver: Any, attempt: Any) -> None:
    """A connection kept open for an endpoint that may is not used for one that may not."""
    channel = make()
    await channel.send(attempt({"url": receiver.url, "allow_private": True}))
    answer = await channel.send(attempt({"url": receiver.url}))

    assert isinstance(answer, Rejected)
    assert len(receiver.got) == 1


async def test_allowed_by_setting(make: Any, receiver: Any, attempt: Any) -> None:
    """The setting allows it for all."""
    channel = make(allow_private=True)

    assert isinstance(await channel.send(attempt({"url": receiver.url})), Delivered)


async def test_one_private_address_among_public_ones(make: Any, receiver: Any, attempt: Any) -> None:
    """A name with any private address is refused whole."""
    answer = await make(["8.8.8.8", "127.0.0.1"]).send(
        attempt({"url": f"http://mixed.example:{receiver.port}/"})
    )

    assert isinstance(answer, Rejected)
    assert receiver.got == []


async def test_rebinding(make: Any, receiver: Any, attempt: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that first resolves to a public and then to a private address never reaches the private one."""
    channel = make(["198.51.100.7"], ["127.0.0.1"])
    monkeypatch.setattr("sinks.http.network.is_public", lambda address: address != "127.0.0.1")
    monkeypatch.setattr("sinks.http.client.CALL", 0.3)
    url = f"http://rebind.example:{receiver.port}/"
    first, second = [await channel.send(attempt({"url": url})) for _ in range(2)]

    assert isinstance(first, Retry)  # it was the judged number that was dialled, not the name
    assert isinstance(second, Rejected)
    assert receiver.got == []


async def test_next_address_is_tried(make: Any, receiver: Any, attempt: Any) -> None:
    """Where the first address refuses, the second is called; the Host header carries the name."""
    channel = make(["127.0.0.2", "127.0.0.1"], allow_private=True)
    answer = await channel.send(attempt({"url": f"http://two.example:{receiver.port}/"}))

    assert isinstance(answer, Delivered)
    assert receiver.got[0].headers["host"] == f"two.example:{receiver.port}"


async def test_unknown_name(make: Any, attempt: Any) -> None:
    """A name without an address is tried again, since name servers recover."""
    answer = await make([]).send(attempt({"url": "https://gone.example/x"}))

    says = "https://gone.example could not be reached: the name gone.example has no address"
    assert answer == Retry(None, says, OutcomeCode.UNREACHABLE)


async def test_redirect_to_private(make: Any, receiver: Any, attempt: Any) -> None:
    """A redirect to a metadata address is not followed."""
    receiver.answer = "HTTP/1.1 307 X\r\nLocation: http://169.254.169.254/latest\r\nContent-Length: 0\r\n\r\n"
    answer = await make(allow_private=True).send(attempt({"url": receiver.url}))

    assert isinstance(answer, Rejected)
    assert "169.254.169.254" in answer.reason


async def test_proxies_of_the_environment_are_not_used(
    make: Any, receiver: Any, attempt: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy would connect where we did not look, so the environment's is ignored."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    channel = make(allow_private=True, tls=ssl.create_default_context())

    assert isinstance(await channel.send(attempt({"url": receiver.url})), Delivered)
