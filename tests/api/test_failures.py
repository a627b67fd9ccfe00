"""Every failure has one shape, whatever path is asked and however wrongly."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import structlog
from structlog.testing import capture_logs

from api.dependencies import Dependencies
from api.http.app import create
from api.http.serve import speak
from tests.api.harness import RULE

HUGE = b"1" + b"0" * 400
BODIES = {
    "broken": b"{",
    "empty": b"",
    "an array": b"[]",
    "text": b'"x"',
    "null": b"null",
    "not UTF-8": b'{"name": "\xff"}',
    "deep": b"[" * 100_000,
    "nested": b'{"name": ' + b"[" * 1_000 + b"]" * 1_000 + b"}",
    "half a character": b'{"name": "\\ud800", "notes": "\\ud800", "code": "\\ud800", "rule": {"name": "\\ud800"}}',
    "a NUL": b'{"name": "a\\u0000", "notes": "\\u0000", "code": "\\u0000", "documents": [{"type": "\\u0000"}]}',
    "types": b'{"name": 1, "notes": 7, "code": {}, "rule": [], "samples": {}, "documents": {}, "prune": "maybe"}',
    "unknown": b'{"severty": 1, "note": "x", "cod": 1}',
    "no number": b'{"name": "r", "last": "a", "above": NaN, "rule": NaN, "documents": NaN}',
    "huge": b'{"name": "r", "last": "a", "above": 1, "order": ' + HUGE + b', "for": ' + HUGE + b"}",
}
QUERIES = ["nothing=1", "limt=1", "team=%00", "after=abc", "name=" + "x" * 300]
IDS = ["nobody", "%00", "a%0Ab", "x" * 5_000, "%ED%A0%80", "..%2F.."]
LISTS = ["limit=0", "limit=1e9", "cursor=abc", "cursor=W10", "since=soon", "since=2026-01-01T00:00:00"]
LISTS += ["status=open", "severity=bad", "q=%00", "rule=%00", "limit=1&limit=x"]


PATHS: dict[str, Any] = {}  # of the schema, which is the same for all and takes a while to draw


async def operations(client: httpx.AsyncClient, *methods: str) -> list[tuple[str, str]]:
    """Each method and path of the schema."""
    if not PATHS:
        PATHS.update((await client.get("/v1/openapi.json")).json()["paths"])
    paths = PATHS
    return [(method, path) for path, known in paths.items() for method in known if method in methods]


def filled(paths: list[tuple[str, str]], id_: str) -> Iterator[tuple[str, str]]:
    """The same with an id in each place of one."""
    for method, path in paths:
        yield method, re.sub(r"\{\w+\}", id_, path)


def wrong(answer: httpx.Response) -> str:
    """The sentence, where the answer is of the documented shape; other systems' own routes answer in theirs."""
    if not answer.request.url.path.startswith("/v1/"):
        none = (answer.request.url.path, answer.request.content) == ("/api/v2/alerts", BODIES["an array"])
        ahead = (
            answer.request.url.path == "/otlp/v1/metrics" and answer.content == b"{}"
        )  # of fields not known yet
        assert 400 <= answer.status_code < 500 or none or ahead, (
            answer.request
        )  # Prometheus may send no alerts
        return answer.text
    said = answer.json()
    assert (400 <= answer.status_code < 500, list(said)) == (True, ["detail", "code"]), (answer.request, said)
    assert (isinstance(said["detail"], str), "\n" in said["detail"]) == (True, False)
    return str(said["detail"])


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
async def test_bodies(admin: httpx.AsyncClient, body: bytes) -> None:
    """A body that cannot be used is refused with a sentence, by every operation that takes one."""
    rule = (await admin.post("/v1/rules", json=RULE)).json()
    for method, path in filled(await operations(admin, "post", "put"), rule["id"]):
        if not path.endswith("able"):  # enable and disable take none
            wrong(
                await admin.request(method, path, content=body, headers={"Content-Type": "application/json"})
            )


@pytest.mark.parametrize("text", ['{"above": 5, "above": 6}', '{"condition": {"above": 5, "above": 6}}'])
async def test_twice(admin: httpx.AsyncClient, respond: Any, text: str) -> None:
    """A document that has a field twice is refused by its name, wherever it stands, as in a file."""
    answer = await admin.post("/v1/rules", content=text, headers={"Content-Type": "application/json"})
    assert "`above` is written twice" in wrong(answer)
    assert (answer.status_code, respond.sent) == (422, [])


