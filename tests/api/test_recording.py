"""Rules that record, as people put and try them: a circle is refused with its way round."""

from __future__ import annotations

from typing import Any

import httpx

FIRST: dict[str, Any] = {"name": "first", "last": "second:x", "record": "first:x"}
SECOND: dict[str, Any] = {"name": "second", "avg": "first:x", "over": "1m", "record": "second:x"}


async def test_a_circle(admin: httpx.AsyncClient) -> None:
    """It is refused where it would close, by a put and in a plan; one rule of it that is off closes none."""
    assert (await admin.post("/v1/rules", json=FIRST)).status_code == 201
    answer = await admin.post("/v1/rules", json=SECOND)
    assert (answer.status_code, "second → first → second" in answer.json()["detail"]) == (422, True), (
        answer.text
    )
    off = await admin.post("/v1/rules", json=SECOND | {"enabled": False})
    assert off.status_code == 201, off.text
    turned_on = await admin.post(f"/v1/rules/{off.json()['id']}/enable")
    assert (turned_on.status_code, "second → first → second" in turned_on.text) == (422, True)
    documents = [{"type": "rule", **body} for body in (FIRST, SECOND)]
    plan = await admin.post("/v1/plan", json={"documents": documents})
    assert "goes round in a circle" in plan.text


async def test_who_may_record(member: httpx.AsyncClient) -> None:
    """The platform, whose rules all may read."""
    answer = await member.post("/v1/rules", json=FIRST | {"team": "payments"})
    assert (answer.status_code, "only rules of the platform may record" in answer.text) == (422, True)


async def test_it_is_tried(admin: httpx.AsyncClient) -> None:
    """Without a threshold nothing fires; its values are drawn like others."""
    rule = {"name": "mean", "avg": "load", "over": "1m", "record": "load:avg"}
    waves = [{"series": "load", "values": [1, 2, 3], "every": "30s", "times": 10}]
    answer = await admin.post("/v1/rules/test", json={"rule": rule, "generate": waves})
    assert answer.status_code == 200, answer.text
    assert (answer.json()["alerts"], answer.json()["thresholds"]) == ([], {})
