"""The statuses of refusals, in the words that respond really uses."""

from __future__ import annotations

from typing import Any

import pytest

from api.commands.answer import status_of
from streams.said import Command, Principal
from streams.topics import INBOX
from tables.world import World

ADMIN, NOBODY = Principal(name="ada", admin=True), Principal(name="eve", teams=["other"])
RULE: dict[str, Any] = {"name": "r", "last": "cpu", "above": 1}
DOCUMENT: dict[str, Any] = {"do": "put", "type": "rule", "name": "r", "body": RULE}
UNKNOWN: dict[str, Any] = {"alert": "gw|r|cpu", "alert_id": "a"}


@pytest.mark.parametrize(
    ("said", "by", "status"),
    [
        (DOCUMENT | {"revision": 7}, ADMIN, 409),
        (DOCUMENT | {"do": "delete", "revision": 1}, ADMIN, 404),
        (DOCUMENT | {"body": RULE | {"above": "soon"}}, ADMIN, 422),
        (DOCUMENT, NOBODY, 403),
        (UNKNOWN | {"do": "acknowledge"}, ADMIN, 409),
        (UNKNOWN | {"do": "resolve"}, ADMIN, 404),
    ],
)
def test_words(said: dict[str, Any], by: Principal, status: int) -> None:
    """Each refusal of the machine gets the status that says what the sender can do about it."""
    command = Command(id="c", at=0, team="platform", by=by, **said)
    world = World()
    world.tell(1_000, INBOX, "platform", command)
    (decision,) = [entry for entry in world.run([], 2_000) if entry["subject"] == "command"]
    assert (decision["what"], status_of(decision["reason"])) == ("refused", status), decision
