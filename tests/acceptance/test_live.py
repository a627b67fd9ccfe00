"""Row 35: notifications within the product, read and unread; row 36: live, in the shape of the lists, without a gap."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.acceptance.product import Product, until

pytestmark = pytest.mark.cluster


def test_row_35_notifications(product: Product) -> None:
    """A member of the team sees what it was told, reads it, and it is read for that person alone."""
    product.raised("row 35")
    people = [product.client(name, "--team", "payments", "--role", "viewer") for name in ("vic", "val")]

    def told() -> Any:
        items = people[0].get("/v1/notifications", params={"unread": True}).json()["items"]
        return next((one for one in items if "row 35" in one["title"]), None)

    one = until(told)
    assert (one["team"], one["what"], one["read"], one["severity"]) == (
        "payments",
        "firing",
        False,
        "critical",
    )
    before = people[0].get("/v1/notifications").json()["unread"]
    after = people[0].post("/v1/notifications/read", json={"sequences": [one["sequence"]]}).json()["unread"]
    assert after == before - 1
    found = [client.get("/v1/notifications").json()["items"] for client in people]
    assert [[each["read"] for each in items if each["id"] == one["id"]] for items in found] == [
        [True],
        [False],
    ]
    for client in people:
        client.close()


def test_row_36_live_updates(product: Product, admin: httpx.Client) -> None:
    """Whoever comes back with Last-Event-ID gets what came since, each alert as the list shows it."""
    begin = admin.get("/v1/alerts").json()["sequence"]
    alert = product.raised("row 36")
    with admin.stream("GET", "/v1/stream", headers={"Last-Event-ID": str(begin)}) as answer:
        event = next(data for name, data in events(answer) if name == "alert" and data["id"] == alert["id"])
    listed = admin.get("/v1/alerts", params={"id": alert["id"]}).json()["items"][0]
    assert event.keys() == listed.keys()
    assert (event["message"], event["team"]) == (listed["message"], "payments")
    with admin.stream("GET", "/v1/notifications/stream", headers={"Last-Event-ID": str(begin)}) as answer:
        told = next(
            data for name, data in events(answer) if name == "notification" and "row 36" in data["title"]
        )
    assert told in admin.get("/v1/notifications").json()["items"]


def events(answer: httpx.Response) -> Iterator[tuple[str, Any]]:
    """The events of a stream, by name."""
    name = ""
    for line in answer.iter_lines():
        field, _, value = line.partition(":")
        if field == "event":
            name = value.strip()
        if field == "data":
            yield name, json.loads(value)
