"""The statuses of refusals, by the codes that respond really gives."""

from __future__ import annotations

from typing import Any

import pytest

from api.failures import STATUS_OF
from streams.codes import RefusalCode
from streams.messages.command import (
    Acknowledge,
    Command,
    DeleteDocument,
    Principal,
    PutDocument,
    Resolve,
)
from streams.topics import INBOX
from tables.world import World

ADMIN, NOBODY = Principal(name="ada", admin=True), Principal(name="eve", teams=("other",))
RULE: dict[str, Any] = {"name": "r", "last": "cpu", "above": 1}


def put(revision: int = 0, **changes: Any) -> PutDocument:
    """A new revision of the rule."""
    return PutDocument(type="rule", name="r", body=RULE | changes, revision=revision)


@pytest.mark.parametrize(
    ("action", "by", "status"),
    [
        (put(revision=7), ADMIN, 409),
        (DeleteDocument(type="rule", name="r", revision=1), ADMIN, 404),
        (put(above="soon"), ADMIN, 422),
        (put(), NOBODY, 403),
        (Acknowledge(alert="gw|r|cpu", alert_id="a"), ADMIN, 404),
        (Resolve(alert="gw|r|cpu", alert_id="a"), ADMIN, 404),
    ],
)
def test_statuses(action: Any, by: Principal, status: int) -> None:
    """Each refusal of the machine gets the status that says what the sender can do about it."""
    command = Command(id="c", at=0, team="platform", by=by, action=action)
    world = World()
    world.tell(1_000, INBOX, "platform", command)
    (decision,) = [entry for entry in world.run([], 2_000) if entry["subject"] == "command"]
    assert decision["what"] == "refused"
    assert STATUS_OF.get(decision["reason_code"], 422) == status, decision


def test_every_status_is_of_a_code() -> None:
    """No status is kept for a code that nobody gives."""
    assert set(STATUS_OF) <= {*RefusalCode, "failed"}
