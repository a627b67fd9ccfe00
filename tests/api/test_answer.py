"""Each refusal of respond bears a code, and each code has the status that says what its sender can do about it."""

from __future__ import annotations

from typing import Any

import pytest

from api.error_answer import STATUS_OF
from streams.codes import FailureCode, RefusalCode
from streams.messages.change import Change
from streams.messages.command import Command, Principal
from streams.messages.envelope import decode
from streams.topics import CHANGES, INBOX
from tables.world import World

ADMIN, NOBODY = Principal(name="ada", admin=True), Principal(name="eve", teams=("other",))
RULE: dict[str, Any] = {"name": "r", "last": "cpu", "above": 1}


def put(revision: int = 0, **changes: Any) -> PutDocument:
    """A new revision of the rule."""
    return PutDocument(type="rule", name="r", body=RULE | changes, revision=revision)


@pytest.mark.parametrize(
    ("said", "by", "code", "status"),
    [
        (DOCUMENT | {"revision": 7}, ADMIN, RefusalCode.CONFLICT, 409),
        (DOCUMENT | {"do": "delete", "revision": 1}, ADMIN, RefusalCode.NOT_FOUND, 404),
        (DOCUMENT | {"body": RULE | {"above": "soon"}}, ADMIN, RefusalCode.INVALID, 422),
        (DOCUMENT, NOBODY, RefusalCode.NOT_PERMITTED, 403),
        (DOCUMENT | {"deadline": 0}, ADMIN, RefusalCode.EXPIRED, 409),
        (UNKNOWN | {"do": "acknowledge"}, ADMIN, RefusalCode.NOTHING_TO_ACKNOWLEDGE, 409),
        (UNKNOWN | {"do": "resolve"}, ADMIN, RefusalCode.NOT_FOUND, 404),
    ],
)
def test_codes(said: dict[str, Any], by: Principal, code: RefusalCode, status: int) -> None:
    """The machine says why it refuses by a code, and the code has its status."""
    command = Command(id="c", at=0, team="platform", by=by, **said)
    world = World()
    world.tell(1_000, INBOX, "platform", command)
    world.advance(2_000)
    changes = [Change.read(decode(raw)) for _, topic, _, raw in world.log if topic == CHANGES]
    (decision,) = [change for change in changes if change.subject == "command"]
    assert (decision.what, (decision.snapshot or {})["code"]) == ("refused", code.value), decision
    assert STATUS_OF[code] == status


def test_every_code_has_a_status() -> None:
    """None is forgotten, whatever is added."""
    assert set(STATUS_OF) == {*RefusalCode, *FailureCode}
