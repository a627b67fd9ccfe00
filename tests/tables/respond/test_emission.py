"""An alert that a service raises itself lives as any other, in the order in which its words came."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from streams.codes import RefusalCode
from streams.messages.command import Emit, Principal
from tables.kernel.output import Output
from tables.respond.alert.lifecycle import Status
from tests.tables.respond.harness import START, Inbox, verdict

LATER = START + 60_000


def emitted(inbox: Inbox, state: Any = "firing", own: int = 0, **fields: Any) -> dict[str, Any]:
    """A service says it, with its own instant or none; respond's answer."""
    about = {"at": own or inbox.now, "since": own or inbox.now} | fields
    out = inbox.command(Emit(verdict=verdict(own, state, **about)))
    return next(said for said in spoken(out) if said["subject"] == "command")


def spoken(out: list[Output]) -> list[dict[str, Any]]:
    """The changes among all that was said."""
    said = [orjson.loads(output.raw) for output in out]
    return [message for message in said if message["kind"] == "change"]


def status(inbox: Inbox) -> Status:
    """How its one alert stands."""
    (alert,) = inbox.alerts()
    return alert.status


def test_raised_and_resolved_at_once() -> None:
    """Within one millisecond as well: what comes later in the log counts."""
    inbox = Inbox()
    assert emitted(inbox)["reason"] == "raised"
    assert emitted(inbox, "ok")["reason"] == "resolved"
    assert status(inbox) is Status.RESOLVED
    assert emitted(inbox)["reason"] == "raised"
    assert status(inbox) is Status.FIRING


def test_told_at_once() -> None:
    """What is critical waits for no tick."""
    inbox = Inbox()
    out = inbox.command(Emit(verdict=verdict(0, severity="critical")))
    assert [orjson.loads(one.raw)["what"] for one in out if one.topic == "notify"] == ["firing"]


def test_ones_own_instant_counts() -> None:
    """A report that comes late ends nothing that began after it."""
    inbox = Inbox()
    inbox.tick(LATER)
    emitted(inbox, own=LATER)
    assert emitted(inbox, "ok", own=LATER - 1)["reason"].startswith("something later")
    assert status(inbox) is Status.FIRING
    assert emitted(inbox, "ok", own=LATER + 1)["reason"] == "resolved"


def test_no_clock_runs_ahead() -> None:
    """A sender a year ahead does not outlive what is said after it."""
    inbox = Inbox()
    emitted(inbox, own=START + 366 * 86_400_000)
    inbox.tick(LATER)
    assert emitted(inbox, "ok")["reason"] == "resolved"
    assert status(inbox) is Status.RESOLVED


def test_the_end_of_nothing() -> None:
    """Calls no alert into being, and says so."""
    inbox = Inbox()
    assert emitted(inbox, "ok")["reason"] == "nothing was firing that it could end"
    assert inbox.alerts() == []


@pytest.mark.parametrize("by", [Principal(name="eve"), Principal(name="mo", teams=("other",))])
def test_of_ones_own_teams_only(by: Principal) -> None:
    """Respond decides it again, whatever the API has said."""
    inbox = Inbox()
    (answer,) = spoken(inbox.command(Emit(verdict=verdict(0)), by))
    assert (answer["what"], answer["reason_code"]) == ("refused", RefusalCode.NOT_PERMITTED)
    assert inbox.alerts() == []


def test_said_twice() -> None:
    """A command that comes twice raises nothing twice."""
    inbox = Inbox()
    first = inbox.command(Emit(verdict=verdict(0)), id="same")
    inbox.command(Emit(verdict=verdict(0, "ok")))
    assert (len(first) > 1, inbox.command(Emit(verdict=verdict(0)), id="same")) == (True, [])
    assert status(inbox) is Status.RESOLVED
