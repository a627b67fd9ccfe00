"""Each refusal of respond bears a code, and each code has the status that says what its sender can do about it."""

from __future__ import annotations

from typing import Any

import pytest

from api.error_answer import STATUS_OF
from streams.codes import FailureCode, RefusalCode
from streams.messages.command import Acknowledge, Command, DeleteDocument, Principal, PutDocument, Resolve
from streams.topics import INBOX
from tables.world import World

ADMIN, NOBODY = Principal(name="ada", admin=True), Principal(name="eve", teams=("other",))
RULE: dict[str, Any] = {"name": "r", "last": "cpu", "above": 1}


def put(revision: int = 0, **changes: Any) -> PutDocument:
    """A new revision of the rule."""
    return PutDocument(type="rule", name="r", body=RULE | changes, revision=revision)


LATE = {"deadline": 0}


@pytest.mark.parametrize(
    ("action", "by", "more", "code", "status"),
    [
        (put(revision=7), ADMIN, {}, RefusalCode.CONFLICT, 409),
        (DeleteDocument(type="rule", name="r", revision=1), ADMIN, {}, RefusalCode.NOT_FOUND, 404),
        (put(above="soon"), ADMIN, {}, RefusalCode.INVALID, 422),
        (put(), NOBODY, {}, RefusalCode.NOT_PERMITTED, 403),
        (put(), ADMIN, LATE, RefusalCode.EXPIRED, 409),
        (Acknowledge(alert="gw|r|cpu", alert_id="a"), ADMIN, {}, RefusalCode.NOT_FOUND, 404),
        (Resolve(alert="gw|r|cpu", alert_id="a"), ADMIN, {}, RefusalCode.NOT_FOUND, 404),
    ],
)
def test_codes(action: Any, by: Principal, more: Any, code: RefusalCode, status: int) -> None:
    """The machine says why it refuses by a code, and the code has its status."""
    command = Command(id="c", at=0, team="platform", by=by, action=action, **more)
    world = World()
    world.tell(1_000, INBOX, "platform", command)
    (decision,) = [entry for entry in world.run([], 2_000) if entry["subject"] == "command"]
    assert (decision["what"], decision["reason_code"]) == ("refused", code.value), decision
    assert STATUS_OF[code] == status


def test_every_code_has_a_status() -> None:
    """None is forgotten, whatever is added."""
    assert set(STATUS_OF) == {*RefusalCode, *FailureCode}
