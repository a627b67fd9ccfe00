"""Malformed input: whatever comes, a machine goes on, and says what it refused."""

from __future__ import annotations

import random
from typing import Any

import orjson
import pytest

from streams import topics
from streams.signature import Signer, bound
from streams.topics import DEAD_LETTER
from tables.stages import STAGES
from tables.world import KEY
from tests.tables.torture import START, logs

COUNT = 10_000


def mangled(rnd: random.Random, raw: bytes, topic: str) -> bytes:
    """A message with one thing wrong with it: bytes, a field, a type, a length."""
    way = rnd.randrange(4)
    if way == 0:
        cut = bytearray(raw)
        cut[rnd.randrange(len(cut))] = rnd.randrange(256)
        return bytes(cut)
    if way == 1:
        return raw[: rnd.randrange(len(raw))]
    message: dict[str, Any] = orjson.loads(raw)
    message.pop("signature", None)
    odd: list[Any] = [None, -1, 1e300, "", "x" * 5_000, [], {}, [[[]]], True, {"a": {"b": []}}, 2**62, "\x00"]
    message[rnd.choice([name for name in message if name != "schema"])] = rnd.choice(odd)
    body = orjson.dumps(message)
    kind = str(message.get("kind"))
    return Signer([KEY]).sign(body, bound(kind, topic)) if way == 2 else body


@pytest.mark.parametrize("stage", STAGES)
def test_fuzzed_messages_stop_nobody(stage: str) -> None:
    """Ten thousand mangled messages of every kind, signed or not: none raises, the refused ones say why."""
    rnd, log, signer = random.Random(stage), logs(1)[stage], Signer([KEY])
    machine, refused, offset = STAGES[stage]("p-0", signer), 0, 0
    whole = [raw for _, raw in log if len(raw) > 50]
    for stamp, raw in log[:300]:
        machine.apply(offset, stamp, raw)
        offset += 1
    for _ in range(COUNT):
        out = machine.apply(offset, START, mangled(rnd, rnd.choice(whole), topics.STAGES[stage]))
        refused, offset = refused + any(o.topic == DEAD_LETTER and o.reason for o in out), offset + 1
    assert refused > COUNT / 2
    assert machine.apply(offset, START, log[-1][1]) is not None
