"""One exchange as receivers see it: what is sent as it was written, what is read, and what failures mean."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest

from sinks.http import client
from sinks.http.address import CalledAddress, address_of
from sinks.http.client import LARGEST, HttpClient, Request, Response
from sinks.http.network import Network
from sinks.outcome import Rejected, Retry
from streams.outcome_code import OutcomeCode
from tests.patience import PATIENCE
from tests.sinks.harness import here
from tests.sinks.receiver import Receiver, responding


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    """A client to this machine."""
    made = HttpClient(Network(allow_private=True, resolve=here))
    yield made
    await made.close()


def request(url: str, **more: Any) -> Request:
    """One with a body, whose answer is needed."""
    return Request("endpoint/e", url, b"{}", needs_body=True, **more)


@pytest.mark.parametrize(
    "path",
    ["/a%2Fb/%zz?sig=a%2Bb+c%20d&x=%3d#part", "/?x=1", "/a//b/../c", "/%7Euser/ü b", "", "?only=query"],
)
async def test_paths_are_sent_as_they_were_written(http: HttpClient, receiver: Receiver, path: str) -> None:
    """A signature in a query is not spelled anew; only what no request line carries is encoded."""
    await http.exchange(request(f"http://127.0.0.1:{receiver.port}{path}"))
    sent = receiver.got[0].line.split()[1]
    written = path.partition("#")[0].replace("ü", "%C3%BC").replace(" ", "%20")
    assert sent == (written if written.startswith("/") else f"/{written}")


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://2130706433/", "127.0.0.1"),
        ("http://127.1/", "127.0.0.1"),
        ("http://0x7f.1:80/", "127.0.0.1"),
        ("http://[::ffff:127.0.0.1]/", "::ffff:7f00:1"),
        ("http://bücher.example/", "xn--bcher-kva.example"),
        ("HTTP://H.Example/", "h.example"),
    ],
)
def test_hosts(url: str, host: str) -> None:
    """In one spelling, so that what is judged is what is called."""
    address = address_of(url)
    assert isinstance(address, CalledAddress)
    assert address.url.raw_host == host


@pytest.mark.parametrize(
    "url",
    [
        "http://h\r\nX: y/", "http://h/a\tb", "http://a b/", "http://h\\@evil/", "http://h:0/", "http://h:65536/",
        "http://[fe80::1%25eth0]/", "//h/", "http:///x", "gopher://h/",
    ],
)  # fmt: skip
def test_addresses_that_are_none(url: str) -> None:
    """Refused before anything is sent, and never repeated."""
    refused = address_of(url)
    assert isinstance(refused, Rejected)
    assert "evil" not in refused.reason


async def test_a_login_goes_in_a_header(http: HttpClient, receiver: Receiver) -> None:
    """Whatever its letters; it stands before a header that the channel would send."""
    url = f"http://ann%C3%A4:p%40ss@127.0.0.1:{receiver.port}/"
    await http.exchange(request(url, headers={"authorization": "Bearer other"}))
    assert receiver.got[0].headers["authorization"] == "Basic YW5uw6Q6cEBzcw=="


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
async def test_answers_are_unpacked_up_to_their_bound(
    http: HttpClient, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, encoding: str, pack: Any
) -> None:
    """A small answer that would become a huge one does not."""
    packed = pack(b"x" * 10_000_000)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: {len(packed)}\r\n\r\n"
    receiver.raw = head.encode() + packed
    answer = await http.exchange(request(receiver.url))
    assert isinstance(answer, Response)
    assert answer.body == b"x" * LARGEST


async def test_a_head_of_many_kilobytes(http: HttpClient, receiver: Receiver) -> None:
    """Some receivers send policies of ten kilobytes in a line."""
    receiver.answer = responding("200 OK", f"Content-Security-Policy: {'a' * 20_000}", body="yes")
    answer = await http.exchange(request(receiver.url))
    assert isinstance(answer, Response)
    assert (answer.status, answer.body) == (200, b"yes")


async def test_what_is_no_http_is_not_repeated(http: HttpClient, receiver: Receiver) -> None:
    """A receiver may say back what it was sent."""
    receiver.answer = "SECRET said back\r\n\r\n"
    answer = await http.exchange(request(f"{receiver.url}?sig=SECRET"))
    assert isinstance(answer, Retry)
    assert (answer.code, "SECRET" in answer.reason) == (OutcomeCode.UNKNOWN, False)


async def test_a_name_that_is_never_found_was_sent_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where time is over before there is a connection, the outcome is known."""

    async def never(host: str, port: int) -> list[str]:
        await asyncio.Event().wait()
        return []

    monkeypatch.setattr(client, "CONNECTING", 0.01)
    http = HttpClient(Network(allow_private=True, resolve=never))
    answer = await http.exchange(request("http://slow.example/?sig=SECRET"))
    await http.close()
    assert answer == Retry(None, "http://slow.example did not answer within 10 s", OutcomeCode.UNREACHABLE)


async def test_slow_drips_end_in_time(
    http: HttpClient, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However the bytes of an answer come, the whole call has its time; it may have been taken."""
    monkeypatch.setattr(client, "CALL", 0.2)
    receiver.answer, receiver.drips = responding("200 OK", body="x" * 1_000), 0.02
    answer = await http.exchange(request(receiver.url))
    assert isinstance(answer, Retry)
    assert answer.code == OutcomeCode.UNKNOWN


@pytest.mark.parametrize("needs_body", [True, False])
@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (f"Content-Length: {1 << 30}", b"x" * 65_536),
        ("Transfer-Encoding: chunked", b"10000\r\n" + b"x" * 65_536 + b"\r\n"),
        ("Connection: close", b"x" * 65_536),
    ],
)
async def test_a_body_without_end(http: HttpClient, head: str, piece: bytes, needs_body: bool) -> None:
    """A gigabyte, chunks without a last one, or whatever comes until the connection ends: some of it is read."""
    sent, ended = 0, asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 200 OK\r\n{head}\r\n\r\n".encode())
        with suppress(ConnectionError):
            while True:
                writer.write(piece)
                await writer.drain()
                sent += len(piece)
        ended.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    answer = await http.exchange(Request("endpoint/e", url, b"{}", needs_body=needs_body))
    assert isinstance(answer, Response)
    assert answer.body == b"x" * LARGEST
    await asyncio.wait_for(ended.wait(), PATIENCE)  # the connection is given up, not read to its end
    assert sent < 1 << 26
    server.close()


async def test_a_header_of_two_lines_is_none(http: HttpClient, receiver: Receiver) -> None:
    """Nothing is smuggled into a request, and nothing of it is repeated."""
    answer = await http.exchange(request(receiver.url, headers={"authorization": "Bearer SECRET\r\nx: y"}))
    assert isinstance(answer, Rejected)
    assert ("line break" in answer.reason, "SECRET" in answer.reason, receiver.got) == (True, False, [])


async def test_no_body_is_said_so(http: HttpClient, receiver: Receiver) -> None:
    """A POST without content says its length, since some servers wait for it."""
    await http.exchange(Request("endpoint/e", receiver.url))
    assert receiver.got[0].headers["content-length"] == "0"
