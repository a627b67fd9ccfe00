"""The processes' front door: what they say where they cannot start."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import structlog

from sinks.__main__ import main
from streams.channels.registry import CHANNELS
from streams.errors import NewerSchema, Rewound


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> Iterator[None]:
    """An environment with a data folder and nothing else of ours; afterwards logs go where they went."""
    monkeypatch.setenv("TOCSIN_DATA", str(tmp_path))
    yield
    structlog.reset_defaults()


@pytest.mark.parametrize("words", [[], ["fax"], ["webhook", "fax"], ["log", "--rebase"], ["all", "log"]])
def test_usage(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Unknown words are answered with the known ones."""
    assert main(words) == 2
    told = capsys.readouterr().err
    assert all(word in told for word in ("all|history", *CHANNELS))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "TOCSIN_SYSTEM_KEYS"),
        ({"TOCSIN_SYSTEM_KEYS": "k" * 32}, "TOCSIN_SEAL_KEYS"),
        ({"TOCSIN_SYSTEM_KEYS": "k" * 32, "TOCSIN_SEAL_KEYS": "short"}, "URL-safe base 64"),
        ({"TOCSIN_SESION": "5s"}, "TOCSIN_SESSION"),
    ],
)
def test_misconfigured(
    settings: dict[str, str], words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What an operator has to set is one line that names it, and the exit code that no supervisor starts again."""
    for name, value in settings.items():
        monkeypatch.setenv(name, value)

    assert main(["webhook"]) == 78
    said = capsys.readouterr()
    assert words in said.err + said.out
    assert "k" * 32 not in said.err + said.out


def test_a_newer_message_waits(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A sink that is older than what it reads ends as one that an operator has to update, and is not started again."""
    monkeypatch.setenv("TOCSIN_SYSTEM_KEYS", "k" * 32)

    async def reads(*_: object) -> None:
        raise NewerSchema("attempt of schema 2: this version reads up to 1; update it first")

    monkeypatch.setattr("sinks.__main__._until_stopped", reads)
    assert main(["webhook"]) == 78
    assert "update it first" in "".join(capsys.readouterr())


def test_another_log_is_for_an_operator(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A log that is not the one that was read is not met by starting again; only a person knows what happened."""

    async def reads(*_: object) -> None:
        raise Rewound("changes/0 is another topic than the one that the read model has read: accept it")

    monkeypatch.setattr("sinks.__main__._until_stopped", reads)
    assert main(["history"]) == 78
    assert "another topic" in "".join(capsys.readouterr())


def test_a_channel_that_is_named_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """It runs once: it would be told that another process has its slot."""
    named: list[list[str]] = []

    async def reads(channels: list[str], *_: object) -> None:
        named.append(channels)

    monkeypatch.setattr("sinks.__main__._until_stopped", reads)
    assert main(["log", "webhook", "log"]) == 0
    assert named == [["log", "webhook"]]
