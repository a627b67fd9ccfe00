"""`/v1/covered` and `/v1/routes/test`: what would follow, asked before anything is put."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api.conftest import History, Respond
from tests.api.harness import created


@pytest.mark.parametrize(
    ("covers", "team", "total"),
    [
        ("gateway=prod", "platform", 3), ("gateway=prod", "payments", 2), ("severity=critical", "payments", 1),
        ("upstream=b", "payments", 1), ("type=threshold", "payments", 1), ("everything", "search", 1),
    ],
)  # fmt: skip
async def test_covered(
    admin: httpx.AsyncClient, history: History, covers: str, team: str, total: int
) -> None:
    """Labels, and severity, team, rule, gateway and the rule's type; a team's document reaches its own alerts only."""
    rule = await created(admin, "rules", {"name": "x", "team": "payments", "last": "errors", "above": 1})
    history.alert("a", rule_id=rule["id"], rule_type="threshold", severity="critical")
    history.alert("b")
    history.alert("c", team="search")
    history.alert("d", status="resolved", resolved_at=1)
    found = (await admin.get("/v1/covered", params={"covers": covers, "team": team, "limit": 1})).json()
    reached = {"platform": 3, "payments": 2, "search": 1}[team]
    assert (found["total"], len(found["items"]), found["open"]) == (total, 1, reached)


async def test_whom_a_route_tells(admin: httpx.AsyncClient, respond: Respond) -> None:
    """Groups, recipients and times, with a code and words; nothing is asked of anybody."""
    await created(admin, "endpoints", {"name": "desk", "team": "payments", "channel": "log"})
    await created(admin, "routes", {"name": "all", "team": "payments", "to": "endpoint/desk"})
    count = len(respond.sent)
    asked: dict[str, Any] = {"labels": {"severity": "critical", "team": "payments"}, "for": "1m"}
    found = (await admin.post("/v1/routes/test", json=asked)).json()
    (told,) = found["told"]
    assert (told["after_seconds"], told["to"], told["reason_code"]) == (
        0,
        "endpoint/payments/desk",
        "first_alert",
    )
    assert (len(found["groups"]), len(respond.sent)) == (1, count)


async def test_a_member_sees_what_the_platform_does(
    admin: httpx.AsyncClient, member: httpx.AsyncClient
) -> None:
    """Where the team has no route, the platform's tells, in the trial as in truth; another team's never does."""
    await created(admin, "endpoints", {"name": "desk", "channel": "log"})
    await created(admin, "routes", {"name": "rest", "to": "endpoint/desk"})
    await created(admin, "endpoints", {"name": "theirs", "team": "search", "channel": "log"})
    await created(admin, "routes", {"name": "theirs", "team": "search", "to": "endpoint/theirs"})
    asked: dict[str, Any] = {"labels": {"severity": "critical", "team": "payments"}, "for": "1m"}
    found = (await member.post("/v1/routes/test", json=asked)).json()
    assert [told["to"] for told in found["told"]] == ["endpoint/platform/desk"]
