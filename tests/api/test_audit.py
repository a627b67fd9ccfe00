"""The audit: who changed what, before and after, and that nobody alters it unseen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import URL, text

from sinks.history.database import engine
from tests.api.harness import HOOK, RULE, created


@pytest.fixture
async def changed(member: httpx.AsyncClient, admin: httpx.AsyncClient) -> dict[str, Any]:
    """Four changes of two teams by two people; the rule that was changed twice."""
    rule = await created(member, "rules", RULE)
    await created(admin, "rules", RULE | {"team": "search", "name": "other"})
    await created(member, "endpoints", HOOK)
    await member.put(f"/v1/rules/{rule['id']}", json=rule | {"severity": "info"})
    return rule


def altered(folder: Path, statement: str) -> None:
    """The database as somebody leaves it who writes into it by hand."""
    with engine(URL.create("sqlite", database=str(folder / "history.sqlite"))).begin() as connection:
        connection.execute(text(statement))


async def test_who_changed_what(admin: httpx.AsyncClient, changed: dict[str, Any]) -> None:
    """The newest first; each filter narrows, and `from` and `to` are instants."""
    items = (await admin.get("/v1/audit")).json()["items"]
    assert len(items) == 4
    for asked, count in (
        ({"team": "payments"}, 3), ({"kind": "rule"}, 3), ({"name": "errors"}, 2), ({"by": "ada@example.com"}, 1),
        ({"to": items[0]["at"]}, 0), ({"from": items[0]["at"]}, 4),
    ):  # fmt: skip
        found = (await admin.get("/v1/audit", params=asked)).json()["items"]
        assert len(found) == count, asked
    newest = next(one for one in items if one["revision"] == 2)
    assert (newest["document_id"], newest["by"], newest["what"]) == (
        changed["id"],
        "mo@example.com",
        "changed",
    )
    assert [(one["field"], one["before"], one["after"]) for one in newest["changes"]] == [
        ("severity", "critical", "info")
    ]


async def test_page_by_page(admin: httpx.AsyncClient, changed: dict[str, Any]) -> None:
    """Each line once, however many are asked for, though all bear the same instant."""
    seen, cursor = list[tuple[str, int]](), ""
    while True:
        page = (
            await admin.get("/v1/audit", params={"limit": 1, **({"cursor": cursor} if cursor else {})})
        ).json()
        seen += [(one["team"], one["place"]) for one in page["items"]]
        if not (cursor := page["next_cursor"] or ""):
            break
    assert seen == [("payments", 3), ("payments", 2), ("payments", 1), ("search", 1)]


@pytest.mark.parametrize("cursor", ["x", "W10", "WzEsMiwzXQ"])
async def test_a_foreign_cursor(admin: httpx.AsyncClient, cursor: str) -> None:
    """What is none of ours is refused."""
    assert (await admin.get("/v1/audit", params={"cursor": cursor})).status_code == 400


@pytest.mark.parametrize("asked", [{"kind": "rul"}, {"from": "today"}, {"to": "2026-12-07"}])
async def test_what_cannot_be_read(admin: httpx.AsyncClient, asked: dict[str, str]) -> None:
    """It is named."""
    answer = await admin.get("/v1/audit", params=asked)
    assert (answer.status_code, f"`{next(iter(asked))}`" in answer.json()["detail"]) == (422, True)


async def test_it_holds(admin: httpx.AsyncClient, changed: dict[str, Any]) -> None:
    """Each team has a chain with a head; a head that was noted stands in it, another one is missed."""
    answer = (await admin.get("/v1/audit/verify")).json()
    assert answer["holds"]
    assert [(one["team"], one["lines"], one["first"]) for one in answer["chains"]] == [
        ("payments", 3, 1),
        ("search", 1, 1),
    ]
    head, other = answer["chains"][0]["head"], "0" * 64
    again = (await admin.get("/v1/audit/verify", params={"head": f"{head},{other}"})).json()
    assert (again["holds"], again["missing"]) == (False, [other])


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        (
            "UPDATE revisions SET by = 'nobody' WHERE place = 2 AND team = 'payments'",
            "something in it was altered",
        ),
        (
            "UPDATE revisions SET body = '{}' WHERE place = 2 AND team = 'payments'",
            "not the one that was recorded",
        ),
        ("DELETE FROM revisions WHERE place = 2 AND team = 'payments'", "the line after 1 is missing"),
    ],
)
async def test_it_does_not_hold(
    admin: httpx.AsyncClient, tocsin: Any, tmp_path: Path, changed: dict[str, Any], statement: str, why: str
) -> None:
    """Who altered it, its text, or took a line out, is found; the command line ends with 1."""
    altered(tmp_path, statement)
    answer = (await admin.get("/v1/audit/verify")).json()
    assert (answer["holds"], why in answer["chains"][0]["fault"]["why"]) == (False, True)
    code, said = tocsin("audit", "verify")
    assert (code, "team payments: does NOT hold" in said, why in said) == (1, True, True)


async def test_against_an_export(tocsin: Any, tmp_path: Path, changed: dict[str, Any], member: Any) -> None:
    """An export holds by itself, and finds out that the end of a chain was cut off since."""
    file = tmp_path / "audit.jsonl"
    assert tocsin("audit", "export", str(file)) == (0, f"{file}: 4 changes of 2 teams\n")
    assert tocsin("audit", "verify", "--against", str(file))[0] == 0
    altered(tmp_path, "DELETE FROM revisions WHERE place = 3 AND team = 'payments'")
    assert tocsin("audit", "verify")[0] == 0
    code, said = tocsin("audit", "verify", "--against", str(file))
    assert (code, "team payments: what was exported up to change 3 stands here no longer" in said) == (
        1,
        True,
    )
    file.write_text(file.read_text().replace("mo@example.com", "nobody"))
    assert "something in it was altered" in tocsin("audit", "verify", "--against", str(file))[1]
    file.write_text("{}\n")
    assert f"{file}:1: this is no line of an audit" in tocsin("audit", "verify", "--against", str(file))[1]


async def test_on_the_command_line(tocsin: Any, changed: dict[str, Any]) -> None:
    """What was changed, in sentences."""
    code, said = tocsin("audit", "list", "--where", "name=errors")
    assert (code, "rule errors of payments, revision 2" in said, "severity: critical → info" in said) == (
        0,
        True,
        True,
    )
