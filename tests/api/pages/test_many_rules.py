"""A list of very many rules is shown in part, and says so; words narrow it before it is cut."""

from __future__ import annotations

import httpx
import pytest

from api.pages.screens import rules_screen
from tests.api.pages.harness import put


async def test_the_first_of_many(admin: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two of three, with how many there are; of those that fit the words all."""
    monkeypatch.setattr(rules_screen, "SHOWN", 2)
    for name in ("a-first", "b-second", "c-third"):
        await put(admin, "rules", name, "platform")
    shown = (await admin.get("/rules")).text
    assert "3 rules; the first 2 are shown: narrow them by words" in shown
    assert [name in shown for name in ("a-first", "b-second", "c-third")] == [True, True, False]
    narrowed = (await admin.get("/rules?q=third")).text
    assert ("c-third" in narrowed, "are shown" in narrowed, "1 rule" in narrowed) == (True, False, True)
