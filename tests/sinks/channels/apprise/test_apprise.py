"""Apprise's own: what may be called, and what is said where the library is absent."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from sinks.channels.apprise.channel import Apprise
from sinks.outcome import Rejected
from streams.channels.apprise import AppriseEndpoint
from streams.outcome_code import OutcomeCode
from tests.sinks.harness import closing, resources


async def sent(attempt: Any, url: str, **more: Any) -> Any:
    """What comes of a notification to an address."""
    async with closing(resources(allow_private=False)) as shared:
        return await Apprise(shared).send(attempt({"name": "a", "channel": "apprise", "url": url, **more}))


async def test_absent(attempt: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the extra is not installed the endpoint is refused by name, with what to do."""
    monkeypatch.setitem(sys.modules, "apprise", None)
    answer = await sent(attempt, "discord://1/2")
    assert isinstance(answer, Rejected)
    assert answer.code is OutcomeCode.MISCONFIGURED
    assert "pip install apprise" in answer.reason


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("json://169.254.169.254/latest", OutcomeCode.PRIVATE_ADDRESS),
        ("gotify://inside.example/token", OutcomeCode.PRIVATE_ADDRESS),
        ("mailto://user:pass@inside.example", OutcomeCode.PRIVATE_ADDRESS),
        ("nothing://x/y", OutcomeCode.MISCONFIGURED),
        ("discord://", OutcomeCode.MISCONFIGURED),
        ("syslog://x", OutcomeCode.MISCONFIGURED),
    ],
)
async def test_what_may_not_be_called(attempt: Any, url: str, code: OutcomeCode) -> None:
    """A server that whoever wrote the document has chosen needs an administrator; unknown services are refused."""
    pytest.importorskip("apprise", reason="the package apprise is not installed: it is an extra")
    answer = await sent(attempt, url)
    assert isinstance(answer, Rejected)
    assert answer.code is code
    assert "pass" not in answer.reason


@pytest.mark.parametrize(
    ("url", "fine"),
    [
        ("tgram://1:a/2", True),
        ("dbus://x", False),
        ("SYSLOG://x", False),
        ("hello", False),
        ("a b://c", False),
    ],
)
def test_what_is_refused_when_it_is_put(url: str, fine: bool) -> None:
    """What stays on the machine, and what is no address."""
    flaws = AppriseEndpoint(name="a", channel="apprise", url=url).flaws()
    assert [name for name, _ in flaws] == ["url"] * (not fine)


def test_it_is_loaded_where_it_is_used() -> None:
    """The process that runs channels does not load the library before."""
    told = "import sys, sinks.__main__; print('apprise' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", told], check=True, capture_output=True, text=True)
    assert done.stdout == "False\n"
