"""A yes or no in a body is one: what only looks like one is refused, before it is taken for the other."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

PATHS: dict[str, dict[str, Any]] = {
    "/v1/plan": {"documents": [], "prune": False},
    "/v1/notifications/read": {"sequences": [1], "read": False},
    "/v1/tokens": {"teams": ["payments"], "is_admin": False},
}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("value", [0, 1, "no", "true", None, []])
async def test_yes_or_no(admin: httpx.AsyncClient, path: str, value: Any) -> None:
    """The field is named; with a real one the same body is taken."""
    (field,) = (name for name, given in PATHS[path].items() if given is False)
    wrong = await admin.post(path, json=PATHS[path] | {field: value})
    assert (wrong.status_code, f"`{field}`" in wrong.text) == (422, True), wrong.text
    assert (await admin.post(path, json=PATHS[path])).is_success
