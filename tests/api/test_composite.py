"""Rules about other rules: what they name must exist and look at something itself, and is tried with them."""

from __future__ import annotations

from typing import Any

import httpx

ERRORS = {"name": "errors", "team": "payments", "last": "errors", "above": 5, "for": "0s"}
SLOW = {"name": "slow", "team": "payments", "last": "seconds", "above": 2, "for": "0s"}
DOWN: dict[str, Any] = {"name": "down", "team": "payments", "composite": "errors and slow"}


async def put(client: httpx.AsyncClient, *rules: dict[str, Any]) -> list[httpx.Response]:
    """Rules one after the other."""
    return [await client.post("/v1/rules", json=rule) for rule in rules]


async def test_what_is_named_must_exist(member: httpx.AsyncClient) -> None:
    """With the field and the nearest name."""
    *_, answer = await put(member, ERRORS, DOWN | {"composite": "errors and slwo"})
    assert answer.status_code == 422
    assert "`composite`: there is no rule `slwo`" in answer.json()["detail"]


async def test_what_is_named_looks_at_something_itself(member: httpx.AsyncClient) -> None:
    """Not at other rules, nor at itself; nor may a rule become such that another names. It says what to write."""
    *known, nested, itself = await put(
        member, ERRORS, SLOW, DOWN, DOWN | {"name": "worse", "composite": "down and slow"},
        DOWN | {"name": "own", "composite": "own or slow"},
    )  # fmt: skip
    assert [answer.status_code for answer in known] == [201, 201, 201]
    assert "`down` is composite too: write `(errors and slow)` here" in nested.json()["detail"]
    assert "`composite`: " in itself.json()["detail"]
    turned = {"name": "slow", "team": "payments", "composite": "errors", "revision": 1}
    answer = await member.put(f"/v1/rules/{known[1].json()['id']}", json=turned)
    assert "rule down is made of this one" in answer.json()["detail"]


async def test_what_is_named_is_not_deleted(member: httpx.AsyncClient) -> None:
    """It says who names it."""
    slow, *_ = await put(member, SLOW, ERRORS, DOWN)
    answer = await member.delete(f"/v1/rules/{slow.json()['id']}", headers={"If-Match": '"1"'})
    assert answer.status_code in (409, 422)
    assert "rule down" in answer.json()["detail"]


async def test_it_is_tried_with_what_it_names(member: httpx.AsyncClient) -> None:
    """And tells of itself alone."""
    await put(member, ERRORS, SLOW)
    body = {"rule": DOWN, "generate": [{"series": name, "values": [0, 9], "every": "5s", "times": 9}
                                       for name in ("errors", "seconds")]}  # fmt: skip
    answer = await member.post("/v1/rules/test", json=body)
    assert answer.status_code == 200, answer.text
    (alert, *_) = answer.json()["alerts"]
    assert "errors fires, slow fires" in str(alert)
    assert {one["subject"] for one in answer.json()["timeline"] if one.get("rule") == "errors"} <= {"alert"}
