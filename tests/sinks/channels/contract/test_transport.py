"""What lies between a channel and its provider: silence, nobody, and somebody who cannot prove who they are."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from deploy.certificate import Authority
from sinks.channels.email import channel as email
from sinks.http import client
from sinks.outcome import Answer, Rejected, Retry
from streams.outcome_code import OutcomeCode
from tests.sinks.channels.case import HttpPlace, Place
from tests.sinks.channels.cases import CASES
from tests.sinks.channels.email.server import MailServer
from tests.sinks.harness import closing, here, resources
from tests.sinks.receiver import Receiver, responding

HTTP = [name for name, case in CASES.items() if case.http]
REDIRECTS = ("301 Moved", "302 Found", "303 Other", "307 X", "308 X")


@asynccontextmanager
async def open_place(name: str) -> AsyncIterator[HttpPlace]:
    """The place of a case that is reached by HTTP."""
    async with CASES[name].place() as place:
        assert isinstance(place, HttpPlace)
        yield place


async def send(place: Place, attempt: Any, body: dict[str, Any], tls: ssl.SSLContext | None = None) -> Answer:
    """What comes of one attempt at an endpoint."""
    async with closing(resources(resolve=here, tls=tls)) as shared:
        return await place.channel(shared).send(attempt(body))


def moved(body: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    """An endpoint whose addresses have something else in them."""
    return {
        name: value.replace(old, new) if isinstance(value, str) else value for name, value in body.items()
    }


def hidden(name: str, reason: str) -> bool:
    """Whether nothing that grants access stands in a reason."""
    return not any(secret in reason for secret in CASES[name].secrets)


@pytest.mark.parametrize("name", HTTP)
async def test_silence(name: str, attempt: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever takes a request and says nothing may have taken the message."""
    monkeypatch.setattr(client, "CALL", 0.3)
    async with open_place(name) as place:
        place.receiver.delay = 60.0
        answer = await send(place, attempt, place.endpoint())
    assert isinstance(answer, Retry)
    assert answer.code is OutcomeCode.UNKNOWN
    assert hidden(name, answer.reason)


@pytest.mark.parametrize("name", HTTP)
async def test_nobody_listens(name: str, attempt: Any) -> None:
    """Nothing was sent, so it can be sent again without a doubt."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        async with open_place(name) as place:
            body = moved(place.endpoint(), str(place.receiver.port), str(unused.getsockname()[1]))
            answer = await send(place, attempt, body)
    assert isinstance(answer, Retry)
    assert answer.code is OutcomeCode.UNREACHABLE
    assert hidden(name, answer.reason)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """A certificate of an authority that nobody trusts."""
    folder, now = tmp_path_factory.mktemp("tls"), datetime.now(UTC)
    return _side(Authority.create("of the test", now), folder, now)


def _side(authority: Authority, folder: Path, now: datetime) -> ssl.SSLContext:
    side = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    side.load_cert_chain(authority.issue(folder / "server.pem", now, host="provider.example"))
    return side


@pytest.mark.parametrize("name", HTTP)
async def test_a_certificate_that_nobody_trusts(name: str, attempt: Any, served: ssl.SSLContext) -> None:
    """The message and its secrets stay here; the reason says what is wrong."""
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0, ssl=served)
    port = server.sockets[0].getsockname()[1]
    async with open_place(name) as place:
        body = moved(
            place.endpoint(), f"http://127.0.0.1:{place.receiver.port}", f"https://provider.example:{port}"
        )
        answer = await send(place, attempt, body)
    server.close()
    assert isinstance(answer, Retry)
    assert answer.code is OutcomeCode.UNREACHABLE
    assert "certificate" in answer.reason
    assert hidden(name, answer.reason)
    assert receiver.got == []


@pytest.mark.parametrize("name", HTTP)
async def test_no_tls_where_it_is_asked_for(name: str, attempt: Any) -> None:
    """A server that speaks without encryption, and says so as such servers do, is told nothing."""
    heard = b""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal heard
        heard += await reader.read(65_536)
        writer.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with open_place(name) as place:
        old, port = f"http://127.0.0.1:{place.receiver.port}", server.sockets[0].getsockname()[1]
        answer = await send(place, attempt, moved(place.endpoint(), old, f"https://provider.example:{port}"))
    server.close()
    assert isinstance(answer, Retry)
    assert answer.code is OutcomeCode.UNREACHABLE
    assert hidden(name, answer.reason)
    assert heard.startswith(b"\x16")  # a handshake, and nothing after it
    assert b"HTTP" not in heard


@pytest.mark.parametrize("status", REDIRECTS)
@pytest.mark.parametrize("name", HTTP)
async def test_every_redirect(name: str, status: str, attempt: Any) -> None:
    """None is followed, not even to the receiver itself, and nothing of its address but the host is told."""
    async with open_place(name) as place:
        location = f"Location: http://127.0.0.1:{place.receiver.port}/elsewhere?sig=geheim"
        place.answer(responding(status, location))
        answer = await send(place, attempt, place.endpoint())
        assert len(place.messages()) == 1
    assert isinstance(answer, Rejected)
    assert answer.code is OutcomeCode.REDIRECTED
    assert "geheim" not in answer.reason


async def test_a_mail_server_that_nobody_trusts(attempt: Any, served: ssl.SSLContext) -> None:
    """Neither by STARTTLS nor from the start: no address and no password goes there."""
    for security, more in (("starttls", {"tls": served}), ("tls", {"implicit": served})):
        async with CASES["email"].place() as place, MailServer().listening(**more) as server:
            fields = {"server": f"provider.example:{server.port}", "security": security, "user": "u",
                      "password": "geheim"}  # fmt: skip
            async with closing(resources(resolve=here)) as shared:
                answer = await email.Email(shared).send(attempt(place.endpoint() | fields))
        assert isinstance(answer, Retry)
        assert answer.code is OutcomeCode.UNREACHABLE
        assert "certificate" in answer.reason.lower()
        assert (server.logins, server.taken) == ([], [])