async def test_kind_of_body(admin: httpx.AsyncClient) -> None:
    """A form is not JSON, and the sentence says which header is missing."""
    answer = await admin.post("/v1/rules", data={"name": "r"})
    assert (answer.status_code, "Content-Type: application/json" in wrong(answer)) == (415, True)


@pytest.mark.parametrize("query", QUERIES)
async def test_queries(admin: httpx.AsyncClient, query: str) -> None:
    """A parameter that an operation does not know, or cannot use, is named."""
    rule = (await admin.post("/v1/rules", json=RULE)).json()
    for method, path in filled(await operations(admin, "get", "post", "put", "delete"), rule["id"]):
        if (path, query[:4]) not in {("/v1/alerts", "team"), ("/v1/stream", "after")}:
            said = wrong(await admin.request(method, f"{path}?{query}", json=None))
            assert f"`{query.partition('=')[0]}`" in said or "missing" in said, said


@pytest.mark.parametrize("id_", IDS)
async def test_ids(admin: httpx.AsyncClient, id_: str) -> None:
    """An id that nobody has is 404, and what cannot be an id is no failure of ours."""
    paths = [one for one in await operations(admin, "get", "post", "put", "delete") if "{" in one[1]]
    for method, path in filled(paths, id_):
        wrong(await admin.request(method, path, json={} if method in ("post", "put") else None))


@pytest.mark.parametrize("query", LISTS)
async def test_filters(admin: httpx.AsyncClient, query: str) -> None:
    """Each filter of the list says by its name what it takes."""
    said = wrong(await admin.get(f"/v1/alerts?{query}"))
    assert said.startswith(f"`{query.partition('=')[0]}`"), said


async def test_nearest(admin: httpx.AsyncClient) -> None:
    """A misspelled parameter or field is answered with the nearest that there is."""
    assert "did you mean `severity`?" in wrong(await admin.get("/v1/alerts?severty=critical"))
    answer = await admin.post("/v1/rules/test", json={"rule": RULE, "sampels": []})
    assert "there is no field `sampels`; did you mean `samples`?" in wrong(answer)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("DELETE", "/v1/alerts", 405), ("GET", "/v1/none", 404), ("GET", "/static/x", 404)],
)
async def test_nothing_there(admin: httpx.AsyncClient, method: str, path: str, status: int) -> None:
    """What does not exist, or not so, says where to look."""
    answer = await admin.request(method, path)
    assert (answer.status_code, path in wrong(answer)) == (status, True)


async def test_schema(admin: httpx.AsyncClient) -> None:
    """The schema promises this shape and no other for every operation."""
    schema = (await admin.get("/v1/openapi.json")).json()
    for path in schema["paths"].values():
        for operation in path.values():
            (answer,) = operation["responses"]["422"]["content"].values()
            assert answer["schema"] == {"$ref": "#/components/schemas/ErrorAnswer"}


async def test_bug(admin: httpx.AsyncClient, dependencies: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody foresaw has the same shape, and says that it is our fault."""
    monkeypatch.setattr("api.routes.coverage.Views", None)
    await admin.post("/v1/rules", json=RULE)
    quiet = httpx.ASGITransport(create(dependencies), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=quiet, base_url="http://tocsin", headers=admin.headers) as client:
        answer = await client.get("/v1/coverage")
    assert (answer.status_code, "a bug of ours" in answer.json()["detail"]) == (500, True), answer.text


async def test_what_breaks_beside_the_answers_is_logged(
    dependencies: Dependencies, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once, and not when the process ends: nobody else would hear of it."""

    async def broken(_: Dependencies) -> None:
        raise ValueError("odd")

    monkeypatch.setattr("api.http.app.keep_defaults", broken)
    app = create(dependencies)
    with capture_logs() as logged:
        async with app.router.lifespan_context(app):
            await asyncio.sleep(0.01)
            assert [(entry["log_level"], str(entry["exc_info"])) for entry in logged] == [("error", "odd")]


def test_a_fault_shows_no_variables(capsys: pytest.CaptureFixture[str]) -> None:
    """Where it happened is logged, and not what stood in the place: that may have been a secret."""
    speak()
    secret = "ge" + "heim"
    try:
        raise ValueError("odd")
    except ValueError:
        structlog.get_logger().exception("it broke", length=len(secret))
    finally:
        structlog.reset_defaults()
    said = capsys.readouterr().out
    assert ("it broke" in said, "ValueError: odd" in said, "geheim" in said) == (True, True, False), said
