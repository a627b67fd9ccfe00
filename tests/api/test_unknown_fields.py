"""What an endpoint takes and what the schema says that it takes are the same, and are known without drawing it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from api.dependencies import Dependencies
from api.http.app import ENDPOINTS, create


def client(app: FastAPI, headers: Mapping[str, str]) -> httpx.AsyncClient:
    """A client of one application."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://tocsin", headers=headers)


def fields(operation: dict[str, Any], schema: dict[str, Any]) -> list[str]:
    """The fields of a body by the schema; none where its kind decides later."""
    body = operation["requestBody"]["content"]["application/json"]["schema"]
    name = body.get("$ref", "").rpartition("/")[2]
    return list(schema["components"]["schemas"][name]["properties"]) if name else []


async def test_parameters(admin: httpx.AsyncClient) -> None:
    """Of every operation in the schema: a wrong parameter is refused with exactly those that the schema has."""
    schema = (await admin.get("/v1/openapi.json")).json()
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            known = [one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"]
            answer = (await admin.request(method, path, params={"~": "1"})).json()
            said = (
                answer if isinstance(answer, str) else answer.get("detail") or answer["message"]
            )  # as others say it
            assert said == f"there is no parameter `~`; there are: {', '.join(known) or 'none'}", (
                method,
                path,
            )


@pytest.mark.parametrize("path", ["/api/v2/alerts", "/api/v2/silences"])
async def test_what_is_a_list_may_be_given_several_times(admin: httpx.AsyncClient, path: str) -> None:
    """As amtool sends each of its matchers; what is none may not, there either."""
    answer = await admin.get(f"{path}?filter=a%3Db&filter=c%3Dd")
    assert (answer.status_code, answer.json()) == (200, [])
    assert (await admin.get("/v1/alerts?team=a&team=b")).status_code == 422


async def test_fields(admin: httpx.AsyncClient) -> None:
    """Of every operation that takes a body: a wrong field is refused with exactly those that the schema has."""
    schema = (await admin.get("/v1/openapi.json")).json()
    taking = [
        (method, path, operation)
        for path, operations in schema["paths"].items()
        for method, operation in operations.items()
        if "requestBody" in operation
    ]
    closed = [(*one[:2], known) for one in taking if (known := fields(one[2], schema))]
    assert (len(taking), len(closed)) == (52, 16)
    for method, path, known in closed:
        said = (await admin.request(method, path, json={"~": 1})).json()["detail"]
        assert said == f"there is no field `~`; there are: {', '.join(known)}", (method, path)


async def test_the_schema_is_drawn_for_who_asks_for_it(
    admin: httpx.AsyncClient, dependencies: Dependencies
) -> None:
    """Drawing the schema takes a quarter of a second: no other request waits for it, not even the first."""
    app = create(dependencies)
    async with client(app, admin.headers) as one:
        assert (await one.get("/v1/alerts?limit=1")).status_code == 200
        assert (await one.post("/v1/rules/test", json={"rulse": {}})).status_code == 422
        assert app.openapi_schema is None
        assert (await one.get("/v1/openapi.json")).json() == app.openapi_schema


async def test_two_applications(admin: httpx.AsyncClient, dependencies: Dependencies, broker: Any) -> None:
    """They share their endpoints, which are read once a process; each answers from what it is wired to itself."""
    other = type(broker)()
    other.why = "gone"
    apps = [create(dependencies), create(replace(dependencies, watch=other))]
    assert all(app.routes[: len(ENDPOINTS.routes)] == ENDPOINTS.routes for app in apps)
    for _ in range(2):
        ready = []
        for app in apps:
            async with client(app, admin.headers) as one:
                ready.append((await one.get("/health/ready")).status_code)
        assert ready == [200, 503]
