"""The far end of a demonstration."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest

from deploy.catcher import LARGEST, Catcher, catcher, main
from tests.patience import PATIENCE

BODY = {"title": "tool-errors", "what": "firing", "severity": "critical", "attempt": 1}


@pytest.fixture
def said() -> list[str]:
    """What the catcher says."""
    return []


@pytest.fixture
def server(tmp_path: Path, said: list[str]) -> Iterator[Catcher]:
    """A catcher on a free port, with a file."""
    with catcher("127.0.0.1", 0, said.append, tmp_path / "caught.jsonl") as one:
        thread = Thread(target=one.serve_forever, args=(0.05,))
        thread.start()
        yield one
        one.shutdown()
        thread.join()


def post(server: Catcher, **more: Any) -> int:
    """Send it a notification; the status."""
    headers = {"webhook-id": "m1", "authorization": "Bearer x"}
    address = f"http://127.0.0.1:{server.server_port}/hook"
    return httpx.post(address, headers=headers, trust_env=False, **more).status_code


def get(server: Catcher, path: str = "/") -> httpx.Response:
    """Ask it what it has."""
    return httpx.get(f"http://127.0.0.1:{server.server_port}{path}", trust_env=False)


@pytest.mark.parametrize(
    ("body", "line"), [(b'{"a": 1}', 'caught m1: {"a": 1}'), (b"\xff", "caught m1: b'\\xff'")]
)
def test_what_arrives_is_said_in_one_line(server: Catcher, said: list[str], body: bytes, line: str) -> None:
    """With the message's id, so that a repeated delivery is seen to be the same."""
    assert post(server, content=body) == 204
    assert said == [line]


def test_it_is_listed(server: Catcher) -> None:
    """A newcomer sees title, what, severity and the webhook's headers, and no other header."""
    post(server, json=BODY)

    (one,) = get(server).json()
    assert (one["id"], one["title"], one["what"], one["severity"]) == (
        "m1",
        "tool-errors",
        "firing",
        "critical",
    )
    assert one["headers"] == {"webhook-id": "m1"}
    assert get(server, "/other").status_code == 404


def test_it_is_stored(server: Catcher, tmp_path: Path) -> None:
    """A restart shows what was caught before, and a line that a crash cut is left out."""
    file = tmp_path / "caught.jsonl"
    post(server, json=BODY)
    assert json.loads(file.read_text())["body"] == BODY
    with file.open("a") as out:
        out.write('{"id": "n2", "rec')

    with catcher("127.0.0.1", 0, print, file) as again:
        assert [one["id"] for one in again.newest()] == ["m1"]


def test_too_large(server: Catcher) -> None:
    """A body over the bound is refused before it is read."""
    assert post(server, content=b"x" * (LARGEST + 1)) == 413
    assert get(server).json() == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_it_is_told_to(tmp_path: Path, number: signal.Signals) -> None:
    """By a handler of its own, with code 0: process 1 of a container hears of no signal that it does not handle."""
    words = [sys.executable, "-m", "deploy.catcher", "0", str(tmp_path / "caught.jsonl")]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert "listens" in process.stdout.readline()
        process.send_signal(number)
        assert process.wait(PATIENCE) == 0


def test_usage(capsys: pytest.CaptureFixture[str]) -> None:
    """Wrong words are answered with the right ones."""
    assert main(["x"]) == 2
    assert "PORT FILE" in capsys.readouterr().err
