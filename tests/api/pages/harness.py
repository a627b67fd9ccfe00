"""What tests of pages share: documents of teams, people of each role, and forms as a page sends them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from streams.access import TeamRole
from streams.messages.command import Principal
from tests.api.conftest import History

TEAMS = ("payments", "search")
EVIL = "<img src=x onerror=alert(1)>"
PEOPLE: dict[str, Principal] = {
    "nobody": Principal(name="nobody"),
    **{
        role.value: Principal(
            name=role, teams=("payments",), roles={"payments": role, "search": TeamRole.ADMIN}
        )
        for role in TeamRole
    },
    "administrator": Principal(name="ada", admin=True),
}
BODIES: dict[str, dict[str, Any]] = {
    "rules": {"last": "errors", "above": "5%", "severity": "critical"},
    "endpoints": {"channel": "log"},
    "policies": {"steps": [{"notify": "endpoint/log"}]},
    "routes": {"when": "severity=critical", "to": "endpoint/log"},
    "silences": {"covers": "gateway=prod", "reason": "known", "ends": "2026-10-06T02:00:00Z", "owner": "anna"},
    "maintenance": {
        "covers": "gateway=prod", "reason": "patches", "starts": "2025-11-24 16:00", "lasts": "90m",
        "time_zone": "UTC",
    },
    "people": {"contact": [{"endpoint": "log"}]},
    "teams": {"members": ["somebody"]},
    "schedules": {"time_zone": "Europe/Berlin", "starts": "2025-11-03", "people": ["somebody"]},
    "inhibitions": {"source": "rule=a", "target": "rule=b", "equal": ["gateway"]},
}  # fmt: skip


async def put(client: httpx.AsyncClient, section: str, name: str, team: str, **more: Any) -> dict[str, Any]:
    """A document of a team, created through the API."""
    words = {"name": name, "team": team, "description": f"secret of {team}"}
    answer = await client.post(f"/v1/{section}", json=BODIES[section] | words | more)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def sent(client: httpx.AsyncClient, path: str, **fields: Any) -> httpx.Response:
    """What a page is answered to a form."""
    return await client.post(path, data=fields, headers={"HX-Request": "true"})


def said(answer: httpx.Response) -> str:
    """The words that are shown above the page to which an answer leads."""
    return str(httpx.Response(200, content=answer.headers["HX-Trigger"]).json()["flash"]["words"])


def in_a_month() -> str:
    """By the clock of this machine, which a browser has as well."""
    return (datetime.now(UTC) + timedelta(days=30)).isoformat(timespec="seconds")


SIGNED_IN = "fetch('/v1/session').then((answer) => answer.ok)"


async def furnished(admin: httpx.AsyncClient, history: History) -> dict[str, str]:
    """Something on every page, hostile words among it; the ids of what has a page of its own."""
    await put(admin, "endpoints", "log", "platform")
    for name in ("anna", "ben"):
        await put(admin, "people", name, "platform", full_name=f"{name} {EVIL}")
    await put(admin, "teams", "ops", "platform", members=["anna"], description=EVIL)
    schedule = await put(admin, "schedules", "nights", "platform", people=["anna", "ben"])
    await put(admin, "policies", "main", "platform", steps=[{"notify": "schedule/nights"}], description=EVIL)
    await put(admin, "routes", "all", "platform", when="", to="policy/main", description=EVIL)
    await put(admin, "silences", "known", "platform", reason=EVIL, ends=in_a_month())
    await put(admin, "maintenance", "night", "platform", reason=EVIL, repeats="daily")
    rule = await put(admin, "rules", "errors", "platform", description=EVIL)
    history.alert("a", rule_id=rule["id"], rule="errors", message=EVIL * 20, severity="critical")
    return {"/rules": f"/rules/{rule['id']}", "/documents": f"/documents/schedules/{schedule['id']}"}
