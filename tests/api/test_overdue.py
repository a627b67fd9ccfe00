"""An escalation that should have gone on is found, whatever the machines believe; one that goes on is not."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from streams.messages.change import Change, DeliverySnapshot
from tests.api.conftest import NOW, History
from tests.api.played import MINUTE, Played


@pytest.fixture
def stalled(history: History) -> Played:
    """Two rules have fired four minutes ago; nothing was heard of respond since the first minute."""
    made = Played(history)
    made.world.advance(NOW - 3 * MINUTE - 30_000)
    made.world.leave("respond")
    made.until(NOW)
    return made


async def test_a_step_that_was_due_is_found(admin: httpx.AsyncClient, stalled: Played) -> None:
    """With its alert, and how late it is."""
    (found,) = (await admin.get("/v1/escalations/overdue")).json()["items"]
    assert (found["alert"], found["next"]) == (stalled.alert("high"), "step")
    assert 110 <= found["late_seconds"] <= 120


async def test_a_step_after_one_that_told_many_is_found(
    admin: httpx.AsyncClient, stalled: Played, history: History
) -> None:
    """However many lines say that the step before has reached somebody."""
    (found,) = (await admin.get("/v1/escalations/overdue")).json()["items"]
    told = DeliverySnapshot(to="endpoint/platform/anna-phone", channel="log", purpose="firing")
    about: dict[str, Any] = {
        "team": "platform",
        "subject": "notification",
        "what": "delivered",
        "reason": "r",
    }
    history.write(*(
        Change(id=f"d{n}", at=NOW, subject_id=f"n{n}", group=found["group"], delivery=told, **about) for n in range(60)
    ))  # fmt: skip
    assert (await admin.get("/v1/escalations/overdue")).json()["items"] == [found]


async def test_what_goes_on_is_not_overdue(admin: httpx.AsyncClient, history: History) -> None:
    """Nor is what somebody has, or what is suppressed."""
    made = Played(history)
    made.until(NOW)
    assert (await admin.get("/v1/escalations/overdue")).json() == {"items": []}
    assert made.written


async def test_one_sees_the_own_teams_only(member: httpx.AsyncClient, stalled: Played) -> None:
    """What one may not read is not there."""
    assert stalled.written
    assert (await member.get("/v1/escalations/overdue")).json() == {"items": []}
