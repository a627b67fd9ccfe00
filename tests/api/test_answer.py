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


UNKNOWN = {"alert": "gw|r|cpu", "alert_id": "a"}
REFUSED = [
    (put(revision=7), ADMIN, RefusalCode.CONFLICT, 409),
    (DeleteDocument(type="rule", name="r", revision=1), ADMIN, RefusalCode.NOT_FOUND, 404),
    (put(above="soon"), ADMIN, RefusalCode.INVALID, 422),
    (put(), NOBODY, RefusalCode.NOT_PERMITTED, 403),
    (Acknowledge(**UNKNOWN), ADMIN, RefusalCode.NOT_FOUND, 404),
    (Resolve(**UNKNOWN), ADMIN, RefusalCode.NOT_FOUND, 404),
]


@pytest.mark.parametrize(("action", "by", "code", "status"), REFUSED)
def test_codes(action: Any, by: Principal, code: RefusalCode, status: int) -> None:
    """The machine says by a code why it refuses, and the code has its status."""
    decision = decided(Command(id="c", at=0, team="platform", by=by, action=action))
    assert (decision["what"], decision["reason_code"]) == ("refused", code.value), decision
    assert STATUS_OF[code] == status


def test_overdue() -> None:
    """What came after its deadline has a code of its own."""
    command = Command(id="c", at=0, team="platform", by=ADMIN, action=put(), deadline=999)
    assert decided(command)["reason_code"] == RefusalCode.EXPIRED.value
    assert STATUS_OF[RefusalCode.EXPIRED] == 409


def decided(command: Command) -> dict[str, Any]:
    """What the machine decides on a command that is recorded at one second."""
    world = World()
    world.tell(1_000, INBOX, "platform", command)
    (decision,) = [entry for entry in world.run([], 2_000) if entry["subject"] == "command"]
    return dict(decision)


def test_every_code_has_a_status() -> None:
    """None is forgotten, whatever is added, and none is kept that nobody gives."""
    assert set(STATUS_OF) == {*RefusalCode, *FailureCode}
