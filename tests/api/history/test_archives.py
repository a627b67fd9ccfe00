"""The archive is listed and read through the API: what your teams own, as it was at last."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from sinks.history import schema
from sinks.history.archive.archive import Archive
from streams.archive import FOLDER, month_of
from streams.topics import DAY
from tests.api.conftest import NOW, History

OLD = NOW - 120 * DAY
MONTH = month_of(OLD)


@pytest.fixture
def archived(history: History, tmp_path: Path) -> None:
    """Three alerts of payments and one of search that are archived, and one that is not."""
    for number in range(4):
        fields: dict[str, Any] = {
            "triggered_at": OLD + number, "team": "search" if number == 3 else "payments",
            "message": f"=cmd|' /C calc'!A{number}", "value": 1.5,
        }  # fmt: skip
        history.alert(f"old{number}", **fields)
        over = {"status": "resolved", "resolved_at": OLD + 60_000, "resolved_by": "anna"}
        history.alert(f"old{number}", "resolved", version=2, **fields | over)
    history.alert("new")
    history.alert("waits", triggered_at=OLD)
    archive = Archive(tmp_path / FOLDER, 90 * DAY)
    with history.store._transaction() as connection:
        happened = schema.timeline.update().where(schema.timeline.c.alert_id.startswith("old"))
        connection.execute(happened.values(at=OLD))
    while history.store.archive(archive):
        pass
    history.alert("waits", "resolved", version=2, status="resolved", triggered_at=OLD, resolved_at=OLD + 1)


async def test_list(admin: httpx.AsyncClient, archived: None) -> None:
    """Months with their size, and how many alerts wait."""
    answer = (await admin.get("/v1/archives")).json()
    (month,) = answer["items"]
    assert (month["month"], month["alerts_bytes"] > 0, month["timeline_bytes"] > 0) == (MONTH, True, True)
    assert (answer["waiting"], answer["after_seconds"], answer["keep_seconds"]) == (1, 90 * 86_400, 0)


async def test_show(admin: httpx.AsyncClient, member: httpx.AsyncClient, archived: None) -> None:
    """Rows in the shape of lists, page by page; of other teams nothing is shown."""
    first = (await admin.get(f"/v1/archives/{MONTH}", params={"limit": 3})).json()
    rest = (await admin.get(f"/v1/archives/{MONTH}", params={"limit": 3, "after": first["next"]})).json()
    assert [one["id"] for one in first["items"] + rest["items"]] == ["old0", "old1", "old2", "old3"]
    assert rest["next"] is None
    one = first["items"][0]
    assert (one["message"], one["labels"], one["value"], one["acknowledged_at"], one["delayed"]) == (
        "=cmd|' /C calc'!A0", {"upstream": "old0"}, 1.5, None, False,
    )  # fmt: skip
    assert one["triggered_at"].endswith("Z")
    mine = (await member.get(f"/v1/archives/{MONTH}")).json()["items"]
    assert [one["id"] for one in mine] == ["old0", "old1", "old2"]
    told = (await member.get(f"/v1/archives/{MONTH}", params={"kind": "timeline", "alert": "old1"})).json()[
        "items"
    ]
    assert [(one["what"], one["alert_id"]) for one in told] == [("fired", "old1"), ("resolved", "old1")]
    assert (await member.get(f"/v1/archives/{MONTH}", params={"kind": "timeline", "alert": "old3"})).json()[
        "items"
    ] == []
    assert [
        one["id"]
        for one in (await admin.get(f"/v1/archives/{MONTH}", params={"q": "CALC a3"})).json()["items"]
    ] == ["old3"]


@pytest.mark.parametrize(("month", "status"), [("2019-01", 404), ("2025-13", 422), ("..%2f..%2fetc", 404)])
async def test_wrong_months(admin: httpx.AsyncClient, archived: None, month: str, status: int) -> None:
    """What is no month, or is not archived, is said, and no other file can be named."""
    assert (await admin.get(f"/v1/archives/{month}")).status_code == status


def test_command_line(tocsin: Any, archived: None) -> None:
    """`archive list` and `archive show` say the same in lines."""
    code, said = tocsin("archive", "list")
    assert (code, f"{MONTH}  alerts" in said) == (0, True)
    assert "1 months; alerts are moved 90d after their end, 1 are waiting; months are kept for ever" in said
    code, said = tocsin("archive", "show", MONTH, "--limit", "2")
    assert (code, said.count("\n"), "old0" in said) == (0, 2, True)
    code, said = tocsin("archive", "show", MONTH, "--json", "--q", "A3")
    assert (code, '"id":"old3"' in said) == (0, True)
    assert tocsin("archive", "show", "2019-01")[0] == 1
