<<<<<<< HEAD
"""The statuses of refusals, by the codes that respond really gives."""
=======
"""Each refusal of respond bears a code, and each code has the status that says what its sender can do about it."""
>>>>>>> refs/heads/api

from __future__ import annotations

from typing import Any

import pytest

from api.error_answer import STATUS_OF
from streams.codes import FailureCode, RefusalCode
from streams.messages.envelope import decode
from streams.messages.change import Change
from streams.messages.command import Command, Principal
from streams.topics import CHANGES, INBOX
from tables.world import World

ADMIN, NOBODY = Principal(name="ada", admin=True), Principal(name="eve", teams=("other",))
RULE: dict[str, Any] = {"name": "r", "last": "cpu", "above": 1}


def put(revision: int = 0, **changes: Any) -> PutDocument:
    """A new revision of the rule."""
    return PutDocument(type="rule", name="r", body=RULE | changes, revision=revision)


@pytest.mark.parametrize(
<<<<<<< HEAD
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
=======
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
>>>>>>> refs/heads/api
