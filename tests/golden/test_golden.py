"""What a release has written is read by every later one; and what a later one adds does not trouble an earlier one."""

from __future__ import annotations

from functools import cache
from typing import Any

import orjson
import pytest
from msgspec import inspect

from streams.codes import CancelReason, NotifyReason, SuppressionReason
from streams.errors import DamagedState, NewerSchema, Refused
from streams.messages.envelope import Message
from streams.messages.notification import Notification
from tables.kernel import row as stored
from tables.kernel.level import Level, level_name
from tables.kernel.row_store import HEAD
from tables.stages import STAGES
from tests.golden.drawing import FOLDER, read_messages, read_rows
from tests.golden.kinds import GoldenRow, kinds, levels, messages, plain_row
from tests.golden.sample import sample

RELEASES = sorted(folder for folder in FOLDER.iterdir() if (folder / "messages.jsonl").exists())
HOW = "a shape that was released grows by fields with a default, and by nothing else"


@cache
def said() -> list[tuple[str, bytes]]:
    """Every message of every release."""
    return [(folder.name, raw) for folder in RELEASES for raw in read_messages(folder)]


@cache
def kept() -> list[tuple[str, GoldenRow]]:
    """Every row of every release."""
    return [(folder.name, row) for folder in RELEASES for row in read_rows(folder)]


def lacks(before: Any, now: Any, place: str = "") -> list[str]:
    """Where `now` does not say what `before` says; it may say more."""
    if isinstance(before, dict) and isinstance(now, dict):
        return [fault for name in before for fault in lacks(before[name], now.get(name), f"{place}.{name}")]
    if isinstance(before, list) and isinstance(now, list) and len(now) >= len(before):
        pairs = enumerate(zip(before, now, strict=False))
        return [fault for number, (one, other) in pairs for fault in lacks(one, other, f"{place}[{number}]")]
    return [] if before == now else [f"{place}: {before!r:.60} became {now!r:.60}; {HOW}"]


def level_of(row: GoldenRow) -> Level[Any]:
    """The level of a row, as its machine knows it today."""
    return next(level for level in STAGES[row.stage].levels if level.name == level_name(row.key))


def test_every_kind_and_level_is_kept() -> None:
    """One that is new is drawn before its release: `python -m tests.golden.drawing VERSION`."""
    assert {orjson.loads(raw)["kind"] for _, raw in said()} >= kinds().keys()
    places = {(row.stage, level_name(row.key)) for _, row in kept()}
    assert places >= {(stage, level.name) for stage, level in levels()}


def test_messages_of_every_release_are_read() -> None:
    """Each says today what it said then."""
    faults: list[str] = []
    for release, raw in said():
        body = orjson.loads(raw)
        message = kinds()[body["kind"]].parse(raw)
        faults += [
            f"{release}: {body['kind']}{fault}" for fault in lacks(body, orjson.loads(message.encode()))
        ]
    assert faults == []


def test_rows_of_every_release_are_read() -> None:
    """Each holds today what it held then; columns byte for byte."""
    faults: list[str] = []
    for release, golden in kept():
        level = level_of(golden)
        row = stored.decode(golden.key, golden.raw, level)
        (text, _, columns), (now, _, columns_now) = (
            golden.raw.partition(b"\0"),
            row.encode(level).partition(b"\0"),
        )
        known = lacks(orjson.loads(text), orjson.loads(now))
        faults += [f"{release}: {golden.key}{fault}" for fault in known]
        faults += [] if columns == columns_now else [f"{release}: {golden.key}: its columns are other ones"]
    assert faults == []


def test_a_shape_that_changes_is_found() -> None:
    """A field that is gone, has another name or another type, or must be there and was not; at any depth."""
    before = {"a": {"b": [1, {"c": "x"}]}, "d": 1}
    assert lacks(before, {"a": {"b": [1, {"c": "x", "new": 2}, 3], "new": 1}, "d": 1, "new": None}) == []
    for changed in (
        {"a": {"b": [1, {"c": "x"}]}}, {"a": {"b": [1, {"renamed": "x"}]}, "d": 1}, {"a": {"b": [1]}, "d": 1},
        {"a": {"b": [1, {"c": "x"}]}, "d": "1"},
    ):  # fmt: skip
        assert lacks(before, changed)


LATER = list(messages(later=True))


@pytest.mark.parametrize(
    ("kind", "body"), LATER, ids=[f"{kind.__name__}-{n}" for n, (kind, _) in enumerate(LATER)]
)
def test_what_a_newer_version_adds_is_passed_over(kind: type[Message], body: dict[str, Any]) -> None:
    """A field that this version does not know, in whatever struct of a message, changes nothing."""
    plain = dict(enumerate(messages()))[LATER.index((kind, body))][1]
    assert kind.read(body) == kind.read(plain)
    assert kind.parse(orjson.dumps(body)) == kind.read(plain)


@pytest.mark.parametrize(("stage", "level"), list(levels()), ids=lambda each: getattr(each, "name", each))
def test_what_a_newer_version_adds_to_a_row_is_passed_over(stage: str, level: Level[Any]) -> None:
    """So a release can be taken back: rows that a newer one wrote are read, without what it added.

    The head alone says when it was written by a newer one: time is never guessed.
    """
    if level.columnar:
        return
    key = level.key("owner")
    if level is HEAD:
        with pytest.raises(DamagedState, match="unknown field"):
            stored.decode(key, plain_row(level, later=True), level)
        return
    assert (
        stored.decode(key, plain_row(level, later=True), level).value
        == stored.decode(key, plain_row(level), level).value
    )


def test_a_head_that_knows_more_is_refused() -> None:
    """Time is never guessed: a further field of the head is a new schema of rows."""
    with pytest.raises(DamagedState, match="unknown field"):
        stored.decode("head/partition", plain_row(HEAD, later=True), HEAD)


@pytest.mark.parametrize("kind", [NotifyReason, CancelReason, SuppressionReason])
def test_a_code_that_is_not_known_yet_is_no_reason_to_be_silent(kind: Any) -> None:
    """The words beside it say why; what is no code at all is none."""
    assert kind("thought_of_later") is kind.NEWER
    for nothing in ("", "NOT A CODE", "x" * 99):
        with pytest.raises(ValueError, match="is not a valid"):
            kind(nothing)


def test_a_notification_of_a_newer_reason_is_told() -> None:
    """An older process tells people what a newer one has decided."""
    body = sample(inspect.type_info(Notification)) | {
        "reason_code": "thought_of_later",
        "reason": "it is Friday",
    }
    notification = Notification.parse(orjson.dumps(body))
    assert (notification.reason_code, notification.reason) == (NotifyReason.NEWER, "it is Friday")
    with pytest.raises(Refused, match="`reason_code`"):
        Notification.parse(orjson.dumps(body | {"reason_code": "Nonsense!"}))


def test_a_row_of_a_newer_schema_waits() -> None:
    """It is not taken for damage: nothing is wiped, and the words say what to do."""
    raw = plain_row(HEAD).replace(b"[3,", b"[4,", 1)
    with pytest.raises(NewerSchema, match="update it first"):
        stored.decode("head/partition", raw, HEAD)
